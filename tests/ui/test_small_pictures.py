"""Small pictures, made beside the window's thread: one that cannot be read, or a window that stands still for ever."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

import fabric_desktop.ui
from fabric_desktop.batch.thumbnails import Thumbnails
from fabric_desktop.ui.pages.thumbs import _image
from tests.support import make_studio, save_photo


@pytest.fixture
def thumbnails(tmp_path: Path) -> Thumbnails:
    return Thumbnails(make_studio(tmp_path / "studio"), 128)


def test_a_small_picture_has_the_photos_colours_and_shape(thumbnails: Thumbnails, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "红.png", Image.new("RGB", (400, 200), (200, 30, 60)))
    picture = _image(thumbnails, photo)
    assert (picture.width(), picture.height()) == (128, 64)
    colour = picture.pixelColor(64, 32)
    assert [colour.red(), colour.green(), colour.blue()] == pytest.approx([200, 30, 60], abs=6)


def test_a_photo_or_a_kept_picture_that_is_damaged_gives_an_empty_one(thumbnails: Thumbnails, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.png"
    nothing.write_bytes(b"\x89PNG and no more")
    assert _image(thumbnails, nothing).isNull()
    photo = save_photo(tmp_path / "cloth.png", Image.new("RGB", (300, 300), "white"))
    assert not _image(thumbnails, photo).isNull()
    kept = next(path for path in (tmp_path / "studio").rglob("*.jpg"))
    kept.write_bytes(b"\xff\xd8 torn \xff\xd9")
    assert _image(thumbnails, photo).isNull()


def test_no_thread_of_ours_lets_qt_find_out_what_a_file_is() -> None:
    # Qt's readers connect a QObject for that while PySide holds Python's lock: with the window's thread disconnecting
    # something at that moment, both wait for ever. Pictures that are read are read by Pillow.
    guessed = re.compile(r"QImage\.fromData|QImageReader|QImage\(str|QPixmap\(str|\.load\(str")
    folder = Path(fabric_desktop.ui.__file__).parent
    found = [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*.py"))
        if guessed.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
