"""Pictures that cannot be opened: an answer or a reason, never anything else, and nothing left behind."""

from __future__ import annotations

import os
import struct
import threading
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import content_hash, open_photo
from tests.pictures import encoded, reason_of, tiff_rgb16, write
from tests.support import cloth


def test_missing_empty_and_foreign_files_are_named_for_what_they_are(tmp_path: Path) -> None:
    assert reason_of(tmp_path / "不在 here.jpg") == "missing"
    assert reason_of(tmp_path / "a.jpg" / "b.jpg") == "missing"
    write(tmp_path / "file", b"x")
    assert reason_of(tmp_path / "file" / "b.jpg") == "missing"
    assert reason_of(write(tmp_path / "empty.jpg", b"")) == "empty"
    assert reason_of(write(tmp_path / "text.jpg", "这不是图片".encode())) == "not_a_picture"
    assert reason_of(write(tmp_path / "zip.png", b"PK\x03\x04" + b"\0" * 100)) == "not_a_picture"
    (tmp_path / "folder.jpg").mkdir()
    assert reason_of(tmp_path / "folder.jpg") == "not_a_picture"
    assert reason_of(tmp_path / "nul\0.jpg") == "missing"
    assert reason_of(tmp_path / ("long" * 100 + ".jpg")) in ("missing", "unreachable")


def test_pictures_of_a_kind_not_read_here_are_called_unsupported(tmp_path: Path) -> None:
    assert reason_of(write(tmp_path / "a.png", encoded(Image.new("RGB", (4, 4)), "GIF"))) == "unsupported"
    assert reason_of(write(tmp_path / "b.jpg", b"8BPS" + b"\0" * 60)) == "unsupported"
    assert reason_of(write(tmp_path / "c.jpg", b"%PDF-1.7 " + b"\0" * 60)) == "unsupported"


def test_no_permission_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.png", encoded(Image.new("RGB", (4, 4)), "PNG"))
    path.chmod(0)
    if os.access(path, os.R_OK):

        def refuse(self: Path) -> bytes:
            raise PermissionError(13, "Permission denied", str(self))

        monkeypatch.setattr(Path, "read_bytes", refuse)
    assert reason_of(path) == "no_permission"


def test_a_network_share_that_vanishes_is_called_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.png", encoded(Image.new("RGB", (4, 4)), "PNG"))

    def vanish(self: Path) -> bytes:
        raise OSError(112, "Host is down", str(self))

    monkeypatch.setattr(Path, "read_bytes", vanish)
    assert reason_of(path) == "unreachable"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_or_device_among_the_photos_does_not_hang_the_program(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert reason_of(tmp_path / "pipe.jpg") == "not_a_picture"
    with pytest.raises(UnreadableImage):
        content_hash(tmp_path / "pipe.jpg")
    (tmp_path / "zero.jpg").symlink_to("/dev/zero")
    assert reason_of(tmp_path / "zero.jpg") == "not_a_picture"


def bomb_png(width: int, height: int) -> bytes:
    data = bytearray(encoded(Image.new("L", (8, 8)), "PNG"))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    return bytes(data)


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (20_000, 10_001)])
def test_a_bomb_is_refused_by_its_header(tmp_path: Path, size: tuple[int, int]) -> None:
    assert reason_of(write(tmp_path / "bomb.png", bomb_png(*size))) == "too_large"


def test_bombs_in_other_formats_are_refused(tmp_path: Path) -> None:
    bmp = bytearray(encoded(Image.new("RGB", (8, 8)), "BMP"))
    bmp[18:26] = struct.pack("<ii", 60_000, 60_000)
    assert reason_of(write(tmp_path / "bomb.bmp", bytes(bmp))) == "too_large"
    tiff = tiff_rgb16((1, 2, 3), (4, 4)).replace(
        struct.pack("<HHII", 256, 3, 1, 4), struct.pack("<HHII", 256, 4, 1, 100_000)
    )
    tiff = tiff.replace(struct.pack("<HHII", 257, 3, 1, 4), struct.pack("<HHII", 257, 4, 1, 100_000))
    assert reason_of(write(tmp_path / "bomb.tif", tiff)) == "too_large"
    jpeg = bytearray(encoded(Image.new("RGB", (8, 8)), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 65_000, 65_000)
    assert reason_of(write(tmp_path / "bomb.jpg", bytes(jpeg))) == "too_large"


def test_the_cap_is_ours_and_can_be_raised_for_one_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "wide.png", encoded(Image.new("RGB", (100, 100)), "PNG"))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)  # Pillow itself would refuse anything over twice this
    assert reason_of(path, pixel_cap=9_999) == "too_large"
    assert open_photo(path, pixel_cap=10_000).size == (100, 100)
    assert Image.MAX_IMAGE_PIXELS == 100


