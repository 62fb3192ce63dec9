"""Shrinking a picture on two threads: a pixel off, and a patch would have other numbers than in the bank."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.encoders import builtin
from fabric_desktop.encoders.shrinking import shrunk

NOISE = np.random.default_rng(4).integers(0, 256, (1500, 2300, 3), np.uint8)


@pytest.fixture
def helper() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(NOISE[:height, :width])


@pytest.mark.parametrize(
    "size", [(750, 750), (449, 449), (451, 450), (1201, 803), (2300, 1100), (1500, 1500), (897, 897), (600, 1400)]
)
def test_two_threads_make_the_pixels_of_one(helper: ThreadPoolExecutor, size: tuple[int, int]) -> None:
    image = noise(*size)
    assert builtin.reduced(image, helper).tobytes() == builtin.reduced(image).tobytes()


def test_any_size_comes_out_as_pillow_makes_it(helper: ThreadPoolExecutor) -> None:
    draw = np.random.default_rng(6)
    for _ in range(300):
        width, height = (int(side) for side in draw.integers(1, 160, 2))
        image, side = noise(width, height), int(draw.integers(1, 50))
        small = shrunk(image, side, helper)
        if min(width, height) <= side:
            assert small is image
            continue
        plain = image.resize(small.size, Image.Resampling.BICUBIC, reducing_gap=2.0)
        assert small.tobytes() == plain.tobytes(), (width, height, side)
        assert min(small.size) == side


def test_a_grey_picture_stays_grey(helper: ThreadPoolExecutor) -> None:
    grey = noise(90, 80).convert("L")
    assert shrunk(grey, 40, helper).tobytes() == shrunk(grey, 40).tobytes()
