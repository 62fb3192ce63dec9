"""What a ridge fit on a bank would have said of its own references had it not seen their swatch: in closed form.

Exact for the ridge at the whole bank's centre and weights of the fabrics, which a swatch moves little; a fit anew would
move those too. Arrays only. What the answers are for is in `discriminant`, `bounds` and `temperature`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fabric_desktop.classifier.temperature import Array

# Swatches of a fabric that are left in alone, one after the other, evenly chosen: three tell as much as all.
MAX_ALONE = 3
# A fabric with more rows than these besides that swatch is passed over: a system of that size is solved for each.
MAX_AWAY = 400


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a fabric that lost rows: `fitted` (n_fabrics,) the mean of what the fit says of the others, and
    of how many swatches they are."""

    fitted: Array
    swatches: int


@dataclass(frozen=True, slots=True)
class Away:
    """Of `rows` (m,) by a fit without them: what the ridge says, `fitted` (m, n_fabrics), and the nearest reference's
    centred cosine, `nearest` (m, n_fabrics); and what it says of the fabrics that they are of."""

    rows: npt.NDArray[np.intp]
    fitted: Array
    nearest: Array
    left: dict[int, Left]


@dataclass(frozen=True)
class RidgeFit:
    """weights = A^-1 @ targets, fitted on n rows that stand fabric by fabric, with A the kernel and its ridge.

    `columns` (n, n) are C with A^-1 = C C', `weights` and `targets` (n, n_fabrics), `penalty` (n,) what the ridge adds
    to A's diagonal, `cosines` (n, n) of the centred rows, `fabrics` and `swatches` (n,) their numbers, `starts` the
    first row of each fabric.
    """

    columns: Array
    weights: Array
    targets: Array
    penalty: Array
    cosines: Array
    fabrics: npt.NDArray[np.integer]
    swatches: npt.NDArray[np.integer]
    starts: npt.NDArray[np.intp]

    @cached_property
    def fitted(self) -> Array:
        """(n, n_fabrics) what the fit says of its own rows: Y - F = D W with D what the ridge adds."""
        result: Array = self.targets - self.penalty[:, None] * self.weights
        return result

    def without(self, rows: npt.NDArray[np.intp]) -> Away:
        """What a fit without these rows says of them, and of what is left of their fabrics.

        f_G = Y_G - ((A^-1)_GG)^-1 W_G: the block form of the left-out answers of ridge (Rifkin and Lippert 2007, "Notes
        on regularized least squares"). With H = K A^-1 and D what the ridge adds, I - H = D A^-1 and Y - F = D W, so
        that D drops out. The weights of the others become W - (A^-1)_G ((A^-1)_GG)^-1 W_G.
        """
        own = self.columns[rows]
        back = np.linalg.solve(own @ own.T, self.weights[rows])
        cosines = self.cosines[rows]
        cosines[:, rows] = -1.0
        left = {}
        for fabric in np.unique(self.fabrics[rows]).tolist():
            gone = rows[self.fabrics[rows] == fabric]
            count = self._counts[fabric] - len(gone)
            if count:
                # F = Y - D W, and W has changed; what is left is summed by taking what has gone from the whole's sums.
                moved = (self._pulled[fabric] - self.penalty[gone] @ self.columns[gone]) @ own.T @ back
                fitted = self._sums[fabric] - self.fitted[gone].sum(axis=0) + moved
                swatches = len(self._pieces[fabric]) - len(np.unique(self.swatches[gone]))
                left[fabric] = Left(fitted / count, swatches)
        return Away(rows, self.targets[rows] - back, np.maximum.reduceat(cosines, self.starts, axis=1), left)

    def swatches_left_out(self) -> list[Away]:
        """What is heard of every swatch whose fabrics have another one; a fabric with nothing left cannot be
        recognised."""
        several = np.array([len(pieces) > 1 for pieces in self._pieces])[self.fabrics]
        order = np.argsort(self.swatches, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(self.swatches[order])) + 1)
        return [self.without(group) for group in groups if several[group].all()]

    def swatches_alone(self) -> list[Away]:
        """What is heard of the other swatches of a fabric when one of its swatches is all that is left of it."""
        return [self.without(group) for group in self._others()]

    def _others(self) -> Iterator[npt.NDArray[np.intp]]:
        for fabric, pieces in enumerate(self._pieces):
            if len(pieces) < 2:
                continue
            own = np.flatnonzero(self.fabrics == fabric)
            for place in np.unique(np.linspace(0, len(pieces) - 1, MAX_ALONE).astype(int)):
                away = own[self.swatches[own] != pieces[place]]
                if len(away) <= MAX_AWAY:
                    yield away

    @cached_property
    def _pieces(self) -> list[npt.NDArray[np.integer]]:
        return pieces_of(self.swatches, self.starts)

    @cached_property
    def _counts(self) -> npt.NDArray[np.intp]:
        return np.diff(self.starts, append=len(self.fabrics))

    @cached_property
    def _sums(self) -> Array:
        """(n_fabrics, n_fabrics) the sum of what the fit says of each fabric's rows."""
        result: Array = np.add.reduceat(self.fitted, self.starts, axis=0)
        return result

    @cached_property
    def _pulled(self) -> Array:
        """(n_fabrics, n) the sum of each fabric's rows of D C, where D is what the ridge adds."""
        ends = [*self.starts[1:].tolist(), len(self.fabrics)]
        fabrics = [slice(first, end) for first, end in zip(self.starts.tolist(), ends, strict=True)]
        return np.stack([self.penalty[own] @ self.columns[own] for own in fabrics])


class Heard(NamedTuple):
    """All that were left out, one after the other: `rows` (m,), what the ridge says of them, `fitted`, and their
    `nearest` cosines, (m, n_fabrics) each."""

    rows: npt.NDArray[np.intp]
    fitted: Array
    nearest: Array


def heard(aways: Sequence[Away], n_fabrics: int) -> Heard:
    """What is heard of all of `aways`."""
    rows, none = np.empty(0, np.intp), np.empty((0, n_fabrics))
    return Heard(
        np.concatenate([rows, *(away.rows for away in aways)]),
        np.concatenate([none, *(away.fitted for away in aways)]),
        np.concatenate([none, *(away.nearest for away in aways)]),
    )


def pieces_of(swatches: npt.NDArray[np.integer], starts: npt.NDArray[np.intp]) -> list[npt.NDArray[np.integer]]:
    """The swatches of each fabric, for rows that stand fabric by fabric."""
    return [np.unique(own) for own in np.split(swatches, starts[1:])]


def share_of_single(swatches: npt.NDArray[np.integer], starts: npt.NDArray[np.intp]) -> float:
    """Share 0..1 of the fabrics that have one swatch."""
    return float(np.mean([len(pieces) == 1 for pieces in pieces_of(swatches, starts)]))


def pieces_a_fabric(swatches: npt.NDArray[np.integer], starts: npt.NDArray[np.intp]) -> float:
    """How many pieces of cloth are known of a fabric, as a geometric mean over fabrics. Several photos of one swatch
    count as between one piece and so many: the geometric mean of swatches and photos."""
    counts = [len(own) * len(np.unique(own)) for own in np.split(swatches, starts[1:])]
    return float(np.exp(np.mean(np.log(counts)) / 2))
