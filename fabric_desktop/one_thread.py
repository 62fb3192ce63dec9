"""Linear algebra on one thread. For small products, where waiting for a second thread costs more than it gives.

On two cores that others use too, a fit that takes 22 ms on one thread took 600 ms on two. Not for long products of
gigabytes, and not for ONNX Runtime or torch, which have threads of their own.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any


@cache
def _libraries() -> Any:
    """The linear algebra libraries that numpy has loaded."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Numpy's linear algebra runs on one thread inside; costs some microseconds.

    The number of threads is the whole process's. Where two threads are inside at once, the one that came first puts it
    back when it leaves: the other is slower then, never wrong.
    """
    limit: AbstractContextManager[object] = _libraries().limit(limits=1, user_api="blas")
    return limit
