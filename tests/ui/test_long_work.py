"""Building, training and evaluating from the window: they run beside the person's work, can be stopped, and report."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from fabric_desktop.bank import load_bank
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio, current_version
from fabric_desktop.ui import titles
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.report import ReportWindow
from fabric_desktop.ui.runner import State
from fabric_desktop.ui.widgets import ActionButton
from tests.ui.conftest import Person, label_some
from tests.ui.hands import CONTROL


def test_the_bank_is_built_and_the_answer_in_sight_follows(person: Person, studio: Studio) -> None:
    person.click(150, 300)
    region = person.answered()
    without = region.recognition
    person.key(Qt.Key.Key_B, CONTROL)
    person.wait(lambda: studio.bank_path.exists() and not person.window.bench.runner.busy)
    person.wait(lambda: region.recognition is not without)
    assert region.recognition is not None
    assert region.recognition.candidates[0].id == "denim"
    assert region.recognition.candidates[0].nearest
    assert "3 fabric" in person.banner()
    assert "9 reference" in person.window.status.library.text()


def test_unreadable_references_are_named_after_a_build(person: Person, studio: Studio) -> None:
    (studio.fabrics_dir / "wool" / "坏的.jpg").write_text("no picture", encoding="utf-8")
    person.key(Qt.Key.Key_B, CONTROL)
    person.wait(lambda: "坏的.jpg" in person.banner())
    assert len(load_bank(studio.bank_path).rows) == 9


def slow_down(studio: Studio, count: int = 300) -> None:
    """Give a studio so many references that a build is under way when somebody wants it stopped."""
    source = next((studio.fabrics_dir / "wool").iterdir()).read_bytes()
    for number in range(count):
        # A changed comment makes each a photo of its own.
        (studio.fabrics_dir / "wool" / f"many {number}.png").write_bytes(source + str(number).encode())


def test_a_build_is_stopped_within_a_second_and_leaves_the_studio_as_it_was(person: Person, studio: Studio) -> None:
    slow_down(studio)
    person.window.bench.start(person.window.bench.refresh_facts())
    person.settle()
    person.key(Qt.Key.Key_B, CONTROL)
    runner = person.window.bench.runner
    person.wait(lambda: runner.busy and runner.active[0].progress is not None)
    assert person.window.status.job.cancel.isVisible()
    person.bot.mouseClick(person.window.status.job.cancel, Qt.MouseButton.LeftButton)
    person.bot.waitUntil(lambda: not runner.busy, timeout=1000)
    assert runner.entries[-1].state is State.CANCELLED
    person.settle()
    assert not studio.bank_path.exists()
    assert current_version(studio) is None
    assert not person.banner()
    assert "stopped" in person.window.status.job.words.text()


def test_recognising_goes_on_while_the_bank_is_built(person: Person, studio: Studio) -> None:
    slow_down(studio)
    person.key(Qt.Key.Key_B, CONTROL)
    runner = person.window.bench.runner
    person.wait(lambda: runner.busy and runner.active[0].progress is not None)
    person.click(450, 300)
    person.answered()
    assert runner.busy, "the build was over before the click was answered"
    runner.cancel(runner.active[0])


def test_a_library_of_unreadable_photos_is_explained_with_a_way_out(person: Person, studio: Studio) -> None:
    for photo in studio.fabrics_dir.rglob("*.png"):
        photo.write_text("no", encoding="utf-8")
    person.key(Qt.Key.Key_B, CONTROL)
    person.wait(lambda: "No embeddings collected" in person.banner())
    buttons = [button.text() for button in person.window.banner.findChildren(ActionButton)]
    assert buttons == ["Show the reference folder"]


def test_too_few_labels_are_explained(make_window: Callable[[Path], Person], studio: Studio) -> None:
    label_some(studio, 2)
    person = make_window(studio.root)
    person.key(Qt.Key.Key_T, CONTROL)
    person.wait(lambda: "Too few samples" in person.banner())
    assert current_version(studio) is None


def test_a_head_is_trained_put_in_use_and_evaluated(
    make_window: Callable[[Path], Person], studio: Studio, photo: Path
) -> None:
    label_some(studio, 10)
    person = make_window(studio.root)
    person.key(Qt.Key.Key_B, CONTROL)
    person.wait(lambda: studio.bank_path.exists() and not person.window.bench.runner.busy)
    person.settle()
    person.key(Qt.Key.Key_T, CONTROL)
    person.wait(lambda: "trained on" in person.banner())
    version = current_version(studio)
    assert version is not None
    assert "head" in version.manifest["parts"]
    assert version.name in person.window.status.head.text()
    person.open(photo)
    person.click(150, 300)
    answer = person.answered().recognition
    assert answer is not None
    assert answer.candidates[0].head is not None
    assert answer.candidates[0].parts[2] > 0
    person.key(Qt.Key.Key_E, CONTROL)
    person.wait(lambda: bool(person.window.findChildren(ReportWindow)))
    assert studio.eval_set_path.exists()
    report = person.window.findChildren(ReportWindow)[0]
    assert report.isVisible()
    assert not report.isModal()
    report.close()


def test_actions_without_what_they_need_say_why(make_window: Callable[[Path], Person], studio: Studio) -> None:
    person = make_window(studio.root)
    actions = person.window.actions_
    assert not actions["train_head"].isEnabled()
    assert "No patch has been labelled yet." in actions["train_head"].toolTip()
    assert not actions["save_label"].isEnabled()
    assert "Open a photograph first." in actions["save_label"].toolTip()


def test_one_long_job_at_a_time(person: Person) -> None:
    runner = person.window.bench.runner

    def work(context: JobContext) -> None:
        while True:
            context.check_cancelled()

    runner.spawn(runner.run("Build bank", work))
    person.wait(lambda: runner.busy)
    assert not person.window.actions_["build_bank"].isEnabled()
    assert "Another long job is running." in person.window.actions_["build_bank"].toolTip()
    person.key(Qt.Key.Key_Period, CONTROL)
    person.wait(lambda: not runner.busy)
    assert person.window.actions_["build_bank"].isEnabled()


def test_a_wait_over_200_ms_is_named_and_a_shorter_one_makes_no_noise(person: Person) -> None:
    runner, line = person.window.bench.runner, person.window.status.job
    before = line.words.text()
    going_on = threading.Event()

    def slow(context: JobContext) -> None:
        going_on.wait(60)

    person.window.bench.start(runner.run(titles.OPEN_PHOTO, lambda _c: None, Priority.INTERACTIVE, quiet=True))
    person.settle()
    assert line.words.text() == before
    asked = time.monotonic()
    person.window.bench.start(runner.run(titles.OPEN_PHOTO, slow, Priority.INTERACTIVE, quiet=True))
    person.wait(lambda: line.words.text() == "Open photograph…" and line.bar.isVisible())
    # The job itself goes on: what was waited for is the line, not its end.
    assert time.monotonic() - asked > 0.15
    going_on.set()
    person.settle()
    person.wait(lambda: not line.bar.isVisible())
    assert line.words.text() == before


def test_closing_while_a_job_runs_asks_once_and_no_keeps_it(person: Person) -> None:
    runner = person.window.bench.runner
    asked: list[str] = []

    def work(context: JobContext) -> None:
        while True:
            context.check_cancelled()

    def answer(button: QMessageBox.StandardButton) -> None:
        for box in person.window.findChildren(QMessageBox):
            asked.append(box.text())
            box.button(button).click()

    runner.spawn(runner.run("Build bank", work))
    person.wait(lambda: runner.busy)
    QTimer.singleShot(100, lambda: answer(QMessageBox.StandardButton.No))
    assert not person.window.close()
    assert runner.busy
    QTimer.singleShot(100, lambda: answer(QMessageBox.StandardButton.Yes))
    assert person.window.close()
    assert len(asked) == 2
    assert "Build bank" in asked[0]


def test_a_bug_is_told_once_with_its_details_to_copy_and_the_window_goes_on(person: Person, qtbot: QtBot) -> None:
    def broken(context: JobContext) -> None:
        raise ZeroDivisionError("fibres by zero")

    for _ in range(2):
        person.window.bench.start(person.window.bench.runner.run("Evaluate", broken, Priority.LONG))
    person.wait(lambda: "fibres by zero" in person.banner())
    person.settle()
    assert len(person.bugs) == 1
    copy = next(b for b in person.window.banner.findChildren(type(person.window.banner.close_button).__mro__[1]) if
                hasattr(b, "text") and b.text() == "Copy details")
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    from PySide6.QtGui import QGuiApplication

    assert "ZeroDivisionError: fibres by zero" in QGuiApplication.clipboard().text()
    person.click(150, 300)
    person.answered()
    person.bugs.clear()


def test_the_encoder_is_named_with_its_device(person: Person) -> None:
    assert person.window.status.encoder.text() == f"dummy, {DummyEncoder.device.upper()}"
