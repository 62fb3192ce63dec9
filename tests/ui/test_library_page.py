"""A person keeps a library: adds, removes, replaces photos, declares, renames, merges, and takes it all back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog

from fabric_desktop.bank import load_bank
from fabric_desktop.library.check import Finding
from fabric_desktop.studio import Studio, load_info
from fabric_desktop.ui.pages.library_page import LibraryPage
from tests.ui.conftest import Person, cloth, label_some
from tests.ui.hands import CONTROL, press


@pytest.fixture
def page(person: Person) -> LibraryPage:
    """The library page, open, read and checked."""
    person.key(Qt.Key.Key_L, CONTROL)
    page = person.window.pages.library
    person.wait(lambda: page.report is not None)
    person.settle()
    return page


def undo(person: Person, page: LibraryPage) -> None:
    person.bot.keyClick(page, Qt.Key.Key_Z, CONTROL)
    person.settle()


def go_to(person: Person, page: LibraryPage, fabric: str) -> None:
    row = page.fabrics.row_of(fabric)
    assert row is not None
    place = page.list.visualRect(page.fabrics.index(row)).center()
    person.bot.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def drop(page: LibraryPage, *files: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(60, 60), copy, data, left, none)
    QApplication.sendEvent(page.grid.viewport(), enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page.grid.viewport(), QDropEvent(QPointF(60, 60), copy, data, left, none))


def test_it_shows_every_fabric_with_its_photos(person: Person, page: LibraryPage) -> None:
    assert [fabric.id for fabric in page.fabrics.fabrics] == ["denim", "linen", "wool"]
    assert page.title.text() == "Denim"
    assert len(page.grid.photos.photos) == 3
    go_to(person, page, "wool")
    assert page.title.text() == "Wool"
    assert {photo.parent.name for photo in page.grid.photos.photos} == {"wool"}


def test_dropped_photos_are_taken_in_and_undo_takes_them_out(
    person: Person, page: LibraryPage, studio: Studio, tmp_path: Path
) -> None:
    new = tmp_path / "新 swatch.png"
    cloth("denim", 99).save(new)
    drop(page, new, new)
    person.settle()
    assert len(studio.reference_photos("denim")) == 4
    assert len(page.grid.photos.photos) == 4
    assert "there already" in page.banner.what.text()
    undo(person, page)
    assert len(studio.reference_photos("denim")) == 3
    assert len(page.grid.photos.photos) == 3


def test_a_pasted_picture_is_taken_in(person: Person, page: LibraryPage, studio: Studio) -> None:
    picture = QImage(300, 300, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.darkBlue)
    QGuiApplication.clipboard().setImage(picture)
    page.grid.setFocus()
    person.bot.keyClick(page.grid, Qt.Key.Key_V, CONTROL)
    person.settle()
    assert len(studio.reference_photos("denim")) == 4


def test_removed_photos_lie_in_the_trash_and_come_back(person: Person, page: LibraryPage, studio: Studio) -> None:
    photo = page.grid.photos.photos[0]
    page.grid.choose(photo)
    person.bot.keyClick(page.grid, Qt.Key.Key_Delete)
    person.settle()
    assert not photo.exists()
    trashed = []

    async def look() -> None:
        trashed.extend(await page.work.trash())
        await page.work.restore([item.path for item in trashed])

    person.window.bench.start(look())
    person.settle()
    assert [item.name for item in trashed] == [photo.name]
    assert photo.exists()


def test_a_photo_is_replaced(
    person: Person, page: LibraryPage, studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    better = tmp_path / "better.png"
    cloth("denim", 500, 600).save(better)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(better), ""))
    photo = page.grid.photos.photos[1]
    page.grid.choose(photo)
    press(person, page.replace_button)
    assert photo.read_bytes() == better.read_bytes()


def test_what_is_typed_into_the_form_is_declared_and_undone(person: Person, page: LibraryPage, studio: Studio) -> None:
    field = page.form.fields["fibre"]
    field.setFocus()
    QTest.keyClicks(field, "98 % cotton, 2 % elastane")
    person.bot.keyClick(field, Qt.Key.Key_Return)
    person.settle()
    assert load_info(studio, "denim").fibre == "98 % cotton, 2 % elastane"
    page.form.fields["name_zh"].setText("丹宁布")
    go_to(person, page, "wool")
    person.settle()
    assert load_info(studio, "denim").name_zh == "丹宁布"
    undo(person, page)
    undo(person, page)
    assert load_info(studio, "denim").fibre == ""


def test_a_fabric_is_renamed_with_its_labels(
    person: Person, page: LibraryPage, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    label_some(studio, 2)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("牛仔 12oz", True))
    press(person, page.rename_button)
    assert "牛仔 12oz" in studio.fabric_ids()
    assert len(list((studio.labeled_dir / "牛仔 12oz").glob("*.png"))) == 2
    assert page.fabric is not None
    assert page.fabric.id == "牛仔 12oz"
    undo(person, page)
    assert "denim" in studio.fabric_ids()


def test_two_fabrics_become_one(
    person: Person, page: LibraryPage, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getItem", lambda _self, _title, _ask, lines, *_: (lines[0], True))
    press(person, page.merge_button)
    assert studio.fabric_ids() == ["linen", "wool"]
    assert len(studio.reference_photos("linen")) == 6
    undo(person, page)
    assert studio.fabric_ids() == ["denim", "linen", "wool"]


def test_what_is_wrong_is_marked_and_its_button_puts_it_right(
    person: Person, page: LibraryPage, studio: Studio
) -> None:
    first = studio.fabrics_dir / "wool" / "other light.png"
    cloth("wool", 777).save(first)
    first.with_name("twin.png").write_bytes(first.read_bytes())
    page.reload()
    person.settle()
    assert "doubtful" in page.summary.text()
    go_to(person, page, "wool")
    place = next(n for n, finding in enumerate(page.health.findings) if finding.code == "near_duplicate")
    assert "same picture" in page.health.words[place]
    press(person, page.health.buttons[place])
    assert len(studio.reference_photos("wool")) == 4
    assert all(finding.code != "near_duplicate" for finding in page.health.findings)


def test_what_is_left_out_of_a_long_list_is_counted(
    person: Person, page: LibraryPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [Finding("unreadable", "error", "replace", "wool", (f"fabrics/wool/{number}.png",)) for number in range(34)]
    page.health.show_findings(many, (), "en", "", writable=True)
    assert len(page.health.buttons) == 30
    assert page.health.words[-1].startswith("4 more")
    page.health.show_findings(many[:30], (), "en", "", writable=True)
    assert len(page.health.words) == 30


def test_the_model_follows_the_library(person_with_bank: Person, studio: Studio, tmp_path: Path) -> None:
    person = person_with_bank
    person.key(Qt.Key.Key_L, CONTROL)
    page = person.window.pages.library
    person.wait(lambda: page.report is not None)
    person.settle()
    assert not page.refresh_button.isEnabled()
    new = tmp_path / "one more.png"
    cloth("denim", 99).save(new)
    drop(page, new)
    person.settle()
    assert page.refresh_button.isEnabled()
    press(person, page.refresh_button)
    assert not page.refresh_button.isEnabled()
    status = person.window.bench.facts.status if person.window.bench.facts is not None else None
    assert status is not None
    assert status.references == 10


def test_a_damaged_bank_is_told_beside_every_fabric_and_its_button_builds_it_anew(
    person_with_bank: Person, studio: Studio
) -> None:
    person = person_with_bank
    studio.bank_path.write_bytes(b"no bank")
    person.key(Qt.Key.Key_L, CONTROL)
    page = person.window.pages.library
    person.wait(lambda: page.report is not None)
    person.settle()
    assert [finding.code for finding in page.health.findings][:1] == ["bank_damaged"]
    press(person, page.health.buttons[0])
    assert all(finding.code != "bank_damaged" for finding in page.health.findings)
    assert load_bank(studio.bank_path).rows


def test_a_damaged_photo_is_told_where_the_person_looks(
    person: Person, page: LibraryPage, studio: Studio, tmp_path: Path
) -> None:
    liar = tmp_path / "liar.jpg"
    liar.write_text("no picture", encoding="utf-8")
    drop(page, liar)
    person.settle()
    assert "liar.jpg" in page.banner.what.text()
    assert len(studio.reference_photos("denim")) == 3
