"""What the mouse does on the canvas: Pick takes a square around a click, Box draws and reshapes.

With either tool the selected region can be moved and reshaped by its handles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from fabric_desktop.imaging import Box, square_around
from fabric_desktop.ui.canvas.shapes import MIN_SIDE, Handle, box_between, drag_handle, moved

if TYPE_CHECKING:
    from fabric_desktop.ui.canvas.view import Canvas

_GRAB = 8  # screen pixels around a handle's centre
_DRAG_STARTS = 4  # screen pixels; less is a click with an unsteady hand
_CURSORS = {
    Handle.TOP_LEFT: Qt.CursorShape.SizeFDiagCursor,
    Handle.BOTTOM_RIGHT: Qt.CursorShape.SizeFDiagCursor,
    Handle.TOP_RIGHT: Qt.CursorShape.SizeBDiagCursor,
    Handle.BOTTOM_LEFT: Qt.CursorShape.SizeBDiagCursor,
    Handle.LEFT: Qt.CursorShape.SizeHorCursor,
    Handle.RIGHT: Qt.CursorShape.SizeHorCursor,
    Handle.TOP: Qt.CursorShape.SizeVerCursor,
    Handle.BOTTOM: Qt.CursorShape.SizeVerCursor,
}


class Tool:
    """A tool in hand. Positions are viewport pixels; `move` returns the cursor to show."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._pressed: QPoint | None = None
        self._handle: Handle | None = None
        self._moving = False
        self._before: Box | None = None
        self._hover: QPoint | None = None

    # The selected region's handles and inside work the same with every tool.

    def press(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        self._pressed = position
        item = self.canvas.item_of(self.canvas.selected)
        self._handle = self.handle_at(position)
        self._before = item.box if item is not None else None
        self._moving = False

    def move(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> Qt.CursorShape | None:
        self._hover = position
        if self._pressed is not None and self._before is not None:
            item = self.canvas.item_of(self.canvas.selected)
            square = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
            if item is not None and self._handle is not None:
                point = self.canvas.photo_point(position)
                item.set_box(drag_handle(self._before, self._handle, point, self.canvas.photo_size, square=square))
                return _CURSORS[self._handle]
            if item is not None and (self._moving or self._drags_inside(position)):
                self._moving = True
                x0, y0 = self.canvas.photo_point(self._pressed)
                x1, y1 = self.canvas.photo_point(position)
                item.set_box(moved(self._before, round(x1 - x0), round(y1 - y0), self.canvas.photo_size))
                return Qt.CursorShape.SizeAllCursor
        self.canvas.viewport().update()
        handle = self.handle_at(position) if self._pressed is None else None
        return _CURSORS[handle] if handle is not None else None

    def release(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            return
        item = self.canvas.item_of(self.canvas.selected)
        if item is not None and (self._handle is not None or self._moving):
            before, box = self._before, item.box
            self._handle, self._moving, self._hover = None, False, None
            if before is not None and box != before:
                self.canvas.reshaped.emit(item.region_id, box)
            return
        self.act(pressed, position, modifiers)
        # What was just made is in sight; its outline comes back when the mouse goes on.
        self._hover = None
        self.canvas.viewport().update()

    def act(self, pressed: QPoint, released: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """What the tool itself makes of a press and release."""

    def draw(self, painter: QPainter) -> None:
        """Draw the tool's preview; the painter is in photo pixels."""

    def leave(self) -> None:
        self._hover = None
        self.canvas.viewport().update()

    def abandon(self) -> bool:
        """Drop a gesture in progress and put the region back; whether there was one."""
        busy = self._pressed is not None
        item = self.canvas.item_of(self.canvas.selected)
        if busy and item is not None and self._before is not None:
            item.set_box(self._before)
        self._pressed, self._handle, self._moving = None, None, False
        self.canvas.viewport().update()
        return busy

    def handle_at(self, position: QPoint) -> Handle | None:
        """The selected region's handle under a viewport position."""
        item = self.canvas.item_of(self.canvas.selected)
        if item is None:
            return None
        for handle in Handle:
            x, y = handle.place(item.box)
            at = self.canvas.mapFromScene(x, y)
            if abs(at.x() - position.x()) <= _GRAB and abs(at.y() - position.y()) <= _GRAB:
                return handle
        return None

    def _drags_inside(self, position: QPoint) -> bool:
        if self._pressed is None or self._before is None or not self.is_drag(position):
            return False
        x, y = self.canvas.photo_point(self._pressed)
        left, top, right, bottom = self._before.corners
        return left <= x < right and top <= y < bottom

    def is_drag(self, position: QPoint) -> bool:
        return self._pressed is not None and (position - self._pressed).manhattanLength() >= _DRAG_STARTS

    def _outline(self, painter: QPainter, box: Box) -> None:
        for color, width, style in (
            (QColor("#141414"), 3, Qt.PenStyle.SolidLine),
            (QColor("#ffffff"), 1, Qt.PenStyle.DashLine),
        ):
            pen = QPen(color, width, style)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(box.x, box.y, box.width, box.height))


class PickTool(Tool):
    """A click takes the square around the point; a click on a region's outline or name selects it."""

    def act(self, pressed: QPoint, released: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        if (released - pressed).manhattanLength() >= 3 * _DRAG_STARTS:
            return
        besides = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        item = self.canvas.region_at(released, edge_only=not besides)
        if item is not None and besides:
            self.canvas.chosen_besides.emit(item.region_id)
        elif item is not None:
            self.canvas.chosen.emit(item.region_id)
        elif self.canvas.is_on_photo(released):
            x, y = self.canvas.photo_point(released)
            self.canvas.picked.emit(QPoint(int(x), int(y)))
        else:
            self.canvas.chosen.emit("")

    def draw(self, painter: QPainter) -> None:
        if self._hover is None or self._pressed is not None or not self.canvas.is_on_photo(self._hover):
            return
        if self.handle_at(self._hover) is not None:
            return
        x, y = self.canvas.photo_point(self._hover)
        self._outline(painter, square_around(int(x), int(y), self.canvas.photo_size, self.canvas.side_of_patch()))


class BoxTool(Tool):
    """A drag draws a box (Shift keeps it square); a click selects the region under it, or none."""

    def _drawn(self, to: QPoint, modifiers: Qt.KeyboardModifier) -> Box | None:
        if self._start is None:
            return None
        square = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        points = self.canvas.photo_point(self._start), self.canvas.photo_point(to)
        return box_between(*points, self.canvas.photo_size, square=square)

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._start: QPoint | None = None
        self._preview: Box | None = None

    def press(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        super().press(position, modifiers)
        self._start = position if self._handle is None else None

    def move(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> Qt.CursorShape | None:
        cursor = super().move(position, modifiers)
        drawing = self._pressed is not None and self._handle is None and not self._moving and self.is_drag(position)
        self._preview = self._drawn(position, modifiers) if drawing else None
        return cursor

    def act(self, pressed: QPoint, released: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        self._preview = None
        box = self._drawn(released, modifiers)
        if box is not None and (released - pressed).manhattanLength() >= _DRAG_STARTS:
            if box.width >= MIN_SIDE and box.height >= MIN_SIDE:
                self.canvas.drawn.emit(box)
            return
        item = self.canvas.region_at(released, edge_only=False)
        if item is not None and modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.canvas.chosen_besides.emit(item.region_id)
        else:
            self.canvas.chosen.emit(item.region_id if item is not None else "")

    def abandon(self) -> bool:
        self._preview = None
        self._start = None
        return super().abandon()

    def draw(self, painter: QPainter) -> None:
        if self._preview is not None:
            self._outline(painter, self._preview)
