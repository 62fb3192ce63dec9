"""Linear algebra of the kernel ridge on a bank: the inverse of a triangle in its place.

Arrays only; the classifier that uses it is in `scoring`.
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
