"""Keeping what the person says a patch is: saves the patch on the job thread, then makes it an undoable edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import PatchOrigin, save_patch
from fabric_desktop.library.patches import accept
from fabric_desktop.studio import Studio, StudioLock
from fabric_desktop.studio.changes import Done
from fabric_desktop.studio.steps import Move
from fabric_desktop.ui import titles
from fabric_desktop.ui.cutting import region_patch
from fabric_desktop.ui.document import Document, Label, Region, Stage
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.label_edit import ChangeLabel
from fabric_desktop.ui.runner import JobRunner

if TYPE_CHECKING:
    from PIL.Image import Image


class Labelling(QObject):
    """Saves labels one after another, however fast the keys come."""

    saved = Signal(str)  # fabric id
    labels_changed = Signal()
    failed = Signal(object)  # FabricError

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._saving: dict[str, str] = {}  # region id -> fabric id

    def save(self, studio: Studio, document: Document, region: Region, fabric_id: str) -> None:
        """Keep the region's patch as an example of this fabric. The same label twice is one label."""
        if document.image is None or self._saving.get(region.id) == fabric_id:
            return
        if region.id not in self._saving and region.label is not None and region.label.fabric_id == fabric_id:
            self.saved.emit(fabric_id)
            return
        self._saving[region.id] = fabric_id
        self._runner.spawn(self._save(studio, document, region, document.image, fabric_id))

    async def _save(self, studio: Studio, document: Document, region: Region, image: Image, fabric_id: str) -> None:
        box, outline = region.box, region.outline
        answer = region.recognition if region.stage is Stage.DONE else None
        origin = PatchOrigin(
            photo=document.path, photo_hash=document.photo_hash, box=box, click=region.click, region_id=region.id,
            px_per_cm=document.px_per_cm,
        )

        kept = region.kept

        def work(context: JobContext) -> tuple[Path, Done | None]:
            # Under the window's own lock, which knows when the studio is no longer where it was.
            with StudioLock(studio, "window"):
                if kept is not None and kept.is_file():
                    return accept_one(studio, kept, fabric_id)
                path = save_patch(
                    studio,
                    region_patch(image, box, outline),
                    fabric_id,
                    origin,
                    encoder=answer.encoder if answer is not None else None,
                    topk=[{"id": item.id, "score": item.score} for item in answer.candidates] if answer else None,
                    look=answer.look if answer is not None else None,
                )
                return path, None

        try:
            path, came = await self._runner.run(titles.SAVE_LABEL, work, Priority.INTERACTIVE, quiet=True, keep=True)
        except FabricError as error:
            self.failed.emit(error)
            return
        finally:
            if self._saving.get(region.id) == fabric_id:
                del self._saving[region.id]
        label = Label(path.parent.name, path)
        document.undo_stack.push(
            ChangeLabel(document, region, label, studio, self.labels_changed.emit, self.failed.emit, came)
        )
        self.saved.emit(label.fabric_id)


def accept_one(studio: Studio, kept: Path, fabric_id: str) -> tuple[Path, Done]:
    """Make a labelled patch of one kept for review: where it is now, and the change that can be taken back.

    Raises as `library.patches.accept`.
    """
    done = accept(studio, [kept], fabric_id)
    return new_place(studio, done, kept), done


def new_place(studio: Studio, done: Done, path: Path) -> Path:
    """Where a change moved a file to; where it was, if the change did not touch it."""
    source = studio.relative(path)
    moved = [step.target for step in done.steps if isinstance(step, Move) and step.source == source]
    return studio.root / moved[-1] if moved else path
