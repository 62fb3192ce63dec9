"""Fabrics ranked by a closed-form classifier on the bank itself, with a confidence and a "not in the library".

Needs no label: it is fitted on the references whenever a bank is loaded. Arrays only; knows no files and no names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fabric_desktop.left_out import RidgeFit, pieces_a_fabric, share_of_single
from fabric_desktop.ridge import BLOCK, invert_lower
from fabric_desktop.temperature import ENOUGH_PIECES, Array, LeftOut, drawn_to_default, fit_temperature, softmax

# The constants of the classifier were chosen on photographs of cloth (115 samples, five collections) with whole
# samples kept on one side; the ranking is flat around them: half or twice each changes Top-1 by under one point.
LINEAR_SHARE = 2 / 3
"""Share of the linear kernel; the rest is the exponential one, which lets a fabric be several clusters.

Same cloth and new samples of a type do not tell 0.5 from 0.8. What lies far from every reference, cloth from another
source, is ordered by the linear part alone: Top-1 there is 0.75 at 0.5, 0.82 at 2/3, 1.0 at 1, where eight references
of the same cloth lose half a point.
"""
KERNEL_WIDTH = 1.0
RIDGE = 0.1
NEAREST_SHARE, NEAREST_SHARE_ALONE = 0.25, 1.0
"""Share of the nearest reference's centred cosine in a fabric's score, beside the ridge fit's: where every fabric has
several swatches, and where every fabric has one; between them by the share of fabrics with one.

A fit on one swatch a fabric knows how that swatch varies and not how the fabric does, and there the nearest reference
is the better guide: with one swatch a type, 1.0 against 0.25 gains 0.3 to 2.9 points in three collections and loses
0.2 in one. The same cloth begins to lose at 0.5. Chosen on other draws than the benchmark's.
"""
FALSE_ALARMS = 0.05
"""Share of known cloths that may be called unknown."""

# Fitting inverts a matrix of this size: a few seconds at the limit on two cores. A larger bank ranks by the nearest.
MAX_FITTED = 4000
# References that are left out one by one to calibrate a larger bank.
MAX_PROBED = 200
# Before this many left-out answers a studio's own temperature is drawn towards the default.
ENOUGH_ANSWERS = 50

DEFAULT_TEMPERATURE = 0.25
"""Where no swatch can be left out: twice what new photos of the very swatches in the library ask for (0.125 at that
share of the nearest reference), a stated widening. New samples of fabrics known by one swatch would ask for 0.4 to 0.6;
such a library cannot know which of the two it will be asked."""
MOST_PIECES = 4
"""Pieces a fabric up to which `usual_bound` is measured; from there on a library's own left-out answers speak."""
# Fitted on left-out references of photographs, for centred cosines.
DEFAULT_NEAREST_TEMPERATURE = 0.05
DEFAULT_NEAREST_BELOW = 0.4


def usual_bound(n_fabrics: int, pieces: float) -> float:
    """The closeness under which a cloth is unknown to a library of so many fabrics (two or more) and, in the geometric
    mean, `pieces` of cloth a fabric, before it has left-out answers to measure by.

        b = 0.70 - 0.9 / n_fabrics + (0.16 + 0.30 / n_fabrics) * ln(pieces)

    A question is the closer to its own fabric the more pieces are known of it, and the more fabrics the centre is the
    mean of. Measured on 80 random libraries of each size, of 2 to 20 fabrics with one to four photographs each. Of new
    photographs of the library's own cloth 4 in 100 fall below it where three or four are known, and not 5, since
    another lamp or distance will add to them; up to 10 where one or two are, since 5 would let every second strange
    cloth pass.
    """
    return 0.70 - 0.9 / n_fabrics + (0.16 + 0.30 / n_fabrics) * math.log(min(max(pieces, 1.0), MOST_PIECES))


