"""The edge by which a panel is taken hold of: a short bar instead of one with the panel's name once more."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QDockWidget, QSizePolicy, QWidget

from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import is_language_change

_WIDE, _HIGH = 28, 3


class DockGrip(QWidget):
    """Dragged, it moves its dock to another side; a double click lets the dock float, another one puts it back."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.retranslate()

    def sizeHint(self) -> QSize:
        return QSize(GRID, GRID)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def retranslate(self) -> None:
        self.setToolTip(self.tr("Drag to move the panel; double click to let it float or put it back."))

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.PlaceholderText))
        left, top = (self.width() - _WIDE) / 2, (self.height() - _HIGH) / 2 + 1
        painter.drawRoundedRect(QRectF(left, top, _WIDE, _HIGH), _HIGH / 2, _HIGH / 2)


def give_grip(dock: QDockWidget) -> None:
    """Let a dock be moved by a grip."""
    dock.setTitleBarWidget(DockGrip(dock))
