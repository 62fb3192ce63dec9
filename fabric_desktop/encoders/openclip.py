"""OpenCLIP models as encoders: weights already on this machine, or a model folder a person points at.

Downloads nothing, and never runs a model whose weights did not load. What is said to the text side is in `zero_shot`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fabric_desktop.encoders.base import Float32Array, fingerprint, unit_rows
from fabric_desktop.encoders.weights import (
    WEIGHTS_NAME,
    check_safetensors,
    file_sha256,
    find_in_cache,
    read_config,
)
from fabric_desktop.errors import EncoderUnavailable

PREFIX = "openclip:"
LOCAL_PREFIX = "local-dir:"
QUICK_GELU = "-quickgelu"
CODE_VERSION = 1
"""Raised whenever the same weights and photo would give other numbers."""

_ENGINE = ("torch", "torchvision", "open_clip")


@dataclass(frozen=True, slots=True)
class _Source:
    """What to load, all of it checked: the model as open_clip names it, its weights, its preprocessing."""

    id: str
    model: str
    weights: Path
    preprocessing: dict[str, Any]
    quick_gelu: bool


def engine_installed() -> bool:
    """Whether torch, torchvision and open_clip are installed; imports none of them."""
    return all(find_spec(name) is not None for name in _ENGINE)


def canonical_id(encoder_id: str) -> str:
    """The id under which the same model is kept: OpenAI's weights always as their QuickGELU model.

    The `openai` weights were trained with QuickGELU. Since open_clip 2.29 loading them into the plain model only
    warns, and its embeddings are quietly wrong.
    """
    name, slash, tag = encoder_id.removeprefix(PREFIX).partition("/")
    if encoder_id.startswith(PREFIX) and slash and tag == "openai" and not name.endswith(QUICK_GELU):
        return f"{PREFIX}{name}{QUICK_GELU}/{tag}"
    return encoder_id


def _open_clip(encoder_id: str) -> Any:
    """The open_clip module, imported so that it cannot reach the network on its own."""
    if not engine_installed():
        missing = ", ".join(name for name in _ENGINE if find_spec(name) is None)
        raise EncoderUnavailable(encoder=encoder_id, reason="engine_missing", detail=missing)
    # huggingface_hub reads these at its own import; a person's download runs in its own place and sets them itself.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        import open_clip
    except (ImportError, OSError) as error:  # OSError: a shared library of torch that does not load
        raise EncoderUnavailable(encoder=encoder_id, reason="failed", detail=str(error)) from error
    return open_clip


def _registered(encoder_id: str, weights: Path | None) -> _Source:
    """The source of `openclip:<name>/<tag>`; `weights` stands in for the cache where a person imported a file."""
    encoder_id = canonical_id(encoder_id)
    name, slash, tag = encoder_id.removeprefix(PREFIX).partition("/")
    if not slash or not name or not tag:
        raise EncoderUnavailable(encoder=encoder_id, reason="unknown_id", detail=f"{PREFIX}<model>/<weights>")
    open_clip = _open_clip(encoder_id)
    config = open_clip.get_model_config(name)
    published = open_clip.get_pretrained_cfg(name, tag)
    if config is None or not published:
        raise EncoderUnavailable(encoder=encoder_id, reason="unknown_id", detail=f"{name}/{tag}")
    wants_quick_gelu = bool(published.get("quick_gelu", False))
    if bool(config.get("quick_gelu", False)) != wants_quick_gelu:
        other = f"{name}{QUICK_GELU}" if wants_quick_gelu else name.removesuffix(QUICK_GELU)
        if other == name or open_clip.get_model_config(other) is None:
            raise EncoderUnavailable(encoder=encoder_id, reason="wrong_activation", detail=name)
        return _registered(f"{PREFIX}{other}/{tag}", weights)
    if weights is None:
        repository = str(published.get("hf_hub", "")).rpartition("/")[0]
        weights = find_in_cache(repository) if repository else None
        if weights is None:
            raise EncoderUnavailable(encoder=encoder_id, reason="weights_missing", detail=repository or tag)
    check_safetensors(weights, encoder_id)
    preprocessing = {key: published[key] for key in ("mean", "std", "interpolation", "resize_mode") if key in published}
    return _Source(encoder_id, name, weights, preprocessing, wants_quick_gelu)


def published_repository(encoder_id: str) -> str:
    """The Hugging Face repository (`owner/name`) of a registered model's weights, or empty where it has none.

    Raises EncoderUnavailable(engine_missing, failed, unknown_id).
    """
    name, _, tag = canonical_id(encoder_id).removeprefix(PREFIX).partition("/")
    published = _open_clip(encoder_id).get_pretrained_cfg(name, tag) if encoder_id.startswith(PREFIX) else None
    if not published:
        raise EncoderUnavailable(encoder=encoder_id, reason="unknown_id", detail=f"{name}/{tag}")
    return str(published.get("hf_hub", "")).rpartition("/")[0]


def _local(encoder_id: str) -> _Source:
    """The source of `local-dir:<path>`: a folder with open_clip_config.json and open_clip_model.safetensors."""
    folder = Path(encoder_id.removeprefix(LOCAL_PREFIX))
    config = read_config(folder, encoder_id)
    weights = folder / WEIGHTS_NAME
    check_safetensors(weights, encoder_id)
    quick_gelu = bool(config["model_cfg"].get("quick_gelu", False))
    return _Source(encoder_id, f"{LOCAL_PREFIX}{folder}", weights, dict(config["preprocess_cfg"]), quick_gelu)


def _source(encoder_id: str, weights: Path | None) -> _Source:
    if encoder_id.startswith(LOCAL_PREFIX):
        return _local(encoder_id)
    if encoder_id.startswith(PREFIX):
        return _registered(encoder_id, weights)
    raise EncoderUnavailable(encoder=encoder_id, reason="unknown_id", detail=encoder_id)


def _fingerprint(source: _Source) -> str:
    model: object = source.model
    if source.model.startswith(LOCAL_PREFIX):
        # A folder may be moved: what counts is what its config says, not where it is.
        model = read_config(Path(source.model.removeprefix(LOCAL_PREFIX)), source.id)["model_cfg"]
    return fingerprint(
        model=model,
        weights=file_sha256(source.weights),
        preprocessing=source.preprocessing,
        quick_gelu=source.quick_gelu,
        views=["upright"],
        precision="float32",
        code=CODE_VERSION,
    )


def openclip_fingerprint(encoder_id: str, *, weights: Path | None = None) -> str:
    """Fingerprint of an OpenCLIP encoder, without loading its weights. Raises EncoderUnavailable."""
    return _fingerprint(_source(encoder_id, weights))


def choose_device(torch: Any) -> tuple[str, str]:
    """The device to run on, and why as a code: gpu, no_gpu, or engine_without_gpu (a CPU build of torch)."""
    if torch.cuda.is_available():
        return "cuda", "gpu"
    if torch.backends.mps.is_available():
        return "mps", "gpu"
    built = torch.backends.cuda.is_built() or torch.backends.mps.is_built()
    return "cpu", "no_gpu" if built else "engine_without_gpu"


class TextTower:
    """The text side of an OpenCLIP model with its own tokenizer; see `zero_shot`."""

    def __init__(self, open_clip: Any, source: _Source) -> None:
        """Raises EncoderUnavailable(no_tokenizer, no_text_side), and what loading a model raises."""
        import torch

        self._torch = torch
        try:
            # A tokenizer of the transformers library is read from the model's folder or the cache, never fetched.
            self._tokenizer = open_clip.get_tokenizer(source.model)
        except Exception as error:  # open_clip and transformers raise nearly anything
            raise EncoderUnavailable(encoder=source.id, reason="no_tokenizer", detail=str(error)) from error
        self._model, _ = _load(open_clip, source, "cpu")
        scale = getattr(self._model, "logit_scale", None)
        if scale is None:
            raise EncoderUnavailable(encoder=source.id, reason="no_text_side", detail=source.model)
        self.logit_scale = float(scale.detach().exp())

    def encode(self, sentences: Sequence[str]) -> Float32Array:
        """Embeddings (n, dim) of sentences, rows of length 1: open_clip's `encode_text`, normalised."""
        with self._torch.inference_mode():
            rows = self._model.encode_text(self._tokenizer(list(sentences))).float().numpy()
        return unit_rows(rows)


