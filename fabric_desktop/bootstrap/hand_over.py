"""Starts the window's program in .venv: becomes it where the system can, else stays until it stands or has ended.

Not for setting anything up; what it starts is `fabric_desktop.app`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from fabric_desktop.bootstrap.environment import Checkout
from fabric_desktop.bootstrap.words import SetupProblem

# Names a file that the program makes once its window is up (fabric_desktop.early.window_is_up).
READY_FILE_VARIABLE = "FABRIC_DESKTOP_READY_FILE"
POLL_S = 0.1


def hand_over(checkout: Checkout, arguments: Sequence[str], *, draws: bool) -> int:
    """Runs the window's program with `arguments`; returns its exit code. Does not return on POSIX.

    `-P` keeps files that happen to lie in the current folder from being taken for modules.
    """
    command = [str(checkout.python), "-P", "-m", "fabric_desktop.app", *arguments]
    if draws:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if os.name != "nt":
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            os.execv(command[0], command)
        except OSError as error:
            raise SetupProblem("start_failed", reason=error) from error
    if draws:
        return subprocess.call(command)
    without_console = checkout.scripts / "pythonw.exe"
    return start_and_watch([str(without_console), *command[1:]])


def start_and_watch(command: Sequence[str]) -> int:
    """Starts a program without a console of its own, and returns 0 once its window is up, so that ours can close.

    Until then what it says goes to a file; if it ends before, that is shown and its exit code returned.
    """
    with tempfile.TemporaryDirectory(prefix="fabric-desktop-", ignore_cleanup_errors=True) as folder:
        ready = Path(folder) / "ready"
        said = Path(folder) / "said.txt"
        environment = {**os.environ, READY_FILE_VARIABLE: str(ready), "PYTHONIOENCODING": "utf-8:replace"}
        with said.open("w", encoding="utf-8") as sink:
            child = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT
            )
        try:
            while child.poll() is None:
                if ready.exists():
                    return 0
                time.sleep(POLL_S)
        except KeyboardInterrupt:
            child.terminate()
            child.wait()
            raise
        sys.stderr.write(said.read_text(encoding="utf-8", errors="replace"))
        return child.returncode
