"""The undo command of a label: moves the patch that was saved. The library moves it, and takes it back."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoCommand

from fabric_desktop.errors import FabricError
from fabric_desktop.library.patches import trash_patches
from fabric_desktop.studio import Studio
from fabric_desktop.studio.changes import Done, undo_change
from fabric_desktop.ui.document import Document, Label, Region

log = logging.getLogger(__name__)


class ChangeLabel(QUndoCommand):
    """A region was named, and the patch saved. Undo takes the patch back to where it came from, or to the trash.

    The patch is in place before the command is made, so the first redo only has the former patch to put away. `came`
    is the change that made a labelled patch of one kept for review.
    """

    def __init__(
        self,
        document: Document,
        region: Region,
        label: Label,
        studio: Studio,
        on_change: Callable[[], None],
        on_problem: Callable[[FabricError], None],
        came: Done | None = None,
    ) -> None:
        super().__init__(QCoreApplication.translate("Edits", "label"))
        self._document, self._region, self._studio = document, region, studio
        self._before = None if region.label is None else _Patch(region.label)
        self._after = _Patch(label, came)
        self._on_change, self._on_problem = on_change, on_problem

    def redo(self) -> None:
        if self._before is not None:
            self._try(self._before.put_away)
        self._try(self._after.take_back)
        self._show(self._after)

    def undo(self) -> None:
        self._try(self._after.put_away)
        if self._before is not None:
            self._try(self._before.take_back)
        self._show(self._before)

    def _show(self, patch: _Patch | None) -> None:
        self._region.label = patch.label if patch is not None and patch.is_there else None
        self._document.touch(self._region)
        self._on_change()

    def _try(self, move: Callable[[Studio], None]) -> None:
        try:
            move(self._studio)
        except FabricError as error:
            log.warning("a labelled patch could not be moved: %s", error)
            self._on_problem(error)


class _Patch:
    """A label's patch, and how it is put away and taken back."""

    def __init__(self, label: Label, came: Done | None = None) -> None:
        self.label = label
        self.is_there = True
        self._came: Done | None = came
        self._went: Done | None = None

    def put_away(self, studio: Studio) -> None:
        """Take the patch out of the labelled ones. Raises UnreadableImage, ChangeBlocked, SaveFailed."""
        if self.is_there:
            self.is_there = False
            if self._came is not None:
                self._went = undo_change(studio, self._came)
            else:
                self._went = trash_patches(studio, [self.label.path])

    def take_back(self, studio: Studio) -> None:
        """Put it where it was. Raises ChangeBlocked, SaveFailed."""
        if not self.is_there and self._went is not None:
            self._came = undo_change(studio, self._went)
            self.is_there = True
