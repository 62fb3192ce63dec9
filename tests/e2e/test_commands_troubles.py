"""What goes wrong around a command as a process: stopped half-way, a studio in use, a poor console, a closed pipe."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.studio import StudioLock, open_studio

ROOT = Path(__file__).resolve().parents[2]


def process(*words: object, home: Path, **variables: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "FABRIC_DESKTOP_HOME": str(home / "fabric home"),
        "FABRIC_DESKTOP_ALLOW_DUMMY": "1",
        "LC_ALL": "C.UTF-8",
        **variables,
    }
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "fabric_desktop", *map(str, words)],
        cwd=home,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def furnish(root: Path, photos: int) -> None:
    rng = np.random.default_rng(1)
    folder = root / "fabrics" / "棉布"
    folder.mkdir(parents=True)
    for i in range(photos):
        Image.fromarray(rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(folder / f"ref {i}.png")
    (root / "settings.toml").write_text('encoder = "dummy"\n', encoding="utf-8")


@pytest.mark.skipif(os.name != "posix", reason="Ctrl+C is sent as a signal, which only POSIX has")
def test_ctrl_c_during_a_build_leaves_the_studio_as_it_was(tmp_path: Path) -> None:
    studio = tmp_path / "面料 studio"
    furnish(studio, 400)
    before = sorted(path.name for path in studio.iterdir())
    running = process("build-bank", "--studio", studio, home=tmp_path)
    assert running.stdout is not None
    for line in running.stdout:
        if b"Processed" in line:
            break
    running.send_signal(signal.SIGINT)
    # What is still printed must be read, or the process would wait for us.
    reader = threading.Thread(target=running.stdout.read)
    reader.start()
    assert running.wait(timeout=20) == 130
    reader.join()
    assert running.stderr is not None
    err = running.stderr.read().decode("utf-8")
    running.stdout.close()
    running.stderr.close()
    assert err.strip().splitlines()[-1] == "Stopped. Nothing was changed or lost."
    assert "Traceback" not in err
    assert sorted(path.name for path in studio.iterdir() if not path.name.startswith(".studio")) == before
    with StudioLock(open_studio(studio)):
        pass


def test_a_studio_in_use_is_left_alone_and_its_user_named(tmp_path: Path) -> None:
    studio = tmp_path / "studio"
    furnish(studio, 3)
    with StudioLock(open_studio(studio), "window"):
        started = time.monotonic()
        out, err = process("build-bank", "--studio", studio, "--json", home=tmp_path).communicate(timeout=60)
        assert time.monotonic() - started < 30
    error = json.loads(out)["error"]
    assert error["code"] == "studio_locked"
    assert "(window)" in error["what"]
    assert "(window)" in err.decode("utf-8")
    assert not (studio / "fabric_bank.npz").exists()


@pytest.mark.parametrize("encoding", ["gbk", "cp1252", "ascii"])
def test_a_console_of_another_encoding_shows_what_it_can(tmp_path: Path, encoding: str) -> None:
    studio = tmp_path / "面料 é"
    furnish(studio, 3)
    running = process("build-bank", "--studio", studio, "--lang", "zh", home=tmp_path, PYTHONIOENCODING=encoding)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, b"")
    assert b"fabric_bank.npz" in out
    if encoding == "gbk":
        assert "参考库已保存" in out.decode("gbk")


def test_json_through_a_pipe_of_another_encoding_is_still_json(tmp_path: Path) -> None:
    studio = tmp_path / "面料 é"
    furnish(studio, 3)
    running = process("build-bank", "--studio", studio, "--json", home=tmp_path, PYTHONIOENCODING="cp1252")
    out, _ = running.communicate(timeout=60)
    assert Path(json.loads(out)["path"]) == studio / "fabric_bank.npz"


@pytest.mark.skipif(os.name != "posix", reason="a closed pipe is told apart only on POSIX")
def test_a_reader_that_closes_the_pipe_gets_no_traceback(tmp_path: Path) -> None:
    studio = tmp_path / "studio"
    furnish(studio, 60)
    running = process("build-bank", "--studio", studio, home=tmp_path)
    assert running.stdout is not None
    running.stdout.close()
    assert running.stderr is not None
    err = running.stderr.read()
    running.wait(timeout=60)
    running.stderr.close()
    assert b"Traceback" not in err
    assert b"BrokenPipe" not in err


def test_a_command_starts_without_loading_what_it_does_not_need(tmp_path: Path) -> None:
    heavy = {"numpy", "PIL", "torch", "sklearn", "scipy", "skimage", "onnxruntime", "open_clip", "timm", "PySide6"}
    code = (
        "import sys, fabric_desktop.cli as c; c.main(['--help']);"
        f"loaded = {heavy} & set(sys.modules); print(*loaded, file=sys.stderr, end='')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.stderr == b""
