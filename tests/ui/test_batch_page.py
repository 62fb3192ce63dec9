"""A person has a whole folder recognised, sorts and filters what came out, labels many at once, and saves a table."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QFileDialog, QPushButton

from fabric_desktop.labels import count_by_fabric, list_unlabeled
from fabric_desktop.recognition import Recognition
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.pages.batch_model import FABRIC, FILE, SHARE
from fabric_desktop.ui.pages.batch_page import BatchPage
from fabric_desktop.ui.runner import State
from tests.ui.conftest import Person, cloth, make_studio
from tests.ui.hands import CONTROL, button_saying, press


@pytest.fixture
def page(person_with_bank: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BatchPage:
    """The batch page on a folder of six photos and a file that is none."""
    folder = tmp_path / "客户 寄样"
    folder.mkdir()
    for number, fabric in enumerate(("wool", "denim", "linen") * 2):
        cloth(fabric, 200 + number).save(folder / f"IMG {number}.png")
    (folder / "liar.jpg").write_text("no picture", encoding="utf-8")
    person = person_with_bank
    person.key(Qt.Key.Key_G, CONTROL)
    page = person.window.pages.batch
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    person.bot.mouseClick(page.choose, Qt.MouseButton.LeftButton)
    return page


@pytest.fixture
def done(person_with_bank: Person, page: BatchPage) -> BatchPage:
    """The page when the folder has been recognised."""
    press(person_with_bank, page.start_button)
    assert page.report is not None
    return page


def column(page: BatchPage, which: int) -> list[str]:
    return [str(page.shown.index(row, which).data()) for row in range(page.shown.rowCount())]


def choose_rows(page: BatchPage, *rows: int) -> None:
    page.table.clearSelection()
    for row in rows:
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        page.table.selectionModel().select(page.shown.index(row, 0), flags)


def test_an_empty_page_holds_the_button_that_fills_it(
    person_with_bank: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = person_with_bank
    folder = tmp_path / "寄样"
    folder.mkdir()
    cloth("wool", 201).save(folder / "1.png")
    person.key(Qt.Key.Key_G, CONTROL)
    page = person.window.pages.batch
    page.folder = None
    page.retranslate()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    press(person, offered(page))
    assert page.folder == folder
    press(person, offered(page))
    assert page.report is not None
    assert column(page, FILE) == ["1.png"]
    assert not page.empty.isVisible()


def offered(page: BatchPage) -> QPushButton:
    """The one button of the empty page."""
    (found,) = [button for button in page.empty.findChildren(QPushButton) if button.isVisible()]
    return found


def test_a_folder_is_recognised_as_one_job(done: BatchPage) -> None:
    assert column(done, FILE) == [*(f"IMG {number}.png" for number in range(6)), "liar.jpg"]
    assert column(done, FABRIC)[:3] == ["Wool", "Denim", "Linen"]
    assert done.start_button.text() == "Recognise"


def test_results_are_sorted_and_filtered(done: BatchPage) -> None:
    done.table.sortByColumn(FABRIC, Qt.SortOrder.DescendingOrder)
    assert column(done, FABRIC)[:2] == ["Wool", "Wool"]
    done.search.setText("denim")
    assert done.shown.rowCount() == 2
    done.search.clear()
    at = done.words.findData("failed")
    done.words.setCurrentIndex(at)
    done.words.activated.emit(at)
    assert column(done, FILE) == ["liar.jpg"]
    assert column(done, SHARE) == [""]


def test_many_are_labelled_at_once_and_undone_at_once(
    person_with_bank: Person, done: BatchPage, studio: Studio
) -> None:
    person = person_with_bank
    choose_rows(done, 0, 3)
    assert "2 chosen" in done.chosen.text()
    done.field.setFocus()
    person.bot.keyClicks(done.field, "wool")
    press(person, done.label_button)
    assert count_by_fabric(studio) == {"wool": 2}
    assert column(done, 6)[0] == "✓ Wool"
    assert "Label 2 photos" in done.banner.what.text()
    person.bot.keyClick(done, Qt.Key.Key_Z, CONTROL)
    person.settle()
    assert count_by_fabric(studio).get("wool", 0) == 0
    assert column(done, 6)[0] == ""


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "html"])
def test_the_results_are_saved(
    person_with_bank: Person, done: BatchPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    target = tmp_path / f"结果.{ending}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    press(person_with_bank, done.saving.button)
    assert target.stat().st_size > 500
    assert target.name in done.banner.what.text()


def test_a_stopped_batch_is_saved_as_far_as_it_is_and_goes_on_where_it_was(
    person_with_bank: Person, page: BatchPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = person_with_bank
    assert page.folder is not None
    for number in range(200):
        cloth("wool", 1000 + number, 60).save(page.folder / f"many {number}.png")
    stopped, recognize = threading.Event(), Recognizer.recognize

    def slowly(*args: Any, **choices: Any) -> Recognition:
        stopped.wait(0.05)  # however long this thread takes to click, the folder takes longer
        return recognize(*args, **choices)

    monkeypatch.setattr(Recognizer, "recognize", slowly)
    person.bot.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
    person.wait(lambda: len(page.model.results) > 5)
    early = tmp_path / "early.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(early), ""))
    person.bot.mouseClick(page.saving.button, Qt.MouseButton.LeftButton)
    person.wait(early.is_file)
    assert page.stop_button.isVisible(), "it is written while the folder is still being recognised"
    assert json.loads(early.read_text(encoding="utf-8"))["photos_in_folder"] == 207
    press(person, page.stop_button)
    stopped.set()
    assert page.report is None
    found = len(page.model.results)
    assert found < 207
    assert page.start_button.text() == "Go on"
    target = tmp_path / "part.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    press(person, page.saving.button)
    written = json.loads(target.read_text(encoding="utf-8"))
    assert (written["photos"], written["photos_in_folder"], written["finished"]) == (found, 207, False)
    assert f"{found} of 207 photos: the run is not finished" in page.banner.do.text()
    press(person, page.start_button)
    assert page.report is not None
    assert len(page.report.results) == 207
    assert page.report.resumed >= found - 1


def test_a_double_click_shows_the_photo(person_with_bank: Person, done: BatchPage) -> None:
    person = person_with_bank
    done.table.doubleClicked.emit(done.shown.index(1, FILE))
    person.settle()
    document = person.window.bench.document
    assert document is not None
    assert document.title == "IMG 1.png"


def test_uncertain_photos_are_offered_with_their_number_and_kept_only_when_wanted(
    person_with_bank: Person, page: BatchPage, studio: Studio
) -> None:
    person = person_with_bank
    person.window.bench.settings = replace(person.window.bench.settings, review_below=1.0)
    press(person, page.start_button)
    assert list_unlabeled(studio) == [], "a batch dumps nothing into the queue"
    assert "Uncertain: 6 of 7 photos" in page.banner.what.text()
    press(person, button_saying(page.banner, "Show them"))
    assert "6 chosen" in page.chosen.text()
    choose_rows(page, 1, 2)
    press(person, page.review.button)
    assert len(list_unlabeled(studio)) == 2
    assert "Kept for review: 2" in page.banner.what.text()
    person.bot.keyClick(page, Qt.Key.Key_Z, CONTROL)
    person.settle()
    assert list_unlabeled(studio) == []


def test_a_photo_replaced_since_is_said_and_not_kept_and_what_waits_already_is_no_step_to_undo(
    person_with_bank: Person, done: BatchPage, studio: Studio
) -> None:
    person, stack = person_with_bank, person_with_bank.window.pages.changing.stack
    names = column(done, FILE)
    here, gone = names.index("IMG 2.png"), names.index("IMG 3.png")
    assert done.folder is not None
    cloth("wool", 999).save(done.folder / "IMG 3.png")
    choose_rows(done, here, gone)
    press(person, done.review.button)
    assert "Kept for review: 1" in done.banner.what.text()
    assert "Another picture than the one recognised, left out: 1" in done.banner.do.text()
    assert len(list_unlabeled(studio)) == 1
    steps = stack.count()
    choose_rows(done, here)
    press(person, done.review.button)
    assert "Kept for review: 0" in done.banner.what.text()
    assert "Waiting or labelled already: 1" in done.banner.do.text()
    assert "Undo" not in done.banner.do.text(), "there is nothing to undo"
    assert (stack.count(), len(list_unlabeled(studio))) == (steps, 1)


def test_photos_answered_in_one_studio_are_not_offered_for_the_queue_of_the_next(
    person_with_bank: Person, page: BatchPage, tmp_path: Path
) -> None:
    person, bench = person_with_bank, person_with_bank.window.bench
    bench.settings = replace(bench.settings, review_below=1.0)
    press(person, page.start_button)
    assert page.banner.message is not None, "all of them are uncertain, and offered"
    other = make_studio(tmp_path / "other studio")
    bench.start(bench.use_studio(other.root))
    person.wait(lambda: bench.studio == other)
    person.settle()
    assert page.banner.message is None
    assert not page.model.results
    assert not list_unlabeled(other)


def test_a_run_of_the_studio_before_ends_with_it(
    person_with_bank: Person, page: BatchPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, bench = person_with_bank, person_with_bank.window.bench
    other, left, recognize = make_studio(tmp_path / "other studio"), threading.Event(), Recognizer.recognize

    def slowly(*args: Any, **choices: Any) -> Recognition:
        left.wait(5)  # however long this thread takes to leave the studio, the folder takes longer
        return recognize(*args, **choices)

    monkeypatch.setattr(Recognizer, "recognize", slowly)
    person.bot.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
    bench.studio_changed.connect(left.set)
    bench.start(bench.use_studio(other.root))
    person.wait(lambda: bench.studio == other)
    person.settle()
    (run,) = [entry for entry in bench.runner.entries if entry.title == job_titles.BATCH]
    assert run.state is State.CANCELLED, "nobody waits for it any more"
    assert page.report is None
    assert not page.model.results
    assert page.banner.message is None
