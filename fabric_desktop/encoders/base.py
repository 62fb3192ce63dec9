"""What an encoder is to the rest of the program, and the arithmetic every encoder shares.

No model and no registry here: see `builtin`, `openclip`, `dummy` and `registry`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from PIL.Image import Image

Float32Array = npt.NDArray[np.float32]


@runtime_checkable
class Encoder(Protocol):
    """Turns patches into embeddings. Embeddings of two encoders with different fingerprints are never compared."""

    @property
    def id(self) -> str:
        """The registry's name for it, such as `builtin` or `openclip:ViT-B-32-256/datacomp_s34b_b86k`."""

    @property
    def fingerprint(self) -> str:
        """Hash over the model, weights, preprocessing, views, precision and the version of the code that runs it."""

    @property
    def dim(self) -> int:
        """Length of an embedding."""

    @property
    def device(self) -> str:
        """The device in use: `cpu`, `cuda` or `mps`."""

    @property
    def device_reason(self) -> str:
        """Why this device, as a code: only_cpu (it knows no other), gpu, no_gpu, engine_without_gpu."""

    def encode(self, images: Sequence[Image]) -> Float32Array:
        """Embeddings (n, dim) of RGB pictures of any size; rows have Euclidean length 1."""

    def encode_textbook(self, images: Sequence[Image]) -> Float32Array:
        """The textbook embedding (n, textbook dim): one centre view, last layer, rows of length 1."""


def unit_rows(values: npt.NDArray[np.floating[Any]]) -> Float32Array:
    """Rows of `values` (n, d) scaled to Euclidean length 1; a row of zeros stays zero."""
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    return (values / np.where(norms > 0, norms, 1)).astype(np.float32)


def fingerprint(**parts: object) -> str:
    """32 hex digits of the SHA-256 over `parts` as canonical JSON: any difference in any part gives another one."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]
