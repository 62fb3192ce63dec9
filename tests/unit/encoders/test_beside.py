"""Encoding a picture while something else is done with it: the same embedding, and no third thread."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from fabric_desktop.encoders import builtin
from fabric_desktop.encoders.base import Encoder
from fabric_desktop.encoders.beside import EncoderWithHelper, encode_beside
from fabric_desktop.encoders.builtin import BuiltinEncoder
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.imaging import to_look_at


@pytest.fixture(params=["builtin", "dummy"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return BuiltinEncoder(threads=1) if request.param == "builtin" else DummyEncoder()


@pytest.fixture
def patch() -> Image.Image:
    return Image.fromarray(np.random.default_rng(8).integers(0, 256, (620, 700, 3), np.uint8))


def test_a_patch_gets_the_numbers_it_has_in_a_batch(encoder: Encoder, patch: Image.Image) -> None:
    row, given = encode_beside(encoder, patch, lambda: "work")
    assert given == "work"
    np.testing.assert_array_equal(row, encoder.encode([patch, patch])[1])
    row, _ = encode_beside(encoder, patch, lambda: None, textbook=True)
    np.testing.assert_array_equal(row, encoder.encode_textbook([patch])[0])


def test_recognising_takes_two_threads_and_leaves_none(encoder: Encoder, patch: Image.Image) -> None:
    before = set(threading.enumerate())
    _, inside = encode_beside(encoder, patch, lambda: set(threading.enumerate()) - before)
    assert len(inside) == 1
    assert set(threading.enumerate()) == before


def test_the_rest_is_done_while_the_picture_is_encoded(
    encoder: Encoder, patch: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoding, done = threading.Event(), threading.Event()
    place, name = (builtin, "_embedded") if isinstance(encoder, BuiltinEncoder) else (encoder, "encode")
    real: Callable[..., Any] = getattr(place, name)

    def encode(*given: object) -> object:
        encoding.set()
        assert done.wait(60), "the encoder had to be through first"
        return real(*given)

    def work() -> bool:
        begun = encoding.wait(60)
        done.set()
        return begun

    monkeypatch.setattr(place, name, encode)
    assert encode_beside(encoder, patch, work)[1], "it had to be through before the encoder began"


def test_what_goes_wrong_beside_is_not_lost(encoder: Encoder, patch: Image.Image) -> None:
    def fail() -> None:
        raise ArithmeticError("beside")

    with pytest.raises(ArithmeticError, match="beside"):
        encode_beside(encoder, patch, fail)


def test_the_builtin_encoder_lends_its_own_second_thread() -> None:
    assert isinstance(BuiltinEncoder(threads=1), EncoderWithHelper)
    assert not isinstance(DummyEncoder(), EncoderWithHelper)


@pytest.mark.parametrize("size", [(700, 620), (130, 110)])
def test_a_picture_still_unread_in_its_file_is_read_by_one_thread(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    """Two that read it together break each other's read: `recognize(Image.open("a.jpg"))` failed now and then."""
    file = io.BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(file, "JPEG")
    prepare, reads = ImageFile.ImageFile.load_prepare, []

    def slow(picture: Any) -> None:
        reads.append(threading.current_thread())
        time.sleep(0.05)
        prepare(picture)

    monkeypatch.setattr(ImageFile.ImageFile, "load_prepare", slow)
    looked_at = to_look_at(Image.open(file))
    encode_beside(encoder, looked_at, looked_at.tobytes)
    assert len(reads) == 1
    encoder.encode([Image.open(file)])
    assert len(reads) == 2
