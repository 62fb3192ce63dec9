"""A person names a patch: the file is there, the way back works, and nothing they typed is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from fabric_desktop.library.patches import TRASH
from fabric_desktop.studio import Studio
from tests.ui.conftest import Person
from tests.ui.hands import CONTROL, REDO, UNDO, accept_first, labelled


def test_saving_a_typed_name_creates_the_patch_and_its_record(
    person_with_bank: Person, studio: Studio, photo: Path
) -> None:
    person = person_with_bank
    person.click(150, 300)
    box = person.answered().box
    person.key(Qt.Key.Key_L)
    person.type("牛仔布")
    person.key(Qt.Key.Key_S, CONTROL)
    person.wait(lambda: person.region.label is not None)
    (patch,) = labelled(studio, "denim")
    record = json.loads(patch.with_suffix(".json").read_text(encoding="utf-8"))
    assert record["box"] == [box.x, box.y, box.width, box.height]
    assert record["coords"] == pytest.approx([150, 300], abs=1)
    assert Path(record["source_photo"]).name == photo.name
    assert record["topk"][0]["id"] == "denim"
    assert "Denim" in person.window.naming.hint.text()


def test_enter_accepts_the_first_candidate(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    accept_first(person, 450)
    assert len(labelled(studio, "linen")) == 1


def test_a_figure_accepts_that_candidate(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.click(450, 300)
    region = person.answered()
    assert region.recognition is not None
    second = region.recognition.candidates[1].id
    person.key(Qt.Key.Key_2)
    person.wait(lambda: region.label is not None)
    assert len(labelled(studio, second)) == 1


def test_the_badge_of_a_candidate_accepts_it_by_mouse(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.click(750, 300)
    person.answered()
    person.bot.mouseClick(person.window.results.rows[0].badge, Qt.MouseButton.LeftButton)
    person.wait(lambda: person.region.label is not None)
    assert len(labelled(studio, "wool")) == 1
    assert person.window.results.rows[0].badge.text() == "✓"


def test_figures_typed_into_the_name_are_letters_and_not_commands(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.click(450, 300)
    person.answered()
    person.key(Qt.Key.Key_L)
    person.type("lot 12")
    assert person.window.naming.field.text() == "lot 12"
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: person.region.label is not None)
    assert len(labelled(studio, "lot_12")) == 1


def test_undo_puts_the_patch_into_the_trash_and_redo_takes_it_back(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    accept_first(person, 150)
    person.settle()
    (patch,) = labelled(studio, "denim")
    content = patch.read_bytes()
    person.key(*UNDO)
    assert labelled(studio, "denim") == []
    assert person.region.label is None
    (thrown,) = sorted((studio.root / TRASH).rglob("*.png"))
    assert thrown.read_bytes() == content
    assert thrown.with_suffix(".json").exists()
    person.key(*REDO)
    (again,) = labelled(studio, "denim")
    assert again.read_bytes() == content
    assert again.with_suffix(".json").exists()
    assert person.region.label is not None


def test_another_name_replaces_the_label_and_undo_brings_the_first_back(
    person_with_bank: Person, studio: Studio
) -> None:
    person = person_with_bank
    person.click(150, 300)
    region = person.answered()
    person.key(Qt.Key.Key_1)
    person.wait(lambda: region.label is not None)
    first = region.label
    assert first is not None
    person.key(Qt.Key.Key_2)
    person.wait(lambda: region.label is not None and region.label.fabric_id != first.fabric_id)
    assert labelled(studio, first.fabric_id) == []
    person.key(*UNDO)
    assert region.label is not None
    assert region.label.fabric_id == first.fabric_id
    assert len(labelled(studio, first.fabric_id)) == 1


def test_pressing_the_key_twice_saves_one_patch(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    person.key(Qt.Key.Key_Return)
    person.key(Qt.Key.Key_Return)
    person.settle()
    assert len(labelled(studio, "denim")) == 1


def test_type_ahead_finds_a_fabric_by_any_name(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    person.key(Qt.Key.Key_L)
    person.type("牛")
    completer = person.window.naming.field.completer()
    shown = [completer.model().data(completer.model().index(row, 0)) for row in range(completer.model().rowCount())]
    assert any("Denim" in text and "牛仔布" in text for text in shown)


def test_a_suggestion_taken_by_key_is_the_fabric_and_not_its_line(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.click(450, 300)
    person.answered()
    person.key(Qt.Key.Key_L)
    person.type("den")
    popup = person.window.naming.field.completer().popup()
    person.wait(popup.isVisible)
    person.bot.keyClick(popup, Qt.Key.Key_Down)
    person.bot.keyClick(popup, Qt.Key.Key_Return)
    assert person.window.naming.field.text() == "Denim"
    assert person.region.label is None, "taking a suggestion is not yet saving it"
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: person.region.label is not None)
    assert len(labelled(studio, "denim")) == 1


def test_enter_on_half_a_name_takes_the_first_suggestion_and_makes_no_new_fabric(
    person_with_bank: Person, studio: Studio
) -> None:
    person = person_with_bank
    person.click(450, 300)
    person.answered()
    person.key(Qt.Key.Key_L)
    person.type("den")
    popup = person.window.naming.field.completer().popup()
    person.wait(popup.isVisible)
    person.bot.keyClick(popup, Qt.Key.Key_Return)
    assert person.window.naming.field.text() == "Denim"
    assert not (studio.labeled_dir / "den").exists()


def test_a_name_that_cannot_be_a_folder_is_refused_before_saving(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    person.key(Qt.Key.Key_L)
    person.type("a/b")
    assert not person.window.actions_["save_label"].isEnabled()
    assert "a/b" in person.window.naming.hint.text()


def test_counters_follow_every_label(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: "1 of 20" in person.window.naming.counters.text())
    assert "Under 5: Denim 1" in person.window.naming.counters.text(), "which fabrics have too few patches"
    person.key(*UNDO)
    person.wait(lambda: "1 of 20" not in person.window.naming.counters.text())


def test_a_failed_save_says_so_and_leaves_no_label(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    # A file where the folder should be: nothing can be saved there, whoever we are.
    (studio.labeled_dir / "denim").write_text("in the way", encoding="utf-8")
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: bool(person.banner()))
    assert "could not be saved" in person.banner()
    assert person.region.label is None
