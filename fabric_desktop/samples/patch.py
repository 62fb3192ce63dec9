"""A drawn patch: one fabric, its colour, the camera and the light chosen by a seed."""

from __future__ import annotations

import zlib

import numpy as np
from PIL import Image

from .camera import (
    OVERSAMPLE,
    choose_lens,
    choose_light,
    choose_view,
    develop,
    expose,
    folds,
    look_at,
    metered,
    shade,
    wave,
)
from .catalogue import fabric_by_id, vary
from .surface import linear


def stream(*key: str | int) -> np.random.Generator:
    """Random numbers that depend on the key alone, the same on every run and machine."""
    return np.random.default_rng([zlib.crc32(part.encode()) if isinstance(part, str) else part for part in key])


def draw_patch(fabric_id: str, seed: int, side: int = 384) -> Image.Image:
    """Draw one fabric as a macro photograph of side x side pixels, RGB.

    The seed chooses angle, perspective, light, exposure, focus and noise; colours are taken in turn, so that
    consecutive seeds differ in colour. Same arguments, same bytes. Raises KeyError for an id not in SAMPLE_FABRICS.
    """
    fabric = fabric_by_id(fabric_id)
    rng = stream(fabric_id, seed)
    fine = int(side * OVERSAMPLE)
    view = choose_view(rng, fabric.freedom)
    light, lens = choose_light(rng), choose_lens(rng)
    plane = look_at(view, (fine, fine), (0.0, 0.0), (side / 2, side / 2), 1 / OVERSAMPLE)
    plane = wave(rng, plane, fabric.wave)
    colour = vary(rng, linear(fabric.colours[seed % len(fabric.colours)]))
    surface = fabric.draw(rng, plane, colour)
    drape = folds(rng, plane, fabric.fold_size, fabric.fold_height)
    light_out = shade(surface, plane, light, drape)
    picture = expose(light_out, lens.exposure * metered(light_out)).resize((side, side), Image.Resampling.HAMMING)
    return develop(picture, lens, rng)
