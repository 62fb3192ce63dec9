"""Close-ups compared with close-ups and garments at arm's length with their like, where a bank holds both.

Arrays only; knows no files and no names. The classifier of one kind of photo is in `ridge`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fabric_desktop.classifier.nearest import NearestClassifier
from fabric_desktop.classifier.ridge import MAX_FITTED, BankClassifier, fit, fit_and_leave_out
from fabric_desktop.classifier.temperature import Array

# Photos taken in two ways are kept apart only where left-out photos are told apart this often, the ways counting
# alike; garments and close-ups are told apart 97 times in 100, two halves of one collection about every second time.
TOLD_APART = 0.9
# A way of taking photos stands alone with this many references and two fabrics; fewer say too little of it.
MIN_REFERENCES = 10


@dataclass(frozen=True)
class LikeWithLike:
    """One classifier a way of taking photos; a query is asked about by the way that it looks like.

    `ways` tells the ways apart, and `witnesses` holds each way's left-out scores, sorted: the share of them below a
    query's score is a conformal p-value of its having been taken so (Vovk et al. 2005). It is weighed by the root of
    the way's references, between no prior and their frequency: measured, garments are named rightly 0.97 of the time
    and close-ups lose nothing. `parts` and `fabrics` are each way's classifier and the columns it fills of `n_fabrics`.
    """

    ways: BankClassifier
    witnesses: tuple[Array, ...]
    counts: npt.NDArray[np.integer]
    parts: tuple[BankClassifier | NearestClassifier, ...]
    fabrics: tuple[npt.NDArray[np.intp], ...]
    n_fabrics: int
    unknown_below: float = 0.0

    @property
    def answers(self) -> int:
        """Left-out references behind the temperatures of all ways."""
        return sum(part.answers for part in self.parts)

    @property
    def calibrated(self) -> bool:
        """Whether every way's temperature is its own."""
        return all(part.calibrated for part in self.parts)

    def way_of(self, queries: npt.NDArray[np.floating]) -> npt.NDArray[np.intp]:
        """(q,) the way, as an index, in which each query (q, dim) was taken."""
        return _likeliest(self.ways.scores(queries), self.witnesses, self.counts)

    def ask(
        self, queries: npt.NDArray[np.floating], cosines: npt.NDArray[np.float32] | None = None
    ) -> tuple[Array, Array]:
        """(q, n_fabrics) probabilities by each query's way, 0 for a fabric without a reference taken so; and (q,) how
        far each is above its way's bound of the unknown. `cosines` are not needed here."""
        probabilities, closeness = np.zeros((len(queries), self.n_fabrics)), np.empty(len(queries))
        ways = self.way_of(queries)
        for way, (part, columns) in enumerate(zip(self.parts, self.fabrics, strict=True)):
            rows = np.flatnonzero(ways == way)
            if len(rows):
                probabilities[np.ix_(rows, columns)], close = part.ask(queries[rows])
                closeness[rows] = close - part.unknown_below
        return probabilities, closeness


Classifier = BankClassifier | NearestClassifier | LikeWithLike
"""What a bank is asked through, whatever it holds."""


def fit_like_with_like(
    embeddings: npt.NDArray[np.floating],
    fabric_index: npt.NDArray[np.integer],
    swatches: npt.NDArray[np.integer],
    n_fabrics: int,
    taken: npt.NDArray[np.integer],
) -> Classifier:
    """The classifier for a bank whose rows say how they were taken: as for `ridge.fit`, and `taken` (n,) numbers.

    One classifier for all where there is one way only, where a way has too few references or a single fabric, or
    where left-out references do not bear out that the ways differ.
    """
    ways, way_index = np.unique(taken, return_inverse=True)
    members = [np.flatnonzero(way_index == way) for way in range(len(ways))]
    enough = all(len(rows) >= MIN_REFERENCES and len(np.unique(fabric_index[rows])) > 1 for rows in members)
    if len(ways) < 2 or not enough or len(embeddings) > MAX_FITTED:
        return fit(embeddings, fabric_index, swatches, n_fabrics)
    # A piece photographed in both ways must not tell on itself: leaving it out leaves both ways out.
    teller, unseen = fit_and_leave_out(embeddings, way_index, swatches, len(ways), discriminate=False)
    owners, (scores,) = way_index[unseen.rows], unseen.scores
    witnesses = tuple(np.sort(scores[owners == way, way]) for way in range(len(ways)))
    counts = np.bincount(way_index)
    if not all(len(own) for own in witnesses):
        return fit(embeddings, fabric_index, swatches, n_fabrics)
    right = _likeliest(scores, witnesses, counts) == owners
    if np.mean([right[owners == way].mean() for way in range(len(ways))]) < TOLD_APART:
        return fit(embeddings, fabric_index, swatches, n_fabrics)
    parts, columns = [], []
    for rows in members:
        present, own = np.unique(fabric_index[rows], return_inverse=True)
        parts.append(fit(embeddings[rows], own, swatches[rows], len(present)))
        columns.append(present.astype(np.intp))
    return LikeWithLike(teller, witnesses, counts, tuple(parts), tuple(columns), n_fabrics)


def _likeliest(scores: Array, witnesses: tuple[Array, ...], counts: npt.NDArray[np.integer]) -> npt.NDArray[np.intp]:
    """(q,) the way with the highest weighed p-value; equal ones are decided by the scores (q, ways) themselves."""
    chances = np.stack(
        [
            (np.searchsorted(own, scores[:, way], side="right") + 1) / (len(own) + 1)
            for way, own in enumerate(witnesses)
        ],
        axis=1,
    )
    likeliest: npt.NDArray[np.intp] = np.argmax(chances * np.sqrt(counts) + 1e-9 * scores, axis=1)
    return likeliest
