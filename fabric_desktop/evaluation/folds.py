"""What a head says of a patch whose cloth it was trained on, asked of a head that had not seen it.

Asking the head in use itself would measure its memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from fabric_desktop.embeddings import embed_cached
from fabric_desktop.errors import HeadMismatch, HeadMissing
from fabric_desktop.head import Head, fit_head, load_folds
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import LabeledPatch
from fabric_desktop.recognition import Method
from fabric_desktop.recognizer import Recognizer

if TYPE_CHECKING:
    import numpy as np


class Folds:
    """Stands in for the head in use where that one has seen too much; says nothing where the method asks no head.

    A patch that was trained on has the out-of-fold answer of the training. One that was not, but whose piece of cloth
    or photograph was, is asked of a head fitted again without those.
    """

    def __init__(
        self, recognizer: Recognizer, method: Method, patches: Iterable[LabeledPatch], context: JobContext
    ) -> None:
        """`patches`: the labelled patches. Raises HeadMissing for the head alone without one, HeadMismatch."""
        self.head_ids: tuple[str, ...] = ()
        self.trained_on: frozenset[str] = frozenset()
        self._recognizer, self._context = recognizer, context
        self._out_of_fold: dict[str, dict[str, float]] = {}
        self._training: list[LabeledPatch] = []
        self._embeddings: np.ndarray | None = None
        self._temperature = 1.0
        self._fitted: dict[frozenset[str], Head | None] = {}
        if method not in ("head", "fused"):
            return
        model = recognizer.model
        if model.head is None or model.version is None:
            if method == "head":
                raise model.head_error or HeadMissing(path=str(recognizer.studio.models_dir))
            return
        folds = load_folds(model.version)
        self.head_ids = model.head.fabric_ids
        self.trained_on = folds.trained_on
        if any(row.shape != (len(self.head_ids),) for row in folds.out_of_fold.values()):
            raise HeadMismatch(path=str(model.version.path), reason="damaged")
        self._out_of_fold = {
            digest: dict(zip(self.head_ids, map(float, row), strict=True)) for digest, row in folds.out_of_fold.items()
        }
        self._training = [patch for patch in patches if patch.content_hash in self.trained_on]

    def left_out(self, digest: str) -> bool:
        """Whether the training knows what a head without this patch's swatch says of the patch (content hash)."""
        return digest in self._out_of_fold

    def of_trained(self, digest: str, label: str) -> dict[str, float]:
        """What a head that never saw this patch's swatch says of a patch (content hash) that was trained on."""
        return self._out_of_fold.get(digest) or anything_but(label, self.head_ids)

    def siblings(self, swatch: str, sources: frozenset[str]) -> frozenset[str]:
        """Content hashes of the patches trained on that are of this piece of cloth or cut from these photographs."""
        return frozenset(
            patch.content_hash
            for patch in self._training
            if patch.swatch_id == swatch or patch.source in sources or patch.content_hash in sources
        )

    def without(self, siblings: frozenset[str], label: str, embedding: np.ndarray) -> dict[str, float]:
        """What a head that was trained without these patches says of an embedding (dim,), under all the head's ids.

        Raises Cancelled.
        """
        if siblings not in self._fitted:
            self._fitted[siblings] = self._fit(siblings)
        head = self._fitted[siblings]
        if head is None:
            return anything_but(label, self.head_ids)
        found = dict(zip(head.fabric_ids, head.predict_proba(embedding[None])[0].tolist(), strict=True))
        return {fabric: found.get(fabric, 0.0) for fabric in self.head_ids}

    def _fit(self, siblings: frozenset[str]) -> Head | None:
        """None where a single fabric would be left to choose from."""
        self._context.check_cancelled()
        embeddings = self._embedded()
        kept = [place for place, patch in enumerate(self._training) if patch.content_hash not in siblings]
        labels = [self._training[place].fabric_id for place in kept]
        if len(set(labels)) < 2:
            return None
        head = fit_head(embeddings[kept], labels)
        return Head(head.weights / self._temperature, head.bias / self._temperature, head.fabric_ids)

    def _embedded(self) -> np.ndarray:
        """(n, dim) of the patches trained on, from the training's own cache; and the temperature of the head in use,
        which is by how much its weights are smaller than those of a plain fit on the same patches."""
        import numpy as np

        if self._embeddings is None:
            studio, encoder = self._recognizer.studio, self._recognizer.encoder
            paths = [patch.path for patch in self._training]
            embedded, _ = embed_cached(studio, "patches", paths, encoder, self._context, "job.train_head", some=True)
            by_path = {item.path: item.embedding for item in embedded}
            self._training = [patch for patch in self._training if patch.path in by_path]
            self._embeddings = np.stack([by_path[patch.path] for patch in self._training])
            labels = [patch.fabric_id for patch in self._training]
            head = self._recognizer.model.head
            if head is not None and len(set(labels)) > 1:
                size = float(np.linalg.norm(head.weights))
                self._temperature = float(np.linalg.norm(fit_head(self._embeddings, labels).weights)) / max(size, 1e-12)
        return self._embeddings


def anything_but(label: str, fabric_ids: Sequence[str]) -> dict[str, float]:
    """What a head would say that never saw the only swatch of a fabric: anything but that fabric."""
    others = [fabric for fabric in fabric_ids if fabric != label]
    return {fabric: 1.0 / len(others) if fabric != label else 0.0 for fabric in fabric_ids}
