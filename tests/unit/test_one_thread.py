"""Threads that wait for each other for nothing, or a setting of the process that is not put back."""

from __future__ import annotations

import threading

import numpy as np
from threadpoolctl import threadpool_info

from fabric_desktop.one_thread import one_thread


def _threads() -> set[int]:
    """Of numpy's own library: another test may have loaded scipy's."""
    libraries = [library for library in threadpool_info() if library["user_api"] == "blas"]
    return {library["num_threads"] for library in libraries if "numpy" in library["filepath"]}


def test_linear_algebra_runs_on_one_thread_until_the_last_one_is_out() -> None:
    assert np.ones(2) @ np.ones(2) == 2.0
    before = _threads()
    inside, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with one_thread:
            inside.set()
            leave.wait(10)

    other = threading.Thread(target=stay)
    with one_thread:
        other.start()
        assert inside.wait(10)
        assert _threads() <= {1}
    assert _threads() <= {1}
    leave.set()
    other.join()
    assert _threads() == before
