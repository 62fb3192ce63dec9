"""A photograph with the regions a person chose on it: what the window is about, without any widget.

Changes a person may want back go through `edits`; what the program finds out about a region is set here directly.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QUndoStack

from fabric_desktop.imaging import Box

if TYPE_CHECKING:
    from PIL.Image import Image

    from fabric_desktop.errors import FabricError
    from fabric_desktop.recognition import Observation, Recognition
    from fabric_desktop.ui.canvas.pixels import Pyramid


class Stage(Enum):
    """How far the recognition of a region is."""

    NEW = "new"
    RECOGNISING = "recognising"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Label:
    """What a person said a region is, and where the labelled patch was saved."""

    fabric_id: str
    path: Path


@dataclass(slots=True, eq=False)
class Region:
    """A part of the photograph and what is known about it."""

    box: Box
    click: tuple[int, int] | None = None
    outline: tuple[tuple[int, int], ...] | None = None  # a lasso's corners in photo pixels; the box is around them
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    stage: Stage = Stage.NEW
    observation: Observation | None = None
    recognition: Recognition | None = None
    picture: QImage | None = None
    error: FabricError | None = None
    label: Label | None = None
    kept: Path | None = None  # its patch in the review queue
    withdrawn: bool = False  # Undo took back that it was ever made
    task: asyncio.Task[Any] | None = None

    def forget_answer(self) -> None:
        """The pixels changed: what was observed no longer holds. The old answer stays to be shown dimmed."""
        self.observation = None
        self.stage = Stage.NEW
        self.error = None


class Document(QObject):
    """One photograph, its regions in the order they were made, and its own undo stack."""

    region_added = Signal(str)
    region_removed = Signal(str)
    region_changed = Signal(str)
    selection_changed = Signal(str)  # region id, or empty
    scale_changed = Signal()

    def __init__(self, key: str, title: str, path: Path | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self.title = title
        self.path = path
        self.photo_hash: str | None = None
        self.px_per_cm: float | None = None  # what a person measured on a ruler in the photograph
        self.image: Image | None = None
        self.pyramid: Pyramid | None = None
        self.undo_stack = QUndoStack(self)
        self._regions: dict[str, Region] = {}
        self._selected = ""
        self._also: set[str] = set()

    # -- pixels ---------------------------------------------------------------------------------------------------

    def hold_pixels(self, image: Image, pyramid: Pyramid, photo_hash: str | None) -> None:
        self.image, self.pyramid, self.photo_hash = image, pyramid, photo_hash

    def drop_pixels(self) -> None:
        """Give back the memory of a photograph that is not in sight, and of the pictures of its regions; a pasted one
        has no file to read again."""
        if self.path is not None:
            self.image = self.pyramid = None
            for region in self._regions.values():
                region.picture = None

    def drop_answers(self) -> None:
        """Give back the memory of answers that can be ranked anew from what was observed, without an encoding."""
        for region in self._regions.values():
            if region.stage is Stage.DONE and region.observation is not None:
                region.recognition = None

    @property
    def size(self) -> tuple[int, int]:
        return self.image.size if self.image is not None else (0, 0)

    def set_scale(self, px_per_cm: float | None) -> None:
        """The photograph has so many pixels a centimetre; None when nobody measured it."""
        self.px_per_cm = px_per_cm
        self.scale_changed.emit()

    # -- regions --------------------------------------------------------------------------------------------------

    @property
    def regions(self) -> list[Region]:
        return list(self._regions.values())

    def region(self, region_id: str) -> Region | None:
        return self._regions.get(region_id)

    @property
    def selected(self) -> Region | None:
        return self._regions.get(self._selected)

    @property
    def chosen(self) -> list[Region]:
        """The selected region and those selected besides it, in the order they were made."""
        return [region for region in self.regions if region.id == self._selected or region.id in self._also]

    def select_besides(self, region_id: str) -> None:
        """Add a region to the selected ones, or take it out of them."""
        if region_id not in self._regions or region_id == self._selected:
            return
        if not self._selected:
            self.select(region_id)
            return
        self._also ^= {region_id}
        self.selection_changed.emit(self._selected)

    def select_all(self) -> None:
        """Select every region; the one that was selected stays the one whose answer is shown."""
        if self._regions:
            if not self._selected:
                self.select(next(iter(self._regions)))
            self._also = set(self._regions) - {self._selected}
            self.selection_changed.emit(self._selected)

    def number_of(self, region_id: str) -> int:
        """The number a region is shown with, from 1."""
        return list(self._regions).index(region_id) + 1

    def add(self, region: Region, at: int | None = None) -> None:
        """Put a region in, at its former place when it is put back."""
        items = list(self._regions.items())
        items.insert(len(items) if at is None else at, (region.id, region))
        self._regions = dict(items)
        self.region_added.emit(region.id)
        self.select(region.id)

    def remove(self, region_id: str) -> int:
        """Take a region out; returns the place it had. A neighbour becomes the selected one."""
        place = list(self._regions).index(region_id)
        self._regions.pop(region_id).picture = None  # made anew if the region is put back
        self._also.discard(region_id)
        self.region_removed.emit(region_id)
        if self._selected == region_id:
            rest = list(self._regions)
            self.select(rest[min(place, len(rest) - 1)] if rest else "")
        return place

    def select(self, region_id: str) -> None:
        if region_id not in self._regions:
            region_id = ""
        if region_id != self._selected or self._also:
            self._selected = region_id
            self._also.clear()
            self.selection_changed.emit(region_id)

    def select_neighbour(self, step: int) -> None:
        """Select the next (1) or the previous (-1) region, round and round."""
        ids = list(self._regions)
        if ids:
            at = ids.index(self._selected) + step if self._selected in ids else 0
            self.select(ids[at % len(ids)])

    def touch(self, region: Region) -> None:
        """Say that something about a region changed, if it still is on the photograph."""
        if region.id in self._regions:
            self.region_changed.emit(region.id)
