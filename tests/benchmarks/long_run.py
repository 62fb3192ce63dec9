"""Half a day at the window, replayed fast: no stall, no growth, no error in the log.

`python -m tests.benchmarks.long_run [--gestures 2880] [--seed N] [--encoder builtin]`: a gesture every five seconds is
what a person at work makes, so that 2,880 are four hours. The window is the real one, without a screen; its studio is
drawn into a temporary folder. Prints what was measured; exit code 1 when one of the limits below was passed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.labels import count_by_fabric, list_unlabeled
from fabric_desktop.ui.allocator import give_back_memory, keep_memory_together
from tests.benchmarks.at_work import PHOTOS, Worker, leave_every_dialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from fabric_desktop.ui.main_window import MainWindow
    from fabric_desktop.ui.problems import Bug
    from fabric_desktop.ui.runner import Entry, JobRunner
    from tests.ui.watchdog import Watchdog

LONGEST_STALL_MS = 250.0
# After the first third nothing should grow any more but what the person made: labels, and regions on their photos.
MOST_MEGABYTES, MOST_WIDGETS, MOST_FILES = 40, 60, 4
WARM = 1 / 3


@dataclass
class Sizes:
    """What must not grow: memory in MB, widgets, open files, threads, objects of Python; beside it what the person made
    so far, and the small pictures (MB) that are kept up to a bound of their own."""

    megabytes: float
    widgets: int
    files: int
    threads: int
    objects: int
    labels: int
    waiting: int
    regions: int
    small_pictures: float

    @classmethod
    def now(cls, app: QApplication, window: MainWindow) -> Sizes:
        studio, documents = window.bench.studio, window.bench.documents
        assert studio is not None
        gc.collect()
        give_back_memory()  # as the program does at rest: what the allocator keeps for later is not in use
        return cls(
            megabytes=_megabytes(),
            widgets=len(app.allWidgets()),
            files=_open_files(),
            threads=threading.active_count(),
            objects=len(gc.get_objects()),
            labels=sum(count_by_fabric(studio).values()),
            waiting=len(list_unlabeled(studio)),
            regions=sum(len(document.regions) for document in documents),
            small_pictures=window.pages.thumbs.bytes_kept / 1e6,
        )


def _megabytes() -> float:
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _open_files() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


@dataclass
class Listener(logging.Handler):
    """Warnings and errors of the log, by their text's beginning."""

    heard: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        self.heard[f"{record.levelname} {record.name}: {record.getMessage()[:60]}"] += 1

    __hash__ = logging.Handler.__hash__


def _close_others(app: QApplication, window: MainWindow) -> None:
    """Close the windows beside the main one, as a person does who has read them."""
    for other in app.topLevelWidgets():
        if other is not window and other.isVisible() and other.isWindow() and other.window() is other:
            other.close()


async def _settled(runner: JobRunner, chance: random.Random) -> None:
    """Wait for what is under way; one long job in three is stopped."""
    deadline = time.monotonic() + 120
    stop_at = time.monotonic() + chance.uniform(0.05, 1.0) if chance.random() < 0.33 else deadline
    while runner._tasks or any(not entry.over for entry in runner._by_number.values()):
        if time.monotonic() > stop_at:
            for entry in runner.active:
                runner.cancel(entry)
        if time.monotonic() > deadline:
            raise TimeoutError(f"still under way: {[entry.title for entry in runner.active]}")
        await asyncio.sleep(0.005)


