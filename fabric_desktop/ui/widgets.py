"""Small widgets that several panels share: headings, quiet text, pictures on neutral ground, an empty state."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.ui.actions import plain
from fabric_desktop.ui.swatches import SHOWN_SIDE
from fabric_desktop.ui.theme import GRID, SURROUND, scaled


class Text(QLabel):
    """A label with one of the window's few kinds of text: its size factor, weight, and quiet or not."""

    def __init__(
        self, text: str = "", *, factor: float = 1.0, strong: bool = False, quiet: bool = False, wrap: bool = False
    ) -> None:
        super().__init__(text)
        self._factor, self._strong, self._quiet = factor, strong, quiet
        self.setWordWrap(wrap)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._dress()

    def _dress(self) -> None:
        self.setFont(scaled(QApplication.font(), self._factor, strong=self._strong))
        if self._quiet:
            self.setForegroundRole(QPalette.ColorRole.PlaceholderText)


class Heading(Text):
    """The name of a panel or of a part of one."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text, factor=0.9, strong=True, quiet=True)


class Picture(QWidget):
    """A picture at a given scale in a fixed square, its middle shown, never stretched, on the canvas's grey."""

    clicked = Signal()

    def __init__(self, side: int) -> None:
        super().__init__()
        self._side = side
        self._image: QImage | None = None
        self._pixmap: QPixmap | None = None
        self.setFixedSize(side, side)

    def show_image(self, image: QImage | None) -> None:
        """Show a picture made by `swatches`, or none."""
        self._image = image
        self._pixmap = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ground = SURROUND if self._image is not None else self.palette().color(QPalette.ColorRole.Midlight)
        painter.fillRect(self.rect(), ground)
        if self._image is None:
            return
        if self._pixmap is None:
            self._pixmap = self._fitted(self._image)
        size = self._pixmap.deviceIndependentSize()
        if not self.isEnabled():
            painter.setOpacity(0.45)
        left, top = round((self._side - size.width()) / 2), round((self._side - size.height()) / 2)
        painter.drawPixmap(left, top, self._pixmap)

    def _fitted(self, image: QImage) -> QPixmap:
        """The middle of the image that fills the square, scaled by the one factor all swatches share."""
        ratio = self.devicePixelRatioF()
        factor = self._side / SHOWN_SIDE
        width, height = max(1, round(image.width() * factor * ratio)), max(1, round(image.height() * factor * ratio))
        mode = Qt.TransformationMode.SmoothTransformation
        small = image.scaled(width, height, Qt.AspectRatioMode.IgnoreAspectRatio, mode)
        pixmap = QPixmap.fromImage(small)
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()


class Chip(QWidget):
    """A small square of one colour."""

    def __init__(self, color: str, side: int = 14) -> None:
        super().__init__()
        self._color = QColor(color)
        self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Mid))
        painter.fillRect(self.rect().adjusted(1, 1, -1, -1), self._color)


class ActionButton(QPushButton):
    """A push button that does what an action does and is as possible as it; wears the action's words and key."""

    def __init__(self, action: QAction, text: str = "", *, main: bool = False) -> None:
        super().__init__()
        self._action = action
        self._text = text
        self.setDefault(main)
        self.setAutoDefault(False)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def set_text(self, text: str) -> None:
        self._text = text
        self._follow()

    def _follow(self) -> None:
        self.setText(self._text or plain(self._action.text()))
        self.setIcon(self._action.icon())
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(self._action.toolTip())


class Disclosure(QWidget):
    """A line of text folded away behind its title, which is hidden while there is nothing to tell; `beside` stands in
    the title's row and stays."""

    def __init__(self, beside: QWidget) -> None:
        super().__init__()
        self.title = QToolButton()
        self.title.setAutoRaise(True)
        self.title.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.title.setCheckable(True)
        self.text = Text(quiet=True, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        # Its frame is not seen, so its arrow stands on the column's edge and not a frame's width inside.
        self.title.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.title)
        row.addWidget(beside, 1)
        column.addLayout(row)
        column.addWidget(self.text)
        self.title.toggled.connect(self._unfold)
        self._unfold(False)

    def set_title(self, title: str) -> None:
        self.title.setText(title)

    def show_text(self, text: str) -> None:
        self.text.setText(text)
        self.title.setVisible(bool(text))
        self._unfold(self.title.isChecked())

    def _unfold(self, open_: bool) -> None:
        self.title.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)
        self.text.setVisible(open_ and bool(self.text.text()))


class EmptyState(QWidget):
    """Says why a panel is empty and how to fill it: a sentence, a line of advice, and the buttons that do it."""

    def __init__(self, *, large: bool = False) -> None:
        super().__init__()
        self.title = Text(factor=1.5 if large else 1.1, strong=True, wrap=True)
        self.advice = Text(quiet=True, wrap=True)
        self._buttons = QHBoxLayout() if large else QVBoxLayout()
        self._buttons.setSpacing(GRID)
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        alignment = Qt.AlignmentFlag.AlignHCenter if large else Qt.AlignmentFlag.AlignLeft
        for label in (self.title, self.advice):
            label.setAlignment(alignment)
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        if large:
            column.addStretch(4)
        column.addWidget(self.title)
        if large:
            # A line of text longer than this is hard to follow back to its start.
            self.advice.setFixedWidth(60 * GRID)
        if large:
            column.addWidget(self.advice, 0, alignment)
        else:
            # With an alignment it would be given its hint's width only, and its last line no room.
            column.addWidget(self.advice)
        column.addSpacing(GRID)
        row = QHBoxLayout()
        if large:
            row.addStretch()
        row.addLayout(self._buttons)
        row.addStretch()
        column.addLayout(row)
        self._below = QHBoxLayout()
        column.addLayout(self._below)
        column.addStretch(5)
        if not large:
            column.setContentsMargins(0, 0, 0, 0)
        else:
            column.setContentsMargins(6 * GRID, GRID, 6 * GRID, GRID)

    def add_below(self, widget: QWidget) -> None:
        """Put something, such as a progress bar, below the buttons."""
        self._below.addWidget(widget)

    def set_words(self, title: str, advice: str) -> None:
        self.title.setText(title)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))

    def set_buttons(self, buttons: Sequence[QPushButton]) -> None:
        clear_layout(self._buttons)
        for button in buttons:
            self._buttons.addWidget(button)
            button.show()


def clear_layout(layout: QLayout) -> None:
    """Take every widget out of a layout; hidden at once, since Qt deletes later."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def rule() -> QWidget:
    """A hairline between two groups, where space alone does not part them."""
    line = QWidget()
    line.setFixedHeight(1)
    line.setAutoFillBackground(True)
    line.setBackgroundRole(QPalette.ColorRole.Midlight)
    return line


def is_language_change(event: QEvent) -> bool:
    return event.type() == QEvent.Type.LanguageChange


def icon_size() -> QSize:
    return QSize(20, 20)
