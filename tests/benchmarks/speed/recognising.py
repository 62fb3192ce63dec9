"""Recognising a patch with the built-in encoder: first in a new process, warm, and ranked again."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.speed import baseline, drawn
from tests.benchmarks.speed.frame import Figure, Options, Row, alone, interleaved, peak_mb, repeated

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from fabric_desktop.encoders.builtin import BuiltinEncoder
    from fabric_desktop.studio import Studio

FABRICS, REFERENCES, DIM = 100, 600, 1248
PLAIN_DIM = 1280
HERE = __name__


def encoder_threads() -> int:
    """What `load_encoder` takes: all cores but one."""
    import os

    return max(1, (os.cpu_count() or 2) - 1)


def furnished(options: Options, fabrics: int = FABRICS, references: int = REFERENCES) -> tuple[Studio, Path]:
    """A studio with a bank in use, and the plain way's bank file of the same size."""
    import numpy as np

    bank = drawn.random_bank(references, fabrics, DIM)
    studio = drawn.studio_with(options.folder / "studio", bank, "builtin")
    plain = drawn.random_bank(references, fabrics, PLAIN_DIM)
    path = options.folder / "plain.npz"
    baseline.write_bank(path, {f: plain.embeddings[plain.fabric_index == i] for i, f in enumerate(plain.fabric_ids)})
    assert np.isfinite(plain.embeddings).all()
    return studio, path


def first_by_us(studio: str, patch: str) -> dict[str, Any]:
    """In a new Python: open the studio, recognise. Torch must not have been imported."""
    from PIL import Image

    from fabric_desktop import Recognizer, open_studio

    answer = Recognizer(open_studio(studio)).recognize(Image.open(patch))
    return {"candidates": len(answer.candidates), "torch": "torch" in sys.modules, "notices": len(answer.notices)}


def first_plainly(bank: str, patch: str, threads: int) -> int:
    """In a new Python: load the model, encode, read the bank, loop."""
    from PIL import Image

    return len(baseline.rank(baseline.PlainWay(threads).encode(Image.open(patch)), Path(bank)))


def first(options: Options) -> Iterator[Row]:
    """First recognition of a process, Python's own start included."""
    studio, bank = furnished(options)
    patch = options.folder / "patch.png"
    drawn.patches(options.photos, 1)[0].save(patch)
    threads = encoder_threads()
    ours, plain = [], []
    for number in range(6):
        ours.append(alone(f"{HERE}:first_by_us", str(studio.root), str(patch)))
        if baseline.is_possible():
            plain.append(alone(f"{HERE}:first_plainly", str(bank), str(patch), threads))
        said = ours[-1].result
        if said["torch"] or not said["candidates"] or said["notices"]:
            raise RuntimeError(f"not the recognition that was meant: {said}")
        if number == 0:
            ours, plain = [], []  # the disk's cache is warm from here on
    figure = Figure.of([run.wall for run in ours])
    yield Row(
        "first recognition of a process, cold, built-in encoder",
        "< 2.5 s, no torch",
        "s",
        figure,
        Figure.of([run.wall for run in plain]) if plain else None,
        Figure.of([a.wall / b.wall for a, b in zip(ours, plain, strict=True)]) if plain else None,
        figure.value < 2.5,
        max(run.peak_mb for run in ours),
        str(threads),
        f"from the start of Python to the answer, {Figure.of([run.cpu for run in ours]).value:.2f} s of CPU time; "
        f"{FABRICS} fabrics, {REFERENCES} references; "
        + (
            f"the plain way's peak is {max(run.peak_mb for run in plain):.0f} MB" if plain else "torch is not installed"
        ),
    )


class Passes:
    """The encoder's passes of one patch and nothing else: the network on views that were made before."""

    def __init__(self, encoder: BuiltinEncoder, patch: Image) -> None:
        from fabric_desktop.encoders import builtin, graph

        self._session = encoder.session
        self._outputs = list(builtin.BLOCKS)
        self._input = graph.INPUT_NAME
        small = builtin.reduced(patch)
        self._views: list[np.ndarray] = [builtin.views_of(small, side, views) for side, _, views in builtin.VIEWS]

    def run(self) -> None:
        for views in self._views:
            self._session.run(self._outputs, {self._input: views})


