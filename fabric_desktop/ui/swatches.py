"""Pictures of references at the patch's own scale, never stretched. Made on the job thread."""

from __future__ import annotations

import logging
import math
from pathlib import Path

from PIL.Image import Image, Resampling
from PySide6.QtGui import QImage

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import open_photo
from fabric_desktop.ui.canvas.pixels import to_qimage

log = logging.getLogger(__name__)

SHOWN_SIDE = 224  # pixels of a patch's long side: sharp on a screen at 200 %, where it is shown up to 112 wide
_MOST_ENLARGED = 4.0


def patch_picture(patch: Image) -> QImage:
    """A patch for showing: its long side SHOWN_SIDE (less where it is tiny), its shape kept."""
    return to_qimage(_resized(patch, _shown_size(*patch.size, shown_scale(patch.size))))


def shown_scale(patch_size: tuple[int, int]) -> float:
    """The factor at which a patch is shown, and with it every swatch beside it."""
    return min(_MOST_ENLARGED, SHOWN_SIDE / max(patch_size))


def swatch_picture(photo: Path, patch_size: tuple[int, int]) -> QImage:
    """The middle of a reference at the scale at which a patch of `patch_size` is shown. Raises UnreadableImage.

    A JPEG is decoded no larger than it is shown: photos of 12 megapixels are what a person waits for here.
    """
    scale, whole = shown_scale(patch_size), (0, 0)

    def ask_for_less(image: Image) -> None:
        nonlocal whole
        whole = image.size
        if scale < 1:
            image.draft(None, (math.ceil(image.width * scale), math.ceil(image.height * scale)))

    image = open_photo(photo, before_decoding=ask_for_less)
    if (image.width > image.height) != (whole[0] > whole[1]):
        whole = whole[::-1]
    side = max(patch_size)
    width, height = min(side, whole[0]), min(side, whole[1])
    left, top = (whole[0] - width) // 2, (whole[1] - height) // 2
    across, down = image.width / whole[0], image.height / whole[1]
    right, end = round((left + width) * across), round((top + height) * down)
    middle = image.crop((round(left * across), round(top * down), right, end))
    return to_qimage(_resized(middle, _shown_size(width, height, scale)))


def load_swatch(photo: Path, patch_size: tuple[int, int]) -> QImage | None:
    """The swatch of a reference; None, which is logged, for one that has gone or cannot be read."""
    try:
        return swatch_picture(photo, patch_size)
    except UnreadableImage as error:
        log.info("no picture of a reference: %s", error)
        return None


def _shown_size(width: int, height: int, scale: float) -> tuple[int, int]:
    return max(1, round(width * scale)), max(1, round(height * scale))


def _resized(image: Image, size: tuple[int, int]) -> Image:
    return image if image.size == size else image.resize(size, Resampling.LANCZOS)
