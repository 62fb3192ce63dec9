"""What the references of a bank say of an embedding: cosines, probabilities, and whether it is like any of them.

One pass over the bank a question. Knows no rules and no head.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fabric_desktop.one_thread import one_thread

if TYPE_CHECKING:
    import numpy as np

    from fabric_desktop.classifier.like_with_like import Classifier
    from fabric_desktop.references import Bank


@dataclass(frozen=True, slots=True)
class Said:
    """Of one embedding: fabric -> cosine of its nearest reference, fabric -> probability by the references; how close
    it is to the library, to be compared with the classifier's `unknown_below`."""

    cosines: dict[str, float]
    probabilities: dict[str, float]
    closeness: float


@dataclass(frozen=True)
class FittedBank:
    """A bank and the classifier that was fitted on it."""

    bank: Bank
    classifier: Classifier

    def say(self, embedding: np.ndarray) -> Said:
        """What the references say of an embedding (dim,) of length 1."""
        query = embedding[None]
        with one_thread():
            cosines = self.bank.cosines(query)
            best = self.bank.best_of(cosines)[0].tolist()
            found, closeness = self.classifier.ask(query, cosines)
            probabilities = found[0].tolist()
        fabrics = self.bank.fabric_ids
        return Said(
            dict(zip(fabrics, best, strict=True)),
            dict(zip(fabrics, probabilities, strict=True)),
            float(closeness[0]),
        )

    def probabilities(self, embeddings: np.ndarray) -> np.ndarray:
        """(n, n_fabrics) probabilities by the references, for embeddings (n, dim) with rows of length 1."""
        with one_thread():
            return self.classifier.ask(embeddings)[0]


def fit_on(bank: Bank) -> FittedBank:
    """Fit the classifier of a bank with at least one row."""
    import numpy as np

    from fabric_desktop.classifier.like_with_like import fit_like_with_like

    pieces = np.unique([row.swatch_id for row in bank.rows], return_inverse=True)[1]
    # A region cut from a photograph shows its cloth from further away than a photo taken of the cloth.
    cut = np.array([row.source != row.content_hash for row in bank.rows], dtype=int)
    with one_thread():
        classifier = fit_like_with_like(bank.embeddings, bank.fabric_index, pieces, len(bank.fabric_ids), cut)
    return FittedBank(bank, classifier)
