"""Pictures of every format and ending, animated, tiny, and turned by their EXIF."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.imaging import is_photo_name, open_photo
from tests.pictures import encoded, near, pixel, write


@pytest.mark.parametrize(
    ("name", "kind", "options", "tolerance"),
    [
        ("a.jpg", "JPEG", {"quality": 95}, 6),
        ("a.JPEG", "JPEG", {"quality": 95, "progressive": True}, 6),
        ("a.png", "PNG", {}, 0),
        ("a.PNG", "PNG", {"interlace": 1}, 0),
        ("a.webp", "WEBP", {"lossless": True}, 0),
        ("a.bmp", "BMP", {}, 0),
        ("a.tif", "TIFF", {}, 0),
        ("a.tiff", "TIFF", {"compression": "tiff_lzw"}, 0),
        ("a.TIFF", "TIFF", {"compression": "tiff_adobe_deflate"}, 0),
        ("a.heic", "HEIF", {"quality": 95}, 8),
        ("照片 一.HEIC", "HEIF", {"quality": 95}, 8),
        ("真丝缎 样品 (1).jpg", "JPEG", {"quality": 95}, 6),
        ("a.mpo.jpg", "MPO", {"quality": 95, "save_all": True}, 6),
        ("lying.jpg", "PNG", {}, 0),
        ("lying.png", "JPEG", {"quality": 95}, 6),
        ("lying.tif", "WEBP", {"lossless": True}, 0),
        ("no ending", "PNG", {}, 0),
    ],
)
def test_every_format_opens_with_its_colours_whatever_the_name_says(
    tmp_path: Path, name: str, kind: str, options: dict[str, object], tolerance: int
) -> None:
    drawn = Image.new("RGB", (64, 48), (200, 30, 60))
    photo = open_photo(write(tmp_path / name, encoded(drawn, kind, **options)))
    assert photo.mode == "RGB"
    assert photo.size == (64, 48)
    assert near(photo, (200, 30, 60), tolerance, (32, 24))


@pytest.mark.parametrize(
    "name", ["a.jpg", "A.JPG", "b.Jpeg", "真丝缎.HEIC", "c.heif", "d.tif", "e.TIFF", "f.webp", "g.bmp"]
)
def test_photos_are_known_by_their_ending_in_any_case(name: str) -> None:
    assert is_photo_name(name)


@pytest.mark.parametrize(
    "name", ["README.txt", ".hidden.jpg", "._a.jpg", "jpg", "a.jpg.part", "fabric.toml", "a.gif", ""]
)
def test_other_files_are_not_taken_for_photos(name: str) -> None:
    assert not is_photo_name(name)


def test_animated_pictures_give_their_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
    for kind, options in (("WEBP", {"lossless": True}), ("PNG", {}), ("TIFF", {})):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        assert pixel(open_photo(write(tmp_path / "animated", data))) == (255, 0, 0), kind


@pytest.mark.parametrize("size", [(1, 1), (1, 60_000), (60_000, 1), (2, 3)])
def test_thin_and_tiny_pictures_open(tmp_path: Path, size: tuple[int, int]) -> None:
    photo = open_photo(write(tmp_path / "thin.png", encoded(Image.new("RGB", size, (9, 8, 7)), "PNG")))
    assert photo.size == size
    assert pixel(photo, size[0] - 1, size[1] - 1) == (9, 8, 7)


# Where the pixels of [[0, 1, 2], [3, 4, 5]] are seen, by orientation (EXIF 2.3, tag 0x0112).
UPRIGHT = {
    1: [[0, 1, 2], [3, 4, 5]],
    2: [[2, 1, 0], [5, 4, 3]],
    3: [[5, 4, 3], [2, 1, 0]],
    4: [[3, 4, 5], [0, 1, 2]],
    5: [[0, 3], [1, 4], [2, 5]],
    6: [[3, 0], [4, 1], [5, 2]],
    7: [[5, 2], [4, 1], [3, 0]],
    8: [[2, 5], [1, 4], [0, 3]],
}


def numbered(scale: int = 1) -> Image.Image:
    values = np.kron(np.array([[0, 1, 2], [3, 4, 5]]), np.ones((scale, scale), int)).astype(np.uint8) * 40
    return Image.fromarray(np.stack([values, 255 - values, values], axis=-1))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_is_seen_upright(tmp_path: Path, orientation: int, kind: str) -> None:
    scale = 16
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 98, "subsampling": 0}}
    image = numbered(scale)
    if kind == "TIFF":
        path = write(tmp_path / "turned", encoded(image, kind, tiffinfo={274: orientation}))
    elif kind == "HEIF":
        image.info["exif"] = exif.tobytes()  # pillow-heif makes the container's own rotation of it, as phones do
        path = write(tmp_path / "turned", encoded(image, kind, quality=98))
    else:
        path = write(tmp_path / "turned", encoded(image, kind, exif=exif, **options.get(kind, {})))
    seen = np.asarray(open_photo(path))[scale // 2 :: scale, scale // 2 :: scale, 0]
    assert np.rint(seen / 40).astype(int).tolist() == UPRIGHT[orientation]


@pytest.mark.parametrize("orientation", [0, 9, 255, 65535])
def test_an_orientation_that_does_not_exist_leaves_the_photo_as_it_is(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = open_photo(write(tmp_path / "a.png", encoded(numbered(), "PNG", exif=exif)))
    assert (np.asarray(photo)[:, :, 0] // 40).tolist() == UPRIGHT[1]


def test_broken_exif_costs_the_orientation_and_not_the_photo(tmp_path: Path) -> None:
    rng = random.Random(1)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "maker" * 20
    good = exif.tobytes()
    for trial in range(200):
        broken = bytearray(good[: rng.randrange(8, len(good))] if trial % 2 else good)
        for _ in range(rng.randrange(1, 6)):
            broken[rng.randrange(6, len(broken))] = rng.randrange(256)
        path = write(
            tmp_path / "broken.jpg", encoded(Image.new("RGB", (30, 20), (10, 200, 90)), "JPEG", exif=bytes(broken))
        )
        assert near(open_photo(path), (10, 200, 90), 4)
