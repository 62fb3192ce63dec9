"""Photos of a batch that the program is unsure of, offered for the review queue: none is kept unless a person says so.

The caller holds the studio's lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fabric_desktop.batch.labelling import stage_photo
from fabric_desktop.batch.results import UNCERTAIN, PhotoResult
from fabric_desktop.embeddings import Skipped
from fabric_desktop.errors import UnreadableImage
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import free_stem, list_labeled, list_unlabeled
from fabric_desktop.parsing import read_json
from fabric_desktop.studio import Studio
from fabric_desktop.studio.changes import Done, make_change, staging
from fabric_desktop.studio.steps import MakeFolder, Move, Step

_UNLABELED = "patches/unlabeled"


@dataclass(frozen=True, slots=True)
class KeptPhotos:
    """What keeping many did: the change, for taking it back with `undo_change`; how many were kept; how many others
    wait or have a label already, a second file of the same content among them; and photos that were left out: not to
    be read, or no longer those that were recognised. Together these are all that were to be kept."""

    change: Done
    kept: int
    known: int
    skipped: tuple[Skipped, ...]


def uncertain(results: Sequence[PhotoResult], below: float) -> list[PhotoResult]:
    """The results a person should look at, the least certain first: those called unsure or not in the library, and
    those whose first candidate's confidence is under `below` (0..1, the studio's `review_below`)."""
    found = [
        result
        for result in results
        if result.first is not None and (result.word in UNCERTAIN or result.first.confidence < below)
    ]
    return sorted(found, key=lambda result: result.first.confidence if result.first is not None else 0.0)


def keep_photos(
    studio: Studio, results: Sequence[PhotoResult], context: JobContext, encoder: str | None = None
) -> KeptPhotos:
    """Keep whole photos in the review queue, each once, with what the program had said; one step to take back.

    A photo of which a patch waits or has a label already is left out, and so is one that is no longer what was
    recognised. Until all are made nothing changes. Raises SaveFailed, Cancelled.
    """
    known = _known_photos(studio)
    wanted = [result for result in results if not result.error]
    steps: list[Step] = [MakeFolder(_UNLABELED)]
    skipped: list[Skipped] = []
    kept: set[str] = set()
    already = 0
    with staging(studio) as stage:
        for number, result in enumerate(wanted):
            context.progress(number, len(wanted), "job.keep_photos", photo=result.photo.name)
            if result.content_hash in known or result.content_hash in kept:
                already += 1
                continue
            try:
                record = stage_photo(studio, stage.folder, number, result.photo, result, encoder)
            except UnreadableImage as error:
                skipped.append(Skipped(result.photo, str(error.params["reason"])))
                continue
            kept.add(result.content_hash)
            stem = free_stem(result.photo)
            for staged in (record, record.with_suffix(".png")):
                steps.append(Move(studio.relative(staged), f"{_UNLABELED}/{stem}{staged.suffix}"))
        change = make_change(studio, "keep_photos", steps if kept else [], {"count": len(kept)}, id=stage.id)
    return KeptPhotos(change, len(kept), already, tuple(skipped))


def _known_photos(studio: Studio) -> set[str]:
    """Content hashes of the photographs of which a patch is kept or labelled."""
    found = {patch.source for patch in list_labeled(studio)}
    for path in list_unlabeled(studio):
        found.add(_source_of(path))
    return found


def _source_of(path: Path) -> str:
    try:
        record = read_json(path.with_suffix(".json"))
    except (OSError, ValueError):
        return ""
    return str(record.get("source_hash") or "") if isinstance(record, dict) else ""
