"""Watches the window's thread while somebody works at it: how long it takes until it could serve the next click.

A timer of the thread itself beats every few milliseconds; what lies between two beats is a stall. It is measured in
processor time of the thread, so that a busy machine fails no test; with FABRIC_STRICT_STALLS=1 the clock on the wall
counts. Building the window and first imports are not counted, nor, in the suite, Python's full collections of garbage:
one goes through all that a thousand tests before have left, half a second where the program itself needs a moment.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
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
    """Counts only between `watching` and its end: what a test prepares by itself keeps nobody waiting.

    `collections`: whether full collections of garbage count, as they do where the process is the program's own.
    """

    def __init__(self, collections: bool = False) -> None:
        super().__init__()
        self.stalls: list[Stall] = []
        self.worked_ms = 0.0
        self._now = time.perf_counter if os.environ.get("FABRIC_STRICT_STALLS") == "1" else time.thread_time
        self._doing: list[str] = []
        self._collections, self._thread = collections, threading.get_ident()
        self._collected, self._collecting_since = 0.0, 0.0  # seconds, of this stretch
        self._last, self._modules = 0.0, 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._beat)

    @contextlib.contextmanager
    def watching(self, doing: str) -> Iterator[None]:
        """Count while the person does this."""
        if not self._doing:
            self._last, self._modules, self._collected = self._now(), len(sys.modules), 0.0
            self._timer.start()
            if not self._collections:
                gc.callbacks.append(self._hear_collection)
        self._doing.append(doing)
        try:
            yield
        finally:
            self._beat()
            self._doing.pop()
            if not self._doing:
                self._timer.stop()
                if not self._collections:
                    gc.callbacks.remove(self._hear_collection)

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
            took = (now - self._last - self._collected) * 1000
            self.worked_ms += took
            if took > _KEPT_MS:
                self.stalls.append(Stall(self._doing[-1], took))
        self._last, self._modules, self._collected = now, modules, 0.0

    def _hear_collection(self, phase: str, about: dict[str, int]) -> None:
        """Called by Python before and after a collection, in whichever thread it happens."""
        if about["generation"] < 2 or threading.get_ident() != self._thread:
            return
        if phase == "start":
            self._collecting_since = self._now()
        else:
            self._collected += self._now() - self._collecting_since
