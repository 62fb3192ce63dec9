"""Bring my swatches: do what a plan says, as one step, and take it back as one step.

Importers of this module find planning here too; single photos are for `references`.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from fabric_desktop.errors import NothingToImport, SaveFailed, UnreadableImage
from fabric_desktop.jobs import JobContext
from fabric_desktop.library.edit import write_info
from fabric_desktop.library.import_plan import ImportChoices, ImportPlan, PlannedFabric, PlannedPhoto, Seen, plan_import
from fabric_desktop.library.linking import stage_link
from fabric_desktop.library.places import fabric_folder, info_path
from fabric_desktop.library.references import stage_copy
from fabric_desktop.notices import Notice
from fabric_desktop.studio import FabricInfo, Studio, load_info
from fabric_desktop.studio.changes import Done, make_change, new_id, staging, trashed
from fabric_desktop.studio.info import INFO_NAME
from fabric_desktop.studio.steps import DropFolder, MakeFolder, Move, Step, Write

__all__ = [
    "ImportChoices",
    "ImportDone",
    "ImportPlan",
    "PlannedFabric",
    "PlannedPhoto",
    "Seen",
    "plan_import",
    "run_import",
    "undo_import",
]

Mode = Literal["copy", "link"]
_SPARE_BYTES = 50_000_000  # left free beside what is copied: the bank and the journals need room too


@dataclass(frozen=True, slots=True)
class ImportDone:
    """What an import did: the change, for taking it back, and its totals."""

    change: Done
    photos: int
    fabrics: int
    new_fabrics: int
    mode: Mode
    notices: tuple[Notice, ...] = ()


def run_import(plan: ImportPlan, studio: Studio, context: JobContext, mode: Mode = "copy") -> ImportDone:
    """Do what a plan says, all of it or nothing; the caller holds the studio's lock.

    Photos are copied, or linked, to a place of their own first, with progress and cancel; then all is put in place as
    one change. Raises NothingToImport, SaveFailed, LinkRefused, UnreadableImage (a photo that went or changed since
    the plan), Cancelled; the studio is then as it was.
    """
    if not plan.photos and not any(fabric.declared for fabric in plan.fabrics):
        raise NothingToImport(path=str(plan.source.root), **_why_nothing(plan))
    if mode == "copy":
        _require_space(studio, plan)
    with staging(studio) as stage:
        steps: list[Step] = [MakeFolder(fabric_folder(fabric.id)) for fabric in plan.fabrics if fabric.new]
        for number, photo in enumerate(plan.photos):
            context.progress(number, len(plan.photos), f"job.import_{mode}", photo=photo.source.name)
            steps += _staged(studio, stage.folder, number, photo, mode)
        for fabric in plan.fabrics:
            steps += _declared_step(studio, plan, fabric)
        context.check_cancelled()
        params = {"count": len(plan.photos), "fabrics": len(plan.fabrics)}
        change = make_change(studio, "import", steps, params, id=stage.id)
    return ImportDone(
        change=change,
        photos=len(plan.photos),
        fabrics=len(plan.fabrics),
        new_fabrics=sum(fabric.new for fabric in plan.fabrics),
        mode=mode,
        notices=plan.warnings,
    )


def _why_nothing(plan: ImportPlan) -> dict[str, int]:
    codes = [conflict.code for conflict in plan.conflicts]
    return {
        "unreadable": len(plan.unreadable),
        "known": sum(code in ("known_photo", "twice") for code in codes),
        "other": sum(code == "no_fabric" for code in codes),
    }


def _require_space(studio: Studio, plan: ImportPlan) -> None:
    if shutil.disk_usage(studio.root).free < plan.bytes + _SPARE_BYTES:
        raise SaveFailed(path=str(studio.fabrics_dir), reason="disk_full")


def _staged(studio: Studio, folder: Path, number: int, photo: PlannedPhoto, mode: Mode) -> list[Step]:
    """Bring one photo into the studio; the steps that put it, and its record, in place."""
    staged = folder / f"{number:06}{photo.source.suffix.lower()}"
    target = f"{fabric_folder(photo.fabric_id)}/{photo.name}"
    if mode == "link":
        stage_link(photo.source, staged)
        same = staged.stat().st_size == photo.bytes
    else:
        same = stage_copy(photo.source, staged) == photo.content_hash
    if not same:
        raise UnreadableImage(path=str(photo.source), reason="changed")
    steps: list[Step] = [Move(studio.relative(staged), target)]
    if photo.record is not None:
        record = staged.with_suffix(".json")
        stage_copy(photo.record, record)
        steps.insert(0, Move(studio.relative(record), str(Path(target).with_suffix(".json").as_posix())))
    return steps


def _declared_step(studio: Studio, plan: ImportPlan, fabric: PlannedFabric) -> list[Write]:
    sheet = plan.sheets.get(fabric.id)
    path = studio.fabrics_dir / fabric.id / INFO_NAME
    if sheet is not None and not path.exists() and not fabric.declared:
        return [Write(info_path(fabric.id), None, sheet.read_bytes())]  # with its comments and further keys
    if not fabric.declared:
        return []
    values: dict[str, object] = dict(fabric.declared)
    if "aliases" in values:
        values["aliases"] = tuple(_split_aliases(fabric.declared["aliases"]))
    info: FabricInfo = replace(load_info(studio, fabric.id), **values)  # type: ignore[arg-type]
    return write_info(studio, info)


def _split_aliases(text: str) -> list[str]:
    for mark in ",，;；、/|\n":
        text = text.replace(mark, "\0")
    return list(dict.fromkeys(part.strip() for part in text.split("\0") if part.strip()))


def undo_import(studio: Studio, done: ImportDone | Done) -> Done:
    """Take an import back as one step: its photos to the trash, its data sheets as they were, its folders gone.

    What was changed since is left alone: a photo that is no longer there, a data sheet that somebody edited, a folder
    with other things in it. Taking the result back with `undo_change` imports it again. Raises SaveFailed.
    """
    change = done.change if isinstance(done, ImportDone) else done
    trash = new_id()
    steps: list[Step] = []
    for step in reversed(change.steps):
        if isinstance(step, Move) and (studio.root / step.target).exists():
            steps.append(Move(step.target, trashed(step.target, trash)))
        elif isinstance(step, Write):
            path = studio.root / step.path
            if path.is_file() and path.read_bytes() == step.after:
                steps.append(Write(step.path, step.after, step.before))
        elif isinstance(step, MakeFolder):
            steps.append(DropFolder(step.path))
    return make_change(studio, "undo_import", steps, change.params)
