"""Fabrics as a whole: declare, rename, merge, remove. Everything that names one follows, in one step.

Each function returns a `Done` that `undo_change` takes back. The caller holds the studio's lock. Bank and head keep
the old names until they are rebuilt (`rebuild`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fabric_desktop.errors import FabricExists, FabricMissing, UnreadableImage
from fabric_desktop.imaging import content_hash, is_photo_name
from fabric_desktop.library.following import Moved, follow_in_eval_set, follow_in_records
from fabric_desktop.library.places import (
    TRASH,
    FreeNames,
    fabric_folder,
    info_path,
    label_folder,
    record_of,
    require_fabric,
)
from fabric_desktop.names import folded
from fabric_desktop.studio import FabricInfo, Studio, check_fabric_id, load_info, own_id, same_id
from fabric_desktop.studio.changes import Done, make_change, new_id
from fabric_desktop.studio.info import INFO_NAME, info_text
from fabric_desktop.studio.renames import rename_step
from fabric_desktop.studio.steps import DropFolder, MakeFolder, Move, Step, Write


def write_info(studio: Studio, info: FabricInfo) -> list[Write]:
    """The step that declares these data; none when they are declared already. Raises BadInfo for a damaged file."""
    path = studio.fabrics_dir / info.id / INFO_NAME
    before = path.read_bytes() if path.is_file() else None
    after = info_text(studio, info).encode("utf-8")
    if (before or b"") == after:
        return []
    return [Write(info_path(info.id), before, after)]


def declare(studio: Studio, info: FabricInfo) -> Done:
    """Write a fabric's declared data into its fabric.toml, making the fabric if it is new.

    Raises BadFabricId, BadInfo (a fabric.toml that is damaged is not written over), SaveFailed.
    """
    info = replace(info, id=own_id(studio, info.id))
    steps: list[Step] = []
    if info.id not in studio.fabric_ids():
        steps.append(MakeFolder(fabric_folder(info.id)))
    return make_change(studio, "declare", [*steps, *write_info(studio, info)], {"fabric": info.id})


def rename_fabric(studio: Studio, fabric_id: str, new_id: str) -> Done:
    """Give a fabric another id: its folder, its labelled patches and its entries in the evaluation set follow.

    Raises FabricMissing, BadFabricId, FabricExists (merge the two instead), SaveFailed, ChangeBlocked.
    """
    require_fabric(studio, fabric_id)
    new = check_fabric_id(new_id)
    present = {*studio.fabric_ids(), *studio.labeled_ids()} - {fabric_id}
    if new == fabric_id or any(same_id(new, other) for other in present):
        raise FabricExists(fabric=new)
    moved = Moved()
    steps: list[Step] = []
    for folder in (fabric_folder, label_folder):
        if (studio.root / folder(fabric_id)).is_dir():
            steps.append(Move(folder(fabric_id), folder(new)))
            moved.add(folder(fabric_id), folder(new))
    steps += follow_in_records(studio, moved)
    steps += follow_in_eval_set(studio, moved, {fabric_id: new})
    steps += rename_step(studio, fabric_id, new)
    return make_change(studio, "rename", steps, {"old": fabric_id, "new": new})


def merge_fabrics(studio: Studio, source: str, into: str) -> Done:
    """Make one fabric of two: what `source` has goes to `into`, and its id and names become aliases.

    References and labelled patches move with their records, under free names; a picture that `into` has already goes
    to the trash. Declared fields of `into` stay, and its empty ones are filled. Raises FabricMissing, BadInfo,
    SaveFailed, ChangeBlocked; ValueError when both are the same.
    """
    if source == into:
        raise ValueError("a fabric cannot be merged with itself")
    require_fabric(studio, source)
    require_fabric(studio, into)
    trash = f"{TRASH}/{new_id()}/{source}"
    moved = Moved()
    steps: list[Step] = []
    if source in studio.fabric_ids():
        info = _merged_info(load_info(studio, into), load_info(studio, source))
        steps.append(MakeFolder(fabric_folder(into)))
        steps += _moves(studio, fabric_folder(source), fabric_folder(into), trash, moved)
        steps += write_info(studio, info)
    if source in studio.labeled_ids():
        steps.append(MakeFolder(label_folder(into)))
        steps += _moves(studio, label_folder(source), label_folder(into), f"{trash}/labeled", moved)
    steps += follow_in_records(studio, moved)
    steps += follow_in_eval_set(studio, moved, {source: into})
    steps += rename_step(studio, source, into, kind="merge", photos=_photos_moved(steps, source, into))
    return make_change(studio, "merge", steps, {"source": source, "into": into})


def _moves(studio: Studio, source: str, into: str, trash: str, moved: Moved) -> list[Step]:
    """Steps that empty one folder into another, and note in `moved` where each file is found afterwards."""
    folder, target = studio.root / source, studio.root / into
    known = _photos_by_hash(target)
    names = FreeNames.in_folder(target)
    steps: list[Step] = []
    records: set[Path] = set()
    for photo in sorted(entry for entry in folder.iterdir() if is_photo_name(entry) and entry.is_file()):
        record = record_of(photo)
        twin = known.get(_hash_or_name(photo))
        stem = Path(photo.name if twin is not None else names.take(photo.name))
        place = trash if twin is not None else into
        steps.append(Move(studio.relative(photo), f"{place}/{stem}"))
        moved.add(studio.relative(photo), f"{into}/{stem}" if twin is None else studio.relative(twin))
        if record is not None:
            records.add(record)
            steps.append(Move(studio.relative(record), f"{place}/{stem.with_suffix('.json')}"))
            moved.add(studio.relative(record), f"{place}/{stem.with_suffix('.json')}")
    for other in sorted(entry for entry in folder.iterdir() if not (is_photo_name(entry) and entry.is_file())):
        if other in records:
            continue
        # A data sheet is merged field by field; the old one is kept to look up what did not fit.
        place = f"{trash}/{other.name}" if other.name == INFO_NAME else f"{into}/{names.take(other.name)}"
        steps.append(Move(studio.relative(other), place))
        moved.add(studio.relative(other), place)
    return [*steps, DropFolder(source)]


def _photos_moved(steps: Sequence[Step], source: str, into: str) -> dict[str, str]:
    """Where each reference photo goes that joins the other fabric's."""
    old, new = f"{fabric_folder(source)}/", f"{fabric_folder(into)}/"
    return {
        step.source: step.target
        for step in steps
        if isinstance(step, Move) and step.source.startswith(old) and step.target.startswith(new)
    }


