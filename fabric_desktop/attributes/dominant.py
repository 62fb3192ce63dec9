"""The dominant colours of a patch: up to four, each with the share of the patch that it covers.

Peeled off one after another rather than split by k-means, because the shares must not jump when a photograph is
halved or compressed. Names come from `naming`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from fabric_desktop.attributes.analysis import COLOR_SIDE, color_lab
from fabric_desktop.attributes.color import FloatArray, lab_to_hex
from fabric_desktop.attributes.naming import nearest_color

MAX_COLORS = 4
# Below this share a colour is a speck or the blend along an edge, not a colour of the cloth.
_MIN_SHARE = 0.04
# ISO 105-J03 (CMC 2:1) judges textiles with a lightness tolerance twice the chroma's: folds shade cloth without
# changing its colour.
_LIGHTNESS_WEIGHT = 0.5
# Distances (Lab with halved lightness) up to which a pixel is wholly this colour, and from which it is not at all.
_NEAR, _FAR = 5.0, 28.0
_MEAN_SHIFT_STEPS = 3


@dataclass(frozen=True, slots=True)
class ColorShare:
    """A colour of a patch: stable English `name` (palette id), names in both languages, its eleven-word `basic`,
    mean CIE `lab` (D65), `hex` for showing it, and `share` 0..1 of the patch that lies within its reach."""

    name: str
    name_en: str
    name_zh: str
    basic: str
    lab: tuple[float, float, float]
    hex: str
    share: float


def dominant_colors(image: Image.Image) -> tuple[ColorShare, ...]:
    """One to MAX_COLORS colours of an RGB patch, largest share first.

    The densest place in Lab is found by mean shift from a fixed grid of pixels, its share is the mean over all pixels
    of a smooth 0..1 nearness, what it covers is taken out, and the next densest place follows (subtractive clustering
    after Chiu, J. Intelligent and Fuzzy Systems 2 (1994) 267-278, with a flat-topped kernel). Shares therefore change
    smoothly with the pixels; they add up to at most 1, and what is missing are blends between colours.
    """
    lab = color_lab(image).reshape(-1, 3)
    space = lab * np.array([_LIGHTNESS_WEIGHT, 1.0, 1.0])
    every_third = np.arange(COLOR_SIDE * COLOR_SIDE).reshape(COLOR_SIDE, COLOR_SIDE)[1::3, 1::3].ravel()
    left = np.ones(len(lab))
    found: list[ColorShare] = []
    for _ in range(MAX_COLORS):
        centres = space[every_third]
        for _ in range(_MEAN_SHIFT_STEPS):
            weight = _nearness(centres, space) * left
            reach = weight.sum(axis=1, keepdims=True)
            centres = np.where(reach > 1e-9, weight @ space / np.maximum(reach, 1e-9), centres)
        nearness = _nearness(centres, space)
        covered = nearness @ left / len(lab)
        best = int(np.argmax(covered))
        share = float(covered[best])
        if found and share < _MIN_SHARE:
            break
        weight = nearness[best] * left
        found.append(_named(weight @ lab / weight.sum(), share))
        left = left * (1 - nearness[best])
    return tuple(sorted(found, key=lambda color: -color.share))


def _nearness(centres: FloatArray, points: FloatArray) -> FloatArray:
    """Nearness 1..0 of every point (n, 3) to every centre (k, 3), (k, n), falling smoothly from _NEAR to _FAR."""
    squared = (centres**2).sum(axis=1)[:, None] + (points**2).sum(axis=1)[None, :] - 2 * centres @ points.T
    # In place: a look is measured beside the network, and new memory for each step takes longer than the step.
    step = np.sqrt(np.maximum(squared, 0.0, out=squared), out=squared)
    step -= _NEAR
    step /= _FAR - _NEAR
    np.clip(step, 0.0, 1.0, out=step)
    curve = step * 2
    np.subtract(3, curve, out=curve)
    step *= step
    step *= curve
    return np.asarray(np.subtract(1, step, out=step), dtype=np.float64)


def _named(lab: FloatArray, share: float) -> ColorShare:
    color = nearest_color(lab)
    lightness, red, yellow = (round(float(part), 2) for part in lab)
    return ColorShare(
        color.id, color.en, color.zh, color.basic, (lightness, red, yellow), lab_to_hex(lab), round(min(share, 1.0), 4)
    )
