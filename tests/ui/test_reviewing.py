"""A person works off what the program was unsure of, and looks over what has been labelled: nothing gets lost on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from fabric_desktop.studio import Studio, save_setting
from tests.ui.conftest import Person, label_some, make_photo
from tests.ui.hands import CONTROL, REDO, SHIFT, UNDO, accept_first, labelled


def waiting(studio: Studio) -> list[Path]:
    return sorted(studio.unlabeled_dir.glob("*.png"))


def keep_two(person: Person) -> None:
    """Two regions that the person keeps for review."""
    for number, x in enumerate((150, 450), start=1):
        person.click(x, 300)
        person.answered()
        person.key(Qt.Key.Key_U)
        person.wait(lambda: person.region.kept is not None)
        person.settle()
        assert len(person.window.bench.document.regions) == number  # type: ignore[union-attr]


@pytest.fixture
def sure_studio(studio: Studio) -> Studio:
    """A studio in which nothing is kept without being asked for."""
    save_setting(studio, "review_below", 0.0)
    return studio


def test_u_keeps_the_region_for_review_and_undo_takes_it_out(sure_studio: Studio, person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    person.key(Qt.Key.Key_U)
    person.wait(lambda: len(waiting(sure_studio)) == 1)
    person.settle()
    assert "Kept for review" in person.window.naming.hint.text()
    person.key(*UNDO)
    person.wait(lambda: not waiting(sure_studio))
    person.settle()
    assert person.region.kept is None
    person.key(*REDO)
    person.wait(lambda: len(waiting(sure_studio)) == 1)


def test_what_the_program_is_unsure_of_is_kept_by_itself_and_once(studio: Studio, person_with_bank: Person) -> None:
    person = person_with_bank
    person.window.bench.settings = person.window.bench.settings.__class__(review_below=1.0, review_per_photo=2)
    for x in (150, 160, 450, 750):
        person.click(x, 300)
        person.answered()
        person.settle()
    assert len(waiting(studio)) == 2, "at most two of one photograph, and one place once"


def test_what_was_kept_by_itself_goes_and_comes_back_with_its_region(studio: Studio, person_with_bank: Person) -> None:
    person = person_with_bank
    person.window.bench.settings = person.window.bench.settings.__class__(review_below=1.0)
    person.click(150, 300)
    person.wait(lambda: len(waiting(studio)) == 1)
    person.settle()
    kept = waiting(studio)
    person.key(*UNDO)
    person.wait(lambda: not waiting(studio))
    person.settle()
    person.key(*REDO)
    person.wait(lambda: waiting(studio) == kept)
    person.settle()
    assert person.region.kept is not None
    person.key(Qt.Key.Key_Delete)
    person.settle()
    assert waiting(studio) == kept, "a region that is deleted leaves what was kept of it"


def test_naming_a_region_that_was_kept_makes_it_a_label_and_leaves_the_queue(
    sure_studio: Studio, person_with_bank: Person
) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    person.key(Qt.Key.Key_U)
    person.wait(lambda: person.region.kept is not None)
    person.settle()
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: person.region.label is not None)
    assert len(labelled(sure_studio, "denim")) == 1
    assert waiting(sure_studio) == []
    person.key(*UNDO)
    assert labelled(sure_studio, "denim") == []
    assert len(waiting(sure_studio)) == 1, "undo puts it back where it came from"


def test_the_queue_is_worked_off_by_keys_and_undone(sure_studio: Studio, person_with_bank: Person) -> None:
    person = person_with_bank
    keep_two(person)
    person.key(Qt.Key.Key_N)
    grid = person.window.review.queue.grid
    person.wait(lambda: grid.count() == 2 and grid.hasFocus())
    person.settle()
    assert "Denim" in grid.item(0).text() + grid.item(1).text()
    grid.setCurrentRow(0)
    first = grid.current()
    assert first is not None
    person.key(Qt.Key.Key_1)
    person.wait(lambda: grid.count() == 1)
    person.settle()
    assert len(labelled(sure_studio, first.candidates[0][0])) == 1
    assert grid.currentRow() == 0, "the next one has moved up and can be named at once"
    person.key(*UNDO)
    person.wait(lambda: grid.count() == 2)
    assert len(waiting(sure_studio)) == 2


def test_many_patches_of_the_queue_are_named_at_once(sure_studio: Studio, person_with_bank: Person) -> None:
    person = person_with_bank
    keep_two(person)
    person.key(Qt.Key.Key_F5)
    panel = person.window.review.queue
    person.wait(lambda: panel.grid.count() == 2 and panel.grid.hasFocus())
    person.settle()
    person.key(Qt.Key.Key_A, CONTROL)
    person.key(Qt.Key.Key_L)
    person.bot.keyClicks(panel.field, "wool")
    panel.field.completer().popup().hide()
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: len(labelled(sure_studio, "wool")) == 2)
    person.wait(lambda: panel.grid.count() == 0)


def test_a_patch_is_relabelled_and_its_region_says_so(sure_studio: Studio, person_with_bank: Person) -> None:
    person = person_with_bank
    accept_first(person, 150)
    person.settle()
    person.key(Qt.Key.Key_F5, SHIFT)
    panel = person.window.review.labelled
    person.wait(lambda: panel.grid.count() == 1)
    panel.grid.setCurrentRow(0)
    panel.field.setFocus()
    person.bot.keyClicks(panel.field, "linen")
    panel.field.completer().popup().hide()
    person.bot.mouseClick(panel.save, Qt.MouseButton.LeftButton)
    person.wait(lambda: len(labelled(sure_studio, "linen")) == 1)
    person.wait(lambda: person.region.label is not None and person.region.label.fabric_id == "linen")
    person.settle()
    person.key(*UNDO)
    person.wait(lambda: len(labelled(sure_studio, "denim")) == 1)
    person.wait(lambda: person.region.label is not None and person.region.label.fabric_id == "denim")


def test_the_browser_filters_by_fabric_and_deletes_into_the_trash(
    sure_studio: Studio, make_window: Callable[[Path], Person]
) -> None:
    label_some(sure_studio, 2)
    person = make_window(sure_studio.root)
    person.key(Qt.Key.Key_F5, SHIFT)
    panel = person.window.review.labelled
    person.wait(lambda: panel.grid.count() == 6)
    panel.filter.setCurrentIndex(panel.filter.findData("wool"))
    panel.filter.activated.emit(panel.filter.currentIndex())
    assert panel.grid.count() == 2
    panel.grid.setFocus()
    panel.grid.selectAll()
    person.key(Qt.Key.Key_Delete)
    person.wait(lambda: labelled(sure_studio, "wool") == [])
    person.settle()
    assert len(list((sure_studio.root / ".trash").rglob("*.png"))) == 2
    person.key(*UNDO)
    person.wait(lambda: len(labelled(sure_studio, "wool")) == 2)


def test_a_labelled_patch_leads_to_its_photograph_and_region(
    sure_studio: Studio, person_with_bank: Person, tmp_path: Path
) -> None:
    person = person_with_bank
    person.click(450, 300)
    box = person.answered().box
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: person.region.label is not None)
    (patch,) = labelled(sure_studio, "linen")
    assert "region_id" in json.loads(patch.with_suffix(".json").read_text(encoding="utf-8"))
    person.open(make_photo(tmp_path / "other.png"))
    person.key(Qt.Key.Key_F5, SHIFT)
    panel = person.window.review.labelled
    person.wait(lambda: panel.grid.count() == 1)
    panel.grid.setCurrentRow(0)
    panel.grid.setFocus()
    person.key(Qt.Key.Key_J)
    person.wait(lambda: person.window.bench.region is not None and person.window.bench.region.box == box)


def test_a_recent_label_is_one_click_away(sure_studio: Studio, person_with_bank: Person) -> None:
    person = person_with_bank
    accept_first(person, 750)
    recent = person.window.naming.recent.buttons[0]
    person.wait(recent.isVisible)
    person.click(150, 300)
    person.answered()
    person.wait(recent.isEnabled)
    person.bot.mouseClick(recent, Qt.MouseButton.LeftButton)
    person.wait(lambda: person.region.label is not None)
    assert len(labelled(sure_studio, "wool")) == 2
