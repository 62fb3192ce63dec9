"""Laying things on a table: outlines, soft shadows, and where each piece of cloth can be seen in the end.

Not for drawing cloth or tools (their own modules) nor for choosing what lies where (photographs.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from fabric_desktop.imaging import Box

from .camera import Light, View, expose, folds, look_at, shade, wave
from .catalogue import fabric_by_id
from .surface import Colour, Field

Point = tuple[float, float]
Outline = Sequence[Point]

FINENESS: Final = 1.125
"""Oversampling of large pieces; less than for a patch, since a photograph has thirteen times its pixels."""
_TOOTH: Final = 13.0
"""Length of a tooth of pinking shears, pixels."""


@dataclass(slots=True)
class Scene:
    """A picture being laid: the pixels so far, and which piece owns each of them (0: none yet).

    check is called before each thing is laid and may raise to stop.
    """

    picture: Image.Image
    light: Light
    exposure: float
    check: Callable[[], None]
    owner: NDArray[np.uint8] = field(init=False)

    def __post_init__(self) -> None:
        self.owner = np.zeros((self.picture.height, self.picture.width), dtype=np.uint8)

    def lay(self, thing: Image.Image, mask: Image.Image, at: tuple[int, int], lift: float, owner: int = 0) -> None:
        """Put a thing (RGB, with an L mask of its size) at (left, top), `lift` pixels above what lies there.

        Its shadow falls away from the lamp: a wide soft one from the lift, a narrow dark one where it touches.
        """
        self.check()
        reach = int(3 * lift + 14)
        left, top = at
        corner = (max(left - reach, 0), max(top - reach, 0))
        end = (min(left + mask.width + reach, self.picture.width), min(top + mask.height + reach, self.picture.height))
        if end[0] <= corner[0] or end[1] <= corner[1]:
            return
        size = (end[0] - corner[0], end[1] - corner[1])
        away = (-np.cos(self.light.azimuth) * lift, -np.sin(self.light.azimuth) * lift)
        place = (left - corner[0], top - corner[1])
        wide = _placed(mask, size, (place[0] + round(away[0]), place[1] + round(away[1])))
        near = _placed(mask, size, (place[0] + round(away[0] * 0.25), place[1] + round(away[1] * 0.25)))
        wide = wide.filter(ImageFilter.GaussianBlur(lift * 0.75 + 1)).point(lambda value: value * 0.5)
        near = near.filter(ImageFilter.GaussianBlur(2 + lift * 0.1)).point(lambda value: value * 0.45)
        below = self.picture.crop((*corner, *end))
        dark = ImageChops.screen(wide, near)
        below = Image.composite(Image.new("RGB", size, (12, 11, 14)), below, dark)
        below.paste(thing, place, mask)
        self.picture.paste(below, corner)
        seen = np.asarray(_placed(mask, size, place)) > 100
        self.owner[corner[1] : end[1], corner[0] : end[0]][seen] = owner

    def free_square(self, owner: int, side: int, smallest: int) -> Box | None:
        """The largest square up to `side` that shows nothing but this piece, nearest to its middle; None if none."""
        cell = 4
        rows, columns = self.owner.shape[0] // cell, self.owner.shape[1] // cell
        mine = (self.owner[: rows * cell, : columns * cell] == owner).reshape(rows, cell, columns, cell)
        mine = mine.all(axis=(1, 3))
        if not mine.any():
            return None
        total = np.zeros((rows + 1, columns + 1), dtype=np.int32)
        np.cumsum(np.cumsum(mine, axis=0, dtype=np.int32), axis=1, out=total[1:, 1:])
        middle_y, middle_x = (float(index.mean()) for index in np.nonzero(mine))
        span = side // cell
        while span * cell >= smallest:
            filled = total[span:, span:] - total[:-span, span:] - total[span:, :-span] + total[:-span, :-span]
            tops, lefts = np.nonzero(filled == span * span)
            if len(tops):
                far = (tops + span / 2 - middle_y) ** 2 + (lefts + span / 2 - middle_x) ** 2
                best = int(np.argmin(far))
                return Box(int(lefts[best]) * cell, int(tops[best]) * cell, span * cell, span * cell)
            span = min(span - 1, int(span * 0.9))
        return None


def _placed(mask: Image.Image, size: tuple[int, int], at: tuple[int, int]) -> Image.Image:
    layer = Image.new("L", size, 0)
    layer.paste(mask, at)
    return layer


def turned(width: float, height: float, middle: Point, angle: float) -> list[Point]:
    """The corners of a rectangle turned by an angle (radians) about its middle, clockwise on the screen."""
    cos, sin = np.cos(angle), np.sin(angle)
    corners = ((-width / 2, -height / 2), (width / 2, -height / 2), (width / 2, height / 2), (-width / 2, height / 2))
    return [(float(middle[0] + x * cos - y * sin), float(middle[1] + x * sin + y * cos)) for x, y in corners]


def rounded(outline: Outline, rounds: int = 3) -> list[Point]:
    """The outline with its corners cut again and again (Chaikin 1974), which leaves a smooth curve."""
    points = list(outline)
    for _ in range(rounds):
        cut: list[Point] = []
        for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
            cut.append((x0 * 0.75 + x1 * 0.25, y0 * 0.75 + y1 * 0.25))
            cut.append((x0 * 0.25 + x1 * 0.75, y0 * 0.25 + y1 * 0.75))
        points = cut
    return points


def pinked(rng: np.random.Generator, outline: Outline) -> list[Point]:
    """The outline cut with pinking shears: teeth along every side, never quite even."""
    points: list[Point] = []
    for (x0, y0), (x1, y1) in zip(outline, [*outline[1:], outline[0]], strict=True):
        length = float(np.hypot(x1 - x0, y1 - y0))
        teeth = max(2, round(length / _TOOTH))
        outward = ((y1 - y0) / length, -(x1 - x0) / length)
        sway = rng.normal(0, 1.2, teeth + 1)
        for tooth in range(teeth):
            for half, depth in ((0.0, -0.27), (0.5, 0.27)):
                share = (tooth + half) / teeth
                reach = depth * _TOOTH + float(sway[tooth])
                points.append(
                    (x0 + (x1 - x0) * share + outward[0] * reach, y0 + (y1 - y0) * share + outward[1] * reach)
                )
    return points


def mask_of(outline: Outline, box: Box) -> Image.Image:
    """The outline as an L mask with soft edges over a box of the picture."""
    fine = Image.new("L", (box.width * 2, box.height * 2), 0)
    ImageDraw.Draw(fine).polygon([((x - box.x) * 2, (y - box.y) * 2) for x, y in outline], fill=255)
    return fine.reduce(2)


def box_of(outline: Outline, size: tuple[int, int]) -> Box:
    """The box around an outline within a picture of `size`."""
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    left, top = max(0, int(min(xs)) - 2), max(0, int(min(ys)) - 2)
    return Box(left, top, min(size[0], int(max(xs)) + 3) - left, min(size[1], int(max(ys)) + 3) - top)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of cloth to lay: colour in linear light, outline in pixels of the picture, angle of its threads, radians.

    swell: how thick its edge is rolled, pixels; 0 for a cut edge. dents: lines pressed into it (seams), pixels.
    creased: how much it folds, 1 is usual.
    """

    fabric_id: str
    colour: Colour
    outline: Outline
    angle: float
    lift: float = 7.0
    swell: float = 0.0
    dents: tuple[tuple[Point, ...], ...] = ()
    creased: float = 1.0


