"""A person goes through a folder of photos: sees them as they are found, filters, and steps from one to the next."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QPushButton

from fabric_desktop.batch.scan import PhotoEntry
from fabric_desktop.batch.thumbnails import Thumbnails
from fabric_desktop.studio import Studio
from fabric_desktop.ui.pages import thumbs
from fabric_desktop.ui.pages.filmstrip import Filmstrip
from fabric_desktop.ui.pages.photo_list import ENTRY_ROLE
from tests.ui.conftest import Person, cloth
from tests.ui.hands import CONTROL, REDO, SHIFT, UNDO
from tests.ui.watchdog import NOTICED_MS, Watchdog


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six photos with a Chinese name and a space, in a folder and one below it."""
    root = tmp_path / "外拍 photos"
    (root / "夏").mkdir(parents=True)
    for number, fabric in enumerate(("denim", "linen", "wool")):
        cloth(fabric, 70 + number).save(root / f"IMG {number}.png")
        cloth(fabric, 80 + number).save(root / "夏" / f"IMG {number}.png")
    return root


def open_photos(person: Person, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Filmstrip:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    person.key(Qt.Key.Key_F, CONTROL | SHIFT)
    strip = person.window.pages.strip
    person.wait(lambda: strip.list.model().rowCount() > 0)
    person.settle()
    return strip


def test_a_folder_is_shown_with_its_first_photo_open(
    person: Person, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strip = open_photos(person, folder, monkeypatch)
    assert strip.isVisible()
    assert strip.model.rowCount() == 6
    document = person.window.bench.document
    assert document is not None
    assert document.path == strip.model.photos[0]
    assert strip.list.currentIndex().row() == 0
    person.wait(lambda: strip.model.thumbs.picture(strip.model.photos[0]) is not None)


def test_a_picture_that_is_being_made_is_not_made_again(
    person: Person, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strip = open_photos(person, folder, monkeypatch)
    small, photos, make, made = strip.model.thumbs, strip.model.photos, thumbs._image, list[Path]()

    def noted(thumbnails: Thumbnails, photo: Path) -> QImage:
        made.append(photo)
        return make(thumbnails, photo)

    monkeypatch.setattr(thumbs, "_image", noted)
    small.forget()
    # Waiting asks for all of them again and again, as painting does.
    person.wait(lambda: None not in [small.picture(photo) for photo in photos])
    person.settle()
    assert sorted(made) == sorted(photos)
    small.forget()
    person.wait(lambda: small.picture(photos[0]) is not None)
    assert sorted(made) == sorted([*photos, photos[0]])


def test_another_folder_is_shown_from_its_beginning(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        for number in range(30):
            Image.new("RGB", (8, 8), (8 * number, 90, 90)).save(folder / f"{number}.png")
    strip = open_photos(person, folders[0], monkeypatch)
    bar = strip.list.verticalScrollBar()
    person.wait(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    assert bar.value() > 0
    strip.show_folder(folders[1], open_first=False)
    person.settle()
    assert strip.model.rowCount() == 30
    assert bar.value() == 0


def test_keys_step_through_the_photos_and_stop_at_the_ends(
    person: Person, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strip = open_photos(person, folder, monkeypatch)
    bench = person.window.bench
    person.key(Qt.Key.Key_PageDown)
    person.wait(lambda: bench.document is not None and bench.document.path == strip.model.photos[1])
    assert strip.list.currentIndex().row() == 1
    person.key(Qt.Key.Key_PageUp)
    person.wait(lambda: bench.document is not None and bench.document.path == strip.model.photos[0])
    person.key(Qt.Key.Key_PageUp)
    person.settle()
    assert bench.document is not None
    assert bench.document.path == strip.model.photos[0]


def test_a_click_opens_that_photo(person: Person, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strip = open_photos(person, folder, monkeypatch)
    place = strip.list.visualRect(strip.model.index(2)).center()
    person.bot.mouseClick(strip.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    bench = person.window.bench
    person.wait(lambda: bench.document is not None and bench.document.path == strip.model.photos[2])


def test_a_label_is_seen_in_the_strip_and_can_be_filtered(
    person_with_bank: Person, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = person_with_bank
    strip = open_photos(person, folder, monkeypatch)
    person.key(Qt.Key.Key_W)
    person.answered()
    first = strip.model.index(0)
    assert first.data(ENTRY_ROLE).state in ("recognised", "uncertain")
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: strip.model.index(0).data(ENTRY_ROLE).state == "labelled")
    person.settle()
    at = strip.filter.findData("labelled")
    strip.filter.setCurrentIndex(at)
    strip.filter.activated.emit(at)
    assert strip.model.rowCount() == 1
    assert "labelled  1" in strip.filter.currentText()
    person.key(*UNDO)
    person.settle()
    assert strip.model.counts()["labelled"] == 0, "a label that was taken back must not be shown as one"
    person.key(*REDO)
    person.settle()
    assert strip.model.counts()["labelled"] == 1


def test_labels_of_an_earlier_day_are_known(
    person_with_bank: Person, folder: Path, monkeypatch: pytest.MonkeyPatch, make_window: Callable[[Path], Person]
) -> None:
    person = person_with_bank
    strip = open_photos(person, folder, monkeypatch)
    person.key(Qt.Key.Key_W)
    person.answered()
    person.key(Qt.Key.Key_Return)
    person.settle()
    strip.scan_again()
    person.settle()
    assert strip.model.counts()["labelled"] == 1


def test_without_a_folder_the_panel_says_how_to_fill_it(person: Person) -> None:
    person.key(Qt.Key.Key_F2)
    strip = person.window.pages.strip
    assert strip.isVisible()
    assert strip.empty.title.text() == "No folder is open"
    assert not person.window.actions_["next_photo"].isEnabled()
    assert "folder of photos first" in person.window.actions_["next_photo"].toolTip()


def test_a_region_that_nobody_can_name_asks_for_its_name_and_then_becomes_a_reference(
    person: Person, studio: Studio
) -> None:
    person.click(150, 300)
    person.wait(lambda: person.window.bench.region is not None)
    person.settle()
    region = person.window.bench.region
    assert region is not None
    region.recognition = None
    person.key(Qt.Key.Key_R)
    assert "Which fabric is it?" in person.banner()
    assert person.window.naming.field.hasFocus()
    person.type("denim")
    person.window.naming.field.completer().popup().hide()
    person.window.canvas.setFocus()
    before = studio.reference_photos("denim")
    person.key(Qt.Key.Key_R)
    person.wait(lambda: len(studio.reference_photos("denim")) == len(before) + 1)
    person.settle()


def test_a_region_becomes_a_reference_with_one_key_and_undo_takes_it_out(
    person_with_bank: Person, studio: Studio
) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    before = studio.reference_photos("denim")
    person.key(Qt.Key.Key_R)
    person.wait(lambda: len(studio.reference_photos("denim")) == len(before) + 1)
    person.settle()
    assert "reference photo of Denim" in person.banner()
    person.key(Qt.Key.Key_Z, CONTROL)
    person.wait(lambda: studio.reference_photos("denim") == before)
    person.settle()
    person.key(Qt.Key.Key_Z, CONTROL | SHIFT)
    person.wait(lambda: len(studio.reference_photos("denim")) == len(before) + 1)
    person.settle()


def test_a_dropped_folder_of_photos_can_be_gone_through(person: Person, folder: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    assert person.window.opening.take(data)
    buttons = person.window.banner.findChildren(QPushButton)
    person.bot.mouseClick(
        next(button for button in buttons if "its photos" in button.text()), Qt.MouseButton.LeftButton
    )
    person.settle()
    assert person.window.pages.strip.model.rowCount() == 6
    assert not person.banner()


def test_of_several_photos_dropped_the_first_is_opened_and_the_others_stand_in_the_strip(
    person: Person, folder: Path
) -> None:
    photos = sorted(folder.glob("*.png"))[:3]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photo)) for photo in photos])
    assert person.window.opening.take(data)
    strip = person.window.pages.strip
    person.wait(lambda: len(strip.model.photos) == 6)
    person.settle()
    assert set(photos) <= set(strip.model.photos)
    document = person.window.bench.document
    assert document is not None
    assert document.path == photos[0]


def test_the_small_pictures_of_a_large_folder_take_no_more_memory_than_they_may(
    person: Person, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strip = open_photos(person, folder, monkeypatch)
    small = strip.model.thumbs
    photos, kept = strip.model.photos, 3 * 128 * 128 * 4
    strip.list.hide()  # in sight they would all be asked for again and again
    small.forget()
    monkeypatch.setattr(thumbs, "_KEPT_BYTES", kept)
    for photo in photos * 2:
        person.wait(lambda photo=photo: small.picture(photo) is not None)
        assert 0 < small.bytes_kept <= kept
    person.settle()
    assert small.picture(photos[-1]) is not None
    small.forget()
    assert small.bytes_kept == 0


def test_small_pictures_of_long_ago_make_room_on_the_disk(
    person: Person, studio: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = studio.root / ".cache" / "thumbnails" / "00" / "of long ago.jpg"
    old.parent.mkdir(parents=True)
    old.write_bytes(bytes(1_000_000))
    os.utime(old, (0, 0))
    monkeypatch.setattr(thumbs, "_ON_DISK_BYTES", 500_000)
    strip = open_photos(person, folder, monkeypatch)
    person.wait(lambda: not old.exists())
    person.settle()
    assert strip.model.thumbs.picture(strip.model.photos[0]) is not None
    assert list(old.parent.parent.rglob("*.jpg")), "those of today stay"


def test_twenty_thousand_photos_are_listed_and_scrolled_through_without_a_stall(
    person: Person, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strip = open_photos(person, folder, monkeypatch)
    photos = [PhotoEntry(folder / "many" / f"IMG {number}.png", "new") for number in range(20_000)]
    dog, watched = Watchdog(), strip.list.verticalScrollBar()
    with dog.watching("listing"):
        for start in range(0, len(photos), 400):
            strip.model.add(photos[start : start + 400])
            strip._show_state()
            person.bot.wait(1)
    with dog.watching("scrolling"):
        for step in range(40):
            watched.setValue(watched.maximum() * step // 40)
            person.bot.wait(1)
    assert strip.model.counts()["new"] == len(strip.model) == 20_006
    assert strip.filter.itemText(0).endswith("20006")
    assert dog.longest is None or dog.longest.milliseconds < NOTICED_MS, dog.longest
    strip.model.clear()
    person.settle()