def _photos_by_hash(folder: Path) -> Mapping[str, Path]:
    photos = sorted(entry for entry in folder.iterdir() if is_photo_name(entry)) if folder.is_dir() else []
    return {_hash_or_name(photo): photo for photo in photos}


def _hash_or_name(photo: Path) -> str:
    """What says that two files are the same picture; one that cannot be read is only itself."""
    try:
        return content_hash(photo)
    except UnreadableImage:
        return str(photo)


def _merged_info(into: FabricInfo, source: FabricInfo) -> FabricInfo:
    """The data of `into`, filled from `source` where they are empty; the names of `source` become aliases."""
    kept = {
        name: getattr(into, name) or getattr(source, name)
        for name in FabricInfo.__dataclass_fields__
        if name not in ("id", "aliases", "notes")
    }
    notes = "\n".join(dict.fromkeys(text for text in (into.notes, source.notes) if text))
    own = {folded(text) for text in (into.id, kept["name_zh"], kept["name_en"])}
    aliases: dict[str, str] = {}
    for alias in (*into.aliases, source.id, source.name_zh, source.name_en, *source.aliases):
        if alias and folded(alias) not in own:
            aliases.setdefault(folded(alias), alias)
    return FabricInfo(id=into.id, aliases=tuple(aliases.values()), notes=notes, **kept)


def remove_fabric(studio: Studio, fabric_id: str) -> Done:
    """Move a fabric with its references and data to the trash. Its labelled patches stay where they are.

    Raises FabricMissing, SaveFailed, ChangeBlocked.
    """
    if fabric_id not in studio.fabric_ids():
        raise FabricMissing(fabric=fabric_id)
    step = Move(fabric_folder(fabric_id), f"{TRASH}/{new_id()}/{fabric_id}")
    return make_change(studio, "remove_fabric", [step], {"fabric": fabric_id})
