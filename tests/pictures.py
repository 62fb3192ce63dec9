"""Pictures and colour profiles made byte by byte, of kinds that no library here writes."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import open_photo

pillow_heif.register_heif_opener()


WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def reason_of(path: Path, **options: int) -> str:
    """The reason with which a picture is refused."""
    with pytest.raises(UnreadableImage) as caught:
        open_photo(path, **options)
    assert caught.value.params["path"] == str(path)
    return str(caught.value.params["reason"])


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def pixel(image: Image.Image, x: int = 0, y: int = 0) -> tuple[int, ...]:
    value = image.getpixel((x, y))
    assert isinstance(value, tuple)
    return value


def near(image: Image.Image, colour: tuple[int, ...], tolerance: int, at: tuple[int, int] = (0, 0)) -> bool:
    return all(abs(got - want) <= tolerance for got, want in zip(pixel(image, *at), colour, strict=True))


def png16(
    rows: Sequence[Sequence[int | tuple[int, ...]]], colour_type: int, extra: Sequence[tuple[bytes, bytes]] = ()
) -> bytes:
    """A 16-bit PNG: colour type 0 grey, 2 RGB, 4 grey + alpha, 6 RGBA."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    flat = [[value if isinstance(value, tuple) else (value,) for value in row] for row in rows]
    body = b"".join(b"\0" + b"".join(struct.pack(">H", part) for value in row for part in value) for row in flat)
    head = struct.pack(">IIBBBBB", len(flat[0]), len(flat), 16, colour_type, 0, 0, 0)
    middle = b"".join(chunk(name, content) for name, content in extra)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + middle + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")
    )


def tiff_rgb16(
    colour: tuple[int, int, int], size: tuple[int, int] = (4, 4), sample_format: int = 1, bits: int = 16
) -> bytes:
    """An uncompressed little-endian TIFF of three channels."""
    width, height = size
    form = {(1, 16): "<u2", (3, 32): "<f4"}[(sample_format, bits)]
    pixels = np.broadcast_to(np.array(colour, form), (height, width, 3)).tobytes()
    triple = struct.pack("<HHH", bits, bits, bits)
    formats = struct.pack("<HHH", sample_format, sample_format, sample_format)
    entries = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, 3, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, 20),
        (277, 3, 1, 3),
        (278, 3, 1, height),
        (279, 4, 1, len(pixels)),
        (284, 3, 1, 1),
        (339, 3, 3, 14),
    ]
    body = triple + formats + pixels
    directory = (
        struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + b"\0" * 4
    )
    return b"II*\0" + struct.pack("<I", 8 + len(body)) + body + directory


def xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ " + b"\0" * 4 + struct.pack(">iii", *(round(value * 65536) for value in (x, y, z)))


def rgb_profile(primaries: list[tuple[float, float, float]], gamma: float) -> bytes:
    """A matrix profile (ICC 2.1) with these primaries, adapted to D50, and one gamma."""
    text = b"test\0"
    description = b"desc" + b"\0" * 4 + struct.pack(">I", len(text)) + text + b"\0" * (11 + 67 + 1)
    curve = b"curv" + b"\0" * 4 + struct.pack(">IH", 1, round(gamma * 256))
    bodies = {
        b"desc": description,
        b"cprt": b"text" + b"\0" * 4 + b"none\0",
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        **{name: xyz(*values) for name, values in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)},
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    return profile_of(b"RGB ", bodies)


def grey_profile(gamma: float) -> bytes:
    curve = b"curv" + b"\0" * 4 + struct.pack(">IH", 1, round(gamma * 256))
    text = b"test\0"
    description = b"desc" + b"\0" * 4 + struct.pack(">I", len(text)) + text + b"\0" * (11 + 67 + 1)
    bodies = {
        b"desc": description,
        b"cprt": b"text" + b"\0" * 4 + b"none\0",
        b"wtpt": xyz(0.9642, 1, 0.8249),
        b"kTRC": curve,
    }
    return profile_of(b"GRAY", bodies)


def profile_of(space: bytes, bodies: dict[bytes, bytes]) -> bytes:
    offset, table, content = 128 + 4 + 12 * len(bodies), b"", b""
    for name, body in bodies.items():
        body += b"\0" * (-len(body) % 4)
        table += name + struct.pack(">II", offset + len(content), len(body))
        content += body
    size = offset + len(content)
    head = struct.pack(">I4sI4s4s4s", size, b"\0" * 4, 0x02100000, b"mntr", space, b"XYZ ")
    head += b"\0" * 12 + b"acsp" + b"\0" * 28 + struct.pack(">iii", 0xF6D6, 0x10000, 0xD32D)
    return (head + b"\0" * (128 - len(head))) + struct.pack(">I", len(bodies)) + table + content


def cmyk_profile() -> bytes:
    """A press of a made-up kind: a 2-point lookup table (lut8) from CMYK to Lab with pure cyan at
    Lab (50, -40, -40)."""
    text = b"test\0"
    description = b"desc" + b"\0" * 4 + struct.pack(">I", len(text)) + text + b"\0" * (11 + 67 + 1)
    lut = b"mft1" + b"\0" * 4 + bytes([4, 3, 2, 0]) + struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    identity = bytes(range(256))
    grid = b""
    for cyan in (0, 1):
        for magenta in (0, 1):
            for yellow in (0, 1):
                for black in (0, 1):
                    light = 100 - 50 * cyan - 50 * magenta * (1 - cyan) - 10 * yellow if not black else 0
                    a, b = (-40, -40) if cyan and not (magenta or yellow or black) else (0, 0)
                    grid += bytes([round(max(light, 0) * 2.55), a + 128, b + 128])
    lut += identity * 4 + grid + identity * 3
    bodies = {
        b"desc": description,
        b"cprt": b"text" + b"\0" * 4 + b"none\0",
        b"wtpt": xyz(0.9642, 1, 0.8249),
        b"A2B0": lut,
    }
    profile = bytearray(profile_of(b"CMYK", bodies))
    profile[12:16], profile[20:24] = b"prtr", b"Lab "
    return bytes(profile)
