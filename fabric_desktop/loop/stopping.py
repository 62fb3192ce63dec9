"""An encoder that looks up between two pictures, so that a cancel never waits for a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fabric_desktop.jobs import JobContext

if TYPE_CHECKING:
    from PIL.Image import Image

    from fabric_desktop.encoders.base import Encoder, Float32Array


class Stoppable:
    """`encoder`, one picture at a time; raises Cancelled in between. On a CPU a batch is no faster than its pictures
    (81 ms each in batches of 8 against 77 ms alone, built-in encoder on one thread)."""

    def __init__(self, encoder: Encoder, context: JobContext) -> None:
        self._encoder = encoder
        self._context = context
        self.id = encoder.id
        self.fingerprint = encoder.fingerprint
        self.dim = encoder.dim
        self.device = encoder.device
        self.device_reason = encoder.device_reason

    def encode(self, images: Sequence[Image]) -> Float32Array:
        """Embeddings (n, dim) as the encoder gives them."""
        return self._one_by_one(images, self._encoder.encode)

    def encode_textbook(self, images: Sequence[Image]) -> Float32Array:
        """Textbook embeddings as the encoder gives them."""
        return self._one_by_one(images, self._encoder.encode_textbook)

    def _one_by_one(self, images: Sequence[Image], encode: Callable[[Sequence[Image]], Float32Array]) -> Float32Array:
        import numpy as np

        rows = []
        for image in images:
            self._context.check_cancelled()
            rows.append(encode([image]))
        return np.concatenate(rows) if rows else encode([])
