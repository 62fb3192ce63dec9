"""Draws the photograph from the pyramid, tile by tile, only what is in sight and never longer than a frame allows."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator

from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from fabric_desktop.ui.canvas.pixels import TILE, Pyramid

# 160 tiles of 1 MB cover a 4K screen four times over.
_KEPT_TILES = 160
# From here on single pixels are what the person wants to see, so they are not smoothed.
_SHARP_FROM = 4.0
# Longest time for making tiles within one painting; what is missing then is drawn coarsely and follows at once.
_PATIENCE_S = 0.012

Key = tuple[int, int, int]


class PhotoItem(QGraphicsItem):
    """The photograph, in its own pixels as scene coordinates."""

    def __init__(self, pyramid: Pyramid) -> None:
        super().__init__()
        self._pyramid = pyramid
        self._tiles: OrderedDict[Key, QPixmap] = OrderedDict()
        # The coarsest level as a whole, to stand in for tiles that are not made yet.
        self._coarse: QPixmap | None = None
        self.hurried = True
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def boundingRect(self) -> QRectF:
        width, height = self._pyramid.size
        return QRectF(0, 0, width, height)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        lod = option.levelOfDetailFromTransform(painter.worldTransform())
        device = painter.device()
        scale = lod * (device.devicePixelRatioF() if device is not None else 1.0)
        seen = option.exposedRect.intersected(self.boundingRect())
        if seen.isEmpty():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < _SHARP_FROM)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        deadline = time.perf_counter() + _PATIENCE_S
        missing = False
        for key, target in self._in_sight(self._pyramid.level_for(scale), seen):
            pixmap = self._at_hand(key)
            if pixmap is None and (not self.hurried or time.perf_counter() < deadline):
                pixmap = self._make(key)
            if pixmap is not None:
                painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))
            else:
                missing = True
                self._draw_coarsely(painter, target)
        scene = self.scene()
        if missing and scene is not None:
            QTimer.singleShot(0, scene, scene.update)

    def _in_sight(self, level: int, seen: QRectF) -> Iterator[tuple[Key, QRectF]]:
        """The tiles of a level that a part of the photograph touches, and their places on it."""
        width, height = self._pyramid.levels[level].size
        # Levels are rounded up, so the ratio is taken from the sizes and not from the power of two.
        fx, fy = self._pyramid.size[0] / width, self._pyramid.size[1] / height
        last_column, last_row = (width - 1) // TILE, (height - 1) // TILE
        for row in range(int(seen.top() / fy) // TILE, min(last_row, int(seen.bottom() / fy) // TILE) + 1):
            for column in range(int(seen.left() / fx) // TILE, min(last_column, int(seen.right() / fx) // TILE) + 1):
                box = self._pyramid.tile_box(level, column, row)
                yield (level, column, row), QRectF(box.x * fx, box.y * fy, box.width * fx, box.height * fy)

    def _at_hand(self, key: Key) -> QPixmap | None:
        pixmap = self._tiles.get(key)
        if pixmap is not None:
            self._tiles.move_to_end(key)
        return pixmap

    def _make(self, key: Key) -> QPixmap:
        pixmap = QPixmap.fromImage(self._pyramid.tile(*key))
        self._tiles[key] = pixmap
        if len(self._tiles) > _KEPT_TILES:
            self._tiles.popitem(last=False)
        return pixmap

    def _draw_coarsely(self, painter: QPainter, target: QRectF) -> None:
        if self._coarse is None:
            self._coarse = QPixmap.fromImage(self._pyramid.coarsest())
        fx = self._coarse.width() / self._pyramid.size[0]
        fy = self._coarse.height() / self._pyramid.size[1]
        source = QRectF(target.x() * fx, target.y() * fy, target.width() * fx, target.height() * fy)
        painter.drawPixmap(target, self._coarse, source)
