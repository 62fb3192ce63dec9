"""Which OpenCLIP model an id names, and what of it is on this machine: weights, preprocessing, fingerprint.

Loads no model and downloads nothing. What open_clip says of its models is asked once and kept, since asking means
importing torch.
"""

from __future__ import annotations

import logging
import os
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fabric_desktop import paths
from fabric_desktop.encoders.base import fingerprint
from fabric_desktop.encoders.weights import (
    WEIGHTS_NAME,
    check_safetensors,
    file_sha256,
    find_in_cache,
    hash_is_known,
    read_config,
)
from fabric_desktop.errors import EncoderUnavailable, SaveFailed
from fabric_desktop.studio.files import read_json, write_json

logger = logging.getLogger(__name__)

PREFIX = "openclip:"
LOCAL_PREFIX = "local-dir:"
QUICK_GELU = "-quickgelu"
CODE_VERSION = 1
"""Raised whenever the same weights and photo would give other numbers."""

_ENGINE = ("torch", "torchvision", "open_clip")
_KNOWN_NAME = "openclip.json"


@dataclass(frozen=True, slots=True)
class Source:
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
    # An int8 form has a mark behind its tag.
    if encoder_id.startswith(PREFIX) and slash and tag.partition("#")[0] == "openai" and not name.endswith(QUICK_GELU):
        return f"{PREFIX}{name}{QUICK_GELU}/{tag}"
    return encoder_id


def open_clip_module(encoder_id: str) -> Any:
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


@dataclass(frozen=True, slots=True)
class _Published:
    """What open_clip's tables say of `openclip:<name>/<tag>`; `id` and `model` with the right activation."""

    id: str
    model: str
    repository: str
    preprocessing: dict[str, Any]
    quick_gelu: bool


def _asked(encoder_id: str) -> _Published:
    """What open_clip's tables say of an id, asked of open_clip itself."""
    name, slash, tag = encoder_id.removeprefix(PREFIX).partition("/")
    if not slash or not name or not tag:
        raise EncoderUnavailable(encoder=encoder_id, reason="unknown_id", detail=f"{PREFIX}<model>/<weights>")
    open_clip = open_clip_module(encoder_id)
    config = open_clip.get_model_config(name)
    published = open_clip.get_pretrained_cfg(name, tag)
    if config is None or not published:
        raise EncoderUnavailable(encoder=encoder_id, reason="unknown_id", detail=f"{name}/{tag}")
    wants_quick_gelu = bool(published.get("quick_gelu", False))
    if bool(config.get("quick_gelu", False)) != wants_quick_gelu:
        other = f"{name}{QUICK_GELU}" if wants_quick_gelu else name.removesuffix(QUICK_GELU)
        if other == name or open_clip.get_model_config(other) is None:
            raise EncoderUnavailable(encoder=encoder_id, reason="wrong_activation", detail=name)
        return _asked(f"{PREFIX}{other}/{tag}")
    preprocessing = {key: published[key] for key in ("mean", "std", "interpolation", "resize_mode") if key in published}
    repository = str(published.get("hf_hub", "")).rpartition("/")[0]
    return _Published(encoder_id, name, repository, preprocessing, wants_quick_gelu)


def _published(encoder_id: str) -> _Published:
    """The same, from the person's folder where the same version of open_clip was asked before."""
    if not engine_installed():
        open_clip_module(encoder_id)  # says what is missing
    version = metadata.version("open_clip_torch")
    known = _known(version)
    if encoder_id in known:
        return known[encoder_id]
    found = _asked(encoder_id)
    kept = {key: asdict(value) for key, value in (known | {encoder_id: found}).items()}
    try:
        write_json(paths.home() / _KNOWN_NAME, {"open_clip": version, "models": kept})
    except SaveFailed as error:
        # Costs seconds at the next start, not correctness.
        logger.warning("what open_clip says is not kept: %s", error)
    return found


def _as_published(entry: dict[str, Any]) -> _Published:
    """From a file; TypeError or ValueError where it is not what was written."""
    found = _Published(**entry)
    texts = (found.id, found.model, found.repository)
    if not all(isinstance(text, str) for text in texts) or not isinstance(found.preprocessing, dict):
        raise ValueError("not what was written")
    return found


def _known(version: str) -> dict[str, _Published]:
    try:
        value = read_json(paths.home() / _KNOWN_NAME)
        if value["open_clip"] != version:
            return {}
        return {str(key): _as_published(entry) for key, entry in value["models"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _registered(encoder_id: str, weights: Path | None) -> Source:
    """The source of `openclip:<name>/<tag>`; `weights` stands in for the cache where a person imported a file."""
    published = _published(canonical_id(encoder_id))
    if weights is None:
        weights = find_in_cache(published.repository) if published.repository else None
        if weights is None:
            missing = published.repository or published.id.rpartition("/")[2]
            raise EncoderUnavailable(encoder=published.id, reason="weights_missing", detail=missing)
    check_safetensors(weights, published.id)
    return Source(published.id, published.model, weights, published.preprocessing, published.quick_gelu)


def published_repository(encoder_id: str) -> str:
    """The Hugging Face repository (`owner/name`) of a registered model's weights, or empty where it has none.

    Raises EncoderUnavailable(engine_missing, failed, unknown_id).
    """
    name, _, tag = canonical_id(encoder_id).removeprefix(PREFIX).partition("/")
    published = open_clip_module(encoder_id).get_pretrained_cfg(name, tag) if encoder_id.startswith(PREFIX) else None
    if not published:
        raise EncoderUnavailable(encoder=encoder_id, reason="unknown_id", detail=f"{name}/{tag}")
    return str(published.get("hf_hub", "")).rpartition("/")[0]


def _local(encoder_id: str) -> Source:
    """The source of `local-dir:<path>`: a folder with open_clip_config.json and open_clip_model.safetensors."""
    folder = Path(encoder_id.removeprefix(LOCAL_PREFIX))
    config = read_config(folder, encoder_id)
    weights = folder / WEIGHTS_NAME
    check_safetensors(weights, encoder_id)
    quick_gelu = bool(config["model_cfg"].get("quick_gelu", False))
    return Source(encoder_id, f"{LOCAL_PREFIX}{folder}", weights, dict(config["preprocess_cfg"]), quick_gelu)


def fingerprint_if_known(encoder_id: str, weights: Path | None) -> str | None:
    """The fingerprint where telling it takes no time: neither torch is imported nor weights are hashed for it. None
    where it would, or where the encoder is not available."""
    try:
        if encoder_id.startswith(PREFIX) and canonical_id(encoder_id) not in _known(
            metadata.version("open_clip_torch")
        ):
            return None
        source = source_of(encoder_id, weights)
        return fingerprint_of_source(source) if hash_is_known(source.weights) else None
    except (EncoderUnavailable, metadata.PackageNotFoundError):
        return None


def source_of(encoder_id: str, weights: Path | None) -> Source:
    """The source of an OpenCLIP encoder's id; `weights` of a registered model stand in for the cached ones. Raises
    EncoderUnavailable."""
    if encoder_id.startswith(LOCAL_PREFIX):
        return _local(encoder_id)
    if encoder_id.startswith(PREFIX):
        return _registered(encoder_id, weights)
    raise EncoderUnavailable(encoder=encoder_id, reason="unknown_id", detail=encoder_id)


def fingerprint_of_source(source: Source) -> str:
    """The encoder's fingerprint; hashes the weights where that was not done before."""
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
