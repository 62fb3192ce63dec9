"""The dummy encoder stands in for a real one in tests, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.encoders import dummy
from fabric_desktop.encoders.base import Encoder
from fabric_desktop.errors import EncoderUnavailable


def test_outside_tests_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    monkeypatch.delenv(dummy.ALLOW_VARIABLE, raising=False)
    with pytest.raises(EncoderUnavailable) as refused:
        dummy.DummyEncoder()
    assert refused.value.params["reason"] == "only_for_tests"
    monkeypatch.setenv(dummy.ALLOW_VARIABLE, "1")
    assert dummy.DummyEncoder().id == "dummy"


def test_it_keeps_the_promises_of_an_encoder() -> None:
    encoder = dummy.DummyEncoder()
    assert isinstance(encoder, Encoder)
    red, grey = Image.new("RGB", (30, 20), "red"), Image.new("RGB", (500, 2), (127, 127, 127))
    embeddings = encoder.encode([red, grey])
    assert embeddings.shape == (2, encoder.dim)
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(embeddings[1:], encoder.encode([grey]))
    assert encoder.encode([]).shape == (0, encoder.dim)
