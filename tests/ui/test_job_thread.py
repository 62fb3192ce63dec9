"""What a person would lose if the job thread were wrong: an answer, the window's life, or the truth about a job."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from qasync import QEventLoop

from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.ui.job_thread import JobThread, Priority
from fabric_desktop.ui.runner import CANCEL_PATIENCE_MS, Entry, JobRunner, State


class Outcomes:
    """Counts how each job ended, as heard from the thread's signals."""

    def __init__(self, thread: JobThread) -> None:
        self.heard: list[tuple[str, int]] = []
        thread.job_succeeded.connect(lambda number, _result: self.heard.append(("succeeded", number)))
        thread.job_failed.connect(lambda number, _error: self.heard.append(("failed", number)))
        thread.job_cancelled.connect(lambda number: self.heard.append(("cancelled", number)))

    def of(self, number: int) -> list[str]:
        return [how for how, which in self.heard if which == number]


def wait_for(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=5000)


def ask(runner: JobRunner, work: Callable[[JobContext], Any], priority: Priority = Priority.LONG) -> asyncio.Task[Any]:
    return asyncio.get_event_loop().create_task(runner.run("Evaluate", work, priority))


def until_it_runs(runner: JobRunner, qtbot: QtBot) -> None:
    wait_for(qtbot, lambda: any(entry.state is State.RUNNING for entry in runner.entries))


def test_every_job_ends_in_exactly_one_outcome(runner: JobRunner, qtbot: QtBot) -> None:
    outcomes = Outcomes(runner.thread_of_jobs)

    def fails(context: JobContext) -> None:
        raise ValueError("no")

    def stops(context: JobContext) -> None:
        raise Cancelled

    def leaves(context: JobContext) -> None:
        raise SystemExit(1)

    tasks = [ask(runner, work) for work in (lambda context: 7, fails, stops, leaves)]
    wait_for(qtbot, lambda: all(task.done() for task in tasks))
    QTest.qWait(50)
    numbers = [entry.number for entry in runner.entries]
    assert [outcomes.of(number) for number in numbers] == [["succeeded"], ["failed"], ["cancelled"], ["failed"]]
    assert tasks[0].result() == 7
    assert isinstance(tasks[1].exception(), ValueError)
    assert isinstance(tasks[2].exception(), Cancelled)
    # Raised as itself it would go through the event loop and end the program.
    assert isinstance(tasks[3].exception(), RuntimeError)


def test_the_thread_goes_on_after_a_job_that_raised(runner: JobRunner, qtbot: QtBot) -> None:
    def fails(context: JobContext) -> None:
        raise RuntimeError("broken")

    first = ask(runner, fails)
    second = ask(runner, lambda context: "well")
    wait_for(qtbot, second.done)
    assert second.result() == "well"
    assert isinstance(first.exception(), RuntimeError)


def test_jobs_run_on_one_thread_that_is_not_the_windows(runner: JobRunner, qtbot: QtBot) -> None:
    tasks = [ask(runner, lambda context: threading.get_ident()) for _ in range(5)]
    wait_for(qtbot, lambda: all(task.done() for task in tasks))
    idents = {task.result() for task in tasks}
    assert len(idents) == 1
    assert threading.get_ident() not in idents


def test_a_click_is_answered_while_a_build_runs(runner: JobRunner, qtbot: QtBot) -> None:
    seen: list[str] = []
    let_go = threading.Event()

    def build(context: JobContext) -> str:
        for step in range(2000):
            context.progress(step, 2000, "job.build_bank", photo="p.jpg")
            time.sleep(0.002)
            if let_go.is_set():
                break
        seen.append("build")
        return "built"

    long = ask(runner, build)
    until_it_runs(runner, qtbot)
    quick = ask(runner, lambda context: seen.append("recognise"), Priority.INTERACTIVE)
    wait_for(qtbot, quick.done)
    assert not long.done()
    let_go.set()
    wait_for(qtbot, long.done)
    assert seen == ["recognise", "build"]