def warm(options: Options) -> Iterator[Row]:
    """One patch after another in a process that has recognised before, by the default method."""
    from fabric_desktop.encoders.builtin import BuiltinEncoder
    from fabric_desktop.recognizer import Recognizer

    studio, bank = furnished(options)
    recognizer = Recognizer(studio)
    encoder = recognizer.encoder
    assert isinstance(encoder, BuiltinEncoder)
    shown = drawn.patches(options.photos, 8)
    turn = iter(range(10**9))

    def ours() -> None:
        recognizer.recognize(shown[next(turn) % len(shown)])

    passes = Passes(encoder, shown[0])
    times = interleaved(ours, passes.run, runs=120, warm=5)
    threads = str(encoder_threads())
    ms = [1e3 * value for value in times.ours]
    p50, p95 = Figure.of(ms), Figure.percentile(ms, 95)
    what = "warm recognition of a patch, default stack"
    size = f"patches of {shown[0].width} x {shown[0].height} px, {FABRICS} fabrics, {REFERENCES} references"
    ours_peak = peak_mb()
    ratio = Figure.of(times.ratios)
    yield Row(
        f"{what}: beside its encoder passes",
        "<= 1.2 x the passes",
        "ms",
        p50,
        Figure.of([1e3 * value for value in times.plain]),
        ratio,
        ratio.value <= 1.2,
        ours_peak,
        threads,
        "plain way here: the sum of the twelve views' passes through the network, on views made before",
    )
    spent = interleaved(ours, passes.run, runs=40, clock=time.process_time)
    yield Row(
        "  the same in CPU time of all threads",
        "",
        "ms",
        Figure.of([1e3 * value for value in spent.ours]),
        Figure.of([1e3 * value for value in spent.plain]),
        Figure.of(spent.ratios),
        None,
        ours_peak,
        threads,
        "views are made and the look is measured beside the network: where no second core is free, this is the ratio",
    )
    yield Row(f"{what}: p50", "<= 100 ms", "ms", p50, None, None, p50.value <= 100, ours_peak, threads, size)
    yield Row(f"{what}: p95", "<= 150 ms", "ms", p95, None, None, p95.value <= 150, ours_peak, threads, size)
    if baseline.is_possible():
        way = baseline.PlainWay(encoder_threads())
        beside = interleaved(ours, lambda: baseline.rank(way.encode(shown[next(turn) % len(shown)]), bank), runs=40)
        yield Row(
            f"{what}: beside the plain way",
            "",
            "ms",
            Figure.of([1e3 * value for value in beside.ours]),
            Figure.of([1e3 * value for value in beside.plain]),
            Figure.of(beside.ratios),
            None,
            peak_mb(),
            threads,
            "plain way: one view through torch, then bank file and loop; ours: twelve views (5.7 of them at 224 px)",
        )


def again(options: Options) -> Iterator[Row]:
    """Another alpha or top-k for a patch that has been looked at."""
    from fabric_desktop.recognizer import Recognizer

    studio, _ = furnished(options)
    recognizer = Recognizer(studio)
    observation = recognizer.observe(drawn.patches(options.photos, 1)[0])
    recognizer.rank(observation)
    alphas = iter([0.0, 0.1, 0.3, 0.5, 0.7, 1.0] * 1000)
    counts = iter([1, 3, 5, 10] * 1000)
    for what, function in (
        ("another alpha", lambda: recognizer.rank(observation, alpha=next(alphas))),
        ("another top-k", lambda: recognizer.rank(observation, top_k=next(counts))),
    ):
        figure = Figure.of([1e3 * value for value in repeated(function, runs=200, warm=10)])
        yield Row(
            f"ranked again: {what}",
            "< 2 ms",
            "ms",
            figure,
            None,
            None,
            figure.value < 2,
            peak_mb(),
            "1",
            f"{FABRICS} fabrics, {REFERENCES} references",
        )


MEASURES: dict[str, Callable[[Options], Iterator[Row]]] = {"first": first, "warm": warm, "again": again}
