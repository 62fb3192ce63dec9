"""A person brings what they have: folders, names with article numbers, a list; sees it first; takes it back at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from fabric_desktop.studio import Studio, load_info
from fabric_desktop.ui.pages.import_page import ImportPage
from tests.ui.conftest import Person, cloth

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(person: Person) -> ImportPage:
    person.key(Qt.Key.Key_I, CONTROL)
    page = person.window.pages.importing
    person.wait(page.isVisible)
    return page


def press(person: Person, button: object) -> None:
    person.bot.mouseClick(button, Qt.MouseButton.LeftButton)
    person.settle()


def choose(person: Person, page: ImportPage, kind: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(path))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    page.source.kinds[kind].click()
    press(person, page.source.choose)
    person.bot.wait(300)
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


def test_a_flat_folder_becomes_a_library_and_undo_takes_all_of_it_back(
    person: Person, page: ImportPage, flat: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(person, page, "names", flat, monkeypatch)
    press(person, page.next)
    assert page.steps.currentIndex() == 1
    assert studio.fabric_ids() == ["denim", "linen", "wool"], "nothing may be copied before it was seen"
    assert page.plan.fabrics.rowCount() == 2
    assert page.plan.unreadable.rowCount() == 1
    press(person, page.next)
    assert studio.fabric_ids() == ["AB-1204", "AB-1305", "denim", "linen", "wool"]
    assert len(studio.reference_photos("AB-1204")) == 3
    assert "6 reference" in page.banner.what.text()
    person.bot.keyClick(page, Qt.Key.Key_Z, CONTROL)
    person.settle()
    assert studio.fabric_ids() == ["denim", "linen", "wool"]
    assert len(list(flat.iterdir())) == 7


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
