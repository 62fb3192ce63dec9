"""Fabrics ranked by the nearest reference, for banks too large, or of too few fabrics, for a fit.

Arrays only; knows no files and no names. The classifier of other banks is in `ridge`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fabric_desktop.classifier.algebra import BLOCK, lengths_of
from fabric_desktop.classifier.bounds import calibrated_bound
from fabric_desktop.classifier.temperature import Array, LeftOut, calibrated_temperature, is_enough, softmax

# References that are left out one by one to calibrate a larger bank.
MAX_PROBED = 200
# Fitted on left-out references of photographs, for centred cosines.
DEFAULT_NEAREST_TEMPERATURE = 0.05
DEFAULT_NEAREST_BELOW = 0.4


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
        return is_enough(self.answers, self.pieces)

    def scores(self, queries: npt.NDArray[np.floating], cosines: npt.NDArray[np.float32] | None = None) -> Array:
        """(q, n_fabrics) centred cosines of queries (q, dim) to the nearest reference of each fabric, -1..1.

        cosines: (q, n) of the queries to the references, where they are known. With q a query, r a reference and m the
        mean: <q - m, r - m> = <q, r> - <q, m> - <r, m> + <m, m>.
        """
        rows = queries.astype(np.float32) @ self.references.T if cosines is None else cosines
        points = queries.astype(np.float64)
        shift = self.mean @ self.mean - points @ self.mean
        lengths = lengths_of(points - self.mean)
        result = np.empty((len(queries), len(self.starts)))
        for own, row, step, length in zip(result, rows, shift, lengths, strict=True):
            own[:] = np.maximum.reduceat((row - self.along + step) / self.lengths, self.starts) / length
        return result

    def ask(
        self, queries: npt.NDArray[np.floating], cosines: npt.NDArray[np.float32] | None = None
    ) -> tuple[Array, Array]:
        """(q, n_fabrics) probabilities, and (q,) how well queries fit the library: the cosine of the nearest reference.
        Without a pass over the references where the cosines are known. With a single fabric half of its cosine is its
        probability, since there is nothing to tell it from."""
        scores = self.scores(queries, cosines)
        alone = scores.shape[1] == 1
        return np.clip(scores, 0.0, 1.0) / 2 if alone else softmax(scores / self.temperature), scores.max(axis=1)


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
        lengths[first : first + BLOCK] = lengths_of(block - mean)
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
    temperature = calibrated_temperature(answers, DEFAULT_NEAREST_TEMPERATURE)
    below = calibrated_bound(left_out[kept].max(axis=1), DEFAULT_NEAREST_BELOW)
    return replace(plain, temperature=temperature, unknown_below=below, answers=len(answers), pieces=answers.pieces)


def _runs(starts: npt.NDArray[np.intp], count: int) -> list[slice]:
    """The rows of each fabric."""
    ends = [*starts.tolist()[1:], count]
    return [slice(first, last) for first, last in zip(starts.tolist(), ends, strict=True)]
