"""Weights files on this machine: where they are, their hashes, whether they may be trusted. Nothing is downloaded here.

Only safetensors are accepted: a pickled checkpoint can run code when it is read.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from fabric_desktop import paths
from fabric_desktop.errors import EncoderUnavailable, SaveFailed
from fabric_desktop.parsing import parse_json, read_json
from fabric_desktop.studio.files import write_json

CONFIG_NAME = "open_clip_config.json"
WEIGHTS_NAME = "open_clip_model.safetensors"
_HASHES_NAME = "weights.json"
_HEADER_LIMIT = 100_000_000  # bytes, the limit of the safetensors format itself


def hub_cache() -> Path:
    """The Hugging Face cache folder, by the variables that huggingface_hub itself reads."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(variable):
            return Path(os.environ[variable]).expanduser()
    if os.environ.get("HF_HOME"):
        return Path(os.environ["HF_HOME"]).expanduser() / "hub"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base).expanduser() if base else Path.home() / ".cache") / "huggingface" / "hub"


def find_in_cache(repository: str, filename: str = WEIGHTS_NAME) -> Path | None:
    """A file of a Hugging Face repository (`owner/name`) in the cache, of its current revision first; None without."""
    folder = hub_cache() / f"models--{repository.strip('/').replace('/', '--')}"
    revisions = []
    reference = folder / "refs" / "main"
    if reference.is_file():
        revisions.append(reference.read_text(encoding="utf-8").strip())
    if (folder / "snapshots").is_dir():
        revisions += sorted(entry.name for entry in (folder / "snapshots").iterdir())
    for revision in revisions:
        candidate = folder / "snapshots" / revision / filename
        if candidate.is_file():
            return candidate
    return None


def check_safetensors(path: Path, encoder: str) -> None:
    """Raises EncoderUnavailable unless `path` is a whole safetensors file (by its header; tensors are not read)."""
    if not path.is_file():
        raise EncoderUnavailable(encoder=encoder, reason="weights_missing", detail=str(path))
    if path.suffix != ".safetensors":
        raise EncoderUnavailable(encoder=encoder, reason="not_safetensors", detail=str(path))
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(size - 8, _HEADER_LIMIT):
            raise EncoderUnavailable(encoder=encoder, reason="weights_damaged", detail=str(path))
        try:
            header = parse_json(stream.read(length))
            ends = [int(entry["data_offsets"][1]) for name, entry in header.items() if name != "__metadata__"]
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise EncoderUnavailable(encoder=encoder, reason="weights_damaged", detail=str(path)) from error
    if not ends or 8 + length + max(ends) != size:
        raise EncoderUnavailable(encoder=encoder, reason="weights_damaged", detail=str(path))


def read_config(folder: Path, encoder: str) -> dict[str, Any]:
    """`open_clip_config.json` of a model folder. Raises EncoderUnavailable if it is missing or says no model."""
    path = folder / CONFIG_NAME
    if not path.is_file():
        raise EncoderUnavailable(encoder=encoder, reason="config_missing", detail=str(path))
    try:
        config = read_json(path)
    except (OSError, ValueError) as error:
        raise EncoderUnavailable(encoder=encoder, reason="config_damaged", detail=str(path)) from error
    if not isinstance(config, dict) or not isinstance(config.get("model_cfg"), dict):
        raise EncoderUnavailable(encoder=encoder, reason="config_damaged", detail=str(path))
    preprocessing = config.get("preprocess_cfg")
    if not isinstance(preprocessing, dict) or not {"mean", "std"} <= preprocessing.keys():
        raise EncoderUnavailable(encoder=encoder, reason="no_way_of_preprocessing", detail=str(path))
    return config


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes.

    Weights take seconds to hash, so the result is kept in the person's folder with the file's size and time of change,
    and computed again when either differs.
    """
    state = path.stat()
    key = str(path.resolve())
    stamp = [state.st_size, state.st_mtime_ns]
    known = _known_hashes()
    entry = known.get(key)
    if isinstance(entry, dict) and entry.get("stamp") == stamp and isinstance(entry.get("sha256"), str):
        return str(entry["sha256"])
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    known[key] = {"stamp": stamp, "sha256": digest}
    try:
        write_json(paths.home() / _HASHES_NAME, known)
    except SaveFailed:
        return digest  # a read-only home costs time, not correctness
    return digest


def hash_is_known(path: Path) -> bool:
    """Whether `file_sha256` of this file takes no time."""
    try:
        state = path.stat()
    except OSError:
        return False
    entry = _known_hashes().get(str(path.resolve()))
    return isinstance(entry, dict) and entry.get("stamp") == [state.st_size, state.st_mtime_ns]


def _known_hashes() -> dict[str, Any]:
    try:
        known = read_json(paths.home() / _HASHES_NAME)
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
