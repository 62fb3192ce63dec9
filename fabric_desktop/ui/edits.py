"""Everything on a photograph that can be undone, as undo commands. Their texts are shown in the Edit menu."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoCommand

from fabric_desktop.imaging import Box
from fabric_desktop.ui.canvas.shapes import moved
from fabric_desktop.ui.cutting import moved_outline
from fabric_desktop.ui.document import Document, Region, Stage

_NUDGE_ID = 1


class AddRegion(QUndoCommand):
    """A region was picked or drawn."""

    def __init__(self, document: Document, region: Region) -> None:
        super().__init__(QCoreApplication.translate("Edits", "new region"))
        self._document, self._region = document, region
        self._place: int | None = None

    def redo(self) -> None:
        self._region.withdrawn = False
        self._document.add(self._region, self._place)

    def undo(self) -> None:
        self._region.withdrawn = True
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
        self._line, self._first = region.outline, region.box
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
        self._region.outline = moved_outline(self._line, self._first, self._after)
        self._region.click = None
        self._region.forget_answer()
        self._document.touch(self._region)

    def undo(self) -> None:
        self._before.put_back(self._region)
        self._document.touch(self._region)


class _Answer:
    """A region's box together with the answer that belongs to it."""

    def __init__(self, region: Region) -> None:
        self._box, self._click, self._outline = region.box, region.click, region.outline
        self._observation, self._recognition = region.observation, region.recognition

    def put_back(self, region: Region) -> None:
        region.box, region.click, region.outline = self._box, self._click, self._outline
        region.observation, region.recognition = self._observation, self._recognition
        region.picture = None  # made anew when it is looked at; kept here, every nudge would cost a picture
        region.stage = Stage.DONE if self._observation is not None else Stage.NEW
        region.error = None


class SetScale(QUndoCommand):
    """The scale of a photograph was measured, in pixels a centimetre."""

    def __init__(self, document: Document, px_per_cm: float) -> None:
        super().__init__(QCoreApplication.translate("Edits", "scale"))
        self._document = document
        self._before, self._after = document.px_per_cm, px_per_cm

    def redo(self) -> None:
        self._document.set_scale(self._after)

    def undo(self) -> None:
        self._document.set_scale(self._before)


def delete_regions(document: Document) -> None:
    """Take the selected regions off as one step to undo."""
    chosen = document.chosen
    _as_one_step(document, QCoreApplication.translate("Edits", "delete regions"), [
        DeleteRegion(document, region) for region in chosen
    ])


def duplicate_regions(document: Document) -> None:
    """Put a copy of each selected region a little beside it, as one step to undo; no answer is copied."""
    copies = []
    for region in document.chosen:
        step = max(1, region.box.width // 8)
        box = moved(region.box, step, step, document.size)
        if box == region.box:
            box = moved(region.box, -step, -step, document.size)
        copies.append(Region(box, outline=moved_outline(region.outline, region.box, box)))
    _as_one_step(document, QCoreApplication.translate("Edits", "duplicate region"), [
        AddRegion(document, copy) for copy in copies
    ])


def _as_one_step(document: Document, text: str, commands: list[QUndoCommand]) -> None:
    if len(commands) == 1:
        document.undo_stack.push(commands[0])
    elif commands:
        document.undo_stack.beginMacro(text)
        for command in commands:
            document.undo_stack.push(command)
        document.undo_stack.endMacro()