def test_an_error_in_an_urgent_job_does_not_break_the_build_around_it(runner: JobRunner, qtbot: QtBot) -> None:
    started = threading.Event()

    def build(context: JobContext) -> str:
        for step in range(200):
            context.progress(step, 200, "job.build_bank")
            started.set()
            time.sleep(0.002)
        return "built"

    def fails(context: JobContext) -> None:
        raise KeyError("p")

    long = ask(runner, build)
    wait_for(qtbot, started.is_set)
    urgent = ask(runner, fails, Priority.INTERACTIVE)
    wait_for(qtbot, long.done)
    assert long.result() == "built"
    assert isinstance(urgent.exception(), KeyError)


def test_urgent_jobs_overtake_long_ones_that_wait(runner: JobRunner, qtbot: QtBot) -> None:
    order: list[str] = []
    gate = threading.Event()

    def hold(context: JobContext) -> None:
        gate.wait(3)

    tasks = [ask(runner, hold)]
    until_it_runs(runner, qtbot)
    tasks.append(ask(runner, lambda context: order.append("long")))
    tasks.append(ask(runner, lambda context: order.append("picture"), Priority.PICTURE))
    tasks.append(ask(runner, lambda context: order.append("urgent"), Priority.INTERACTIVE))
    QTest.qWait(20)
    gate.set()
    wait_for(qtbot, lambda: all(task.done() for task in tasks))
    assert order == ["urgent", "picture", "long"]


def test_a_job_that_checks_is_cancelled_at_once(runner: JobRunner, qtbot: QtBot) -> None:
    checks = 0

    def work(context: JobContext) -> None:
        nonlocal checks
        while True:
            checks += 1
            context.check_cancelled()
            time.sleep(0.005)

    task = ask(runner, work)
    until_it_runs(runner, qtbot)
    runner.cancel(runner.entries[0])
    before = checks
    wait_for(qtbot, task.done)
    assert checks <= before + 1, "the next check is the last"
    assert isinstance(task.exception(), Cancelled)
    assert runner.entries[0].state is State.CANCELLED


def test_a_job_that_cannot_be_interrupted_is_given_up_within_a_second(runner: JobRunner, qtbot: QtBot) -> None:
    gate = threading.Event()

    def fit(context: JobContext) -> str:
        gate.wait(60)
        return "too late"

    assert CANCEL_PATIENCE_MS < 1000
    task = ask(runner, fit)
    until_it_runs(runner, qtbot)
    runner.cancel(runner.entries[0])
    wait_for(qtbot, task.done)
    assert not gate.is_set(), "it was not waited for"
    assert isinstance(task.exception(), Cancelled)
    gate.set()
    after = ask(runner, lambda context: "next")
    wait_for(qtbot, after.done)
    QTest.qWait(50)
    assert runner.entries[0].state is State.CANCELLED
    assert after.result() == "next"


def test_an_error_while_being_cancelled_is_not_shown_as_one(runner: JobRunner, qtbot: QtBot) -> None:
    def work(context: JobContext) -> None:
        while not context.cancelled:
            time.sleep(0.005)
        raise OSError("torn down")

    task = ask(runner, work)
    until_it_runs(runner, qtbot)
    runner.cancel(runner.entries[0])
    wait_for(qtbot, task.done)
    assert isinstance(task.exception(), Cancelled)


def test_a_waiting_job_that_is_cancelled_never_runs(runner: JobRunner, qtbot: QtBot) -> None:
    gate, ran = threading.Event(), []
    first = ask(runner, lambda context: gate.wait(3))
    until_it_runs(runner, qtbot)
    second = ask(runner, lambda context: ran.append(1))
    qtbot.waitUntil(lambda: len(runner.entries) == 2)
    runner.cancel(runner.entries[1])
    wait_for(qtbot, second.done)
    gate.set()
    wait_for(qtbot, first.done)
    QTest.qWait(30)
    assert ran == []


