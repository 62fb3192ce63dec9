"""Tools that draw a line: Lasso goes round a piece of cloth, Scale measures a ruler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from fabric_desktop.ui.canvas.shapes import MIN_SIDE, thinned
from fabric_desktop.ui.canvas.tools import BoxTool, Tool

if TYPE_CHECKING:
    from fabric_desktop.ui.canvas.view import Canvas

_LEAST_LINE = 8  # screen pixels; shorter is a click


def _pens() -> tuple[QPen, QPen]:
    """A dark line with a light one inside: one of them shows on any cloth."""
    dark, light = QPen(QColor("#141414"), 3), QPen(QColor("#ffffff"), 1)
    for pen in (dark, light):
        pen.setCosmetic(True)
    return dark, light


class LassoTool(BoxTool):
    """A drag goes round the cloth; what lies outside the line is left out. A click selects, as with Box."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._line: list[tuple[float, float]] = []

    def press(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        super().press(position, modifiers)
        self._line = [self.canvas.photo_point(position)]

    def move(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> Qt.CursorShape | None:
        cursor = super().move(position, modifiers)
        if self._preview is not None:
            self._preview = None
            self._line.append(self._inside(position))
        return cursor

    def act(self, pressed: QPoint, released: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        line = thinned([*self._line, self._inside(released)], 2 / self.canvas.scale_now)
        self._line = []
        xs, ys = [x for x, _ in line], [y for _, y in line]
        if len(line) >= 3 and max(xs) - min(xs) >= MIN_SIDE and max(ys) - min(ys) >= MIN_SIDE:
            self.canvas.lassoed.emit(tuple(line))
        elif (released - pressed).manhattanLength() < _LEAST_LINE:
            item = self.canvas.region_at(released, edge_only=False)
            self.canvas.chosen.emit(item.region_id if item is not None else "")

    def abandon(self) -> bool:
        self._line = []
        return super().abandon()

    def draw(self, painter: QPainter) -> None:
        if len(self._line) > 1:
            for pen in _pens():
                painter.setPen(pen)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in self._line]))

    def _inside(self, position: QPoint) -> tuple[float, float]:
        (x, y), (width, height) = self.canvas.photo_point(position), self.canvas.photo_size
        return min(max(x, 0.0), float(width)), min(max(y, 0.0), float(height))


class ScaleTool(Tool):
    """A drag along a ruler says how many pixels it is long."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._to: QPoint | None = None

    def press(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        # Not the tool to change regions with: a ruler may lie across one.
        self._pressed, self._handle, self._before, self._moving = position, None, None, False

    def move(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> Qt.CursorShape | None:
        self._to = position if self._pressed is not None else None
        self.canvas.viewport().update()
        return None

    def release(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        pressed, self._pressed, self._to = self._pressed, None, None
        self.canvas.viewport().update()
        if pressed is not None and (position - pressed).manhattanLength() >= _LEAST_LINE:
            (x0, y0), (x1, y1) = self.canvas.photo_point(pressed), self.canvas.photo_point(position)
            self.canvas.measured.emit(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)

    def draw(self, painter: QPainter) -> None:
        if self._pressed is not None and self._to is not None:
            for pen in _pens():
                painter.setPen(pen)
                painter.drawLine(self.canvas.mapToScene(self._pressed), self.canvas.mapToScene(self._to))
