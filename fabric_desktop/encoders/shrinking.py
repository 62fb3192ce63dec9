"""A picture shrunk by two threads, to the pixel as Pillow shrinks it with one. Decides no size: see `builtin`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

from PIL import Image

_BICUBIC = Image.Resampling.BICUBIC
# Pillow's `reducing_gap`: a picture of more than twice this times the wanted size is averaged down first.
_GAP = 2.0


def shrunk(image: Image.Image, shorter: int, helper: Executor | None = None) -> Image.Image:
    """`image` made so small that its shorter side has `shorter` pixels, bicubic; itself where it has no more.

    With a `helper`, a thread of its own, an RGB picture that is not taller than wide is halved between that one and
    the calling thread, and every pixel is the same: Pillow resizes along the rows first and along the columns then,
    with 8-bit values in between, so that rows do not see each other in the first pass, nor columns in the second. It
    skips an axis that stays. Tall pictures it takes the other way round (from version 13 on, pull request 9549).
    """
    if min(image.size) <= shorter:
        return image
    width, height = (max(1, round(side * shorter / min(image.size))) for side in image.size)
    if helper is None or image.mode != "RGB" or image.height > image.width or shorter < 2:
        return image.resize((width, height), _BICUBIC, reducing_gap=_GAP)
    # As `Image.resize` does it: averaged by whole numbers, then resampled from what that left, uneven ends included.
    factors = (int(image.width / width / _GAP) or 1, int(image.height / height / _GAP) or 1)
    small = image.reduce(factors) if max(factors) > 1 else image
    right, below = image.width / factors[0], image.height / factors[1]

    def along(top: int, end: int) -> Image.Image:
        rows = small.crop((0, top, small.width, end))
        return rows.resize((width, end - top), _BICUBIC, box=(0, 0, right, end - top))

    def down(left: int, end: int) -> Image.Image:
        columns = narrow.crop((left, 0, end, small.height))
        return columns.resize((end - left, height), _BICUBIC, box=(0, 0, end - left, below))

    narrow = Image.new("RGB", (width, small.height))
    for part, top in _halves(along, small.height, helper):
        narrow.paste(part, (0, top))
    result = Image.new("RGB", (width, height))
    for part, left in _halves(down, width, helper):
        result.paste(part, (left, 0))
    return result


def _halves(
    part: Callable[[int, int], Image.Image], length: int, helper: Executor
) -> tuple[tuple[Image.Image, int], tuple[Image.Image, int]]:
    """Both halves of 0..length, each with where it begins; the helper makes the second one meanwhile."""
    middle = length // 2
    second = helper.submit(part, middle, length)
    return (part(0, middle), 0), (second.result(), middle)
