"""Linear algebra on one thread. For small products, where waiting for a second thread costs more than it gives.

On two cores that others use too, a fit that takes 22 ms on one thread took 600 ms on two. Not for long products of
gigabytes, and not for ONNX Runtime or torch, which have threads of their own.
"""

from __future__ import annotations

import contextlib
import threading
from functools import cache
from typing import Any


@cache
def _libraries() -> Any:
    """The linear algebra libraries that numpy has loaded."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


class _OneThread:
    """While any thread is inside: one thread. It is a setting of the whole process, so the first one in makes it and
    the last one out takes it back."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._inside = 0
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> None:
        with self._guard:
            self._inside += 1
            if self._inside == 1:
                self._undo.enter_context(_libraries().limit(limits=1, user_api="blas"))

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._inside -= 1
            if self._inside == 0:
                self._undo.close()


one_thread = _OneThread()
