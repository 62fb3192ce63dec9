"""Cloth drawn from noise and waves, and the same cloth dyed otherwise, on which an encoder is asked what it sees.

Nothing here is a photograph. What is learned from it is in `accidents`; the sample studio draws its own cloth.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

Array = npt.NDArray[np.float64]

_SIDE = 448  # pixels: twice the network's input, so that a view from nearer is not blown up


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
    return draw_dyed(rng, 1)[0]


def draw_dyed(rng: np.random.Generator, dyes: int) -> list[Image.Image]:
    """Pictures of one cloth as `draw_cloth` draws it, each dyed in other colours, lighter or darker; all else is the
    same to the grain."""
    relief = _relief(rng)
    pairs = []
    for _ in range(dyes):
        colour = rng.uniform(20, 235, 3)
        pairs.append((colour, colour + rng.uniform(10, 60) * (rng.choice([-1, 1]) + 0.3 * rng.normal(size=3))))
    grain = rng.normal(0, rng.uniform(0, 6), (_SIDE, _SIDE, 1))
    pictures = []
    for colour, other in pairs:
        pixels = colour + (other - colour) * (0.5 + 0.35 * relief[..., None]) + grain
        pictures.append(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)))
    return pictures


def _relief(rng: np.random.Generator) -> Array:
    """The height (448, 448) of a drawn cloth, of unit variance."""
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
    return np.asarray(relief / relief.std(), np.float64)
