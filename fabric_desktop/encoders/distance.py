"""What changes in an embedding when the same cloth is seen from another distance, learned from drawn cloth.

For developers: `export_builtin` writes the result beside the graph. No photograph goes into it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

Array = npt.NDArray[np.float64]

PICTURES = 150
"""Drawn pictures; 100 and 300 give the same first direction to a cosine of 0.99."""
ZOOMS: tuple[float, ...] = (1.0, 0.5)
"""Each picture is seen whole and from half the distance: its middle half."""
DIRECTIONS = 1
"""Directions kept: the first carries a quarter of all the change, twice the second. Measured: one is enough for cloth
from another source, and four or more begin to cost on new pieces of a type; see docs/recognition.md."""

_SIDE = 448  # pixels: twice the network's input, so that the nearer view is not blown up


def _cloud(rng: np.random.Generator, slope: float) -> Array:
    """Noise of unit variance whose power falls with frequency to the `slope`: 0 is grain, 2 is soft clouds."""
    across, down = np.fft.rfftfreq(_SIDE)[None, :], np.fft.fftfreq(_SIDE)[:, None]
    squared = across**2 + down**2
    squared[0, 0] = 1
    spectrum = np.fft.rfft2(rng.normal(size=(_SIDE, _SIDE))) / squared ** (slope / 2)
    noise = np.fft.irfft2(spectrum, s=(_SIDE, _SIDE))
    return np.asarray((noise - noise.mean()) / noise.std(), np.float64)


def draw_cloth(rng: np.random.Generator) -> Image.Image:
    """A picture of 448 x 448 pixels in the manner of cloth: stripes, two sets of yarns, a diagonal net, or plain grain.

    Frequency, direction, unevenness, contrast and colour are drawn at random; nothing is fitted to photographs.
    """
    y, x = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE
    periods = 2 * np.exp(rng.uniform(np.log(4), np.log(60)))
    angle = rng.uniform(0, np.pi)
    unevenness = _cloud(rng, 2.0) * rng.uniform(0, 0.75)

    def wave(count: float, direction: float, shift: Array | float) -> Array:
        phase = 2 * np.pi * count * (x * np.cos(direction) + y * np.sin(direction))
        return np.asarray(np.sin(phase + shift), np.float64)

    kind = rng.integers(4)
    if kind == 0:
        height = wave(periods, angle, unevenness)
    elif kind == 1:
        above = wave(periods / 2, angle, 0.0) * wave(periods / 2, angle + np.pi / 2, 0.0) > 0
        height = np.where(above, wave(periods, angle, unevenness), wave(periods, angle + np.pi / 2, unevenness))
    elif kind == 2:
        crossing = wave(periods * rng.uniform(0.5, 2), angle + rng.uniform(0.5, 1.5), 0.0)
        height = wave(periods, angle, unevenness) + np.abs(crossing)
    else:
        height = _cloud(rng, rng.uniform(0, 2.5))
    relief = rng.uniform(0.3, 1) * height + rng.uniform(0.05, 0.6) * _cloud(rng, rng.uniform(0.3, 2))
    relief /= relief.std()
    colour = rng.uniform(20, 235, 3)
    other = colour + rng.uniform(10, 60) * (rng.choice([-1, 1]) + 0.3 * rng.normal(size=3))
    pixels = colour + (other - colour) * (0.5 + 0.35 * relief[..., None])
    pixels = pixels + rng.normal(0, rng.uniform(0, 6), (_SIDE, _SIDE, 1))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def distance_directions(
    encode: Callable[[Sequence[Image.Image]], npt.NDArray[np.float32]], *, pictures: int = PICTURES, seed: int = 0
) -> npt.NDArray[np.float32]:
    """The `DIRECTIONS` orthonormal directions (k, dim) along which drawn cloth moves most when it comes nearer.

    `encode` gives embeddings (n, dim) before anything is taken out of them. Principal directions of the differences
    between the views of one picture, as in within-class (nuisance) covariance methods.
    """
    rng = np.random.default_rng(seed)
    moves = []
    for _ in range(pictures):
        cloth = draw_cloth(rng)
        views = []
        for zoom in ZOOMS:
            edge = round(_SIDE * (1 - zoom) / 2)
            views.append(cloth.crop((edge, edge, _SIDE - edge, _SIDE - edge)))
        embeddings = encode(views).astype(np.float64)
        moves.append(embeddings - embeddings.mean(axis=0))
    _, _, directions = np.linalg.svd(np.concatenate(moves), full_matrices=False)
    kept = directions[:DIRECTIONS]
    # A direction and its opposite are the same; the sign is fixed so that every machine writes the same file.
    kept *= np.sign(kept[np.arange(len(kept)), np.abs(kept).argmax(axis=1)])[:, None]
    return np.asarray(kept, np.float32)
