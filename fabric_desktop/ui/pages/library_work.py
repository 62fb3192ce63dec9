"""What can be done to the library from its page, each a coroutine that reads from top to bottom. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QImage

from fabric_desktop.errors import FabricError
from fabric_desktop.folders import walk_photos
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.labels import PatchOrigin
from fabric_desktop.library import edit, references
from fabric_desktop.library.check import CheckReport, check_library
from fabric_desktop.library.refresh import RefreshReport, refresh_model
from fabric_desktop.studio import FabricInfo, StudioLock
from fabric_desktop.studio.changes import Done, recover
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.opening import from_qimage
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.pages.changing import Changing
from fabric_desktop.ui.pages.shelf import Shelf, read_shelf
from fabric_desktop.ui.workbench import Workbench

if TYPE_CHECKING:
    from PIL.Image import Image


class LibraryWork(QObject):
    """Reads, checks and changes the library of the studio in use."""

    failed = Signal(object)  # FabricError

    def __init__(self, workbench: Workbench, changing: Changing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._changing = workbench, changing

    async def read(self) -> Shelf | None:
        """The library as it is now."""
        studio = self._bench.studio
        if studio is None:
            return None
        try:
            return await self._bench.runner.run(
                job_titles.READ_LIBRARY, lambda _context: read_shelf(studio), Priority.PICTURE, quiet=True
            )
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None

    async def check(self) -> CheckReport | None:
        """What is wrong with it; photos that did not change are not opened again."""
        studio = self._bench.studio
        if studio is None:
            return None
        try:
            return await self._bench.runner.run(
                job_titles.CHECK_LIBRARY, lambda context: check_library(studio, context), Priority.LONG
            )
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None

    async def add(self, fabric: str, files: Sequence[Path]) -> Done | None:
        """Copy photos into a fabric; folders among them give all the photos in them."""

        def all_of() -> list[Path]:
            return [photo for file in files for photo in (walk_photos(file) if file.is_dir() else [file])]

        return await self._changing.make(lambda studio, _c: references.add_references(studio, fabric, all_of()))

    async def add_picture(self, fabric: str, picture: Image) -> Done | None:
        """Keep a picture that has no file as a reference."""
        return await self._changing.make(
            lambda studio, _c: references.add_reference_patch(studio, fabric, picture.convert("RGB"), PatchOrigin())
        )

    async def take(self, fabric: str, data: QMimeData) -> Done | None:
        """Add what was dropped or pasted: files, folders, or a picture."""
        files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if files:
            return await self.add(fabric, files)
        image = data.imageData() if data.hasImage() else None
        if isinstance(image, QImage) and not image.isNull():
            return await self.add_picture(fabric, from_qimage(image))
        return None

    async def remove(self, photos: Sequence[Path]) -> Done | None:
        return await self._changing.make(lambda studio, _c: references.remove_references(studio, photos))

    async def replace(self, photo: Path, file: Path) -> Done | None:
        return await self._changing.make(lambda studio, _c: references.replace_reference(studio, photo, file))

    async def trash(self) -> list[references.Trashed]:
        """Reference photos in the trash, the latest first."""
        studio = self._bench.studio
        if studio is None:
            return []
        return await self._bench.runner.run(
            job_titles.READ_LIBRARY, lambda _c: references.list_trash(studio), Priority.INTERACTIVE, quiet=True
        )

    async def restore(self, photos: Sequence[Path]) -> Done | None:
        return await self._changing.make(lambda studio, _c: references.restore(studio, photos))

    async def declare(self, info: FabricInfo) -> Done | None:
        return await self._changing.make(lambda studio, _c: edit.declare(studio, info))

    async def rename(self, old: str, new: str) -> Done | None:
        return await self._changing.make(lambda studio, _c: edit.rename_fabric(studio, old, new))

    async def merge(self, source: str, into: str) -> Done | None:
        return await self._changing.make(lambda studio, _c: edit.merge_fabrics(studio, source, into))

    async def remove_fabric(self, fabric: str) -> Done | None:
        return await self._changing.make(lambda studio, _c: edit.remove_fabric(studio, fabric))

    async def finish(self) -> None:
        """Finish a change that was cut off."""
        await self._changing.make(lambda studio, _c: recover(studio))

    async def refresh_model(self) -> RefreshReport | None:
        """Make bank and head anew of the library as it is; the answers in sight follow."""
        studio, recognizer = self._bench.studio, self._bench.recognizer
        if studio is None or recognizer is None:
            return None

        def work(context: JobContext) -> RefreshReport:
            with StudioLock(studio, "window"):
                return refresh_model(studio, recognizer.encoder, context)

        try:
            report = await self._bench.runner.run(job_titles.REFRESH_MODEL, work, Priority.LONG)
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None
        await self._bench.refresh_facts()
        if self._bench.document is not None:
            self._bench.answers.rank_again(self._bench.document)
        return report
