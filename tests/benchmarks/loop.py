"""A simulated month: 30 days of 8 labels, chosen by the review queue's order against chosen at random.

`python -m tests.benchmarks.loop [--photos DIR] [--encoder ID] [--seeds 12] [--chart FILE.svg] [--json FILE]` prints
accuracy by day, accuracy at 10, 20, 40 and 80 labels, and how many of the labels listed as suspect were truly wrong.
Fabrics are the types of cloth in the manifest; whole samples are held out to test on. Embeddings are kept, so that a
second run takes minutes. Nothing is written beside the photographs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from fabric_desktop.encoders.registry import load_encoder
from fabric_desktop.head import Head, cross_validate, fit_head
from fabric_desktop.jobs import JobContext
from fabric_desktop.loop.contradicting import Named, alarming, contradictions
from fabric_desktop.loop.ordering import label_suspects, order_queue
from tests.benchmarks.photographs import Photograph, embeddings, read_manifest

DAYS, PER_DAY = 30, 8
MARKS = (10, 20, 40, 80)
# All leather photographs are grey and of one type, so that colour alone gives them away.
LEFT_OUT = ("unlabelled", "leather")
SUSPECT_LABELS, SWAPPED = 200, 0.05
# A label is judged by the others of its fabric: samples with fewer photographs have none among 200 labels.
ENOUGH_PHOTOS = 8
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Month:
    """One seed's month: balanced accuracy 0..1 on held-out samples after each day, and at the marks, each way."""

    seed: int
    queue_by_day: tuple[float, ...]
    random_by_day: tuple[float, ...]
    queue_at: dict[int, float]
    random_at: dict[int, float]
    pool: int
    test: int


