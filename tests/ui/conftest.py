"""Fixtures of the window's tests: an event loop that Qt drives, a small studio, and a window on it.

The studio's cloth is three plain patterns and its encoder the dummy, so that a test takes no longer than its clicks.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputMethodEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from qasync import QEventLoop

from fabric_desktop.imaging import Box
from fabric_desktop.studio import Studio, open_studio, save_setting
from fabric_desktop.ui.app_state import AppState
from fabric_desktop.ui.document import Region, Stage
from fabric_desktop.ui.i18n import Language
from fabric_desktop.ui.main_window import MainWindow
from fabric_desktop.ui.problems import Bug, BugReporter
from fabric_desktop.ui.runner import JobRunner
from fabric_desktop.ui.start import Start
from fabric_desktop.ui.theme import Theme, choose_font
from fabric_desktop.ui.workbench import Workbench
from tests.ui.watchdog import LONGEST_MS, NOTICED_MS, Stall, Watchdog

COLORS = {"denim": (40, 60, 120), "linen": (205, 195, 165), "wool": (120, 40, 45)}
PATIENCE_MS = 30_000  # for the slowest machine; a wait ends with what it waits for


def cloth(fabric: str, seed: int, side: int = 240) -> Image.Image:
    """A patch of one of three cloths that even the dummy encoder can tell apart."""
    noise = np.random.default_rng(seed).integers(-18, 19, (side, side, 1))
    pixels = np.clip(np.array(COLORS[fabric])[None, None, :] + noise, 0, 255)
    return Image.fromarray(pixels.astype(np.uint8), "RGB")


def make_studio(root: Path) -> Studio:
    """A studio of three fabrics with three references each, without a bank."""
    studio = open_studio(root, create=True)
    for fabric in COLORS:
        folder = studio.fabrics_dir / fabric
        folder.mkdir()
        for number in range(3):
            cloth(fabric, number).save(folder / f"ref {number}.png")
    save_setting(studio, "encoder", "dummy")
    return studio


def make_photo(path: Path) -> Path:
    """A photograph of three strips of cloth, left to right: denim, linen, wool; 900 x 600 px."""
    photo = Image.new("RGB", (900, 600))
    for place, fabric in enumerate(COLORS):
        photo.paste(cloth(fabric, 50 + place, 600).resize((300, 600)), (300 * place, 0))
    photo.save(path)
    return path


def label_some(studio: Studio, count: int) -> None:
    """Put `count` labelled patches of every fabric into the studio, each of its own swatch."""
    for fabric in COLORS:
        folder = studio.labeled_dir / fabric
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            cloth(fabric, 100 + number).save(folder / f"patch_{number}.png")


_seen: list[tuple[str, list[Stall]]] = []
_worked_ms: list[float] = []


# What a hand does by pytest-qt itself: the pages' buttons and fields are worked by these.
_GESTURES = ("mouseClick", "mouseDClick", "mousePress", "mouseRelease", "mouseMove", "keyClick", "keyClicks")


def _watched(dog: Watchdog, gesture: str, act: Callable[..., object]) -> Callable[..., object]:
    def watched(*arguments: object, **options: object) -> object:
        with dog.watching(gesture):
            return act(*arguments, **options)

    return watched


@pytest.fixture(autouse=True)
def watchdog(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Watchdog]:
    """Fails a test in which the window kept the person waiting for more than 250 ms at a stretch."""
    dog = Watchdog()
    Person.dog = dog
    with pytest.MonkeyPatch.context() as patch:
        for gesture in _GESTURES:
            patch.setattr(QtBot, gesture, staticmethod(_watched(dog, gesture, getattr(QtBot, gesture))))
        yield dog
    Person.dog = None
    _seen.append((request.node.name, dog.stalls))
    _worked_ms.append(dog.worked_ms)
    longest = dog.longest
    if longest is not None and longest.milliseconds > LONGEST_MS:
        pytest.fail(f"the window stood still for {longest.milliseconds:.0f} ms while: {longest.doing}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How the window's thread did in all tests: its longest stall, and the share of its work in stalls over 50 ms."""
    stalls = [(stall, test) for test, found in _seen for stall in found]
    if stalls:
        longest, test = max(stalls, key=lambda item: item[0].milliseconds)
        total = sum(_worked_ms)
        slow = sum(stall.milliseconds for stall, _ in stalls if stall.milliseconds > NOTICED_MS)
        terminalreporter.write_line(
            f"window's thread: longest stall {longest.milliseconds:.0f} ms ({longest.doing}, {test}); "
            f"{slow / max(total, 1e-9) * 100:.1f} % of its work in stalls over {NOTICED_MS:.0f} ms"
        )


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[QEventLoop]:
    """asyncio on Qt's event loop, so that flows move on whenever a test lets Qt run."""
    # Not started and not stopped: stopping would tell Qt's application to leave every loop that comes after.
    loop = QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    asyncio.events._set_running_loop(loop)
    yield loop
    asyncio.events._set_running_loop(None)
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def runner(loop: QEventLoop, qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.close()
    # Flows that were cancelled have to be let end before the loop is closed.
    QTest.qWait(20)


@dataclass
class Person:
    """Somebody at the window: what they can do with hand and eye, and nothing that only a program could."""

    window: MainWindow
    bot: QtBot
    bugs: list[Bug]
    dog: ClassVar[Watchdog | None] = None

    def watched(self, doing: str) -> contextlib.AbstractContextManager[None]:
        """The watchdog counts how long the window keeps the person waiting for this."""
        return self.dog.watching(doing) if self.dog is not None else contextlib.nullcontext()

    @property
    def region(self) -> Region:
        region = self.window.bench.region
        assert region is not None, "no region is selected"
        return region

    def wait(self, condition: Callable[[], bool]) -> None:
        with self.watched("waiting"):
            self.bot.waitUntil(condition, timeout=PATIENCE_MS)

    def at(self, x: float, y: float) -> QPoint:
        """Where a point of the photograph is on the screen."""
        return self.window.canvas.mapFromScene(x, y)

    def click(self, x: float, y: float) -> None:
        with self.watched("click"):
            self.bot.mouseMove(self.window.canvas.viewport(), self.at(x, y))
            self.bot.mouseClick(self.window.canvas.viewport(), Qt.MouseButton.LeftButton, pos=self.at(x, y))

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        port, left = self.window.canvas.viewport(), Qt.MouseButton.LeftButton
        first, last = self.at(*start), self.at(*end)
        with self.watched("drag"):
            QTest.mousePress(port, left, modifier, first)
            for step in (0.3, 0.6, 1.0):
                point = first + (last - first) * step
                _move_pressed(port, point, modifier)
            QTest.mouseRelease(port, left, modifier, last)

    def key(
        self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        with self.watched(f"key {key.name}"):
            self.bot.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def type(self, text: str) -> None:
        """Type into the field for the name, Chinese as an input method does."""
        field = self.window.naming.field
        if text.isascii():
            self.bot.keyClicks(field, text)
            return
        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(field, event)

    def open(self, photo: Path) -> None:
        self.window.opening.open_photo(photo)
        self.wait(lambda: self.window.bench.document is not None and self.window.bench.document.path == photo)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is under way."""
        runner = self.window.bench.runner
        self.wait(lambda: not runner._tasks and all(entry.over for entry in runner._by_number.values()))

    def answered(self) -> Region:
        """Wait for the answer on the selected region."""
        self.wait(lambda: self.window.bench.region is not None and self.window.bench.region.stage is Stage.DONE)
        return self.region

    def first_name(self) -> str:
        return self.window.results.rows[0].name.text()

    def banner(self) -> str:
        banner = self.window.banner
        return f"{banner.what.text()} {banner.do.text()}" if banner.isVisible() else ""


def _move_pressed(port: object, point: QPoint, modifier: Qt.KeyboardModifier) -> None:
    """Move the mouse with the left button held, which QTest.mouseMove forgets."""
    glob = QPointF(port.mapToGlobal(point))  # type: ignore[attr-defined]
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(point), glob, none, left, modifier)
    QApplication.sendEvent(port, event)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def furnished() -> Path | None:
    """A studio that a file of tests furnished once, which each of them gets a copy of; a plain one where it did not."""
    return None


@pytest.fixture
def studio(furnished: Path | None, tmp_path: Path) -> Studio:
    root = tmp_path / "面料 studio"
    return make_studio(root) if furnished is None else Studio(shutil.copytree(furnished, root))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return make_photo(tmp_path / "外套 coat.png")


def stop_all(runner: JobRunner, qtbot: QtBot) -> None:
    """Stop what a test left running, so that the closing window has nothing to ask about."""
    for entry in runner.active:
        runner.cancel(entry)
    qtbot.waitUntil(lambda: not runner.busy, timeout=PATIENCE_MS)


@pytest.fixture
def make_window(
    qtbot: QtBot, runner: JobRunner, qapp: QApplication
) -> Iterator[Callable[[Path], Person]]:
    """Opens the window on a studio; every unexpected error fails the test at its end."""
    bugs: list[Bug] = []
    languages: list[Language] = []
    benches: list[Workbench] = []

    def make(root: Path, lang: str = "en") -> Person:
        reporter = BugReporter()
        reporter.found.connect(bugs.append)
        runner.unexpected.connect(reporter.report)
        qapp.setFont(choose_font())
        language = Language(lang)
        languages.append(language)
        bench = Workbench(runner, lang)
        benches.append(bench)
        window = MainWindow(bench, language, Theme("light"), AppState())
        window._test_reporter = reporter  # type: ignore[attr-defined]  # lives as long as the window
        reporter.found.connect(window.show_bug)
        start = Start(window, bench, window.state)
        qtbot.addWidget(window, before_close_func=lambda _window: stop_all(runner, qtbot))
        window.resize(1280, 800)
        window.show()
        qtbot.waitExposed(window)
        person = Person(window, qtbot, bugs)
        bench.start(start.go_to(root, show_sample=False))
        person.wait(lambda: bench.studio is not None)
        person.settle()
        return person

    yield make
    for bench in benches:
        bench.leave_studio()
    for language in languages:
        language.remove()
    assert not bugs, "\n".join(bug.details for bug in bugs)


@pytest.fixture
def person(make_window: Callable[[Path], Person], studio: Studio, photo: Path) -> Person:
    """A person at the window with a photograph open, before there is a bank."""
    person = make_window(studio.root)
    person.open(photo)
    return person


@pytest.fixture
def person_with_bank(make_window: Callable[[Path], Person], studio: Studio, photo: Path) -> Person:
    """A person at the window with the bank built and a photograph open."""
    from fabric_desktop.bank import build_bank
    from fabric_desktop.encoders.registry import load_encoder
    from fabric_desktop.jobs import JobContext

    build_bank(studio, load_encoder("dummy"), JobContext())
    person = make_window(studio.root)
    person.open(photo)
    return person


def region_box(person: Person) -> Box:
    return person.region.box
