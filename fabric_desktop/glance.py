"""A quick look at a picture file: its size, when it was taken, and a small copy. For lists, checks and thumbnails.

Decoding is `imaging.open_photo`'s; only a JPEG is asked for at a reduced scale. Never for recognition, which wants
every pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.imaging import open_photo

if TYPE_CHECKING:
    from PIL.Image import Image

_ORIENTATION, _TAKEN, _EXIF_BLOCK, _ORIGINAL = 0x0112, 0x0132, 0x8769, 0x9003


@dataclass(frozen=True)
class Glance:
    """What a quick look shows: `size` (width, height) of the upright photo in pixels, when it was taken by its EXIF
    (camera time, no zone), and a small upright copy."""

    size: tuple[int, int]
    taken: datetime | None
    small: Image


def glance(path: Path, side: int) -> Glance:
    """Look at a photo; the copy fits a square of `side` px and is never larger than the photo.

    Every byte of the picture is decoded, so that one that is cut off is found. Raises UnreadableImage.
    """
    from PIL.Image import Resampling

    size, taken = (0, 0), None

    def note(image: Image) -> None:
        nonlocal size, taken
        size, taken = image.size, _taken(image)
        if _is_turned(image):
            size = size[1], size[0]
        # JPEG alone can be decoded at 1/2, 1/4 or 1/8, several times faster; twice the side keeps the copy sharp.
        image.draft(None, (2 * side, 2 * side))

    small = open_photo(path, before_decoding=note)
    small.thumbnail((side, side), Resampling.LANCZOS, reducing_gap=2.0)
    return Glance(size, taken, small)


def _is_turned(image: Image) -> bool:
    try:
        return int(image.getexif().get(_ORIENTATION, 1)) >= 5
    except Exception:  # Pillow's EXIF reader raises nearly anything on damaged data
        return False


def _taken(image: Image) -> datetime | None:
    try:
        exif = image.getexif()
        text = exif.get_ifd(_EXIF_BLOCK).get(_ORIGINAL) or exif.get(_TAKEN)
        return datetime.strptime(str(text).strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S") if text else None
    except Exception:  # as above; a photo without a date is as good
        return None
