"""What lies around cloth in a studio: the table, buttons, a spool, pins, and stitching. Drawn, like the cloth."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from .camera import Light, expose, shade
from .scene import Point, Scene
from .surface import Colour, Field, Plane, Surface, cloud, fraction, linear, noise_tile, paint, read_tile, smoothstep

_FINE: Final = 2


def draw_table(rng: np.random.Generator, size: tuple[int, int], light: Light, exposure: float) -> Image.Image:
    """A pale oak table top, RGB of `size`: boards with rings, pores and a little wear."""
    w, h = size
    y = np.arange(h, dtype=np.float32)[:, None] + np.zeros((1, w), dtype=np.float32)
    x = np.arange(w, dtype=np.float32)[None, :] + np.zeros((h, 1), dtype=np.float32)
    board, part = fraction((y + float(rng.uniform(0, 300))) / 410.0)
    slide = rng.uniform(0, 512, 64).astype(np.float32).take(board & 63)
    bend = cloud(rng, (h, w), 330)
    ring = np.sin((part * 7.5 + 1.3 * bend + slide + x * 0.0012) * np.float32(2 * np.pi))
    fine = read_tile(noise_tile(70.0, 0.9), y * 1.1 + slide, x * 0.7 + slide * 3)
    pore = smoothstep(read_tile(noise_tile(12.0, 0.6), y * 1.2 + slide, x * 0.8 + slide * 5), 1.5, 2.8)
    seam = smoothstep(np.minimum(part, 1 - part) * 410.0, 0.4, 2.6)
    shade_of_board = rng.uniform(0.9, 1.08, 64).astype(np.float32).take(board & 63)
    tone = (1 + 0.07 * ring + 0.06 * fine - 0.28 * pore) * shade_of_board * (0.3 + 0.7 * seam)
    surface = Surface(
        height=(fine * 0.12 - pore * 0.5 + seam * 1.2).astype(np.float32),
        albedo=paint(linear("#b9a288"), np.maximum(tone, 0.05)),
        gloss=0.08,
        tightness=8,
        depth=0.3,
    )
    return expose(shade(surface, Plane(x, y, 0.0, 1.0), light), exposure)


def _grid(radius_x: float, radius_y: float, angle: float) -> tuple[Field, Field, Plane]:
    """Coordinates of a thing about its own middle, turned: along it, across it, and the plane of its picture."""
    reach = int(np.ceil(np.hypot(radius_x, radius_y))) + 2
    line = (np.arange(reach * 2 * _FINE, dtype=np.float32) + 0.5) / _FINE - reach
    x, y = np.meshgrid(line, line)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return x * cos + y * sin, y * cos - x * sin, Plane(x, y, angle, 1 / _FINE)


def _lay(scene: Scene, surface: Surface, plane: Plane, inside: Field, middle: Point, lift: float) -> None:
    """Shade a small thing and put it down; inside is its signed distance to the outline, positive within."""
    picture = expose(shade(surface, plane, scene.light), scene.exposure).reduce(_FINE)
    mask = Image.fromarray((np.clip(inside + 0.5, 0, 1) * 255).astype(np.uint8)).reduce(_FINE)
    scene.lay(picture, mask, (round(middle[0] - mask.width / 2), round(middle[1] - mask.height / 2)), lift)


def lay_button(rng: np.random.Generator, scene: Scene, middle: Point, radius: float, colour: Colour) -> None:
    """A four-hole button of horn: raised rim, a dish, and clouds in the stuff."""
    along, across, plane = _grid(radius, radius, float(rng.uniform(0, np.pi)))
    r = np.sqrt(along * along + across * across) / np.float32(radius)
    hole = np.sqrt((np.abs(along) - radius * 0.17) ** 2 + (np.abs(across) - radius * 0.17) ** 2)
    pierced = 1 - smoothstep(hole, radius * 0.075, radius * 0.12)
    rim = 1 - ((r - 0.8) / 0.2) ** 2
    height = (
        np.sqrt(np.maximum(rim, 0)) * radius * 0.16 - pierced * radius * 0.2 - smoothstep(r, 0.9, 1.0) * radius * 0.1
    )
    tone = (1 + 0.22 * cloud(rng, plane.shape, radius * 0.5 * _FINE)) * (1 - 0.92 * pierced)
    surface = Surface(
        height.astype(np.float32), paint(colour, np.maximum(tone, 0.03)), gloss=0.9, tightness=24, depth=0.4
    )
    _lay(scene, surface, plane, (1 - r) * np.float32(radius), middle, radius * 0.16)


def lay_spool(rng: np.random.Generator, scene: Scene, middle: Point, angle: float, colour: Colour) -> None:
    """A wooden spool on its side, wound with thread."""
    long, round_ = 66.0, 44.0
    along, across, plane = _grid(long, round_ * 1.25, angle)
    flange = smoothstep(np.abs(along), long * 0.78, long * 0.82)
    reach = round_ * (0.9 + 0.32 * flange)
    section = across / reach
    dome = np.sqrt(np.maximum(1 - section * section, 0))
    wound = np.cos((along + across * 0.10) * np.float32(2 * np.pi / 4.6))
    streak = read_tile(noise_tile(9.0, 0.7), along * 3 + 60, across * 1.5 + 60)
    height = dome * reach * 0.8 + (1 - flange) * wound * 0.7
    thread = paint(colour, (1 + 0.1 * wound + 0.06 * streak) * (1 - flange))
    wood = paint(linear("#c19a6b"), (1 + 0.05 * streak) * flange)
    (ux, uy), (vx, vy) = plane.directions()
    turned_in = flange > 0.5
    surface = Surface(
        height.astype(np.float32),
        thread + wood,
        gloss=(0.35 * (1 - flange) + 0.12).astype(np.float32),
        tightness=20,
        depth=0.4,
        grain_x=np.where(turned_in, np.float32(ux), np.float32(vx)),
        grain_y=np.where(turned_in, np.float32(uy), np.float32(vy)),
    )
    inside = np.minimum(np.float32(long) - np.abs(along), reach - np.abs(across))
    _lay(scene, surface, plane, inside.astype(np.float32), middle, 17.0)


def lay_pin(rng: np.random.Generator, scene: Scene, head: Point, angle: float, colour: Colour) -> None:
    """A dressmaker's pin: a steel shaft and a glass head."""
    length, radius = float(rng.uniform(120, 150)), 8.0
    tip = (head[0] + length * np.cos(angle), head[1] + length * np.sin(angle))
    along, across, plane = _grid(length / 2, 4.0, angle)
    thick = 1.5 * smoothstep(length / 2 - along, 0.0, 26.0) + 0.12
    dome = np.sqrt(np.maximum(1 - (across / thick) ** 2, 0))
    (ux, uy), _ = plane.directions()
    level = np.ones(plane.shape, dtype=np.float32)
    shaft = Surface(
        (dome * 1.4).astype(np.float32), paint(linear("#9a9ca2"), 0.4 + 0.6 * dome), gloss=1.6, tightness=10, depth=0.0,
        grain_x=level * np.float32(ux), grain_y=level * np.float32(uy),
    )  # fmt: skip
    inside = np.minimum(thick - np.abs(across), length / 2 - np.abs(along))
    _lay(scene, shaft, plane, inside.astype(np.float32), ((head[0] + tip[0]) / 2, (head[1] + tip[1]) / 2), 3.0)
    along, across, plane = _grid(radius, radius, 0.0)
    r = np.sqrt(along * along + across * across) / np.float32(radius)
    ball = np.sqrt(np.maximum(1 - r * r, 0)) * np.float32(radius)
    surface = Surface(ball.astype(np.float32), paint(colour, 0.55 + 0.05 * ball), gloss=2.2, tightness=60, depth=0.0)
    _lay(scene, surface, plane, (1 - r) * np.float32(radius), head, 5.0)


