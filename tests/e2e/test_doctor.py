"""Somebody for whom nothing works runs `fabric-desktop doctor`: it answers whatever is broken, and changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fabric_desktop.studio import Studio, open_studio

ROOT = Path(__file__).resolve().parents[2]


def run(home: Path, *words: str, **variables: str) -> tuple[int, str]:
    """The exit code and what stood on standard output, of a process of its own outside the checkout."""
    environment = os.environ | {"FABRIC_DESKTOP_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "fabric_desktop", "doctor", *words],
        env=environment | variables,
        cwd=home.parent,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def answer(home: Path, studio: Studio, **variables: str) -> tuple[int, dict[str, dict[str, Any]]]:
    code, out = run(home, "--studio", str(studio.root), "--json", "--lang", "en", **variables)
    return code, {check["check"]: check for check in json.loads(out)["checks"]}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "工作室 one", create=True)


def test_on_a_fresh_machine_everything_that_is_needed_is_right(tmp_path: Path, studio: Studio) -> None:
    code, checks = answer(tmp_path / "home", studio)
    assert code == 0
    for needed in ("python", "packages", "qt", "engine", "builtin", "home", "log", "writable", "settings", "lock"):
        assert checks[needed]["status"] == "ok", checks[needed]


def test_broken_settings_and_a_qt_that_does_not_load_are_both_told(tmp_path: Path, studio: Studio) -> None:
    broken = tmp_path / "broken" / "PySide6"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('libEGL.so.1: cannot open')", encoding="utf-8")
    studio.settings_path.write_text("alpha = [", encoding="utf-8")
    code, checks = answer(tmp_path / "home", studio, PYTHONPATH=os.pathsep.join((str(broken.parent), str(ROOT))))
    assert code == 3
    assert checks["qt"]["status"] == "fault"
    assert "libEGL" in checks["qt"]["what"]
    assert checks["settings"]["status"] == "fault"
    assert checks["builtin"]["status"] == "ok"


def test_the_report_for_who_helps_is_written_without_a_window(tmp_path: Path, studio: Studio) -> None:
    target = tmp_path / "给帮忙的人.zip"
    code, out = run(tmp_path / "home", "--studio", str(studio.root), "--lang", "zh", "--report", str(target))
    assert code == 0
    assert "给帮忙的人.zip" in out
    with zipfile.ZipFile(target) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert str(tmp_path) not in text
    assert "运行环境：Python" in text
