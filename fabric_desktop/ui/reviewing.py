"""The review queue and the labelled patches as the window works with them: kept, ordered, named, put away.

Every change a person makes here can be undone. What is kept for review without being asked for is no edit of theirs.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from fabric_desktop.bank import reference_record
from fabric_desktop.errors import FabricError
from fabric_desktop.imaging import Box
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.labels import PatchOrigin, list_unlabeled
from fabric_desktop.library.patches import accept, keep_for_review, relabel, trash_patches
from fabric_desktop.library.photo_regions import PhotoRegions
from fabric_desktop.studio import Studio, StudioLock
from fabric_desktop.studio.changes import Done, undo_change
from fabric_desktop.studio.layout import photos_in
from fabric_desktop.studio.steps import Move
from fabric_desktop.ui import titles
from fabric_desktop.ui.cutting import region_patch
from fabric_desktop.ui.document import Document, Label, Region, Stage
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages.changing import Changing
from fabric_desktop.ui.workbench import Workbench

log = logging.getLogger(__name__)

SHOWN_CANDIDATES = 3
_EVERYTHING = 2.0  # above any confidence: the person wants it kept
_NO_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class ShownPatch:
    """A patch in a grid: its file, its fabric if it has a label, the first candidates when it was kept (fabric id and
    confidence 0..1), and its record."""

    path: Path
    fabric_id: str
    candidates: tuple[tuple[str, float], ...]
    record: dict[str, Any]


def shown_patch(path: Path, fabric_id: str = "", first: str = "") -> ShownPatch:
    """A patch with what its record says; `first` is what the model in use takes it for now, if that is known."""
    record = reference_record(path)
    kept = record.get("topk")
    candidates = [
        (str(item["id"]), _number(item.get("confidence", item.get("score"))))
        for item in (kept if isinstance(kept, list) else [])
        if isinstance(item, dict) and "id" in item
    ]
    if first and (not candidates or candidates[0][0] != first):
        known = dict(candidates)
        candidates = [(first, known.pop(first, 0.0)), *known.items()]
    return ShownPatch(path, fabric_id, tuple(candidates[:SHOWN_CANDIDATES]), record)


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


class Reviewing(QObject):
    """Patches kept for review and patches with a label. Lists are read on the job thread when they are asked for."""

    queue_changed = Signal()
    patches_changed = Signal()
    kept = Signal()  # the region the person wanted to be kept is

    def __init__(self, workbench: Workbench, changing: Changing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._changing = workbench, changing
        self.queue: tuple[ShownPatch, ...] = ()
        self.patches: tuple[ShownPatch, ...] = ()
        self.watched: set[str] = set()  # which of "queue" and "patches" are in sight and kept up to date
        self._reading: set[str] = set()
        self._quietly: dict[str, tuple[Region, Done]] = {}  # region id -> what was kept of it without being asked for
        self._followed: set[Document] = set()
        self._known: PhotoRegions | None = None
        workbench.photo_changed.connect(self._follow_photo)
        workbench.answers.answered.connect(self._on_answered)
        workbench.labelling.labels_changed.connect(self.refresh)
        workbench.studio_changed.connect(self._on_studio)
        changing.changed.connect(self._on_change)

    # -- the lists ------------------------------------------------------------------------------------------------

    def watch(self, name: str, in_sight: bool) -> None:
        """Keep a list ("queue" or "patches") up to date while it is in sight."""
        if in_sight and name not in self.watched:
            self.watched.add(name)
            self.refresh()
        elif not in_sight:
            self.watched.discard(name)

    def refresh(self) -> None:
        """Read the lists in sight again."""
        if "queue" in self.watched and "queue" not in self._reading:
            self._bench.start(self._read_queue())
        if "patches" in self.watched and "patches" not in self._reading:
            self._bench.start(self._read_patches())

    def _on_studio(self) -> None:
        self.queue = self.patches = ()
        self._quietly.clear()
        self._followed.clear()
        self.queue_changed.emit()
        self.patches_changed.emit()
        self.refresh()

    async def _read_queue(self) -> None:
        studio, recognizer = self._bench.studio, self._bench.recognizer
        if studio is None or recognizer is None:
            return

        def as_they_are(context: JobContext) -> tuple[ShownPatch, ...]:
            return tuple(shown_patch(path) for path in list_unlabeled(studio))

        def in_order(context: JobContext) -> tuple[ShownPatch, ...]:
            from fabric_desktop.loop.queue import review_queue

            return tuple(shown_patch(item.path, first=item.first) for item in review_queue(studio, recognizer, context))

        self._reading.add("queue")
        try:
            found = await self._bench.runner.run(titles.READ_PATCHES, as_they_are, Priority.PICTURE, quiet=True)
        finally:
            self._reading.discard("queue")
        if studio != self._bench.studio:
            return
        # Who is going through the list keeps their place in it; what is new comes behind until the order is known.
        known = {item.path: place for place, item in enumerate(self.queue)}
        self._show_queue(tuple(sorted(found, key=lambda item: known.get(item.path, len(known)))))
        if all(item.path in known for item in found) or len(found) < 2:
            return
        try:
            ordered = await self._bench.runner.run(titles.ORDER_QUEUE, in_order, Priority.LONG, quiet=True)
        except FabricError as error:
            # Without an encoder there is no order of usefulness; the banner has said so when it was loaded.
            log.info("the review queue is shown as it was kept: %s", error)
            return
        if studio == self._bench.studio and {item.path for item in ordered} == {item.path for item in self.queue}:
            self._show_queue(ordered)

    def _show_queue(self, found: tuple[ShownPatch, ...]) -> None:
        self.queue = found
        self.queue_changed.emit()

    async def _read_patches(self) -> None:
        studio = self._bench.studio
        if studio is None:
            return

        def work(context: JobContext) -> tuple[ShownPatch, ...]:
            return tuple(
                shown_patch(path, fabric)
                for fabric in studio.labeled_ids()
                for path in photos_in(studio.labeled_dir / fabric)
            )

        self._reading.add("patches")
        try:
            found = await self._bench.runner.run(titles.READ_PATCHES, work, Priority.PICTURE, quiet=True)
        finally:
            self._reading.discard("patches")
        if studio == self._bench.studio:
            self.patches = found
            self.patches_changed.emit()

    # -- keeping for review ---------------------------------------------------------------------------------------

    def _on_answered(self, document: Document, region: Region) -> None:
        settings = self._bench.settings
        answer = region.recognition
        if answer is None or region.label is not None or region.kept is not None or not self._bench.keeps:
            return
        first = answer.candidates[0].confidence if answer.candidates else 0.0
        if first >= settings.review_below and answer.unknown is None:
            return
        self._bench.start(self._keep(document, region, settings.review_below, settings.review_per_photo, asked=False))

    def keep_region(self) -> None:
        """Keep the selected region's patch for review because the person does not know it either."""
        document, region = self._bench.document, self._bench.region
        if document is not None and region is not None and region.stage is Stage.DONE and self._bench.writable:
            self._bench.start(self._keep(document, region, _EVERYTHING, _NO_LIMIT, asked=True))

    async def _keep(self, document: Document, region: Region, below: float, per_photo: int, *, asked: bool) -> None:
        image, answer, studio = document.image, region.recognition, self._bench.studio
        box, outline = region.box, region.outline
        if image is None or answer is None or studio is None:
            return
        if region.kept is not None and region.kept.is_file():
            self.kept.emit()
            return
        origin = PatchOrigin(
            photo=document.path, photo_hash=document.photo_hash, box=box, click=region.click, region_id=region.id,
            px_per_cm=document.px_per_cm,
        )

        def keep(studio: Studio, context: JobContext) -> Done | None:
            patch = region_patch(image, box, outline)
            return keep_for_review(
                studio, patch, origin, answer, below=below, per_photo=per_photo, regions=self._regions(studio)
            )

        def quietly(context: JobContext) -> Done | None:
            with StudioLock(studio, "window"):
                return keep(studio, context)

        if asked:
            done = await self._changing.make(keep, stack=document.undo_stack)
        else:
            try:
                done = await self._bench.runner.run(titles.KEEP_FOR_REVIEW, quietly, Priority.PICTURE, quiet=True)
            except (Cancelled, FabricError) as error:
                # Nobody asked for it: a studio that cannot be written to is told when the person wants something kept.
                log.warning("a patch was not kept for review: %s", error)
                return
        if done is not None:
            pictures = [step.target for step in done.steps if isinstance(step, Move) and step.target.endswith(".png")]
            region.kept = studio.root / pictures[-1] if pictures and region.box == box else None
            document.touch(region)
            if not asked:
                self._quietly[region.id] = (region, done)
                self.refresh()
                self._bench.start(self._bench.refresh_facts())
        if asked:
            self.kept.emit()

    def _regions(self, studio: Studio) -> PhotoRegions:
        """What is known of the photographs of a studio; asked for on the job thread."""
        if self._known is None or self._known.studio != studio:
            self._known = PhotoRegions(studio)
        return self._known

    # -- taken back with the region -------------------------------------------------------------------------------

    def _follow_photo(self) -> None:
        document = self._bench.document
        if document is not None and document not in self._followed:
            self._followed.add(document)
            document.region_removed.connect(self._on_region)
            document.region_added.connect(self._on_region)

    def _on_region(self, region_id: str) -> None:
        """Undo of a region takes what was kept of it by itself out of the queue too, and Redo puts it back."""
        region, _ = self._quietly.get(region_id, (None, None))
        if region is None or region.label is not None:
            return
        waits = region.kept is not None and region.kept.is_file()
        if waits == region.withdrawn:
            self._bench.start(self._turn_quietly(region_id))

    async def _turn_quietly(self, region_id: str) -> None:
        studio, (region, done) = self._bench.studio, self._quietly[region_id]
        if studio is None:
            return

        def work(context: JobContext) -> Done:
            with StudioLock(studio, "window"):
                return undo_change(studio, done)

        try:
            turned = await self._bench.runner.run(
                titles.KEEP_FOR_REVIEW, work, Priority.INTERACTIVE, quiet=True, keep=True
            )
        except (Cancelled, FabricError) as error:
            # It was named or deleted meanwhile, and is no longer ours to take back.
            log.info("a patch in the review queue was left as it is: %s", error)
            return
        self._quietly[region_id] = (region, turned)
        pictures = [s for s in turned.steps if isinstance(s, Move) and s.target.endswith(".png")]
        places = [studio.root / step.target for step in pictures]
        region.kept = next((place for place in places if place.parent == studio.unlabeled_dir), None)
        self.refresh()
        await self._bench.refresh_facts()

    # -- changes --------------------------------------------------------------------------------------------------

    def accept(self, named: dict[str, list[Path]]) -> None:
        """Give patches of the queue a label: fabric id -> the patches that are it."""
        for fabric, paths in named.items():
            self._change(lambda studio, fabric=fabric, paths=paths: accept(studio, paths, fabric))

    def relabel(self, paths: Sequence[Path], fabric_id: str) -> None:
        """Give labelled patches another fabric."""
        self._change(lambda studio: relabel(studio, paths, fabric_id))

    def trash(self, paths: Sequence[Path]) -> None:
        """Put patches into the studio's trash."""
        self._change(lambda studio: trash_patches(studio, paths))

    def _change(self, make: Any) -> None:
        if self._bench.writable:
            self._bench.start(self._changing.make(lambda studio, _context: make(studio), stack=self._stack()))

    def _stack(self) -> QUndoStack | None:
        """Where the change is undone: with the photograph in sight, else with the library."""
        if self._bench.document is not None:
            return self._bench.document.undo_stack
        self._bench.undo_group.setActiveStack(self._changing.stack)
        return None

    def _on_change(self, done: Done) -> None:
        self.refresh()
        studio = self._bench.studio
        if studio is None:
            return
        for document in self._bench.documents:
            for region in document.regions:
                self._follow(studio, document, region)

    def _follow(self, studio: Studio, document: Document, region: Region) -> None:
        """A region's patch may have got another fabric, or have gone; the region says so."""
        label, kept = region.label, region.kept
        path = label.path if label is not None else kept
        if path is None or path.is_file():
            return
        name = path.name
        found = sorted(folder / name for folder in studio.labeled_dir.glob("*") if (folder / name).is_file())
        region.label = Label(found[0].parent.name, found[0]) if found else None
        waiting = studio.unlabeled_dir / name
        region.kept = waiting if waiting.is_file() else None
        document.touch(region)

    # -- where a patch came from ----------------------------------------------------------------------------------

    def jump(self, patch: ShownPatch) -> None:
        """Open the photograph a patch was cut from, with its region selected."""
        studio, source, box = self._bench.studio, patch.record.get("source_photo"), patch.record.get("box")
        if studio is None or not source:
            return
        sides = [int(side) for side in box] if isinstance(box, list) and len(box) == 4 else None
        region = None
        if sides is not None:
            region = Region(Box(*sides), id=str(patch.record.get("region_id") or Region(Box(*sides)).id))
            if patch.fabric_id:
                region.label = Label(patch.fabric_id, patch.path)
            else:
                region.kept = patch.path
        self._bench.start(self._jump(studio.root / str(source), region))

    async def _jump(self, photo: Path, region: Region | None) -> None:
        if not await self._bench.open_photo(photo) or self._bench.document is None or region is None:
            return
        document = self._bench.document
        same = [other for other in document.regions if other.id == region.id or other.box == region.box]
        if same:
            document.select(same[0].id)
        else:
            document.add(region)
