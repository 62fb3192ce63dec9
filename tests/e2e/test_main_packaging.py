"""What pyproject.toml promises: a wheel with its resources, the scripts, launchers that find main.py, ignored data."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.e2e.small_checkout import BASE_PYTHON, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_a_wheel_carries_the_resources_where_the_program_looks_for_them(tmp_path: Path) -> None:
    source = tmp_path / "source 源"
    for name in ("fabric_desktop", "resources", "LICENSES"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
        file.extractall(tmp_path / "installed")
    assert "fabric_desktop/_resources/encoders/efficientnet_lite0.onnx" in names
    assert any(name.endswith("licenses/NOTICE") for name in names)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from fabric_desktop import paths;"
        "print(paths.resource('messages', 'zh.toml').is_file(), paths.checkout_root())"
    )
    run = subprocess.run(
        [sys.executable, "-P", "-c", code, str(tmp_path / "installed")], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "True None"


def test_a_bare_python_can_read_everything_that_the_set_up_imports() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import fabric_desktop.early, fabric_desktop.bootstrap.install"
    # -S: no site-packages, as on a fresh machine; -I: nothing from this test's surroundings.
    run = subprocess.run([BASE_PYTHON, "-I", "-S", "-c", code, str(ROOT)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_the_qt_that_aborts_is_not_installed() -> None:
    assert "PySide6-Essentials>=6.8.3,<6.12" in PROJECT["dependencies"]


def test_the_light_base_does_not_bring_torch() -> None:
    base = " ".join(PROJECT["dependencies"]).lower()
    for heavy in ("torch", "timm", "open_clip", "huggingface"):
        assert heavy not in base
        assert heavy in " ".join(PROJECT["optional-dependencies"]["clip"]).lower()


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell script")
@pytest.mark.parametrize("folder", ["面料 program", "plain"])
def test_a_double_click_starts_main_py_beside_the_launcher(folder: str, tmp_path: Path) -> None:
    place = tmp_path / folder
    place.mkdir()
    shutil.copy(ROOT / "Fabric Desktop.command", place)
    (place / "main.py").write_text("import os, sys\nprint(os.getcwd(), sys.argv[1:])\nsys.exit(5)\n", encoding="utf-8")
    run = subprocess.run(
        [place / "Fabric Desktop.command", "照片 1.jpg"],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.stdout.strip() == f"{place} ['照片 1.jpg']"
    assert run.returncode == 5


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell script")
def test_a_double_click_without_python_says_where_to_get_it(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Fabric Desktop.command", tmp_path)
    empty = tmp_path / "bin"
    empty.mkdir()
    for tool in ("sh", "dirname"):
        (empty / tool).symlink_to(str(shutil.which(tool)))
    script = (tmp_path / "Fabric Desktop.command").read_text(encoding="utf-8")
    outside = [line for line in script.splitlines() if line.strip().startswith("/")]
    assert len(outside) == 1
    (tmp_path / "Fabric Desktop.command").write_text(script.replace(outside[0], "    nowhere"), encoding="utf-8")
    run = subprocess.run(
        [tmp_path / "Fabric Desktop.command"],
        env={"PATH": str(empty)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 3
    assert "没有找到 Python 3.11" in run.stdout
    assert "No Python 3.11 to 3.14 was found" in run.stdout


def test_the_windows_launcher_keeps_its_line_ends_and_finds_main_py_in_any_folder() -> None:
    launcher = (ROOT / "Fabric Desktop.cmd").read_bytes()
    assert b"\r\n" in launcher
    assert launcher.count(b"\n") == launcher.count(b"\r\n"), "cmd.exe loses its place in a file with bare line feeds"
    text = launcher.decode("utf-8")
    assert '"%~dp0main.py" %*' in text
    lines = text.split("\r\n")
    # Chinese only after the code page is UTF-8, only as words to say, and in lines that cmd.exe reads at one go.
    chinese = [number for number, line in enumerate(lines) if not line.isascii()]
    assert min(chinese) > lines.index("chcp 65001 >nul")
    for number in chinese:
        assert lines[number].startswith("echo ")
        assert lines[number + 1].startswith("echo ")
        assert lines[number + 1].isascii(), "the same follows in English"
    assert all(len(line.encode("utf-8")) < 500 for line in lines)
    assert not [line for line in lines if line.startswith("echo ") and set(line) & set("&|<>^%")]
    assert "DisableDelayedExpansion" in text, "a folder with ! in its name would lose it"
    targets = {line[1:] for line in lines if line.startswith(":")}
    assert {"try", "missing", "incomplete"} == targets
    assert text.count("pause") == 3


@pytest.mark.skipif(shutil.which("git") is None or not (ROOT / ".git").exists(), reason="not a git checkout")
def test_a_persons_own_work_never_enters_version_control() -> None:
    private = [
        "data/fabrics/真丝缎/1.jpg",
        "data/fabric_bank.npz",
        "data/patches/labeled/cotton/p.png",
        "data/patches/unlabeled/q.json",
        "data/models/v1/head.npz",
        "data/settings.toml",
        ".venv/pyvenv.cfg",
        ".venv.lock",
        ".venv.old1/x",
    ]
    run = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        cwd=ROOT,
        input="\0".join(private),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert [name for name in run.stdout.split("\0") if name] == private
    shipped = ["data/README.md", "data/fabrics/README.txt", "data/patches/labeled/README.txt", "data/models/README.txt"]
    assert all((ROOT / name).is_file() for name in shipped)
    run = subprocess.run(["git", "check-ignore", "--no-index", *shipped], cwd=ROOT, capture_output=True, check=False)
    assert run.stdout == b""
