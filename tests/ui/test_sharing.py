"""A person sends a studio, or only its model, to another computer, and takes in what others send."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from fabric_desktop.studio import Studio, list_versions, open_studio, save_setting
from tests.ui.conftest import Person
from tests.ui.hands import CONTROL, SHIFT, button_saying


def save_to(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


def take_in(person: Person, monkeypatch: pytest.MonkeyPatch, path: Path, folder: Path | None = None) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    person.key(Qt.Key.Key_I, CONTROL | SHIFT)
    person.settle()


def test_a_studio_travels_as_one_file_and_is_opened_where_it_arrives(
    person_with_bank: Person, studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = person_with_bank
    save_to(monkeypatch, tmp_path / "寄出 studio")
    person.key(Qt.Key.Key_S, CONTROL | SHIFT)
    person.settle()
    sent = tmp_path / "寄出 studio.zip"
    assert sent.name in person.banner()
    assert str(tmp_path) in person.banner()
    take_in(person, monkeypatch, sent, tmp_path)
    arrived = open_studio(tmp_path / "寄出 studio")
    assert arrived.fabric_ids() == studio.fabric_ids()
    assert str(arrived.root) in person.banner()
    person.bot.mouseClick(button_saying(person.window.banner, "Open it"), Qt.MouseButton.LeftButton)
    person.wait(lambda: person.window.bench.studio == arrived)
    person.settle()


def test_a_model_comes_in_as_a_version_that_is_not_in_use(
    person_with_bank: Person, studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = person_with_bank
    save_to(monkeypatch, tmp_path / "model.zip")
    person.window.actions_["share_model"].trigger()
    person.settle()
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        assert not [name for name in archive.namelist() if name.endswith(".png")]
    take_in(person, monkeypatch, tmp_path / "model.zip")
    assert [version.name for version in list_versions(studio)] == ["v1", "v2"]
    assert "taken in as v2; it is not in use" in person.banner()


def test_a_file_that_is_no_share_is_refused_with_the_reason_and_changes_nothing(
    person_with_bank: Person, studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = person_with_bank
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("../outside.txt", "no")
    before = sorted(tmp_path.rglob("*"))
    take_in(person, monkeypatch, tmp_path / "bad.zip", tmp_path)
    assert "was not taken in" in person.banner()
    assert sorted(tmp_path.rglob("*")) == before


def test_photos_and_labels_of_another_encoder_come_in_without_the_model(
    person_with_bank: Person, studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = person_with_bank
    save_to(monkeypatch, tmp_path / "sent.zip")
    person.window.actions_["share_studio"].trigger()
    person.settle()
    monkeypatch.setattr("fabric_desktop.encoders.registry.fingerprint_of", lambda _id: "another")
    take_in(person, monkeypatch, tmp_path / "sent.zip", tmp_path)
    assert "made with another encoder" in person.banner()
    assert not (tmp_path / "sent").exists()
    person.bot.mouseClick(button_saying(person.window.banner, "Take in without the model"), Qt.MouseButton.LeftButton)
    person.settle()
    assert open_studio(tmp_path / "sent").fabric_ids() == studio.fabric_ids()
    assert list_versions(open_studio(tmp_path / "sent")) == []


def test_without_a_model_only_the_studio_can_be_shared(person: Person, studio: Studio) -> None:
    save_setting(studio, "encoder", "dummy")
    assert person.window.actions_["share_studio"].isEnabled()
    assert not person.window.actions_["share_model"].isEnabled()
    assert "No version" in person.window.actions_["share_model"].toolTip()
