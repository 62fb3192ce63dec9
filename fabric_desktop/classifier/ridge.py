"""Fabrics ranked by a closed-form classifier on the bank itself, with a confidence and a "not in the library".

Needs no label: it is fitted on the references whenever a bank is loaded. Arrays only; knows no files and no names.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fabric_desktop.classifier.algebra import invert_lower, lengths_of
from fabric_desktop.classifier.bounds import calibrated_bound, usual_bound
from fabric_desktop.classifier.discriminant import MAX_FABRICS, Discriminant, Expected
from fabric_desktop.classifier.left_out import Away, Heard, RidgeFit, heard, pieces_a_fabric, share_of_single
from fabric_desktop.classifier.nearest import NearestClassifier, fit_nearest
from fabric_desktop.classifier.temperature import Array, LeftOut, calibrated_temperature, is_enough, softmax

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
# Fitting inverts a matrix of this size: four to eight seconds at the limit. A larger bank ranks by the nearest.
MAX_FITTED = 4000
DEFAULT_TEMPERATURE = 0.25
"""Where no swatch can be left out: twice what new photos of the very swatches in the library ask for (0.125 at that
share of the nearest reference), a stated widening. New samples of fabrics known by one swatch would ask for 0.4 to 0.6;
such a library cannot know which of the two it will be asked."""


@dataclass(frozen=True)
class BankClassifier:
    """Kernel ridge regression of one-hot fabrics on the bank's centred embeddings, the discriminant that it gives, and
    beside both the nearest reference.

    `mean` (dim,), `references` (n, dim) centred with rows of length 1, fabric by fabric, `starts` the first row of
    each fabric, `weights` (n, n_fabrics) of the ridge fit; `nearest_share` of the nearest cosine in a score.
    `temperatures` turn the scores of fit and discriminant into probabilities; `unknown_below` is the closeness under
    which a cloth is taken for one that the library does not hold; `answers` left-out references of `pieces` pieces of
    cloth were used to fit them (0: the defaults).
    """

    mean: Array
    references: Array
    starts: npt.NDArray[np.intp]
    weights: Array
    discriminant: Discriminant | None
    nearest_share: float
    temperatures: tuple[float, ...]
    unknown_below: float
    answers: int
    pieces: int = 0

    @property
    def calibrated(self) -> bool:
        """Whether the temperatures are this bank's own at least as much as the default."""
        return is_enough(self.answers, self.pieces)

    def scores(self, queries: npt.NDArray[np.floating]) -> Array:
        """(q, n_fabrics) scores by the ridge fit, of queries (q, dim) with rows of length 1: above 1 when sure, about 0
        when far."""
        fitted, nearest = self._heard(queries)
        return fitted + self.nearest_share * nearest

    def ask(
        self, queries: npt.NDArray[np.floating], cosines: npt.NDArray[np.float32] | None = None
    ) -> tuple[Array, Array]:
        """(q, n_fabrics) probabilities, and (q,) how well queries fit the library (`closeness_of`), in one pass over
        the references. `cosines` are not needed here."""
        fitted, nearest = self._heard(queries)
        beside = self.nearest_share * nearest
        scores: tuple[Array, ...] = (fitted + beside,)
        if self.discriminant is not None:
            scores += (self.discriminant.scores(fitted, beside),)
        return pooled(scores, self.temperatures), closeness_of(fitted, nearest, self.nearest_share)

    def _heard(self, queries: npt.NDArray[np.floating]) -> tuple[Array, Array]:
        centred: Array = _centred(queries.astype(np.float64), self.mean) @ self.references.T
        fitted: Array = _kernel(centred) @ self.weights
        return fitted, np.maximum.reduceat(centred, self.starts, axis=1)


def pooled(scores: tuple[Array, ...], temperatures: tuple[float, ...]) -> Array:
    """(q, n_fabrics) probabilities by the scores of fit and discriminant, half of each where there are both.

    The discriminant names more, above all of new samples, and is the surer of the two far from what it knows; the mean
    of both names as much of the same cloth and has the right fabric more often among the first five.
    """
    result: Array = np.mean([softmax(one / own) for one, own in zip(scores, temperatures, strict=True)], axis=0)
    return result


