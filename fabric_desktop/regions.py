"""Parts of a photograph in its own pixels: boxes, the square around a click, cutting a patch. Opens no picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fabric_desktop.errors import BadRegion

if TYPE_CHECKING:
    from PIL.Image import Image

MIN_REFERENCE_SIDE = 224


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in original pixels: left, top, width and height."""

    x: int
    y: int
    width: int
    height: int

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom, right and bottom exclusive (Pillow's order)."""
        return self.x, self.y, self.x + self.width, self.y + self.height

    def as_list(self) -> list[int]:
        return [self.x, self.y, self.width, self.height]


def default_patch_side(size: tuple[int, int]) -> int:
    """Side in pixels of the square around a click: a quarter of the photo's short side, at least 224 where it fits.

    224 px is the smallest side at which no encoder here has to enlarge the patch.
    """
    short = min(size)
    return min(short, max(MIN_REFERENCE_SIDE, short // 4))


def square_around(x: int, y: int, size: tuple[int, int], side: int | None = None) -> Box:
    """The square of `side` px centred on (x, y), shifted to lie inside a photo of `size` (width, height).

    Raises BadRegion (reason point) for a point that is not on the photo: it says nothing of which cloth is meant.
    """
    width, height = size
    if not (0 <= x < width and 0 <= y < height):
        raise BadRegion(reason="point", x=x, y=y, width=width, height=height)
    side = default_patch_side(size) if side is None else max(1, min(side, width, height))
    left = min(max(x - side // 2, 0), width - side)
    top = min(max(y - side // 2, 0), height - side)
    return Box(left, top, side, side)


def clip_box(box: Box, size: tuple[int, int]) -> Box:
    """The part of `box` that lies on a photo of `size` (width, height); BadRegion when there is none."""
    left, top = max(box.x, 0), max(box.y, 0)
    right, bottom = min(box.x + box.width, size[0]), min(box.y + box.height, size[1])
    if right <= left or bottom <= top:
        raise BadRegion(box=" ".join(map(str, box.as_list())), width=size[0], height=size[1])
    return Box(left, top, right - left, bottom - top)


def cut_patch(image: Image, box: Box) -> Image:
    """The pixels of a region, at the photo's own scale."""
    return image.crop(clip_box(box, image.size).corners)
