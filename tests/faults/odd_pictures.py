"""Pictures that nobody wants to meet, made by code: cut off, empty, lying, bombs, odd formats, odd colours.

Each comes with what must become of it. No picture is kept in the repository.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from tests.pictures import cmyk_profile, encoded, grey_profile, png16, rgb_profile, tiff_rgb16

Colour = tuple[int, int, int]
ADOBE_RGB = [(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)]


@dataclass(frozen=True)
class Odd:
    """A file's name and bytes. `opens`: True must, False must be refused, None either. `pixel` is the known colour of
    the upright picture's first pixel, to within `within` levels; `size` the upright picture's."""

    name: str
    data: bytes
    opens: bool | None = None
    pixel: Colour | None = None
    within: int = 2
    size: tuple[int, int] | None = None


def _noise(side: int = 160, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (side, side, 3), np.uint8))


def _files() -> dict[str, bytes]:
    noise = _noise()
    return {
        "jpg": encoded(noise, "JPEG", quality=92),
        "progressive.jpg": encoded(noise, "JPEG", quality=85, progressive=True),
        "png": encoded(noise, "PNG"),
        "palette.png": encoded(noise.convert("P"), "PNG"),
        "webp": encoded(noise, "WEBP", quality=90),
        "bmp": encoded(_noise(100), "BMP"),
        "tif": encoded(_noise(120), "TIFF", compression="tiff_lzw"),
        "heic": encoded(noise, "HEIF", quality=90),
    }


def cut_off() -> Iterator[Odd]:
    """Each format cut off at every kilobyte; none may be shown as if it were whole."""
    for ending, data in _files().items():
        for kilobytes in range(1, (len(data) - 64) // 1024 + 1):
            yield Odd(f"cut at {kilobytes} kB.{ending}", data[: 1024 * kilobytes], opens=False)
        yield Odd(f"first byte.{ending}", data[:1], opens=False)
        yield Odd(f"header only.{ending}", data[:24], opens=False)


def no_pictures() -> Iterator[Odd]:
    """Files that only claim to be pictures, and pictures that claim to be of another kind."""
    for name, data in {
        "empty.jpg": b"",
        "zeros.png": b"\0" * 4096,
        "ones.tif": b"\xff" * 4096,
        "文字.jpg": "这不是图片".encode(),
        "page.png": b"<html><body>Not found</body></html>",
        "drawing.jpg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "paper.jpeg": b"%PDF-1.7\n" + b"\0" * 200,
        "archive.webp": b"PK\x03\x04" + b"\0" * 200,
        "film.heic": b"\0\0\0\x18ftypmp42" + b"\0" * 300,
        "avif.heic": b"\0\0\0\x18ftypavif" + b"\0" * 300,
        "sound.webp": b"RIFF\x10\0\0\0WAVE" + b"\0" * 40,
        "script.png": b"#!/bin/sh\nrm -rf /\n",
        "layers.tif": b"8BPS" + b"\0" * 100,
        "icon.bmp": b"\0\0\1\0\1\0" + b"\0" * 60,
        "moving.jpg": encoded(_noise(20).convert("P"), "GIF"),
    }.items():
        yield Odd(name, data, opens=False)
    files = _files()
    for mine, theirs in zip(files, list(files)[1:] + list(files)[:1], strict=True):
        yield Odd(f"lies, {theirs} as.{mine}", files[theirs], opens=True)


def _png(width: int, height: int, extra: bytes = b"", body: bytes = b"", depth: int = 8, kind: int = 2) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + extra + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def bombs() -> Iterator[Odd]:
    """Small files that ask for all the memory or all the time."""
    zeros = zlib.compress(b"\0" * 50_000_000, 9)
    for size in ((60_000, 60_000), (2**31 - 1, 2**31 - 1), (1, 2**31 - 1), (14_143, 14_143), (0, 5), (2**32 - 1, 1)):
        yield Odd(f"bomb {size[0]} x {size[1]}.png", _png(*size, body=zeros), opens=False)
    for kind, channels in ((0, 1), (4, 2), (6, 4)):
        side = 13_900
        rows = zlib.compressobj(9)
        row = b"\0" * (1 + side * channels)
        body = b"".join(rows.compress(row) for _ in range(side)) + rows.flush()
        yield Odd(f"193 megapixels, {channels} channels.png", _png(side, side, body=body, kind=kind))
    yield Odd("text bomb.png", _png(4, 4, _chunk(b"zTXt", b"a\0\0" + zeros), zlib.compress(b"\0" * 52)))
    yield Odd("profile bomb.png", _png(4, 4, _chunk(b"iCCP", b"a\0\0" + zeros), zlib.compress(b"\0" * 52)))
    yield Odd("pixels beyond its size.png", _png(4, 4, body=zeros))
    jpeg = bytearray(encoded(_noise(16), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 65_000, 65_000)
    yield Odd("bomb.jpg", bytes(jpeg), opens=False)
    progressive = encoded(Image.new("L", (3000, 3000)), "JPEG", progressive=True)
    scan = progressive[progressive.rindex(b"\xff\xda") : -2]
    yield Odd("twenty thousand scans.jpg", progressive[:-2] + scan * 20_000 + b"\xff\xd9", opens=False)
    bitmap = bytearray(encoded(_noise(16), "BMP"))
    for size in ((60_000, 60_000), (-5, 5), (16, -2_000_000_000)):
        bitmap[18:26] = struct.pack("<ii", *size)
        yield Odd(f"bomb {size[0]} x {size[1]}.bmp", bytes(bitmap), opens=False)
    tiff = tiff_rgb16((1, 2, 3))
    wide = tiff.replace(struct.pack("<HHII", 256, 3, 1, 4), struct.pack("<HHII", 256, 4, 1, 2**31))
    yield Odd("bomb.tif", wide, opens=False)
    yield Odd("directory that leads to itself.tif", b"II*\0\x08\0\0\0\0\0" + b"\x08\0\0\0" + b"\0" * 20, opens=False)
    many = struct.pack("<H", 60_000) + struct.pack("<HHII", 700, 7, 4_000_000_000, 8) * 60_000
    yield Odd("sixty thousand tags.tif", b"II*\0\x08\0\0\0" + many + b"\0" * 4, opens=False)
    yield Odd("a thousand markers.jpg", jpeg_with(_noise(16), b"\xff\xe5\x00\x06abcd" * 5_000), opens=True)
    yield Odd("five hundred pictures.webp", _moving("WEBP", 500), opens=True)


def jpeg_with(image: Image.Image, segments: bytes, **options: Any) -> bytes:
    """A JPEG with further segments behind its first marker."""
    data = encoded(image, "JPEG", **options)
    return data[:2] + segments + data[2:]


def _moving(kind: str, count: int) -> bytes:
    first, *others = [Image.new("RGB", (12, 12), (200, number % 250, 10)) for number in range(count)]
    return encoded(first, kind, save_all=True, append_images=others)


def shapes() -> Iterator[Odd]:
    """Tiny, thin and several-in-one."""
    for size in ((1, 1), (2, 1), (1, 60_000), (60_000, 1), (3, 5000), (9, 9)):
        for kind in ("PNG", "JPEG", "TIFF", "BMP"):
            name = f"{size[0]} x {size[1]}.{kind.lower()}"
            yield Odd(name, encoded(Image.new("RGB", size, (200, 100, 50)), kind), True, (200, 100, 50), 6, size)
    yield Odd(
        "1 x 1.webp", encoded(Image.new("RGB", (1, 1), (200, 100, 50)), "WEBP", lossless=True), True, (200, 100, 50)
    )
    for kind, ending in (("PNG", "apng.png"), ("WEBP", "webp"), ("TIFF", "pages.tif"), ("MPO", "two.jpg")):
        yield Odd(f"moving.{ending}", _moving(kind, 3), True, (200, 0, 10), 12)


def depths() -> Iterator[Odd]:
    """16-bit, 32-bit and float pictures, with the brightness that they must have."""
    yield Odd("grey16.png", png16([[32896, 0], [65535, 0]], 0), True, (128, 128, 128), 1)
    yield Odd("rgb16.png", png16([[(65535, 32896, 0)]], 2), True, (255, 128, 0), 1)
    yield Odd("grey alpha 16.png", png16([[(0, 32896)]], 4), True, (127, 127, 127), 2)
    yield Odd("rgba16.png", png16([[(65535, 0, 0, 0)]], 6), True, (255, 255, 255), 0)
    yield Odd("rgb16.tif", tiff_rgb16((65535, 32896, 257)), True, (255, 128, 1), 1)
    yield Odd("rgb float.tif", tiff_rgb16((1, 0, 0), sample_format=3, bits=32))  # type: ignore[arg-type]
    for value, level in ((0.5, 128), (128.0, 128), (32896.0, 128)):
        picture = Image.fromarray(np.full((4, 4), value, np.float32))
        yield Odd(f"float {value}.tif", encoded(picture, "TIFF"), True, None if value == 128.0 else (level,) * 3, 1)
    broken = np.array([[np.nan, np.inf], [-np.inf, 1.0]], np.float32)
    yield Odd("no numbers.tif", encoded(Image.fromarray(broken), "TIFF"), True)
    for number in (0, 255, 65535, 2**31 - 1, -5):
        picture = Image.fromarray(np.full((4, 4), number, np.int32))
        yield Odd(f"integer {number}.tif", encoded(picture, "TIFF"), True)
    yield Odd("one bit.png", encoded(Image.new("1", (8, 8), 1), "PNG"), True, (255, 255, 255), 0)
    yield Odd(
        "one bit, fax.tif", encoded(Image.new("1", (64, 64), 0), "TIFF", compression="group4"), True, (0, 0, 0), 0
    )


def colours() -> Iterator[Odd]:
    """CMYK, profiles, palettes and alpha, with the colours that they must have."""
    for ink, colour in (
        ((0, 0, 0, 0), (255, 255, 255)),
        ((0, 0, 0, 255), (0, 0, 0)),
        ((255, 0, 0, 0), (0, 255, 255)),
        ((0, 255, 0, 0), (255, 0, 255)),
        ((0, 0, 255, 0), (255, 255, 0)),
    ):
        picture = Image.new("CMYK", (16, 16), ink)
        yield Odd(f"ink {ink}.jpg", encoded(picture, "JPEG", quality=100), True, colour, 4)
        yield Odd(f"ink {ink}.tif", encoded(picture, "TIFF"), True, colour, 1)
    red = Image.new("RGB", (8, 8), (200, 30, 30))
    adobe = rgb_profile(ADOBE_RGB, 2.19921875)
    # Adobe RGB (1998) 128, 128, 128 is neutral; 0, 255, 0 lies outside sRGB and is cut to its green.
    yield Odd(
        "adobe grey.jpg", encoded(Image.new("RGB", (8, 8), (128,) * 3), "JPEG", icc_profile=adobe), True, (128,) * 3, 2
    )
    yield Odd(
        "adobe green.png",
        encoded(Image.new("RGB", (8, 8), (0, 255, 0)), "PNG", icc_profile=adobe),
        True,
        (0, 255, 0),
        3,
    )
    # Linear light of 0.2140 is half grey in sRGB (IEC 61966-2-1).
    linear = encoded(Image.new("L", (8, 8), 55), "PNG", icc_profile=grey_profile(1.0))
    yield Odd("linear grey.png", linear, True, (128,) * 3, 2)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    yield Odd("sRGB.jpg", encoded(red, "JPEG", quality=100, icc_profile=srgb), True, (200, 30, 30), 4)
    for name, profile in {
        "garbage": b"not a profile" * 20,
        "cut": adobe[:150],
        "nothing": b"\0",
        "grey for colour": grey_profile(2.2),
    }.items():
        yield Odd(f"profile, {name}.png", encoded(red, "PNG", icc_profile=profile), True, (200, 30, 30), 3)
    yield Odd("profile, half a megabyte.png", encoded(red, "PNG", icc_profile=adobe + b"\0" * 500_000), True)
    inks = encoded(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "TIFF", icc_profile=adobe)
    yield Odd("colour profile for inks.tif", inks, True, (255, 255, 255), 2)
    # A press of a made-up kind whose pure cyan is Lab (50, -40, -40), which by CIE's formulas is sRGB (-116, 137, 187).
    press = cmyk_profile()
    for ink, colour in (((255, 0, 0, 0), (0, 137, 187)), ((0, 0, 0, 0), (255,) * 3), ((0, 0, 0, 255), (0,) * 3)):
        for kind, options in (("JPEG", {"quality": 98}), ("TIFF", {})):
            data = encoded(Image.new("CMYK", (16, 16), ink), kind, icc_profile=press, **options)
            yield Odd(f"ink {ink} of a press.{kind.lower()}", data, True, (colour[0], colour[1], colour[2]), 6)
    half = Image.new("RGBA", (8, 8), (0, 0, 0, 128))
    yield Odd("half clear.png", encoded(half, "PNG"), True, (127, 127, 127), 1)
    yield Odd("half clear.webp", encoded(half, "WEBP", lossless=True), True, (127, 127, 127), 1)
    yield Odd("half clear.tif", encoded(half, "TIFF"), True, (127, 127, 127), 1)
    yield Odd("clear.png", encoded(Image.new("RGBA", (8, 8), (9, 9, 9, 0)), "PNG"), True, (255, 255, 255), 0)
    yield Odd("grey, half clear.png", encoded(Image.new("LA", (8, 8), (0, 128)), "PNG"), True, (127, 127, 127), 1)
    palette = Image.new("P", (8, 8))
    palette.putpalette([200, 100, 50] + [0] * 765)
    yield Odd("palette.png", encoded(palette, "PNG"), True, (200, 100, 50), 0)
    yield Odd("palette, first clear.png", encoded(palette, "PNG", transparency=0), True, (255, 255, 255), 0)
    yield Odd("palette, half clear.png", encoded(palette, "PNG", transparency=b"\x80"), True, (227, 177, 152), 2)
    short = _png(8, 1, _chunk(b"PLTE", b"\xc8\x64\x32"), zlib.compress(b"\0" + bytes(range(8))), kind=3)
    yield Odd("palette too short.png", short)
    yield Odd("keyed.png", encoded(red, "PNG", transparency=(200, 30, 30)), True, (255, 255, 255), 0)
    yield Odd("Lab.tif", encoded(Image.new("LAB", (8, 8), (255, 128, 128)), "TIFF"), True)


def _exif(**tags: Any) -> bytes:
    exif = Image.Exif()
    for tag, value in tags.items():
        exif[int(tag.removeprefix("t"))] = value
    return exif.tobytes()


def turned() -> Iterator[Odd]:
    """EXIF: all eight ways to hold a camera, ways that do not exist, and EXIF that makes no sense."""
    # A corner of the stored picture is red; where it must come out, and the size, by the EXIF standard (orientation).
    stored = Image.new("RGB", (60, 40), (0, 0, 255))
    stored.paste((255, 0, 0), (0, 0, 20, 20))
    shown = {1: True, 2: False, 3: False, 4: False, 5: True, 6: False, 7: False, 8: False}
    for orientation in range(12):
        exif = _exif(t274=orientation)
        size = (40, 60) if orientation in (5, 6, 7, 8) else (60, 40)
        colour = (255, 0, 0) if shown.get(orientation, True) else (0, 0, 255)
        for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
            options = {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}.get(kind, {})
            data = encoded(stored, kind, exif=exif, **options)
            yield Odd(f"held {orientation}.{kind.lower()}", data, True, colour, 12, size)
    plain = _noise(24)
    for name, block in {
        "garbage": b"Exif\0\0" + b"\xff" * 60,
        "cut": b"Exif\0\0II*\0\x08\0\0\0\x05\0",
        "nothing": b"Exif\0\0",
        "itself": b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\0\0\0\0",
        "far away": b"Exif\0\0II*\0\xff\xff\xff\x7f",
        "a word": b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\x04\0\0\0six\0\0\0\0\0",
        "backwards": b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\xff\xff\xff\xff\0\0\0\x01",
    }.items():
        segment = b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
        yield Odd(f"exif, {name}.jpg", jpeg_with(plain, segment), True, size=(24, 24))
    yield Odd("exif, large.jpg", encoded(plain, "JPEG", exif=_exif(t37510=b"x" * 60_000)), True, size=(24, 24))


def habits() -> Iterator[Odd]:
    """What cameras, phones and other programs do to their files."""
    plain = _noise(40)
    jpeg = encoded(plain, "JPEG")
    yield Odd("video behind.jpg", jpeg + random.Random(1).randbytes(3_000_000), True)
    yield Odd("zeros behind.jpg", jpeg + b"\0" * 100_000, True)
    yield Odd("zeros behind.png", encoded(plain, "PNG") + b"\0" * 100_000, True)
    yield Odd("no end.jpg", jpeg[:-2])
    yield Odd("grey.jpg", encoded(plain.convert("L"), "JPEG"), True)
    yield Odd("restarts.jpg", encoded(plain, "JPEG", restart_marker_blocks=1), True)
    for sampling in (0, 1, 2):
        yield Odd(f"sampling {sampling}.jpg", encoded(plain, "JPEG", subsampling=sampling), True)
    yield Odd("comment.jpg", encoded(plain, "JPEG", comment=b"\xff\xfe" * 500), True)
    for compression in ("raw", "tiff_lzw", "tiff_deflate", "packbits", "jpeg"):
        yield Odd(f"{compression}.tif", encoded(plain, "TIFF", compression=compression), True)
    big = encoded(plain, "TIFF", big_tiff=True)
    yield Odd("big.tif", big, True)
    yield Odd("checksum.png", encoded(plain, "PNG").replace(b"IDAT", b"IDAT", 1)[:-20] + b"\0" * 20)
    for number in range(60):
        shuffle = random.Random(number)
        ending, data = list(_files_once().items())[number % len(_files_once())]
        changed = bytearray(data)
        for _ in range(1 + number % 12):
            changed[shuffle.randrange(len(changed))] = shuffle.randrange(256)
        yield Odd(f"bitten {number}.{ending}", bytes(changed))


_FILES: dict[str, bytes] = {}


def _files_once() -> dict[str, bytes]:
    if not _FILES:
        _FILES.update(_files())
    return _FILES


def odd_pictures() -> Iterator[Odd]:
    """All of them, more than three hundred."""
    for kind in (cut_off, no_pictures, bombs, shapes, depths, colours, turned, habits):
        yield from kind()
