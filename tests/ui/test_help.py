"""A person looks for help: the tour, what a photo can tell, the doctor, a report to send, whose work it is."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from fabric_desktop import logs
from fabric_desktop.app import parse
from fabric_desktop.bootstrap.start import DRAWING
from fabric_desktop.support import machine
from fabric_desktop.ui.actions import SPECS
from fabric_desktop.ui.help.report_page import ReportPage
from fabric_desktop.ui.help.tour_steps import ENDING, MOST_BYTES, STEPS, picture_path
from tests.ui.conftest import Person
from tests.ui.fitting import cut_texts
from tests.ui.hands import CONTROL, SHIFT, press

QT_GOOD = {"qt": "6.9", "binding": "6.9", "font": "Noto", "chinese_fonts": 2, "ways": ["xcb"], "problem": None}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the doctor's process that looks at Qt."""
    monkeypatch.setattr(machine, "look_at_qt", lambda: dict(QT_GOOD))


def test_the_tour_goes_through_the_work_in_pictures(person: Person) -> None:
    person.key(Qt.Key.Key_F2, SHIFT)
    page = person.window.help.tour
    assert page.isVisible()
    seen = []
    for _ in STEPS:
        assert page.step.picture.has_picture, page.step.title.text()
        assert page.step.words.text()
        seen.append(page.step.title.text())
        press(person, page.on)
    assert len(set(seen)) == len(STEPS)
    assert page.can_tell.isVisible()
    assert not page.on.isEnabled()
    press(person, page.back)
    assert page.step.title.text() == seen[-1]


def test_the_first_steps_lead_to_the_tour(person: Person) -> None:
    person.key(Qt.Key.Key_F1, CONTROL)
    person.settle()
    first = person.window.pages.first_page
    assert first is not None
    tour = next(found for found in first.findChildren(QPushButton) if found.text() == "Tour")
    press(person, tour)
    assert person.window.help.tour.isVisible()


def test_a_step_is_chosen_by_key_and_does_what_it_tells_of(person: Person) -> None:
    person.key(Qt.Key.Key_F2, SHIFT)
    page = person.window.help.tour
    for _ in range([step.name for step in STEPS].index("swatches")):
        person.bot.keyClick(page.list, Qt.Key.Key_Down)
    button = page.step.buttons.itemAt(1).widget()
    assert button is not None
    press(person, button)
    assert person.window.pages.library.isVisible()


def test_every_step_has_its_picture_in_both_languages_and_together_they_stay_small() -> None:
    pictures = {picture_path(step.name, lang) for step in STEPS for lang in ("zh", "en")}
    folder = picture_path("look", "zh").parent
    assert pictures == set(folder.glob(f"*{ENDING}"))
    assert sum(path.stat().st_size for path in pictures) <= MOST_BYTES


def test_drawing_the_tour_needs_no_display_and_leaves_no_trace() -> None:
    assert "--tour" in DRAWING
    assert parse(["--tour", "pictures"]).draws


def test_what_a_photo_can_tell_is_a_key_away_and_names_what_it_cannot(person: Person) -> None:
    person.key(Qt.Key.Key_F3, SHIFT)
    page = person.window.help.tour
    assert page.can_tell.isVisible()
    assert "Fibre content" in [thing.text() for thing, _ in page.can_tell.cannot._pairs]


def test_the_doctor_says_what_is_wrong_first_and_what_to_do(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "look_at_qt", lambda: QT_GOOD | {"chinese_fonts": 0, "font": ""})
    person.key(Qt.Key.Key_F4, SHIFT)
    page = person.window.help.doctor
    person.settle()
    assert "warnings" in page.summary.text()
    first = page.rows[0]
    assert first.finding.status == "warning"
    assert first.do.isVisible()
    lock = next(row for row in page.rows if row.finding.check == "lock")
    assert lock.finding.outcome == "ours"
    press(person, page.copy)
    assert "fonts-noto-cjk" in QGuiApplication.clipboard().text()
    monkeypatch.setattr(machine, "look_at_qt", lambda: dict(QT_GOOD))
    press(person, page.again)
    assert "fonts" not in [row.finding.check for row in page.rows if row.finding.status != "ok"]


