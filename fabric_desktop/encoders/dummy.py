"""A real but trivial encoder for the tests of everything above encoders: deterministic, no model, no engine.

It only looks at where the colours are, so it is refused outside tests: nobody may take its answers for recognition.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from PIL import Image

from fabric_desktop.encoders.base import Float32Array, fingerprint, unit_rows
from fabric_desktop.errors import EncoderUnavailable

ID = "dummy"
ALLOW_VARIABLE = "FABRIC_DESKTOP_ALLOW_DUMMY"
_GRID = 8  # cells a side
_CODE_VERSION = 1


def allowed() -> bool:
    """Whether this process is a test: pytest is running one, or a test that starts processes set the variable to 1."""
    return "PYTEST_CURRENT_TEST" in os.environ or os.environ.get(ALLOW_VARIABLE) == "1"


def dummy_fingerprint() -> str:
    """Fingerprint of the dummy encoder."""
    return fingerprint(model=ID, grid=_GRID, code=_CODE_VERSION)


class DummyEncoder:
    """Mean colours of an 8 x 8 grid and a constant, as a vector of length 1."""

    id = ID
    dim = 3 * _GRID * _GRID + 1
    device = "cpu"
    device_reason = "only_cpu"

    def __init__(self) -> None:
        """Raises EncoderUnavailable(only_for_tests) outside tests."""
        if not allowed():
            raise EncoderUnavailable(encoder=ID, reason="only_for_tests")
        self.fingerprint = dummy_fingerprint()

    def encode(self, images: Sequence[Image.Image]) -> Float32Array:
        """Embeddings (n, dim), rows of length 1, of RGB pictures of any size."""
        if not images:
            return np.empty((0, self.dim), np.float32)
        cells = [np.asarray(i.convert("RGB").resize((_GRID, _GRID), Image.Resampling.BOX)) for i in images]
        colours = np.stack(cells).reshape(len(images), -1) / 127.5 - 1
        # The constant keeps a picture of medium grey, all zeros here, from having no direction.
        return unit_rows(np.hstack([colours, np.full((len(images), 1), 0.5)]))

    def encode_textbook(self, images: Sequence[Image.Image]) -> Float32Array:
        """The same: the dummy has one view and one layer."""
        return self.encode(images)
