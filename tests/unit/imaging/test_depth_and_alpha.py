"""Transparency lies on white; 16-bit, float, one-bit and in-memory pictures keep their brightness."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.imaging import from_pil, open_photo
from tests.pictures import BLACK, WHITE, encoded, near, pixel, png16, reason_of, tiff_rgb16, write


@pytest.mark.parametrize(
    ("mode", "clear", "half", "full", "seen"),
    [
        ("RGBA", (255, 0, 0, 0), (255, 0, 0, 128), (255, 0, 0, 255), [WHITE, (255, 127, 127), (255, 0, 0)]),
        ("LA", (0, 0), (0, 128), (0, 255), [WHITE, (127, 127, 127), BLACK]),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_transparent_pixels_lie_on_white(
    tmp_path: Path,
    kind: str,
    mode: str,
    clear: tuple[int, ...],
    half: tuple[int, ...],
    full: tuple[int, ...],
    seen: list[tuple[int, int, int]],
) -> None:
    image = Image.new(mode, (3, 1))
    for x, value in enumerate((clear, half, full)):
        image.putpixel((x, 0), value)
    photo = open_photo(write(tmp_path / "alpha", encoded(image, kind)))
    for x, colour in enumerate(seen):
        assert near(photo, colour, 1, (x, 0))


def test_a_palette_with_alpha_lies_on_white(tmp_path: Path) -> None:
    image = Image.new("P", (3, 1))
    image.putpalette([255, 0, 0, 0, 0, 255, 0, 255, 0])
    image.putdata([0, 1, 2])
    for kind in ("PNG", "WEBP"):
        options: dict[str, object] = {"transparency": b"\x00\x80\xff"}
        data = (
            encoded(image.convert("RGBA"), kind, lossless=True) if kind == "WEBP" else encoded(image, kind, **options)
        )
        photo = open_photo(write(tmp_path / "palette", data))
        if kind == "PNG":
            assert [pixel(photo, x) for x in range(3)] == [WHITE, (127, 127, 255), (0, 255, 0)]


@pytest.mark.parametrize(
    ("mode", "colour", "transparency"), [("RGB", (1, 2, 3), (1, 2, 3)), ("L", 7, 7), ("1", 0, 0), ("P", 3, 3)]
)
def test_the_colour_that_a_png_calls_transparent_is_white(
    tmp_path: Path, mode: str, colour: object, transparency: object
) -> None:
    image = Image.new(mode, (4, 4), colour)  # type: ignore[arg-type]
    if mode == "P":
        image.putpalette(range(30))
    photo = open_photo(write(tmp_path / "key.png", encoded(image, "PNG", transparency=transparency)))
    assert pixel(photo) == WHITE


def test_a_16_bit_grey_that_a_png_calls_transparent_is_white(tmp_path: Path) -> None:
    data = png16([[300, 65535]], colour_type=0, extra=[(b"tRNS", struct.pack(">H", 300))])
    photo = open_photo(write(tmp_path / "key16.png", data))
    assert pixel(photo, 0) == WHITE
    assert pixel(photo, 1) == WHITE


def test_premultiplied_pictures_in_memory_lie_on_white() -> None:
    rgba = Image.new("RGBA", (2, 1), (200, 0, 0, 128))
    assert near(from_pil(rgba.convert("RGBa")), (227, 127, 127), 2)
    assert near(from_pil(Image.new("LA", (2, 1), (0, 128)).convert("La")), (127, 127, 127), 2)


def test_16_bit_grey_keeps_its_brightness(tmp_path: Path) -> None:
    values = [[0, 257, 32768, 65535]]
    wanted = [BLACK, (1, 1, 1), (128, 128, 128), WHITE]
    photo = open_photo(write(tmp_path / "grey16.png", png16(values, 0)))
    assert [pixel(photo, x) for x in range(4)] == wanted
    tiff = open_photo(write(tmp_path / "grey16.tif", encoded(Image.fromarray(np.array(values, np.uint16)), "TIFF")))
    assert [pixel(tiff, x) for x in range(4)] == wanted
    big_endian = Image.frombytes("I;16B", (4, 1), np.array(values, ">u2").tobytes())
    assert [pixel(from_pil(big_endian), x) for x in range(4)] == wanted


def test_16_bit_colour_and_alpha_keep_their_colours(tmp_path: Path) -> None:
    photo = open_photo(write(tmp_path / "rgb16.png", png16([[(65535, 32768, 0)]], 2)))
    assert near(photo, (255, 128, 0), 1)
    photo = open_photo(write(tmp_path / "rgba16.png", png16([[(65535, 0, 0, 0), (65535, 0, 0, 65535)]], 6)))
    assert [pixel(photo, x) for x in range(2)] == [WHITE, (255, 0, 0)]
    photo = open_photo(write(tmp_path / "la16.png", png16([[(0, 0), (0, 65535)]], 4)))
    assert [pixel(photo, x) for x in range(2)] == [WHITE, BLACK]


def test_16_bit_colour_tiff_keeps_its_colours(tmp_path: Path) -> None:
    photo = open_photo(write(tmp_path / "a.tif", tiff_rgb16((65535, 32768, 0))))
    assert near(photo, (255, 128, 0), 1)


def test_float_colour_tiff_is_called_unsupported_and_not_damaged(tmp_path: Path) -> None:
    data = tiff_rgb16((1, 0, 0), sample_format=3, bits=32)
    assert reason_of(write(tmp_path / "float.tif", data)) == "unsupported"


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.25, 0.25, 0.25], [64, 64, 64]),
        ([0.0, 100.0, 200.0], [0, 100, 200]),
        ([128.0, 128.0, 128.0], [128, 128, 128]),
        ([0.0, 32768.0, 65535.0], [0, 128, 255]),
        ([-1.0, 0.0, 1.0], [0, 128, 255]),
        ([0.0, 5e6, 1e7], [0, 128, 255]),
        ([float("nan"), float("inf"), 1.0], [0, 0, 255]),
    ],
)
def test_float_tiff_keeps_its_brightness(tmp_path: Path, values: list[float], seen: list[int]) -> None:
    image = Image.fromarray(np.array([values], np.float32))
    photo = open_photo(write(tmp_path / "float.tif", encoded(image, "TIFF")))
    assert [pixel(photo, x)[0] for x in range(3)] == seen


@pytest.mark.parametrize(
    ("values", "seen"),
    [([0, 100, 255], [0, 100, 255]), ([0, 32768, 65535], [0, 128, 255]), ([0, 2**30, 2**31 - 1], [0, 128, 255])],
)
def test_32_bit_tiff_keeps_its_brightness(tmp_path: Path, values: list[int], seen: list[int]) -> None:
    image = Image.fromarray(np.array([values], np.int32))
    photo = open_photo(write(tmp_path / "int.tif", encoded(image, "TIFF")))
    assert [pixel(photo, x)[0] for x in range(3)] == seen


def test_grey_and_one_bit_pictures_open(tmp_path: Path) -> None:
    grey = Image.new("L", (3, 3), 77)
    for kind in ("JPEG", "PNG", "TIFF", "BMP"):
        assert near(open_photo(write(tmp_path / "grey", encoded(grey, kind))), (77, 77, 77), 1)
    one = Image.new("1", (2, 1))
    one.putpixel((1, 0), 1)
    for kind in ("PNG", "TIFF", "BMP"):
        photo = open_photo(write(tmp_path / "one", encoded(one, kind)))
        assert (pixel(photo, 0), pixel(photo, 1)) == (BLACK, WHITE)


def test_a_large_picture_converted_in_strips_has_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fabric_desktop.imaging._STRIP_PIXELS", 1000)
    values = np.random.default_rng(3).integers(0, 65536, (123, 77)).astype(np.uint16)
    whole = np.asarray(from_pil(Image.fromarray(values)))
    assert whole.shape == (123, 77, 3)
    assert (whole[:, :, 0] == np.rint(values / 257)).all()
