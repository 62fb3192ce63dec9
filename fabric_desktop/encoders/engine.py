"""Get CLIP's engine: the `clip` extra, installed by this Python's own pip as a job. Loads and downloads no weights.

pip's own settings (PIP_INDEX_URL, proxies, certificates) are honoured: its environment is passed on as it is.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from fabric_desktop import paths
from fabric_desktop.bootstrap.environment import Checkout
from fabric_desktop.bootstrap.install import SIZES_GB, forget_half_installed
from fabric_desktop.bootstrap.pip_run import PIP_WITH_RAW_PROGRESS, explain_failure
from fabric_desktop.encoders.openclip import engine_installed
from fabric_desktop.errors import EngineFailed, SaveFailed
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio.files import read_json, write_json

logger = logging.getLogger(__name__)

EXTRA = "clip"
GIGABYTE = 1_000_000_000
_MARK_NAME = "engine.json"
_POLL_S = 0.1
_END_S = 10.0
# PyPI's torch for Linux is a CUDA build; the others are built for the CPU.
_SMALL_GB = 2.0
_WORDS = {
    "disk_full": "disk_full",
    "bad_certificate": "certificate",
    "no_network": "network",
    "not_writable": "not_writable",
    "no_package": "no_package",
}
_DOWNLOADING = re.compile(r"^\s*(?:Downloading|Using cached|Processing) (?:\S*/)?([^/\s]+)\.(?:whl|tar\.gz|zip)")
_PROGRESS = re.compile(r"^Progress (\d+) of (\d+)")
_INSTALLING = re.compile(r"^Installing collected packages: (.+)")


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """What installing the engine means: the packages, the Python they go into, what it takes on the disk.

    `refusal` says why it cannot be done here (None: it can). `partial`: an earlier installation was cut off;
    `failure` is why the last one failed.
    """

    installed: bool
    packages: tuple[str, ...]
    python: Path
    needed_gb: float
    free_gb: float
    refusal: EngineFailed | None
    partial: bool = False
    failure: EngineFailed | None = None


def engine_plan() -> EnginePlan:
    """Say what installing the engine would do; runs nothing."""
    site = Path(sysconfig.get_path("purelib"))
    needed = SIZES_GB[EXTRA] if sys.platform.startswith("linux") else _SMALL_GB
    free = shutil.disk_usage(site if site.exists() else sys.prefix).free / GIGABYTE
    mark = _mark()
    failure = None
    if mark is not None and isinstance(mark.get("reason"), str):
        failure = EngineFailed(reason=mark["reason"], detail=str(mark.get("detail", "")))
    return EnginePlan(
        installed=engine_installed(),
        packages=requirements(),
        python=Path(sys.executable),
        needed_gb=needed,
        free_gb=round(free, 1),
        refusal=_refusal(site, needed, free),
        partial=mark is not None,
        failure=failure,
    )


def _refusal(site: Path, needed: float, free: float) -> EngineFailed | None:
    if getattr(sys, "frozen", False):
        return EngineFailed(reason="frozen")
    if find_spec("pip") is None:
        return EngineFailed(reason="no_pip")
    managed = Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED"
    if sys.prefix == sys.base_prefix and managed.exists():
        return EngineFailed(reason="externally_managed")
    if not os.access(site, os.W_OK):
        return EngineFailed(reason="not_writable", detail=str(site))
    if free < needed and not engine_installed():
        return EngineFailed(reason="disk_small", needed=f"{needed:.1f}", free=f"{free:.1f}")
    return None


def requirements() -> tuple[str, ...]:
    """The packages of the `clip` extra, as this program's own metadata name them."""
    root = paths.checkout_root()
    if root is not None:
        with (root / "pyproject.toml").open("rb") as stream:
            project = tomllib.load(stream)["project"]
        return tuple(project["optional-dependencies"][EXTRA])
    wanted = re.compile(rf"extra\s*==\s*['\"]{EXTRA}['\"]")
    return tuple(
        text.partition(";")[0].strip() for text in metadata.requires("fabric-desktop") or () if wanted.search(text)
    )


