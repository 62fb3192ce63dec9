"""Turns jobs into something to await, and keeps the list of jobs that the status bar shows.

Lives on the window's thread. `await runner.run(...)` returns the job's result, raises its error, or raises
`Cancelled`; a job that does not answer a cancel in time is given up and whatever it returns later is thrown away.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal, Slot

from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.studio.files import trouble_of
from fabric_desktop.ui.job_thread import Job, JobThread, Priority

log = logging.getLogger(__name__)
T = TypeVar("T")

CANCEL_PATIENCE_MS = 800  # a cancel is answered within a second, whatever the job is doing
KEPT_ENTRIES = 50
_RATE_NEEDS_S = 1.5  # a time left guessed from less than this jumps about

# Threads that would not end; destroying a running QThread aborts the process, so they are kept to the end.
unfinished_threads: list[JobThread] = []


class State(Enum):
    """Where a job stands; the last three are its outcome."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True, eq=False)
class Entry:
    """One job as the window sees it. `title` is one of `titles`; quiet ones are not listed."""

    number: int
    title: str
    quiet: bool
    job: Job
    future: asyncio.Future[Any]
    state: State = State.WAITING
    progress: Progress | None = None
    started: float = 0.0
    ended: float = 0.0
    error: BaseException | None = None
    asked: float = field(default_factory=time.monotonic)
    asked_to_stop: bool = field(default=False)

    @property
    def over(self) -> bool:
        return self.state in (State.SUCCEEDED, State.FAILED, State.CANCELLED)

    def seconds_left(self, now: float) -> float | None:
        """Estimated from the pace so far, or None when there is nothing to go by yet."""
        if self.progress is None or self.progress.done <= 0 or self.progress.total <= 0 or self.over:
            return None
        spent = now - self.started
        if spent < _RATE_NEEDS_S:
            return None
        return spent / self.progress.done * max(0, self.progress.total - self.progress.done)


