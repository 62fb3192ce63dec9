"""Labelled patches as an encoder sees them, remembered in the studio's cache: neither encoded nor measured twice.

What is made of it is for `measure` and the loop.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from fabric_desktop.attributes import Look, measure_look
from fabric_desktop.attributes.dominant import ColorShare
from fabric_desktop.attributes.look import LOOK_MEASURE
from fabric_desktop.embeddings import CACHE_DIR, BatchEncoder, EmbeddingCache, embed_cached
from fabric_desktop.errors import SaveFailed, UnreadableImage
from fabric_desktop.imaging import open_unknown
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import LabeledPatch
from fabric_desktop.palette import load_palette
from fabric_desktop.recognition import Observation
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import json_bytes, read_json, write_bytes

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

logger = logging.getLogger(__name__)

_NUMBERS = tuple(field.name for field in fields(Look) if field.name != "colors")


@dataclass(frozen=True)
class Observed:
    """Labelled patches as an encoder sees them, by path: `looks` are the same for every encoder."""

    embeddings: dict[Path, np.ndarray]
    observations: dict[Path, Observation]


def observe_patches(
    studio: Studio,
    encoder: BatchEncoder,
    patches: Sequence[LabeledPatch],
    context: JobContext,
    looked_at: Observed | None = None,
) -> Observed:
    """All labelled patches as the encoder sees them, remembered from now on; unreadable ones are left out. `looked_at`:
    the same patches through another encoder, whose looks are taken over. Raises Cancelled."""
    paths = [patch.path for patch in patches]
    embedded, _ = embed_cached(studio, "patches", paths, encoder, context, "job.look_at_patches")
    looks = KeptLooks(studio)
    observations: dict[Path, Observation] = {}
    for number, item in enumerate(embedded):
        context.progress(number, len(embedded), "job.measure_patches", photo=item.path.name)
        seen = looked_at.observations.get(item.path) if looked_at is not None else None
        try:
            look = seen.look if seen is not None else looks.of(item.path, item.content_hash)
        except UnreadableImage:
            continue
        observations[item.path] = Observation(look, item.embedding)
    if looked_at is None:
        looks.save({item.content_hash for item in embedded})
    return Observed({item.path: item.embedding for item in embedded}, observations)


def remembered_patches(studio: Studio, encoder: BatchEncoder) -> dict[str, Observation]:
    """What the last training saw of labelled patches with this encoder, by content hash. Reads, and writes nothing."""
    looks = KeptLooks(studio).known
    embeddings = EmbeddingCache(studio, "patches", encoder.fingerprint).load()
    return {digest: Observation(looks[digest], row) for digest, row in embeddings.items() if digest in looks}


class KeptLooks:
    """The looks of labelled patches by content hash, kept in the studio's cache. Deleting it costs time only; a damaged
    one, or one measured in another way or named by another palette, counts as empty."""

    def __init__(self, studio: Studio) -> None:
        # Named as the embeddings of patches are, with which it is put back when a retraining is stopped.
        self._path = studio.root / CACHE_DIR / "patches-looks.json"
        self.known = self._read()
        self._before = dict(self.known)

    def of(self, path: Path, digest: str) -> Look:
        """The look of a patch whose content hash was `digest` a moment ago. Raises UnreadableImage."""
        known = self.known.get(digest)
        if known is not None:
            return known
        read, image = open_unknown(path, self.known)
        if image is None:
            return self.known[read]
        look = self.known[read] = measure_look(image)
        return look

    def save(self, wanted: set[str]) -> None:
        """Keep the looks of these patches and only these. A studio that cannot be written to is only slower next
        time."""
        entries = {digest: look for digest, look in self.known.items() if digest in wanted}
        if entries == self._before:
            return
        value = {"measured": _how(), "looks": {digest: as_plain(look) for digest, look in sorted(entries.items())}}
        try:
            write_bytes(self._path, json_bytes(value))
        except SaveFailed as error:
            logger.warning("looks not kept: %s", error)

    def _read(self) -> dict[str, Look]:
        try:
            value: Any = read_json(self._path)
            if value["measured"] != _how():
                return {}
            return {str(digest): from_plain(entry) for digest, entry in value["looks"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            logger.warning("looks dropped: %s", error)
            return {}


def _how() -> str:
    """What a look depends on beside the pixels: how it is measured, and the words for colours."""
    palette = hashlib.sha256(repr(load_palette()).encode("utf-8")).hexdigest()[:16]
    return f"{LOOK_MEASURE} {palette}"


def as_plain(look: Look) -> dict[str, Any]:
    """A look as plain values."""
    numbers = {name: float(getattr(look, name)) for name in _NUMBERS}
    colors = [
        {
            "names": [color.name, color.name_en, color.name_zh, color.basic, color.hex],
            "lab": [float(value) for value in color.lab],
            "share": float(color.share),
        }
        for color in look.colors
    ]
    return {**numbers, "colors": colors}


def from_plain(value: Mapping[str, Any]) -> Look:
    """A look from `as_plain`'s values. ValueError, LookupError or TypeError for anything else."""
    colors = []
    for entry in value["colors"]:
        name, english, chinese, basic, code = (str(word) for word in entry["names"])
        lightness, a, b = (_number(number) for number in entry["lab"])
        colors.append(ColorShare(name, english, chinese, basic, (lightness, a, b), code, _number(entry["share"])))
    if not colors:
        raise ValueError("a look without a colour")
    return Look(colors=tuple(colors), **{name: _number(value[name]) for name in _NUMBERS})


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -1e6 < value < 1e6:
        raise ValueError(f"not a number of a look: {value!r}")
    return float(value)
