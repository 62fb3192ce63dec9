"""OpenCLIP models run by torch: the picture side while there is no graph for it, and the text side.

Imports torch when something is loaded, and not before. Which runner is taken is decided in `openclip`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image

from fabric_desktop.encoders.base import Float32Array, unit_rows
from fabric_desktop.encoders.clip_source import LOCAL_PREFIX, Source, open_clip_module
from fabric_desktop.errors import EncoderUnavailable


def choose_device(torch: Any) -> tuple[str, str]:
    """The device to run on, and why as a code: gpu, no_gpu, or engine_without_gpu (a CPU build of torch)."""
    if torch.cuda.is_available():
        return "cuda", "gpu"
    if torch.backends.mps.is_available():
        return "mps", "gpu"
    built = torch.backends.cuda.is_built() or torch.backends.mps.is_built()
    return "cpu", "no_gpu" if built else "engine_without_gpu"


def load_model(source: Source, device: str) -> tuple[Any, Callable[[Image.Image], Any]]:
    """The torch model with its weights, in evaluation mode, and its preprocessing. Raises EncoderUnavailable."""
    open_clip = open_clip_module(source.id)
    local = source.model.startswith(LOCAL_PREFIX)
    wanted = {} if local else {f"image_{key}": value for key, value in source.preprocessing.items()}
    try:
        # Demands pretrained weights by itself (require_pretrained=True): a random model is never returned.
        model, preprocess = open_clip.create_model_from_pretrained(
            source.model,
            None if local else str(source.weights),
            precision="fp32",
            device=device,
            weights_only=True,
            **wanted,
        )
    except (RuntimeError, ValueError, KeyError, TypeError, OSError) as error:
        raise EncoderUnavailable(encoder=source.id, reason="weights_damaged", detail=str(error)) from error
    model.eval()
    return model, preprocess


class TorchTower:
    """The picture side on torch: on the graphics card where there is one."""

    name = "torch"

    def __init__(self, source: Source, threads: int) -> None:
        """Raises EncoderUnavailable."""
        open_clip_module(source.id)
        import torch

        self._torch = torch
        torch.set_num_threads(threads)
        self.device, self.device_reason = choose_device(torch)
        self._model, self._preprocess = load_model(source, self.device)
        self.dim = int(self.run(Image.new("RGB", (32, 32))).shape[0])

    def run(self, image: Image.Image) -> Float32Array:
        """open_clip's `encode_image` of one RGB picture: (dim,), not scaled."""
        # inference_mode belongs to the thread that runs, so it is entered here and not where the model was made.
        with self._torch.inference_mode():
            pixels = self._preprocess(image).unsqueeze(0).to(self.device)
            row: Float32Array = self._model.encode_image(pixels)[0].float().cpu().numpy()
        return row


class TextTower:
    """The text side with the model's own tokenizer; what is said to it is in `zero_shot`."""

    def __init__(self, source: Source) -> None:
        """Raises EncoderUnavailable(no_tokenizer, no_text_side), and what loading a model raises."""
        open_clip = open_clip_module(source.id)
        import torch

        self._torch = torch
        torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
        try:
            # A tokenizer of the transformers library is read from the model's folder or the cache, never fetched.
            self._tokenizer = open_clip.get_tokenizer(source.model)
        except Exception as error:  # open_clip and transformers raise nearly anything
            raise EncoderUnavailable(encoder=source.id, reason="no_tokenizer", detail=str(error)) from error
        self._model, _ = load_model(source, "cpu")
        scale = getattr(self._model, "logit_scale", None)
        if scale is None:
            raise EncoderUnavailable(encoder=source.id, reason="no_text_side", detail=source.model)
        self.logit_scale = float(scale.detach().exp())

    def encode(self, sentences: Sequence[str]) -> Float32Array:
        """Embeddings (n, dim) of sentences, rows of length 1: open_clip's `encode_text`, normalised."""
        with self._torch.inference_mode():
            rows = self._model.encode_text(self._tokenizer(list(sentences))).float().numpy()
        return unit_rows(rows)
