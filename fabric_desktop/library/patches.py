"""Patches as a person handles them: kept for review, accepted, relabelled, put in the trash, taken back.

Each function returns a `Done` that `undo_change` takes back. The caller holds the studio's lock. A label is only ever
changed here, and only because a person said so.
"""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import Box
from fabric_desktop.labels import PatchOrigin, patch_record
from fabric_desktop.library.following import Moved, follow_in_eval_set
from fabric_desktop.library.photo_regions import PhotoRegions, Sides
from fabric_desktop.library.places import FreeNames, label_folder, record_of
from fabric_desktop.studio import Studio, own_id
from fabric_desktop.studio.changes import Done, make_change, new_id, staging
from fabric_desktop.studio.files import write_bytes, write_json
from fabric_desktop.studio.steps import MakeFolder, Move, Step

if TYPE_CHECKING:
    from PIL.Image import Image

    from fabric_desktop.recognition import Recognition

TRASH = ".trash/patches"
UNLABELED = "patches/unlabeled"
# A second region on the same piece of a photo says nothing new: more than half of the smaller one shared is "the same".
MAX_OVERLAP = 0.5


def relabel(studio: Studio, patches: Sequence[Path], fabric_id: str) -> Done:
    """Give labelled patches another fabric; their entries in the evaluation set follow.

    Raises BadFabricId, UnreadableImage (missing), SaveFailed, ChangeBlocked.
    """
    return _move_all(studio, "relabel", patches, own_id(studio, fabric_id))


def accept(studio: Studio, patches: Sequence[Path], fabric_id: str) -> Done:
    """Make labelled patches of patches kept for review. Raises as `relabel`."""
    return _move_all(studio, "accept", patches, own_id(studio, fabric_id))


def trash_patches(studio: Studio, patches: Sequence[Path]) -> Done:
    """Move patches, labelled or kept for review, to the trash; an entry in the evaluation set goes when the set is next
    brought up to date. Raises UnreadableImage (missing), SaveFailed, ChangeBlocked."""
    folder = f"{TRASH}/{new_id()}"
    steps: list[Step] = []
    for path in patches:
        place = f"{folder}/{path.parent.name}"
        steps += [MakeFolder(place), *_move(studio, path, place, FreeNames(), Moved())]
    return make_change(studio, "trash_patches", steps, {"count": len(patches)})


def _move_all(studio: Studio, kind: str, patches: Sequence[Path], fabric_id: str) -> Done:
    folder = label_folder(fabric_id)
    names, moved = FreeNames.in_folder(studio.root / folder), Moved()
    steps: list[Step] = [MakeFolder(folder)]
    changed = [path for path in patches if path.parent != studio.root / folder]
    if not changed:
        return make_change(studio, kind, [], {"count": 0, "fabric": fabric_id})  # nothing that could be taken back
    for path in changed:
        steps += _move(studio, path, folder, names, moved)
    labels_by_place = _relabelled(studio, changed, moved, fabric_id)
    steps += follow_in_eval_set(studio, moved, {}, labels_by_place)
    return make_change(studio, kind, steps, {"count": len(changed), "fabric": fabric_id})


def _relabelled(studio: Studio, patches: Sequence[Path], moved: Moved, fabric_id: str) -> dict[str, str]:
    places = (moved.of(studio.relative(path)) for path in patches)
    return {place: fabric_id for place in places if place is not None}


def _move(studio: Studio, path: Path, folder: str, names: FreeNames, moved: Moved) -> list[Step]:
    if not path.is_file():
        raise UnreadableImage(path=str(path), reason="missing")
    name = names.take(path.name)
    record = record_of(path)
    steps: list[Step] = []
    if record is not None:
        steps.append(Move(studio.relative(record), f"{folder}/{Path(name).stem}.json"))
    steps.append(Move(studio.relative(path), f"{folder}/{name}"))
    moved.add(studio.relative(path), f"{folder}/{name}")
    return steps


def keep_for_review(
    studio: Studio,
    patch: Image,
    origin: PatchOrigin,
    recognition: Recognition,
    *,
    below: float,
    per_photo: int,
    regions: PhotoRegions | None = None,
) -> Done | None:
    """Keep a patch the program is unsure of in `patches/unlabeled`, once and quietly; None when there is no need.

    below: confidence of the first candidate, 0..1, under which a patch is kept (a cloth taken for unknown always is).
    per_photo: at most so many of one photograph. A region that shares more than half with one that is kept or
    labelled already is not kept again. `regions`: those of the studio, where somebody keeps them from one patch to the
    next. Raises SaveFailed, ChangeBlocked, FileTrouble.
    """
    first = recognition.candidates[0].confidence if recognition.candidates else 0.0
    if first >= below and recognition.unknown is None:
        return None
    regions, photo = regions or PhotoRegions(studio), origin.photo_hash
    kept = regions.waiting(photo) if photo is not None else []
    labelled = regions.labelled(photo) if photo is not None else []
    if len(kept) >= per_photo or any(_overlap(origin.box, sides) > MAX_OVERLAP for sides in (*kept, *labelled)):
        return None
    picture = io.BytesIO()
    patch.save(picture, "PNG")
    answers = [
        {"id": candidate.id, "score": round(candidate.score, 4), "confidence": round(candidate.confidence, 4)}
        for candidate in recognition.candidates
    ]
    record = patch_record(studio, origin, recognition.encoder, answers, recognition.look)
    base = re.sub(r"[^\w-]+", "_", origin.photo.stem)[:60] if origin.photo is not None else "patch"
    stem = f"{base or 'patch'}_{uuid.uuid4().hex[:10]}"
    with staging(studio) as place:
        write_json(place.folder / f"{stem}.json", record)
        write_bytes(place.folder / f"{stem}.png", picture.getvalue())
        steps: list[Step] = [
            MakeFolder(UNLABELED),
            Move(studio.relative(place.folder / f"{stem}.json"), f"{UNLABELED}/{stem}.json"),
            Move(studio.relative(place.folder / f"{stem}.png"), f"{UNLABELED}/{stem}.png"),
        ]
        return make_change(studio, "keep_for_review", steps, {"photo": base}, id=place.id)


def _overlap(box: Box | None, other: Sides | None) -> float:
    """Shared area of two regions as a share of the smaller one; 0 where one of them has no box."""
    if box is None or other is None:
        return 0.0
    x, y, width, height = other
    shared_width = min(box.x + box.width, x + width) - max(box.x, x)
    shared_height = min(box.y + box.height, y + height) - max(box.y, y)
    if shared_width <= 0 or shared_height <= 0:
        return 0.0
    return float(shared_width * shared_height / max(1, min(box.width * box.height, width * height)))
