"""A person looks after the versions of the model: figures, time in use, notes, export, delete and bring back."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QThread
from PySide6.QtWidgets import QFileDialog, QLineEdit

from fabric_desktop.bank import build_bank
from fabric_desktop.encoders.registry import load_encoder
from fabric_desktop.jobs import JobContext
from fabric_desktop.loop import deploy, improve, read_notes
from fabric_desktop.studio import Studio, Version, list_versions, load_version
from fabric_desktop.ui import versions_flows
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.versions_window import NAME, NOTE, SINCE, TOP1, USED, VersionsWindow
from tests.ui.conftest import Person, cloth, label_some, make_studio
from tests.ui.hands import CONTROL, press


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """v1 the bank, v2 a head that was in use, v3 in use; three patches labelled since."""
    studio = make_studio(tmp_path_factory.mktemp("versions") / "面料 studio")
    encoder = load_encoder("dummy")
    build_bank(studio, encoder, JobContext())
    for count in (8, 12):
        label_some(studio, count)
        deploy(studio, improve(studio, encoder, JobContext()).new.name)
    for number in range(3):
        cloth("wool", 700 + number).save(studio.labeled_dir / "wool" / f"later {number}.png")
    return studio.root


@pytest.fixture
def person(make_window: Callable[[Path], Person], studio: Studio) -> Person:
    return make_window(studio.root)


@pytest.fixture
def table(person: Person) -> VersionsWindow:
    # Not by its key: Qt would take Ctrl and Shift for still held when rows are chosen.
    person.window.actions_["versions"].trigger()
    person.wait(lambda: person.window.retraining.versions is not None)
    person.settle()
    versions = person.window.retraining.versions
    assert versions is not None
    return versions


def text(table: VersionsWindow, line: int, column: int) -> str:
    item = table.table.item(line, column)
    assert item is not None
    return item.text()


def test_each_version_says_how_it_did_and_how_long_it_was_in_use(table: VersionsWindow) -> None:
    assert [text(table, line, NAME) for line in range(3)] == ["v3, in use", "v2", "v1"]
    assert "%" in text(table, 0, TOP1)
    assert text(table, 1, USED) == "under a day"
    assert table.chart.is_drawn


def test_each_is_measured_on_what_was_labelled_after_it(table: VersionsWindow) -> None:
    assert text(table, 0, SINCE).endswith("(3/3)")
    assert text(table, 1, SINCE).endswith("/15)")
    assert text(table, 2, SINCE) == "-"
    assert not table.measuring


def test_measuring_on_newer_labels_is_a_job_that_is_seen_and_can_be_stopped(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fabric_desktop.loop import versions as measured

    asked, runner = [], person.window.bench.runner

    def slowly(studio: Studio, context: JobContext, *, encoder_of: object) -> dict[str, None]:
        asked.append(studio)
        while len(asked) == 1:
            context.progress(1, 4, "job.score", image="later 1.png")
            context.check_cancelled()
            time.sleep(0.01)
        return {}

    monkeypatch.setattr(measured, "scores_since", slowly)
    person.window.actions_["versions"].trigger()
    person.wait(lambda: any(entry.title == job_titles.SCORE_SINCE for entry in runner.active))
    line = person.window.status.job
    person.wait(lambda: line.entry is not None and line.entry.progress is not None)
    assert line.cancel.isVisible()
    assert "1/4" in line.words.text()
    table = person.window.retraining.versions
    assert table is not None
    assert table.measuring
    line.cancel.click()
    person.settle()
    assert not table.measuring
    person.window.bench.start(person.window.retraining.table.refresh())
    person.settle()
    assert len(asked) == 1, "what was stopped by hand must not begin again by itself"
    table.close()
    person.window.actions_["versions"].trigger()
    person.settle()
    assert len(asked) == 2


def test_a_note_is_written_where_it_stands(person: Person, table: VersionsWindow, studio: Studio) -> None:
    item = table.table.item(1, NOTE)
    table.table.editItem(item)
    editor = table.table.findChild(QLineEdit)
    assert editor is not None
    person.bot.keyClicks(editor, "spring samples")
    person.bot.keyClick(editor, Qt.Key.Key_Return)
    person.wait(lambda: read_notes(studio) == {"v2": "spring samples"})
    person.settle()
    assert text(table, 1, NOTE) == "spring samples"


def test_the_one_in_use_cannot_be_deleted_and_another_comes_back(
    person: Person, table: VersionsWindow, studio: Studio
) -> None:
    table.table.selectRow(0)
    assert not table.delete.isEnabled()
    assert "in use" in table.delete.toolTip()
    table.table.selectRow(1)
    press(person, table.delete)
    assert [version.name for version in list_versions(studio)] == ["v1", "v3"]
    assert table.table.rowCount() == 2
    assert "v2 is deleted" in table.banner.what.text()
    person.bot.keyClick(table, Qt.Key.Key_Z, CONTROL)
    person.settle()
    assert [version.name for version in list_versions(studio)] == ["v1", "v2", "v3"]
    assert table.table.rowCount() == 3


def test_any_version_can_be_exported(
    person: Person, table: VersionsWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, readers = tmp_path / "旧 model.zip", []

    def read(studio: Studio, name: str) -> Version:
        readers.append(QThread.currentThread())
        return load_version(studio, name)

    monkeypatch.setattr(versions_flows, "load_version", read)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    table.table.selectRow(1)
    press(person, table.export)
    assert set(readers) == {person.window.bench.runner.thread_of_jobs}, "the window waits for no file"
    with zipfile.ZipFile(target) as archive:
        assert any(name.startswith("models/v2/") for name in archive.namelist())
    assert target.name in table.banner.what.text()


def test_two_are_compared_with_the_pictures_of_what_changed(person: Person, table: VersionsWindow) -> None:
    table.table.selectAll()
    assert not table.compare.isEnabled()
    table.table.clearSelection()
    table.table.selectRow(0)
    flags = table.table.selectionModel().SelectionFlag
    table.table.selectionModel().select(table.table.model().index(2, 0), flags.Select | flags.Rows)
    press(person, table.compare)
    question = person.window.retraining.question
    assert question is not None
    labels = [question.figures.item(line, 0).text() for line in range(5)]
    assert labels[-1] == "Confidence is off by"
    assert "exact paired test" in question.sure.text()
    assert not question.deploy.isVisible()
    question.close()


def test_another_studios_versions_are_not_used_or_deleted_by_rows_of_the_one_before(
    person: Person, table: VersionsWindow, studio: Studio, tmp_path: Path
) -> None:
    """Both have a v2; what was chosen, or asked about, in the one before means nothing here."""
    table.table.selectRow(1)
    person.window.retraining.compare("v1", "v2")
    person.settle()
    question = person.window.retraining.question
    assert question is not None
    assert question.isVisible()
    other = make_studio(tmp_path / "other studio")
    build_bank(other, load_encoder("dummy"), JobContext())
    person.window.bench.start(person.window.bench.use_studio(other.root))
    person.wait(lambda: person.window.bench.studio == other)
    assert table.table.rowCount() == 0
    assert not question.isVisible()
    person.settle()
    assert [row.name for row in table.rows] == ["v1"]
    assert not table.delete.isEnabled()


def test_a_comparison_that_ends_after_the_studio_was_left_is_not_shown_in_the_next(
    person: Person, table: VersionsWindow, tmp_path: Path
) -> None:
    other = make_studio(tmp_path / "other studio")
    person.window.retraining.compare("v1", "v2")
    person.window.bench.start(person.window.bench.use_studio(other.root))
    person.wait(lambda: person.window.bench.studio == other)
    person.settle()
    question = person.window.retraining.question
    assert question is None or not question.isVisible()
