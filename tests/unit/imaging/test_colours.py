"""Colours come out right: ICC profiles, CMYK with and without one, Lab, against values computed apart."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from fabric_desktop import imaging
from fabric_desktop.imaging import from_pil, open_photo
from tests.pictures import BLACK, WHITE, cmyk_profile, encoded, grey_profile, near, pixel, rgb_profile, write
from tests.support import cloth

# IEC 61966-2-1 (sRGB), adapted to D50 likewise.
SRGB_COLORANTS = [(0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.7141)]
ADOBE_COLORANTS = [(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)]
P3_COLORANTS = [(0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407)]
ADOBE_RGB = rgb_profile(ADOBE_COLORANTS, 563 / 256)
DISPLAY_P3 = rgb_profile(P3_COLORANTS, 563 / 256)


def in_srgb(colour: tuple[int, int, int], colorants: list[tuple[float, float, float]]) -> tuple[int, ...]:
    """What a colour is in sRGB by the formulas of the standards: curve, matrix to XYZ and back, curve."""
    linear = (np.array(colour) / 255) ** (563 / 256)
    mixed = np.clip(np.linalg.inv(np.array(SRGB_COLORANTS).T) @ np.array(colorants).T @ linear, 0, 1)
    curved = np.where(mixed <= 0.0031308, 12.92 * mixed, 1.055 * mixed ** (1 / 2.4) - 0.055) * 255
    return tuple(round(float(value)) for value in curved)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "WEBP"])
@pytest.mark.parametrize("colour", [(128, 200, 64), (200, 100, 100), (30, 40, 220)])
@pytest.mark.parametrize(("profile", "colorants"), [(ADOBE_RGB, ADOBE_COLORANTS), (DISPLAY_P3, P3_COLORANTS)])
def test_a_photo_in_another_colour_space_comes_out_in_srgb(
    tmp_path: Path,
    kind: str,
    colour: tuple[int, int, int],
    profile: bytes,
    colorants: list[tuple[float, float, float]],
) -> None:
    options: dict[str, object] = {"WEBP": {"lossless": True}, "JPEG": {"quality": 98}}.get(kind, {})  # type: ignore[assignment]
    image = Image.new("RGB", (16, 16), colour)
    photo = open_photo(write(tmp_path / "tagged", encoded(image, kind, icc_profile=profile, **options)))
    assert near(photo, in_srgb(colour, colorants), 3 if kind == "JPEG" else 2)
    assert not near(photo, colour, 4)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_photo_tagged_as_the_srgb_it_is_in_keeps_every_pixel(tmp_path: Path, mode: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    drawn = Image.fromarray(np.random.default_rng(1).integers(0, 256, (40, 50, 3), np.uint8))
    image = drawn.quantize(200) if mode == "P" else drawn.convert(mode)
    photo = open_photo(write(tmp_path / "tagged.png", encoded(image, "PNG", icc_profile=profile)))
    assert (np.asarray(photo) == np.asarray(image.convert("RGB"))).all()


def test_neutral_grey_and_white_stay_neutral_through_a_profile(tmp_path: Path) -> None:
    for level in (0, 255):
        image = Image.new("RGB", (4, 4), (level,) * 3)
        photo = open_photo(write(tmp_path / "grey.png", encoded(image, "PNG", icc_profile=ADOBE_RGB)))
        assert near(photo, (level,) * 3, 1)


def test_a_profile_is_heeded_below_transparency_and_palettes(tmp_path: Path) -> None:
    plain = open_photo(
        write(tmp_path / "rgb.png", encoded(Image.new("RGB", (4, 4), (128, 200, 64)), "PNG", icc_profile=ADOBE_RGB))
    )
    clear = Image.new("RGBA", (4, 4), (128, 200, 64, 255))
    clear.putpixel((1, 0), (128, 200, 64, 0))
    photo = open_photo(write(tmp_path / "rgba.png", encoded(clear, "PNG", icc_profile=ADOBE_RGB)))
    assert near(photo, pixel(plain), 1)
    assert pixel(photo, 1) == WHITE
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([128, 200, 64] + [0, 0, 0])
    photo = open_photo(write(tmp_path / "p.png", encoded(palette, "PNG", icc_profile=ADOBE_RGB)))
    assert near(photo, pixel(plain), 1)


def test_a_linear_grey_profile_is_heeded(tmp_path: Path) -> None:
    image = Image.new("L", (4, 4), 55)
    photo = open_photo(write(tmp_path / "linear.png", encoded(image, "PNG", icc_profile=grey_profile(1.0))))
    assert near(photo, (128, 128, 128), 2)  # 55 / 255 of the light is 128 in sRGB's curve


@pytest.mark.parametrize("profile", [b"\0" * 3, b"no profile at all" * 20, ADOBE_RGB[:200], grey_profile(2.2)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "CMYK", "P"])
def test_a_profile_that_does_not_fit_costs_the_profile_and_not_the_photo(
    tmp_path: Path, mode: str, profile: bytes
) -> None:
    image = Image.new("RGB", (4, 4), (90, 120, 150))
    image = image.quantize(4) if mode == "P" else image.convert(mode)
    photo = open_photo(write(tmp_path / "a.tif", encoded(image, "TIFF", icc_profile=profile)))
    if mode != "L":
        assert near(photo, (90, 120, 150), 4)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
@pytest.mark.parametrize(
    ("ink", "seen"),
    [((0, 0, 0, 0), WHITE), ((0, 0, 0, 255), BLACK), ((255, 0, 0, 0), (0, 255, 255)), ((0, 255, 255, 0), (255, 0, 0))],
)
def test_cmyk_without_a_profile_has_its_colours_the_right_way_round(
    tmp_path: Path, kind: str, ink: tuple[int, int, int, int], seen: tuple[int, int, int]
) -> None:
    options: dict[str, object] = {"quality": 95} if kind == "JPEG" else {}
    photo = open_photo(write(tmp_path / "cmyk", encoded(Image.new("CMYK", (16, 16), ink), kind, **options)))
    assert near(photo, seen, 4)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_with_a_profile_goes_through_it(tmp_path: Path, kind: str) -> None:
    options: dict[str, object] = {"quality": 98} if kind == "JPEG" else {}
    profile = cmyk_profile()
    for ink, seen in (((255, 0, 0, 0), (-116, 137, 187)), ((0, 0, 0, 0), WHITE), ((0, 0, 0, 255), BLACK)):
        data = encoded(Image.new("CMYK", (16, 16), ink), kind, icc_profile=profile, **options)
        # Lab (50, -40, -40) lies outside sRGB in red; CIE formulas give (-116, 137, 187), clipped at 0.
        assert near(open_photo(write(tmp_path / "cmyk", data)), tuple(max(0, value) for value in seen), 6), ink


def test_lab_tiff_comes_out_in_srgb(tmp_path: Path) -> None:
    image = Image.new("LAB", (4, 4), (137, 128, 128))
    photo = open_photo(write(tmp_path / "lab.tif", encoded(image, "TIFF")))
    assert near(photo, (128, 128, 128), 3)  # L* = 137 / 2.55 = 53.7 is the grey 128


def test_pictures_in_memory_of_any_mode_come_out_as_rgb() -> None:
    drawn = cloth("any", side=40)
    for mode in (
        "1",
        "L",
        "P",
        "RGB",
        "RGBA",
        "CMYK",
        "YCbCr",
        "LAB",
        "HSV",
        "I",
        "F",
        "LA",
        "PA",
        "RGBX",
        "RGBa",
        "La",
        "I;16",
    ):
        source = drawn.convert("LA").convert("La") if mode == "La" else drawn
        if mode in ("PA", "I;16", "RGBa", "LAB"):
            source = {"PA": drawn.convert("P"), "I;16": drawn.convert("L"), "RGBa": drawn.convert("RGBA")}.get(
                mode, drawn
            )
        if mode == "LAB":
            image = ImageCms.applyTransform(
                drawn,
                ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"),
            )
            assert image is not None
        else:
            image = source if source.mode == mode else source.convert(mode)
        normal = from_pil(image)
        assert (normal.mode, normal.size) == ("RGB", (40, 40)), mode
        if mode in ("RGB", "RGBA", "YCbCr", "LAB", "RGBX"):
            assert np.abs(np.asarray(normal).astype(int) - np.asarray(drawn)).mean() <= 2, mode


def test_what_is_kept_of_a_photo_names_no_place_and_no_profile(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (31.0, 13.0, 50.0)
    image = Image.new("RGB", (8, 8), (1, 2, 3))
    path = write(tmp_path / "gps.jpg", encoded(image, "JPEG", exif=exif, icc_profile=ADOBE_RGB, comment=b"at home"))
    assert open_photo(path).info == {}
    assert b"home" not in encoded(open_photo(path), "PNG")


def test_the_callers_own_picture_is_left_alone() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.open(io.BytesIO(encoded(Image.new("RGB", (4, 2)), "PNG", exif=exif)))
    assert from_pil(image).size == (2, 4)
    assert image.size == (4, 2)
    assert "exif" in image.info
    plain = Image.new("RGB", (2, 2))
    plain.info["dpi"] = (300, 300)
    from_pil(plain).putpixel((0, 0), WHITE)
    assert plain.getpixel((0, 0)) == BLACK
    assert plain.info == {"dpi": (300, 300)}


@pytest.mark.parametrize("kind", ["RGB", "RGBA", "CMYK", "L"])
def test_a_large_photo_has_the_same_colours_whichever_thread_converts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    drawn = Image.fromarray(np.random.default_rng(5).integers(0, 256, (61, 40, 4), np.uint8), "RGBA").convert(kind)
    profile = {"CMYK": cmyk_profile(), "L": grey_profile(1.8)}.get(kind, DISPLAY_P3)
    path = write(tmp_path / "photo.tif", encoded(drawn, "TIFF", icc_profile=profile))
    whole = open_photo(path)
    assert np.abs(np.asarray(whole).astype(int) - np.asarray(drawn.convert("RGB"))).max() > 2
    for pixels in (40, 400, 1000):
        monkeypatch.setattr("fabric_desktop.imaging._STRIP_PIXELS", pixels)
        assert open_photo(path).tobytes() == whole.tobytes()


def test_a_conversion_that_fails_in_the_second_thread_is_not_taken_for_a_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fabric_desktop.imaging._STRIP_PIXELS", 40)
    seen = []

    def convert(part: Image.Image) -> Image.Image:
        seen.append(part.size)
        if threading.current_thread() is not threading.main_thread():
            raise MemoryError
        return part

    with pytest.raises(MemoryError):
        imaging._by_strips(Image.new("RGB", (40, 9)), convert)
    assert set(seen) == {(40, 1)}