@dataclass(frozen=True)
class BankClassifier:
    """Kernel ridge regression of one-hot fabrics on the bank's centred embeddings, and the nearest reference.

    `mean` (dim,), `references` (n, dim) centred with rows of length 1, fabric by fabric, `starts` the first row of
    each fabric, `weights` (n, n_fabrics); `nearest_share` of the nearest cosine in a score. `temperature` turns scores
    into probabilities; `unknown_below` is the closeness under which a cloth is taken for one that the library does not
    hold; `answers` left-out references of `pieces` pieces of cloth were used to fit both (0: the defaults).
    """

    mean: Array
    references: Array
    starts: npt.NDArray[np.intp]
    weights: Array
    nearest_share: float
    temperature: float
    unknown_below: float
    answers: int
    pieces: int = 0

    @property
    def calibrated(self) -> bool:
        """Whether the temperature is this bank's own at least as much as the default."""
        return self.answers >= ENOUGH_ANSWERS and self.pieces >= ENOUGH_PIECES

    def scores(self, queries: npt.NDArray[np.floating]) -> Array:
        """(q, n_fabrics) scores of queries (q, dim) with rows of length 1: above 1 when sure, about 0 when far."""
        return self._scores(self._cosines(queries))

    def closeness(self, queries: npt.NDArray[np.floating], scores: Array) -> Array:
        """(q,) how well queries (q, dim) with these scores fit the library, about 2 for a reference itself.

        The best fabric's score, with the share of the nearest reference's centred cosine made up to 1. The ridge fit
        tells a strange cloth in a picture like the library's (AUROC 0.957 against 0.947 for the cosine), the cosine a
        picture unlike any of them (all garments at arm's length against 0.80 for the fit, at one false alarm in
        twenty); together both do.
        """
        return self._closeness(self._cosines(queries), scores)

    def ask(
        self, queries: npt.NDArray[np.floating], cosines: npt.NDArray[np.float32] | None = None
    ) -> tuple[Array, Array]:
        """`scores` and `closeness` of queries in one pass over the references. `cosines` are not needed here."""
        centred = self._cosines(queries)
        scores = self._scores(centred)
        return scores, self._closeness(centred, scores)

    def probabilities(self, scores: Array) -> Array:
        """(q, n_fabrics) softmax of scores at the fitted temperature; rows sum to 1."""
        return softmax(scores / self.temperature)

    def _closeness(self, cosines: Array, scores: Array) -> Array:
        result: Array = scores.max(axis=1) + (1.0 - self.nearest_share) * cosines.max(axis=1)
        return result

    def _scores(self, cosines: Array) -> Array:
        nearest = np.maximum.reduceat(cosines, self.starts, axis=1)
        result: Array = _kernel(cosines) @ self.weights + self.nearest_share * nearest
        return result

    def _cosines(self, queries: npt.NDArray[np.floating]) -> Array:
        result: Array = _centred(queries.astype(np.float64), self.mean) @ self.references.T
        return result


@dataclass(frozen=True)
class NearestClassifier:
    """The nearest reference's centred cosine: for banks too large, or of too few fabrics, for a fit.

    `mean` (dim,), `references` (n, dim) the bank's own embeddings; `along` (n,) their products with the mean and
    `lengths` (n,) their distances from it, by which a cosine becomes a centred one without another pass over the
    references, or a copy of them; `starts` the first row of each fabric (rows of one fabric stand together); the rest
    as in BankClassifier.
    """

    mean: Array
    references: npt.NDArray[np.float32]
    along: Array
    lengths: Array
    starts: npt.NDArray[np.intp]
    temperature: float
    unknown_below: float
    answers: int
    pieces: int = 0

    @property
    def calibrated(self) -> bool:
        """Whether the temperature is this bank's own at least as much as the default."""
        return self.answers >= ENOUGH_ANSWERS and self.pieces >= ENOUGH_PIECES

    def scores(self, queries: npt.NDArray[np.floating], cosines: npt.NDArray[np.float32] | None = None) -> Array:
        """(q, n_fabrics) centred cosines of queries (q, dim) to the nearest reference of each fabric, -1..1.

        cosines: (q, n) of the queries to the references, where they are known. With q a query, r a reference and m the
        mean: <q - m, r - m> = <q, r> - <q, m> - <r, m> + <m, m>.
        """
        rows = queries.astype(np.float32) @ self.references.T if cosines is None else cosines
        points = queries.astype(np.float64)
        shift = self.mean @ self.mean - points @ self.mean
        lengths = _lengths(np.linalg.norm(points - self.mean, axis=1))
        result = np.empty((len(queries), len(self.starts)))
        for own, row, step, length in zip(result, rows, shift, lengths, strict=True):
            own[:] = np.maximum.reduceat((row - self.along + step) / self.lengths, self.starts) / length
        return result

    def ask(
        self, queries: npt.NDArray[np.floating], cosines: npt.NDArray[np.float32] | None = None
    ) -> tuple[Array, Array]:
        """`scores` and `closeness` of queries, without a pass over the references where the cosines are known."""
        scores = self.scores(queries, cosines)
        return scores, self.closeness(queries, scores)

    def closeness(self, queries: npt.NDArray[np.floating], scores: Array) -> Array:
        """(q,) how well queries with these scores fit the library: the cosine of the nearest reference."""
        result: Array = scores.max(axis=1)
        return result

    def probabilities(self, scores: Array) -> Array:
        """(q, n_fabrics) softmax of scores; with a single fabric half of its cosine, since there is nothing to tell it
        from."""
        if scores.shape[1] == 1:
            result: Array = np.clip(scores, 0.0, 1.0) / 2
            return result
        return softmax(scores / self.temperature)


