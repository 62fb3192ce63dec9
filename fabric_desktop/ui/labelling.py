"""Keeping what the person says a patch is: saves the patch on the job thread, then makes it an undoable edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fabric_desktop.errors import FabricError
from fabric_desktop.imaging import cut_patch
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import PatchOrigin, save_patch
from fabric_desktop.studio import Studio, StudioLock
from fabric_desktop.ui import titles
from fabric_desktop.ui.document import Document, Label, Region, Stage
from fabric_desktop.ui.edits import ChangeLabel
from fabric_desktop.ui.job_thread import Priority
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
        box = region.box
        answer = region.recognition if region.stage is Stage.DONE else None
        origin = PatchOrigin(
            photo=document.path, photo_hash=document.photo_hash, box=box, click=region.click, region_id=region.id
        )

        def work(context: JobContext) -> Path:
            # Under the window's own lock, which knows when the studio is no longer where it was.
            with StudioLock(studio, "window"):
                return save_patch(
                    studio,
                    cut_patch(image, box),
                    fabric_id,
                    origin,
                    encoder=answer.encoder if answer is not None else None,
                    topk=[{"id": item.id, "score": item.score} for item in answer.candidates] if answer else None,
                    look=answer.look if answer is not None else None,
                )

        try:
            path = await self._runner.run(titles.SAVE_LABEL, work, Priority.INTERACTIVE, quiet=True, keep=True)
        except FabricError as error:
            self.failed.emit(error)
            return
        finally:
            if self._saving.get(region.id) == fabric_id:
                del self._saving[region.id]
        label = Label(path.parent.name, path)
        document.undo_stack.push(
            ChangeLabel(document, region, label, studio, self.labels_changed.emit, self.failed.emit)
        )
        self.saved.emit(label.fabric_id)
