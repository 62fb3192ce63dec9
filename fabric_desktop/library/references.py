"""Single reference photos: add from a file or from a region of a photograph, remove to the trash, replace, restore.

Each function returns a `Done` that `undo_change` takes back. The caller holds the studio's lock.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.errors import SaveFailed, UnreadableImage
from fabric_desktop.imaging import content_hash, is_photo_name, open_photo
from fabric_desktop.labels import PatchOrigin, patch_record
from fabric_desktop.library.places import TRASH, FreeNames, fabric_folder, record_of
from fabric_desktop.studio import Studio, own_id
from fabric_desktop.studio.changes import Done, make_change, new_id, staging
from fabric_desktop.studio.files import reason_of, write_bytes
from fabric_desktop.studio.steps import DropFolder, MakeFolder, Move, Step, Write

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Trashed:
    """A reference in the trash: where it lies, the fabric and name it had, and when it was removed (local time)."""

    path: Path
    fabric_id: str
    name: str
    removed: datetime


def stage_copy(source: Path, target: Path) -> str:
    """Copy a file's bytes and time, flushed to the disk; returns the SHA-256 of what was copied, as hex.

    Raises UnreadableImage, SaveFailed.
    """
    try:
        reader = source.open("rb")
    except OSError as error:
        content_hash(source)  # says what is wrong with it
        raise UnreadableImage(path=str(source), reason="unreachable") from error
    digest = hashlib.sha256()
    try:
        with reader, target.open("wb") as writer:
            while block := reader.read(1 << 20):
                digest.update(block)
                writer.write(block)
            writer.flush()
            os.fsync(writer.fileno())
        shutil.copystat(source, target)
        # A photo from a read-only card must still be movable to the trash later.
        target.chmod(target.stat().st_mode | 0o200)
    except OSError as error:
        raise SaveFailed(path=str(target), reason=reason_of(error), detail=str(error)) from error
    return digest.hexdigest()


def add_references(studio: Studio, fabric_id: str, files: Sequence[Path]) -> Done:
    """Copy photos into a fabric's folder, making the fabric if it is new; the originals stay where they are.

    A photo whose content the fabric has already is passed over (`params`: count, known). Raises UnreadableImage for
    the first one that cannot be opened, BadFabricId, SaveFailed; nothing is added then.
    """
    fabric = own_id(studio, fabric_id)
    folder = fabric_folder(fabric)
    have = {content_hash(photo) for photo in studio.reference_photos(fabric)}
    names = FreeNames.in_folder(studio.root / folder)
    steps: list[Step] = _made_folder(studio, fabric)
    known = 0
    with staging(studio) as stage:
        for number, source in enumerate(files):
            digest = content_hash(source)
            open_photo(source)
            if digest in have:
                known += 1
                continue
            have.add(digest)
            staged = stage.folder / f"{number}{source.suffix.lower()}"
            stage_copy(source, staged)
            steps.append(Move(studio.relative(staged), f"{folder}/{names.take(source.name)}"))
        count = len(files) - known
        params = {"fabric": fabric, "count": count, "known": known}
        return make_change(studio, "add", steps if count else [], params, id=stage.id)


def add_reference_patch(studio: Studio, fabric_id: str, patch: Image, origin: PatchOrigin) -> Done:
    """Keep a region of a photograph as a reference: a PNG, with a record of the photograph, the box and the swatch.

    The record keeps the photograph's own patches from being compared with it in an evaluation. `params["path"]` is the
    new reference, relative to the studio. Raises BadFabricId, UnreadableImage, SaveFailed.
    """
    fabric = own_id(studio, fabric_id)
    folder = fabric_folder(fabric)
    stem = origin.photo.stem if origin.photo is not None else "region"
    name = FreeNames.in_folder(studio.root / folder).take(f"{stem} region.png")
    picture = io.BytesIO()
    patch.save(picture, "PNG")
    record = json.dumps(patch_record(studio, origin), ensure_ascii=False, indent=2) + "\n"
    place = f"{folder}/{name}"
    with staging(studio) as stage:
        staged = stage.folder / "0.png"
        write_bytes(staged, picture.getvalue())
        # The record first: whenever the picture is at its place, so is what says where it was cut.
        steps: list[Step] = [
            *_made_folder(studio, fabric),
            Write(place.removesuffix(".png") + ".json", None, record.encode("utf-8")),
            Move(studio.relative(staged), place),
        ]
        return make_change(studio, "add_region", steps, {"fabric": fabric, "path": place}, id=stage.id)


def _made_folder(studio: Studio, fabric: str) -> list[Step]:
    return [] if (studio.fabrics_dir / fabric).is_dir() else [MakeFolder(fabric_folder(fabric))]


def remove_references(studio: Studio, photos: Sequence[Path]) -> Done:
    """Move references with their records to the trash, from which `restore` brings them back.

    Raises UnreadableImage(missing) for one that is not there or is no reference of this studio; SaveFailed.
    """
    trash = f"{TRASH}/{new_id()}"
    steps: list[Step] = []
    for photo in photos:
        steps += _to_trash(studio, photo, trash)
    return make_change(studio, "remove", steps, {"count": len(photos), "name": photos[0].name if photos else ""})


def _to_trash(studio: Studio, photo: Path, trash: str) -> list[Step]:
    here = studio.relative(photo)
    parts = here.split("/")
    if len(parts) != 3 or parts[0] != "fabrics" or not (photo.is_file() or photo.is_symlink()):
        raise UnreadableImage(path=str(photo), reason="missing")
    record = record_of(photo)
    steps: list[Step] = [Move(here, f"{trash}/{parts[1]}/{photo.name}")]
    if record is not None:
        steps.append(Move(studio.relative(record), f"{trash}/{parts[1]}/{record.name}"))
    return steps


def replace_reference(studio: Studio, photo: Path, file: Path) -> Done:
    """Put another photo in a reference's place; the old one goes to the trash.

    The new one has the old one's stem, with its own ending. Raises UnreadableImage, SaveFailed.
    """
    open_photo(file)
    steps = _to_trash(studio, photo, f"{TRASH}/{new_id()}")
    name = f"{photo.stem}{file.suffix.lower()}"
    if name != photo.name and (photo.parent / name).exists():
        name = FreeNames.in_folder(photo.parent).take(name)
    target = studio.relative(photo.parent / name)
    with staging(studio) as stage:
        staged = stage.folder / f"0{file.suffix.lower()}"
        stage_copy(file, staged)
        steps.append(Move(studio.relative(staged), target))
        return make_change(studio, "replace", steps, {"name": photo.name, "path": target}, id=stage.id)


def list_trash(studio: Studio) -> list[Trashed]:
    """References in the trash, latest first. The program never empties it."""
    found = []
    root = studio.root / TRASH
    for folder in sorted(root.iterdir(), reverse=True) if root.is_dir() else []:
        removed = _when(folder)
        for photo in sorted(folder.glob("*/*")):
            if is_photo_name(photo):
                found.append(Trashed(photo, photo.parent.name, photo.name, removed))
    return found


def _when(folder: Path) -> datetime:
    """When a trash folder was filled, by its name, else by the file system."""
    try:
        return datetime.strptime(folder.name[:15], "%Y%m%d-%H%M%S").astimezone()
    except ValueError:
        return datetime.fromtimestamp(folder.stat().st_mtime).astimezone()


def restore(studio: Studio, photos: Sequence[Path]) -> Done:
    """Bring references in the trash back to their fabrics, under their old names where those are free.

    A fabric whose folder went with its photos comes back with its data sheet and what else lay in it. Raises
    UnreadableImage(missing) for a photo that is not in the trash, SaveFailed.
    """
    names: dict[str, FreeNames] = {}
    steps: list[Step] = []
    left: Counter[Path] = Counter()
    for photo in photos:
        here = studio.relative(photo)
        if not here.startswith(f"{TRASH}/") or len(here.split("/")) != 5 or not photo.is_file():
            raise UnreadableImage(path=str(photo), reason="missing")
        fabric = photo.parent.name
        if fabric not in names:
            names[fabric] = FreeNames.in_folder(studio.fabrics_dir / fabric)
            if not (studio.fabrics_dir / fabric).is_dir():
                steps.append(MakeFolder(fabric_folder(fabric)))
                for note in _beside_photos(photo.parent):
                    steps.append(Move(studio.relative(note), f"{fabric_folder(fabric)}/{note.name}"))
        name = names[fabric].take(photo.name)
        steps.append(Move(here, f"{fabric_folder(fabric)}/{name}"))
        record = record_of(photo)
        if record is not None:
            steps.append(Move(studio.relative(record), f"{fabric_folder(fabric)}/{Path(name).with_suffix('.json')}"))
        left[photo.parent] += 1
    for folder in left:
        steps += [DropFolder(studio.relative(folder)), DropFolder(studio.relative(folder.parent))]
    return make_change(studio, "restore", steps, {"count": len(photos)})


def _beside_photos(folder: Path) -> list[Path]:
    """The files of a fabric's folder that are neither photos nor their records: its data sheet, notes."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    photos = [path for path in files if is_photo_name(path)]
    records = {record_of(photo) for photo in photos}
    return [path for path in files if path not in photos and path not in records]