def test_a_file_too_big_for_any_photo_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "disk image.jpg"
    with path.open("wb") as stream:
        stream.truncate(50 * 2**30)
    assert reason_of(path) == "too_large"


def _photos() -> dict[str, bytes]:
    image = cloth("damaged", side=256)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (160, 160, 3), np.uint8))
    return {
        "jpeg": encoded(noise, "JPEG", quality=90),
        "progressive": encoded(noise, "JPEG", quality=80, progressive=True),
        "png": encoded(noise, "PNG"),
        "palette": encoded(noise.convert("P"), "PNG"),
        "webp": encoded(noise, "WEBP", quality=80),
        "lossless webp": encoded(noise, "WEBP", lossless=True),
        "bmp": encoded(image, "BMP"),
        "tiff": encoded(noise, "TIFF"),
        "lzw tiff": encoded(noise, "TIFF", compression="tiff_lzw"),
        "jpeg tiff": encoded(noise, "TIFF", compression="jpeg"),
        "heic": encoded(noise, "HEIF", quality=90),
    }


PHOTOS = _photos()


@pytest.mark.parametrize("kind", list(PHOTOS))
def test_a_photo_cut_off_anywhere_is_refused_as_truncated_and_never_half_shown(tmp_path: Path, kind: str) -> None:
    data = PHOTOS[kind]
    path = tmp_path / "cut"
    reasons = set()
    for length in [*range(1, 100, 7), *range(1024, len(data) - 64, max(1024, len(data) // 60))]:
        write(path, data[:length])
        reasons.add(reason_of(path))
    assert reasons <= {"truncated", "not_a_picture", "unsupported"}
    assert reason_of(write(path, data[: len(data) // 2])) == "truncated"


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    kind=st.sampled_from(list(PHOTOS)),
    edits=st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), min_size=1, max_size=30),
    early=st.booleans(),
)
def test_any_damage_gives_a_picture_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, kind: str, edits: list[tuple[int, int]], early: bool
) -> None:
    data = bytearray(PHOTOS[kind])
    reach = min(len(data), 400) if early else len(data)
    for place, value in edits:
        data[place % reach] = value
    path = write(tmp_path_factory.getbasetemp() / "damaged picture", bytes(data))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            photo = open_photo(path, pixel_cap=4_000_000)
        except UnreadableImage as error:
            answer = error.params["reason"]
        else:
            answer = photo.mode
    assert answer in ("RGB", "truncated", "not_a_picture", "unsupported", "too_large")


@pytest.mark.parametrize(
    "raised", [RuntimeError("x"), ZeroDivisionError(), AttributeError("y"), MemoryError(), UserWarning("z")]
)
def test_whatever_a_reader_raises_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: BaseException
) -> None:
    path = write(tmp_path / "a.png", PHOTOS["png"])

    def fail(self: Image.Image) -> None:
        raise raised

    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", fail)
    assert reason_of(path) == ("too_large" if isinstance(raised, MemoryError) else "truncated")


def test_many_threads_opening_photos_at_once_leave_warnings_and_caps_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 3000)  # Pillow warns of the size of both
    # A palette whose transparency is bytes makes Pillow warn at its conversion.
    image = Image.new("P", (60, 60))
    image.putpalette([255, 0, 0, 0, 0, 255])
    path = write(tmp_path / "warns.png", encoded(image, "PNG", transparency=b"\x00\x80"))
    big = write(tmp_path / "wide.png", encoded(Image.new("RGB", (900, 900)), "PNG"))
    failures: list[BaseException] = []
    before = (list(warnings.filters), Image.MAX_IMAGE_PIXELS)

    def open_often() -> None:
        try:
            for round_ in range(60):
                open_photo(big if round_ % 5 else path)
        except BaseException as error:  # noqa: BLE001 - a test wants to see every kind
            failures.append(error)

    threads = [threading.Thread(target=open_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (list(warnings.filters), Image.MAX_IMAGE_PIXELS) == before
