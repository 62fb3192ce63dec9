"""Patch and reference side by side at the same scale, as large as the window: for the eye to decide."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from fabric_desktop.ui.icons import icon
from fabric_desktop.ui.theme import GRID, SURROUND
from fabric_desktop.ui.widgets import Text, is_language_change

_MOST = 16.0


class _Shared:
    """Scale and shift that both sides have in common. `scale` is screen pixels a picture pixel."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.shift = QPointF(0, 0)


class Side(QWidget):
    """One picture on the canvas's grey; wheel and drag move both."""

    def __init__(self, shared: _Shared, on_change: Callable[[], None]) -> None:
        super().__init__()
        self._shared, self._on_change = shared, on_change
        self._image = QImage()
        self._from: QPointF | None = None
        self.setMinimumSize(240, 240)

    def show_image(self, image: QImage) -> None:
        self._image = image
        self.update()

    @property
    def image(self) -> QImage:
        return self._image

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), SURROUND)
        if self._image.isNull():
            return
        scale = self._shared.scale
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 2)
        width, height = self._image.width() * scale, self._image.height() * scale
        middle = QPointF(self.width() / 2, self.height() / 2) + self._shared.shift
        painter.drawImage(QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height), self._image)

    def wheelEvent(self, event: QWheelEvent) -> None:
        factor = 1.2 ** (event.angleDelta().y() / 120)
        scale = min(max(self._shared.scale * factor, 0.05), _MOST)
        at = event.position() - QPointF(self.width() / 2, self.height() / 2)
        self._shared.shift = at - (at - self._shared.shift) * (scale / self._shared.scale)
        self._shared.scale = scale
        self._on_change()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            self._shared.shift += event.position() - self._from
            self._from = event.position()
            self._on_change()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._from = None


class CompareWindow(QDialog):
    """The patch on the left, one reference at a time on the right."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._shared = _Shared()
        self.patch = Side(self._shared, self._moved)
        self.reference = Side(self._shared, self._moved)
        self.patch_name, self.reference_name = Text(strong=True), Text(strong=True)
        self.previous, self.next = QPushButton(), QPushButton()
        self.where = QLabel()
        self._references: list[tuple[str, QImage]] = []
        self._fabric, self._at = "", 0
        self.resize(1100, 640)
        self._build()
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.retranslate()

    def _build(self) -> None:
        sides = QHBoxLayout()
        sides.setSpacing(GRID)
        for name, side in ((self.patch_name, self.patch), (self.reference_name, self.reference)):
            column = QVBoxLayout()
            column.addWidget(name)
            column.addWidget(side, 1)
            sides.addLayout(column, 1)
        row = QHBoxLayout()
        row.addWidget(self.where)
        row.addStretch()
        self.previous.setIcon(icon("undo"))
        self.next.setIcon(icon("redo"))
        for button in (self.previous, self.next):
            button.setAutoDefault(False)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.addLayout(sides, 1)
        column.addLayout(row)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Patch and reference"))
        self.patch_name.setText(self.tr("Patch"))
        self.patch.setAccessibleName(self.tr("Patch"))
        self.reference.setAccessibleName(self.tr("Reference"))
        self.previous.setText(self.tr("Previous reference"))
        self.next.setText(self.tr("Next reference"))
        self.where.setText(self.tr("Wheel: both larger or smaller. Drag: move both. Left, right: other references."))
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def show_pair(self, patch: QImage, references: list[tuple[str, QImage]], fabric: str, at: int) -> None:
        """Show a patch beside the references of a fabric: (file name, picture), at the same scale as the patch."""
        self._references, self._fabric, self._at = references, fabric, min(at, max(0, len(references) - 1))
        self.patch.show_image(patch)
        largest = max(patch.width(), patch.height(), 1)
        self._shared.scale = min(_MOST, max(0.05, min(self.width() / 2, self.height() - 120) / largest))
        self._shared.shift = QPointF(0, 0)
        self._show()

    def step(self, by: int) -> None:
        if self._references:
            self._at = (self._at + by) % len(self._references)
            self._show()

    def _show(self) -> None:
        many = len(self._references) > 1
        self.previous.setEnabled(many)
        self.next.setEnabled(many)
        if not self._references:
            return
        name, picture = self._references[self._at]
        self.reference.show_image(picture)
        words = self.tr("{fabric}: {photo}, {n} of {count}")
        self.reference_name.setText(
            words.format(fabric=self._fabric, photo=name, n=self._at + 1, count=len(self._references))
        )
        self._moved()

    def _moved(self) -> None:
        self.patch.update()
        self.reference.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.step(1 if event.key() == Qt.Key.Key_Right else -1)
        else:
            super().keyPressEvent(event)
