"""Pictures of references at the patch's own scale, never stretched. Made on the job thread."""

from __future__ import annotations

import logging
from pathlib import Path

from PIL.Image import Image, Resampling
from PySide6.QtGui import QImage

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import open_photo
from fabric_desktop.jobs import JobContext
from fabric_desktop.ui.canvas.pixels import to_qimage

log = logging.getLogger(__name__)

SHOWN_SIDE = 224  # pixels of a patch's long side: sharp on a screen at 200 %, where it is shown up to 112 wide
_MOST_ENLARGED = 4.0


def patch_picture(patch: Image) -> QImage:
    """A patch for showing: its long side SHOWN_SIDE (less where it is tiny), its shape kept."""
    return to_qimage(_scaled(patch, shown_scale(patch.size)))


def shown_scale(patch_size: tuple[int, int]) -> float:
    """The factor at which a patch is shown, and with it every swatch beside it."""
    return min(_MOST_ENLARGED, SHOWN_SIDE / max(patch_size))


def swatch_picture(photo: Path, patch_size: tuple[int, int]) -> QImage:
    """The middle of a reference at the scale at which a patch of `patch_size` is shown. Raises UnreadableImage."""
    image = open_photo(photo)
    side = max(patch_size)
    width, height = min(side, image.width), min(side, image.height)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    middle = image.crop((left, top, left + width, top + height))
    return to_qimage(_scaled(middle, shown_scale(patch_size)))


def load_swatches(photos: list[Path], patch_size: tuple[int, int], context: JobContext) -> dict[Path, QImage]:
    """The swatches that can be shown; a reference that has gone or cannot be read is left out and logged."""
    pictures: dict[Path, QImage] = {}
    for photo in photos:
        context.check_cancelled()
        try:
            pictures[photo] = swatch_picture(photo, patch_size)
        except UnreadableImage as error:
            log.info("no picture of a reference: %s", error)
    return pictures


def _scaled(image: Image, scale: float) -> Image:
    if scale == 1.0:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Resampling.LANCZOS)
