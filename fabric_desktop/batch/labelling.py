"""Labels for many photos at once, each kept as a labelled patch of its own, all of it one step that can be taken back.

The caller holds the studio's lock.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fabric_desktop.attributes import measure_look
from fabric_desktop.batch.results import PhotoResult
from fabric_desktop.embeddings import Skipped
from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import Box, open_unknown
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import PatchOrigin, free_stem, patch_record
from fabric_desktop.studio import Studio, own_id
from fabric_desktop.studio.changes import Done, make_change, staging
from fabric_desktop.studio.files import write_bytes, write_json
from fabric_desktop.studio.steps import MakeFolder, Move, Step

# The reason code of a photo whose file holds another picture than when it was recognised.
REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class LabelledPhotos:
    """What labelling many did: the change, for taking it back with `undo_change`, and photos that were left out."""

    change: Done
    labelled: int
    skipped: tuple[Skipped, ...]


def label_photos(
    studio: Studio,
    photos: Sequence[Path | PhotoResult],
    fabric_id: str,
    context: JobContext,
    encoder: str | None = None,
) -> LabelledPhotos:
    """Keep whole photos as labelled patches of one fabric; what the program had said is kept beside the label.

    Photos that cannot be read, or are no longer those that were recognised, are left out and named. Until all patches
    are made nothing changes, so a cancel or a failure leaves no label behind. Raises BadFabricId, SaveFailed,
    Cancelled.
    """
    fabric = own_id(studio, fabric_id)
    folder = f"patches/labeled/{fabric}"
    steps: list[Step] = [] if (studio.root / folder).is_dir() else [MakeFolder(folder)]
    skipped: list[Skipped] = []
    labelled = 0
    with staging(studio) as stage:
        for number, entry in enumerate(photos):
            photo = entry.photo if isinstance(entry, PhotoResult) else entry
            context.progress(number, len(photos), "job.label_photos", photo=photo.name)
            try:
                record = stage_photo(studio, stage.folder, number, photo, entry, encoder)
            except UnreadableImage as error:
                skipped.append(Skipped(photo, str(error.params["reason"])))
                continue
            stem = free_stem(photo)
            # The record first: a patch that is there is whole.
            for staged in (record, record.with_suffix(".png")):
                steps.append(Move(studio.relative(staged), f"{folder}/{stem}{staged.suffix}"))
            labelled += 1
        params = {"fabric": fabric, "count": labelled}
        change = make_change(studio, "label_photos", steps if labelled else [], params, id=stage.id)
    return LabelledPhotos(change, labelled, tuple(skipped))


def stage_photo(
    studio: Studio, folder: Path, number: int, photo: Path, entry: Path | PhotoResult, encoder: str | None
) -> Path:
    """Write a whole photo as a patch with its record into a folder of staged files; the record's path.

    Hash and pixels are of one reading of the file. Raises UnreadableImage, with reason REPLACED for another picture
    than the one the result is of: what was said of that one is not to stand beside this one; SaveFailed.
    """
    digest, image = open_unknown(photo, ())
    assert image is not None
    result = entry if isinstance(entry, PhotoResult) else None
    if result is not None and result.content_hash not in ("", digest):
        raise UnreadableImage(path=str(photo), reason=REPLACED)
    topk = None
    if result is not None:
        topk = [
            {"id": candidate.id, "score": round(candidate.score, 4), "confidence": round(candidate.confidence, 4)}
            for candidate in result.candidates
        ]
    origin = PatchOrigin(
        photo=photo,
        photo_hash=digest,
        box=Box(0, 0, *image.size),
    )
    picture = io.BytesIO()
    image.save(picture, "PNG")
    write_bytes(folder / f"{number:06}.png", picture.getvalue())
    record = folder / f"{number:06}.json"
    write_json(record, patch_record(studio, origin, encoder, topk, measure_look(image)))
    return record
