"""Somebody who works at the window for half a day, by mouse, keys and menus. What is measured is in `long_run`."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from fabric_desktop.ui.main_window import MainWindow

PHOTOS, REGIONS_A_PHOTO = 8, 40
# These end the program, show a folder of the system, or lead to another studio or encoder than the measured one.
_LEFT_OUT = frozenset(
    {
        "quit",
        "about",
        "show_log",
        "show_library",
        "paste",
        "use_builtin",
        "open_samples",
        "open_sample",
        "add_reference",
    }
)
_LONG = ("build_bank", "train_head", "evaluate", "retrain")


class Worker:
    """Somebody who works at the window, by mouse, keys and menus, as chance will have it."""

    def __init__(self, window: MainWindow, photos: Sequence[Path], fabrics: Sequence[str], seed: int) -> None:
        self._window = window
        self._bench = window.bench
        self._photos = list(photos)
        self._fabrics = list(fabrics)
        self._chance = random.Random(seed)
        self.done: Counter[str] = Counter()
        self._gestures: list[tuple[int, str, Callable[[], None]]] = [
            (30, "click", self._click),
            (8, "drag a box", self._drag),
            (8, "zoom", self._zoom),
            (10, "accept", self._accept),
            (5, "type a name", self._name),
            (6, "take back", lambda: self._act("undo")),
            (4, "do again", lambda: self._act("redo")),
            (6, "next region", lambda: self._act("next_region")),
            (4, "delete", lambda: self._act("delete_region")),
            (4, "nudge", self._nudge),
            (6, "open a photo", self._open),
            (10, "from the menu", self._menu),
            (1, "long job", self._long),
        ]

    def next(self) -> tuple[str, Callable[[], None]]:
        """A gesture, by its name."""
        document = self._bench.document
        if document is None or len(document.regions) > REGIONS_A_PHOTO:
            return "a new photo", self._open_new
        weights = [weight for weight, _, _ in self._gestures]
        _, name, gesture = self._chance.choices(self._gestures, weights)[0]
        return name, gesture

    def everything_once(self) -> list[Callable[[], None]]:
        """A photo, a region, and every entry of the menus: pages and libraries that are made at first use are there."""
        names = [name for name in self._window.actions_.specs if name not in _LEFT_OUT]
        return [self._open, self._click, *(lambda name=name: self._act(name) for name in (*names, *_LONG))]  # type: ignore[misc]

    def look_at_the_first(self) -> None:
        """The first photograph, as a whole."""
        self._window.opening.open_photo(self._photos[0])
        self._window.actions_["fit"].trigger()

    def _act(self, name: str) -> None:
        action = self._window.actions_[name]
        if action.isEnabled():
            action.trigger()
            self.done[name] += 1

    def _point(self) -> QPoint:
        document = self._bench.document
        width, height = document.size if document is not None else (1, 1)
        return self._window.canvas.mapFromScene(self._chance.uniform(0, width), self._chance.uniform(0, height))

    def _click(self) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        self._window.canvas.use_pick()
        QTest.mouseClick(self._window.canvas.viewport(), Qt.MouseButton.LeftButton, pos=self._point())

    def _drag(self) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        self._window.canvas.use_box()
        port, left, none = self._window.canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QTest.mousePress(port, left, none, self._point())
        for _ in range(4):
            QTest.mouseMove(port, self._point())
        QTest.mouseRelease(port, left, none, self._point())

    def _zoom(self) -> None:
        self._act(self._chance.choice(("zoom_in", "zoom_out", "fit", "actual")))

    def _accept(self) -> None:
        self._act(f"accept_{self._chance.randint(1, 3)}")

    def _name(self) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtGui import QInputMethodEvent
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QApplication

        self._act("name_it")
        place, name = self._window.naming.field, self._chance.choice(self._fabrics)
        if name.isascii():
            QTest.keyClicks(place, name)
        else:
            event = QInputMethodEvent()
            event.setCommitString(name)
            QApplication.sendEvent(place, event)
        QTest.keyClick(place, Qt.Key.Key_Return)

    def _nudge(self) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        keys = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
        self._window.canvas.setFocus()
        for _ in range(3):
            QTest.keyClick(self._window.canvas, self._chance.choice(keys))

    def _open(self) -> None:
        self._window.opening.open_photo(self._chance.choice(self._photos))

    def _open_new(self) -> None:
        """Another photograph, as the next garment of the day."""
        source = self._chance.choice(self._photos[:PHOTOS])
        self._photos.append(source.with_name(f"garment {len(self._photos)}.jpg"))
        # Of the same bytes it would be the same photograph to the program, and come with all the regions of the last.
        self._photos[-1].write_bytes(source.read_bytes() + self._photos[-1].name.encode("ascii"))
        self._window.opening.open_photo(self._photos[-1])

    def _menu(self) -> None:
        names = [spec for spec in self._window.actions_.specs if spec not in _LEFT_OUT and spec not in _LONG]
        self._act(self._chance.choice(names))

    def _long(self) -> None:
        self._act(self._chance.choice(_LONG))


def leave_every_dialog() -> None:
    """Whoever is asked for a file or a name changes their mind: nobody is there to answer."""
    from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox

    for name in ("getOpenFileName", "getSaveFileName"):
        setattr(QFileDialog, name, staticmethod(lambda *_, **__: ("", "")))
    QFileDialog.getOpenFileNames = staticmethod(lambda *_, **__: ([], ""))  # type: ignore[method-assign]
    QFileDialog.getExistingDirectory = staticmethod(lambda *_, **__: "")  # type: ignore[method-assign]
    for name in ("getText", "getItem"):
        setattr(QInputDialog, name, staticmethod(lambda *_, **__: ("", False)))
    QMessageBox.question = staticmethod(lambda *_, **__: QMessageBox.StandardButton.No)  # type: ignore[assignment]
