"""A lasso whose cloth is drowned in even ground, or that lets pixels from beyond its line in."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fabric_desktop.mirroring import continued

OUTSIDE = (0, 0, 255)


def _striped(width: int, height: int, period: int = 8) -> Image.Image:
    """Stripes of red and green, without blue."""
    columns = (np.arange(width) // (period // 2)) % 2
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0], pixels[..., 1] = 200 * columns, 200 * (1 - columns)
    return Image.fromarray(pixels)


def _cut(cloth: Image.Image, line: list[tuple[int, int]]) -> tuple[Image.Image, Image.Image]:
    """The cloth with blue beyond the line, and the mask of what is inside."""
    mask = Image.new("L", cloth.size, 0)
    ImageDraw.Draw(mask).polygon(line, fill=255)
    return Image.composite(cloth, Image.new("RGB", cloth.size, OUTSIDE), mask), mask


LINES = {
    "a triangle": [(10, 10), (190, 20), (60, 150)],
    "a small spot": [(90, 70), (110, 70), (110, 90), (90, 90)],
    "a corner": [(0, 0), (40, 0), (0, 40)],
    "a line along the edge": [(0, 0), (199, 0), (199, 2), (0, 2)],
    "a hook": [(10, 10), (180, 10), (180, 40), (40, 40), (40, 150), (10, 150)],
}


@pytest.mark.parametrize("name", LINES)
def test_nothing_from_beyond_the_line_is_left_and_nothing_inside_changes(name: str) -> None:
    cut, mask = _cut(_striped(200, 160), LINES[name])
    filled = np.asarray(continued(cut, mask))
    inside = np.asarray(mask) > 0
    assert (filled[inside] == np.asarray(cut)[inside]).all()
    assert filled[..., 2].max() == 0


def test_the_cloth_goes_on_beyond_the_line() -> None:
    cut, mask = _cut(_striped(200, 160), LINES["a triangle"])
    outside = np.asarray(mask) == 0
    red = np.asarray(continued(cut, mask))[..., 0][outside]
    # Both colours of the stripes, about half each, and no even ground.
    assert set(np.unique(red).tolist()) == {0, 200}
    assert 0.35 < (red > 0).mean() < 0.65


def test_one_pixel_is_enough() -> None:
    mask = Image.new("L", (900, 700), 0)
    mask.putpixel((401, 303), 255)
    picture = Image.new("RGB", (900, 700), OUTSIDE)
    picture.putpixel((401, 303), (9, 8, 7))
    assert continued(picture, mask).getcolors() == [(900 * 700, (9, 8, 7))]


def test_a_whole_rectangle_is_left_as_it_is() -> None:
    cloth = _striped(60, 40)
    assert np.array_equal(np.asarray(continued(cloth, Image.new("L", (60, 40), 255))), np.asarray(cloth))


def test_a_region_of_many_megapixels_takes_no_long_time() -> None:
    cut, mask = _cut(_striped(2400, 2400), [(100, 100), (2300, 300), (1200, 2300)])
    started = time.perf_counter()
    continued(cut, mask)
    assert time.perf_counter() - started < 6.0
