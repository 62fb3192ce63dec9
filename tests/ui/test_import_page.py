"""A person brings what they have: folders, names with article numbers, a list; sees it first; takes it back at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLineEdit, QTreeWidget, QTreeWidgetItem

from fabric_desktop.studio import Studio, load_info
from fabric_desktop.ui.pages.import_page import ImportPage
from tests.ui.conftest import Person, cloth
from tests.ui.hands import CONTROL, press


@pytest.fixture
def page(person: Person) -> ImportPage:
    person.key(Qt.Key.Key_I, CONTROL)
    page = person.window.pages.importing
    person.wait(page.isVisible)
    return page


def choose(person: Person, page: ImportPage, kind: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(path))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    page.source.kinds[kind].click()
    press(person, page.source.choose)
    # What was chosen is looked at when nothing has been typed for a moment.
    person.wait(lambda: not any(timer.isActive() for timer in page.findChildren(QTimer)))
    person.settle()


@pytest.fixture
def flat(tmp_path: Path) -> Path:
    """Photos with article numbers, one of which is no picture."""
    root = tmp_path / "布样 2024"
    root.mkdir()
    for article in ("AB-1204", "AB-1305"):
        for number in (1, 2, 3):
            cloth("denim", 10 * number + int(article[-1])).save(root / f"{article}_{number}.png")
    (root / "AB-1305_4.jpg").write_text("no picture", encoding="utf-8")
    return root


def test_names_are_read_as_they_are_typed(
    person: Person, page: ImportPage, flat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(person, page, "names", flat, monkeypatch)
    assert page.source.pattern.text() == "{article}_{n}"
    person.wait(lambda: page.source.preview.rowCount() == 7)
    item = page.source.preview.item(0, 1)
    assert item is not None
    assert item.text() == "AB-1204"
    page.source.pattern.selectAll()
    person.bot.keyClicks(page.source.pattern, "{n}_{any}")
    person.wait(page.source.problem.isVisible)


@pytest.mark.parametrize("form", ["{}", '"{}"', "{uri}"])
def test_a_place_that_is_pasted_is_read_at_once(person: Person, page: ImportPage, flat: Path, form: str) -> None:
    page.source.kinds["names"].click()
    assert not page.next.isEnabled()
    QGuiApplication.clipboard().setText(form.format(flat, uri=flat.as_uri()))
    page.source.path.paste()
    person.wait(lambda: page.source.preview.rowCount() == 7)
    assert page.next.isEnabled(), "nothing but the Tab key woke the button"
    assert page.source.folder == flat


def test_a_place_that_is_dropped_or_pasted_says_what_kind_it_is(person: Person, page: ImportPage, flat: Path) -> None:
    listed = flat / "清单.xlsx"
    for kind, place in (("list", listed), ("folders", flat)):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(place))])
        plain, button = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
        event = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, button, plain)
        page.source.dropEvent(event)
        assert (page.source.kind, page.source.folder) == (kind, place)
        assert event.isAccepted()
    QGuiApplication.clipboard().setText(str(listed))
    page.source.path.selectAll()
    page.source.path.paste()
    assert (page.source.kind, page.source.folder) == ("list", listed)
    person.settle()


def test_a_flat_folder_becomes_a_library_and_undo_takes_all_of_it_back(
    person: Person, page: ImportPage, flat: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(person, page, "names", flat, monkeypatch)
    press(person, page.next)
    assert page.steps.currentIndex() == 1
    assert studio.fabric_ids() == ["denim", "linen", "wool"], "nothing may be copied before it was seen"
    assert page.plan.fabrics.topLevelItemCount() == 2
    assert page.plan.unreadable.rowCount() == 1
    press(person, page.next)
    assert studio.fabric_ids() == ["AB-1204", "AB-1305", "denim", "linen", "wool"]
    assert len(studio.reference_photos("AB-1204")) == 3
    assert "6 reference" in page.banner.what.text()
    person.bot.keyClick(page, Qt.Key.Key_Z, CONTROL)
    person.settle()
    assert studio.fabric_ids() == ["denim", "linen", "wool"]
    assert len(list(flat.iterdir())) == 7


def line_of(page: ImportPage, fabric: str) -> QTreeWidgetItem:
    """A fabric's line in the preview."""
    tree = page.plan.fabrics
    found = [tree.topLevelItem(place) for place in range(tree.topLevelItemCount())]
    return next(item for item in found if item is not None and item.text(0) == fabric)