def test_cancelling_the_awaiting_flow_cancels_its_job(runner: JobRunner, qtbot: QtBot) -> None:
    stopped = threading.Event()

    def work(context: JobContext) -> None:
        while not context.cancelled:
            time.sleep(0.005)
        stopped.set()

    task = ask(runner, work)
    until_it_runs(runner, qtbot)
    task.cancel()
    wait_for(qtbot, task.done)
    wait_for(qtbot, stopped.is_set)


def test_progress_comes_at_most_twenty_times_a_second_and_the_last_one_always(
    runner: JobRunner, qtbot: QtBot
) -> None:
    told: list[Progress] = []
    runner.thread_of_jobs.job_progressed.connect(lambda number, progress: told.append(progress))

    def work(context: JobContext) -> None:
        for step in range(1, 1001):
            context.progress(step, 1000, "job.build_bank")
            time.sleep(0.0005)

    started = time.monotonic()
    task = ask(runner, work)
    wait_for(qtbot, task.done)
    spent = time.monotonic() - started
    assert told[-1].done == 1000
    assert len(told) <= spent * 20 + 3


def test_helper_threads_of_a_build_may_report_progress(runner: JobRunner, qtbot: QtBot) -> None:
    """Decoding ahead happens on threads of the job's own; an urgent job must not run on those."""
    where: list[int] = []

    def build(context: JobContext) -> int:
        def decode() -> None:
            for step in range(50):
                context.progress(step, 50, "job.build_bank")
                time.sleep(0.002)

        helper = threading.Thread(target=decode)
        helper.start()
        helper.join()
        return threading.get_ident()

    long = ask(runner, build)
    until_it_runs(runner, qtbot)
    urgent = ask(runner, lambda context: where.append(threading.get_ident()), Priority.INTERACTIVE)
    wait_for(qtbot, lambda: long.done() and urgent.done())
    assert where == [long.result()]


def test_closing_while_a_job_runs_ends_the_thread(loop: QEventLoop, qtbot: QtBot) -> None:
    runner = JobRunner()

    def work(context: JobContext) -> None:
        while True:
            context.check_cancelled()
            time.sleep(0.005)

    running, waiting = ask(runner, work), ask(runner, lambda context: None)
    qtbot.waitUntil(lambda: len(runner.entries) == 2 and runner.entries[0].state is State.RUNNING)
    assert runner.close(patience_ms=2000)
    assert not runner.thread_of_jobs.isRunning()
    QTest.qWait(20)
    assert isinstance(running.exception(), Cancelled)
    assert isinstance(waiting.exception(), Cancelled)


def test_after_closing_nothing_is_started(loop: QEventLoop, qtbot: QtBot) -> None:
    runner = JobRunner()
    assert runner.close()
    task = ask(runner, lambda context: 1)
    wait_for(qtbot, task.done)
    assert isinstance(task.exception(), Cancelled)


def test_the_time_left_is_told_from_the_pace_so_far(loop: QEventLoop) -> None:
    entry = Entry(1, "Evaluate", False, None, loop.create_future())  # type: ignore[arg-type]
    entry.state, entry.started = State.RUNNING, 100.0
    assert entry.seconds_left(110.0) is None
    entry.progress = Progress(25, 100, "job.evaluate")
    assert entry.seconds_left(110.0) == pytest.approx(30.0)
    assert entry.seconds_left(100.5) is None
    entry.future.cancel()


def test_an_error_that_a_flow_lets_through_is_reported(runner: JobRunner, qtbot: QtBot) -> None:
    told: list[BaseException] = []
    runner.unexpected.connect(told.append)

    async def flow() -> None:
        raise LookupError("lost")

    runner.spawn(flow())
    qtbot.waitUntil(lambda: bool(told))
    assert isinstance(told[0], LookupError)
