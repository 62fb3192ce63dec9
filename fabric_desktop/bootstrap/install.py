"""Makes .venv, or brings it up to date, one step after another, so that a cut-off set-up can go on later.

Not for looking whether that is needed (environment.py) nor for running pip (pip_run.py).
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO

from fabric_desktop.bootstrap import display
from fabric_desktop.bootstrap.environment import (
    BASE,
    STAMP_FORMAT,
    Checkout,
    Found,
    State,
    another_python,
    base_python,
    look,
    minor_version,
    requirement_hashes,
)
from fabric_desktop.bootstrap.pip_run import (
    Recorder,
    explain_failure,
    from_os_error,
    last_error,
    pip_install,
    pip_version,
    run_logged,
    site_packages,
)
from fabric_desktop.bootstrap.setup_lock import setup_lock
from fabric_desktop.bootstrap.words import SetupProblem, one_line, tell

# Gigabytes that each set takes while and once it is installed, measured on Linux and rounded up. Only on Linux does
# the package index's torch bring CUDA along.
SIZES_GB = {BASE: 1.0, "clip": 6.5 if sys.platform == "linux" else 2.0, "test": 0.3}
GB = 1_000_000_000

_PROBE = "import PySide6.QtWidgets"
# What Python says on Windows, in any language, where a DLL is missing or does not start.
_DLL_IN_ERROR = re.compile(r"DLL load failed|WinError 126\b|WinError 127\b|WinError 1114\b")
_LIBRARY_IN_ERROR = re.compile(r"ImportError: (/.+?\.so[.\d]*): ")


def bring_up(checkout: Checkout, wanted: tuple[str, ...], out: TextIO) -> None:
    """Leaves .venv with the `wanted` sets of packages (`base` and extras) complete, and progress on `out`.

    Raises SetupProblem. Safe to call twice at a time: the second waits and then finds everything done.
    """
    try:
        with setup_lock(checkout.lock, lambda: tell(out, "setup_waits")) as handle:
            found = look(checkout, wanted)
            if found.state is not State.READY:
                _install(checkout, wanted, found, out, handle)
            elif not found.checked:
                _check(checkout, Recorder(out, checkout.log), handle)
                _stamp(checkout, {}, checked=True)
    except OSError as error:
        raise from_os_error(error, checkout) from error


def _install(checkout: Checkout, wanted: tuple[str, ...], found: Found, out: TextIO, handle: int) -> None:
    began = time.monotonic()
    hashes = requirement_hashes(checkout)
    sets = tuple(name for name in hashes if name in {*wanted, *found.had})
    make_anew = _announce(checkout, found, out)
    if make_anew:
        _require_python_parts()
        _require_space(checkout, sets)
        _empty(checkout.venv)
        checkout.venv.mkdir(exist_ok=True)
        _mark(checkout, "venv", found.had)
    recorder = Recorder(out, checkout.log)
    steps = ["step_venv"] if make_anew else []
    steps += ["step_packages", "step_check"]

    def heading(step: str) -> None:
        name = one_line(step, sets=", ".join(sets))
        recorder.say(f"[{steps.index(step) + 1}/{len(steps)}] {name}")

    if make_anew:
        heading("step_venv")
        _make_venv(checkout, recorder, handle)
    _mark(checkout, "packages", found.had)
    checkout.stamp.unlink(missing_ok=True)
    heading("step_packages")
    if pip_version(checkout) == (0, 0):
        _bootstrap_pip(checkout, recorder, handle)
    for name in forget_half_installed(site_packages(checkout)):
        recorder.record(f"half installed, to be installed again: {name}")
    extras = ",".join(name for name in sets if name != BASE)
    pip_install(checkout, ["--editable", f".[{extras}]" if extras else "."], recorder, handle)
    _stamp(checkout, {name: hashes[name] for name in sets}, checked=False)
    heading("step_check")
    _check(checkout, recorder, handle)
    _stamp(checkout, {}, checked=True)
    tell(out, "setup_done", seconds=round(time.monotonic() - began))


def _announce(checkout: Checkout, found: Found, out: TextIO) -> bool:
    """Says why there is something to do; returns whether .venv is to be made from nothing."""
    folder = checkout.venv
    if found.state is State.ABSENT:
        tell(out, "setup_begins", folder=folder)
        return True
    if found.state is State.MOVED:
        tell(out, "setup_moved", folder=folder)
        return True
    if found.state is State.PYTHON_GONE:
        tell(out, "setup_python_gone", folder=folder)
        return True
    if found.state is State.OUTDATED:
        tell(out, "setup_updates", folder=folder)
        return False
    if found.state is State.LACKING:
        tell(out, "setup_adds", folder=folder)
        return False
    if found.state is State.INTERRUPTED:
        # Whoever was told that this Python is of no use comes back with another one.
        make_anew = not _python_runs(checkout) or _stage(checkout) == "venv" or another_python(checkout)
        tell(out, "setup_begins" if make_anew else "setup_resumes", folder=folder)
        return make_anew
    if _python_runs(checkout):
        # Somebody's own environment of this name that works is used, not thrown away.
        tell(out, "setup_updates", folder=folder)
        return False
    aside = _free_name(checkout.root)
    folder.rename(aside)
    tell(out, "setup_foreign", folder=folder, aside=aside.name)
    tell(out, "setup_begins", folder=folder)
    return True


def _free_name(root: Path) -> Path:
    number = 1
    while (root / f".venv.old{number}").exists():
        number += 1
    return root / f".venv.old{number}"


def _python_runs(checkout: Checkout) -> bool:
    """Whether .venv has a Python that starts and is new enough."""
    import subprocess

    try:
        done = subprocess.run(
            [str(checkout.python), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def _require_python_parts() -> None:
    """Raises SetupProblem where this Python was split into packages and the one that makes environments is missing."""
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise _no_ensurepip()


def _no_ensurepip() -> SetupProblem:
    return SetupProblem("no_ensurepip", python=base_python(), package=f"python{minor_version()}-venv")


def _require_space(checkout: Checkout, sets: Iterable[str]) -> None:
    needed = sum(SIZES_GB.get(name, 0.0) for name in sets) * GB
    free = shutil.disk_usage(checkout.root).free
    if free < needed:
        raise SetupProblem("disk_small", folder=checkout.venv, needed=f"{needed / GB:.1f}", free=f"{free / GB:.1f}")


def _empty(folder: Path) -> None:
    """Removes what is in `folder` and keeps the folder: it may be a link to a roomier disk."""
    if not folder.is_dir():
        folder.unlink(missing_ok=True)
        return
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _make_venv(checkout: Checkout, recorder: Recorder, handle: int) -> None:
    command: list[str | Path] = [base_python(), "-m", "venv", checkout.venv]
    code, lines = run_logged(command, checkout, recorder, recorder.record, handle)
    if code == 0:
        return
    if any("ensurepip is not" in line or "No module named ensurepip" in line for line in lines):
        raise _no_ensurepip()
    problem = explain_failure(lines, checkout)
    if problem.code == "pip_failed":
        raise SetupProblem("venv_failed", folder=checkout.venv, reason=last_error(lines), log=checkout.log)
    raise problem


def _bootstrap_pip(checkout: Checkout, recorder: Recorder, handle: int) -> None:
    command: list[str | Path] = [checkout.python, "-m", "ensurepip", "--upgrade", "--default-pip"]
    code, lines = run_logged(command, checkout, recorder, recorder.record, handle)
    if code != 0:
        raise _no_ensurepip() if "No module named ensurepip" in "\n".join(lines) else explain_failure(lines, checkout)


def forget_half_installed(folders: Iterable[Path]) -> list[str]:
    """Takes away the metadata of packages whose files are not all there, so that pip installs them again.

    A pip that was killed leaves such packages: it writes RECORD last, but takes whatever has metadata for installed.
    Returns the names of what was taken away.
    """
    forgotten = []
    for folder in folders:
        for leftover in folder.glob("~*"):
            # pip's own name for what it was about to replace.
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        for info in sorted(folder.glob("*.dist-info")):
            if not _complete(folder, info):
                shutil.rmtree(info)
                forgotten.append(info.name.removesuffix(".dist-info"))
    return forgotten


def _complete(folder: Path, info: Path) -> bool:
    try:
        with (info / "RECORD").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except OSError:
        return False
    for row in rows:
        if row[0].endswith(".pyc"):
            # Python writes these anew as it likes, also over those that a wheel brought, as Qt's does.
            continue
        size = row[2] if len(row) > 2 else ""
        try:
            found = os.stat(folder / row[0]).st_size
        except OSError:
            return False
        if size and found != int(size):
            return False
    return bool(rows)


def _check(checkout: Checkout, recorder: Recorder, handle: int) -> None:
    """Raises SetupProblem where what was installed cannot be loaded: a library of the system, or damage."""
    code, lines = run_logged([checkout.python, "-c", _PROBE], checkout, recorder, recorder.record, handle)
    if code == 0:
        return
    library = display.library_in("\n".join(lines))
    if library is not None:
        raise display.missing_libraries(display.all_missing_beside(library, display.platforms(os.environ)))
    reason = last_error(lines)
    if _DLL_IN_ERROR.search(reason):
        # Microsoft's runtime, most often; to install the packages anew would end in the same.
        raise SetupProblem("runtime_missing", reason=reason)
    outside = _LIBRARY_IN_ERROR.match(reason)
    if outside and not outside.group(1).startswith(str(checkout.venv)):
        # A library of the system is in the way, such as a C library that is too old; packages cannot mend that.
        raise SetupProblem("start_failed", reason=reason)
    # Nothing that is there can be trusted: the next start begins anew.
    stamp = json.loads(checkout.stamp.read_text(encoding="utf-8"))
    _mark(checkout, "venv", tuple(stamp["sets"]))
    checkout.stamp.unlink()
    raise SetupProblem("packages_damaged", reason=reason, log=checkout.log)


def _stage(checkout: Checkout) -> str:
    try:
        return str(json.loads(checkout.marker.read_text(encoding="utf-8"))["stage"])
    except (OSError, ValueError, KeyError):
        return "venv"


def _mark(checkout: Checkout, stage: str, had: Iterable[str]) -> None:
    """Notes that a set-up is under way, how far it is, and what was complete before it."""
    content = {
        "format": STAMP_FORMAT,
        "folder": str(checkout.venv),
        "stage": stage,
        "sets": dict.fromkeys(had, ""),
    }
    _write_json(checkout.marker, content)


def _stamp(checkout: Checkout, sets: dict[str, str], *, checked: bool) -> None:
    """Notes that all is in place; without `sets`, keeps those that the stamp has."""
    if not sets:
        sets = json.loads(checkout.stamp.read_text(encoding="utf-8"))["sets"]
    content = {
        "format": STAMP_FORMAT,
        "folder": str(checkout.venv),
        "sets": sets,
        "checked": checked,
    }
    _write_json(checkout.stamp, content)
    checkout.marker.unlink(missing_ok=True)


def _write_json(path: Path, content: dict[str, object]) -> None:
    beside = path.with_name(path.name + ".part")
    with beside.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    replace(beside, path)


def replace(beside: Path, path: Path) -> None:
    """`os.replace` that waits a little for a scanner to let go, as Windows has them look at every new file.

    Raises OSError, PermissionError after some two seconds.
    """
    for _ in range(20 if os.name == "nt" else 0):
        try:
            os.replace(beside, path)
        except PermissionError:
            time.sleep(0.1)
        else:
            return
    os.replace(beside, path)
