"""The doctor says what is right and what is wrong, with a way out, and is never stopped by what it looks at."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import types
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from fabric_desktop import logs, paths
from fabric_desktop.encoders import openclip, registry
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio, StudioLock, open_studio
from fabric_desktop.studio.lock import OWNER_NAME
from fabric_desktop.support import doctor, machine, studio_health
from fabric_desktop.support.findings import Finding, as_json, worst
from fabric_desktop.wording import LANGS, has
from tests.support import cloth

SUPPORT = Path(doctor.__file__).parent
QT_GOOD = {"qt": "6.9", "binding": "6.9", "font": "Noto", "chinese_fonts": 2, "ways": ["xcb"], "problem": None}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = open_studio(tmp_path / "工作室 studio", create=True)
    folder = studio.fabrics_dir / "棉"
    folder.mkdir()
    for number in range(2):
        cloth("cotton", number).save(folder / f"{number}.png")
    return studio


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the process that looks at Qt."""
    monkeypatch.setattr(machine, "look_at_qt", lambda: dict(QT_GOOD))


def examine(studio: Studio, *, asked_for: bool = True) -> dict[str, Finding]:
    return {finding.check: finding for finding in doctor.examine(studio.root, JobContext(), asked_for=asked_for)}


def test_a_healthy_computer_and_studio_have_no_fault(studio: Studio) -> None:
    """With the real look at Qt, in its own process."""
    found = examine(studio)
    assert worst(found.values()) == "warning", [f.words("en").what for f in found.values() if f.status == "fault"]
    assert {name for name, finding in found.items() if finding.status == "warning"} <= {"bank", "fonts", "display"}
    assert found["qt"].outcome == "good"
    assert found["builtin"].outcome == "good"
    assert found["studio"].params["photos"] == 2


@pytest.mark.usefixtures("quick")
def test_looking_changes_nothing_in_the_studio(studio: Studio) -> None:
    def everything() -> set[tuple[str, int]]:
        return {(str(path), path.stat().st_size) for path in studio.root.rglob("*") if path.is_file()}

    before = everything()
    examine(studio)
    assert everything() == before


def test_every_outcome_has_its_words_in_both_languages_and_every_trouble_its_way_out() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SUPPORT.glob("*.py"))
    made = set(re.findall(r'Finding\(\s*"(\w+)",\s*"(\w+)",\s*"(\w+)"', source))
    assert len(made) > 30
    for check, status, outcome in made:
        if outcome == "error":
            continue  # an error of ours brings its own words
        for lang in LANGS:
            assert has(f"doctor.{check}.{outcome}", lang), (check, outcome)
            assert status == "ok" or has(f"doctor_do.{check}.{outcome}", lang), (check, outcome)


@pytest.mark.parametrize("reason", ["gpu", "no_gpu", "engine_without_gpu"])
def test_the_device_of_a_clip_encoder_is_said_with_its_reason(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    torch = types.ModuleType("torch")
    torch.__version__ = "2.14.1"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setattr(openclip, "engine_installed", lambda: True)
    monkeypatch.setattr(openclip, "choose_device", lambda _torch: ("cuda" if reason == "gpu" else "cpu", reason))
    found = list(studio_health._encoder(registry.OFFERS[0].id))
    assert found[0].outcome == reason
    for lang in LANGS:
        assert "2.14.1" in found[0].words(lang).what
        assert all(finding.words(lang).what for finding in found)


@pytest.mark.usefixtures("quick")
def test_every_trouble_that_is_told_says_what_to_do(studio: Studio) -> None:
    studio.settings_path.write_text("alpha = 7", encoding="utf-8")
    for lang in LANGS:
        for entry in as_json(doctor.examine(studio.root, JobContext()), lang)["checks"]:  # type: ignore[attr-defined]
            assert entry["what"], entry
            assert entry["status"] == "ok" or entry["do"], entry


def test_the_checksums_are_those_of_the_shipped_files() -> None:
    sums = machine.checksums()
    assert set(sums) == {"efficientnet_lite0.onnx", "accidental_directions.npy"}
    for name, digest in sums.items():
        assert hashlib.sha256(paths.resource("encoders", name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize(("damage", "outcome"), [("change", "changed"), ("remove", "missing")])
def test_a_changed_or_missing_encoder_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str, outcome: str
) -> None:
    shutil.copytree(paths.resource("encoders"), tmp_path / "encoders")
    monkeypatch.setattr(machine.paths, "resource", lambda *parts: tmp_path.joinpath(*parts))
    victim = tmp_path / "encoders" / "accidental_directions.npy"
    if damage == "remove":
        victim.unlink()
    else:
        data = bytearray(victim.read_bytes())
        data[-1] ^= 1
        victim.write_bytes(data)
    (finding,) = machine.builtin_encoder()
    assert (finding.status, finding.outcome) == ("fault", outcome)
    assert "accidental_directions.npy" in finding.words("en").what


def test_a_qt_that_does_not_load_is_a_fault_and_not_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "PySide6").mkdir()
    (tmp_path / "PySide6" / "__init__.py").write_text("raise ImportError('libEGL.so.1: no')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (finding,) = machine.window()
    assert finding.status == "fault"
    assert "libEGL.so.1" in finding.words("zh").what


def test_without_a_chinese_font_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "look_at_qt", lambda: QT_GOOD | {"chinese_fonts": 0, "font": ""})
    fonts = next(finding for finding in machine.window() if finding.check == "fonts")
    assert fonts.status == "warning"
    assert "fonts-noto-cjk" in fonts.words("zh").do


def test_a_session_without_a_display_is_a_warning_in_the_persons_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "look_at_qt", lambda: QT_GOOD | {"problem": {"code": "no_display", "params": {}}})
    display = next(finding for finding in machine.window() if finding.check == "display")
    assert display.status == "warning"
    assert "显示器" in display.words("zh").what
    assert "display" in display.words("en").what


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "base_requirements", lambda: ("numpy", "no-such-package-here"))
    (finding,) = machine.packages()
    assert finding.status == "fault"
    assert "no-such-package-here" in finding.words("en").what


