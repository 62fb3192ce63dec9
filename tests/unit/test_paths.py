"""The program finds its own files in a checkout and in a wheel, and the person's folder where they put it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fabric_desktop import paths


def test_the_shipped_messages_are_found_from_the_checkout() -> None:
    assert paths.resource("messages", "en.toml").is_file()
    assert paths.resource("messages", "zh.toml").is_file()


def test_an_installed_wheel_finds_its_resources_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "fabric_desktop"
    monkeypatch.setattr(paths, "_PACKAGE", package)
    assert paths.checkout_root() is None
    assert paths.resource("messages", "en.toml") == package / "_resources" / "messages" / "en.toml"


def test_a_folder_that_only_looks_like_a_checkout_is_not_taken_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "resources").mkdir()
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path / "fabric_desktop")
    assert paths.checkout_root() is None


def test_the_persons_folder_goes_where_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FABRIC_DESKTOP_HOME", str(tmp_path / "我的 home"))
    assert paths.home() == tmp_path / "我的 home"


def test_without_a_word_the_persons_folder_is_the_systems_place_for_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FABRIC_DESKTOP_HOME")
    assert paths.home().name == "fabric-desktop"
    assert paths.home().is_absolute()
