"""The built-in encoder: EfficientNet-Lite0 with ImageNet weights on ONNX Runtime, no torch and no download.

Made by `export_builtin`; how the embedding was chosen is in docs/recognition.md.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from fabric_desktop.encoders import graph
from fabric_desktop.encoders.base import Float32Array, fingerprint, unit_rows
from fabric_desktop.encoders.weights import file_sha256
from fabric_desktop.errors import EncoderUnavailable

if TYPE_CHECKING:
    import onnxruntime

ID = "builtin"
CODE_VERSION = 1
"""Raised whenever the same graph and photo would give other numbers."""

VIEWS: tuple[str, ...] = ("upright", "mirrored", "quarter", "three_quarters")
"""How a patch is turned before it is seen; the outputs of the views are averaged. Cloth has no upright direction."""


def _view(pixels: Float32Array, name: str) -> Float32Array:
    """One view of `pixels` (3, side, side)."""
    if name == "mirrored":
        return pixels[:, :, ::-1]
    if name == "quarter":
        return np.rot90(pixels, 1, axes=(1, 2))
    if name == "three_quarters":
        return np.rot90(pixels, 3, axes=(1, 2))
    return pixels


def prepare(image: Image.Image, side: int = graph.INPUT_SIDE) -> Float32Array:
    """Pixels (3, side, side) in -1..1 of the picture's centred square."""
    shorter = min(image.size)
    left, top = (image.width - shorter) / 2, (image.height - shorter) / 2
    square = image.convert("RGB").resize(
        (side, side), Image.Resampling.BICUBIC, box=(left, top, left + shorter, top + shorter)
    )
    return np.asarray(square, np.float32).transpose(2, 0, 1) / 127.5 - 1


def builtin_fingerprint(path: Path | None = None) -> str:
    """Fingerprint of the built-in encoder with the graph at `path`, without loading it."""
    path = path or graph.graph_path()
    if not path.is_file():
        raise EncoderUnavailable(encoder=ID, reason="weights_missing", detail=str(path))
    return fingerprint(
        model=graph.GRAPH_NAME,
        weights=file_sha256(path),
        preprocessing={"square": "centre", "side": graph.INPUT_SIDE, "resample": "bicubic", "mean": 0.5, "std": 0.5},
        views=VIEWS,
        precision="float32, weights float16",
        code=CODE_VERSION,
    )


class BuiltinEncoder:
    """EfficientNet-Lite0 on ONNX Runtime. The same photo gives the same numbers alone or in a batch."""

    id = ID
    device = "cpu"
    device_reason = "only_cpu"
    temperature = 1.0

    def __init__(self, *, threads: int | None = None, path: Path | None = None) -> None:
        """Loads the graph; `threads` defaults to all cores but one. Raises EncoderUnavailable."""
        self._path = path or graph.graph_path()
        self.fingerprint = builtin_fingerprint(self._path)
        self._session = _open(self._path, threads or max(1, (os.cpu_count() or 2) - 1))

    @property
    def dim(self) -> int:
        return graph.LAST_DIM

    def encode(self, images: Sequence[Image.Image]) -> Float32Array:
        """Embeddings (n, dim), rows of length 1, of RGB pictures of any size."""
        rows = [self._embed(image) for image in images]
        return unit_rows(np.stack(rows)) if rows else np.empty((0, self.dim), np.float32)

    def encode_textbook(self, images: Sequence[Image.Image]) -> Float32Array:
        """The textbook embedding (n, 1280): one upright view of the centre, last layer, rows of length 1."""
        rows = [self._session.run([graph.LAST_OUTPUT], {graph.INPUT_NAME: prepare(i)[None]})[0][0] for i in images]
        return unit_rows(np.stack(rows)) if rows else np.empty((0, graph.LAST_DIM), np.float32)

    def _embed(self, image: Image.Image) -> Float32Array:
        # One run a photo, always with the same number of views: a batch cannot change a photo's numbers.
        pixels = prepare(image)
        views = np.ascontiguousarray(np.stack([_view(pixels, name) for name in VIEWS]))
        (last,) = self._session.run([graph.LAST_OUTPUT], {graph.INPUT_NAME: views})
        mean: Float32Array = last.mean(axis=0)
        return mean


def _open(path: Path, threads: int) -> onnxruntime.InferenceSession:
    try:
        import onnxruntime
    except ImportError as error:
        raise EncoderUnavailable(encoder=ID, reason="engine_missing", detail="onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises its own types, none of them public
        raise EncoderUnavailable(encoder=ID, reason="weights_damaged", detail=f"{path}: {error}") from error
