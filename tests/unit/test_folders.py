"""Photos of a folder in the order in which a person would count them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fabric_desktop.errors import NoPhotos
from fabric_desktop.folders import natural_key, walk_photos

COUNTED = ["", "a", "A2", "a2b", "a10", "a 3", "ab", "IMG 1.jpg", "img 2.jpg", "IMG 2.png", "IMG 02a.jpg"]
COUNTED += ["IMG 10.jpg", "IMG 10b.jpg", "IMG a.jpg", "棉布 9", "棉布 ٣٣", "棉布 100", "2", "10", "10 a", "2000"]


def test_photo_2_comes_before_photo_10() -> None:
    shuffled = random.Random(3).sample(COUNTED, len(COUNTED))
    assert sorted(shuffled, key=natural_key) == COUNTED


def test_a_number_with_zeros_before_it_is_that_number() -> None:
    assert natural_key("IMG 007.jpg") == natural_key("img 7.JPG")


def test_the_photos_of_a_folder_come_before_those_below_it(tmp_path: Path) -> None:
    below = tmp_path / "夏 2"
    below.mkdir()
    for name in ("photo 10.jpg", "Photo 9.JPG", ".hidden.jpg", "notes.txt"):
        (tmp_path / name).touch()
    (below / "photo 1.png").touch()
    assert [path.name for path in walk_photos(tmp_path)] == ["Photo 9.JPG", "photo 10.jpg", "photo 1.png"]
    with pytest.raises(NoPhotos):
        next(walk_photos(tmp_path / "none"))
