"""What changes in an embedding when cloth is seen from another distance or dyed otherwise, learned from drawn cloth.

For developers: `export_builtin` writes the result beside the graph. No photograph goes into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from fabric_desktop.encoders.drawn_cloth import draw_cloth, draw_dyed

Encode = Callable[[Sequence[Image.Image]], npt.NDArray[np.float32]]
"""Embeddings (n, dim) of pictures, before anything is taken out of them."""

PICTURES = 150
"""Drawn pictures for either; for the distance 100 and 300 give the same first direction to a cosine of 0.99."""
ZOOMS: tuple[float, ...] = (1.0, 0.5)
"""Each picture is seen whole and from half the distance: its middle half."""
DISTANCE_DIRECTIONS = 1
"""Directions kept: the first carries a quarter of all the change, twice the second. Measured: one is enough for cloth
from another source, and four or more begin to cost on new pieces of a type; see docs/recognition.md."""
DYES = 4
"""Colours that each cloth is dyed in."""
DYE_DIRECTIONS = 4
"""Directions kept: they carry four tenths of the change. Measured on other draws than the benchmark's: by four, new
samples of a type gain 0.9 points and one swatch a type 1.5 to 2; eight give 0.3 more, and begin to cost cloth from
another source and the bound of the unknown."""


def accidental_directions(encode: Encode, *, pictures: int = PICTURES) -> npt.NDArray[np.float32]:
    """The orthonormal directions (k, dim) along which drawn cloth moves most when nothing but its distance changes
    (`DISTANCE_DIRECTIONS`), or, where those have been taken out, nothing but its dye (`DYE_DIRECTIONS`).

    Principal directions of the differences between the pictures of one cloth, as in within-class (nuisance)
    covariance methods.
    """
    distance = _principal(map(encode, _seen_from_nearer(pictures)), DISTANCE_DIRECTIONS)

    def without_distance(images: Sequence[Image.Image]) -> npt.NDArray[np.float64]:
        rows = encode(images).astype(np.float64)
        rows -= (rows @ distance.T) @ distance
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float64)

    dye = _principal(map(without_distance, _dyed_otherwise(pictures)), DYE_DIRECTIONS)
    return np.concatenate([distance, dye]).astype(np.float32)


def _seen_from_nearer(pictures: int) -> Iterator[list[Image.Image]]:
    rng = np.random.default_rng(0)
    for _ in range(pictures):
        cloth = draw_cloth(rng)
        edges = [round(cloth.width * (1 - zoom) / 2) for zoom in ZOOMS]
        yield [cloth.crop((edge, edge, cloth.width - edge, cloth.height - edge)) for edge in edges]


def _dyed_otherwise(pictures: int) -> Iterator[list[Image.Image]]:
    rng = np.random.default_rng(1)
    for _ in range(pictures):
        yield draw_dyed(rng, DYES)


def _principal(embedded: Iterator[npt.NDArray[np.floating]], count: int) -> npt.NDArray[np.float64]:
    """The first orthonormal directions (count, dim) of what embeddings (n, dim) of one cloth differ by."""
    moves = [rows.astype(np.float64) - rows.astype(np.float64).mean(axis=0) for rows in embedded]
    _, _, directions = np.linalg.svd(np.concatenate(moves), full_matrices=False)
    kept = directions[:count]
    # A direction and its opposite are the same; the sign is fixed so that every machine writes the same file.
    kept *= np.sign(kept[np.arange(len(kept)), np.abs(kept).argmax(axis=1)])[:, None]
    return np.asarray(kept, np.float64)
