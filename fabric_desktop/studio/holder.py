"""Who holds a studio's lock, told from the name written beside it. Looks only.

Reaching for the lock itself, if only for an instant, would turn away a window that starts in that instant.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Literal

from fabric_desktop.studio.files import read_json
from fabric_desktop.studio.layout import Studio
from fabric_desktop.studio.lock import OWNER_NAME, owner_of

Holding = Literal["free", "ours", "taken", "left", "elsewhere"]
_LOCKS = Path("/proc/locks")


def holder_of(studio: Studio) -> tuple[Holding, str]:
    """How it stands with the lock, and the name beside it ("" where there is none).

    free: nobody's name is there; ours: this process's; taken: a process that works on this computer; left: one that
    has ended without taking its name along; elsewhere: another computer's, whose processes cannot be seen from here.
    """
    place = studio.root / OWNER_NAME
    if not os.path.lexists(place):
        return "free", ""
    owner = owner_of(studio)
    try:
        record = read_json(place)
        name, number = str(record["owner"]), int(record["pid"])
    except FileNotFoundError:
        return "free", ""  # whoever it was has just left
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return "left", owner
    if name.rpartition("@")[2] != platform.node():
        return "elsewhere", owner
    if number == os.getpid():
        return "ours", owner
    return ("taken" if _works(number) else "left"), owner


def _works(number: int) -> bool:
    """Whether a process with this number is alive and, where the system tells, holds a lock at all: numbers are given
    out again."""
    if not 0 < number < 2**31 or not _is_alive(number):
        return False
    try:
        lines = _LOCKS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return True
    return not lines or any(str(number) in line.split() for line in lines)


if sys.platform == "win32":

    def _is_alive(number: int) -> bool:
        import ctypes

        may_ask, still_active = 0x1000, 259  # PROCESS_QUERY_LIMITED_INFORMATION, STILL_ACTIVE
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(may_ask, False, number)
        if not handle:
            return bool(kernel.GetLastError() == 5)  # ERROR_ACCESS_DENIED: another person's
        try:
            code = ctypes.c_ulong()
            return bool(kernel.GetExitCodeProcess(handle, ctypes.byref(code))) and code.value == still_active
        finally:
            kernel.CloseHandle(handle)

else:

    def _is_alive(number: int) -> bool:
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True  # another person's
        return True