def lay_rivet(scene: Scene, middle: Point, radius: float) -> None:
    """A jacket button of burnished copper: a flat rim, a groove, and a domed head."""
    along, across, plane = _grid(radius, radius, 0.0)
    r = np.sqrt(along * along + across * across) / np.float32(radius)
    head = np.sqrt(np.maximum(1 - (r / 0.6) ** 2, 0)) * 0.3
    rim = np.sqrt(np.maximum(1 - ((r - 0.82) / 0.18) ** 2, 0)) * 0.16
    spots = cloud(np.random.default_rng(5), plane.shape, radius * 0.35 * _FINE)
    dull = smoothstep(np.abs(r - 0.63), 0.16, 0.0)
    tone = (0.8 + 0.1 * spots) * (1 - 0.65 * dull)
    surface = Surface(
        ((head + rim) * np.float32(radius)).astype(np.float32),
        paint(linear("#7d4a2a"), np.maximum(tone, 0.1)),
        gloss=(3.0 * (1 - 0.7 * dull)).astype(np.float32),
        tightness=9,
        depth=0.5,
    )
    _lay(scene, surface, plane, (1 - r) * np.float32(radius), middle, radius * 0.2)


def stitch(scene: Scene, line: list[Point], colour: str, length: float = 13.0, width: float = 4.4) -> None:
    """A row of machine stitches along a polyline: plump thread, dipping into the cloth at both ends."""
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    scale = 3
    xs, ys = [x for x, _ in line], [y for _, y in line]
    left, top = int(min(xs)) - 8, int(min(ys)) - 8
    w, h = int(max(xs)) + 9 - left, int(max(ys)) + 9 - top
    layer = Image.new("RGB", (w * scale, h * scale), (red, green, blue))
    mask = Image.new("L", layer.size, 0)
    paint_pen, mask_pen = ImageDraw.Draw(layer), ImageDraw.Draw(mask)
    dark = (int(red * 0.55), int(green * 0.5), int(blue * 0.5))
    pale = (min(255, int(red * 1.18) + 14), min(255, int(green * 1.18) + 14), min(255, int(blue * 1.18) + 14))
    lamp = (np.cos(scene.light.azimuth), np.sin(scene.light.azimuth))
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(xs), np.diff(ys)))])
    count = max(1, round(float(reached[-1]) / length))
    marks = (np.arange(count)[:, None] + np.array((0.13, 0.87))) * reached[-1] / count
    ends_x, ends_y = (np.interp(marks, reached, values) for values in (xs, ys))
    for (ax, bx), (ay, by) in zip(ends_x.tolist(), ends_y.tolist(), strict=True):
        a = ((ax - left) * scale, (ay - top) * scale)
        b = ((bx - left) * scale, (by - top) * scale)
        _capsule(mask_pen, a, b, width * scale, 255)
        _capsule(paint_pen, a, b, width * scale, dark)
        push = width * scale * 0.14
        inner_a = (a[0] + lamp[0] * push, a[1] + lamp[1] * push)
        inner_b = (b[0] + lamp[0] * push, b[1] + lamp[1] * push)
        _capsule(paint_pen, inner_a, inner_b, width * scale * 0.62, (red, green, blue))
        _capsule(paint_pen, inner_a, inner_b, width * scale * 0.22, pale)
    scene.lay(layer.reduce(scale), mask.reduce(scale), (left, top), 1.6)


def _capsule(pen: ImageDraw.ImageDraw, a: Point, b: Point, width: float, fill: int | tuple[int, int, int]) -> None:
    radius = width / 2
    pen.line([a, b], fill=fill, width=max(1, round(width)))
    for x, y in (a, b):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
