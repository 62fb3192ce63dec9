"""Reference library -> bank. Builds, keeps and loads the references' embeddings; the bank itself is in `references`.

Ranking fabrics beyond the plain cosine is for `classifier` and `recognizer`.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabric_desktop.embeddings import Embedded, Skipped, embed_files
from fabric_desktop.errors import BankMismatch, BankMissing, NoEmbeddingsCollected, VersionMissing
from fabric_desktop.imaging import MIN_REFERENCE_SIDE
from fabric_desktop.jobs import JobContext
from fabric_desktop.notices import Notice
from fabric_desktop.reference_looks import ReferenceLooks, look_heading, look_text, read_look
from fabric_desktop.references import Bank as Bank
from fabric_desktop.references import Match as Match
from fabric_desktop.references import ReferenceRow as ReferenceRow
from fabric_desktop.studio import NewPart, Studio, publish_version
from fabric_desktop.studio.files import json_bytes, npz_bytes, read_json, read_npz, write_together
from fabric_desktop.studio.versions import current_name
from fabric_desktop.touched import Untouched

if TYPE_CHECKING:
    import numpy as np

    from fabric_desktop.encoders.base import Encoder

logger = logging.getLogger(__name__)

INDEX_FORMAT = 1
BANK_NAME = "bank.npz"


@dataclass(frozen=True, slots=True)
class BankReport:
    """What a build did. `reused` of the `images` had not changed; `bytes` is the size of the bank file."""

    fabrics: int
    images: int
    skipped: tuple[Skipped, ...]
    reused: int
    encoder: str
    dim: int
    path: Path
    bytes: int
    per_fabric: dict[str, int]
    version: str
    warnings: tuple[Notice, ...] = ()


def index_path_of(bank_path: Path) -> Path:
    """The index beside a bank file: the same name with the ending .json."""
    return bank_path.with_suffix(".json")


@dataclass(frozen=True, slots=True)
class EmbeddedLibrary:
    """The reference library as a bank that has not been written yet, and what embedding it came to."""

    bank: Bank
    embedded: tuple[Embedded, ...]
    skipped: tuple[Skipped, ...]

    @property
    def part(self) -> NewPart:
        """The bank as a part of a version."""
        return NewPart(
            write=lambda folder: write_bank(self.bank, folder / BANK_NAME),
            facts={"fabrics": len(self.bank.fabric_ids), "images": len(self.bank.rows)},
        )


def embed_library(studio: Studio, encoder: Encoder, context: JobContext) -> EmbeddedLibrary:
    """Embed the reference library and measure its looks; photos whose content hash stands in the present bank of the
    same encoder fingerprint are not opened again. Writes only caches. Raises NoEmbeddingsCollected, Cancelled."""
    photos, unnamed = [], []
    for fabric in studio.fabric_ids():
        for photo in studio.reference_photos(fabric):
            if _is_text(fabric):
                photos.append((fabric, photo))
            else:
                unnamed.append(Skipped(photo, "bad_name"))
    fabric_of = {photo: fabric for fabric, photo in photos}

    def report(done: int, path: Path) -> None:
        context.progress(done, len(photos), "job.build_bank", photo=path.name, fabric=fabric_of[path])

    known = _known(studio, encoder.fingerprint)
    untouched = Untouched(studio, "references")
    looks = ReferenceLooks({digest: seen.look for digest, seen in known.items() if seen.look is not None})
    embedded, skipped = embed_files(
        [photo for _, photo in photos],
        encoder,
        context,
        known={digest: seen.embedding for digest, seen in known.items()},
        report=report,
        opened=looks.measure,
        untouched=untouched,
    )
    untouched.save()
    skipped = [*unnamed, *skipped]
    if not embedded:
        raise NoEmbeddingsCollected(path=str(studio.fabrics_dir), skipped=len(skipped))
    looks.complete(embedded, context)
    bank = _assemble(studio, encoder, embedded, fabric_of, looks)
    return EmbeddedLibrary(bank, tuple(embedded), tuple(skipped))


def _is_text(name: str) -> bool:
    """Whether a folder's name is valid Unicode: one from an archive in another encoding need not be, on Linux."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def build_bank(studio: Studio, encoder: Encoder, context: JobContext) -> BankReport:
    """Embed the reference library and put the result in use; photos that did not change are not opened again.

    Unreadable photos are skipped and named. The bank at the studio's root is written for other programs, and a new
    model version carries it together with the head in use, where that fits the encoder.

    Raises NoEmbeddingsCollected, SaveFailed, Cancelled; the studio is then as it was.
    """
    library = embed_library(studio, encoder, context)
    context.check_cancelled()
    bank = library.bank
    files = bank_files(bank, studio.bank_path)
    version = publish_version(
        studio,
        encoder=bank.encoder_id,
        fingerprint=bank.fingerprint,
        parts={"bank": replace(library.part, write=lambda folder: _write_copy(files, folder / BANK_NAME))},
        copies=files,
    )
    counts = Counter(row.fabric_id for row in bank.rows)
    return BankReport(
        fabrics=len(counts),
        images=len(bank.rows),
        skipped=library.skipped,
        reused=sum(item.reused for item in library.embedded),
        encoder=encoder.id,
        dim=encoder.dim,
        path=studio.bank_path,
        bytes=studio.bank_path.stat().st_size,
        per_fabric=dict(sorted(counts.items())),
        version=version.name,
        warnings=_warnings(studio, library.embedded, counts),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a bank holds of one picture: its embedding (dim,), and its look (18,) where that was kept."""

    embedding: np.ndarray
    look: np.ndarray | None


def _known(studio: Studio, fingerprint: str) -> dict[str, _Seen]:
    """What is known by content hash, of the bank at the root and of the version in use (where one was lost or written
    over by another program, the other still knows)."""
    paths = [studio.bank_path]
    with contextlib.suppress(VersionMissing):
        name = current_name(studio)
        paths = paths if name is None else [studio.models_dir / name / BANK_NAME, *paths]
    known: dict[str, _Seen] = {}
    read: set[str] = set()
    for path in paths:
        try:
            # Mostly both are the same bank.
            written = _load_index(path)["sha256"]
            if written in read:
                continue
            bank = load_bank(path, fingerprint)
        except (BankMissing, BankMismatch):
            continue
        read.add(written)
        for i, row in enumerate(bank.rows):
            known[row.content_hash] = _Seen(bank.embeddings[i], None if bank.looks is None else bank.looks[i])
    return known


def _assemble(
    studio: Studio, encoder: Encoder, embedded: list[Embedded], fabric_of: Mapping[Path, str], looks: ReferenceLooks
) -> Bank:
    import numpy as np

    rows = []
    for item in embedded:
        record = reference_record(item.path)
        source = str(record.get("source_hash") or item.content_hash)
        swatch = str(record.get("swatch_id") or source)
        rows.append(ReferenceRow(fabric_of[item.path], studio.relative(item.path), item.content_hash, source, swatch))
    embeddings = np.stack([item.embedding for item in embedded]).astype(np.float32)
    return Bank(embeddings, tuple(rows), encoder.fingerprint, encoder.id, looks.of(embedded))


def reference_record(photo: Path) -> dict[str, Any]:
    """The .json beside a reference or patch, or an empty one where there is none or it cannot be read."""
    try:
        record = read_json(photo.with_suffix(".json"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _warnings(studio: Studio, embedded: Sequence[Embedded], counts: Counter[str]) -> tuple[Notice, ...]:
    small = [item.path for item in embedded if not item.reused and min(item.size) < MIN_REFERENCE_SIDE]
    few = sorted(fabric for fabric, count in counts.items() if count < 3)
    empty = [fabric for fabric in studio.fabric_ids() if fabric not in counts]
    notices = []
    if small:
        notices.append(Notice("small_references", {"count": len(small), "example": studio.relative(small[0])}))
    if few:
        notices.append(Notice("few_references", {"count": len(few), "fabrics": ", ".join(few[:5])}))
    if empty:
        notices.append(Notice("fabrics_without_photos", {"count": len(empty), "fabrics": ", ".join(empty[:5])}))
    return tuple(notices)


def _write_copy(files: Mapping[Path, bytes], path: Path) -> None:
    """The same bank and index as in `files`, under another name."""
    write_together(dict(zip((path, index_path_of(path)), files.values(), strict=True)))


def write_bank(bank: Bank, path: Path) -> None:
    """Write a bank and its index beside it, both or neither. Raises SaveFailed."""
    write_together(bank_files(bank, path))


def bank_files(bank: Bank, path: Path) -> dict[Path, bytes]:
    """A bank at `path` and its index beside it, as the bytes to be written.

    The file holds one array (n_images, dim) float32 a fabric id. The index names the file's hash, so that a bank
    written over by another program is never taken for ours.
    """
    arrays = {fabric: bank.embeddings[bank.fabric_index == i] for i, fabric in enumerate(bank.fabric_ids)}
    data = npz_bytes(arrays)
    rows: dict[str, list[dict[str, str]]] = {fabric: [] for fabric in bank.fabric_ids}
    for i, row in enumerate(bank.rows):
        entry = {"photo": row.photo, "hash": row.content_hash, "source": row.source, "swatch": row.swatch_id}
        if bank.looks is not None:
            entry["look"] = look_text(bank.looks[i])
        rows[row.fabric_id].append(entry)
    index = {
        "format": INDEX_FORMAT,
        "encoder": bank.encoder_id,
        "fingerprint": bank.fingerprint,
        "dim": int(bank.embeddings.shape[1]),
        "sha256": hashlib.sha256(data).hexdigest(),
        "look": look_heading(),
        "rows": rows,
    }
    return {path: data, index_path_of(path): json_bytes(index)}


def load_bank(path: Path, fingerprint: str | None = None) -> Bank:
    """Read a bank with its index.

    Raises BankMissing; BankMismatch with reason no_index (made by an older script, or written over by one),
    other_encoder (when `fingerprint` is given and differs) or damaged.
    """
    import numpy as np

    if not path.is_file():
        raise BankMissing(path=str(path))
    index = _load_index(path)
    if fingerprint is not None and index["fingerprint"] != fingerprint:
        raise BankMismatch(
            path=str(path),
            reason="other_encoder",
            expected=fingerprint,
            found=index["fingerprint"],
            encoder=index["encoder"],
        )
    try:
        with path.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        if digest != index["sha256"]:
            raise BankMismatch(path=str(path), reason="no_index" if zipfile.is_zipfile(path) else "damaged")
        arrays = read_npz(path)
        rows, blocks, looks = [], [], []
        measured_so = index.get("look") == look_heading()
        for fabric in sorted(arrays):
            block, entries = arrays[fabric], index["rows"][fabric]
            if block.dtype != np.float32 or block.shape != (len(entries), index["dim"]) or not np.isfinite(block).all():
                raise ValueError(f"array {fabric!r}")
            blocks.append(block)
            rows += [_row(fabric, entry) for entry in entries]
            looks += [read_look(entry["look"]) for entry in entries if measured_so and "look" in entry]
        if not rows or set(index["rows"]) != set(arrays):
            raise ValueError("fabrics of bank and index differ")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BankMismatch(path=str(path), reason="damaged") from error
    kept = np.array(looks, np.float32) if len(looks) == len(rows) else None
    return Bank(np.concatenate(blocks), tuple(rows), str(index["fingerprint"]), str(index["encoder"]), kept)


def _row(fabric: str, entry: dict[str, Any]) -> ReferenceRow:
    texts = [entry[key] for key in ("photo", "hash", "source", "swatch")]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"row of {fabric!r}")
    return ReferenceRow(fabric, *texts)


def _load_index(path: Path) -> dict[str, Any]:
    try:
        index = read_json(index_path_of(path))
    except FileNotFoundError as error:
        raise BankMismatch(path=str(path), reason="no_index") from error
    except (OSError, ValueError) as error:
        raise BankMismatch(path=str(path), reason="damaged") from error
    wanted = {"encoder": str, "fingerprint": str, "dim": int, "sha256": str, "rows": dict}
    if not isinstance(index, dict) or not all(isinstance(index.get(key), kind) for key, kind in wanted.items()):
        raise BankMismatch(path=str(path), reason="no_index")
    return index