@pytest.mark.parametrize(("free", "status"), [(10.0, "ok"), (1.0, "warning"), (0.1, "fault")])
def test_little_room_on_the_disk_is_said_before_it_is_none(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, free: float, status: str
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path: usage(0, 0, int(free * 1e9)))
    (finding,) = machine.disk(studio)
    assert finding.status == status


@pytest.mark.usefixtures("quick")
def test_a_studio_that_was_named_and_is_not_there_is_a_fault_else_only_none_yet(tmp_path: Path) -> None:
    away = Studio(tmp_path / "nowhere")
    assert examine(away)["studio"].status == "fault"
    unasked = examine(away, asked_for=False)
    assert (unasked["studio"].status, unasked["studio"].outcome) == ("warning", "none_yet")
    assert not away.root.exists()


@pytest.mark.usefixtures("quick")
def test_damaged_settings_are_a_fault_and_the_other_checks_go_on(studio: Studio) -> None:
    studio.settings_path.write_text("alpha = 7\n", encoding="utf-8")
    found = examine(studio)
    assert found["settings"].status == "fault"
    assert "settings.toml" in found["settings"].words("en").what
    assert found["lock"].status == "ok"


@pytest.mark.usefixtures("quick")
def test_a_model_that_is_not_whole_is_named(studio: Studio) -> None:
    (studio.models_dir / "v3").mkdir(parents=True)
    assert "v3" in examine(studio)["versions"].words("zh").what


HOLD = """
import sys
from pathlib import Path
from fabric_desktop.studio import Studio, StudioLock
with StudioLock(Studio(Path(sys.argv[1])), "import"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.usefixtures("quick")
def test_who_holds_the_studio_is_said(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "小王")
    assert examine(studio)["lock"].outcome == "free"
    with StudioLock(studio, "window"):
        assert examine(studio)["lock"].outcome == "ours"
    place = [sys.executable, "-c", HOLD, str(studio.root)]
    with subprocess.Popen(place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "held"
        taken = examine(studio)["lock"]
        assert (taken.status, taken.outcome) == ("warning", "taken")
        assert "小王@" in taken.words("en").what
        other.kill()
    assert examine(studio)["lock"].outcome == "left"
    # The number of whoever ended may be another's by now, who holds nothing here; and another computer is not seen.
    owner = studio.root / OWNER_NAME
    owner.write_text(json.dumps({"owner": f"x@{platform.node()}", "pid": 2**40}), "utf-8")
    assert examine(studio)["lock"].outcome == "left"
    owner.write_text(json.dumps({"owner": "x@another computer", "pid": os.getpid()}), "utf-8")
    assert examine(studio)["lock"].outcome == "elsewhere"
    for damaged in ("[", "[]", '{"pid": "x"}', ""):
        owner.write_text(damaged, "utf-8")
        assert examine(studio)["lock"].outcome == "left"


@pytest.mark.usefixtures("quick")
def test_the_doctor_never_reaches_for_the_lock(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that starts in that instant would be turned away and open read-only."""
    with StudioLock(studio, "window"):
        pass  # the file of the lock is there from now on
    reached: list[object] = []
    for kind in (FileLock, *FileLock.__mro__):
        if "acquire" in vars(kind):
            monkeypatch.setattr(kind, "acquire", lambda self, *_a, **_k: reached.append(self))
    assert examine(studio)["lock"].outcome == "free"
    assert reached == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_studio_that_cannot_be_written_is_a_fault(studio: Studio) -> None:
    studio.root.chmod(0o555)
    try:
        (finding,) = studio_health.writable(studio)
        assert finding.status == "fault"
    finally:
        studio.root.chmod(0o755)


def test_a_folder_for_what_is_remembered_that_cannot_be_made_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("FABRIC_DESKTOP_HOME", str(tmp_path / "file"))
    home, log = machine.permissions()
    assert (home.status, log.status) == ("fault", "warning")
    assert str(logs.folder()) in log.words("en").what


@pytest.mark.usefixtures("quick")
def test_a_check_that_fails_itself_is_a_fault_and_stops_no_other(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Any:
        raise RuntimeError("not foreseen")

    monkeypatch.setattr(machine, "network", broken)
    found = examine(studio)
    assert found["doctor"].status == "fault"
    assert "not foreseen" in found["doctor"].words("en").what
    assert found["lock"].status == "ok"
    assert "the check network failed" in caplog.text


def test_forbidden_fetching_is_the_persons_own_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (finding,) = machine.network()
    assert finding.outcome == "forbidden"
    monkeypatch.setenv(machine.OFFLINE_BY_US, "1")
    (finding,) = machine.network()
    assert finding.outcome == "only_asked"
