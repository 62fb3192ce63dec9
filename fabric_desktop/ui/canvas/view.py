"""The view on the photograph: zoom, pan, and handing mouse and keys to the tool in hand.

Knows nothing of fabrics: it tells where the person picked, drew or moved a region, and shows what it is given.
"""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView, QWidget

from fabric_desktop.imaging import Box, default_patch_side
from fabric_desktop.ui.canvas.line_tools import LassoTool, ScaleTool
from fabric_desktop.ui.canvas.photo_item import PhotoItem
from fabric_desktop.ui.canvas.pixels import Pyramid
from fabric_desktop.ui.canvas.region_item import RegionItem
from fabric_desktop.ui.canvas.shapes import MIN_SIDE
from fabric_desktop.ui.canvas.tools import BoxTool, PickTool, Tool
from fabric_desktop.ui.cutting import Outline
from fabric_desktop.ui.theme import SURROUND

_MAX_SCALE = 32.0
_WHEEL_STEP = 1.2
_KEY_STEP = 1.25
_FIT_MARGIN = 28  # screen pixels; room for a region's name above the photo's edge
_NUDGES = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Canvas(QGraphicsView):
    """The photograph with its regions."""

    picked = Signal(QPoint)  # a click with Pick, in photo pixels
    lassoed = Signal(object)  # corners of a line round the cloth, in photo pixels
    measured = Signal(float)  # length of a line over a ruler, in photo pixels
    drawn = Signal(object)  # Box: a new one was drawn
    reshaped = Signal(str, object)  # region id, Box: handles or move, when the mouse lets go
    nudged = Signal(str, int, int)  # region id, by photo pixels
    chosen_besides = Signal(str)  # region id: Shift and click
    chosen = Signal(str)  # region id, or empty for none
    escaped = Signal()  # Esc with no gesture to leave
    zoomed = Signal(float)  # screen pixels a photo pixel
    menu_wanted = Signal(QPoint)  # global position

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        scene = QGraphicsScene(self)
        # Regions reach over their boxes by screen pixels, so their bounds change with every zoom. A scene that keeps an
        # index of bounds would look for a removed region at the wrong place, keep it, and draw it when it is gone.
        scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setScene(scene)
        self.setBackgroundBrush(SURROUND)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._photo: PhotoItem | None = None
        self._size = (0, 0)
        self._regions: dict[str, RegionItem] = {}
        self._selected = ""
        self._fitted = True
        self._panning_from: QPoint | None = None
        self._space_down = False
        self.patch_side: int | None = None
        self.pick_tool, self.box_tool = PickTool(self), BoxTool(self)
        self.lasso_tool, self.scale_tool = LassoTool(self), ScaleTool(self)
        self.tool: Tool = self.pick_tool
        self.setAccessibleName(self.tr("Photograph"))
        self._show_cursor()

    # -- what is shown --------------------------------------------------------------------------------------------

    @property
    def photo_size(self) -> tuple[int, int]:
        """Width and height in pixels, (0, 0) when there is no photograph."""
        return self._size

    @property
    def selected(self) -> str:
        return self._selected

    def show_photo(self, pyramid: Pyramid | None) -> None:
        """Show a photograph fitted into the window, or none; its regions are taken off."""
        self.tool.abandon()
        self.scene().clear()
        self._regions.clear()
        self._selected = ""
        self._photo = None
        self._size = (0, 0)
        if pyramid is None:
            return
        self._size = pyramid.size
        self._photo = PhotoItem(pyramid)
        self.scene().addItem(self._photo)
        width, height = pyramid.size
        # Room to push any corner of the photo into the middle of the window.
        self.setSceneRect(QRectF(-width, -height, 3 * width, 3 * height))
        self.fit()

    def draw_in_full(self) -> None:
        """Draw everything in sight at once from now on, however long it takes: for a picture of the window."""
        if self._photo is not None:
            self._photo.hurried = False
            self.viewport().update()

    def add_region(self, region_id: str, box: Box, text: str, outline: Outline | None = None) -> None:
        item = RegionItem(region_id, box, outline)
        self._regions[region_id] = item
        self.scene().addItem(item)
        item.set_text(text)

    def remove_region(self, region_id: str) -> None:
        item = self._regions.pop(region_id, None)
        if item is not None:
            self.scene().removeItem(item)
        if self._selected == region_id:
            self._selected = ""

    def update_region(self, region_id: str, box: Box, text: str) -> None:
        item = self._regions.get(region_id)
        if item is not None:
            item.set_box(box)
            item.set_text(text)

    def select(self, region_id: str, besides: Collection[str] = ()) -> None:
        """Show one region as selected, and others besides it, without telling anybody."""
        self._selected = region_id if region_id in self._regions else ""
        for item in self._regions.values():
            item.set_selected(item.region_id == self._selected, besides=item.region_id in besides)

    def item_of(self, region_id: str) -> RegionItem | None:
        return self._regions.get(region_id)

    def region_at(self, position: QPoint, *, edge_only: bool) -> RegionItem | None:
        """The topmost region under a viewport position; with `edge_only`, by its outline or its name."""
        point = self.mapToScene(position)
        slack = 5 / self.scale_now
        hits = []
        for item in self._regions.values():
            box = item.box
            outer = QRectF(box.x, box.y, box.width, box.height).adjusted(-slack, -slack, slack, slack)
            inner = QRectF(box.x, box.y, box.width, box.height).adjusted(slack, slack, -slack, -slack)
            on_edge = outer.contains(point) and not inner.contains(point)
            on_chip = item.chip_rect(self.scale_now).contains(point)
            if on_edge or on_chip or (not edge_only and outer.contains(point)):
                hits.append(item)
        # The smallest of overlapping ones: a large one would otherwise hide it for ever.
        return min(hits, key=lambda item: (not item.selected, item.box.width * item.box.height), default=None)

    # -- zoom and pan ---------------------------------------------------------------------------------------------

    @property
    def scale_now(self) -> float:
        """Screen pixels (device-independent) a photo pixel."""
        return self.transform().m11()

    def fit(self) -> None:
        """Show the whole photograph; it stays fitted while the window changes its size."""
        if self._photo is None:
            return
        width, height = self._size
        room_x = max(1, self.viewport().width() - 2 * _FIT_MARGIN)
        room_y = max(1, self.viewport().height() - 2 * _FIT_MARGIN)
        self.resetTransform()
        scale = min(room_x / width, room_y / height)
        self.scale(scale, scale)
        self.centerOn(width / 2, height / 2)
        self._fitted = True
        self.zoomed.emit(self.scale_now)

    def actual_size(self) -> None:
        """One photo pixel a screen pixel, about the middle of the window."""
        self._zoom_to(1.0 / self.devicePixelRatioF(), self.viewport().rect().center())

    def zoom_in(self) -> None:
        self._zoom_to(self.scale_now * _KEY_STEP, self.viewport().rect().center())

    def zoom_out(self) -> None:
        self._zoom_to(self.scale_now / _KEY_STEP, self.viewport().rect().center())

    def _zoom_to(self, scale: float, about: QPoint) -> None:
        if self._photo is None:
            return
        smallest = min(1.0, 64 / max(self._size))
        scale = min(max(scale, smallest), _MAX_SCALE)
        before = self.mapToScene(about)
        self._fitted = False
        self.resetTransform()
        self.scale(scale, scale)
        # The photo point that was under the cursor comes back under it.
        shift = self.mapFromScene(before) - about
        self._pan(shift)
        for item in self._regions.values():
            item.prepareGeometryChange()
        self.zoomed.emit(self.scale_now)

    def _pan(self, by: QPoint) -> None:
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + by.x())
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + by.y())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._photo is None:
            return
        steps = event.angleDelta().y() / 120
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._pan(QPoint(-(event.angleDelta().y() or event.angleDelta().x()), 0))
        elif steps:
            self._zoom_to(self.scale_now * _WHEEL_STEP**steps, event.position().toPoint())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    # -- tools ----------------------------------------------------------------------------------------------------

    def use_pick(self) -> None:
        self._use(self.pick_tool)

    def use_box(self) -> None:
        self._use(self.box_tool)

    def use_lasso(self) -> None:
        self._use(self.lasso_tool)

    def use_scale(self) -> None:
        self._use(self.scale_tool)

    def _use(self, tool: Tool) -> None:
        self.tool.abandon()
        self.tool = tool
        self._show_cursor()
        self.viewport().update()

    def side_of_patch(self) -> int:
        """The side of the square that Pick takes, in photo pixels."""
        if self._photo is None:
            return 0
        side = self.patch_side if self.patch_side is not None else default_patch_side(self._size)
        return max(MIN_SIDE, min(side, *self._size))

    def change_side(self, factor: float) -> None:
        """Make the square that Pick takes larger or smaller."""
        if self._photo is not None:
            self.patch_side = max(32, min(round(self.side_of_patch() * factor), min(self._size)))
            self.viewport().update()

    def _show_cursor(self, shape: Qt.CursorShape | None = None) -> None:
        if self._panning_from is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._space_down:
            shape = Qt.CursorShape.OpenHandCursor
        self.viewport().setCursor(QCursor(shape or Qt.CursorShape.CrossCursor))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        left = event.button() == Qt.MouseButton.LeftButton
        if self._photo is None:
            event.ignore()
        elif event.button() == Qt.MouseButton.MiddleButton or (left and self._space_down):
            self._panning_from = event.position().toPoint()
            self._show_cursor()
        elif left:
            self.tool.press(event.position().toPoint(), event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        if self._photo is None:
            return
        if self._panning_from is not None:
            self._fitted = False
            self._pan(self._panning_from - position)
            self._panning_from = position
            return
        self._show_cursor(self.tool.move(position, event.modifiers()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._panning_from is not None:
            self._panning_from = None
            self._show_cursor()
        elif event.button() == Qt.MouseButton.LeftButton and self._photo is not None:
            self.tool.release(event.position().toPoint(), event.modifiers())

    def leaveEvent(self, event: QEvent) -> None:
        self.tool.leave()
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._photo is not None:
            item = self.region_at(event.pos(), edge_only=False)
            if item is not None and item.region_id != self._selected:
                self.chosen.emit(item.region_id)
            self.menu_wanted.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space_down = True
            self._show_cursor()
        elif event.key() == Qt.Key.Key_Escape:
            if not self.tool.abandon():
                self.escaped.emit()
        elif event.key() in _NUDGES and self._selected:
            step = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            dx, dy = _NUDGES[Qt.Key(event.key())]
            self.nudged.emit(self._selected, dx * step, dy * step)
        elif event.key() not in _NUDGES:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space_down = False
            self._show_cursor()
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space_down = False
        self._show_cursor()
        super().focusOutEvent(event)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        if self._photo is not None:
            self.tool.draw(painter)

    def photo_point(self, position: QPoint) -> tuple[float, float]:
        """A viewport position in photo pixels."""
        point: QPointF = self.mapToScene(position)
        return point.x(), point.y()

    def is_on_photo(self, position: QPoint) -> bool:
        x, y = self.photo_point(position)
        return 0 <= x < self._size[0] and 0 <= y < self._size[1]

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.setAccessibleName(self.tr("Photograph"))
        super().changeEvent(event)