def report_page(person: Person, monkeypatch: pytest.MonkeyPatch, target: Path) -> ReportPage:
    """The page of the report, opened, on which the person will save to `target`."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    person.key(Qt.Key.Key_F6, SHIFT)
    person.settle()
    return person.window.help.report


def test_a_report_shows_what_is_in_it_and_is_saved_where_the_person_says(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.folder().mkdir(parents=True, exist_ok=True)
    (logs.folder() / "window.log").write_text(f"ERROR in '{tmp_path}/customers/coat.jpg'\n", encoding="utf-8")
    target = tmp_path / "for help.zip"
    page = report_page(person, monkeypatch, target)
    person.bot.keyClicks(page.message, "Saving did nothing")
    names = [page.list.item(at).text().split()[0] for at in range(page.list.count())]
    assert names == ["message.txt", "versions.txt", "settings.txt", "doctor.txt", "doctor.json", "logs/window.log"]
    for at, part in enumerate(page.parts):
        person.bot.mouseClick(
            page.list.viewport(), Qt.MouseButton.LeftButton, pos=page.list.visualItemRect(page.list.item(at)).center()
        )
        assert page.preview.toPlainText().strip() == part.text().strip()
    press(person, page.save)
    with zipfile.ZipFile(target) as archive:
        assert {"README.txt", *names} == set(archive.namelist())
        everything = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "Saving did nothing" in everything
    assert "customers" not in everything
    assert "for help.zip" in page.banner.what.text()


def test_no_picture_goes_into_a_report_unless_it_is_ticked(
    person: Person, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.key(Qt.Key.Key_F6, SHIFT)
    page = person.window.help.report
    person.settle()
    assert all(part.is_text for part in page.parts)
    edge = QPoint(8, page.with_photo.height() // 2)
    for box in (page.with_window, page.with_photo):
        person.bot.mouseClick(box, Qt.MouseButton.LeftButton, pos=edge)
        person.settle()
    pictures = {part.name: part.data for part in page.parts if not part.is_text}
    assert set(pictures) == {"window.png", "photograph.png"}
    assert pictures["photograph.png"] == photo.read_bytes()
    page.list.setCurrentRow(page.list.count() - 1)
    assert page.views.currentWidget() is page.picture
    # Opened again, nothing is ticked.
    page.close()
    person.window.activateWindow()
    person.window.actions_["report_problem"].trigger()
    person.settle()
    assert all(part.is_text for part in page.parts)


def test_a_photograph_ticked_at_the_last_moment_is_in_the_report(
    person: Person, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ticked and saved at once, before the picture was read."""
    target = tmp_path / "report.zip"
    page = report_page(person, monkeypatch, target)
    page.with_photo.setChecked(True)
    page.with_window.setChecked(True)
    page.save.click()
    person.settle()
    with zipfile.ZipFile(target) as archive:
        assert archive.read("photograph.png") == photo.read_bytes()
        assert archive.read("window.png").startswith(b"\x89PNG")


def test_a_ticked_photograph_that_has_gone_is_said_and_no_report_is_saved_without_it(
    person: Person, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.zip"
    page = report_page(person, monkeypatch, target)
    photo.unlink()
    page.with_photo.setChecked(True)
    page.save.click()
    person.settle()
    assert page.banner.isVisible()
    assert not page.with_photo.isChecked()
    assert not target.exists()


def test_a_report_that_cannot_be_saved_says_why(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    page = report_page(person, monkeypatch, tmp_path / "file" / "report.zip")
    press(person, page.save)
    assert page.banner.isVisible()
    assert page.banner.do.text()


def test_about_names_the_version_and_every_package_with_its_licence(person: Person) -> None:
    person.key(Qt.Key.Key_F1, SHIFT)
    page = person.window.help.about
    person.settle()
    names = [page.table.item(line, 0).text() for line in range(page.table.rowCount())]
    assert "numpy" in names
    assert any("EfficientNet" in name for name in names)
    licences = [page.table.item(line, 2).text() for line in range(page.table.rowCount())]
    assert all(licences)
    page.table.setCurrentCell(names.index("numpy"), 0)
    assert "Redistribution" in page.text.toPlainText()
    press(person, page.copy)
    assert "numpy" in QGuiApplication.clipboard().text()


def test_no_two_actions_share_a_key() -> None:
    keys = [key for spec in SPECS for key in spec.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_of_the_help_is_cut(person: Person, lang: str) -> None:
    person.window.commands.use_language(lang)
    desk, cut = person.window.help, []
    for page in (desk.tour, desk.doctor, desk.report, desk.about):
        page.bring_up()
        person.settle()
        QTest.qWait(30)
        cut += cut_texts(page)
        page.close()
    for step in (*(step.name for step in STEPS[1:]), "can_tell"):
        desk.tour.show_step(step)
        QTest.qWait(10)
        cut += cut_texts(desk.tour)
    assert not cut
    QApplication.processEvents()
