"""`fabric-desktop doctor`: what a person or a program is told, and the exit code."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from fabric_desktop.cli import main
from fabric_desktop.studio import open_studio
from fabric_desktop.support import machine

QT_GOOD = {"qt": "6.9", "binding": "6.9", "font": "Noto", "chinese_fonts": 2, "ways": ["xcb"], "problem": None}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(machine, "look_at_qt", lambda: dict(QT_GOOD))
    return open_studio(tmp_path / "studio", create=True).root


def test_warnings_leave_the_exit_code_at_0_and_say_what_to_do(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--studio", str(root), "--lang", "zh"]) == 0
    out, err = capsys.readouterr()
    assert "[正常] 运行环境：Python" in out
    assert "[注意]" in out
    assert "怎么办：" in out
    assert err == ""


def test_a_fault_gives_exit_code_3_in_words_and_as_json(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "settings.toml").write_text("top_k = 0\n", encoding="utf-8")
    assert main(["doctor", "--studio", str(root), "--lang", "en"]) == 3
    assert "[fault]" in capsys.readouterr().out
    assert main(["doctor", "--studio", str(root), "--json", "--lang", "en"]) == 3
    out, _ = capsys.readouterr()
    value = json.loads(out)
    assert value["status"] == "fault"
    bad = [check for check in value["checks"] if check["status"] == "fault"]
    assert [(check["check"], check["outcome"]) for check in bad] == [("settings", "settings_damaged")]
    assert bad[0]["do"]


def test_a_studio_that_is_not_there_is_a_fault(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--studio", str(root / "away"), "--lang", "en"]) == 3
    assert "away" in capsys.readouterr().out


def test_a_report_is_written_where_it_was_asked_for(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = root.parent / "report.zip"
    assert main(["doctor", "--studio", str(root), "--lang", "en", "--json", "--report", str(target)]) == 0
    value = json.loads(capsys.readouterr().out)
    with zipfile.ZipFile(target) as archive:
        assert set(archive.namelist()) == {"README.txt", *value["report"]["files"]}
        assert str(root.parent) not in "".join(archive.read(name).decode() for name in archive.namelist())
