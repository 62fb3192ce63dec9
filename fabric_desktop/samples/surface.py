"""The common ground of every drawn cloth: where a pixel falls on it, what its surface is, and seeded noise.

Not for any one fabric (weaves, knits, piles, lace, leather have their own modules) and not for light (camera.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Field = NDArray[np.floating[Any]]
"""float32 (h, w): one number a pixel. Typed loosely, since numpy's annotations lose the width in mixed arithmetic."""
Planes = NDArray[np.float32]
"""float32 (3, h, w): red, green and blue planes, linear light."""
Colour = NDArray[np.float32]
"""float32 (3,): linear light, 0..1."""

TILE: Final = 512
"""Side of the cached noise tiles, texels; a power of two, so that wrapping is a bit mask."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Where each pixel of a picture falls on the cloth.

    u, v: float32 (h, w), cloth units; one unit is one pixel of a picture taken square-on. Warp and wales run along v.
    angle: direction of the u axis in the picture, radians. step: cloth units a pixel.
    """

    u: Field
    v: Field
    angle: float
    step: float

    @property
    def shape(self) -> tuple[int, int]:
        return self.u.shape[0], self.u.shape[1]

    def directions(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Unit vectors of the u and the v axis in the picture (x right, y down)."""
        cos, sin = float(np.cos(self.angle)), float(np.sin(self.angle))
        return (cos, sin), (-sin, cos)


@dataclass(frozen=True, slots=True)
class Surface:
    """A cloth before any light falls on it; every field is float32 (h, w) unless said otherwise.

    height: cloth units, towards the viewer. albedo: share of light sent back, (3, h, w).
    grain_x, grain_y: unit direction of the fibres in the picture; None for a surface without fibres (leather).
    lean_x, lean_y: slopes added to those of the height, for pile that leans without a relief of its own.
    gloss: strength of the highlight. tightness: how narrow it is (exponent of the highlight's fall).
    fuzz: share of light scattered at grazing angles by loose fibre ends (0 smooth .. 1 velvet).
    depth: how strongly hollows darken and ridges cast shadows, 0..1.
    """

    height: Field
    albedo: Planes
    gloss: Field | float = 0.0
    tightness: float = 20.0
    fuzz: float = 0.0
    depth: float = 0.7
    grain_x: Field | None = None
    grain_y: Field | None = None
    lean_x: Field | None = None
    lean_y: Field | None = None


def linear(hex_colour: str) -> Colour:
    """'#rrggbb' as linear light, float32 (3,), by the sRGB curve of IEC 61966-2-1."""
    value = np.array([int(hex_colour[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.float32) / np.float32(255)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """Between two colours in linear light; share 0 is a, 1 is b."""
    return (a + (b - a) * np.float32(share)).astype(np.float32)


def paint(colour: Colour, tone: Field) -> Planes:
    """One colour under a tone (h, w): float32 (3, h, w)."""
    return np.asarray(tone * colour[:, None, None], dtype=np.float32)


def blend(under: Planes, over: Planes | Colour, share: Field) -> Planes:
    """under where share is 0, over where it is 1; over may be one colour."""
    if over.ndim == 1:
        over = over[:, None, None]
    return np.asarray(under + (over - under) * share, dtype=np.float32)


def smoothstep(value: Field, low: float, high: float) -> Field:
    """0 below low, 1 above high, and the cubic 3t^2 - 2t^3 between."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)


def fraction(value: Field) -> tuple[NDArray[np.int32], Field]:
    """Whole and fractional part of a coordinate, the fraction in 0..1."""
    whole = np.floor(value)
    return whole.astype(np.int32), value - whole


@cache
def noise_tile(along: float, across: float) -> Field:
    """Seamless noise, float32 (TILE, TILE), mean 0 and deviation 1; blur in texels along axis 1 and across axis 0.

    The same for every seed: pictures differ by where they read it.
    """
    rng = np.random.default_rng([7411, round(along * 100), round(across * 100)])
    frequency = np.fft.fftfreq(TILE).astype(np.float32)
    spectrum = np.fft.rfft2(rng.standard_normal((TILE, TILE), dtype=np.float32))
    fall = np.exp(-2.0 * np.pi**2 * across**2 * frequency[:, None] ** 2)
    fall = fall * np.exp(-2.0 * np.pi**2 * along**2 * np.fft.rfftfreq(TILE)[None, :] ** 2)
    tile = np.fft.irfft2(spectrum * fall, s=(TILE, TILE)).astype(np.float32)
    return np.asarray((tile - tile.mean()) / tile.std(), dtype=np.float32)


def read_tile(tile: Field, across: Field, along: Field) -> Field:
    """The tile's value at the given texel coordinates, wrapped; nearest texel."""
    row = across.astype(np.int32) & (TILE - 1)
    column = along.astype(np.int32) & (TILE - 1)
    return tile.ravel().take((row << 9) + column)


def cloud(rng: np.random.Generator, shape: tuple[int, int], cell: float) -> Field:
    """Smooth random hills, float32 shape, about -2..2; cell is the size of a hill in pixels."""
    rows, columns = int(shape[0] / cell) + 3, int(shape[1] / cell) + 3
    coarse = Image.fromarray(rng.standard_normal((rows, columns), dtype=np.float32))
    box = (0.5, 0.5, 0.5 + shape[1] / cell, 0.5 + shape[0] / cell)
    # smooth at a coarse step first, then straight lines between: half the time, and no eye can tell
    step = max(1, int(cell / 12))
    hills = coarse.resize((-(-shape[1] // step), -(-shape[0] // step)), Image.Resampling.BICUBIC, box=box)
    return np.asarray(hills.resize((shape[1], shape[0]), Image.Resampling.BILINEAR), dtype=np.float32)


def lowpass(field: Field, factor: int) -> Field:
    """The field without detail finer than some `factor` pixels: reduced and enlarged again."""
    picture = Image.fromarray(field)
    small = picture.reduce(factor)
    return np.asarray(small.resize(picture.size, Image.Resampling.BILINEAR), dtype=np.float32)


def stray_fibres(rng: np.random.Generator, plane: Plane, count: int, length: float) -> Field:
    """Loose curled fibres lying on the cloth, as coverage 0..1; count is a fibre number per 100 x 100 units."""
    h, w = plane.shape
    layer = Image.new("L", (w, h), 0)
    pen = ImageDraw.Draw(layer)
    number = int(count * h * w * plane.step**2 / 1e4)
    steps = 7
    starts = rng.uniform((-20, -20), (w + 20, h + 20), (number, 2))
    heading = rng.uniform(0, 2 * np.pi, number)
    bend = rng.normal(0, 0.35, number)
    reach = length / plane.step / steps * rng.uniform(0.4, 1.6, number)
    strength = rng.integers(60, 256, number)
    turns = heading[:, None] + bend[:, None] * np.arange(steps) + rng.normal(0, 0.16, (number, steps))
    moves = np.stack([np.cos(turns), np.sin(turns)], axis=2) * reach[:, None, None]
    paths = starts[:, None, :] + np.cumsum(moves, axis=1)
    for path, ink in zip(paths.tolist(), strength.tolist(), strict=True):
        pen.line([(x, y) for x, y in path], fill=ink, width=max(1, round(1 / plane.step)))
    return np.asarray(layer, dtype=np.float32) / np.float32(255)
