"""What is in .venv, and whether the program can start from it as it is: a look that costs milliseconds.

Not for changing anything there: that is install.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from fabric_desktop.bootstrap.words import SetupProblem

BASE = "base"
STAMP_FORMAT = 1


class State(Enum):
    """What was found beside main.py."""

    READY = "ready"
    ABSENT = "absent"
    INTERRUPTED = "interrupted"
    OUTDATED = "outdated"
    LACKING = "lacking"
    MOVED = "moved"
    PYTHON_GONE = "python gone"
    FOREIGN = "foreign"


class Checkout(NamedTuple):
    """The folder of main.py and the places that the set-up uses in it."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def scripts(self) -> Path:
        return self.venv / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        return self.scripts / ("python.exe" if os.name == "nt" else "python")

    @property
    def stamp(self) -> Path:
        """Written last, when all is in place; taken away before anything is changed."""
        return self.venv / "fabric-desktop.json"

    @property
    def marker(self) -> Path:
        """There while a set-up is under way, and after one that was cut off."""
        return self.venv / "fabric-desktop-set-up.json"

    @property
    def lock(self) -> Path:
        return self.root / ".venv.lock"

    @property
    def log(self) -> Path:
        return self.venv / "set-up.log"


class Found(NamedTuple):
    """The state of .venv, and the sets of packages that were complete in it."""

    state: State
    had: tuple[str, ...] = ()
    # Whether the libraries of the system were seen to be enough for Qt.
    checked: bool = False


def requirement_hashes(checkout: Checkout) -> dict[str, str]:
    """One hash for `base` and one for each extra, of all that pyproject.toml says about what to install."""
    import tomllib

    path = checkout.root / "pyproject.toml"
    try:
        with path.open("rb") as file:
            project: dict[str, Any] = tomllib.load(file)["project"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise SetupProblem("project_unreadable", path=path, reason=error) from error
    base_keys = ("requires-python", "dependencies", "scripts", "gui-scripts")
    parts: dict[str, object] = {BASE: [project.get(key) for key in base_keys]}
    parts.update(project.get("optional-dependencies", {}))
    return {
        name: hashlib.sha256(json.dumps(part, sort_keys=True).encode("utf-8")).hexdigest()
        for name, part in parts.items()
    }


def look(checkout: Checkout, wanted: tuple[str, ...]) -> Found:
    """What stands beside main.py, measured against the `wanted` sets (`base` and names of extras)."""
    if not checkout.venv.exists():
        return Found(State.ABSENT)
    stamp = _read_json(checkout.stamp)
    marker = _read_json(checkout.marker)
    record = stamp if stamp is not None else marker
    if record is None:
        empty = checkout.venv.is_dir() and not any(checkout.venv.iterdir())
        return Found(State.ABSENT if empty else State.FOREIGN)
    sets = record.get("sets")
    stamped: dict[str, str] = sets if isinstance(sets, dict) else {}
    had = tuple(stamped)
    if record.get("format") != STAMP_FORMAT or record.get("folder") != str(checkout.venv):
        return Found(State.MOVED, had)
    if stamp is None and record.get("stage") == "venv":
        return Found(State.INTERRUPTED, had)
    if not _python_stands(checkout):
        return Found(State.PYTHON_GONE, had)
    if stamp is None:
        return Found(State.INTERRUPTED, had)
    hashes = requirement_hashes(checkout)
    if any(stamped[name] != hashes.get(name) for name in had):
        return Found(State.OUTDATED, had)
    if not set(wanted) <= set(had):
        return Found(State.LACKING, had)
    return Found(State.READY, had, checked=record.get("checked") is True)


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        with path.open(encoding="utf-8") as file:
            content = json.load(file)
    except (OSError, ValueError):
        # Not there, or cut off while it was written: either way it proves nothing.
        return None
    return content if isinstance(content, dict) else None


def _python_stands(checkout: Checkout) -> bool:
    """Whether the Python that .venv was made from is still there, and still the same minor version."""
    if not checkout.python.exists():
        return False
    origin = _origin(checkout.venv)
    executable = origin.get("executable")
    if executable is None:
        return True
    if not os.path.exists(executable):
        return False
    own = base_python()
    same = bool(own) and os.path.realpath(own) == os.path.realpath(executable)
    return not same or origin.get("version", "").split(".")[:2] == minor_version().split(".")


def another_python(checkout: Checkout) -> bool:
    """Whether .venv was made from another minor version of Python than the one that runs now."""
    version = _origin(checkout.venv).get("version")
    return version is not None and version.split(".")[:2] != minor_version().split(".")


def _origin(venv: Path) -> dict[str, str]:
    """What pyvenv.cfg says about where `venv` comes from; empty where it cannot be read."""
    try:
        lines = (venv / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines)
    return {key.strip(): value.strip() for key, _, value in pairs}


def base_python() -> str:
    """The Python outside any environment that started this process: .venv is made from it."""
    return getattr(sys, "_base_executable", None) or sys.executable


def minor_version() -> str:
    """The running Python's version, such as `3.11`."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"
