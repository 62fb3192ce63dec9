"""The calm strip above the photograph: an error with what to do, or good news with what to do next. Never modal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from fabric_desktop.ui.icons import icon
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Text, clear_layout, is_language_change, rule

_ICON = 20


@dataclass(frozen=True, slots=True)
class Message:
    """What a banner says. `words` gives the two sentences in the language in use each time it is asked."""

    kind: str  # "warning" or "info", the icon's name
    words: Callable[[], tuple[str, str]]
    buttons: Callable[[], list[QPushButton]]


class Banner(QWidget):
    """Shows one message at a time; a new one takes the place of the old.

    Lies over the upper edge of a widget and pushes nothing aside: what the pointer is about to hit stays where it is.
    """

    closed = Signal()

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        over.installEventFilter(self)
        self._message: Message | None = None
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._icon = QLabel()
        self._icon.setFixedSize(_ICON, _ICON)
        self.what = Text(strong=True, wrap=True)
        self.do = Text(wrap=True)
        for label in (self.what, self.do):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(GRID)
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("close"))
        self.close_button.setIconSize(QSize(16, 16))
        self.close_button.setAutoRaise(True)
        self.close_button.clicked.connect(self.dismiss)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.what)
        words.addWidget(self.do)
        row = QHBoxLayout()
        row.setContentsMargins(2 * GRID, 12, GRID, 12)
        row.setSpacing(12)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addLayout(self._buttons)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(row)
        self._column.addWidget(rule())
        self.hide()
        self.retranslate()

    @property
    def message(self) -> Message | None:
        return self._message

    def show_message(self, message: Message) -> None:
        self._message = message
        self._fill()
        self.show()
        self.raise_()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._over:
            self._place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self._message is not None:
            self._place()
        return handled

    def _place(self) -> None:
        width = self._over.width()
        # The rows within still know the height of the words before.
        self._column.activate()
        self.setGeometry(0, 0, width, max(self.minimumSizeHint().height(), self._column.heightForWidth(width)))

    def dismiss(self) -> None:
        if self._message is not None:
            self._message = None
            self.hide()
            self.closed.emit()

    def retranslate(self) -> None:
        self.close_button.setToolTip(self.tr("Close"))
        self.close_button.setAccessibleName(self.tr("Close"))
        if self._message is not None:
            self._fill()
            self._place()

    def _fill(self) -> None:
        if self._message is None:
            return
        what, do = self._message.words()
        self.what.setText(what)
        self.do.setText(do)
        self.do.setVisible(bool(do))
        self._icon.setPixmap(icon(self._message.kind).pixmap(QSize(_ICON, _ICON), self.devicePixelRatioF()))
        clear_layout(self._buttons)
        for button in self._message.buttons():
            self._buttons.addWidget(button)

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        elif event.type() == QEvent.Type.PaletteChange and self._message is not None:
            self._icon.setPixmap(icon(self._message.kind).pixmap(QSize(_ICON, _ICON), self.devicePixelRatioF()))
        super().changeEvent(event)


class SampleStrip(QWidget):
    """Always in sight in the sample studio: that its cloth is drawn, and the way to a folder of one's own."""

    def __init__(self, button: QPushButton) -> None:
        super().__init__()
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Window)
        self.name = Text(strong=True)
        self.words = Text(quiet=True, wrap=True)
        row = QHBoxLayout()
        row.setContentsMargins(2 * GRID, 6, GRID, 6)
        row.setSpacing(12)
        row.addWidget(self.name)
        row.addWidget(self.words, 1)
        row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(rule())
        self.retranslate()

    def retranslate(self) -> None:
        self.name.setText(self.tr("Drawn samples"))
        self.words.setText(self.tr("The program drew this cloth. Labels made here stay here."))

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)
