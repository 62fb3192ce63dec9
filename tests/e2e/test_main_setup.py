"""`python main.py` from nothing to a started window, and every later start, with small packages from this machine."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fabric_desktop.bootstrap.environment import Checkout, State, look
from fabric_desktop.bootstrap.install import forget_half_installed
from tests.e2e.small_checkout import SmallCheckout, lay_out, started_once, write_wheel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and /dev/full are POSIX")


@pytest.fixture
def ready(tmp_path: Path) -> SmallCheckout:
    """A checkout of the test's own in which everything is installed."""
    return started_once()[0].twin(tmp_path / "面料 ready")


def test_a_first_start_installs_visibly_and_opens_the_window_with_the_photograph() -> None:
    checkout, outcome = started_once()
    assert outcome.code == 0, outcome.err
    steps = [line for line in outcome.err.splitlines() if line.startswith("[")]
    assert [line[:5] for line in steps] == ["[1/3]", "[2/3]", "[3/3]"]
    assert "pyside6_essentials 6.9.0" in outcome.err
    assert "首次启动" in outcome.err
    assert "First start" in outcome.err
    assert outcome.out == ""
    assert outcome.window == {"arguments": ["照片 1.jpg"], "prefix": str(checkout.venv), "platform": None}


def test_the_commands_are_there_after_a_first_start() -> None:
    checkout = started_once()[0]
    run = subprocess.run(
        [checkout.scripts / "fabric-desktop", "encoders"], env=checkout.environment(), check=False, capture_output=True
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(checkout.report.read_text(encoding="utf-8"))["arguments"] == ["encoders"]


def _work_of_children() -> float:
    """Processor seconds of all that this process has started and that has ended; a busy machine adds nothing."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_later_start_goes_straight_to_the_window(ready: SmallCheckout) -> None:
    before = ready.log
    began = _work_of_children()
    outcome = ready.start("--lang", "zh", APP_EXIT="7")
    assert _work_of_children() - began < 2.0
    assert outcome.err == ""
    assert outcome.code == 7, "the window's own exit code is lost"
    assert outcome.window is not None
    assert outcome.window["arguments"] == ["--lang", "zh"]
    assert ready.log == before, "pip was called"


def test_a_picture_of_the_window_needs_no_display(ready: SmallCheckout) -> None:
    outcome = ready.start("--screenshot", "out.png", "--box", "1", "2", "3", "4", DISPLAY=None, WAYLAND_DISPLAY=None)
    assert outcome.code == 0, outcome.err
    assert outcome.window is not None
    assert outcome.window["platform"] == "offscreen"
    assert outcome.window["arguments"] == ["--screenshot", "out.png", "--box", "1", "2", "3", "4"]
    assert ready.start("--gallery=pictures", DISPLAY=None).window is not None


def test_with_clip_adds_the_engine_and_opens_the_window(ready: SmallCheckout) -> None:
    outcome = ready.start("--with-clip", "photo.jpg")
    assert outcome.code == 0, outcome.err
    assert "tiny_clip 1.0" in outcome.err
    assert outcome.window is not None
    assert outcome.window["arguments"] == ["photo.jpg"]
    assert (ready.site_packages / "tiny_clip").is_dir()


def test_a_new_version_with_other_needs_is_brought_up_to_date_and_keeps_clip(ready: SmallCheckout) -> None:
    ready.start("--with-clip")
    write_wheel(ready.wheels, "tiny_clip", "2.0", {"tiny_clip/__init__.py": ""})
    pyproject = ready.root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text(encoding="utf-8").replace('"tiny-clip"', '"tiny-clip>=2"'), "utf-8")
    outcome = ready.start()
    assert outcome.code == 0, outcome.err
    assert "being brought up to date" in outcome.err
    assert (ready.site_packages / "tiny_clip-2.0.dist-info").is_dir()
    assert ready.start().err == ""


def test_a_new_version_with_the_same_needs_starts_without_network(ready: SmallCheckout) -> None:
    pyproject = ready.root / "pyproject.toml"
    text = pyproject.read_text(encoding="utf-8").replace('version = "0.1.0"', 'version = "0.2.0"')
    pyproject.write_text(text + "\n[tool.ruff]\nline-length = 100\n", encoding="utf-8")
    assert ready.start().err == ""


def test_a_folder_that_was_copied_elsewhere_is_set_up_anew(ready: SmallCheckout, tmp_path: Path) -> None:
    moved = SmallCheckout(tmp_path / "moved 到这里", ready.wheels)
    shutil.copytree(ready.root, moved.root, symlinks=True)
    (moved.scripts / "python").unlink()
    outcome = moved.start()
    assert outcome.code == 0, outcome.err
    assert "moved or copied" in outcome.err
    assert outcome.window is not None
    assert outcome.window["prefix"] == str(moved.venv)
    assert moved.start().err == ""


def test_an_environment_whose_python_was_removed_is_not_started(ready: SmallCheckout) -> None:
    places = Checkout(ready.root)
    assert look(places, ("base",)).state is State.READY
    config = ready.venv / "pyvenv.cfg"
    lines = [line for line in config.read_text(encoding="utf-8").splitlines() if not line.startswith("executable")]
    config.write_text("\n".join([*lines, "executable = /gone/python3.11"]) + "\n", encoding="utf-8")
    assert look(places, ("base",)).state is State.PYTHON_GONE
    (ready.scripts / "python").unlink()
    (ready.scripts / "python").symlink_to("/gone/python3.11")
    assert look(places, ("base",)).state is State.PYTHON_GONE


def test_an_environment_whose_python_became_another_version_is_not_started(ready: SmallCheckout) -> None:
    config = ready.venv / "pyvenv.cfg"
    lines = [line for line in config.read_text(encoding="utf-8").splitlines() if not line.startswith("version")]
    config.write_text("\n".join([*lines, "version = 3.10.9"]) + "\n", encoding="utf-8")
    assert look(Checkout(ready.root), ("base",)).state is State.PYTHON_GONE


def test_two_first_starts_at_once_both_end_with_a_window(tmp_path: Path) -> None:
    checkout = lay_out(tmp_path)
    both = [checkout.begin(), checkout.begin()]
    outcomes = [checkout.end(process) for process in both]
    assert [outcome.code for outcome in outcomes] == [0, 0], [outcome.err for outcome in outcomes]
    assert sorted("waiting for it to finish" in outcome.err for outcome in outcomes) == [False, True]
    assert checkout.log.count("Successfully installed") == 1
    assert checkout.start().err == ""


def test_a_set_up_that_was_killed_goes_on_at_the_next_start(tmp_path: Path) -> None:
    checkout = lay_out(tmp_path)
    hold = checkout.root / "hold"
    hold.touch()
    process = checkout.begin()
    _wait_for(checkout.root / "holding")
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    hold.unlink()
    outcome = checkout.start()
    assert outcome.code == 0, outcome.err
    assert "it goes on from there" in outcome.err
    assert "making the Python environment" not in outcome.err, "what was done before was thrown away"
    assert outcome.window is not None
    assert checkout.start().err == ""


def test_stopping_a_set_up_by_ctrl_c_says_that_it_can_go_on(ready: SmallCheckout) -> None:
    (ready.root / "hold").touch()
    process = ready.begin("--with-clip")
    _wait_for(ready.root / "holding")
    process.send_signal(signal.SIGINT)
    outcome = ready.end(process)
    assert outcome.code == 130
    assert "The next start goes on from here" in outcome.err
    assert "Traceback" not in outcome.err
    (ready.root / "hold").unlink()
    again = ready.start()
    assert again.code == 0, again.err
    assert again.window is not None


def test_a_package_that_was_cut_off_half_installed_is_installed_again(ready: SmallCheckout) -> None:
    _mark_interrupted(ready)
    # As a killed pip leaves it: metadata there, RECORD not yet written, a file missing.
    (ready.site_packages / "pyside6_essentials-6.9.0.dist-info" / "RECORD").unlink()
    (ready.site_packages / "PySide6" / "QtWidgets.py").unlink()
    outcome = ready.start()
    assert outcome.code == 0, outcome.err
    assert (ready.site_packages / "PySide6" / "QtWidgets.py").is_file()


def test_a_file_cut_short_by_a_power_failure_is_noticed(ready: SmallCheckout) -> None:
    ready.start("--with-clip")
    _mark_interrupted(ready)
    module = ready.site_packages / "tiny_clip" / "__init__.py"
    whole = module.read_bytes()
    module.write_bytes(whole[:3])
    outcome = ready.start("--with-clip")
    assert outcome.code == 0, outcome.err
    assert module.read_bytes() == whole


def test_bytecode_that_python_wrote_anew_is_no_reason_to_fetch_a_package_again(tmp_path: Path) -> None:
    # Qt's wheel lists its bytecode, and Python replaces it at the first import: every update fetched 80 MB.
    files = {"tiny_clip/__init__.py": "", "tiny_clip/__pycache__/__init__.pyc": "old"}
    write_wheel(tmp_path, "tiny_clip", "1.0", files)
    shutil.unpack_archive(tmp_path / "tiny_clip-1.0-py3-none-any.whl", tmp_path / "site", "zip")
    assert forget_half_installed([tmp_path / "site"]) == []
    cache = tmp_path / "site" / "tiny_clip" / "__pycache__" / "__init__.pyc"
    cache.write_text("newer", encoding="utf-8")
    assert forget_half_installed([tmp_path / "site"]) == []
    cache.unlink()
    assert forget_half_installed([tmp_path / "site"]) == []
    (tmp_path / "site" / "tiny_clip" / "__init__.py").write_text("cut", encoding="utf-8")
    assert forget_half_installed([tmp_path / "site"]) == ["tiny_clip-1.0"]


def test_somebodys_own_working_environment_is_used_and_not_thrown_away(ready: SmallCheckout) -> None:
    (ready.venv / "fabric-desktop.json").unlink()
    (ready.venv / "mine.txt").write_text("kept", encoding="utf-8")
    outcome = ready.start()
    assert outcome.code == 0, outcome.err
    assert (ready.venv / "mine.txt").read_text(encoding="utf-8") == "kept"


def test_somebodys_own_broken_environment_is_kept_aside(tmp_path: Path) -> None:
    checkout = lay_out(tmp_path)
    checkout.venv.mkdir()
    (checkout.venv / "mine.txt").write_text("kept", encoding="utf-8")
    outcome = checkout.start()
    assert outcome.code == 0, outcome.err
    assert (checkout.root / ".venv.old1" / "mine.txt").read_text(encoding="utf-8") == "kept"
    assert ".venv.old1" in outcome.err


def test_the_test_command_runs_every_check_and_passes_options_to_pytest(ready: SmallCheckout) -> None:
    outcome = ready.start("test", "-k", "look", DISPLAY=None, WAYLAND_DISPLAY=None)
    assert outcome.code == 0, outcome.err
    assert outcome.window is None
    calls = [json.loads(line) for line in (ready.root / "checks.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [call[0] for call in calls] == ["pytest", "ruff", "mypy", "import-linter", "translations"]
    assert calls[0][1][-2:] == ["-k", "look"]
    assert {call[2] for call in calls} == {"offscreen"}
    assert (ready.site_packages / "tiny_clip").is_dir()
    assert outcome.out.rstrip().endswith("all passed")

    failing = ready.start("test", CHECK_FAILS="mypy")
    assert failing.code == 1
    assert "FAILED" in failing.out
    assert failing.out.rstrip().endswith("failed: mypy")
    names = [json.loads(line)[0] for line in (ready.root / "checks.jsonl").read_text(encoding="utf-8").splitlines()]
    assert names[5:] == names[:5], "a failed check kept the others from running"


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path.name} never came"
        time.sleep(0.02)


def _mark_interrupted(checkout: SmallCheckout) -> None:
    """Leaves the notes of a set-up that was cut off while packages were installed."""
    stamp = checkout.venv / "fabric-desktop.json"
    content = json.loads(stamp.read_text(encoding="utf-8"))
    content["stage"] = "packages"
    (checkout.venv / "fabric-desktop-set-up.json").write_text(json.dumps(content), encoding="utf-8")
    stamp.unlink()