def _load(open_clip: Any, source: _Source, device: str) -> tuple[Any, Callable[[Image.Image], Any]]:
    """The torch model with its weights, in evaluation mode, and its preprocessing. Raises EncoderUnavailable."""
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


class OpenClipEncoder:
    """The image tower of an OpenCLIP model: its own preprocessing, one view, float32.

    The embedding is open_clip's `encode_image`, normalised. Photos are run one at a time: matrix products of another
    batch size round otherwise, and the same photo must give the same numbers alone and in a batch.
    """

    def __init__(self, encoder_id: str, *, threads: int | None = None, weights: Path | None = None) -> None:
        """Loads the model; `weights` is a safetensors file to use in place of the cached one.

        Raises EncoderUnavailable(reason: engine_missing, failed, unknown_id, weights_missing, weights_damaged,
        not_safetensors, config_missing, config_damaged, no_way_of_preprocessing, wrong_activation).
        """
        self._source = source = _source(encoder_id, weights)
        self.id = source.id
        open_clip = _open_clip(source.id)
        import torch

        self._torch = torch
        torch.set_num_threads(threads or max(1, (os.cpu_count() or 2) - 1))
        self.device, self.device_reason = choose_device(torch)
        self._model, self._preprocess = _load(open_clip, source, self.device)
        self.fingerprint = _fingerprint(source)
        self.dim = self._measure_dim()

    def _measure_dim(self) -> int:
        return int(self._run(Image.new("RGB", (32, 32))).shape[0])

    def _run(self, image: Image.Image) -> Float32Array:
        # inference_mode belongs to the thread that runs, so it is entered here and not where the model was made.
        with self._torch.inference_mode():
            pixels = self._preprocess(image.convert("RGB")).unsqueeze(0).to(self.device)
            row: Float32Array = self._model.encode_image(pixels)[0].float().cpu().numpy()
        return row

    def encode(self, images: Sequence[Image.Image]) -> Float32Array:
        """Embeddings (n, dim), rows of length 1, of RGB pictures of any size."""
        rows = [self._run(image) for image in images]
        return unit_rows(np.stack(rows)) if rows else np.empty((0, self.dim), np.float32)

    def encode_textbook(self, images: Sequence[Image.Image]) -> Float32Array:
        """The same: CLIP is run as published, one view and its last layer."""
        return self.encode(images)

    @property
    def text_fingerprint(self) -> str:
        """Of everything that sentences' embeddings depend on: the same as the pictures'."""
        return self.fingerprint

    def text_tower(self) -> TextTower:
        """Loads the model's text side. Raises EncoderUnavailable."""
        return TextTower(_open_clip(self.id), self._source)
