"""How time and memory grow with the library: 10 to 10,000 fabrics of ten references each, 100 to 100,000 references.

Each size in a Python of its own. Times are CPU time, which is what a free machine takes: all of it runs on one thread,
with the files in the disk's cache. `exponent` is the slope of log figure over log size: 1 grows as the library does.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.benchmarks.speed import drawn
from tests.benchmarks.speed.frame import Figure, Options, Row, alone, exponent, repeated, resident_mb
from tests.benchmarks.speed.recognising import DIM

HERE = __name__
EACH = 10
FABRICS = (10, 100, 1_000, 10_000)
# As many references as a classifier is fitted on (`classifier.ridge.MAX_FITTED`): the slowest first answer.
MOST_FITTED = 400
# Figure -> unit, as `measured` gives them.
FIGURES = {
    "CPU time, model and names loaded": "s",
    "CPU time, first answer, classifier fitted": "s",
    "CPU time, next patch without its encoder passes": "ms",
    "CPU time, ranked again with another alpha": "ms",
    "memory held by the process": "MB",
    "bank and index on the disk, each of two copies": "MB",
}


def make(folder: str, fabrics: int) -> int:
    """In a new Python: a studio with so many fabrics of ten references each."""
    from pathlib import Path

    drawn.studio_with(Path(folder), drawn.random_bank(fabrics * EACH, fabrics, DIM), "builtin")
    return fabrics


def measured(folder: str) -> dict[str, list[float]]:
    """In a new Python: the figures of a studio, each several times where it can be."""
    from pathlib import Path

    import numpy as np

    from fabric_desktop import open_studio
    from fabric_desktop.attributes import measure_look
    from fabric_desktop.recognition import Observation
    from fabric_desktop.recognizer import Recognizer

    clock = time.process_time
    studio = open_studio(folder)
    recognizer = Recognizer(studio)
    assert recognizer.encoder.dim == DIM
    draw = np.random.default_rng(0)
    look = measure_look(drawn.patches(None, 1)[0])
    points = draw.standard_normal((20, DIM), dtype=np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    seen = [Observation(look, point) for point in points]
    started = clock()
    assert recognizer.model.bank is not None
    assert recognizer.names.studio_ids
    loaded = clock() - started
    started = clock()
    recognizer.rank(seen[0])
    first = clock() - started
    coming = iter(seen[1:])
    following = repeated(lambda: recognizer.rank(next(coming)), runs=12, warm=2, clock=clock)
    alphas = iter(number / 100 for number in range(100))
    again = repeated(lambda: recognizer.rank(seen[-1], alpha=next(alphas)), runs=12, warm=2, clock=clock)
    held = resident_mb()
    size = sum(Path(path).stat().st_size for path in (studio.bank_path, studio.bank_index_path)) / 1e6
    values = ([loaded], [first], [1e3 * v for v in following], [1e3 * v for v in again], [held], [size])
    return dict(zip(FIGURES, values, strict=True))


def sizes(options: Options) -> Iterator[Row]:
    """Every figure at every size, and its exponent from 100 references on."""
    found: dict[int, dict[str, Any]] = {}
    for fabrics in sorted((*FABRICS, MOST_FITTED)):
        folder = options.folder / f"studio {fabrics}"
        alone(f"{HERE}:make", str(folder), fabrics)
        run = alone(f"{HERE}:measured", str(folder))
        found[fabrics] = run.result | {"peak": run.peak_mb}
        shutil.rmtree(folder)
    for name, unit in FIGURES.items():
        for fabrics in sorted((*FABRICS, MOST_FITTED)):
            yield Row(
                f"{name}: {fabrics:,} fabrics, {fabrics * EACH:,} references",
                "",
                unit,
                Figure.of(found[fabrics][name]),
                peak_mb=found[fabrics]["peak"],
                threads="1",
            )
        middles = [Figure.of(found[fabrics][name]).value for fabrics in FABRICS]
        steps = [exponent(FABRICS[i : i + 2], middles[i : i + 2]) for i in range(len(FABRICS) - 1)]
        slope = exponent(FABRICS, middles)
        told = ", ".join(f"{step:.2f}" for step in steps)
        yield Row(
            f"{name}: exponent", "", "", Figure(slope, slope, slope, 1), note=f"from one size to the next: {told}"
        )


MEASURES: dict[str, Callable[[Options], Iterator[Row]]] = {"sizes": sizes}
