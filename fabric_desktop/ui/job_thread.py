"""The one thread that owns the model and runs jobs one at a time. No widgets, and no waiting for results: `runner`.

Signals live on the thread object, which belongs to the window's thread, so whoever connects a QObject's method is
called there. A job ends in exactly one of succeeded, failed, cancelled.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from PySide6.QtCore import QObject, QThread, Signal

from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.ui.allocator import give_back_memory, keep_memory_together

log = logging.getLogger(__name__)

PROGRESS_PER_SECOND = 20
_REST_S = 1.0  # without a job for so long, what the last ones needed is given back to the system


class Priority(IntEnum):
    """Who goes first. All but LONG jobs also run in between the steps of a LONG one."""

    INTERACTIVE = 0  # somebody is waiting with a finger on the mouse: recognise, open, save
    PICTURE = 1  # thumbnails and status, seen but not waited for
    OUT_OF_SIGHT = 2  # the rest of a large folder, for when it is scrolled to
    LONG = 3  # builds, training, evaluation


@dataclass(slots=True, eq=False)
class Job:
    """A piece of work for the thread: `work` is called with the context, there. `keep`: what the person did, such as
    a label, is saved even when the window closes before its turn has come."""

    number: int
    work: Callable[[JobContext], object]
    priority: Priority
    context: JobContext = field(default_factory=JobContext)
    keep: bool = False


class _ThreadContext(JobContext):
    """A job's context on the thread: throttles what it tells, and lets urgent jobs through at each of its steps."""

    def __init__(self, thread: JobThread, number: int, priority: Priority) -> None:
        super().__init__(self._tell)
        self._thread = thread
        self._number = number
        self._priority = priority
        self._next_tell = 0.0

    def _tell(self, progress: Progress) -> None:
        now = time.monotonic()
        if now >= self._next_tell or (progress.total and progress.done >= progress.total):
            self._next_tell = now + 1 / PROGRESS_PER_SECOND
            self._thread.job_progressed.emit(self._number, progress)

    def check_cancelled(self) -> None:
        super().check_cancelled()
        if self._priority == Priority.LONG:
            self._thread.serve_urgent()
            super().check_cancelled()


class JobThread(QThread):
    """Runs jobs by priority, then by age. Start it once; `stop` ends it after the running job."""

    job_started = Signal(int)
    job_progressed = Signal(int, object)  # Progress
    job_succeeded = Signal(int, object)  # the result
    job_failed = Signal(int, object)  # the exception
    job_cancelled = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("jobs")
        keep_memory_together()
        self._waiting: list[tuple[int, int, Job]] = []
        self._news = threading.Condition()
        self._numbers = itertools.count(1)
        self._stopping = False
        self._rested = True
        self._ident: int | None = None

    def submit(self, work: Callable[[JobContext], object], priority: Priority, *, keep: bool = False) -> Job:
        """Queue a piece of work; its signals carry the returned job's number. RuntimeError once stopped."""
        with self._news:
            if self._stopping:
                raise RuntimeError("the job thread has been stopped")
            number = next(self._numbers)
            job = Job(number, work, priority, _ThreadContext(self, number, priority), keep)
            heapq.heappush(self._waiting, (priority, number, job))
            self._news.notify()
        return job

    def stop(self) -> list[Job]:
        """Cancel what waits and let the thread end once the running job has.

        Returns the jobs to be kept whose turn had not come: they are the caller's to run now, since the job before
        them may take longer than anybody waits.
        """
        with self._news:
            self._stopping = True
            kept = [job for _, _, job in sorted(self._waiting, key=lambda entry: entry[:2]) if job.keep]
            self._waiting = [entry for entry in self._waiting if not entry[2].keep]
            heapq.heapify(self._waiting)
            for _, _, job in self._waiting:
                job.context.cancel()
            self._news.notify()
        return kept

    def serve_urgent(self) -> None:
        """Run the urgent jobs that wait. Called by a long job between two of its steps, on this thread.

        A long job's helper threads may report progress as well; for them this does nothing.
        """
        if threading.get_ident() != self._ident:
            return
        while (job := self._take_below(Priority.LONG)) is not None:
            self._carry_out(job)

    def run(self) -> None:
        self._ident = threading.get_ident()
        while (job := self._take()) is not None:
            self._carry_out(job)

    def _take(self) -> Job | None:
        while True:
            with self._news:
                if not self._waiting and not self._stopping:
                    self._news.wait(None if self._rested else _REST_S)
                if self._waiting:
                    self._rested = False
                    return heapq.heappop(self._waiting)[2]
                if self._stopping:
                    return None
                tired, self._rested = not self._rested, True
            if tired:
                give_back_memory()

    def _take_below(self, priority: Priority) -> Job | None:
        with self._news:
            if self._waiting and self._waiting[0][0] < priority:
                return heapq.heappop(self._waiting)[2]
            return None

    def _carry_out(self, job: Job) -> None:
        if job.context.cancelled:
            self.job_cancelled.emit(job.number)
            return
        self.job_started.emit(job.number)
        try:
            result = job.work(job.context)
        except Cancelled:
            self.job_cancelled.emit(job.number)
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: the thread must outlive every job
            self.job_failed.emit(job.number, error)
        else:
            if job.context.cancelled:
                self.job_cancelled.emit(job.number)
            else:
                self.job_succeeded.emit(job.number, result)
