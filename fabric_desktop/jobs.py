"""What a long job is told and tells: progress and cancel. No Qt and no threads of its own.

A job is a plain function whose last argument is a `JobContext`; the window runs it on its worker thread, the
commands run it where they stand.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


class Cancelled(Exception):
    """Raised inside a job when the person asked it to stop. It is never shown as an error."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `done` of `total` steps (total 0 when unknown), and a text code with its parameters."""

    done: int
    total: int
    code: str
    params: dict[str, object] = field(default_factory=dict)


class JobContext:
    """The one thing a job knows of its surroundings.

    `on_progress` is called on the thread that runs the job. `cancel` may be called from any thread.
    """

    def __init__(self, on_progress: Callable[[Progress], None] | None = None) -> None:
        self._on_progress = on_progress
        self._cancelled = threading.Event()

    def progress(self, done: int, total: int, text_code: str, **params: object) -> None:
        """Tell how far the job is; also the place where a cancel takes effect."""
        self.check_cancelled()
        if self._on_progress is not None:
            self._on_progress(Progress(done, total, text_code, params))

    def cancel(self) -> None:
        """Ask the job to stop at its next check."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def check_cancelled(self) -> None:
        """Raise `Cancelled` if the person asked the job to stop."""
        if self._cancelled.is_set():
            raise Cancelled


def clock(seconds: int) -> str:
    """A length of time as clocks show it in every language: 0:05, 2:05, 1:02:05."""
    minutes, rest = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
