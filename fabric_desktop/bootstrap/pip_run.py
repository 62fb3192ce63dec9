"""Runs pip with the person's own settings, shows its output condensed, and says in plain words why it failed.

Not for deciding what to install: that is install.py.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TextIO

from fabric_desktop.bootstrap.environment import Checkout, base_python, minor_version
from fabric_desktop.bootstrap.words import SetupProblem, one_line

# The first pip that reports a download's progress in lines made for programs.
PIP_WITH_RAW_PROGRESS = (24, 1)
SILENCE_S = 15.0
BIG_DOWNLOAD = 20_000_000

_DOWNLOAD = re.compile(r"^\s*(?:Downloading|Using cached) (?:\S*/)?([^/\s]+\.(?:whl|tar\.gz|zip)) \(([^)]+)\)")
_FROM_DISK = re.compile(r"^\s*Processing (?:\S*/)?([^/\s]+\.(?:whl|tar\.gz|zip))")
_PROGRESS = re.compile(r"^Progress (\d+) of (\d+)")
_INSTALLING = re.compile(r"^Installing collected packages: (.+)")
_NO_MATCH = re.compile(r"No matching distribution found for ([^\s;(]+)")

_DISK_FULL = re.compile(r"No space left on device|Errno 28\b|WinError 112\b|Errno 122\b|Disk quota exceeded", re.I)
_TOO_LONG = re.compile(r"Long Path support|WinError 206\b|Errno 36\b|File name too long", re.I)
_REFUSED = re.compile(r"The repository located at (\S+) is not a trusted or secure host")
_CERTIFICATE_SEEN = re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError", re.I)
_CERTIFICATE = re.compile(r"confirming the ssl certificate", re.I)
_NETWORK = re.compile(
    r"NewConnectionError|connection broken by|establish a new connection|name resolution|Name or service not known"
    r"|getaddrinfo failed|nodename nor servname|Connection refused|Network is unreachable|No route to host|timed out"
    r"|ProxyError|Cannot connect to proxy|Failed to connect|ConnectionResetError|Connection reset|Max retries exceeded"
    r"|RemoteDisconnected|IncompleteRead|NameResolutionError"
    # A proxy that cuts the line, or that is spoken to in TLS and answers in plain text; pip reports both as a matter
    # of certificates, although none was seen.
    r"|SSLEOFError|UNEXPECTED_EOF|EOF occurred in violation|WRONG_VERSION_NUMBER|SSLZeroReturnError",
    re.I,
)
_DENIED = re.compile(
    r"Permission denied|Errno 13\b|WinError 5\b|WinError 32\b|Access is denied|Read-only file system", re.I
)
_FULL_ERRNOS = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def from_os_error(error: OSError, checkout: Checkout) -> SetupProblem:
    """The problem behind a failed write of our own."""
    if error.errno in _FULL_ERRNOS or getattr(error, "winerror", None) == 112:
        return disk_full(checkout)
    return SetupProblem("not_writable", folder=error.filename or checkout.venv, reason=error.strerror or error)


def disk_full(checkout: Checkout) -> SetupProblem:
    return SetupProblem("disk_full", folder=checkout.venv, temporary=tempfile.gettempdir())


def no_network() -> SetupProblem:
    python = base_python()
    return SetupProblem("no_network", python=f'"{python}"' if " " in python else python)


def explain_failure(lines: Sequence[str], checkout: Checkout) -> SetupProblem:
    """Why pip (or the making of the environment) failed, read from what it printed."""
    text = "\n".join(lines)
    if _DISK_FULL.search(text):
        return disk_full(checkout)
    if _TOO_LONG.search(text):
        return SetupProblem("path_too_long", folder=checkout.venv)
    # What pip calls trouble with a certificate is one only where nothing else explains it.
    if _CERTIFICATE_SEEN.search(text):
        return SetupProblem("bad_certificate")
    if _NETWORK.search(text):
        return no_network()
    if _CERTIFICATE.search(text):
        return SetupProblem("bad_certificate")
    refused = _REFUSED.search(text)
    if refused:
        return SetupProblem("index_refused", host=refused.group(1))
    if _DENIED.search(text):
        return SetupProblem("not_writable", folder=checkout.venv, reason=last_error(lines))
    no_match = _NO_MATCH.search(text)
    if no_match:
        return SetupProblem(
            "no_package", package=no_match.group(1), python=minor_version(), machine=platform.machine() or sys.platform
        )
    return SetupProblem("pip_failed", reason=last_error(lines), log=checkout.log)


def last_error(lines: Sequence[str]) -> str:
    """The line that most likely says what went wrong, without pip's own prefix."""
    said = [line.strip() for line in lines if line.strip()]
    errors = [line for line in said if line.lower().startswith("error:")] or said[-1:] or ["pip"]
    return re.sub(r"^error:\s*", "", errors[-1], flags=re.I).rstrip(".。")


