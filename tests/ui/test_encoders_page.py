"""A person looks at the encoders: what is in use, what others cost, and changes to one that is here."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton

from fabric_desktop.encoders import openclip
from fabric_desktop.errors import DownloadFailed
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio, load_settings
from fabric_desktop.ui.pages import encoder_work
from fabric_desktop.ui.pages.encoder_row import EncoderRow
from fabric_desktop.ui.pages.encoders_page import EncodersPage
from tests.ui.conftest import Person

CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def page(person_with_bank: Person) -> EncodersPage:
    person = person_with_bank
    person.key(Qt.Key.Key_M, CONTROL_SHIFT)
    page = person.window.pages.encoders
    person.wait(lambda: bool(page.rows))
    person.settle()
    return page


def row_of(page: EncodersPage, encoder_id: str) -> EncoderRow:
    return next(row for row in page.rows if row.state.info.id == encoder_id)


def press(person: Person, button: object) -> None:
    person.bot.mouseClick(button, Qt.MouseButton.LeftButton)
    person.settle()


def test_it_says_what_is_in_use_and_what_others_cost(page: EncodersPage) -> None:
    assert "dummy" in page.in_use.text()
    assert "bank of this studio" in page.why.text()
    offer = next(row for row in page.rows if row.state.info.note == "recommended")
    assert "606 MB" in offer.facts.text()
    assert "MIT" in offer.facts.text()
    assert "60.6 %" in offer.facts.text()
    assert offer.now.text()


def test_changing_says_what_is_rebuilt_and_does_it_in_one_job(
    person_with_bank: Person, page: EncodersPage, studio: Studio
) -> None:
    person = person_with_bank
    press(person, row_of(page, "builtin").buttons[0])
    assert "9 reference" in page.banner.do.text()
    assert load_settings(studio).encoder == "dummy", "nothing may change before it was said what it rebuilds"
    change = next(found for found in page.banner.findChildren(QPushButton) if found.text() == "Change now")
    press(person, change)
    person.wait(lambda: "in use now" in page.banner.what.text())
    person.settle()
    assert load_settings(studio).encoder == "builtin"
    assert "In use here" in row_of(page, "builtin").now.text()


def test_a_download_that_fails_leaves_a_way_out(
    person_with_bank: Person, page: EncodersPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = person_with_bank

    def fail(encoder_id: str, context: JobContext, endpoint: str | None = None) -> Path:
        raise DownloadFailed(encoder=encoder_id, reason="network", detail="")

    monkeypatch.setattr(openclip, "engine_installed", lambda: True)
    monkeypatch.setattr(encoder_work, "download_weights", fail)
    offer = next(row for row in page.rows if row.state.info.note == "recommended")
    offer.wanted.emit("get")
    person.settle()
    assert page.banner.isVisible()
    assert page.banner.do.text()
    assert next(row for row in page.rows if row.state.info.note == "recommended").buttons


def test_a_folder_that_is_no_model_is_told(
    person_with_bank: Person, page: EncodersPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    press(person_with_bank, page.folder_button)
    assert page.banner.isVisible()


def test_a_mirror_is_kept(person_with_bank: Person, page: EncodersPage, studio: Studio) -> None:
    page.mirror.setFocus()
    person_with_bank.bot.keyClicks(page.mirror, "hf-mirror.example")
    person_with_bank.bot.keyClick(page.mirror, Qt.Key.Key_Return)
    person_with_bank.settle()
    assert load_settings(studio).mirror == "https://hf-mirror.example"
