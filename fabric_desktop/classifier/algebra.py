"""Linear algebra of the classifiers on a bank: the inverse of a triangle in its place, lengths to divide by.

Arrays only; what uses it is in `ridge` and `nearest`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# Rows taken at a time where a copy is made of them, and rows under which halving a matrix costs more than it gives.
BLOCK = 1024
_SMALL = 64


def invert_lower(lower: Array) -> None:
    """The inverse of a lower triangular matrix in its own place, by halves: nearly all of it is matrix products."""
    n = len(lower)
    if n <= _SMALL:
        lower[:] = np.tril(np.linalg.inv(lower))
        return
    half = n // 2
    invert_lower(lower[:half, :half])
    invert_lower(lower[half:, half:])
    lower[half:, :half] = -lower[half:, half:] @ (lower[half:, :half] @ lower[:half, :half])


def lengths_of(points: Array) -> Array:
    """(n,) the lengths of points (n, dim), to divide by: one that is the origin has no direction, and keeps its
    zeros."""
    norms = np.linalg.norm(points, axis=1)
    result: Array = np.where(norms > 1e-12, norms, 1.0)
    return result
