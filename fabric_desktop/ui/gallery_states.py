"""The states of the main window that the gallery shows, from nothing open to an error, in the order of a first hour."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from fabric_desktop.ui.find_palette import FindPalette
from fabric_desktop.ui.gallery import State
from fabric_desktop.ui.resuming import Resumed

if TYPE_CHECKING:
    from fabric_desktop.ui.gallery import Gallery

_SHOWN_REGIONS = 4
_LOOKED_FOR = "d"


class WindowStates:
    """What is done for each picture."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._window, self._bench = gallery.window, gallery.bench

    def all(self) -> tuple[State, ...]:
        """The states in their order; each begins where the one before it ended."""
        return (
            State("empty", self._empty),
            State("one-region", self._one_region),
            State("many-regions", self._many_regions),
            State("photos", self._photos, self._leave_photos),
            State("find", self._find, self._leave_find, anew=True),
            State("queue", self._queue),
            State("labelled", self._labelled),
            State("comparison", self._comparison, self._leave_comparison),
            State("keys", self._keys, self._leave_keys),
            State("recovered", self._recovered),
            State("error", self._error, self._leave_error),
        )

    async def _empty(self) -> None:
        self._window.banner.dismiss()

    async def _one_region(self) -> None:
        await self._window.opening.open_next_sample()
        self._window.opening.choose_sample_region()

    async def _many_regions(self) -> None:
        document, facts = self._bench.document, self._bench.facts
        if document is None or facts is None:
            return
        boxes = [box for photo in facts.sample_photos if photo.path == document.path for box in photo.boxes]
        for box in boxes[1:_SHOWN_REGIONS]:
            self._bench.draw(box)
        await self._gallery.settled()
        document.select(document.regions[0].id)
        self._bench.accept(1)

    async def _photos(self) -> None:
        document = self._bench.document
        if document is not None and document.path is not None:
            self._window.pages.strip_dock.show()
            self._window.pages.strip.show_folder(document.path.parent, open_first=False)

    def _leave_photos(self) -> None:
        self._window.pages.strip_dock.hide()

    async def _find(self) -> QWidget:
        self._window.finding.find()
        palette = self._palette()
        palette.field.setText(_LOOKED_FOR)
        return palette

    def _palette(self) -> FindPalette:
        palette = self._window.finding.palette
        assert palette is not None
        return palette

    def _leave_find(self) -> None:
        self._palette().hide()

    async def _queue(self) -> None:
        document = self._bench.document
        for region in document.regions[1:] if document is not None else []:
            if document is not None:
                document.select(region.id)
                self._window.review.reviewing.keep_region()
                await self._gallery.settled()
        self._window.review.next_queued()

    async def _labelled(self) -> None:
        self._window.review.queue_dock.hide()
        self._window.actions_["labelled_panel"].trigger()

    async def _comparison(self) -> QWidget | None:
        self._window.review.labelled_dock.hide()
        self._window.comparing.compare()
        await self._gallery.settled()
        return self._window.comparing.window

    def _leave_comparison(self) -> None:
        if self._window.comparing.window is not None:
            self._window.comparing.window.close()

    async def _keys(self) -> None:
        self._window.actions_["keys"].trigger()

    def _leave_keys(self) -> None:
        for other in self._window.findChildren(QWidget):
            if other.isWindow() and other.isVisible():
                other.close()

    async def _recovered(self) -> None:
        document = self._bench.document
        if document is not None:
            found = Resumed(regions=len(document.regions), photos=1, labels=1, last=document.path)
            self._bench.resumed.emit(found)

    async def _error(self) -> None:
        document = self._bench.document
        if document is not None and document.path is not None:
            broken = self._gallery.folder / "DSC_0117.jpg"
            self._gallery.folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(document.path, broken)
            with broken.open("r+b") as stream:
                stream.truncate(broken.stat().st_size // 3)
            await self._bench.open_photo(broken)
            broken.unlink()

    def _leave_error(self) -> None:
        self._window.banner.dismiss()
