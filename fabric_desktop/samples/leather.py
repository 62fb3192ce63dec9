"""Leather: a grain of small raised cells parted by creases, pores in them, and longer folds; no threads at all."""

from __future__ import annotations

import numpy as np

from .surface import Colour, Field, Plane, Surface, cloud, noise_tile, paint, read_tile, smoothstep


def _cells(rng: np.random.Generator, u: Field, v: Field) -> tuple[Field, Field]:
    """Worley's cellular noise (SIGGRAPH 1996) on a jittered grid: second minus first distance, and a value a cell.

    u, v: cell coordinates. Distances are in cells; the difference is 0 on the border between two cells.
    """
    gu, gv = np.floor(u), np.floor(v)
    iu, iv = gu.astype(np.int32), gv.astype(np.int32)
    fu, fv = u - gu, v - gv
    jitter = rng.uniform(0.16, 0.84, (2, 64 * 64)).astype(np.float32)
    value = rng.uniform(0, 1, 64 * 64).astype(np.float32)
    first = np.full(u.shape, 9, dtype=np.float32)
    second = np.full(u.shape, 9, dtype=np.float32)
    owner = np.zeros(u.shape, dtype=np.int32)
    for du in (-1, 0, 1):
        column = (iu + du) & 63
        for dv in (-1, 0, 1):
            key = (column << 6) + ((iv + dv) & 63)
            x = jitter[0].take(key) + (du - fu)
            y = jitter[1].take(key) + (dv - fv)
            far = x * x + y * y
            np.minimum(second, np.maximum(first, far), out=second)
            closer = far < first
            owner = np.where(closer, key, owner)
            np.minimum(first, far, out=first)
    return np.sqrt(second) - np.sqrt(first), value.take(owner)


def draw_leather(rng: np.random.Generator, plane: Plane, colour: Colour) -> Surface:
    """Pebbled full-grain leather with a soft wax finish."""
    size = float(rng.uniform(13, 19))
    shape = plane.shape
    bend = cloud(rng, shape, 26 / plane.step)
    bend_too = cloud(rng, shape, 26 / plane.step)
    u = (plane.u + 2.6 * bend) / size
    v = (plane.v + 2.6 * bend_too) / (size * 0.82)
    border, value = _cells(rng, u, v)
    pebble = np.sqrt(smoothstep(border, -0.02, 0.6))
    fine = read_tile(noise_tile(2.2, 2.2), plane.u * 1.4, plane.v * 1.4)
    pore = smoothstep(read_tile(noise_tile(1.4, 1.4), plane.u * 1.1 + 200, plane.v * 1.1), 1.7, 2.6)
    fold = cloud(rng, shape, 95 / plane.step)
    crease = 1 - smoothstep(np.abs(cloud(rng, shape, 120 / plane.step)), 0.0, 0.05)
    height = pebble * (2.6 + 0.9 * value) + fine * 0.13 - pore * 0.5 - crease * 1.4 + fold * 2.0
    tone = (0.62 + 0.38 * pebble) * (0.94 + 0.12 * value) * (1 + 0.025 * fine - 0.2 * pore) * (1 - 0.18 * crease)
    patina = cloud(rng, shape, 170 / plane.step)
    tone = tone * (1 + 0.06 * patina)
    return Surface(
        height=height.astype(np.float32),
        albedo=paint(colour, np.maximum(tone, 0.1)),
        gloss=(0.3 + 0.6 * pebble).astype(np.float32),
        tightness=20,
        depth=0.75,
    )
