"""The strip of a folder of 20,000 photos: until the first screen has its pictures, and scrolling through all of it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.speed import drawn
from tests.benchmarks.speed.frame import Figure, Options, Row, cores, peak_mb

if TYPE_CHECKING:
    from tests.benchmarks.speed.at_window import AtWindow

PHOTOS, DIFFERENT, FOLDERS = 20_000, 6, 3
MOST_FIRST_S, MOST_STALL_MS = 0.5, 50.0
SCROLLS = 400


def folder_of_photos(folder: Path, different: list[Path], count: int = PHOTOS) -> Path:
    """So many files of 12 megapixels; the same bytes under many names, which the disk keeps once."""
    folder.mkdir()
    for number in range(count):
        os.link(different[number % len(different)], folder / f"IMG_{number:05}.jpg")
    return folder


async def _first_screen(sitting: AtWindow, folder: Path) -> dict[str, float]:
    """Seconds until every photo in sight has its picture ("work": of processor time), until the first photo is open,
    until all are listed."""
    from fabric_desktop.ui.pages.photo_list import ENTRY_ROLE

    pages, bench = sitting.window.pages, sitting.bench
    strip = pages.strip
    pages.thumbs.forget()
    before, started, worked = bench.document, time.perf_counter(), time.process_time()
    times: dict[str, float] = {}

    def look() -> bool:
        rows = strip.model.rowCount()
        last = min(strip.list.viewport().height() // max(1, strip.list.sizeHintForRow(0)), rows - 1)
        in_sight = [strip.model.index(row).data(ENTRY_ROLE).path for row in range(last + 1)]
        if rows and all(pages.thumbs.picture(photo) is not None for photo in in_sight):
            times.setdefault("pictures", time.perf_counter() - started)
            times.setdefault("work", time.process_time() - worked)
        if bench.document is not before:
            times.setdefault("open", time.perf_counter() - started)
        if rows == PHOTOS:
            times.setdefault("all", time.perf_counter() - started)
        return len(times) == 4

    pages.open_photos(folder)
    await sitting.until(look, every_s=0.005)
    await sitting.settled()
    return times


async def _scroll(sitting: AtWindow) -> dict[str, Any]:
    """From top to bottom and back by the wheel and by dragging the bar; the stalls of the window's thread."""
    from tests.ui.watchdog import Watchdog

    bar, dog = sitting.window.pages.strip.list.verticalScrollBar(), Watchdog(collections=True)
    wall, last = [], time.perf_counter()
    with dog.watching("scrolling"):
        for step in range(SCROLLS):
            # A wheel's steps at first, then the bar dragged through thousands at a time.
            by = 3 * 72 if step < SCROLLS // 2 else bar.maximum() // (SCROLLS // 4) * (1 if step % 2 else -1)
            bar.setValue(max(0, min(bar.maximum(), bar.value() + by)))
            if step == SCROLLS // 2:
                bar.setValue(bar.maximum())
            await asyncio.sleep(0.004)
            now = time.perf_counter()
            wall.append(1000 * (now - last))
            last = now
    longest = dog.longest
    return {
        "longest": longest.milliseconds if longest is not None else 0.0,
        "over": sum(1 for stall in dog.stalls if stall.milliseconds > MOST_STALL_MS),
        "wall": max(wall),
        "bytes": sitting.window.pages.thumbs.bytes_kept,
    }


async def _go_through(sitting: AtWindow, folders: list[Path]) -> tuple[list[dict[str, float]], list[dict[str, Any]]]:
    first, scrolled = [], []
    for folder in folders:
        first.append(await _first_screen(sitting, folder))
        scrolled.append(await _scroll(sitting))
        await sitting.settled()
    return first, scrolled


def strip(options: Options) -> Iterable[Row]:
    """Folders that the program has not seen: no thumbnail has been made, no state is known."""
    from tests.benchmarks.speed.at_window import sit_down, studio_with_bank

    studio = studio_with_bank(options.folder / "studio")
    different = drawn.photo_files(options.folder / "photos", DIFFERENT)
    folders = [folder_of_photos(options.folder / f"folder {number}", different) for number in range(FOLDERS)]
    first, scrolled = sit_down(studio.root, lambda sitting: _go_through(sitting, folders))
    of = {name: Figure.of([times[name] for times in first]) for name in first[0]}
    yield Row(
        f"folder of {PHOTOS:,} photos of 12 megapixels until the first screen has its pictures",
        f"< {MOST_FIRST_S:g} s",
        "s",
        of["pictures"],
        met=of["pictures"].value < MOST_FIRST_S,
        peak_mb=peak_mb(),
        threads=f"window, job thread; {cores()} cores",
        note=f"{of['work'].value:.2f} s of processor time until then; the first photo is open after "
        f"{of['open'].value:.2f} s, all are listed after {of['all'].value:.1f} s",
    )
    longest = Figure.of([found["longest"] for found in scrolled])
    yield Row(
        "scrolling through them, longest stall of the window's thread",
        f"< {MOST_STALL_MS:.0f} ms",
        "ms",
        longest,
        met=max(found["longest"] for found in scrolled) < MOST_STALL_MS,
        peak_mb=peak_mb(),
        threads="window, job thread",
        note=f"processor time of the thread; the longest pause on the clock {max(f['wall'] for f in scrolled):.0f} ms; "
        f"pictures kept in memory {max(f['bytes'] for f in scrolled) / 1e6:.0f} MB",
    )


MEASURES: dict[str, Callable[[Options], Iterable[Row]]] = {"strip": strip}