def test_a_photo_is_left_out_by_hand_and_can_be_taken_again(
    person: Person, page: ImportPage, flat: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(person, page, "names", flat, monkeypatch)
    press(person, page.next)
    tree = page.plan.fabrics
    line_of(page, "AB-1204").setExpanded(True)
    tree.setFocus()
    photo = line_of(page, "AB-1204").child(1)
    assert photo is not None
    assert photo.text(0) == "AB-1204_2.png"
    tree.setCurrentItem(photo)
    person.bot.keyClick(tree, Qt.Key.Key_Space)
    person.settle()
    assert line_of(page, "AB-1204").text(1) == "2 of 3"
    assert line_of(page, "AB-1204").isExpanded(), "the list stays where it was"
    assert "5 reference" in page.plan.summary.text()
    tree.setCurrentItem(line_of(page, "AB-1305"))
    person.bot.keyClick(tree, Qt.Key.Key_Space)
    person.settle()
    assert line_of(page, "AB-1305").text(1) == "0 of 3", "a fabric that is left out stays in sight"
    person.bot.keyClick(tree, Qt.Key.Key_Space)
    person.settle()
    assert line_of(page, "AB-1305").text(1) == "3"
    press(person, page.next)
    assert len(studio.reference_photos("AB-1204")) == 2
    assert len(studio.reference_photos("AB-1305")) == 3
    assert not (studio.fabrics_dir / "AB-1204" / "AB-1204_2.png").exists()


def test_an_id_is_changed_by_hand_before_anything_is_copied(
    person: Person, page: ImportPage, flat: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(person, page, "names", flat, monkeypatch)
    press(person, page.next)

    def type_id(fabric: str, text: str) -> None:
        tree = page.plan.fabrics
        tree.setCurrentItem(line_of(page, fabric))
        tree.setFocus()
        person.bot.keyClick(tree, Qt.Key.Key_F2)
        editor = tree.findChild(QLineEdit)
        assert editor is not None
        editor.selectAll()
        person.bot.keyClicks(editor, text)
        person.bot.keyClick(editor, Qt.Key.Key_Return)
        person.wait(lambda: tree.state() != QTreeWidget.State.EditingState)
        person.bot.wait(20)
        person.settle()

    type_id("AB-1204", "denim")
    assert line_of(page, "denim").text(2) == "3 there already", "the library's own fabric gets them"
    type_id("AB-1305", "a/b")
    assert "a/b" in page.banner.what.text()
    assert line_of(page, "AB-1305").text(1) == "3", "an id that no folder can have changes nothing"
    type_id("AB-1305", "wool 12oz")
    assert studio.fabric_ids() == ["denim", "linen", "wool"]
    press(person, page.next)
    assert studio.fabric_ids() == ["denim", "linen", "wool", "wool 12oz"]
    assert len(studio.reference_photos("denim")) == 6
    person.bot.keyClick(page, Qt.Key.Key_Z, CONTROL)
    person.settle()
    assert studio.fabric_ids() == ["denim", "linen", "wool"]
    assert len(studio.reference_photos("denim")) == 3


def test_what_is_doubtful_is_said_in_the_persons_language_before_anything_is_copied(
    person: Person, page: ImportPage, flat: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = flat / "清单.csv"
    listed.write_text(
        "文件,货号,成分\nAB-1204_1.png,AB-1204,全棉\nAB-1204_2.png,AB-1204,棉麻\n没有.png,AB-1204,\n", encoding="utf-8"
    )
    choose(person, page, "list", listed, monkeypatch)
    press(person, page.next)
    person.window.commands.use_language("zh")
    person.settle()
    table = page.plan.conflicts
    texts = [item.text() for row in range(table.rowCount()) if (item := table.item(row, 0)) is not None]
    assert any("的 成分" in text and "全棉" in text and "棉麻" in text for text in texts)
    assert any(text.startswith("没有.png") for text in texts)
    assert not any(str(flat) in text for text in texts[:2]), "files are told by their names"
    assert studio.fabric_ids() == ["denim", "linen", "wool"]


def test_going_back_changes_nothing(
    person: Person, page: ImportPage, flat: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(person, page, "names", flat, monkeypatch)
    press(person, page.next)
    press(person, page.back)
    assert page.steps.currentIndex() == 0
    assert studio.fabric_ids() == ["denim", "linen", "wool"]


def test_a_list_brings_declared_data(
    person: Person, page: ImportPage, flat: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = flat / "清单.csv"
    listed.write_text("文件,货号,成分,克重\nAB-1204_1.png,AB-1204,全棉,320\n", encoding="utf-8")
    choose(person, page, "list", listed, monkeypatch)
    press(person, page.next)
    press(person, page.next)
    info = load_info(studio, "AB-1204")
    assert (info.fibre, info.weight) == ("全棉", "320")


def test_an_empty_folder_is_told(
    person: Person, page: ImportPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "空"
    empty.mkdir()
    choose(person, page, "folders", empty, monkeypatch)
    press(person, page.next)
    assert page.steps.currentIndex() == 0
    assert "空" in page.banner.what.text()


def test_declared_data_that_differ_are_kept_unless_the_person_says_otherwise(
    person: Person, page: ImportPage, flat: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    (studio.fabrics_dir / "denim" / "fabric.toml").write_text('fibre = "全棉"\n', encoding="utf-8")
    listed = flat / "list.csv"
    listed.write_text("file,fabric,fibre\nAB-1204_1.png,denim,棉 98 氨纶 2\n", encoding="utf-8")
    choose(person, page, "list", listed, monkeypatch)
    press(person, page.next)
    assert page.plan.replace.isVisible()
    page.plan.replace.click()
    person.settle()
    press(person, page.next)
    assert load_info(studio, "denim").fibre == "棉 98 氨纶 2"
