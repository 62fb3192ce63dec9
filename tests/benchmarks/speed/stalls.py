"""How often the window's thread keeps a person waiting: the share of its work in stalls over 50 ms, the longest one.

A shorter piece of what `long_run` replays for half a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.benchmarks.speed.frame import Figure, Options, Row, cores, peak_mb

GESTURES, SEED = 300, 7
MOST_MS = 250.0


def stalls(options: Options) -> Iterable[Row]:
    """Clicks, drags, zooms, labels, menus and long jobs, as chance has them; processor time of the window's thread."""
    from tests.benchmarks.long_run import live_through
    from tests.ui.watchdog import NOTICED_MS

    day = live_through(GESTURES, SEED, "builtin", options.folder)
    longest, slow = day.dog.longest, [stall for stall in day.dog.stalls if stall.milliseconds > NOTICED_MS]
    worst = longest.milliseconds if longest is not None else 0.0
    threads = f"window, job thread; {cores()} cores"
    yield Row(
        f"work of the window's thread in stalls over {NOTICED_MS:.0f} ms, {GESTURES} gestures",
        "-",
        "%",
        Figure(100 * day.dog.noticed_share, 100 * day.dog.noticed_share, 100 * day.dog.noticed_share, 1),
        peak_mb=peak_mb(),
        threads=threads,
        note=f"{len(slow)} of them in {day.dog.worked_ms / 1000:.1f} s of work: "
        + (", ".join(sorted({stall.doing for stall in slow})) or "none"),
    )
    yield Row(
        "longest stall of the window's thread",
        f"< {MOST_MS:.0f} ms",
        "ms",
        Figure(worst, worst, worst, 1),
        met=worst < MOST_MS,
        peak_mb=peak_mb(),
        threads=threads,
        note=f"while: {longest.doing}" if longest is not None else "",
    )


MEASURES: dict[str, Callable[[Options], Iterable[Row]]] = {"stalls": stalls}