class Recorder:
    """Shows condensed progress on `out`, and keeps every line in the checkout's set-up log."""

    def __init__(self, out: TextIO, log: Path) -> None:
        self.out = out
        self.log = log
        self._said_at = time.monotonic()
        self._big: str | None = None
        self._quarter = 0
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """One line of progress."""
        with self._lock:
            self._said_at = time.monotonic()
            self.out.write(text + "\n")
            self.out.flush()

    def silent_for(self) -> float:
        """Seconds since something was last shown."""
        return time.monotonic() - self._said_at

    def record(self, text: str) -> None:
        """One line into the log alone. Raises OSError, as when the disk is full."""
        with self.log.open("a", encoding="utf-8", errors="replace") as file:
            file.write(text + "\n")

    def pip_line(self, line: str) -> None:
        """One line that pip printed: into the log, and condensed onto the screen."""
        progress = _PROGRESS.match(line)
        if progress:
            self._show_part(int(progress.group(1)), int(progress.group(2)))
            return
        self.record(line)
        download = _DOWNLOAD.match(line)
        if download and not download.group(1).endswith(".metadata"):
            self._big, self._quarter = _short(download.group(1)), 0
            self.say(f"    {self._big}  {download.group(2)}")
            return
        from_disk = _FROM_DISK.match(line)
        installing = _INSTALLING.match(line)
        if from_disk:
            self.say(f"    {_short(from_disk.group(1))}")
        elif installing:
            self.say("    " + one_line("pip_installing", count=len(installing.group(1).split(", "))))
        elif "Installing build dependencies: started" in line:
            self.say("    " + one_line("pip_build"))
        elif line.startswith("WARNING: Retrying"):
            self.say("    " + one_line("pip_retrying"))

    def _show_part(self, done: int, total: int) -> None:
        if self._big is None or total < BIG_DOWNLOAD:
            return
        quarter = 4 * done // total
        if self._quarter < quarter < 4:
            self._quarter = quarter
            self.say(f"    {self._big}  {25 * quarter} %")


def _short(file_name: str) -> str:
    """`pillow-13.0.0-cp311-...whl` -> `pillow 13.0.0`."""
    stem = re.sub(r"\.(whl|tar\.gz|zip)$", "", file_name)
    parts = stem.split("-")
    return " ".join(parts[:2])


def run_logged(
    command: Sequence[str | Path],
    checkout: Checkout,
    recorder: Recorder,
    on_line: Callable[[str], None],
    lock_handle: int,
) -> tuple[int, list[str]]:
    """Runs `command` in the checkout, gives every line it prints to `on_line`; returns its exit code and the lines.

    The child inherits the set-up lock: if this process is killed, the lock holds until the child has ended too.
    """
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8:replace"}
    recorder.record("$ " + " ".join(str(part) for part in command))
    lines: list[str] = []
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=checkout.root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=() if os.name == "nt" else (lock_handle,),
    ) as child:
        ended = threading.Event()
        watcher = threading.Thread(target=_break_silence, args=(recorder, ended), daemon=True)
        watcher.start()
        try:
            output: IO[str] | None = child.stdout
            for raw in output or ():
                line = raw.rstrip("\r\n")
                lines.append(line)
                on_line(line)
        except BaseException:
            child.terminate()
            raise
        finally:
            ended.set()
            watcher.join()
    return child.returncode, lines


def _break_silence(recorder: Recorder, ended: threading.Event) -> None:
    began = time.monotonic()
    while not ended.wait(1.0):
        if recorder.silent_for() >= SILENCE_S:
            recorder.say("    " + one_line("pip_still", seconds=round(time.monotonic() - began)))


def pip_install(checkout: Checkout, arguments: Sequence[str], recorder: Recorder, lock_handle: int) -> None:
    """`pip install` into .venv. Raises SetupProblem with the reason where it fails."""
    command: list[str | Path] = [checkout.python, "-m", "pip", "install", "--no-input", "--no-user"]
    command += ["--disable-pip-version-check", "--no-warn-script-location"]
    command += ["--progress-bar", "raw" if pip_version(checkout) >= PIP_WITH_RAW_PROGRESS else "off", *arguments]
    code, lines = run_logged(command, checkout, recorder, recorder.pip_line, lock_handle)
    if code == 0:
        return
    problem = explain_failure(lines, checkout)
    if problem.code == "no_package" and _hidden_by_network(
        str(problem.params["package"]), checkout, recorder, lock_handle
    ):
        raise no_network()
    raise problem


def _hidden_by_network(requirement: str, checkout: Checkout, recorder: Recorder, lock_handle: int) -> bool:
    """Whether pip found no such package because it reached no server: without retries it tells that only when asked."""
    command: list[str | Path] = [checkout.python, "-m", "pip", "install", "--no-input", "--no-user", "--no-deps"]
    command += ["--disable-pip-version-check", "--dry-run", "-vv", requirement]
    _, lines = run_logged(command, checkout, recorder, recorder.record, lock_handle)
    return any(_NETWORK.search(line) for line in lines)


def pip_version(checkout: Checkout) -> tuple[int, int]:
    """Version of the pip in .venv by its metadata's folder; (0, 0) where there is none."""
    for folder in site_packages(checkout):
        for info in folder.glob("pip-*.dist-info"):
            numbers = re.match(r"pip-(\d+)\.(\d+)", info.name)
            if numbers:
                return int(numbers.group(1)), int(numbers.group(2))
    return 0, 0


def site_packages(checkout: Checkout) -> list[Path]:
    """Where .venv keeps its packages."""
    if os.name == "nt":
        return [checkout.venv / "Lib" / "site-packages"]
    return sorted(checkout.venv.glob("lib/python3*/site-packages"))
