"""Fabrics ranked by a closed-form classifier on the bank itself, with a confidence and a "not in the library".

Needs no label: it is fitted on the references whenever a bank is loaded. Arrays only; knows no files and no names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fabric_desktop.ridge import BLOCK, invert_lower, left_out_scores, nearest_other

Array = npt.NDArray[np.float64]

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
FALSE_ALARMS = 0.05
"""Share of known cloths that may be called unknown."""

# Fitting inverts a matrix of this size: a few seconds at the limit on two cores. A larger bank ranks by the nearest.
MAX_FITTED = 4000
# Scores that a temperature is fitted on, rows times fabrics: 120 temperatures take a second then. Of more answers
# evenly chosen ones are taken.
MAX_SCORES = 1_000_000
# References that are left out one by one to calibrate a larger bank.
MAX_PROBED = 200
# Before this many left-out answers a studio's own temperature is drawn towards the default.
ENOUGH_ANSWERS = 50

# Fitted on left-out references of photographs, for scores of a ridge fit and for centred cosines.
DEFAULT_TEMPERATURE = 0.09
DEFAULT_UNKNOWN_BELOW = 0.7
DEFAULT_NEAREST_TEMPERATURE = 0.05
DEFAULT_NEAREST_BELOW = 0.4


@dataclass(frozen=True)
class BankClassifier:
    """Kernel ridge regression of one-hot fabrics on the bank's centred embeddings.

    `mean` (dim,), `references` (n, dim) centred with rows of length 1, `weights` (n, n_fabrics). `temperature` turns
    scores into probabilities; `unknown_below` is the closeness under which a cloth is taken for one that the library
    does not hold; `answers` left-out references were used to fit both (0: the defaults).
    """

    mean: Array
    references: Array
    weights: Array
    temperature: float
    unknown_below: float
    answers: int

    @property
    def calibrated(self) -> bool:
        """Whether the temperature is this bank's own rather than the default."""
        return self.answers >= ENOUGH_ANSWERS

    def scores(self, queries: npt.NDArray[np.floating]) -> Array:
        """(q, n_fabrics) scores of queries (q, dim) with rows of length 1: about 1 when sure, about 0 when far."""
        result: Array = _kernel(self._cosines(queries)) @ self.weights
        return result

    def closeness(self, queries: npt.NDArray[np.floating], scores: Array) -> Array:
        """(q,) how well queries (q, dim) with these scores fit the library, about 2 for a reference itself.

        The best fabric's score plus the centred cosine of the nearest reference. The first tells a strange cloth in a
        picture like the library's (AUROC 0.957 against 0.947 for the cosine), the second a picture unlike any of them
        (all garments at arm's length against 0.80 for the score, at one false alarm in twenty); together both do.
        """
        result: Array = scores.max(axis=1) + self._cosines(queries).max(axis=1)
        return result

    def ask(
        self, queries: npt.NDArray[np.floating], cosines: npt.NDArray[np.float32] | None = None
    ) -> tuple[Array, Array]:
        """`scores` and `closeness` of queries in one pass over the references. `cosines` are not needed here."""
        centred = self._cosines(queries)
        scores: Array = _kernel(centred) @ self.weights
        return scores, scores.max(axis=1) + centred.max(axis=1)

    def probabilities(self, scores: Array) -> Array:
        """(q, n_fabrics) softmax of scores at the fitted temperature; rows sum to 1."""
        return softmax(scores / self.temperature)

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

    @property
    def calibrated(self) -> bool:
        """Whether the temperature is this bank's own rather than the default."""
        return self.answers >= ENOUGH_ANSWERS

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
    temperature, below = _calibrated(
        left_out[kept],
        left_out[kept].max(axis=1),
        fabric_index[probes][kept],
        swatches[probes][kept],
        DEFAULT_NEAREST_TEMPERATURE,
        DEFAULT_NEAREST_BELOW,
    )
    return replace(plain, temperature=temperature, unknown_below=below, answers=int(kept.sum()))


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
    fabric counts the same however many photos it has, and y the mean of the one-hot fabrics Y. Left-out scores of a
    swatch G are exact for ridge: f_G = Y_G - (I - H_GG)^-1 (Y_G - F_G), with H the smoother (Rifkin and Lippert 2007,
    "Notes on regularized least squares"). They give the temperature and the bound of the unknown; swatches of
    fabrics that have another one count, since a fabric with nothing left cannot be recognised.

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
    n = len(embeddings)
    counts = np.bincount(fabric_index, minlength=n_fabrics)
    points = embeddings.astype(np.float64)
    means = np.zeros((n_fabrics, points.shape[1]))
    np.add.at(means, fabric_index, points)
    mean = (means / counts[:, None]).mean(axis=0)
    references = _centred(points, mean)
    cosines = references @ references.T
    ridged = _kernel(cosines)
    row_weight = n / (n_fabrics * counts[fabric_index])
    row_weight /= row_weight.mean()
    ridged[np.diag_indices(n)] += RIDGE / row_weight
    # A symmetric matrix by its Cholesky factor takes a third of the time of a general inverse: A^-1 = R' R.
    root = np.linalg.cholesky(ridged).astype(np.float64, copy=False)
    del ridged
    invert_lower(root)
    targets = np.eye(n_fabrics)[fabric_index] - 1.0 / n_fabrics
    weights = root.T @ (root @ targets)
    left_out, chosen = left_out_scores(root, weights, targets, fabric_index, swatches)
    closeness = left_out.max(axis=1) + nearest_other(cosines, swatches, chosen) if len(chosen) else np.empty(0)
    temperature, unknown_below = _calibrated(
        left_out, closeness, fabric_index[chosen], swatches[chosen], DEFAULT_TEMPERATURE, DEFAULT_UNKNOWN_BELOW
    )
    return BankClassifier(mean, references, weights, temperature, unknown_below, len(chosen)), left_out, chosen


