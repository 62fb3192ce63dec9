"""The commands' log: a rotating file in the person's own folder, so that a fault can be reported afterwards."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from fabric_desktop import logs

_NAME = "commands.log"
_MAX_BYTES = 500_000
_KEPT = 3


def log_path() -> Path:
    """Where the log is, or would be."""
    return logs.folder() / _NAME


@contextlib.contextmanager
def journal() -> Iterator[None]:
    """While it lasts, warnings and errors of the program and its libraries go to `commands.log`, not to the console."""
    root = logging.getLogger()
    handler: logging.Handler
    try:
        handler = logs.file_handler(_NAME, level=logging.WARNING, max_bytes=_MAX_BYTES, kept=_KEPT)
    except OSError:
        # A home that cannot be written to takes the log away, not the command.
        handler = logging.NullHandler()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
