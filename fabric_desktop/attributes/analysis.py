"""A patch brought to the one small size at which every look is measured, whatever the size of the photograph.

The measures agree between a photograph and its halved copy because both end on the same grid. Not here: the measures.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image

from fabric_desktop.attributes.color import FloatArray, srgb_to_lab

# The texture grid. A halved photograph of 128 px has 64 left, so a finer grid would measure what halving takes away.
SIDE = 64
# The colour grid: colours are those seen from a step away, not those of single yarns.
COLOR_SIDE = 24


def bounded(image: Image.Image) -> Image.Image:
    """The patch itself, or a whole fraction of a huge one, never under 256 px: measuring takes the same time then."""
    factor = min(image.size) // 256
    return image.reduce(factor) if factor > 1 else image


def texture_lab(image: Image.Image) -> FloatArray:
    """Lab of the patch's central square on the texture grid, (SIDE, SIDE, 3)."""
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    return _reduced(image, SIDE, (left, top, left + side, top + side))


def color_lab(image: Image.Image) -> FloatArray:
    """Lab of the whole patch, squeezed onto the colour grid, (COLOR_SIDE, COLOR_SIDE, 3)."""
    return _reduced(image, COLOR_SIDE, (0.0, 0.0, float(image.width), float(image.height)))


def _reduced(image: Image.Image, side: int, box: tuple[float, float, float, float]) -> FloatArray:
    # Pillow widens the filter to the step of the grid, so nothing folds back; the gap bounds the cost of huge patches.
    small = image.resize((side, side), Image.Resampling.BICUBIC, box=box, reducing_gap=3.0)
    return srgb_to_lab(np.asarray(small, dtype=np.float64))


@cache
def _blur_matrix(side: int, sigma: float) -> FloatArray:
    """One axis of a Gaussian blur with mirrored ends as a matrix (side, side): rows sum to 1."""
    position = np.arange(side)
    matrix = np.zeros((side, side))
    for image in range(-2, 3):
        for mirrored in (position + 2 * side * image, 2 * side * image - 1 - position):
            matrix += np.exp(-0.5 * ((position[:, None] - mirrored[None, :]) / sigma) ** 2)
    matrix /= matrix.sum(axis=1, keepdims=True)
    return matrix


def blurred(plane: FloatArray, sigma: float) -> FloatArray:
    """A square plane (n, n) after a Gaussian blur of `sigma` grid steps."""
    matrix = _blur_matrix(plane.shape[0], sigma)
    return matrix @ plane @ matrix.T
