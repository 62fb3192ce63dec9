"""The doctor's look at this computer: Python, packages, the window, fonts, the engine, encoders, disk, permissions.

Everything that could take the process down with it (Qt above all) is tried in a process of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fabric_desktop import __version__, logs, paths
from fabric_desktop.bootstrap.words import sentences
from fabric_desktop.early import OFFLINE_BY_US
from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.studio import Studio
from fabric_desktop.support.findings import Finding
from fabric_desktop.support.licences import base_requirements, is_installed

OLDEST_PYTHON = (3, 11)
CHECKSUMS_NAME = "SHA256SUMS"
# A bank and a model of 10,000 references take some 200 MB, and are written beside the old ones.
_LITTLE_GB, _TOO_LITTLE_GB = 2.0, 0.3
_QT_PATIENCE_S = 60
_GIGABYTE = 1_000_000_000


def python() -> Iterator[Finding]:
    version = platform.python_version()
    params = {"version": version, "program": __version__, "system": f"{platform.system()} {platform.release()}"}
    if sys.version_info[:2] < OLDEST_PYTHON:
        yield Finding("python", "fault", "old", params)
    else:
        yield Finding("python", "ok", "good", params)


def packages() -> Iterator[Finding]:
    """Whether all that the program needs is installed."""
    wanted = base_requirements()
    absent = [name for name in wanted if not is_installed(name)]
    if absent:
        yield Finding("packages", "fault", "missing", {"names": ", ".join(absent)})
    else:
        yield Finding("packages", "ok", "complete", {"count": len(wanted)})


def window() -> Iterator[Finding]:
    """Qt: whether it loads, whether a window could open here, and whether a font writes Chinese."""
    qt = look_at_qt()
    if "error" in qt:
        yield Finding("qt", "fault", "broken", {"reason": qt["error"]})
        return
    yield Finding("qt", "ok", "good", {"version": qt["qt"], "binding": qt["binding"]})
    yield _display(qt)
    if qt["chinese_fonts"]:
        yield Finding("fonts", "ok", "chinese", {"font": qt["font"], "count": qt["chinese_fonts"]})
    else:
        yield Finding("fonts", "warning", "no_chinese")


def _display(qt: dict[str, Any]) -> Finding:
    problem = qt.get("problem")
    if problem is None:
        return Finding("display", "ok", "good", {"ways": ", ".join(qt["ways"]) or platform.system()})
    zh, en = sentences(problem["code"], **problem["params"])
    return Finding("display", "warning", "none", {"reason": (zh, en)})


def look_at_qt() -> dict[str, Any]:
    """What a process of its own found of Qt: `qt`, `binding`, `font`, `chinese_fonts`, `ways`, `problem`; or `error`.

    In a process of its own since Qt ends the process where it cannot go on.
    """
    folder = str(Path(__file__).resolve().parents[2])
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH", "")))),
        "PYTHONIOENCODING": "utf-8",
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "fabric_desktop.ui.help.qt_probe"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_QT_PATIENCE_S,
            check=False,
        )
        found = json.loads(done.stdout.strip().splitlines()[-1])
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        return {"error": str(error)}
    except IndexError:
        lines = done.stderr.strip().splitlines()
        return {"error": lines[-1] if lines else f"exit code {done.returncode}"}
    return found if isinstance(found, dict) else {"error": "no answer"}


def engine() -> Iterator[Finding]:
    """ONNX Runtime, and the built-in encoder on it: its files' hashes, and an embedding of a drawn patch."""
    try:
        import onnxruntime
    except (ImportError, OSError) as error:
        yield Finding("engine", "fault", "missing", {"reason": str(error)})
        return
    providers = ", ".join(name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers())
    yield Finding("engine", "ok", "good", {"version": onnxruntime.__version__, "providers": providers})
    yield from builtin_encoder()


def checksums() -> dict[str, str]:
    """SHA-256 of each file of the built-in encoder, as the program was shipped with them."""
    text = paths.resource("encoders", CHECKSUMS_NAME).read_text(encoding="utf-8")
    pairs = (line.split() for line in text.splitlines() if line.strip())
    return {name: digest for digest, name in pairs}


