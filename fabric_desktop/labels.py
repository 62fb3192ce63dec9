"""Labelled patches and the patches kept for review: files a person would lose sleep over.

A patch is a PNG with a .json beside it; a patch without one, made by hand or by an older script, is as good.
"""

from __future__ import annotations

import contextlib
import io
import re
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabric_desktop.bank import reference_record
from fabric_desktop.errors import SaveFailed, UnreadableImage
from fabric_desktop.imaging import Box, content_hash, from_pil
from fabric_desktop.studio import Studio, own_id
from fabric_desktop.studio.files import json_bytes, write_together
from fabric_desktop.studio.layout import photos_in

if TYPE_CHECKING:
    from PIL.Image import Image

    from fabric_desktop.attributes import Look


@dataclass(frozen=True, slots=True)
class LabeledPatch:
    """A patch that a person named.

    `swatch_id` names the physical piece: the one in the record, else the hash of the source photo, else the patch's
    own hash; `swatch_known` says whether somebody named it (a source photo's hash is only our guess: two photos may
    show one piece). `source` is the content hash of the photograph it was
    cut from, or its own.
    """

    path: Path
    fabric_id: str
    content_hash: str
    swatch_id: str
    swatch_known: bool
    source: str
    record: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PatchOrigin:
    """Where a patch was cut: the photograph's path and content hash, the box in its pixels, the click if it was one,
    the scale if somebody measured it, and the physical piece if somebody named it."""

    photo: Path | None = None
    photo_hash: str | None = None
    box: Box | None = None
    click: tuple[int, int] | None = None
    px_per_cm: float | None = None
    swatch_id: str | None = None
    region_id: str | None = None


def save_patch(
    studio: Studio,
    patch: Image,
    fabric_id: str,
    origin: PatchOrigin,
    *,
    encoder: str | None = None,
    topk: list[dict[str, Any]] | None = None,
    look: Look | None = None,
) -> Path:
    """Keep a labelled patch: `patches/labeled/<fabric_id>/<name>.png` with its .json; returns the picture's path.

    Nothing is ever written over. The record is in place before the picture, so a patch that is there is whole. A
    source photo that has gone away meanwhile does not cost the label. Raises BadFabricId, SaveFailed.
    """
    folder = studio.labeled_dir / own_id(studio, fabric_id)
    stem = free_stem(origin.photo)
    picture = io.BytesIO()
    from_pil(patch).save(picture, "PNG")
    path, beside = folder / f"{stem}.png", folder / f"{stem}.json"
    record = patch_record(studio, origin, encoder, topk, look)
    try:
        write_together({beside: json_bytes(record), path: picture.getvalue()})
    except SaveFailed:
        # Where nothing could be written there may be nothing to take back either; the reason to tell is the first one.
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    return path


def free_stem(photo: Path | None) -> str:
    """A name that no patch has, without ending, beginning with the photograph's."""
    base = re.sub(r"[^\w-]+", "_", photo.stem) if photo is not None else "patch"
    # Within the 255 bytes that file systems allow a name, the rest of it counted.
    base = base.encode("utf-8")[:180].decode("utf-8", "ignore")
    return f"{base or 'patch'}_{uuid.uuid4().hex[:10]}"


def patch_record(
    studio: Studio,
    origin: PatchOrigin,
    encoder: str | None = None,
    topk: list[dict[str, Any]] | None = None,
    look: Look | None = None,
) -> dict[str, Any]:
    """What the .json beside a patch, or beside a reference cut from a photograph, says; without the source's hash
    where the photograph cannot be read any more."""
    digest = origin.photo_hash
    if digest is None and origin.photo is not None:
        with contextlib.suppress(UnreadableImage):
            digest = content_hash(origin.photo)
    box = origin.box
    centre = origin.click or (None if box is None else (box.x + box.width // 2, box.y + box.height // 2))
    record = {
        "source_photo": None if origin.photo is None else studio.relative(origin.photo),
        "source_hash": digest,
        "box": None if box is None else box.as_list(),
        "coords": None if centre is None else list(centre),
        "region_id": origin.region_id,
        "swatch_id": origin.swatch_id or digest,
        "px_per_cm": origin.px_per_cm,
        "encoder": encoder,
        "topk": topk,
        "features": None if look is None else look.as_attrs(),
        "saved_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return {key: value for key, value in record.items() if value is not None}


def list_labeled(studio: Studio) -> list[LabeledPatch]:
    """All labelled patches, sorted by fabric and name. Files that cannot be read at all are left out."""
    patches = []
    for fabric in studio.labeled_ids():
        for path in photos_in(studio.labeled_dir / fabric):
            try:
                digest = content_hash(path)
            except UnreadableImage:
                continue
            record = reference_record(path)
            source = str(record.get("source_hash") or digest)
            swatch = record.get("swatch_id")
            named = bool(swatch) and swatch != record.get("source_hash")
            patches.append(LabeledPatch(path, fabric, digest, str(swatch or source), named, source, record))
    return patches


def list_unlabeled(studio: Studio) -> list[Path]:
    """Patches saved for review, sorted by name."""
    return photos_in(studio.unlabeled_dir)


def count_by_fabric(studio: Studio) -> dict[str, int]:
    """Labelled patches a fabric, sorted by id, without opening any."""
    counts = Counter({fabric: len(photos_in(studio.labeled_dir / fabric)) for fabric in studio.labeled_ids()})
    return {fabric: count for fabric, count in sorted(counts.items()) if count}