def fit(
    embeddings: npt.NDArray[np.floating],
    fabric_index: npt.NDArray[np.integer],
    swatches: npt.NDArray[np.integer],
    n_fabrics: int,
) -> BankClassifier | NearestClassifier:
    """The classifier for a bank of any size (at least one row): parameters as for `fit_bank`, fabrics in order."""
    if n_fabrics >= 2 and len(embeddings) <= MAX_FITTED:
        return fit_bank(embeddings, fabric_index, swatches, n_fabrics)
    return fit_nearest(embeddings, fabric_index, swatches, n_fabrics)


def fit_nearest(
    embeddings: npt.NDArray[np.floating],
    fabric_index: npt.NDArray[np.integer],
    swatches: npt.NDArray[np.integer],
    n_fabrics: int,
) -> NearestClassifier:
    """Centre a bank on the mean of its fabrics' means (not where there is a single fabric) and calibrate the nearest
    cosine on evenly chosen references, each compared with those of other swatches only."""
    starts = np.flatnonzero(np.diff(fabric_index, prepend=-1))
    mean = np.zeros(embeddings.shape[1])
    if n_fabrics > 1:
        sums = np.stack([embeddings[own].sum(axis=0, dtype=np.float64) for own in _runs(starts, len(embeddings))])
        mean = (sums / np.bincount(fabric_index, minlength=n_fabrics)[:, None]).mean(axis=0)
    references = np.ascontiguousarray(embeddings, np.float32)
    along, lengths = np.empty(len(references)), np.empty(len(references))
    for first in range(0, len(references), BLOCK):
        block = references[first : first + BLOCK].astype(np.float64)
        along[first : first + BLOCK] = block @ mean
        lengths[first : first + BLOCK] = _lengths(np.linalg.norm(block - mean, axis=1))
    plain = NearestClassifier(mean, references, along, lengths, starts, DEFAULT_NEAREST_TEMPERATURE, -1.0, 0)
    if n_fabrics < 2:
        return plain
    probes = np.unique(np.linspace(0, len(references) - 1, MAX_PROBED).astype(np.intp))
    cosines = references[probes] @ references.T
    # A reference of the probe's own swatch is further than any other can be.
    cosines[swatches[probes][:, None] == swatches[None, :]] = -np.inf
    left_out = plain.scores(references[probes], cosines)
    kept = np.isfinite(left_out[np.arange(len(probes)), fabric_index[probes]])
    left_out = np.maximum(left_out, -1.0)
    answers = LeftOut(left_out[kept], fabric_index[probes][kept], swatches[probes][kept])
    usual = (DEFAULT_NEAREST_TEMPERATURE, DEFAULT_NEAREST_BELOW)
    temperature, below = _calibrated(answers, left_out[kept].max(axis=1), usual)
    return replace(plain, temperature=temperature, unknown_below=below, answers=len(answers), pieces=answers.pieces)


def _runs(starts: npt.NDArray[np.intp], count: int) -> list[slice]:
    """The rows of each fabric."""
    ends = [*starts.tolist()[1:], count]
    return [slice(first, last) for first, last in zip(starts.tolist(), ends, strict=True)]


def _lengths(norms: Array) -> Array:
    """Norms to divide by: a point that is the mean itself has no direction, and keeps its zeros."""
    result: Array = np.where(norms > 1e-12, norms, 1.0)
    return result


