"""Everything on a photograph that can be undone, as undo commands. Their texts are shown in the Edit menu."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoCommand

from fabric_desktop.errors import FabricError, UnreadableImage
from fabric_desktop.imaging import Box
from fabric_desktop.labels import move_patch, trash_dir
from fabric_desktop.studio import Studio
from fabric_desktop.ui.document import Document, Label, Region, Stage

log = logging.getLogger(__name__)

_NUDGE_ID = 1


class AddRegion(QUndoCommand):
    """A region was picked or drawn."""

    def __init__(self, document: Document, region: Region) -> None:
        super().__init__(QCoreApplication.translate("Edits", "new region"))
        self._document, self._region = document, region
        self._place: int | None = None

    def redo(self) -> None:
        self._document.add(self._region, self._place)

    def undo(self) -> None:
        self._place = self._document.remove(self._region.id)


class DeleteRegion(QUndoCommand):
    """A region was taken off the photograph; a patch saved from it stays."""

    def __init__(self, document: Document, region: Region) -> None:
        super().__init__(QCoreApplication.translate("Edits", "delete region"))
        self._document, self._region = document, region
        self._place = 0

    def redo(self) -> None:
        self._place = self._document.remove(self._region.id)

    def undo(self) -> None:
        self._document.add(self._region, self._place)


class ReshapeRegion(QUndoCommand):
    """A region was moved or changed its size. Nudges by key one after another are taken back together."""

    def __init__(self, document: Document, region: Region, box: Box, *, by_key: bool = False) -> None:
        super().__init__(QCoreApplication.translate("Edits", "change region"))
        self._document, self._region = document, region
        self._before, self._after = _Answer(region), box
        self._by_key = by_key

    def id(self) -> int:
        return _NUDGE_ID if self._by_key else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, ReshapeRegion) or other._region is not self._region:
            return False
        self._after = other._after
        return True

    def redo(self) -> None:
        self._region.box = self._after
        self._region.click = None
        self._region.forget_answer()
        self._document.touch(self._region)

    def undo(self) -> None:
        self._before.put_back(self._region)
        self._document.touch(self._region)


class _Answer:
    """A region's box together with the answer that belongs to it."""

    def __init__(self, region: Region) -> None:
        self._box, self._click = region.box, region.click
        self._observation, self._recognition = region.observation, region.recognition
        self._picture, self._stage = region.picture, region.stage

    def put_back(self, region: Region) -> None:
        region.box, region.click = self._box, self._click
        region.observation, region.recognition = self._observation, self._recognition
        region.picture = self._picture
        region.stage = Stage.DONE if self._observation is not None else Stage.NEW
        region.error = None


class ChangeLabel(QUndoCommand):
    """A region was named, and the patch saved. Undo moves the patch to the studio's trash, redo takes it back.

    The patch is written before the command is made, so the first redo only has the former patch to put away.
    """

    def __init__(
        self,
        document: Document,
        region: Region,
        label: Label,
        studio: Studio,
        on_change: Callable[[], None],
        on_problem: Callable[[FabricError], None],
    ) -> None:
        super().__init__(QCoreApplication.translate("Edits", "label"))
        self._document, self._region, self._studio = document, region, studio
        self._before, self._after = region.label, label
        self._after_is_out = True
        self._on_change, self._on_problem = on_change, on_problem

    def redo(self) -> None:
        if self._before is not None:
            self._before = self._put_away(self._before)
        shown: Label | None = self._after
        if not self._after_is_out:
            shown = self._take_back(self._after)
        self._after_is_out = True
        self._show(shown)

    def undo(self) -> None:
        self._after = self._put_away(self._after)
        self._after_is_out = False
        self._show(None if self._before is None else self._take_back(self._before))

    def _show(self, label: Label | None) -> None:
        self._region.label = label
        self._document.touch(self._region)
        self._on_change()

    def _put_away(self, label: Label) -> Label:
        return self._move(label, trash_dir(self._studio) / label.fabric_id) or label

    def _take_back(self, label: Label) -> Label | None:
        moved = self._move(label, self._studio.labeled_dir / label.fabric_id)
        if moved is not None and label is self._after:
            self._after = moved
        elif moved is not None:
            self._before = moved
        return moved

    def _move(self, label: Label, folder: Path) -> Label | None:
        """The label with its patch in `folder`; None, and the problem told, when it could not be moved there."""
        try:
            if not label.path.exists():
                raise UnreadableImage(path=str(label.path), reason="missing")
            return Label(label.fabric_id, move_patch(label.path, folder))
        except FabricError as error:
            log.warning("a labelled patch could not be moved: %s", error)
            self._on_problem(error)
            return None