class JobTimes:
    """How long the jobs of each title took, in the order they ended: work that grows with the day is seen here."""

    def __init__(self, runner: JobRunner) -> None:
        self.of: dict[str, list[tuple[float, float]]] = {}
        self._counted: set[int] = set()
        self._began = time.monotonic()
        runner.changed.connect(self._hear)

    def _hear(self, entry: Entry) -> None:
        if entry.over and entry.started and entry.number not in self._counted:
            self._counted.add(entry.number)
            took = entry.ended - entry.started
            self.of.setdefault(entry.title, []).append((entry.ended - self._began, took))

    def told(self) -> list[str]:
        """A line a title, the one that took longest first: count, seconds in all, medians at the start and the end."""
        lines = []
        for title, jobs in sorted(self.of.items(), key=lambda item: -sum(took for _, took in item[1])):
            times = [took for _, took in jobs]
            part = max(1, len(times) // 3)
            first, last = (1000 * statistics.median(some) for some in (times[:part], times[-part:]))
            lines.append(f"{title}: {len(times)}, {sum(times):.1f} s, {first:.0f} ms at first, {last:.0f} ms at last")
        return lines


@dataclass
class Found:
    """What was measured."""

    kinds: Counter[str]
    warm: Sizes
    end: Sizes
    seconds: float
    bugs: list[Bug]


async def _work(
    app: QApplication, window: MainWindow, worker: Worker, dog: Watchdog, gestures: int, chance: random.Random
) -> Found:
    from PySide6.QtWidgets import QApplication as Application

    runner, kinds, started = window.bench.runner, Counter[str](), time.monotonic()
    for opening in worker.everything_once():
        opening()
        await _settled(runner, random.Random(1))
        _close_others(app, window)
    worker.done.clear()

    async def sizes() -> Sizes:
        """Always with the same photograph in sight as a whole: its pixels are tens of megabytes."""
        worker.look_at_the_first()
        await _settled(runner, random.Random(1))
        await asyncio.sleep(0.05)
        return Sizes.now(app, window)

    warm = await sizes()
    for number in range(gestures):
        name, gesture = worker.next()
        with dog.watching(name):
            gesture()
            await _settled(runner, chance)
            await asyncio.sleep(0.005)
        kinds[name] += 1
        modal = Application.activeModalWidget()
        if modal is not None:
            modal.close()
        if number % 20 == 19:
            _close_others(app, window)
            await asyncio.sleep(0.01)
        if number == int(gestures * WARM):
            warm = await sizes()
        if number % 200 == 199:
            sys.stderr.write(f"\r{number + 1} of {gestures} gestures, {_megabytes():.0f} MB ")
            sys.stderr.flush()
    sys.stderr.write("\n")
    _close_others(app, window)
    await asyncio.sleep(0.05)
    return Found(kinds, warm, await sizes(), time.monotonic() - started, [])


def _furnish(folder: Path, encoder: str) -> tuple[Path, list[Path], list[str]]:
    """A studio with a bank and labels, photographs to open, and the names of its fabrics."""
    from PIL import Image

    from fabric_desktop.bank import build_bank
    from fabric_desktop.encoders.registry import load_encoder
    from fabric_desktop.jobs import JobContext
    from fabric_desktop.studio import save_setting
    from tests.support import add_patches, cloth, make_studio, save_photo

    fabrics = ["cotton", "denim", "linen", "wool", "silk_satin", "真丝缎"]
    studio = make_studio(folder / "studio", dict.fromkeys(fabrics, 4))
    for fabric in fabrics:
        add_patches(studio, fabric, 8, pieces=4)
    save_setting(studio, "encoder", encoder)
    build_bank(studio, load_encoder(encoder), JobContext())
    photos = []
    for number in range(PHOTOS):
        photo = Image.new("RGB", (2400, 1600))
        for place in range(6):
            piece = cloth(fabrics[(place + number) % 6], 90 + number, place, side=800)
            photo.paste(piece, (800 * (place % 3), 800 * (place // 3)))
        photos.append(save_photo(folder / f"photo {number}.jpg", photo))
    return studio.root, photos, fabrics


def _say_of_qt(kind: object, context: object, text: str) -> None:
    """Qt's own remarks are as bad as the program's, but for those of a platform without a screen."""
    if not text.startswith("This plugin does not support"):
        logging.getLogger("qt").warning("%s", text)


@dataclass
class Day:
    """A day's work, with everything that watched it."""

    found: Found
    worker: Worker
    dog: Watchdog
    log: Listener
    times: JobTimes


def live_through(gestures: int, seed: int, encoder: str, folder: Path) -> Day:
    """Work so many gestures long at a window on a studio drawn into `folder`."""
    from PySide6.QtCore import qInstallMessageHandler
    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop

    from fabric_desktop.ui.app_state import AppState
    from fabric_desktop.ui.i18n import Language
    from fabric_desktop.ui.main_window import MainWindow
    from fabric_desktop.ui.problems import BugReporter
    from fabric_desktop.ui.runner import JobRunner
    from fabric_desktop.ui.start import Start, leave_out_of_collections
    from fabric_desktop.ui.theme import Theme, choose_font
    from fabric_desktop.ui.workbench import Workbench
    from tests.ui.watchdog import Watchdog

    keep_memory_together()  # as the window does, which is there before an encoder is loaded
    log = Listener()
    logging.getLogger().addHandler(log)
    root, photos, fabrics = _furnish(folder, encoder)
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    app.setFont(choose_font())
    loop = QEventLoop(app)
    bugs, reporter, runner = list["Bug"](), BugReporter(), JobRunner()
    reporter.found.connect(bugs.append)
    runner.unexpected.connect(reporter.report)
    sys.excepthook = reporter.hook
    qInstallMessageHandler(_say_of_qt)
    leave_every_dialog()
    bench = Workbench(runner, "en")
    window = MainWindow(bench, Language("en"), Theme("light"), AppState())
    reporter.found.connect(window.show_bug)
    start, dog, chance = Start(window, bench, window.state), Watchdog(collections=True), random.Random(seed)
    worker, times = Worker(window, photos, fabrics, seed), JobTimes(runner)

    async def half_a_day() -> Found:
        window.resize(1280, 800)
        window.show()
        await start.go_to(root, show_sample=False)
        await _settled(runner, random.Random(1))
        leave_out_of_collections()  # as `Start.run` does
        return await _work(app, window, worker, dog, gestures, chance)

    with loop:
        found = loop.run_until_complete(half_a_day())
        runner.close()
        bench.leave_studio()
    found.bugs = bugs
    window.deleteLater()
    return Day(found, worker, dog, log, times)


def tell(day: Day, seed: int) -> int:
    """Print the figures and what passed a limit. Returns the exit code."""
    from tests.ui.watchdog import NOTICED_MS

    found, worker, dog, log, times = day.found, day.worker, day.dog, day.log, day.times
    warm, end, say = found.warm, found.end, sys.stdout.write
    longest = dog.longest
    stalls = sorted(stall.milliseconds for stall in dog.stalls)
    say(f"{sum(found.kinds.values())} gestures in {found.seconds:.0f} s, seed {seed}\n")
    say("  " + ", ".join(f"{name} {count}" for name, count in found.kinds.most_common()) + "\n")
    say("  threads: " + ", ".join(thread.name for thread in threading.enumerate()) + "\n")
    say("  actions: " + ", ".join(f"{name} {count}" for name, count in sorted(worker.done.items())) + "\n")
    for line in times.told()[:8]:
        say(f"job: {line}\n")
    if longest is not None:
        over = sum(1 for stall in stalls if stall > NOTICED_MS)
        say(f"longest stall {longest.milliseconds:.0f} ms ({longest.doing}); {over} over {NOTICED_MS:.0f} ms, ")
        say(f"{100 * dog.noticed_share:.2f} % of the thread's work in those\n")
    for name in ("megabytes", "widgets", "files", "threads", "objects"):
        say(f"{name}: {getattr(warm, name):.0f} after a third, {getattr(end, name):.0f} at the end\n")
    made = {name: getattr(end, name) - getattr(warm, name) for name in ("labels", "waiting", "regions")}
    say(f"made in between: {made['labels']} labels, {made['waiting']} patches for review, {made['regions']} regions; ")
    say(f"small pictures in memory {warm.small_pictures:.1f} -> {end.small_pictures:.1f} MB\n")
    for text, count in log.heard.most_common(12):
        say(f"log: {count} x {text}\n")
    wrong = [f"a bug: {bug.summary}" for bug in found.bugs]
    wrong += [f"in the log: {text}" for text in log.heard if text.startswith(("ERROR", "CRITICAL"))]
    if longest is not None and longest.milliseconds > LONGEST_STALL_MS:
        wrong.append(f"a stall of {longest.milliseconds:.0f} ms while: {longest.doing}")
    for name, limit in (
        ("megabytes", MOST_MEGABYTES),
        ("widgets", MOST_WIDGETS),
        ("files", MOST_FILES),
        ("threads", 0),
    ):
        if getattr(end, name) - getattr(warm, name) > limit:
            wrong.append(f"{name} grew by {getattr(end, name) - getattr(warm, name):.0f}")
    for text in wrong:
        say(f"WRONG: {text}\n")
    say("all within limits\n" if not wrong else "")
    return 1 if wrong else 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gestures", type=int, default=2880)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--encoder", default="builtin")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "QT_QPA_PLATFORM": "offscreen",
            "FABRIC_DESKTOP_HOME": str(Path(folder) / "home"),
            "FABRIC_DESKTOP_ALLOW_DUMMY": "1",
        }
        return tell(live_through(options.gestures, options.seed, options.encoder, Path(folder)), options.seed)


if __name__ == "__main__":
    sys.exit(main())