def fit_bank(
    embeddings: npt.NDArray[np.floating],
    fabric_index: npt.NDArray[np.integer],
    swatches: npt.NDArray[np.integer],
    n_fabrics: int,
) -> BankClassifier:
    """Fit on a bank: embeddings (n, dim) with rows of length 1, the fabric and the swatch of each row as numbers.

        K = s * <a, b> + (1 - s) * exp((<a, b> - 1) / width),   W = (K + ridge * D)^-1 (Y - y)

    with rows centred on the mean of the fabrics' means, D the inverse of each row's fabric weight, so that every
    fabric counts the same however many photos it has, and y the mean of the one-hot fabrics Y. A score is the fit's and
    NEAREST_SHARE of the nearest reference's cosine. Answers to swatches left out, in closed form (`left_out`), give
    the temperature and the bound of the unknown. Fabrics of a single swatch cannot be left out; what a new sample of
    one would be told is measured on the others, with one of their swatches left in.

    At least two fabrics and at most MAX_FITTED rows; ValueError otherwise.
    """
    n = len(embeddings)
    if n_fabrics < 2 or n > MAX_FITTED:
        raise ValueError("a bank to fit has at least two fabrics and not too many rows")
    return fit_and_leave_out(embeddings, fabric_index, swatches, n_fabrics)[0]


def fit_and_leave_out(
    embeddings: npt.NDArray[np.floating],
    fabric_index: npt.NDArray[np.integer],
    swatches: npt.NDArray[np.integer],
    n_fabrics: int,
) -> tuple[BankClassifier, Array, npt.NDArray[np.intp]]:
    """What `fit_bank` fits, with the left-out scores (m, n_fabrics) it was calibrated on and the rows they are of."""
    order = np.argsort(fabric_index, kind="stable")
    fabrics, pieces, n = fabric_index[order], swatches[order], len(embeddings)
    counts = np.bincount(fabrics, minlength=n_fabrics)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
    points = embeddings[order].astype(np.float64)
    mean = (np.add.reduceat(points, starts, axis=0) / counts[:, None]).mean(axis=0)
    references: Array = _centred(points, mean)
    cosines = references @ references.T
    row_weight = n / (n_fabrics * counts[fabrics])
    row_weight /= row_weight.mean()
    targets = np.eye(n_fabrics)[fabrics] - 1.0 / n_fabrics
    ridged = _kernel(cosines)
    ridged[np.diag_indices(n)] += RIDGE / row_weight
    # A symmetric matrix by its Cholesky factor takes a third of the time of a general inverse: A^-1 = R' R.
    root = np.linalg.cholesky(ridged).astype(np.float64, copy=False)
    del ridged
    invert_lower(root)
    weights = root.T @ (root @ targets)
    alone = share_of_single(pieces, starts)
    nearest_share = NEAREST_SHARE + alone * (NEAREST_SHARE_ALONE - NEAREST_SHARE)
    fit = RidgeFit(np.ascontiguousarray(root.T), weights, targets, cosines, fabrics, pieces, starts, nearest_share)
    answers, closeness, rows = fit.swatches_left_out()
    temperature, unknown_below = _calibrated(
        answers,
        closeness,
        (DEFAULT_TEMPERATURE, usual_bound(n_fabrics, pieces_a_fabric(pieces, starts))),
        fit.swatches_alone() if 0.0 < alone < 1.0 else None,
        alone,
    )
    found = (temperature, unknown_below, len(answers), answers.pieces)
    return BankClassifier(mean, references, starts, weights, nearest_share, *found), answers.scores, order[rows]


def _centred(points: Array, mean: Array) -> Array:
    moved = points - mean
    result: Array = moved / _lengths(np.linalg.norm(moved, axis=1, keepdims=True))
    return result


def _kernel(cosines: Array) -> Array:
    result: Array = LINEAR_SHARE * cosines + (1.0 - LINEAR_SHARE) * np.exp((cosines - 1.0) / KERNEL_WIDTH)
    return result


def _calibrated(
    answers: LeftOut,
    closeness: Array,
    usual: tuple[float, float],
    alone: LeftOut | None = None,
    share: float = 0.0,
) -> tuple[float, float]:
    """Temperature and bound of the unknown from left-out answers and how close they were, drawn to the `usual` ones
    while there are few; `alone` and `share` as for `fit_temperature`."""
    if not len(answers):
        return usual
    temperature = drawn_to_default(fit_temperature(answers, alone, share), usual[0], answers.pieces)
    own = len(answers) / (len(answers) + ENOUGH_ANSWERS)
    return temperature, own * float(np.quantile(closeness, FALSE_ALARMS)) + (1.0 - own) * usual[1]
