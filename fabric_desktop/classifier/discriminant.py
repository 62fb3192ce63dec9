"""Penalised discriminant analysis on top of a ridge fit: which fabrics are told apart by little, and which by much.

A ridge fit's scores answer for each fabric by itself. What it says of patches of one fabric for all the others shows
how fabrics are mistaken for one another, and a linear map of its scores makes up for that. Arrays only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fabric_desktop.classifier.left_out import Away, Heard
from fabric_desktop.classifier.temperature import Array

# Chosen on other draws than the benchmark's, and flat around: 0.5 to 0.85 for the first, 0.4 to 0.6 for the second.
SEEN_SHARE = 0.75
"""Share of what the fit says of references that it has seen, in what it is expected to say of a patch; the rest is
what it says of swatches left out. The first alone takes every fabric for as narrow as its references (0.3 points more
for new photos of the same cloth, a point less for new samples); the second knows a swatch less than the library."""
SEEN_SHARE_ALONE = 0.5
"""The same for a fabric of one swatch, of which nothing can be left out: a new sample is expected to be half as much
like it as the swatch itself. `python -m tests.benchmarks.recognition --only types` prints what that gives where half
of the types are known by one swatch, beside the ridge fit alone."""
MOST = 0.99
"""No direction is taken for more certain than this, or a library of copies would divide by zero."""
MAX_FABRICS = 1000
"""A library of more fabrics has no discriminant: the matrix it needs would cost more than the whole fit."""
# How often a change is halved before it is left away.
_HALVINGS = 6


@dataclass(frozen=True)
class Discriminant:
    """The linear discriminant of a ridge fit's scores, with `inverse` (n_fabrics, n_fabrics) that of 1 - E where E is
    what the fit is expected to say of a patch of each fabric.

    With m fabrics alike, M their means about the common one, T the spread of all with the ridge's penalty and
    W = T - M'M/m that within fabrics, the fit is f = x' T^-1 M'/m, so that E = M T^-1 M'/m is what it says of the
    means, and the discriminant x' W^-1 M' - diag(M W^-1 M')/2 is, by Woodbury's identity,

        m (f (1 - E)^-1 - diag(E (1 - E)^-1)/2),   with   E (1 - E)^-1 = (1 - E)^-1 - 1

    (Hastie, Buja and Tibshirani 1995, "Penalized Discriminant Analysis", Annals of Statistics 23). It is divided by m
    and by the mean of diag(1 - E)^-1, so that it is on about the same scale as the fit.

    Exact for what the fit says of the means of points about their mean. Here E is of more than that (`Expected`), the
    points are rescaled to length 1 and the kernel is not all linear, so that E is made symmetric, and its eigenvalues
    are kept within 0..MOST.
    """

    inverse: Array

    def scores(self, fitted: Array, beside: Array) -> Array:
        """(q, n_fabrics) scores for what a fit says of q patches, and what else speaks for each fabric `beside` it."""
        along = np.diag(self.inverse)
        result: Array = _centred(fitted @ self.inverse + beside, along) / along.mean()
        return result


@dataclass(frozen=True)
class Expected:
    """What a fit is expected to say of a patch of each fabric: `seen` (n_fabrics, n_fabrics) the mean of what it says
    of each fabric's references, `unseen` the sum and `counts` (n_fabrics,) the number of what it says of those that can
    be left out."""

    seen: Array
    unseen: Array
    counts: Array

    @staticmethod
    def of(seen: Array, fabrics: npt.NDArray[np.integer], aways: Sequence[Away]) -> Expected:
        """From the means of what a fit says of its references, whose fabrics (n,) are, and what is heard of swatches
        left out."""
        unseen, counts = np.zeros_like(seen), np.zeros(len(seen))
        for away in aways:
            np.add.at(unseen, fabrics[away.rows], away.fitted)
            np.add.at(counts, fabrics[away.rows], 1.0)
        return Expected(seen, unseen, counts)

    def discriminant(self) -> Discriminant:
        """The discriminant for what is expected."""
        values, vectors = np.linalg.eigh((self.rows + self.rows.T) / 2.0)
        values = np.clip(values, 0.0, MOST)
        return Discriminant((vectors / (1.0 - values)) @ vectors.T)

    @cached_property
    def rows(self) -> Array:
        """(n_fabrics, n_fabrics) what is expected, a row a fabric."""
        several = self.counts[:, None] > 0
        mixed = SEEN_SHARE * self.seen + (1.0 - SEEN_SHARE) * self.unseen / np.maximum(self.counts, 1.0)[:, None]
        result: Array = np.where(several, mixed, SEEN_SHARE_ALONE * self.seen)
        return result

    def changes(self, fabrics: npt.NDArray[np.integer], aways: Sequence[Away]) -> tuple[npt.NDArray[np.intp], Array]:
        """The fabrics (k,) that each of `aways` takes rows from, one after the other, and how much more (k, n_fabrics)
        is expected of patches of theirs by what is left."""
        lost: list[int] = []
        found = []
        for away in aways:
            for fabric, left in away.left.items():
                own = away.fitted[fabrics[away.rows] == fabric]
                count = self.counts[fabric] - len(own)
                row = SEEN_SHARE_ALONE * left.fitted
                if left.swatches > 1 and count > 0:
                    unseen = (self.unseen[fabric] - own.sum(axis=0)) / count
                    row = SEEN_SHARE * left.fitted + (1.0 - SEEN_SHARE) * unseen
                lost.append(fabric)
                found.append(row - self.rows[fabric])
        return np.array(lost, np.intp), np.array(found).reshape(-1, len(self.rows))

    def scores_left_out(
        self,
        tell: Discriminant,
        fabrics: npt.NDArray[np.integer],
        aways: Sequence[Away],
        left: Heard,
        share: float,
    ) -> Array:
        """(m, n_fabrics) scores of the rows of `aways`, of which `left` was heard, with a share of the nearest
        reference beside them, as they would be were the rows of E that are of their own fabrics made without them.

        The other rows of E, and the scale, are the whole library's: they have heard of these rows through the fit, by
        little. The benchmark's rows of the confidence measure what is shown after that.
        """
        lost, changes = self.changes(fabrics, aways)
        # All that is as wide as the library at once: it is read once then, and not once a swatch.
        scores, turned, usual = left.fitted @ tell.inverse, changes @ tell.inverse, np.diag(tell.inverse).copy()
        row = line = 0
        for away in aways:
            rows, lines = slice(row, row + len(away.rows)), slice(line, line + len(away.left))
            row, line = rows.stop, lines.stop
            sides, core = allowed(usual, tell.inverse[lost[lines]], turned[lines], lost[lines], changes[lines])
            along = usual + (sides * core).sum(axis=0)
            scores[rows] = _centred(scores[rows] + (away.fitted @ sides.T) @ core, along)
        result: Array = (scores + share * left.nearest) / usual.mean()
        return result


def allowed(
    usual: Array, inverse: Array, turned: Array, fabrics: npt.NDArray[np.intp], changes: Array
) -> tuple[Array, Array]:
    """The sides and what `changed` makes of them for the whole of the changes, or as much as leaves 1 - E within what
    is taken for certain: a half, a quarter, and in the end nothing. `usual` is diag(1 - E)^-1 without them, `inverse`
    are its rows of these fabrics, `turned` the changes times it."""
    for share in 0.5 ** np.arange(_HALVINGS):
        sides = np.concatenate([inverse, share * turned])
        core = changed(sides, fabrics, share * changes)
        along = usual + (sides * core).sum(axis=0)
        if along.min() > 0.0 and along.max() <= 1.0 / (1.0 - MOST):
            return sides, core
    return sides, np.zeros_like(core)


def changed(sides: Array, fabrics: npt.NDArray[np.intp], changes: Array) -> Array:
    """(2k, n_fabrics) C by which (1 - E)^-1 becomes (1 - E)^-1 + sides' C, were `changes` (k, n_fabrics) more expected
    of patches of `fabrics` (k,); `sides` (2k, n_fabrics) are the inverse's rows of these, and the changes times it.
    Woodbury's identity; E is taken as symmetric, so half of a change is on each side."""
    across = np.concatenate([sides[:, fabrics], sides @ changes.T], axis=1)
    swapped = np.roll(np.eye(len(sides)), len(fabrics), axis=0)
    try:
        result: Array = np.linalg.solve(2.0 * swapped - across, sides)
    except np.linalg.LinAlgError:  # a change as great as what it changes: no bound holds for nan
        return np.full_like(sides, np.nan)
    return result


def _centred(turned: Array, along: Array) -> Array:
    """Scores (q, n_fabrics) before they are scaled: less half of diag(E (1 - E)^-1), `along` being diag(1 - E)^-1, but
    for what is common to all fabrics."""
    result: Array = turned + (along.mean() - along) / 2.0
    return result