def split(photographs: Sequence[Photograph], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to label from and rows to test on: half of each type's samples on either side, whole samples."""
    shuffle = random.Random(seed)
    held_out: set[str] = set()
    for kind in sorted({photograph.kind for photograph in photographs}):
        samples = sorted({photograph.sample for photograph in photographs if photograph.kind == kind})
        shuffle.shuffle(samples)
        held_out.update(samples[: len(samples) // 2])
    test = np.array([photograph.sample in held_out for photograph in photographs])
    return np.flatnonzero(~test), np.flatnonzero(test)


class Labelling:
    """A person labelling from a pool, one way or the other."""

    def __init__(self, rows: np.ndarray, kinds: np.ndarray, pool: np.ndarray, test: np.ndarray) -> None:
        self._rows, self._kinds, self._pool, self._test = rows, kinds, pool, test
        self.labelled: list[int] = []

    def choose(self, count: int) -> list[int]:
        """The next rows by the queue's order, with the head trained on what is labelled so far."""
        waiting = np.setdiff1d(self._pool, self.labelled)
        if not len(self.labelled):
            return [int(waiting[i]) for i in order_queue(self._rows[waiting])[:count]]
        head = self._head()
        probabilities = head.predict_proba(self._rows[waiting]) if head is not None else None
        order = order_queue(self._rows[waiting], probabilities, self._rows[self.labelled])
        return [int(waiting[i]) for i in order[:count]]

    def _head(self) -> Head | None:
        kinds = self._kinds[self.labelled]
        return fit_head(self._rows[self.labelled], kinds.tolist()) if len(set(kinds)) > 1 else None

    def accuracy(self) -> float:
        """Balanced accuracy of a head trained on what is labelled, on the held-out samples."""
        right = self._kinds[self._test]
        head = self._head()
        if head is None:
            named = np.full(len(right), self._kinds[self.labelled[0]])
        else:
            named = np.array(head.fabric_ids)[head.predict_proba(self._rows[self._test]).argmax(axis=1)]
        return float(np.mean([np.mean(named[right == kind] == kind) for kind in np.unique(right)]))


def month(rows: np.ndarray, photographs: Sequence[Photograph], seed: int, days: int = DAYS) -> Month:
    """Days of labelling, by the queue and at random, from the same pool."""
    kinds = np.array([photograph.kind for photograph in photographs])
    pool, test = split(photographs, seed)
    at_random = np.random.default_rng(seed).permutation(pool).tolist()
    by_day: dict[str, list[float]] = {"queue": [], "random": []}
    at: dict[str, dict[int, float]] = {"queue": {}, "random": {}}
    for way in by_day:
        labelling = Labelling(rows, kinds, pool, test)
        for _ in range(days):
            chosen = at_random[len(labelling.labelled) :][:PER_DAY] if way == "random" else labelling.choose(PER_DAY)
            for row in chosen:
                labelling.labelled.append(row)
                if len(labelling.labelled) in MARKS:
                    at[way][len(labelling.labelled)] = labelling.accuracy()
            by_day[way].append(labelling.accuracy())
    return Month(seed, tuple(by_day["queue"]), tuple(by_day["random"]), at["queue"], at["random"], len(pool), len(test))


def suspects(rows: np.ndarray, names: np.ndarray, seed: int) -> float:
    """Share truly wrong of the labels listed, at most 5 %, when 5 % of 200 labels were swapped."""
    chance = np.random.default_rng(seed)
    chosen = chance.choice(len(rows), min(SUSPECT_LABELS, len(rows)), replace=False)
    labels = names[chosen].copy()
    fabrics = np.unique(labels)
    wrong = np.zeros(len(chosen), bool)
    for place in chance.choice(len(chosen), round(SWAPPED * len(chosen)), replace=False):
        labels[place] = chance.choice(fabrics[fabrics != labels[place]])
        wrong[place] = True
    present = sorted({str(label) for label in labels})
    each = [str(place) for place in range(len(chosen))]
    probabilities = cross_validate(rows[chosen], [str(label) for label in labels], each, present, JobContext())
    listed = label_suspects(probabilities, [str(label) for label in labels], present)
    return float(wrong[listed].mean()) if listed else 0.0


def alarms(rows: np.ndarray, names: np.ndarray, seed: int, *, wrong: bool, queued: bool) -> bool:
    """Whether 20 new labels, right or all wrong, at random or from the head of the queue, raise the alarm after 60."""
    order = np.random.default_rng(seed).permutation(len(rows))
    earlier, pool = order[:60], order[60:]
    chosen = pool[:20]
    if queued:
        head = fit_head(rows[earlier], names[earlier].tolist())
        first = order_queue(rows[pool], head.predict_proba(rows[pool]), rows[earlier])[:20]
        chosen = pool[first]
    fabrics = np.unique(names)
    nexts = dict(zip(fabrics.tolist(), np.roll(fabrics, 1).tolist(), strict=True))
    named = [nexts[str(name)] if wrong else str(name) for name in names[chosen]]
    known = [place for place, name in enumerate(named) if name in set(names[earlier])]
    new = Named(rows[chosen][known], [named[place] for place in known], [str(chosen[place]) for place in known])
    trusted = Named(rows[earlier], names[earlier].tolist(), [str(row) for row in earlier])
    return alarming(len(known), sum(contradictions(new, trusted)))


def chart(months: Sequence[Month], path: Path) -> None:
    """Accuracy by day, each way, with the spread over seeds, as an SVG."""
    from fabric_desktop.report.charts import Band, Line, line_chart

    lines = []
    for name, values in (
        ("chosen by the queue", [one.queue_by_day for one in months]),
        ("chosen at random", [one.random_by_day for one in months]),
    ):
        columns = list(zip(*values, strict=True))
        means = [statistics.mean(column) for column in columns]
        errors = [1.96 * statistics.stdev(column) / len(column) ** 0.5 for column in columns]
        lines.append(Line(name, means, [Band(mean - e, mean + e) for mean, e in zip(means, errors, strict=True)]))
    labels = [str(day) for day in range(1, DAYS + 1)]
    svg = line_chart(lines, labels, title="A month of eight labels a day: right on cloth never seen")
    path.write_text(svg, encoding="utf-8", newline="\n")


def _photographs_folder() -> Path:
    return Path(os.environ.get("FABRIC_PHOTOS") or ROOT.parent / "shared" / "fabrics")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.loop", description=__doc__)
    parser.add_argument("--photos", type=Path, default=_photographs_folder(), help="folder with a manifest.csv")
    parser.add_argument("--encoder", default="builtin")
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--chart", type=Path, help="where to write the chart (SVG)")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args(arguments)
    if not (options.photos / "manifest.csv").is_file():
        parser.error(f"no photographs in {options.photos}: name their folder with --photos or FABRIC_PHOTOS")
    started = time.monotonic()
    every = read_manifest(options.photos)
    print(f"{len(every)} photographs, encoder {options.encoder}")  # noqa: T201
    every_row = embeddings(every, load_encoder(options.encoder))
    used = [number for number, photograph in enumerate(every) if photograph.kind not in LEFT_OUT]
    photographs, rows = [every[number] for number in used], every_row[used]
    months = [month(rows, photographs, seed) for seed in range(options.seeds)]
    kinds = np.array([photograph.kind for photograph in photographs])
    by_type = [suspects(rows, kinds, seed) for seed in range(options.seeds)]
    samples = np.array([photograph.sample for photograph in every])
    names, counts = np.unique(samples, return_counts=True)
    many = np.isin(samples, names[counts >= ENOUGH_PHOTOS])
    by_sample = [suspects(every_row[many], samples[many], seed) for seed in range(options.seeds)]
    _print(months, by_type, by_sample, len(set(kinds.tolist())))
    few = np.isin(samples, names[counts >= ENOUGH_PHOTOS][:10])
    raised = {
        (what, way, wrong): statistics.mean(
            alarms(own, named, seed, wrong=wrong, queued=way == "queue") for seed in range(options.seeds)
        )
        for what, own, named in (("types", rows, kinds), ("ten samples", every_row[few], samples[few]))
        for way in ("random", "queue")
        for wrong in (False, True)
    }
    for (what, way, wrong), share in raised.items():
        kind = "wrong" if wrong else "right"
        print(f"20 {kind} labels of {what}, chosen by {way}: alarm in {100 * share:.0f} %")  # noqa: T201
    print(f"{time.monotonic() - started:.0f} s")  # noqa: T201
    if options.chart:
        chart(months, options.chart)
    if options.json:
        figures = {"months": [asdict(one) for one in months], "suspects": {"type": by_type, "sample": by_sample}}
        options.json.write_text(json.dumps(figures) + "\n", encoding="utf-8")
    return 0


def _print(months: Sequence[Month], by_type: Sequence[float], by_sample: Sequence[float], kinds: int) -> None:
    def points(values: Sequence[float]) -> str:
        return f"{100 * statistics.mean(values):5.1f}"

    lines = [
        f"{len(months)} seeds, {kinds} types, {months[0].pool} photographs to label from, tested on {months[0].test} "
        "of samples not among them",
        "balanced accuracy, points   queue  random  difference (95 % over seeds)",
    ]
    rows = [
        (f"{mark} labels", [m.queue_at[mark] for m in months], [m.random_at[mark] for m in months]) for mark in MARKS
    ]
    for day in (5, 10, 20, 30):
        rows.append(
            (f"day {day}", [m.queue_by_day[day - 1] for m in months], [m.random_by_day[day - 1] for m in months])
        )
    for name, queue, chance in rows:
        gains = [100 * (one - other) for one, other in zip(queue, chance, strict=True)]
        spread = 1.96 * statistics.stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else 0.0
        lines.append(f"{name:<27} {points(queue)}   {points(chance)}  {statistics.mean(gains):+5.1f} +- {spread:.1f}")
    lines.append(
        f"suspects truly wrong, by type {statistics.mean(by_type):.2f}, by sample {statistics.mean(by_sample):.2f}"
    )
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
