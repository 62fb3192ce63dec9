"""A library that is read whole for one new photo, or a changed photo that goes unnoticed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fabric_desktop import embeddings
from fabric_desktop.bank import build_bank
from fabric_desktop.embeddings import decoded_for
from fabric_desktop.encoders.builtin import BuiltinEncoder
from fabric_desktop.encoders.drawn_cloth import draw_cloth
from fabric_desktop.imaging import open_photo
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio
from tests.support import CountingEncoder, cloth, make_studio, save_photo

HOUR_NS = 3_600_000_000_000


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return make_studio(tmp_path / "我的 studio", {"cotton": 3, "真丝缎": 2})


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the photos that are read, and a clock by which they were all written an hour ago."""
    import time

    names: list[str] = []
    real, now = embeddings.open_unknown, time.time_ns

    def noted(path: Path, *args: Any, **options: Any) -> Any:
        names.append(path.name)
        return real(path, *args, **options)

    monkeypatch.setattr(embeddings, "open_unknown", noted)
    monkeypatch.setattr("fabric_desktop.touched.time.time_ns", lambda: now() + HOUR_NS)
    return names


def _build(studio: Studio) -> int:
    return build_bank(studio, CountingEncoder(), JobContext()).reused


def test_a_new_photo_is_the_only_one_that_is_read(studio: Studio, read: list[str]) -> None:
    _build(studio)
    assert len(read) == 5
    read.clear()
    save_photo(studio.fabrics_dir / "cotton" / "new.png", cloth("cotton", 9))
    assert _build(studio) == 5
    assert read == ["new.png"]


def test_a_photo_that_was_changed_in_place_is_read_again(studio: Studio, read: list[str]) -> None:
    _build(studio)
    read.clear()
    photo = studio.fabrics_dir / "cotton" / "ref 0.png"
    before = photo.stat()
    other = (studio.fabrics_dir / "cotton" / "ref 1.png").read_bytes()
    photo.write_bytes(other[: before.st_size].ljust(before.st_size, b"\0"))
    os.utime(photo, ns=(before.st_atime_ns, before.st_mtime_ns))
    _build(studio)
    assert read == ["ref 0.png"]


def test_a_photo_written_within_the_same_tick_of_the_clock_is_read_again(
    studio: Studio, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fabric_desktop.touched.time.time_ns", lambda: 0)
    _build(studio)
    read.clear()
    assert _build(studio) == 5
    assert len(read) == 5


@pytest.mark.parametrize("text", ["", "[]", '{"fabrics/cotton/ref 0.png": [1, 2, 3]}', '{"a": [1, 2, 3, 4]}'])
def test_kept_hashes_that_make_no_sense_cost_time_only(studio: Studio, read: list[str], text: str) -> None:
    _build(studio)
    (studio.root / ".cache" / "hashes-references.json").write_text(text, encoding="utf-8")
    read.clear()
    assert _build(studio) == 5
    assert len(read) == 5


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_photo_is_decoded_small_and_keeps_its_embedding_and_size(tmp_path: Path, orientation: int) -> None:
    import numpy as np

    drawn = draw_cloth(np.random.default_rng(3)).resize((1900, 1400), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save_photo(tmp_path / "大 photo.jpg", drawn, exif=exif)
    encoder = BuiltinEncoder(threads=1)
    seen: list[tuple[int, int]] = []
    decoded = decoded_for(encoder, path, (), lambda _digest, image: seen.append(image.size))
    whole = open_photo(path)
    assert decoded.image is not None
    assert decoded.size == whole.size
    assert min(decoded.image.size) == encoder.seen_side < min(seen[0]) < min(whole.size)
    small, large = encoder.encode([decoded.image, whole])
    assert float(small @ large) >= 0.9999
