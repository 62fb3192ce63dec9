"""The textbook method, kept for comparison: one centre view, last layer, highest cosine to a reference.

Nothing answers by it unless somebody asks for `method="textbook"`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fabric_desktop.bank import Bank
from fabric_desktop.embeddings import embed_cached
from fabric_desktop.errors import NoEmbeddingsCollected
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio

if TYPE_CHECKING:
    from PIL.Image import Image

    from fabric_desktop.encoders.base import Encoder, Float32Array


class _TextbookView:
    """An encoder of which only the textbook embedding is used."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.fingerprint = f"{encoder.fingerprint}-textbook"

    def encode(self, images: Sequence[Image]) -> Float32Array:
        return self._encoder.encode_textbook(images)


def textbook_bank(studio: Studio, bank: Bank, encoder: Encoder, context: JobContext) -> Bank:
    """The references of `bank` as the textbook method sees them; embedded once and kept in the studio's cache.

    References whose photo is gone or changed since the build are left out. Raises NoEmbeddingsCollected, Cancelled.
    """
    import numpy as np

    view = _TextbookView(encoder)
    paths = {studio.root / row.photo: row for row in bank.rows}
    embedded, _ = embed_cached(studio, "textbook", list(paths), view, context, "job.build_bank")
    kept = [item for item in embedded if paths[item.path].content_hash == item.content_hash]
    if not kept:
        raise NoEmbeddingsCollected(path=str(studio.fabrics_dir), skipped=len(bank.rows))
    embeddings = np.stack([item.embedding for item in kept])
    return Bank(embeddings, tuple(paths[item.path] for item in kept), view.fingerprint, encoder.id)
