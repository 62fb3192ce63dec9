"""What a speed measure is made of: figures, rows, timing in turns, memory, a fresh Python. No measure here."""

from __future__ import annotations

import gc
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
_RESULT = "FABRIC_SPEED_RESULT"


@dataclass(frozen=True, slots=True)
class Options:
    """What a measure is told: a folder of real photographs (None: drawn ones), an empty folder of its own, and how many
    recognitions to make where the growth over them is measured (None: as many as its goal speaks of)."""

    photos: Path | None
    folder: Path
    recognitions: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A median with the quartiles of so many runs."""

    value: float
    low: float
    high: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        low, middle, high = np.percentile(values, (25, 50, 75))
        return cls(float(middle), float(low), float(high), len(values))

    @classmethod
    def percentile(cls, values: Sequence[float], percent: float, blocks: int = 5) -> Figure:
        """A percentile of all runs, with the quartiles of the same percentile of `blocks` parts of them."""
        parts = [float(np.percentile(part, percent)) for part in np.array_split(np.array(values), blocks)]
        low, high = np.percentile(parts, (25, 75))
        return cls(float(np.percentile(values, percent)), float(low), float(high), len(values))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `ratio` is ours over plain. `threads`: of ours, of plain where they differ."""

    what: str
    goal: str
    unit: str
    ours: Figure
    plain: Figure | None = None
    ratio: Figure | None = None
    met: bool | None = None
    peak_mb: float | None = None
    threads: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Turns:
    """Seconds of two functions that were run in turns."""

    ours: tuple[float, ...]
    plain: tuple[float, ...]

    @property
    def ratios(self) -> list[float]:
        return [own / other for own, other in zip(self.ours, self.plain, strict=True)]


def seconds_of(function: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Time of one call, by default the wall's."""
    started = clock()
    function()
    return clock() - started


def repeated(
    function: Callable[[], object], *, runs: int, warm: int = 2, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Seconds of every call after some that do not count; no garbage is collected meanwhile."""
    for _ in range(warm):
        function()
    with _Quiet():
        return [seconds_of(function, clock) for _ in range(runs)]


def interleaved(
    ours: Callable[[], object],
    plain: Callable[[], object],
    *,
    runs: int,
    warm: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> Turns:
    """Seconds of two functions called in turns, each first as often as the other."""
    for _ in range(warm):
        plain()
        ours()
    own, other = [], []
    with _Quiet():
        for number in range(runs):
            if number % 2:
                own.append(seconds_of(ours, clock))
                other.append(seconds_of(plain, clock))
            else:
                other.append(seconds_of(plain, clock))
                own.append(seconds_of(ours, clock))
    return Turns(tuple(own), tuple(other))


def against_plain(
    what: str,
    goal: str,
    turns: Turns,
    *,
    at_most: float | None = None,
    unit: str = "ms",
    threads: str = "",
    note: str = "",
) -> Row:
    """The row of something timed in turns with the plain way; met when the median ratio is `at_most` so much."""
    scale = {"s": 1.0, "ms": 1e3, "us": 1e6}[unit]
    ratio = Figure.of(turns.ratios)
    return Row(
        what=what,
        goal=goal,
        unit=unit,
        ours=Figure.of([scale * value for value in turns.ours]),
        plain=Figure.of([scale * value for value in turns.plain]),
        ratio=ratio,
        met=None if at_most is None else ratio.value <= at_most,
        peak_mb=peak_mb(),
        threads=threads,
        note=note,
    )


class _Quiet:
    """While it lasts, Python collects no garbage: a collection in one of two timed functions says nothing of it."""

    def __enter__(self) -> None:
        gc.collect()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        gc.enable()


def peak_mb() -> float:
    """The most memory that this process has had, in megabytes."""
    return _memory()[1]


def resident_mb() -> float:
    """The memory that this process has now, in megabytes."""
    return _memory()[0]


def _memory() -> tuple[float, float]:
    if sys.platform == "linux":
        # getrusage would count what the parent had when this process was made from it.
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        sizes = {
            line.split(":")[0]: int(line.split()[1]) / 1000 for line in lines if line.startswith(("VmRSS", "VmHWM"))
        }
        return sizes["VmRSS"], sizes["VmHWM"]
    if sys.platform == "win32":
        return _memory_on_windows()
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes on macOS
    return used, used


def _memory_on_windows() -> tuple[float, float]:
    import ctypes
    from ctypes import wintypes

    class Counters(ctypes.Structure):
        _fields_ = [("cb", wintypes.DWORD), ("faults", wintypes.DWORD), ("peak", ctypes.c_size_t)] + [
            (name, ctypes.c_size_t) for name in ("now", "pp", "p", "np", "n", "pagefile", "peak_pagefile")
        ]

    counters = Counters()
    counters.cb = ctypes.sizeof(counters)
    windll: Any = getattr(ctypes, "windll")  # noqa: B009  only there on Windows
    windll.kernel32.GetCurrentProcess.restype = wintypes.HANDLE
    process = windll.kernel32.GetCurrentProcess()
    windll.psapi.GetProcessMemoryInfo(wintypes.HANDLE(process), ctypes.byref(counters), counters.cb)
    return counters.now / 1e6, counters.peak / 1e6


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Alone:
    """What a function gave in a Python of its own: wall time from before Python began until its end, wall time of the
    function, CPU seconds of the whole process, its peak memory."""

    result: Any
    wall: float
    inside: float
    cpu: float
    peak_mb: float


def alone(function: str, *arguments: object, environment: dict[str, str] | None = None) -> Alone:
    """Run "module:function" with JSON arguments in a fresh Python; raises CalledProcessError where it fails."""
    folder = Path(os.environ["FABRIC_DESKTOP_HOME"])
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"alone-{os.getpid()}-{time.monotonic_ns()}.json"
    command = [sys.executable, "-m", "tests.benchmarks.speed.alone", function, json.dumps(arguments)]
    started = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | (environment or {}) | {_RESULT: str(place)})
    wall = time.perf_counter() - started
    said = json.loads(place.read_text(encoding="utf-8"))
    place.unlink()
    return Alone(said["result"], wall, said["inside"], said["cpu"], said["peak_mb"])


def run_here(function: str, arguments: Sequence[Any]) -> None:
    """The other end of `alone`: call the function and leave what it gave for the one who asked."""
    module, _, name = function.partition(":")
    started = time.perf_counter()
    result = getattr(importlib.import_module(module), name)(*arguments)
    inside = time.perf_counter() - started
    said = {"result": result, "inside": inside, "cpu": time.process_time(), "peak_mb": peak_mb()}
    Path(os.environ[_RESULT]).write_text(json.dumps(said), encoding="utf-8")


def rows_to_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [asdict(row) for row in rows]


def row_from_json(entry: dict[str, Any]) -> Row:
    figures = {key: Figure(**entry[key]) if entry[key] is not None else None for key in ("ours", "plain", "ratio")}
    return Row(**(entry | figures))


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The slope of a straight line through (log size, log value): 1 grows as the size does, 2 as its square."""
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(values, 1e-9)), 1)[0])