class JobRunner(QObject):
    """The window's side of the job thread."""

    changed = Signal(object)  # Entry
    trouble = Signal(object)  # a FabricError that a spawned coroutine let through
    unexpected = Signal(object)  # any other exception out of one

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []
        self._by_number: dict[int, Entry] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self.thread_of_jobs = JobThread()
        thread = self.thread_of_jobs
        thread.job_started.connect(self._on_started)
        thread.job_progressed.connect(self._on_progressed)
        thread.job_succeeded.connect(self._on_succeeded)
        thread.job_failed.connect(self._on_failed)
        thread.job_cancelled.connect(self._on_cancelled)
        thread.start()

    # -- asking ---------------------------------------------------------------------------------------------------

    async def run(
        self,
        title: str,
        work: Callable[[JobContext], T],
        priority: Priority = Priority.LONG,
        *,
        quiet: bool = False,
        keep: bool = False,
    ) -> T:
        """Run `work` on the thread and return what it returns.

        Raises what it raised, or Cancelled. Cancelling the awaiting task cancels the job, unless it is one to `keep`
        (`Job.keep`).
        """
        if self._closed:
            raise Cancelled
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job = self.thread_of_jobs.submit(work, priority, keep=keep)
        entry = Entry(job.number, title, quiet, job, future)
        self._by_number[job.number] = entry
        if not quiet:
            self.entries.append(entry)
            self._forget_old()
        self.changed.emit(entry)
        try:
            return await future
        except asyncio.CancelledError:
            if not keep:
                self.cancel(entry)
            raise

    def spawn(self, flow: Coroutine[Any, Any, object]) -> asyncio.Task[Any] | None:
        """Start a coroutine from a slot; an error it lets through is reported, a cancel is not one.

        None when the runner has been closed: nothing is started any more.
        """
        if self._closed:
            flow.close()
            return None
        task = asyncio.get_running_loop().create_task(flow)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)
        return task

    def _on_task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, FabricError):
            self.trouble.emit(error)
        elif error is not None and not isinstance(error, Cancelled):
            self.unexpected.emit(error)

    def cancel(self, entry: Entry) -> None:
        """Ask a job to stop. It is reported cancelled at once when it waits, within a second when it runs."""
        if entry.over or entry.asked_to_stop:
            return
        entry.asked_to_stop = True
        entry.job.context.cancel()
        if entry.state is State.WAITING:
            self._end(entry, State.CANCELLED)
            return
        self.changed.emit(entry)
        QTimer.singleShot(CANCEL_PATIENCE_MS, self, lambda: self._end(entry, State.CANCELLED))

    @property
    def active(self) -> list[Entry]:
        """Listed jobs that wait or run, the running one first."""
        running = [entry for entry in self.entries if not entry.over]
        return sorted(running, key=lambda entry: entry.state is not State.RUNNING)

    def waited_for(self, aside: Collection[str]) -> Entry | None:
        """The quiet job that was asked for first and is not over, of those with a title that is not `aside`."""
        waiting = (e for e in self._by_number.values() if e.quiet and not e.over and e.title not in aside)
        return min(waiting, key=lambda entry: entry.asked, default=None)

    @property
    def busy(self) -> bool:
        """Whether a listed job waits or runs."""
        return any(not entry.over for entry in self.entries)

    async def settled(self) -> None:
        """Wait until no job and no spawned flow is left. Not to be awaited inside one of those flows."""
        while self._tasks or any(not entry.over for entry in self._by_number.values()):
            await asyncio.sleep(0.01)

    # -- answers from the thread ----------------------------------------------------------------------------------

    @Slot(int)
    def _on_started(self, number: int) -> None:
        entry = self._by_number.get(number)
        if entry is not None and not entry.over:
            entry.state = State.RUNNING
            entry.started = time.monotonic()
            self.changed.emit(entry)

    @Slot(int, object)
    def _on_progressed(self, number: int, progress: Progress) -> None:
        entry = self._by_number.get(number)
        if entry is not None and not entry.over:
            entry.progress = progress
            self.changed.emit(entry)

    @Slot(int, object)
    def _on_succeeded(self, number: int, result: object) -> None:
        self._answer(number, State.SUCCEEDED, result=result)

    @Slot(int, object)
    def _on_failed(self, number: int, error: BaseException) -> None:
        self._answer(number, State.FAILED, error=error)

    @Slot(int)
    def _on_cancelled(self, number: int) -> None:
        self._answer(number, State.CANCELLED)

    def _answer(
        self, number: int, state: State, *, result: object = None, error: BaseException | None = None
    ) -> None:
        entry = self._by_number.pop(number, None)
        if entry is None:
            return
        if state is State.FAILED and entry.asked_to_stop:
            # What a job trips over while it is being stopped is no news for the person.
            log.info("job %d failed while being cancelled", number, exc_info=error)
            state = State.CANCELLED
        elif isinstance(error, OSError) and error.filename is not None:
            # A share that went away or a file that was removed is the person's to put right, wherever it struck.
            log.warning("job %d (%s) was refused a file", number, entry.title, exc_info=error)
            error = trouble_of(error)
        self._end(entry, state, result=result, error=error)

    def _end(self, entry: Entry, state: State, *, result: object = None, error: BaseException | None = None) -> None:
        """Give the job its one outcome; later ones come too late."""
        if entry.over:
            return
        entry.state = state
        entry.error = error
        entry.ended = time.monotonic()
        self.changed.emit(entry)
        if entry.future.done():
            return
        if state is State.SUCCEEDED:
            entry.future.set_result(result)
        elif state is State.FAILED:
            entry.future.set_exception(_awaitable(error))
        else:
            entry.future.set_exception(Cancelled())

    def _forget_old(self) -> None:
        over = [entry for entry in self.entries if entry.over]
        for entry in over[: max(0, len(self.entries) - KEPT_ENTRIES)]:
            self.entries.remove(entry)

    # -- the end --------------------------------------------------------------------------------------------------

    def close(self, patience_ms: int = 3000) -> bool:
        """Cancel everything and end the thread. False when a job would not let go; the thread is then left alone.

        What is to be kept and still waits is done here and now.
        """
        if self._closed:
            return not self.thread_of_jobs.isRunning()
        self._closed = True
        kept = self.thread_of_jobs.stop()
        for entry in list(self._by_number.values()):
            if entry.job in kept:
                self._finish(entry)
            elif not entry.job.keep:
                entry.job.context.cancel()
                self._end(entry, State.CANCELLED)
        for task in list(self._tasks):
            task.cancel()
        if self.thread_of_jobs.wait(patience_ms):
            QCoreApplication.sendPostedEvents(self)  # what the thread told last: how the kept ones ended
            return True
        log.warning("a job did not end within %d ms; its thread is left behind", patience_ms)
        unfinished_threads.append(self.thread_of_jobs)
        return False


    def _finish(self, entry: Entry) -> None:
        try:
            result = entry.job.work(entry.job.context)
        except Exception as error:
            log.exception("%s was not done before the window closed", entry.title)
            self._end(entry, State.FAILED, error=error)
        else:
            self._end(entry, State.SUCCEEDED, result=result)


def _awaitable(error: BaseException | None) -> Exception:
    """The error as one that can be raised from an await.

    A future refuses StopIteration, and SystemExit or KeyboardInterrupt would go through the event loop and end it.
    """
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    wrapped = RuntimeError(f"a job ended with {error!r}")
    wrapped.__cause__ = error
    return wrapped
