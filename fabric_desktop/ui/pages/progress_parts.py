"""The rows of the progress page: a piece of advice with its button, and labels to look at again. Know no figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fabric_desktop.ui.pages.page import button
from fabric_desktop.ui.pages.photo_list import paint_thumb
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import ActionButton, Text

_SIDE, _COLUMNS = 112, 5


class AdviceRow(QWidget):
    """A sentence and, on the right, the button that does what it says; with an action it is that action's."""

    def __init__(self, text: str, words: str, do: Callable[[], object], action: QAction | None = None) -> None:
        super().__init__()
        self.text = Text(text, wrap=True)
        self.button: QPushButton | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * GRID)
        row.addWidget(self.text, 1)
        if action is not None:
            self.button = ActionButton(action)
        elif words:
            self.button = button(do)
            self.button.setText(words)
        if self.button is not None:
            row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)


class _Thumb(QWidget):
    """One small picture, made when it is in sight."""

    def __init__(self, path: Path, thumbs: Thumbs) -> None:
        super().__init__()
        self._path, self._thumbs = path, thumbs
        self.setFixedSize(QSize(_SIDE, _SIDE))
        thumbs.loaded.connect(self._on_loaded)

    def _on_loaded(self, path: Path) -> None:
        if path == self._path:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Midlight))
        paint_thumb(painter, self.rect(), self._thumbs.picture(self._path))


class SuspectCard(QWidget):
    """A patch, what it is labelled and looks like, and the button that opens it."""

    opened = Signal()

    def __init__(self, path: Path, text: str, words: str, thumbs: Thumbs) -> None:
        super().__init__()
        self.setFixedWidth(_SIDE + 4 * GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.text = Text(text, wrap=True)
        self.text.setToolTip(path.name)
        self.open_button = button(self.opened.emit)
        self.open_button.setText(words)
        self.open_button.setAccessibleName(f"{words}: {text}")
        column.addWidget(_Thumb(path, thumbs))
        column.addWidget(self.text)
        column.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch()


class SuspectRow(QWidget):
    """Cards side by side, in as many rows as they take."""

    def __init__(self, cards: Sequence[SuspectCard]) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(2 * GRID)
        for place, card in enumerate(cards):
            grid.addWidget(card, place // _COLUMNS, place % _COLUMNS, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(_COLUMNS, 1)
