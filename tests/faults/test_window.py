"""What goes wrong around an open window: another window, a studio that is moved away, a close in mid-work."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fabric_desktop.cli import main
from fabric_desktop.labels import count_by_fabric, list_labeled
from fabric_desktop.studio import Studio, StudioLock
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.runner import JobRunner
from tests.ui.conftest import Person
from tests.ui.hands import CONTROL


def can_label(person: Person) -> bool:
    return person.window.actions_["accept_1"].isEnabled()


class Gate:
    """Holds the job thread, as a fit in another library does that looks at nothing until it is through."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        self._open = threading.Event()
        runner.spawn(runner.run("Train", lambda context: self._open.wait(20), Priority.INTERACTIVE, quiet=True))

    def close(self, person: Person) -> None:
        """Close the window as the program does at its end; the thread lets go only afterwards."""
        assert person.window.close()
        self._runner.close(patience_ms=50)
        self._open.set()
        self._runner.thread_of_jobs.wait(3000)


def labelled(person: Person, x: int) -> None:
    person.click(x, 300)
    person.answered()
    person.window.bench.accept(1)


def test_of_two_windows_on_a_studio_the_second_looks_and_names_who_works_there(
    make_window: Callable[[Path], Person], studio: Studio, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "小王")
    first = make_window(studio.root)
    second = make_window(studio.root)
    assert "小王@" in second.banner()
    assert "only to be looked at" in second.banner()
    assert first.window.bench.writable
    for person in (first, second):
        person.open(photo)
        person.click(150, 300)
        assert person.answered().recognition is not None
    assert can_label(first)
    assert not can_label(second)
    assert "read-only" in second.window.actions_["build_bank"].toolTip()
    # Once the first has left, whoever opens the studio may work in it.
    first.window.bench.leave_studio()
    second.window.studio_wanted.emit(studio.root, False)
    second.wait(lambda: second.window.bench.writable)


def test_a_command_beside_a_window_is_told_who_works_there_and_may_look(
    make_window: Callable[[Path], Person],
    studio: Studio,
    photo: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGNAME", "小王")
    person = make_window(studio.root)
    where = ["--studio", str(studio.root), "--lang", "en"]
    assert main(["label", str(photo), "--as", "wool", *where]) == 3
    assert "小王@" in capsys.readouterr().err
    assert main(["recognize", str(photo), *where]) == 0
    person.window.bench.leave_studio()
    assert main(["label", str(photo), "--as", "wool", *where]) == 0


def test_a_window_finds_a_studio_that_a_command_works_in_open_to_look_at(
    make_window: Callable[[Path], Person], studio: Studio
) -> None:
    with StudioLock(studio, "build-bank"):
        person = make_window(studio.root)
        assert "(build-bank)" in person.banner()
        assert not person.window.bench.writable


def test_a_studio_that_is_moved_away_is_said_and_comes_back(
    make_window: Callable[[Path], Person], studio: Studio, photo: Path, tmp_path: Path
) -> None:
    person = make_window(studio.root)
    person.open(photo)
    labelled(person, 150)
    person.settle()
    elsewhere = tmp_path / "elsewhere"
    studio.root.rename(elsewhere)
    labelled(person, 450)
    person.wait(lambda: "not there any more" in person.banner())
    person.settle()
    assert not studio.root.exists(), "a folder was made where the studio had been"
    elsewhere.rename(studio.root)
    person.window.bench.accept(1)
    person.wait(lambda: sum(count_by_fabric(studio).values()) == 2)


def test_a_photo_that_is_deleted_while_it_is_open_can_still_be_named_and_labelled(
    make_window: Callable[[Path], Person], studio: Studio, photo: Path
) -> None:
    person = make_window(studio.root)
    person.open(photo)
    photo.unlink()
    labelled(person, 150)
    person.wait(lambda: len(list_labeled(studio)) == 1)
    assert list_labeled(studio)[0].record["source_hash"]


def test_labels_given_just_before_the_window_closes_are_saved(
    make_window: Callable[[Path], Person], studio: Studio, photo: Path, runner: JobRunner, qtbot: QtBot
) -> None:
    person = make_window(studio.root)
    person.open(photo)
    for x in range(100, 900, 100):
        person.click(x, 300)
        person.answered()
    # What comes next waits behind work that cannot be interrupted.
    gate = Gate(runner)
    document = person.window.bench.document
    assert document is not None
    for region in document.regions:
        document.select(region.id)
        person.window.bench.save_label("wool")
    qtbot.wait(20)  # the tasks have asked for their jobs, none of which could begin
    assert count_by_fabric(studio) == {}
    gate.close(person)
    assert count_by_fabric(studio) == {"wool": 8}


def test_a_full_disk_while_labelling_keeps_the_region_unlabelled_and_says_so(
    make_window: Callable[[Path], Person], studio: Studio, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_window(studio.root)
    person.open(photo)
    person.click(150, 300)
    region = person.answered()

    def no_room(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("os.fsync", no_room)
        person.window.bench.accept(1)
        person.wait(lambda: "disk is full" in person.banner())
        person.settle()
    assert region.label is None
    assert list_labeled(studio) == []
    person.window.bench.accept(1)
    person.wait(lambda: len(list_labeled(studio)) == 1)


def test_a_studio_whose_library_is_gone_is_told_and_the_window_goes_on(
    make_window: Callable[[Path], Person], studio: Studio, photo: Path
) -> None:
    person = make_window(studio.root)
    person.open(photo)
    shutil.rmtree(studio.fabrics_dir)
    person.key(Qt.Key.Key_B, CONTROL)
    person.wait(lambda: "No embeddings collected" in person.banner())
    person.click(150, 300)
    assert person.answered().recognition is not None


def test_the_picture_of_a_region_comes_back_with_its_photograph(
    person_with_bank: Person, photo: Path, tmp_path: Path
) -> None:
    person = person_with_bank
    person.click(150, 300)
    region = person.answered()
    assert region.picture is not None
    other = tmp_path / "other.png"
    shutil.copy(photo, other)
    person.open(other)
    assert region.picture is None
    person.open(photo)
    assert person.region is region
    person.wait(lambda: region.picture is not None)


def test_the_answers_of_many_photographs_are_given_back_and_are_there_again_with_their_photograph(
    person_with_bank: Person, photo: Path, tmp_path: Path
) -> None:
    person = person_with_bank
    person.click(150, 300)
    region = person.answered()
    assert region.recognition is not None
    before, observation = [candidate.id for candidate in region.recognition.candidates], region.observation
    for number in range(8):
        other = tmp_path / f"other {number}.png"
        shutil.copy(photo, other)
        person.open(other)
    assert region.recognition is None
    person.open(photo)
    person.wait(lambda: region.recognition is not None)
    assert [candidate.id for candidate in region.recognition.candidates] == before
    assert region.observation is observation  # ranked again, not looked at again
    person.wait(lambda: person.window.results.candidate_looked_at is not None)
    person.window.bench.accept(1)
    person.wait(lambda: region.label is not None)


def test_a_box_that_is_taken_back_shows_its_patch_again(person_with_bank: Person) -> None:
    person, bench = person_with_bank, person_with_bank.window.bench
    person.click(150, 300)
    region = person.answered()
    for _ in range(3):
        bench.nudge(region.id, 40, 0)
        person.settle()
        person.answered()
    bench.undo_group.undo()
    person.wait(lambda: region.picture is not None)
