"""The rows of the table: figures with intervals over physical samples, goals, and whether they were reached."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tests.benchmarks.recognition.methods import Answers

DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean, and its 95 % interval where one can be given."""

    mean: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        return f"{self.mean:.3f}" + (f" [{self.low:.2f}, {self.high:.2f}]" if self.low is not None else "")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `goal` is a least value of ours, or a greatest one where `at_most`; `note` says what could
    not be measured, or what belongs beside the figure."""

    protocol: str
    measure: str = ""
    textbook: Figure | None = None
    ours: Figure | None = None
    goal: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the goal was reached; None without one, or without a figure."""
        if self.goal is None or self.ours is None:
            return None
        return self.ours.mean <= self.goal if self.at_most else self.ours.mean >= self.goal

    def __str__(self) -> str:
        ours = str(self.ours or "")
        if self.ours is not None and self.goal is not None and round(self.ours.mean, 3) == round(self.goal, 3):
            ours = f"{self.ours.mean:.4f}" + ours[5:]  # so that it shows on which side of the goal it is
        goal = "" if self.goal is None else f"{'<=' if self.at_most else '>='} {self.goal:.3g}"
        verdict = {True: "reached", False: "NOT reached", None: ""}[self.reached]
        cells = (
            f"{str(self.textbook or ''):22}",
            f"{ours:22}",
            f"{goal:8}",
            f"{verdict:11}",
            self.note,
        )
        return " ".join((f"{self.protocol:45}", f"{self.measure:17}", *map(str, cells))).rstrip()

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "reached": self.reached}


HEADER = " ".join((f"{'protocol':45}", f"{'measure':17}", f"{'textbook':22}", f"{'ours':22}", f"{'goal':8}", "reached"))
Rows = Iterator[Row]


def say(text: str) -> None:
    os.write(1, (text + "\n").encode("utf-8"))


def by_sample(answers: list[Answers], right_within: int) -> dict[str, float]:
    """Sample -> share 0..1 of the answers, over all splits, with the right one among so many first."""
    samples = np.concatenate([part.samples for part in answers])
    places = np.concatenate([part.place for part in answers])
    right = (places >= 0) & (places < right_within)
    return {str(sample): float(right[samples == sample].mean()) for sample in np.unique(samples)}


def over(shares: dict[str, float]) -> Figure:
    """Mean over physical samples, each counted once, with a bootstrap interval over samples."""
    return interval(np.array([shares[sample] for sample in sorted(shares)]))


def interval(values: np.ndarray) -> Figure:
    """Mean of independent values, with the 95 % percentile bootstrap interval of it; none for a single one."""
    if len(values) < 2:
        return Figure(float(values.mean()))
    drawn = np.random.default_rng(0).choice(len(values), (DRAWS, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), [2.5, 97.5])
    return Figure(float(values.mean()), float(low), float(high))


def gain(ours: dict[str, float], others: dict[str, float]) -> Figure:
    """Ours less the other's, sample by sample."""
    return interval(np.array([ours[sample] - others[sample] for sample in sorted(ours)]))
