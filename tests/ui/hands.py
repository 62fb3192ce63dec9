"""What tests of several pages do by hand: keys held, buttons pressed, and what of it is in the studio. No fixtures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from fabric_desktop.studio import Studio
from tests.ui.conftest import Person

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
UNDO = (Qt.Key.Key_Z, CONTROL)
REDO = (Qt.Key.Key_Z, CONTROL | SHIFT)


def press(person: Person, button: object) -> None:
    """Press a button and wait until nothing is under way."""
    person.bot.mouseClick(button, Qt.MouseButton.LeftButton)
    person.settle()


def accept_first(person: Person, x: int) -> None:
    """Click on the strip of cloth there and take the first fabric it is answered with."""
    person.click(x, 300)
    person.answered()
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: person.region.label is not None)


def button_saying(place: QWidget, words: str) -> QPushButton:
    """The button of `place` with these words on it."""
    return next(each for each in place.findChildren(QPushButton) if each.text() == words)


def labelled(studio: Studio, fabric: str) -> list[Path]:
    """The labelled patches of a fabric."""
    return sorted((studio.labeled_dir / fabric).glob("*.png"))
