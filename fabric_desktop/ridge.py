"""Linear algebra of the kernel ridge on a bank: an inverse in place, and what a fit without one piece would say.

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


def nearest_other(cosines: Array, swatches: npt.NDArray[np.integer], chosen: npt.NDArray[np.intp]) -> Array:
    """The highest of each chosen row's cosines (n, n) to a reference of another swatch; -1 where there is none."""
    result = np.empty(len(chosen))
    for first in range(0, len(chosen), BLOCK):
        rows = chosen[first : first + BLOCK]
        other = swatches[rows][:, None] != swatches[None, :]
        result[first : first + BLOCK] = cosines[rows].max(axis=1, where=other, initial=-1.0)
    return result


def left_out_scores(
    root: Array,
    weights: Array,
    targets: Array,
    fabric_index: npt.NDArray[np.integer],
    swatches: npt.NDArray[np.integer],
) -> tuple[Array, npt.NDArray[np.intp]]:
    """Scores of rows by a fit without their swatch, and which rows those are. `root` R with A^-1 = R' R."""
    pieces_of: dict[int, set[int]] = {}
    for fabric, swatch in zip(fabric_index.tolist(), swatches.tolist(), strict=True):
        pieces_of.setdefault(fabric, set()).add(swatch)
    several = np.array([len(pieces_of[fabric]) > 1 for fabric in fabric_index.tolist()])
    order = np.argsort(swatches, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(swatches[order])) + 1)
    columns = np.ascontiguousarray(root.T)
    scores, rows = [], []
    for group in groups:
        if not several[group].all():
            continue
        # With H = K A^-1 and D what the ridge adds, I - H = D A^-1 and Y - F = D W, so that D drops out.
        inside = columns[group] @ columns[group].T
        scores.append(targets[group] - np.linalg.solve(inside, weights[group]))
        rows.append(group)
    if not rows:
        return np.empty((0, targets.shape[1])), np.empty(0, np.intp)
    return np.concatenate(scores), np.concatenate(rows).astype(np.intp)
