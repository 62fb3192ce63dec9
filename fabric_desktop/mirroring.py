"""Cloth that ends at a line, continued beyond it by mirroring, so that a rectangle of it can be recognised.

An encoder and the measured look want a rectangle, and take even ground for a part of the cloth: with the mean colour
outside the line four known cloths in five were called "not in your library" (`python -m tests.benchmarks.recognition
--only regions`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

# The nearest point of the line is sought on a grid of at most so many positions a side: some pixels off is no matter.
GRID_SIDE = 256
# A mirror reaches as far beyond the line as there is cloth before it, and the next one twice as far.
MOST_TURNS = 12


def continued(picture: Image.Image, inside: Image.Image) -> Image.Image:
    """`picture` as RGB, with what is not `inside` (a mask of its size, 0 outside, with some of it not) filled.

    A pixel becomes the one as far behind the nearest point of the line as it is before it; where that is not inside
    either, what was filled counts as inside next time. What no mirror reaches becomes its nearest point's colour.
    """
    from scipy.ndimage import distance_transform_edt

    filled, known = np.array(picture.convert("RGB")), np.asarray(inside) > 0
    height, width = known.shape
    step = max(1, -(-max(height, width) // GRID_SIDE))
    if not known[::step, ::step].any():
        step = 1
    for turn in range(MOST_TURNS + 1):
        rows, columns = np.nonzero(~known)
        if not len(rows):
            break
        nearest = distance_transform_edt(~known[::step, ::step], return_distances=False, return_indices=True)
        near = nearest[:, rows // step, columns // step] * step
        last = turn == MOST_TURNS
        source = near if last else 2 * near - (rows, columns)
        good = np.ones(len(rows), bool) if last else _within(source, known)
        filled[rows[good], columns[good]] = filled[source[0][good], source[1][good]]
        known[rows[good], columns[good]] = True
    return Image.fromarray(filled)


def _within(places: npt.NDArray[np.intp], known: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(n,) whether places (2, n) lie in the picture, on a pixel that is known."""
    height, width = known.shape
    good: npt.NDArray[np.bool_] = (places[0] >= 0) & (places[0] < height) & (places[1] >= 0) & (places[1] < width)
    good[good] = known[places[0][good], places[1][good]]
    return good
