"""No text of the window is cut off or elided, in either language, in its typical states; and the gallery draws them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QScrollArea, QWidget

from fabric_desktop.studio import Studio
from tests.ui.conftest import Person
from tests.ui.watchdog import Watchdog


def cut_texts(window: QWidget) -> list[str]:
    """Texts in sight that do not fit where they stand."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.window() is not window:
            continue
        text, room, needed = "", 0, 0
        metrics = widget.fontMetrics()
        if isinstance(widget, QLabel) and widget.text():
            text = widget.text()
            if widget.wordWrap():
                room, needed = widget.height(), widget.heightForWidth(widget.width())
            else:
                room = widget.contentsRect().width()
                needed = max(metrics.horizontalAdvance(line) for line in text.splitlines())
        elif isinstance(widget, QAbstractButton) and widget.text() and widget.parent() is not None:
            text, room, needed = widget.text(), widget.width(), widget.minimumSizeHint().width()
        elif isinstance(widget, QComboBox):
            text, room = widget.currentText(), widget.width() - 24
            needed = metrics.horizontalAdvance(text)
        elif isinstance(widget, QLineEdit) and not widget.text():
            text, room = widget.placeholderText(), widget.width() - 4
            needed = metrics.horizontalAdvance(text)
        if text and needed > room + 1:
            found.append(f"{type(widget).__name__} {text!r}: {needed} px needed, {room} px there")
        if text and not isinstance(widget.parent(), QScrollArea) and _is_outside(widget, window):
            found.append(f"{type(widget).__name__} {text!r}: reaches over the window's edge")
    return found


def _is_outside(widget: QWidget, window: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None and parent is not window:
        if isinstance(parent, QScrollArea):
            return False
        parent = parent.parentWidget()
    corner = widget.mapTo(window, QPoint(0, 0))
    return corner.x() < 0 or corner.x() + widget.width() > window.width() + 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_text_is_cut_in_the_windows_states(person_with_bank: Person, studio: Studio, lang: str) -> None:
    person = person_with_bank
    person.window.commands.use_language(lang)
    states: dict[str, list[str]] = {}

    def look(state: str, window: QWidget = person.window) -> None:
        person.settle()
        QTest.qWait(30)
        states[state] = cut_texts(window)

    look("no region")
    for x in (150, 450):
        person.click(x, 300)
        person.answered()
    look("many regions")
    person.key(Qt.Key.Key_U)
    person.wait(lambda: person.region.kept is not None)
    person.key(Qt.Key.Key_F5)
    person.wait(lambda: person.window.review.queue.grid.count() == 1)
    look("queue")
    person.key(Qt.Key.Key_F5)
    person.key(Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    look("labelled patches")
    person.key(Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    person.key(Qt.Key.Key_C)
    person.wait(lambda: person.window.comparing.window is not None and person.window.comparing.window.isVisible())
    assert person.window.comparing.window is not None
    look("comparison", person.window.comparing.window)
    person.window.comparing.window.close()
    person.window.opening.open_photo(Path("no-such-photograph.jpg"))
    person.wait(lambda: bool(person.banner()))
    look("error")
    assert not any(states.values()), "\n".join(f"{state}: {text}" for state, cut in states.items() for text in cut)


def test_the_watchdog_sees_a_window_that_stands_still(qapp: QApplication) -> None:
    """0.3 s of work between two beats is noticed; a wait in which nothing is done is none."""
    dog = Watchdog()
    with dog.watching("nothing"):
        QTest.qWait(100)
    assert dog.longest is not None
    assert dog.longest.milliseconds < 100
    with dog.watching("work"):
        until = time.thread_time() + 0.3
        QTimer.singleShot(0, lambda: _work_until(until))
        QTest.qWait(50)
    assert dog.longest.doing == "work"
    assert dog.longest.milliseconds >= 200


def _work_until(until: float) -> None:
    while time.thread_time() < until:
        pass


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_gallery_draws_every_state_in_both_languages_and_themes(tmp_path: Path) -> None:
    out = tmp_path / "pictures"
    environment = {**os.environ, "FABRIC_DESKTOP_HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "fabric_desktop.app", "--gallery", str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names = {path.stem for path in out.glob("*.png")}
    states = ("empty", "one-region", "many-regions", "queue", "labelled", "comparison", "keys", "error")
    wanted = {
        f"{state}-{lang}-{theme}-{size}"
        for state in states
        for lang in ("zh", "en")
        for theme in ("light", "dark")
        for size in (100, 200)
    }
    assert names == wanted
