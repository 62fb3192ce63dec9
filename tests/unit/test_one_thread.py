"""Threads that wait for each other for nothing, or a setting of the process that is not put back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_info

from fabric_desktop.one_thread import one_thread


def _threads() -> set[int]:
    """Of numpy's own library: another test may have loaded scipy's."""
    libraries = [library for library in threadpool_info() if library["user_api"] == "blas"]
    return {library["num_threads"] for library in libraries if "numpy" in library["filepath"]}


def test_linear_algebra_runs_on_one_thread_inside_and_as_before_outside() -> None:
    assert np.ones(2) @ np.ones(2) == 2.0
    before = _threads()
    with one_thread():
        assert _threads() <= {1}
        with one_thread():
            assert _threads() <= {1}
        assert _threads() <= {1}
    assert _threads() == before
    with ThreadPoolExecutor(1) as other, one_thread():
        assert other.submit(_nested).result() <= {1}
    assert _threads() == before


def _nested() -> set[int]:
    with one_thread():
        return _threads()
