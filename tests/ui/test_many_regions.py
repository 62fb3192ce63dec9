"""Several regions at once: chosen, named, duplicated, deleted, and all of it undone in one step."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt

from fabric_desktop.studio import Studio
from fabric_desktop.ui.document import Document
from tests.ui.conftest import Person
from tests.ui.hands import CONTROL, SHIFT, UNDO


def two_regions(person: Person) -> Document:
    for x in (150, 750):
        person.click(x, 300)
        person.answered()
    document = person.window.bench.document
    assert document is not None
    return document


def test_all_regions_are_deleted_in_one_step_and_come_back_in_one(person_with_bank: Person) -> None:
    person = person_with_bank
    document = two_regions(person)
    before = [region.id for region in document.regions]
    person.key(Qt.Key.Key_A, CONTROL)
    person.key(Qt.Key.Key_Delete)
    assert document.regions == []
    person.key(*UNDO)
    assert sorted(region.id for region in document.regions) == sorted(before)


def test_shift_and_click_adds_a_region_and_a_label_means_both(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    document = two_regions(person)
    port, shift = person.window.canvas.viewport(), SHIFT
    first = document.regions[0]
    inside: QPoint = person.at(first.box.x + first.box.width / 2, first.box.y + first.box.height / 2)
    person.bot.mouseClick(port, Qt.MouseButton.LeftButton, shift, inside)
    assert document.chosen == document.regions
    assert all(region is not None for region in document.regions)
    person.key(Qt.Key.Key_L)
    person.type("linen")
    person.window.naming.field.completer().popup().hide()
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: len(list((studio.labeled_dir / "linen").glob("*.png"))) == 2)


def test_duplicating_two_regions_gives_two_more(person_with_bank: Person) -> None:
    person = person_with_bank
    document = two_regions(person)
    person.key(Qt.Key.Key_A, CONTROL)
    person.key(Qt.Key.Key_D, CONTROL)
    assert len(document.regions) == 4
    person.settle()
    person.key(*UNDO)
    assert len(document.regions) == 2