def closeness_of(fitted: Array, nearest: Array, nearest_share: float) -> Array:
    """(q,) how well queries fit a library, about 2 for a reference itself: from what a ridge fit says of them and from
    the nearest references' centred cosines, (q, n_fabrics) each.

    The best fabric's fit and share of the nearest reference's cosine, with that of any reference made up to 1. The
    ridge fit tells a strange cloth in a picture like the library's (AUROC 0.957 against 0.947 for the cosine), the
    cosine a picture unlike any of them (all garments at arm's length against 0.80 for the fit, at one false alarm in
    twenty); together both do.
    """
    best: Array = (fitted + nearest_share * nearest).max(axis=1, initial=-np.inf)
    result: Array = best + (1.0 - nearest_share) * nearest.max(axis=1, initial=-np.inf)
    return result


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a classifier says of those of its rows that can be left out, without their swatch: `rows` (m,), `scores`
    (m, n_fabrics) by the ridge fit and by the discriminant, if there is one, and their temperatures."""

    rows: npt.NDArray[np.intp]
    scores: tuple[Array, ...]
    temperatures: tuple[float, ...]

    @property
    def probabilities(self) -> Array:
        """(m, n_fabrics) probabilities, by both."""
        return pooled(self.scores, self.temperatures)


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


def fit_bank(
    embeddings: npt.NDArray[np.floating],
    fabric_index: npt.NDArray[np.integer],
    swatches: npt.NDArray[np.integer],
    n_fabrics: int,
) -> BankClassifier:
    """Fit on a bank: embeddings (n, dim) with rows of length 1, the fabric and the swatch of each row as numbers.

        K = s * <a, b> + (1 - s) * exp((<a, b> - 1) / width),   W = (K + ridge * D)^-1 (Y - y)

    with rows centred on the mean of the fabrics' means, D the inverse of each row's fabric weight, so that every
    fabric counts the same however many photos it has, and y the mean of the one-hot fabrics Y. One score is the fit's,
    another the discriminant's (`discriminant`), each with a share of the nearest reference's cosine. Answers to
    swatches left out, in closed form (`left_out`), give their temperatures and the bound of the unknown. Fabrics of a
    single swatch cannot be left out; what a new sample of one would be told is measured on the others, with one of
    their swatches left in.

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
    *,
    discriminate: bool = True,
) -> tuple[BankClassifier, Unseen]:
    """What `fit_bank` fits, with the left-out answers that it was calibrated on; without the discriminant where only
    `scores` are asked for."""
    order = np.argsort(fabric_index, kind="stable")
    fabrics, pieces = fabric_index[order], swatches[order]
    starts = np.flatnonzero(np.diff(fabrics, prepend=-1))
    alone = share_of_single(pieces, starts)
    share = NEAREST_SHARE + alone * (NEAREST_SHARE_ALONE - NEAREST_SHARE)
    mean, references = _about_the_fabrics(embeddings[order].astype(np.float64), starts)
    ridge_fit = _fitted(references, fabrics, pieces, starts)
    aways = ridge_fit.swatches_left_out()
    expected, tell = None, None
    if discriminate and n_fabrics <= MAX_FABRICS:
        seen = _means(ridge_fit.fitted, starts)
        expected = Expected.of(seen, fabrics, aways)
        tell = expected.discriminant()

    def answers_to(some: list[Away], left: Heard) -> list[LeftOut]:
        scores = [left.fitted + share * left.nearest]
        if expected is not None and tell is not None:
            scores.append(expected.scores_left_out(tell, fabrics, some, left, share))
        return [LeftOut(one, fabrics[left.rows], pieces[left.rows]) for one in scores]

    left = heard(aways, n_fabrics)
    answers = answers_to(aways, left)
    others: list[LeftOut | None] = [None] * len(answers)
    if 0.0 < alone < 1.0:
        by_one = ridge_fit.swatches_alone()
        others = [*answers_to(by_one, heard(by_one, n_fabrics))]
    temperatures = tuple(
        calibrated_temperature(usual, DEFAULT_TEMPERATURE, other, alone)
        for usual, other in zip(answers, others, strict=True)
    )
    usual_below = usual_bound(n_fabrics, pieces_a_fabric(pieces, starts))
    classifier = BankClassifier(
        mean=mean,
        references=references,
        starts=starts,
        weights=ridge_fit.weights,
        discriminant=tell,
        nearest_share=share,
        temperatures=temperatures,
        unknown_below=calibrated_bound(closeness_of(left.fitted, left.nearest, share), usual_below),
        answers=len(left.rows),
        pieces=answers[0].pieces,
    )
    return classifier, Unseen(order[left.rows], tuple(one.scores for one in answers), temperatures)


def _about_the_fabrics(points: Array, starts: npt.NDArray[np.intp]) -> tuple[Array, Array]:
    """The mean (dim,) of the fabrics' means, and points (n, dim) about it with rows of length 1."""
    mean = _means(points, starts).mean(axis=0)
    return mean, _centred(points, mean)


def _fitted(
    references: Array,
    fabrics: npt.NDArray[np.integer],
    pieces: npt.NDArray[np.integer],
    starts: npt.NDArray[np.intp],
) -> RidgeFit:
    """The ridge fit on centred references (n, dim) that stand fabric by fabric."""
    n, n_fabrics = len(references), len(starts)
    cosines = references @ references.T
    row_weight = n / (n_fabrics * np.bincount(fabrics)[fabrics])
    penalty = RIDGE * row_weight.mean() / row_weight
    targets = np.eye(n_fabrics)[fabrics] - 1.0 / n_fabrics
    ridged = _kernel(cosines)
    ridged[np.diag_indices(n)] += penalty
    # A symmetric matrix by its Cholesky factor takes a third of the time of a general inverse: A^-1 = R' R.
    root = np.linalg.cholesky(ridged).astype(np.float64, copy=False)
    del ridged
    invert_lower(root)
    weights = root.T @ (root @ targets)
    return RidgeFit(np.ascontiguousarray(root.T), weights, targets, penalty, cosines, fabrics, pieces, starts)


def _means(values: Array, starts: npt.NDArray[np.intp]) -> Array:
    """(n_fabrics, k) means of the rows (n, k) of each fabric, which stand together."""
    result: Array = np.add.reduceat(values, starts, axis=0) / np.diff(starts, append=len(values))[:, None]
    return result


def _centred(points: Array, mean: Array) -> Array:
    moved = points - mean
    result: Array = moved / lengths_of(moved)[:, None]
    return result


def _kernel(cosines: Array) -> Array:
    result: Array = LINEAR_SHARE * cosines + (1.0 - LINEAR_SHARE) * np.exp((cosines - 1.0) / KERNEL_WIDTH)
    return result