def _centred(points: Array, mean: Array) -> Array:
    moved = points - mean
    result: Array = moved / _lengths(np.linalg.norm(moved, axis=1, keepdims=True))
    return result


def _kernel(cosines: Array) -> Array:
    result: Array = LINEAR_SHARE * cosines + (1.0 - LINEAR_SHARE) * np.exp((cosines - 1.0) / KERNEL_WIDTH)
    return result


def _calibrated(
    left_out: Array,
    closeness: Array,
    truth: npt.NDArray[np.integer],
    swatches: npt.NDArray[np.integer],
    usual_temperature: float,
    usual_bound: float,
) -> tuple[float, float]:
    """Temperature and bound of the unknown from left-out answers and how close they were, drawn to the defaults while
    there are few."""
    n = len(left_out)
    if n == 0:
        return usual_temperature, usual_bound
    own = n / (n + ENOUGH_ANSWERS)
    taken = np.unique(np.linspace(0, n - 1, max(ENOUGH_ANSWERS, MAX_SCORES // left_out.shape[1])).astype(np.intp))
    modest = modest_temperature(left_out[taken], truth[taken], swatches[taken])
    temperature = float(np.exp(own * np.log(modest) + (1.0 - own) * np.log(usual_temperature)))
    bound = float(np.quantile(closeness, FALSE_ALARMS))
    return temperature, own * bound + (1.0 - own) * usual_bound


def fit_temperature(scores: Array, truth: npt.NDArray[np.integer]) -> float:
    """The temperature at which softmax(scores / T) is the most likely to have given the right answers.

    scores (n, n_fabrics), truth (n,) the right columns. One-dimensional search over 0.005..5 on a logarithmic grid;
    the likelihood is smooth in T (Guo et al., ICML 2017).
    """
    grid, losses = _losses(scores, truth)
    return float(grid[int(np.argmin(losses.mean(axis=0)))])


def modest_temperature(scores: Array, truth: npt.NDArray[np.integer], swatches: npt.NDArray[np.integer]) -> float:
    """The highest temperature, so the least confidence, that the answers do not speak against.

    Parameters as for `fit_temperature`, with the swatch of each row. Every swatch counts once, since photos of one
    piece are right or wrong together; a temperature is kept while its loss is within two standard errors over swatches
    of the best one's (the one-standard-error rule of Breiman et al. 1984, with two). A few swatches can look surer than
    they are: for new samples of a type the calibration error fell from 0.09 to 0.04 by this, for the same cloth with
    its many swatches it stays under 0.03.
    """
    grid, losses = _losses(scores, truth)
    _, piece = np.unique(swatches, return_inverse=True)
    sizes = np.bincount(piece)
    by_piece = np.zeros((len(sizes), len(grid)))
    np.add.at(by_piece, piece, losses)
    by_piece /= sizes[:, None]
    best = int(np.argmin(by_piece.mean(axis=0)))
    if len(sizes) < 2:
        return float(grid[best])
    worse = by_piece - by_piece[:, [best]]
    error = worse.std(axis=0, ddof=1) / np.sqrt(len(sizes))
    return float(grid[np.flatnonzero(worse.mean(axis=0) <= 2.0 * error).max()])


def _losses(scores: Array, truth: npt.NDArray[np.integer]) -> tuple[Array, Array]:
    """The grid of temperatures, and (n, temperatures) the negative log likelihood of each right answer at each."""
    grid = np.exp(np.linspace(np.log(0.005), np.log(5.0), 120))
    below = scores - scores.max(axis=1, keepdims=True)
    right = below[np.arange(len(truth)), truth]
    losses, powers = np.empty((len(truth), len(grid))), np.empty_like(below)
    for place, temperature in enumerate(grid.tolist()):
        np.exp(np.divide(below, temperature, out=powers), out=powers)
        losses[:, place] = -np.log(np.exp(right / temperature) / powers.sum(axis=1) + 1e-12)
    return grid, losses


def softmax(logits: Array) -> Array:
    """Rows of (n, k) as probabilities."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Array = powers / powers.sum(axis=1, keepdims=True)
    return result
