"""A job tells how far it is and stops when asked, whoever runs it."""

from __future__ import annotations

import threading

import pytest

from fabric_desktop.jobs import Cancelled, JobContext, Progress


def test_a_person_sees_how_far_a_job_is() -> None:
    seen: list[Progress] = []
    context = JobContext(seen.append)
    context.progress(2, 5, "job.build_bank", photo="ref.jpg")
    assert seen == [Progress(2, 5, "job.build_bank", {"photo": "ref.jpg"})]


def test_a_job_that_nobody_watches_runs_all_the_same() -> None:
    JobContext().progress(1, 1, "job.build_bank")


def test_a_cancel_stops_a_job_at_its_next_word() -> None:
    seen: list[Progress] = []
    context = JobContext(seen.append)
    context.cancel()
    assert context.cancelled
    with pytest.raises(Cancelled):
        context.progress(1, 5, "job.build_bank")
    with pytest.raises(Cancelled):
        context.check_cancelled()
    assert seen == []


def test_a_cancel_reaches_a_job_from_another_thread() -> None:
    context = JobContext()
    asked = threading.Thread(target=context.cancel)
    asked.start()
    asked.join()
    with pytest.raises(Cancelled):
        context.check_cancelled()


def test_a_job_that_was_not_cancelled_is_not_stopped() -> None:
    context = JobContext()
    context.check_cancelled()
    assert not context.cancelled
