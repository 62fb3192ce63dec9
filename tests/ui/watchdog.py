"""Watches the window's thread while somebody works at it: how long it takes until it could serve the next click.

A timer of the thread itself beats every few milliseconds; what lies between two beats is a stall. It is measured in
processor time of the thread, so that a busy machine fails no test; with FABRIC_STRICT_STALLS=1 the clock on the wall
counts. Building the window and first imports are not counted.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer

LONGEST_MS = 250.0
NOTICED_MS = 50.0
_EVERY_MS = 5
_KEPT_MS = 5.0  # a shorter one is counted and not kept: a long run has hundreds of thousands


@dataclass(frozen=True)
class Stall:
    """What the person was doing, and how long the thread was busy at a stretch, in milliseconds."""

    doing: str
    milliseconds: float


class Watchdog(QObject):
    """Counts only between `watching` and its end: what a test prepares by itself keeps nobody waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.stalls: list[Stall] = []
        self.worked_ms = 0.0
        self._now = time.perf_counter if os.environ.get("FABRIC_STRICT_STALLS") == "1" else time.thread_time
        self._doing: list[str] = []
        self._last, self._modules = 0.0, 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._beat)

    @contextlib.contextmanager
    def watching(self, doing: str) -> Iterator[None]:
        """Count while the person does this."""
        if not self._doing:
            self._last, self._modules = self._now(), len(sys.modules)
            self._timer.start()
        self._doing.append(doing)
        try:
            yield
        finally:
            self._beat()
            self._doing.pop()
            if not self._doing:
                self._timer.stop()

    @property
    def longest(self) -> Stall | None:
        return max(self.stalls, key=lambda stall: stall.milliseconds, default=None)

    @property
    def noticed_share(self) -> float:
        """The share of the thread's work (0..1) that was done in stalls a person notices."""
        slow = sum(stall.milliseconds for stall in self.stalls if stall.milliseconds > NOTICED_MS)
        return slow / max(self.worked_ms, 1e-9)

    def _beat(self) -> None:
        now, modules = self._now(), len(sys.modules)
        if self._doing and modules == self._modules:
            took = (now - self._last) * 1000
            self.worked_ms += took
            if took > _KEPT_MS:
                self.stalls.append(Stall(self._doing[-1], took))
        self._last, self._modules = now, modules
