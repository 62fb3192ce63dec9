"""Sample photographs: several cloths in one picture, as a studio would take it, with the fabrics known.

Two of them: a table with swatches, and a jacket seen close. Both at the scale of the references.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image

from fabric_desktop.imaging import Box

from .camera import Lens, Light, develop
from .catalogue import vary
from .patch import stream
from .props import draw_table, lay_button, lay_pin, lay_rivet, lay_spool, stitch
from .scene import Piece, Point, Scene, box_of, draw_piece, pinked, rounded, turned
from .surface import linear

REGION_SIDE = 300
"""The side of a region by default; what a click in a photograph of 1600 x 1200 takes."""
_SMALLEST_REGION = 120


Check = Callable[[], None]
Laid = tuple[Scene, list[tuple[str, str]]]
"""A scene, and for each owner from 1 up the name of its region and its fabric."""

SWATCHES: Final = (
    (
        ("denim", "#2b3a5e"), ("linen", "#d8cfbb"), ("corduroy", "#a06a35"),
        ("silk_satin", "#0f6a5a"), ("herringbone", "#3b3b3f"), ("gingham", "#a8323a"),
    ),
    (
        ("leather", "#8a4b24"), ("poplin", "#9dbbd8"), ("velvet", "#6a1230"),
        ("rib_knit", "#d3c7b1"), ("jersey", "#5c7186"), ("lace", "#efe9dd"),
    ),
    (
        ("velvet", "#173f6b"), ("gingham", "#d08a1d"), ("linen", "#7f9183"),
        ("denim", "#5d7083"), ("lace", "#1f1f24"), ("leather", "#5a2018"),
    ),
)  # fmt: skip
"""Swatches that look well together, in reading order: fabric and colour."""

JACKETS: Final = (
    ("#2b3a5e", "#c2a77a", "#39424f", "#c08a3e"),
    ("#30485c", "#6b4a33", "#cfc3ae", "#b9a184"),
    ("#5d7083", "#7d4a2a", "#46566b", "#c99a55"),
)
"""Denim, corduroy, rib knit and sewing thread."""


def draw_garment_photo(
    seed: int, size: tuple[int, int] = (1600, 1200), check: Check = lambda: None
) -> tuple[Image.Image, dict[str, tuple[str, Box]]]:
    """A drawn photograph of `size` (width, height), RGB, and the regions in it whose fabric is known.

    Odd seeds give swatches on a table, even ones a jacket. The regions are {name: (fabric id, box)}; a piece too
    small or too hidden to show a square of 120 px has none. Same arguments, same bytes. check is called now and then
    while drawing and may raise to stop it.
    """
    if min(size) < 200:
        raise ValueError(f"a sample photograph needs 200 px a side: {size}")
    rng = stream("photograph", seed)
    warmth = float(rng.uniform(0.2, 0.8))
    light = Light(
        azimuth=float(rng.uniform(3.6, 4.3)),
        elevation=float(rng.uniform(0.72, 0.86)),
        colour=(1 + 0.06 * warmth, 1.0, 1 - 0.08 * warmth),
        fill_colour=(1 - 0.03 * warmth, 1.0, 1 + 0.05 * warmth),
        power=1.1,
        fill=0.36,
    )
    draw = _swatch_table if seed % 2 else _jacket
    scene, pieces = draw(rng, size, light, seed // 2, check)
    lamp = (float(np.cos(light.azimuth)) * 0.09, float(np.sin(light.azimuth)) * 0.09)
    picture = develop(scene.picture, Lens(vignette=0.13, blur=0.0, grain=1.7, falloff=lamp), rng)
    regions: dict[str, tuple[str, Box]] = {}
    for number, (name, fabric_id) in enumerate(pieces, start=1):
        box = scene.free_square(number, min(REGION_SIDE, min(size) // 4), min(_SMALLEST_REGION, min(size) // 5))
        if box is not None:
            regions[name] = (fabric_id, box)
    return picture, regions


def _put(rng: np.random.Generator, scene: Scene, piece: Piece, owner: int) -> None:
    box = box_of(piece.outline, scene.picture.size)
    picture, mask = draw_piece(rng, piece, scene.light, scene.exposure, box)
    scene.lay(picture, mask, (box.x, box.y), piece.lift, owner)


def _swatch_table(rng: np.random.Generator, size: tuple[int, int], light: Light, number: int, check: Check) -> Laid:
    """Six swatches cut with pinking shears, overlapping on an oak table, with buttons, pins and a spool."""
    w, h = size
    exposure = 0.98
    scene = Scene(draw_table(rng, size, light, exposure), light, exposure, check)
    swatches = SWATCHES[number % len(SWATCHES)]
    places = ((0.18, 0.26), (0.51, 0.22), (0.83, 0.29), (0.17, 0.75), (0.49, 0.72), (0.82, 0.77))
    for place in rng.permutation(len(places)).tolist():
        fabric_id, colour = swatches[place]
        x, y = places[place]
        middle = (w * (x + float(rng.uniform(-0.015, 0.015))), h * (y + float(rng.uniform(-0.02, 0.02))))
        wide, tall = w * float(rng.uniform(0.33, 0.36)), h * float(rng.uniform(0.47, 0.52))
        angle = float(rng.uniform(-0.19, 0.19))
        outline = pinked(rng, turned(wide, tall, middle, angle))
        dye = vary(rng, linear(colour), 0.03)
        _put(rng, scene, Piece(fabric_id, dye, outline, angle, lift=float(rng.uniform(6, 10))), place + 1)
    horn = ("#5a3a22", "#2b2422", "#c8b79a")
    for (x, y), colour in zip(((0.335, 0.525), (0.375, 0.475), (0.675, 0.49)), horn, strict=True):
        lay_button(rng, scene, (w * x, h * y), float(rng.uniform(26, 34)), linear(colour))
    lay_spool(rng, scene, (w * 0.655, h * 0.925), float(rng.uniform(-0.7, 0.1)), linear(swatches[4][1]))
    for x, y, turn in ((0.05, 0.535, 0.0), (0.955, 0.53, np.pi)):
        lay_pin(rng, scene, (w * x, h * y), turn + float(rng.uniform(-0.4, 0.4)), linear("#b3202a"))
    return scene, [(fabric_id, fabric_id) for fabric_id, _ in swatches]


def _jacket(rng: np.random.Generator, size: tuple[int, int], light: Light, number: int, check: Check) -> Laid:
    """The front of a denim jacket: corduroy collar, chest pocket with a flap, knitted hem; stitched in two rows."""
    w, h = size
    scene = Scene(Image.new("RGB", size), light, 1.12, check)
    denim, cord, knit, thread = JACKETS[number % len(JACKETS)]
    gap = 11.0
    lean = float(rng.uniform(-0.05, 0.05))

    dye, cord_dye, knit_dye = (vary(rng, linear(colour), 0.03) for colour in (denim, cord, knit))

    def at(*places: Point) -> list[Point]:
        return [(w * x, h * y) for x, y in places]

    yoke = at((-0.02, 0.305), (1.02, 0.26))
    front = at((0.205, -0.02), (0.185, 1.02))
    around = at((-0.01, -0.01), (1.01, -0.01), (1.01, 0.87), (-0.01, 0.87))
    body = Piece("denim", dye, around, 0.03 + lean, dents=(tuple(yoke), tuple(front)), creased=2.2)
    _put(rng, scene, body, 1)
    for offset in (0.0, gap):
        stitch(scene, [(x, y + offset) for x, y in yoke], thread)
        stitch(scene, [(x + offset, y) for x, y in front], thread)

    pocket = at((0.41, 0.35), (0.80, 0.335), (0.805, 0.69), (0.61, 0.77), (0.425, 0.705))
    _put(rng, scene, Piece("denim", dye, pocket, lean - 0.05, lift=5.0, swell=7.0), 2)
    for distance in (12.0, 12.0 + gap):
        inner = _inset(pocket, distance)
        stitch(scene, [*inner[1:], inner[0]], thread)
    flap = at((0.395, 0.32), (0.815, 0.30), (0.82, 0.37), (0.61, 0.44), (0.40, 0.39))
    _put(rng, scene, Piece("denim", dye, flap, lean, lift=8.0, swell=8.0, creased=0.6), 0)
    inner = _inset(flap, 12.0)
    stitch(scene, [*inner[1:], inner[0]], thread)
    lay_rivet(scene, at((0.6085, 0.395))[0], 26.0)
    for y in (0.42, 0.70):
        lay_rivet(scene, at((0.103, y))[0], 34.0)

    edge = at(
        (-0.3, -0.3), (1.3, -0.3), (1.3, 0.10), (1.0, 0.17), (0.8, 0.265), (0.24, 0.285), (0.05, 0.06), (-0.3, 0.0)
    )
    collar = rounded(edge)
    _put(rng, scene, Piece("corduroy", cord_dye, collar, 0.02 + lean, lift=14.0, swell=13.0, creased=2.5), 3)
    stitch(scene, _inset(collar, 17.0), cord, length=15.0)
    hem = rounded(at((-0.2, 0.85), (0.5, 0.825), (1.2, 0.80), (1.3, 1.3), (-0.3, 1.3)), 2)
    _put(rng, scene, Piece("rib_knit", knit_dye, hem, lean - 0.02, lift=9.0, swell=12.0), 4)
    return scene, [("body", "denim"), ("pocket", "denim"), ("collar", "corduroy"), ("hem", "rib_knit")]


def _inset(outline: list[Point], distance: float) -> list[Point]:
    """The outline moved inward by so many pixels (clockwise on the screen, convex)."""
    count = len(outline)
    moved: list[Point] = []
    for k in range(count):
        x, y = outline[k]
        directions = []
        for (x0, y0), (x1, y1) in ((outline[k - 1], outline[k]), (outline[k], outline[(k + 1) % count])):
            length = float(np.hypot(x1 - x0, y1 - y0))
            directions.append((-(y1 - y0) / length, (x1 - x0) / length))
        (ax, ay), (bx, by) = directions
        share = distance / (1 + ax * bx + ay * by)
        moved.append((x + (ax + bx) * share, y + (ay + by) * share))
    return moved
