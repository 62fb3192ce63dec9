"""Regions stay on the photo, patches have its own pixels, and a photo is known by its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fabric_desktop.errors import BadRegion, UnreadableImage
from fabric_desktop.imaging import Box, clip_box, content_hash, cut_patch, default_patch_side, square_around
from tests.pictures import write


def test_a_photo_is_known_by_its_bytes_whatever_its_name(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.jpg", b"same"), write(tmp_path / "副本 b.jpg", b"same")
    assert content_hash(first) == content_hash(second) == hashlib.sha256(b"same").hexdigest()
    assert content_hash(write(tmp_path / "c.jpg", b"other")) != content_hash(first)


@pytest.mark.parametrize("make", [lambda p: p / "missing", lambda p: p])
def test_the_identity_of_what_is_no_file_is_refused(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(UnreadableImage):
        content_hash(make(tmp_path))


@given(
    x=st.integers(0, 20_000) | st.integers(-(10**6), 10**6),
    y=st.integers(0, 20_000) | st.integers(-(10**6), 10**6),
    width=st.integers(1, 20_000),
    height=st.integers(1, 20_000),
    side=st.none() | st.integers(-5, 10**6),
)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_the_square_around_a_click_stays_inside_the_photo_and_a_click_beside_it_is_no_region(
    x: int, y: int, width: int, height: int, side: int | None
) -> None:
    if not (0 <= x < width and 0 <= y < height):
        with pytest.raises(BadRegion) as refused:
            square_around(x, y, (width, height), side)
        assert refused.value.params["reason"] == "point"
        return
    box = square_around(x, y, (width, height), side)
    left, top, right, bottom = box.corners
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert box.width == box.height
    assert left <= x < right
    assert top <= y < bottom
    assert clip_box(box, (width, height)) == box


def test_the_square_around_a_click_is_centred_where_there_is_room() -> None:
    assert square_around(500, 400, (1000, 800), 100) == Box(450, 350, 100, 100)
    assert square_around(0, 0, (1000, 800), 100) == Box(0, 0, 100, 100)
    assert square_around(999, 799, (1000, 800), 100) == Box(900, 700, 100, 100)


def test_the_square_is_never_so_small_that_an_encoder_must_enlarge_it() -> None:
    assert default_patch_side((4000, 3000)) == 750
    assert default_patch_side((640, 480)) == 224
    assert default_patch_side((128, 300)) == 128
    assert default_patch_side((1, 60_000)) == 1


def test_a_region_partly_off_the_photo_is_cut_to_it_and_one_wholly_off_is_refused() -> None:
    assert clip_box(Box(-10, -20, 30, 40), (100, 100)) == Box(0, 0, 20, 20)
    assert clip_box(Box(90, 90, 50, 50), (100, 100)) == Box(90, 90, 10, 10)
    for box in (Box(100, 0, 5, 5), Box(0, -5, 5, 5), Box(5, 5, 0, 5), Box(5, 5, 5, -1), Box(-50, 0, 50, 10)):
        with pytest.raises(BadRegion) as caught:
            clip_box(box, (100, 100))
        assert caught.value.params == {"box": " ".join(map(str, box.as_list())), "width": 100, "height": 100}


def test_a_patch_has_the_photos_own_pixels() -> None:
    values = np.arange(100 * 120 * 3, dtype=np.uint32).reshape(100, 120, 3).astype(np.uint8)
    patch = cut_patch(Image.fromarray(values), Box(7, 11, 20, 30))
    assert (np.asarray(patch) == values[11:41, 7:27]).all()
    assert cut_patch(Image.fromarray(values), Box(110, 90, 50, 50)).size == (10, 10)
