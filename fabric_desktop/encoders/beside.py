"""A picture encoded while a second thread does something else with it. Knows no encoder and no look."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar, runtime_checkable

from PIL.Image import Image

from fabric_desktop.encoders.base import Encoder, Float32Array

T = TypeVar("T")


@runtime_checkable
class EncoderWithHelper(Protocol):
    """An encoder that has a second thread already: what else there is to do waits until that one is free."""

    def encode_beside(self, image: Image, work: Callable[[], T]) -> tuple[Float32Array, T]:
        """The embedding (dim,) of a picture, and what `work` gave meanwhile."""


def encode_beside(
    encoder: Encoder, image: Image, work: Callable[[], T], *, textbook: bool = False
) -> tuple[Float32Array, T]:
    """The embedding (dim,) of a picture, or its textbook embedding, and what `work` gave meanwhile.

    Never more than two threads, the encoder's own engine aside. Raises EncoderUnavailable, and what `work` raises.
    """
    if not textbook and isinstance(encoder, EncoderWithHelper):
        return encoder.encode_beside(image, work)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="beside") as helper:
        beside = helper.submit(work)
        row = (encoder.encode_textbook if textbook else encoder.encode)([image])[0]
    return row, beside.result()
