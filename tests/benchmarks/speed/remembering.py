"""What the program keeps in memory: the window idle, the built-in encoder warm, and after ten thousand recognitions."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.benchmarks.speed.frame import Figure, Options, Row, alone, cores, peak_mb, resident_mb

if TYPE_CHECKING:
    from fabric_desktop.ui.main_window import MainWindow

RUNS = 3
MOST_IDLE_MB, MOST_WARM_MB, MOST_GROWTH_MB = 200.0, 500.0, 20.0
RECOGNITIONS = 10_000
# What is made at first use (arenas, code, caches) is there after so many.
WARM = 500
_IDLE_S = 1.5


def threads_of_process() -> int:
    """Threads that the system counts, those of libraries too; where it does not tell, Python's own."""
    folder = "/proc/self/task"
    return len(os.listdir(folder)) if os.path.isdir(folder) else threading.active_count()


def kept_mb() -> float:
    """Memory in use, without what Python's garbage and the allocator keep for later."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
    return resident_mb()


def at_rest(studio: str, photo: str) -> dict[str, float]:
    """Start the program on a studio and wait until it rests; open a photo, recognise a patch, wait again.

    Resident megabytes after each, as a task manager shows them, and the threads.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from pathlib import Path

    from fabric_desktop.app import main
    from fabric_desktop.early import prepare_process

    prepare_process([])
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QMainWindow

    from fabric_desktop.ui.document import Stage

    app, found = QApplication([]), dict[str, float]()
    steps = iter(("idle", "open", "warm"))
    step, since = next(steps), time.monotonic()

    def window() -> MainWindow | None:
        shown: list[Any] = [top for top in app.topLevelWidgets() if isinstance(top, QMainWindow) and top.isVisible()]
        return shown[0] if shown else None

    def look() -> None:
        nonlocal step, since
        main_window = window()
        if main_window is None or main_window.bench.facts is None or main_window.bench.facts.status is None:
            since = time.monotonic()
            return
        bench = main_window.bench
        if bench.runner._tasks or bench.runner.busy:
            since = time.monotonic()
        if time.monotonic() - since < _IDLE_S:
            return
        if step == "idle":
            found["idle"], found["idle_threads"] = resident_mb(), threads_of_process()
            main_window.opening.open_photo(Path(photo))
        elif step == "open":
            bench.pick(2000, 1500)
        else:
            if bench.region is None or bench.region.stage is not Stage.DONE:
                raise RuntimeError("the patch was not recognised")
            found["warm"], found["warm_threads"] = resident_mb(), threads_of_process()
            timer.stop()
            main_window.close()
            return
        step, since = next(steps), time.monotonic()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(50)
    code = main(["--studio", studio])
    if code != 0 or "warm" not in found:
        raise RuntimeError(f"the program ended with {code} and {found}")
    return found


def memory(options: Options) -> Iterable[Row]:
    """The program on a studio of 24 references with the built-in encoder."""
    from tests.benchmarks.speed import drawn
    from tests.benchmarks.speed.at_window import studio_with_bank

    studio = studio_with_bank(options.folder / "studio")
    photo = drawn.photo_files(options.folder / "photos", 1)[0]
    runs = [alone(f"{__name__}:at_rest", str(studio.root), str(photo)) for _ in range(RUNS)]
    for key, what, most in (
        ("idle", "memory of the window at rest, encoder loaded, no photo", MOST_IDLE_MB),
        ("warm", "memory with a 12-megapixel photo open and a patch recognised", MOST_WARM_MB),
    ):
        figure = Figure.of([run.result[key] for run in runs])
        yield Row(
            what,
            f"< {most:.0f} MB",
            "MB",
            figure,
            met=figure.value < most,
            peak_mb=max(run.peak_mb for run in runs),
            threads=f"{max(run.result[f'{key}_threads'] for run in runs):.0f} in the process",
            note="resident, program libraries shared with others included",
        )


def growth(options: Options) -> Iterable[Row]:
    """Ten thousand patches, or as many as were asked for, no two alike, recognised one after another by one recogniser.

    Each tenth is told on standard error, since ten thousand take a quarter of an hour. Fewer are not judged: what is
    kept once looks like growth in a short run.
    """
    import numpy as np
    from PIL import Image

    from fabric_desktop import Recognizer
    from tests.benchmarks.speed.at_window import studio_with_bank

    recognizer = Recognizer(studio_with_bank(options.folder / "studio"))
    draw = np.random.default_rng(1)
    base = draw.integers(0, 255, (600, 600, 3), np.uint8)
    count = options.recognitions or RECOGNITIONS

    def recognise(count: int) -> None:
        for _ in range(count):
            x, y, side = draw.integers(0, 200), draw.integers(0, 200), draw.integers(100, 400)
            recognizer.recognize(Image.fromarray(base[y : y + side, x : x + side]))

    recognise(min(WARM, count))
    before, threads, started = kept_mb(), threads_of_process(), time.monotonic()
    ends, marks = [count * tenth // 10 for tenth in range(11)], list[float]()
    for first, end in pairwise(ends):
        recognise(end - first)
        marks.append(kept_mb() - before)
        sys.stderr.write(f"  {end:,} of {count:,}: {marks[-1]:+.2f} MB, {time.monotonic() - started:.0f} s\n")
        sys.stderr.flush()
    more = threads_of_process() - threads
    yield Row(
        f"growth of memory over {count:,} recognitions",
        f"< {MOST_GROWTH_MB:.0f} MB in {RECOGNITIONS:,}, no thread more",
        "MB",
        Figure(marks[-1], min(marks), max(marks), 1),
        met=marks[-1] < MOST_GROWTH_MB and more <= 0 if count >= RECOGNITIONS else None,
        peak_mb=peak_mb(),
        threads=f"{threads} at first, {more:+d}; {cores()} cores",
        note="after each tenth: " + ", ".join(f"{mark:+.1f}" for mark in marks),
    )


MEASURES: dict[str, Callable[[Options], Iterable[Row]]] = {"memory": memory, "growth": growth}
