"""Thumbnails: upright, made once, never stale, and never a reason to stop."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from fabric_desktop.batch import thumbnails as module
from fabric_desktop.batch.thumbnails import Thumbnails
from fabric_desktop.errors import UnreadableImage
from fabric_desktop.glance import glance
from fabric_desktop.studio import Studio, open_studio
from tests.support import cloth, save_photo


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "s", create=True)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    seen: list[Path] = []
    real = module.thumbnail

    def count(photo: Path, side: int) -> bytes:
        seen.append(photo)
        return real(photo, side)

    monkeypatch.setattr(module, "thumbnail", count)
    return seen


def size_of(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


def test_a_thumbnail_is_made_once_and_found_at_once(studio: Studio, tmp_path: Path, opened: list[Path]) -> None:
    photo = save_photo(tmp_path / "照 片.png", cloth("a", side=600))
    made = Thumbnails(studio)
    assert made.find(photo) is None
    data = made.data(photo)
    assert size_of(data) == (256, 256)
    found = Thumbnails(studio).find(photo)
    assert found is not None
    assert found.read_bytes() == data == made.data(photo)
    assert opened == [photo]


def test_an_edited_photo_gets_a_new_thumbnail(studio: Studio, tmp_path: Path, opened: list[Path]) -> None:
    photo = save_photo(tmp_path / "p.png", cloth("a"))
    first = Thumbnails(studio).data(photo)
    save_photo(photo, cloth("b"))
    assert Thumbnails(studio).find(photo) is None
    assert Thumbnails(studio).data(photo) != first
    assert len(opened) == 2


def test_a_photo_held_upright_has_an_upright_thumbnail(studio: Studio, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = save_photo(tmp_path / "p.jpg", Image.new("RGB", (800, 400), "blue"), exif=exif)
    assert size_of(Thumbnails(studio).data(photo)) == (128, 256)
    seen = glance(photo, 256)
    assert seen.size == (400, 800)


def test_a_small_photo_is_not_enlarged(studio: Studio, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "p.png", cloth("a", side=40))
    assert size_of(Thumbnails(studio).data(photo)) == (40, 40)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xd8\xff\xe0"])
def test_a_broken_photo_says_why_and_is_asked_again_next_time(studio: Studio, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.jpg").write_bytes(content)
    for _ in range(2):
        with pytest.raises(UnreadableImage):
            Thumbnails(studio).data(tmp_path / "p.jpg")
    with pytest.raises(UnreadableImage):
        Thumbnails(studio).data(tmp_path / "gone.jpg")
    assert Thumbnails(studio).find(tmp_path / "gone.jpg") is None


def test_a_thumbnail_that_was_damaged_on_the_disk_is_made_again(studio: Studio, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "p.png", cloth("a"))
    data = Thumbnails(studio).data(photo)
    found = Thumbnails(studio).find(photo)
    assert found is not None
    found.write_bytes(data[:100])
    assert Thumbnails(studio).data(photo) == data


def test_a_disk_that_keeps_nothing_costs_no_picture(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_write", full)
    assert Thumbnails(studio).data(save_photo(tmp_path / "p.png", cloth("a"))).startswith(b"\xff\xd8")


def test_several_threads_make_the_same_thumbnails(studio: Studio, tmp_path: Path) -> None:
    photos = [save_photo(tmp_path / f"{number}.png", cloth("a", number)) for number in range(4)]
    made = Thumbnails(studio)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(made.data, photos * 4))
    assert results[:4] * 4 == results
    assert not list((studio.root / ".cache").rglob(".writing-*"))


def test_old_thumbnails_make_room(studio: Studio, tmp_path: Path) -> None:
    made = Thumbnails(studio)
    photos = [save_photo(tmp_path / f"{number}.png", cloth("a", number)) for number in range(4)]
    sizes = [len(made.data(photo)) for photo in photos]
    assert made.prune(keep=sum(sizes)) == 0
    assert made.prune(keep=sum(sizes[2:])) >= 2
    assert made.find(photos[0]) is None
