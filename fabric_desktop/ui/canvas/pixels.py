"""Pictures from the core's form into Qt's, and the pyramid that keeps a large photograph quick to draw."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL.Image import Image
from PySide6.QtGui import QImage

from fabric_desktop.imaging import Box
from fabric_desktop.jobs import JobContext

TILE = 512
_COARSEST_SIDE = 1024


def to_qimage(image: Image) -> QImage:
    """A Pillow RGB picture as a QImage that owns its pixels."""
    data = image.tobytes("raw", "BGRX")
    # QImage only refers to the bytes; the copy makes it the owner.
    return QImage(data, image.width, image.height, image.width * 4, QImage.Format.Format_RGB32).copy()


@dataclass(frozen=True, slots=True)
class Pyramid:
    """A photograph in halves: `levels[0]` is the photo itself, each next one half its size, rounded up."""

    levels: tuple[Image, ...]

    @property
    def size(self) -> tuple[int, int]:
        return self.levels[0].size

    def level_for(self, scale: float) -> int:
        """The level to draw when one photo pixel takes `scale` screen pixels: never coarser than the screen."""
        if scale >= 1 or scale <= 0:
            return 0
        return min(int(math.log2(1 / scale)), len(self.levels) - 1)

    def tile_box(self, level: int, column: int, row: int) -> Box:
        """A tile's place on its level, in that level's pixels."""
        width, height = self.levels[level].size
        left, top = column * TILE, row * TILE
        return Box(left, top, min(TILE, width - left), min(TILE, height - top))

    def tile(self, level: int, column: int, row: int) -> QImage:
        """A tile's pixels."""
        return to_qimage(self.levels[level].crop(self.tile_box(level, column, row).corners))

    def coarsest(self) -> QImage:
        """The whole of the last level."""
        return to_qimage(self.levels[-1])


def build_pyramid(image: Image, context: JobContext) -> Pyramid:
    """Halve a photograph until its long side is near 1000 px. Averages 2 x 2 pixels, so fine weaves do not alias."""
    levels = [image]
    while max(levels[-1].size) > _COARSEST_SIDE:
        context.check_cancelled()
        levels.append(levels[-1].reduce(2))
    return Pyramid(tuple(levels))
