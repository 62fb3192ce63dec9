"""Draws one region: an outline that shows on any cloth, its handles, and its fabric's name outside the patch."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QApplication, QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from fabric_desktop.imaging import Box
from fabric_desktop.ui.canvas.shapes import Handle
from fabric_desktop.ui.cutting import Outline, moved_outline

HANDLE = 9  # screen pixels
_CHIP_PAD_X, _CHIP_PAD_Y, _CHIP_GAP = 6.0, 2.0, 4.0
_INK, _PAPER = QColor("#141414"), QColor("#ffffff")


class RegionItem(QGraphicsItem):
    """A region at its place on the photograph. Sizes on the screen do not change with the zoom."""

    def __init__(self, region_id: str, box: Box, outline: Outline | None = None) -> None:
        super().__init__()
        self.region_id = region_id
        self._box = self._first_box = box
        self._outline = outline
        self._chip = _Chip(self)
        self.selected = self.besides = False
        self._place()

    @property
    def box(self) -> Box:
        return self._box

    def set_box(self, box: Box) -> None:
        self.prepareGeometryChange()
        self._box = box
        self._place()

    def set_selected(self, selected: bool, *, besides: bool = False) -> None:
        """Show it as the selected one, or as one selected besides it."""
        self.selected, self.besides = selected, besides
        self.setZValue(2 if selected else 1)
        self._chip.update()
        self.update()

    def set_text(self, text: str) -> None:
        self._chip.set_text(text)

    def chip_rect(self, scale: float) -> QRectF:
        """Where the name stands, in photo pixels, at `scale` screen pixels a photo pixel."""
        rect = self._chip.boundingRect()
        corner = self._chip.pos()
        return QRectF(corner.x() + rect.x() / scale, corner.y() + rect.y() / scale,
                      rect.width() / scale, rect.height() / scale)

    def _place(self) -> None:
        self._chip.setPos(self._box.x, self._box.y)

    def _rect(self) -> QRectF:
        return QRectF(self._box.x, self._box.y, self._box.width, self._box.height)

    def boundingRect(self) -> QRectF:
        # Handles reach over the box by a few screen pixels; at the smallest zoom that is many photo pixels.
        views = self.scene().views() if self.scene() is not None else []
        scale = views[0].transform().m11() if views else 1.0
        margin = (HANDLE + 2) / max(scale, 1e-3)
        return self._rect().adjusted(-margin, -margin, margin, margin)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # A dark line with a light one inside: one of them shows on any cloth, and nothing tints the patch.
        accent = QApplication.palette().color(QPalette.ColorGroup.Active, QPalette.ColorRole.Highlight)
        lines = ((_INK, 4), (accent, 2)) if self.selected or self.besides else ((_INK, 3), (_PAPER, 1))
        for color, width in lines:
            pen = QPen(color, width)
            pen.setCosmetic(True)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            line = moved_outline(self._outline, self._first_box, self._box)
            if line is not None:
                painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in line]))
            else:
                painter.drawRect(self._rect())
        if self.selected:
            self._paint_handles(painter, accent)

    def _paint_handles(self, painter: QPainter, accent: QColor) -> None:
        transform = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        for handle in Handle:
            x, y = handle.place(self._box)
            center = transform.map(QPointF(x, y))
            square = QRectF(round(center.x()) - HANDLE / 2, round(center.y()) - HANDLE / 2, HANDLE, HANDLE)
            painter.fillRect(square.adjusted(-1, -1, 1, 1), _INK)
            painter.fillRect(square, _PAPER)
        painter.restore()


class _Chip(QGraphicsItem):
    """The name at a region's corner, above the box so that it hides no cloth of its own region."""

    def __init__(self, parent: RegionItem) -> None:
        super().__init__(parent)
        self._region = parent
        self._text = ""
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)

    def set_text(self, text: str) -> None:
        if text != self._text:
            self.prepareGeometryChange()
            self._text = text
            self.update()

    def boundingRect(self) -> QRectF:
        if not self._text:
            return QRectF()
        metrics = QFontMetricsF(QApplication.font())
        width = metrics.horizontalAdvance(self._text) + 2 * _CHIP_PAD_X
        height = metrics.height() + 2 * _CHIP_PAD_Y
        return QRectF(-2, -height - _CHIP_GAP, width, height)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if not self._text:
            return
        rect = self.boundingRect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_INK)
        painter.drawRoundedRect(rect, 3, 3)
        painter.setPen(_PAPER)
        painter.setFont(QApplication.font())
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._text)