def draw_piece(
    rng: np.random.Generator, piece: Piece, light: Light, exposure: float, box: Box
) -> tuple[Image.Image, Image.Image]:
    """The piece over its box of the picture, and its mask, at the scale of a patch (one cloth unit a pixel)."""
    fabric = fabric_by_id(piece.fabric_id)
    mask = mask_of(piece.outline, box)
    fine = (round(box.height * FINENESS), round(box.width * FINENESS))
    shift = rng.uniform(0, 4000, 2)
    view = View(piece.angle, 1.0, shift=(float(shift[0]), float(shift[1])))
    plane = look_at(view, fine, (0.0, 0.0), (box.width / 2, box.height / 2), 1 / FINENESS)
    plane = wave(rng, plane, fabric.wave)
    surface = fabric.draw(rng, plane, piece.colour)
    drape = folds(rng, plane, fabric.fold_size * 1.15, fabric.fold_height * 1.2 * piece.creased)
    relief = _relief(piece, mask, box)
    if relief is not None:
        drape = drape + np.asarray(Image.fromarray(relief).resize((fine[1], fine[0]), Image.Resampling.BILINEAR))
    picture = expose(shade(surface, plane, light, drape), exposure)
    return picture.resize((box.width, box.height), Image.Resampling.HAMMING), mask


def _relief(piece: Piece, mask: Image.Image, box: Box) -> Field | None:
    """Height of rolled edges and of pressed lines over the piece's box, pixels."""
    if not piece.swell and not piece.dents:
        return None
    relief = np.zeros((box.height, box.width), dtype=np.float32)
    if piece.swell:
        soft = np.asarray(mask.filter(ImageFilter.GaussianBlur(piece.swell)), dtype=np.float32) / np.float32(255)
        relief += np.sqrt(np.clip(soft * 2 - 1, 0, 1)) * np.float32(piece.swell)
    for line in piece.dents:
        pressed = Image.new("L", (box.width, box.height), 0)
        ImageDraw.Draw(pressed).line([(x - box.x, y - box.y) for x, y in line], fill=255, width=5, joint="curve")
        soft = np.asarray(pressed.filter(ImageFilter.GaussianBlur(3.5)), dtype=np.float32) / np.float32(255)
        relief -= soft * np.float32(3.2)
    return relief
