"""A checkout with the real main.py and set-up, but small packages of its own, so that a test can install it in seconds.

The index is a folder of wheels made here; nothing is fetched. What the window's program was started with is written to
a file by a stand-in for it.
"""

from __future__ import annotations

import atexit
import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
BASE_PYTHON = getattr(sys, "_base_executable", None) or sys.executable

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "fabric-desktop"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["PySide6-Essentials>=6.8.3"]

[project.optional-dependencies]
clip = ["tiny-clip"]
test = ["tiny-tests"]

[project.scripts]
fabric-desktop = "fabric_desktop.app:main"
"""

# Builds the editable install without anything from outside; a file named `hold` or `full` beside it makes it wait as
# long as that file stands, or fail as on a full disk.
BACKEND = """\
import base64, hashlib, os, time, tomllib, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))

def get_requires_for_build_editable(config_settings=None):
    return []

def prepare_metadata_for_build_editable(directory, config_settings=None):
    with open(os.path.join(HERE, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)["project"]
    lines = ["Metadata-Version: 2.1", "Name: fabric-desktop", "Version: " + project["version"]]
    lines += ["Requires-Dist: " + need for need in project["dependencies"]]
    for extra, needs in project["optional-dependencies"].items():
        lines.append("Provides-Extra: " + extra)
        lines += [f'Requires-Dist: {need} ; extra == "{extra}"' for need in needs]
    info = "fabric_desktop-0.1.0.dist-info"
    os.makedirs(os.path.join(directory, info), exist_ok=True)
    with open(os.path.join(directory, info, "METADATA"), "w", encoding="utf-8") as file:
        file.write("\\n".join(lines) + "\\n")
    return info

def build_editable(directory, config_settings=None, metadata_directory=None):
    if os.path.exists(os.path.join(HERE, "full")):
        with open("/dev/full", "wb", buffering=0) as file:
            file.write(b"x")
    if os.path.exists(os.path.join(HERE, "hold")):
        open(os.path.join(HERE, "holding"), "w").close()
        while os.path.exists(os.path.join(HERE, "hold")):
            time.sleep(0.02)
    info = prepare_metadata_for_build_editable(directory)
    with open(os.path.join(directory, info, "METADATA"), encoding="utf-8") as file:
        metadata = file.read()
    files = {
        "_fabric_desktop.pth": "import sys; sys.path.append(" + ascii(HERE) + ")\\n",
        info + "/METADATA": metadata,
        info + "/WHEEL": "Wheel-Version: 1.0\\nGenerator: backend\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        info + "/entry_points.txt": "[console_scripts]\\nfabric-desktop = fabric_desktop.app:main\\n",
    }
    name = "fabric_desktop-0.1.0-py3-none-any.whl"
    record = ""
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        for path, text in files.items():
            data = text.encode("utf-8")
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record += f"{path},sha256={digest},{len(data)}\\n"
            wheel.writestr(path, data)
        wheel.writestr(info + "/RECORD", record + info + "/RECORD,,\\n")
    return name
"""

# Stands in for the window: notes how it was started.
APP = """\
import json, os, sys

def main():
    with open(os.environ["APP_REPORT"], "w", encoding="utf-8") as file:
        platform = os.environ.get("QT_QPA_PLATFORM")
        json.dump({"arguments": sys.argv[1:], "prefix": sys.prefix, "platform": platform}, file)
    return int(os.environ.get("APP_EXIT", "0"))

if __name__ == "__main__":
    sys.exit(main())
"""

# Stands in for one of the checks: notes what it was called with, and fails if it is told to.
CHECK = """\
import json, os, sys
from pathlib import Path

def main(name={name!r}):
    with open(os.environ["CHECKS_REPORT"], "a", encoding="utf-8") as file:
        file.write(json.dumps([name, sys.argv[1:], os.environ.get("QT_QPA_PLATFORM")]) + "\\n")
    return 1 if os.environ.get("CHECK_FAILS") == name else 0

if __name__ == "__main__":
    sys.exit(main())
"""


def write_wheel(folder: Path, name: str, version: str, files: dict[str, str], entry_points: str = "") -> None:
    """A pure Python wheel of `files` in `folder`."""
    info = f"{name}-{version}.dist-info"
    content = dict(files)
    content[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    content[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if entry_points:
        content[f"{info}/entry_points.txt"] = entry_points
    record = ""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in content.items():
            data = text.encode("utf-8")
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record += f"{path},sha256={digest},{len(data)}\n"
            wheel.writestr(path, data)
        wheel.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a start left behind."""

    code: int
    out: str
    err: str
    # What the window's program was started with, or None if it was not.
    window: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class SmallCheckout:
    """The folder of main.py and of the wheels that it installs from."""

    root: Path
    wheels: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def scripts(self) -> Path:
        return self.venv / ("Scripts" if os.name == "nt" else "bin")

    @property
    def site_packages(self) -> Path:
        return next(iter([*self.venv.glob("lib/python3*/site-packages"), self.venv / "Lib" / "site-packages"]))

    @property
    def log(self) -> str:
        return (self.venv / "set-up.log").read_text(encoding="utf-8")

    def environment(self, **changes: str | None) -> dict[str, str]:
        """A person's variables on a desktop, their pip led to the small wheels; None takes a variable away."""
        ours = ("PIP_", "PYTHON", "QT_")
        kept = {key: value for key, value in os.environ.items() if not key.upper().startswith(ours)}
        kept.update(
            PIP_CONFIG_FILE=os.devnull,
            PIP_NO_INDEX="1",
            PIP_FIND_LINKS=self.wheels.as_uri(),
            PIP_NO_COMPILE="1",
            PIP_RETRIES="0",
            DISPLAY=":0",
            PYTHONDONTWRITEBYTECODE="1",
            APP_REPORT=str(self.report),
            CHECKS_REPORT=str(self.root / "checks.jsonl"),
        )
        for key, value in changes.items():
            if value is None:
                kept.pop(key, None)
            else:
                kept[key] = value
        return kept

    @property
    def report(self) -> Path:
        return self.root / "window.json"

    def begin(self, *arguments: str, python: str = BASE_PYTHON, **changes: str | None) -> subprocess.Popen[str]:
        """Starts main.py and does not wait for it."""
        return subprocess.Popen(
            [python, str(self.root / "main.py"), *arguments],
            env=self.environment(**changes),
            cwd=self.root.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def end(self, process: subprocess.Popen[str]) -> Outcome:
        """Waits for a start, and tells what it left."""
        out, err = process.communicate(timeout=100)
        window = json.loads(self.report.read_text(encoding="utf-8")) if self.report.exists() else None
        return Outcome(process.returncode, out, err, window)

    def start(self, *arguments: str, python: str = BASE_PYTHON, **changes: str | None) -> Outcome:
        """Runs main.py to its end."""
        if self.report.exists():
            self.report.unlink()
        return self.end(self.begin(*arguments, python=python, **changes))

    def twin(self, root: Path) -> SmallCheckout:
        """The same checkout in another folder, set up there: its notes say it was made in that place."""
        shutil.copytree(self.root, root, symlinks=True, copy_function=_link_pip_copy_the_rest)
        stamp = root / ".venv" / "fabric-desktop.json"
        content = json.loads(stamp.read_text(encoding="utf-8"))
        content["folder"] = str(root / ".venv")
        stamp.write_text(json.dumps(content), encoding="utf-8")
        link = next(root.glob(".venv/**/_fabric_desktop.pth"))
        link.write_text(f"import sys; sys.path.append({ascii(str(root))})\n", encoding="utf-8")
        return SmallCheckout(root, self.wheels)


def _link_pip_copy_the_rest(source: str, target: str) -> None:
    """pip's own files are many and never changed in place, so a second name for each will do."""
    if "/site-packages/pip/" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


@cache
def started_once() -> tuple[SmallCheckout, Outcome]:
    """A checkout that was started once, and what that start left; the same one all through a test run."""
    folder = Path(tempfile.mkdtemp(prefix="fabric-started-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    checkout = lay_out(folder)
    return checkout, checkout.start("照片 1.jpg")


def lay_out(folder: Path) -> SmallCheckout:
    """A fresh small checkout below `folder`; its path has Chinese and spaces in it."""
    root = folder / "面料 识别" / "fabric desktop"
    package = root / "fabric_desktop"
    package.mkdir(parents=True)
    shutil.copy(ROOT / "main.py", root)
    for name in ("__init__.py", "early.py"):
        shutil.copy(ROOT / "fabric_desktop" / name, package)
    no_caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "fabric_desktop" / "bootstrap", package / "bootstrap", ignore=no_caches)
    (package / "app.py").write_text(APP, encoding="utf-8")
    (root / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (root / "backend.py").write_text(BACKEND, encoding="utf-8")
    (root / "tests").mkdir()
    (root / "tests" / "translation_check.py").write_text(CHECK.format(name="translations"), encoding="utf-8")
    wheels = folder / "wheels"
    write_wheel(wheels, "pyside6_essentials", "6.9.0", {"PySide6/__init__.py": "", "PySide6/QtWidgets.py": ""})
    write_wheel(wheels, "tiny_clip", "1.0", {"tiny_clip/__init__.py": "NAME = 'tiny clip'\n"})
    checks = {f"{name}/__init__.py": "" for name in ("pytest", "ruff", "mypy")}
    checks |= {f"{name}/__main__.py": CHECK.format(name=name) for name in ("pytest", "ruff", "mypy")}
    checks["tiny_linter.py"] = CHECK.format(name="import-linter")
    write_wheel(wheels, "tiny_tests", "1.0", checks, "[console_scripts]\nlint-imports = tiny_linter:main\n")
    return SmallCheckout(root, wheels)
