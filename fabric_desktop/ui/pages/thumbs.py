"""Small pictures for strips, grids and tables: asked for when they come into sight, made beside the person's work."""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage, QPixmap

from fabric_desktop.batch.thumbnails import Thumbnails
from fabric_desktop.errors import FabricError, UnreadableImage
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.studio import Studio
from fabric_desktop.ui.canvas.pixels import to_qimage
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.workbench import Workbench

log = logging.getLogger(__name__)

_KEPT_BYTES = 20_000_000  # of pictures in memory: some three hundred, and the disk has the others at hand
_SIDE = 128  # the largest that is shown, in pixels of the window
_WAITING = 240  # what was scrolled past long ago is not made any more
_A_JOB = 4  # few, so that a click never waits for many
_ON_DISK_BYTES = 500_000_000  # in a studio's cache: some forty thousand


class Thumbs(QObject):
    """The pictures that have been made, and the wish list of those that are in sight but not made yet."""

    loaded = Signal(object)  # Path

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench
        self._pictures: OrderedDict[Path, QPixmap] = OrderedDict()
        self.bytes_kept = 0
        self._wanted: dict[Path, None] = {}
        self._making: set[Path] = set()
        self._running = False
        self._pruned: Studio | None = None
        workbench.studio_changed.connect(self.forget)

    def forget(self) -> None:
        """Begin anew: another studio, or files that changed."""
        self._pictures.clear()
        self.bytes_kept = 0
        self._wanted.clear()
        self._making.clear()

    def picture(self, photo: Path) -> QPixmap | None:
        """The picture; None while it is being made. A photo that cannot be read has a null one."""
        known = self._pictures.get(photo)
        if known is not None:
            self._pictures.move_to_end(photo)
            return known
        if photo in self._making:
            return None
        # What is in sight now goes first: the latest wish stands last and is taken first.
        self._wanted.pop(photo, None)
        self._wanted[photo] = None
        while len(self._wanted) > _WAITING:
            del self._wanted[next(iter(self._wanted))]
        if not self._running:
            self._running = True
            if self._bench.runner.spawn(self._make_wanted()) is None:
                self._running = False
        return None

    async def _make_wanted(self) -> None:
        try:
            while self._wanted:
                studio = self._bench.studio
                if studio is None:
                    return
                some = [self._wanted.popitem()[0] for _ in range(min(_A_JOB, len(self._wanted)))]
                self._making.update(some)
                await self._make(studio, some)
                self._making.difference_update(some)
                if not self._wanted and self._pruned != studio:
                    self._pruned = studio
                    self._bench.runner.spawn(self._prune(studio))
        finally:
            self._running = False
            self._making.clear()

    async def _make(self, studio: Studio, photos: Sequence[Path]) -> None:
        side = round(_SIDE * max(screen.devicePixelRatio() for screen in QGuiApplication.screens()))

        def work(context: JobContext) -> list[QImage]:
            thumbnails = Thumbnails(studio, side)
            # Decoding is most of it, and one photo keeps one core busy.
            with ThreadPoolExecutor(min(len(photos), os.cpu_count() or 1), thread_name_prefix="pictures") as pool:
                return list(pool.map(lambda photo: _image(thumbnails, photo), photos))

        try:
            images = await self._bench.runner.run(job_titles.THUMBNAILS, work, Priority.PICTURE, quiet=True)
        except (Cancelled, FabricError) as error:
            log.info("small pictures were not made: %s", error)
            return
        for photo, image in zip(photos, images, strict=True):
            self._keep(photo, QPixmap.fromImage(image))
            self.loaded.emit(photo)

    async def _prune(self, studio: Studio) -> None:
        """Let the oldest on the disk go, once a visit to a studio and when nothing is in sight to be made."""

        def work(context: JobContext) -> int:
            return Thumbnails(studio).prune(_ON_DISK_BYTES)

        try:
            await self._bench.runner.run(job_titles.THUMBNAILS, work, Priority.OUT_OF_SIGHT, quiet=True)
        except (Cancelled, FabricError) as error:
            log.info("old small pictures stay: %s", error)

    def _keep(self, photo: Path, picture: QPixmap) -> None:
        self.bytes_kept -= _bytes_of(self._pictures.pop(photo, None))
        self._pictures[photo] = picture
        self.bytes_kept += _bytes_of(picture)
        while self.bytes_kept > _KEPT_BYTES:
            self.bytes_kept -= _bytes_of(self._pictures.popitem(last=False)[1])


def _bytes_of(picture: QPixmap | None) -> int:
    return picture.width() * picture.height() * picture.depth() // 8 if picture is not None else 0


def _image(thumbnails: Thumbnails, photo: Path) -> QImage:
    """A photo's picture; a null one when it cannot be read. Runs beside the window's thread.

    Pillow reads it, not Qt: to tell what a file is, Qt's readers make a QObject and connect it. PySide holds Python's
    lock meanwhile, and the window's thread, disconnecting something, may hold Qt's lock and wait for Python's: neither
    would ever go on.
    """
    try:
        with Image.open(BytesIO(thumbnails.data(photo)), formats=("JPEG",)) as picture:
            return to_qimage(picture.convert("RGB"))
    except (UnreadableImage, OSError, SyntaxError, ValueError) as error:
        log.info("no small picture: %s", error)
        return QImage()
