"""The CLIP engine installed by this Python's own pip, from packages on this machine: progress, cancel, reasons."""

from __future__ import annotations

import sys
import time
import zipfile
from pathlib import Path

import pytest

from fabric_desktop.encoders import engine, openclip
from fabric_desktop.encoders.engine import engine_plan, install_engine, requirements
from fabric_desktop.encoders.states import encoder_states
from fabric_desktop.errors import EngineFailed
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.wording import LANGS, explain

pytest.importorskip("pip", reason="this Python has no pip")


def wheel(folder: Path, name: str, requires: str = "", slow: bool = False) -> None:
    """A package of one module, as an index would hold it."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-1.0.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", "VALUE = 1\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip is told to put packages, taken from a folder on this machine: through pip's own settings."""
    wheel(tmp_path / "index", "fabric_test_engine", "fabric_test_part")
    wheel(tmp_path / "index", "fabric_test_part")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "目标 site"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null" if sys.platform != "win32" else "nul")
    monkeypatch.setattr(engine, "engine_installed", lambda: False)
    return tmp_path / "目标 site"


def test_packages_are_installed_with_what_they_need_and_pips_own_settings_hold(target: Path) -> None:
    seen: list[Progress] = []
    install_engine(JobContext(seen.append), ["fabric_test_engine"])
    assert (target / "fabric_test_engine.py").is_file()
    assert (target / "fabric_test_part.py").is_file()
    assert [progress.code for progress in seen][0] == "job.install_engine_begin"
    assert any(progress.params.get("package", "").startswith("fabric_test_engine") for progress in seen)  # type: ignore[union-attr, attr-defined]
    assert seen[-1].code == "job.install_engine_unpack"
    assert not engine_plan().partial


def test_a_package_that_is_not_to_be_had_is_named_and_the_next_plan_still_knows(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openclip, "engine_installed", lambda: False)
    with pytest.raises(EngineFailed) as failed:
        install_engine(JobContext(), ["fabric-test-none"])
    assert failed.value.params == {"reason": "no_package", "detail": "fabric-test-none"}
    plan = engine_plan()
    assert plan.partial
    assert plan.failure is not None
    for lang in LANGS:
        assert "fabric-test-none" in explain(plan.failure, lang).what
    clip = next(entry for entry in encoder_states() if entry.info.id.startswith("openclip:"))
    assert (clip.state, clip.way_out) == ("failed", "install_engine")


def test_no_network_is_said_in_plain_words(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(EngineFailed) as failed:
        install_engine(JobContext(), ["fabric_test_engine"])
    assert failed.value.params["reason"] in ("network", "no_package")


def test_a_cancel_ends_pip_at_once_and_the_next_try_goes_on(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = target.parent / "slow"
    slow.mkdir()
    (slow / "setup.py").write_text("import time; time.sleep(60)", encoding="utf-8")
    began = 0.0

    def stop(progress: Progress) -> None:
        nonlocal began
        began = time.monotonic()
        context.cancel()

    context = JobContext(stop)
    with pytest.raises(Cancelled):
        install_engine(context, [str(slow)])
    assert time.monotonic() - began < 30.0, "half of what the set-up would have slept"
    assert engine_plan().partial
    install_engine(JobContext(), ["fabric_test_engine"])
    assert (target / "fabric_test_engine.py").is_file()
    assert not engine_plan().partial


def test_the_plan_says_what_it_takes_and_the_page_offers_it(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openclip, "engine_installed", lambda: False)
    plan = engine_plan()
    assert any(package.startswith("open_clip_torch") for package in plan.packages)
    assert plan.packages == requirements()
    assert (plan.installed, plan.needed_gb > 1, plan.free_gb > 0) == (False, True, True)
    clip = next(entry for entry in encoder_states() if entry.info.id.startswith("openclip:"))
    assert (clip.state, clip.way_out) == ("missing", "install_engine")


@pytest.mark.parametrize("reason", ["frozen", "no_pip", "externally_managed", "not_writable", "disk_small"])
def test_where_it_cannot_be_installed_the_reason_is_told_before_anything_is_tried(
    target: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reason: str
) -> None:
    if reason == "frozen":
        monkeypatch.setattr(engine.sys, "frozen", True, raising=False)
    elif reason == "no_pip":
        monkeypatch.setattr(engine, "find_spec", lambda name: None)
    elif reason == "externally_managed":
        (tmp_path / "EXTERNALLY-MANAGED").touch()
        monkeypatch.setattr(engine.sys, "base_prefix", sys.prefix)
        monkeypatch.setattr(engine.sysconfig, "get_path", lambda name: str(tmp_path))
    elif reason == "not_writable":
        monkeypatch.setattr(engine.os, "access", lambda path, mode: False)
    else:
        usage = type("Usage", (), {"free": 10**9})
        monkeypatch.setattr(engine.shutil, "disk_usage", lambda path: usage)
    plan = engine_plan()
    assert plan.refusal is not None
    assert plan.refusal.params["reason"] == reason
    for lang in LANGS:
        assert explain(plan.refusal, lang).do
    with pytest.raises(EngineFailed):
        install_engine(JobContext(), ["fabric_test_engine"])
    assert not target.exists()