def install_engine(context: JobContext, packages: Sequence[str] | None = None) -> None:
    """Install the engine (or `packages`) by this Python's own pip.

    Progress is `job.install_engine` with the package being fetched, its megabytes done and total. A cancel ends pip at
    once; packages that had arrived stay in pip's cache, and the next try installs anew what was half installed.
    Raises EngineFailed, Cancelled.
    """
    plan = engine_plan()
    if plan.refusal is not None:
        raise plan.refusal
    wanted = tuple(packages if packages is not None else plan.packages)
    if plan.partial:
        for name in forget_half_installed([Path(sysconfig.get_path("purelib"))]):
            logger.info("half installed, to be installed again: %s", name)
    _set_mark({"packages": list(wanted)})
    context.progress(0, 0, "job.install_engine_begin")
    code, lines = _run_pip(wanted, context)
    if code != 0:
        failure = _explained(lines)
        _set_mark({"packages": list(wanted), **failure.params})
        raise failure
    importlib.invalidate_caches()
    if packages is None and not engine_installed():
        raise EngineFailed(reason="not_complete", detail="torch, torchvision, open_clip")
    _set_mark(None)


def _explained(lines: Sequence[str]) -> EngineFailed:
    problem = explain_failure(lines, Checkout(Path(sys.prefix).parent))
    reason = _WORDS.get(problem.code, "pip")
    detail = problem.params.get("package") or problem.params.get("reason") or ""
    return EngineFailed(reason=reason, detail=str(detail))


def _run_pip(packages: Sequence[str], context: JobContext) -> tuple[int, list[str]]:
    """pip's exit code and what it printed. It is ended, whatever it is doing, when the job is cancelled."""
    raw = tuple(int(part) for part in metadata.version("pip").split(".")[:2]) >= PIP_WITH_RAW_PROGRESS
    command = [sys.executable, "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--no-warn-script-location", "--progress-bar", "raw" if raw else "off", *packages]
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8:replace"}
    lines: list[str] = []
    arriving: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    child = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        # pip starts processes of its own; a cancel must end those too.
        start_new_session=True,
    )
    assert child.stdout is not None
    reader = threading.Thread(target=_read, args=(child.stdout, arriving), daemon=True)
    reader.start()
    shown = _Shown(context)
    try:
        while True:
            context.check_cancelled()
            try:
                line = arriving.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if line is None:
                break
            lines.append(line)
            shown.line(line)
        return child.wait(), lines
    finally:
        if child.poll() is None:
            _end(child)
        reader.join()
        child.stdout.close()
        logger.info("pip said: %s", "\n".join(lines[-40:]))


def _end(child: subprocess.Popen[str]) -> None:
    """End pip and what it started."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(child.pid)], capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(_END_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _read(stream: IO[str], arriving: queue.SimpleQueue[str | None]) -> None:
    for line in stream:
        arriving.put(line.rstrip("\r\n"))
    arriving.put(None)


class _Shown:
    """What pip prints, as progress."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._package = ""

    def line(self, line: str) -> None:
        progress = _PROGRESS.match(line)
        if progress is not None and self._package:
            done, total = (int(number) // 1_000_000 for number in progress.groups())
            self._context.progress(done, total, "job.install_engine", package=self._package)
            return
        fetching, installing = _DOWNLOADING.match(line), _INSTALLING.match(line)
        if fetching is not None:
            self._package = " ".join(fetching[1].split("-")[:2])
            self._context.progress(0, 0, "job.install_engine", package=self._package)
        elif installing is not None:
            count = len(installing[1].split(", "))
            self._context.progress(0, 0, "job.install_engine_unpack", count=count)


def _mark() -> dict[str, object] | None:
    """What is known of an installation that has begun and not ended well."""
    try:
        value = read_json(paths.home() / _MARK_NAME)
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _set_mark(value: dict[str, object] | None) -> None:
    path = paths.home() / _MARK_NAME
    if value is None:
        with contextlib.suppress(OSError):
            path.unlink()
        return
    try:
        write_json(path, value)
    except SaveFailed as error:
        logger.warning("the state of the engine is not kept: %s", error)
