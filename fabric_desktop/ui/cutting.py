"""A region's patch: its box, and with a lasso only cloth from inside the line."""

from __future__ import annotations

from PIL import Image, ImageDraw

from fabric_desktop.imaging import Box, cut_patch

Outline = tuple[tuple[int, int], ...]


def region_patch(image: Image.Image, box: Box, outline: Outline | None) -> Image.Image:
    """The pixels of a region. Beyond a lasso's line (its corners in the photo's pixels) the cloth inside goes on,
    mirrored at the line: no pixel from outside is left, and no even ground that an encoder or the measured look would
    take for a part of the cloth. The patch is saved so, and is what was recognised.
    """
    patch = cut_patch(image, box)
    if outline is None:
        return patch
    mask = Image.new("L", patch.size, 0)
    ImageDraw.Draw(mask).polygon([(x - box.x, y - box.y) for x, y in outline], fill=255)
    if mask.getbbox() is None:
        return patch
    # With arrays, which the window has not loaded before the first region.
    from fabric_desktop.mirroring import continued

    return continued(patch, mask)


def moved_outline(outline: Outline | None, before: Box, after: Box) -> Outline | None:
    """A lasso's line after its box was moved or changed its size."""
    if outline is None:
        return None
    across, down = after.width / before.width, after.height / before.height
    return tuple((round(after.x + (x - before.x) * across), round(after.y + (y - before.y) * down)) for x, y in outline)
