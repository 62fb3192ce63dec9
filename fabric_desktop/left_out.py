"""What a ridge fit on a bank would have said of its own references had it not seen their swatch: in closed form.

Exact for the ridge at the whole bank's centre and weights of the fabrics, which a swatch moves little; a fit anew would
move those too. Arrays only. What the answers are for is in `scoring` and `temperature`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fabric_desktop.temperature import Array, LeftOut

# Swatches of a fabric that are left in alone, one after the other, evenly chosen: three tell as much as all.
MAX_ALONE = 3
# A fabric with more rows than these besides that swatch is passed over, which bounds the cost of a large bank.
MAX_AWAY = 400


@dataclass(frozen=True)
class RidgeFit:
    """weights = A^-1 @ targets, fitted on n rows that stand fabric by fabric, with A the kernel and its ridge.

    `columns` (n, n) are C with A^-1 = C C', `weights` and `targets` (n, n_fabrics), `cosines` (n, n) of the
    centred rows, `fabrics` and `swatches` (n,) their numbers, `starts` the first row of each fabric, `share` of the
    nearest cosine in a score.
    """

    columns: Array
    weights: Array
    targets: Array
    cosines: Array
    fabrics: npt.NDArray[np.integer]
    swatches: npt.NDArray[np.integer]
    starts: npt.NDArray[np.intp]
    share: float

    def without(self, rows: npt.NDArray[np.intp]) -> tuple[Array, Array]:
        """(rows, n_fabrics) scores and centred cosines of the nearest reference, of rows by a fit without them.

        f_G = Y_G - ((A^-1)_GG)^-1 W_G: the block form of the left-out answers of ridge (Rifkin and Lippert 2007, "Notes
        on regularized least squares"). With H = K A^-1 and D what the ridge adds, I - H = D A^-1 and Y - F = D W, so
        that D drops out.
        """
        inside = self.columns[rows] @ self.columns[rows].T
        fitted = self.targets[rows] - np.linalg.solve(inside, self.weights[rows])
        cosines = self.cosines[rows]
        cosines[:, rows] = -1.0
        nearest = np.maximum.reduceat(cosines, self.starts, axis=1)
        return fitted + self.share * nearest, nearest

    def swatches_left_out(self) -> tuple[LeftOut, Array, npt.NDArray[np.intp]]:
        """Answers to every swatch whose fabrics have another one, how close each was to the library (see
        `BankClassifier.closeness`), and which rows they are of; a fabric with nothing left cannot be recognised."""
        several = np.array([len(pieces) > 1 for pieces in self._pieces()])[self.fabrics]
        order = np.argsort(self.swatches, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(self.swatches[order])) + 1)
        groups = [group for group in groups if several[group].all()]
        answers, nearest, rows = self._answers(iter(groups))
        best = [values.max(axis=1, initial=-np.inf) for values in (answers.scores, nearest)]
        closeness = best[0] + (1.0 - self.share) * best[1]
        return answers, closeness, rows

    def swatches_alone(self) -> LeftOut:
        """Answers to the other swatches of a fabric when one of its swatches is all that is left of it."""
        return self._answers(self._others())[0]

    def _others(self) -> Iterator[npt.NDArray[np.intp]]:
        for fabric, pieces in enumerate(self._pieces()):
            if len(pieces) < 2:
                continue
            own = np.flatnonzero(self.fabrics == fabric)
            for place in np.unique(np.linspace(0, len(pieces) - 1, MAX_ALONE).astype(int)):
                away = own[self.swatches[own] != pieces[place]]
                if len(away) <= MAX_AWAY:
                    yield away

    def _pieces(self) -> list[npt.NDArray[np.integer]]:
        return pieces_of(self.swatches, self.starts)

    def _answers(self, groups: Iterator[npt.NDArray[np.intp]]) -> tuple[LeftOut, Array, npt.NDArray[np.intp]]:
        nothing = np.empty((0, len(self.starts)))
        scores, nearest, rows = [nothing], [nothing], [np.empty(0, np.intp)]
        for group in groups:
            for kept, found in zip((scores, nearest), self.without(group), strict=True):
                kept.append(found)
            rows.append(group)
        chosen = np.concatenate(rows)
        answers = LeftOut(np.concatenate(scores), self.fabrics[chosen], self.swatches[chosen])
        return answers, np.concatenate(nearest), chosen


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
