"""A process of our own that works for a job: both ends of it. It speaks JSON, a line each, on its standard output.

Ending a process is a cancel that always works, and what it imported goes with it. What it does is not here: `fetch`
and `clip_export` are such processes, `download` and `clip_graph` start them.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypeAlias

from fabric_desktop.parsing import parse_json

logger = logging.getLogger(__name__)

POLL_S = 0.1
_END_S = 5.0

Messages: TypeAlias = "queue.SimpleQueue[dict[str, Any] | None]"


@contextlib.contextmanager
def running(
    module: str, arguments: Sequence[str], environment: Mapping[str, str]
) -> Iterator[tuple[Messages, list[str]]]:
    """`python -m module`: its messages as they come (None at its end), and what it wrote to standard error.

    On the way out it is ended, whatever it is doing.
    """
    package = str(Path(__file__).resolve().parents[2])
    environment = dict(environment) | {
        "PYTHONPATH": os.pathsep.join(filter(None, (package, environment.get("PYTHONPATH", "")))),
        "PYTHONUTF8": "1",
    }
    child = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    messages: Messages = queue.SimpleQueue()
    errors: list[str] = []
    readers = [
        threading.Thread(target=_read_messages, args=(child.stdout, messages), daemon=True),
        threading.Thread(target=_read_errors, args=(child.stderr, errors), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        yield messages, errors
    finally:
        with contextlib.suppress(OSError):
            child.stdin.close()  # it ends itself then; the rest is for one that hangs
        child.terminate()
        try:
            child.wait(_END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for reader in readers:
            reader.join()
        child.stdout.close()
        child.stderr.close()
        if errors:
            logger.info("%s: %s", module, "\n".join(errors[-20:]))


def _read_messages(stream: IO[str], messages: Messages) -> None:
    for line in stream:
        with contextlib.suppress(ValueError):
            message = parse_json(line)
            if isinstance(message, dict) and "event" in message:
                messages.put(message)
    messages.put(None)


def _read_errors(stream: IO[str], errors: list[str]) -> None:
    errors.extend(line.rstrip() for line in stream)


def last_line(errors: list[str]) -> str:
    """What a process that ended without a word said last."""
    return next((line for line in reversed(errors) if line.strip()), "the process ended")


def tell(**message: object) -> None:
    """Inside the process: a message to whoever started it."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def end_with_parent() -> None:
    """Inside the process: standard input closes when whoever started it ends, however it ends; nobody waits then."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
