"""Fixtures of the tests of commands, which stand in several files of this folder; not for those of its rooms."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.desk import Desk, picture


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    root = tmp_path / "我的 studio"
    root.mkdir()
    (root / "settings.toml").write_text('encoder = "dummy"\n', encoding="utf-8")
    monkeypatch.delenv("FABRIC_STUDIO", raising=False)
    return Desk(root, capsys)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a photo.png"
    picture("denim", 7, (640, 480)).save(path)
    return path