def builtin_encoder() -> Iterator[Finding]:
    """Whether the built-in encoder is what was shipped, and works."""
    for name, digest in checksums().items():
        path = paths.resource("encoders", name)
        if not path.is_file():
            yield Finding("builtin", "fault", "missing", {"file": name})
            return
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != digest:
            yield Finding("builtin", "fault", "changed", {"file": name})
            return
    from PIL import Image

    from fabric_desktop.encoders.builtin import BuiltinEncoder

    try:
        encoder = BuiltinEncoder()
    except EncoderUnavailable as error:
        yield Finding("builtin", "fault", "error", error=error)
        return
    began = time.perf_counter()
    row = encoder.encode([Image.effect_noise((224, 224), 40).convert("RGB")])[0]
    seconds = time.perf_counter() - began
    length = float((row.astype(float) ** 2).sum()) ** 0.5
    if row.shape != (encoder.dim,) or not abs(length - 1) < 1e-3:
        yield Finding("builtin", "fault", "wrong", {"length": f"{length:.3f}"})
    else:
        yield Finding("builtin", "ok", "good", {"seconds": f"{seconds:.2f}", "threads": max(1, _cores() - 1)})


def _cores() -> int:
    return os.cpu_count() or 2


def clip() -> Iterator[Finding]:
    """CLIP: nothing of it need be here; what is half here or damaged has a way out."""
    from fabric_desktop.encoders.openclip import engine_installed
    from fabric_desktop.encoders.states import encoder_states

    states = [state for state in encoder_states() if state.info.id != "builtin"]
    ready = [state.info.title for state in states if state.state == "ready"]
    bad = [state for state in states if state.state in ("failed", "partial")]
    if bad and bad[0].error is not None and bad[0].state == "failed":
        yield Finding("clip", "warning", "error", error=bad[0].error)
    elif bad:
        yield Finding("clip", "warning", "partial", {"encoder": bad[0].info.title})
    elif ready:
        yield Finding("clip", "ok", "ready", {"names": ", ".join(ready)})
    else:
        yield Finding("clip", "ok", "no_weights" if engine_installed() else "absent")


def network() -> Iterator[Finding]:
    """What the variables say of fetching; asks no server."""
    by_us = OFFLINE_BY_US in os.environ
    forbidden = [
        name for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE") if os.environ.get(name, "0") not in ("", "0")
    ]
    if forbidden and not by_us:
        yield Finding("network", "ok", "forbidden", {"names": ", ".join(forbidden)})
    elif os.environ.get("HF_ENDPOINT"):
        yield Finding("network", "ok", "mirror")
    else:
        yield Finding("network", "ok", "only_asked")


def disk(studio: Studio | None) -> Iterator[Finding]:
    """Room where the program writes: the studio, the person's folder, the folder for temporary files."""
    places = {"home": paths.home(), "temp": Path(tempfile.gettempdir())}
    if studio is not None:
        places = {"studio": studio.root} | places
    least: tuple[float, Path] | None = None
    for place in places.values():
        try:
            free = shutil.disk_usage(nearest(place)).free / _GIGABYTE
        except OSError:
            continue  # `permissions` says that it does not answer
        if least is None or free < least[0]:
            least = (free, place)
    if least is None:
        yield Finding("disk", "fault", "unknown")
        return
    free, place = least
    params = {"free": f"{free:.1f}", "path": str(place)}
    if free < _TOO_LITTLE_GB:
        yield Finding("disk", "fault", "full", params)
    elif free < _LITTLE_GB:
        yield Finding("disk", "warning", "little", params)
    else:
        yield Finding("disk", "ok", "good", params)


def nearest(place: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    place = place.absolute()
    return next((folder for folder in (place, *place.parents) if folder.is_dir()), place)


def permissions() -> Iterator[Finding]:
    """Whether the person's own folder and the log can be written."""
    for check, folder in (("home", paths.home()), ("log", logs.folder())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".write-test-", dir=folder)
            os.close(handle)
            Path(name).unlink()
        except OSError as error:
            params = {"path": str(folder), "reason": error.strerror or str(error)}
            yield Finding(check, "fault" if check == "home" else "warning", "refused", params)
        else:
            yield Finding(check, "ok", "good", {"path": str(folder)})
