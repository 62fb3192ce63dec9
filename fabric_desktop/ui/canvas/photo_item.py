"""Draws the photograph from the pyramid, tile by tile, only what is in sight."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from fabric_desktop.ui.canvas.pixels import TILE, Pyramid

# 160 tiles of 1 MB cover a 4K screen four times over.
_KEPT_TILES = 160
# From here on single pixels are what the person wants to see, so they are not smoothed.
_SHARP_FROM = 4.0


class PhotoItem(QGraphicsItem):
    """The photograph, in its own pixels as scene coordinates."""

    def __init__(self, pyramid: Pyramid) -> None:
        super().__init__()
        self._pyramid = pyramid
        self._tiles: OrderedDict[tuple[int, int, int], QPixmap] = OrderedDict()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def boundingRect(self) -> QRectF:
        width, height = self._pyramid.size
        return QRectF(0, 0, width, height)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        lod = option.levelOfDetailFromTransform(painter.worldTransform())
        device = painter.device()
        scale = lod * (device.devicePixelRatioF() if device is not None else 1.0)
        level = self._pyramid.level_for(scale)
        width, height = self._pyramid.levels[level].size
        # Levels are rounded up, so the ratio is taken from the sizes and not from the power of two.
        fx, fy = self._pyramid.size[0] / width, self._pyramid.size[1] / height
        seen = option.exposedRect.intersected(self.boundingRect())
        if seen.isEmpty():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < _SHARP_FROM)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        last_column, last_row = (width - 1) // TILE, (height - 1) // TILE
        for row in range(int(seen.top() / fy) // TILE, min(last_row, int(seen.bottom() / fy) // TILE) + 1):
            for column in range(int(seen.left() / fx) // TILE, min(last_column, int(seen.right() / fx) // TILE) + 1):
                box = self._pyramid.tile_box(level, column, row)
                target = QRectF(box.x * fx, box.y * fy, box.width * fx, box.height * fy)
                pixmap = self._tile(level, column, row)
                painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))

    def _tile(self, level: int, column: int, row: int) -> QPixmap:
        key = (level, column, row)
        pixmap = self._tiles.get(key)
        if pixmap is None:
            pixmap = QPixmap.fromImage(self._pyramid.tile(level, column, row))
            self._tiles[key] = pixmap
            if len(self._tiles) > _KEPT_TILES:
                self._tiles.popitem(last=False)
        else:
            self._tiles.move_to_end(key)
        return pixmap
