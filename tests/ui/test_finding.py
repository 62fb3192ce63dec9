"""A person finds things by typing, compares by eye, and takes the answer elsewhere."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from fabric_desktop.batch.scan import PhotoEntry
from fabric_desktop.ui.actions import SPECS
from fabric_desktop.ui.find_palette import Find, best_of
from tests.ui.conftest import Person, make_photo
from tests.ui.hands import CONTROL, SHIFT


def find(person: Person, typed: str) -> list[str]:
    person.key(Qt.Key.Key_K, CONTROL)
    palette = person.window.finding.palette
    assert palette is not None
    person.wait(palette.isVisible)
    person.bot.keyClicks(palette.field, typed)
    role = Qt.ItemDataRole.AccessibleTextRole
    return [str(palette.list.item(row).data(role)) for row in range(palette.list.count())]


@pytest.mark.parametrize("typed", ["nzb", "niuzai", "牛仔", "denim", "DEN"])
def test_a_fabric_is_found_by_chinese_english_and_pinyin(typed: str) -> None:
    finds = [
        Find("羊毛", "", ("wool", "羊毛"), lambda: None),
        Find("牛仔布", "", ("denim", "牛仔布", "Denim"), lambda: None),
    ]
    assert [found.text for found in best_of(finds, typed)] == ["牛仔布"]


def test_no_key_means_two_things() -> None:
    keys = Counter(key for spec in SPECS for key in spec.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_an_action_is_found_and_done(person_with_bank: Person) -> None:
    person = person_with_bank
    shown = find(person, "whole")
    assert shown[0].startswith("Whole photograph")
    palette = person.window.finding.palette
    assert palette is not None
    person.bot.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert person.answered().box.as_list() == [0, 0, 900, 600]


def test_an_action_that_is_not_possible_says_why_and_does_nothing(person_with_bank: Person) -> None:
    shown = find(person_with_bank, "copy result")
    assert "Choose a region" in shown[0]
    palette = person_with_bank.window.finding.palette
    assert palette is not None
    person_with_bank.bot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.hide()


def test_a_fabric_that_was_found_goes_into_the_name(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(450, 300)
    person.answered()
    assert find(person, "nzb")[0].startswith("Denim")
    palette = person.window.finding.palette
    assert palette is not None
    person.bot.keyClick(palette.field, Qt.Key.Key_Return)
    assert person.window.naming.field.text() == "Denim"


def test_a_photo_of_the_strip_is_found_by_its_name_or_pinyin_initials_and_opened(
    person_with_bank: Person, tmp_path: Path
) -> None:
    person = person_with_bank
    folder = tmp_path / "春季 2026"
    folder.mkdir()
    for name in ("真丝 长裙.png", "IMG_0042.png", "IMG_0043.png"):
        make_photo(folder / name)
    person.window.pages.strip.show_folder(folder, open_first=False)
    person.wait(lambda: len(person.window.pages.strip.model.photos) == 3)
    assert find(person, "0042") == ["IMG_0042.png, Photograph"]
    palette = person.window.finding.palette
    assert palette is not None
    palette.hide()
    assert find(person, "zscq")[0].startswith("真丝 长裙.png")
    person.bot.keyClick(palette.field, Qt.Key.Key_Return)
    document = person.window.bench
    person.wait(lambda: document.document is not None and document.document.path == folder / "真丝 长裙.png")
    person.settle()


def test_twenty_thousand_photos_are_searched_without_a_stall(person_with_bank: Person) -> None:
    person = person_with_bank
    entries = [PhotoEntry(Path(f"/客户照片/外套 {number:05}.jpg"), "new") for number in range(20_000)]
    person.window.pages.strip.model.add(entries)
    with person.watched("find"):
        person.window.finding.find()
        assert len(person.window.finding.photos("wt199")) == 8
        assert [found.text for found in person.window.finding.photos("19999")] == ["外套 19999.jpg"]
    assert person.window.finding.palette is not None
    person.window.finding.palette.hide()


def test_the_answer_is_copied_as_json(person_with_bank: Person, photo: Path) -> None:
    person = person_with_bank
    person.click(150, 300)
    box = person.answered().box
    person.key(Qt.Key.Key_C, CONTROL | SHIFT)
    record = json.loads(QGuiApplication.clipboard().text())
    assert record["box"] == box.as_list()
    assert record["photo"] == str(photo)
    assert record["candidates"][0]["id"] == "denim"


def test_a_click_on_a_swatch_compares_it_full_size_with_the_patch(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    box = person.answered().box
    strip = person.window.results.swatches
    person.wait(strip.references[1].isVisible)
    person.bot.mouseClick(strip.references[1], Qt.MouseButton.LeftButton)
    person.wait(lambda: person.window.comparing.window is not None and person.window.comparing.window.isVisible())
    window = person.window.comparing.window
    assert window is not None
    assert (window.patch.image.width(), window.patch.image.height()) == (box.width, box.height), "every pixel of it"
    assert window.reference.image.width() == 240
    first = window.reference_name.text()
    assert "2 of" in first
    person.bot.keyClick(window, Qt.Key.Key_Right)
    assert window.reference_name.text() != first
    window.close()


def test_a_region_is_duplicated_and_undone(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    first = person.answered()
    person.key(Qt.Key.Key_D, CONTROL)
    second = person.answered()
    assert second is not first
    assert (second.box.width, second.box.height) == (first.box.width, first.box.height)
    person.key(Qt.Key.Key_Z, CONTROL)
    assert person.window.bench.document is not None
    assert person.window.bench.document.regions == [first]
