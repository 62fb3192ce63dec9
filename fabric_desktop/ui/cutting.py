"""A region's patch: its box, and with a lasso only the pixels inside the line."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageStat

from fabric_desktop.imaging import Box, cut_patch

Outline = tuple[tuple[int, int], ...]


def region_patch(image: Image.Image, box: Box, outline: Outline | None) -> Image.Image:
    """The pixels of a region. Those outside a lasso's line (its corners in the photo's pixels) get the mean colour of
    those inside: they add no colour and no pattern of their own, while an encoder and the measured look want a
    rectangle. The patch is saved so, and is what was recognised.
    """
    patch = cut_patch(image, box)
    if outline is None:
        return patch
    mask = Image.new("L", patch.size, 0)
    ImageDraw.Draw(mask).polygon([(x - box.x, y - box.y) for x, y in outline], fill=255)
    if mask.getbbox() is None:
        return patch
    mean = tuple(round(value) for value in ImageStat.Stat(patch, mask).mean)
    return Image.composite(patch, Image.new(patch.mode, patch.size, mean), mask)


def moved_outline(outline: Outline | None, before: Box, after: Box) -> Outline | None:
    """A lasso's line after its box was moved or changed its size."""
    if outline is None:
        return None
    across, down = after.width / before.width, after.height / before.height
    return tuple((round(after.x + (x - before.x) * across), round(after.y + (y - before.y) * down)) for x, y in outline)
