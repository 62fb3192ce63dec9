"""Pillow, prepared once for the process: its readers, its warnings and its own cap on pixels. Opens no picture."""

from __future__ import annotations

import contextlib
import threading
import warnings
from functools import cache
from typing import Any


@cache
def pillow() -> Any:
    """Pillow with the HEIF reader registered, once."""
    import pillow_heif
    from PIL import Image, ImageCms, ImageOps

    pillow_heif.register_heif_opener()
    return Image, ImageOps, ImageCms


class _Reading:
    """While any thread decodes: Pillow's warnings are silent and its own pixel cap is off (ours is checked instead).

    Both are settings of the whole process, so the first thread in sets them and the last one out puts them back;
    `warnings.catch_warnings` in each thread would restore them under another thread's feet.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._threads = 0
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> None:
        pil, _, _ = pillow()
        with self._guard:
            self._threads += 1
            if self._threads == 1:
                self._undo.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore")
                self._undo.callback(setattr, pil, "MAX_IMAGE_PIXELS", pil.MAX_IMAGE_PIXELS)
                pil.MAX_IMAGE_PIXELS = None

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._threads -= 1
            if self._threads == 0:
                self._undo.close()


reading = _Reading()
