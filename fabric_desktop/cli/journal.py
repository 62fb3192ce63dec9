"""The commands' log: a rotating file in the person's own folder, so that a fault can be reported afterwards."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

from fabric_desktop import paths

_MAX_BYTES = 500_000
_KEPT = 3


def log_path() -> Path:
    """Where the log is, or would be."""
    return paths.home() / "logs" / "commands.log"


@contextlib.contextmanager
def journal() -> Iterator[None]:
    """While it lasts, warnings and errors of the program and its libraries go to `commands.log`, not to the console."""
    root = logging.getLogger()
    handler: logging.Handler
    try:
        log_path().parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(log_path(), maxBytes=_MAX_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True)
    except OSError:
        # A home that cannot be written to takes the log away, not the command.
        handler = logging.NullHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
