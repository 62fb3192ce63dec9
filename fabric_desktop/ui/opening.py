"""The ways in: dialog, drop and clipboard for photographs; the folder dialog for studios. Decides, does not draw."""

from __future__ import annotations

import logging
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import PHOTO_ENDINGS
from fabric_desktop.library.lists import LIST_ENDINGS
from fabric_desktop.studio import Studio
from fabric_desktop.ui.workbench import Workbench

log = logging.getLogger(__name__)


class Opening(QObject):
    """Turns what the person chose, dropped or pasted into a photograph or a studio to open."""

    studio_wanted = Signal(Path)
    new_studio_offered = Signal(Path)  # a folder that is none yet
    list_wanted = Signal(Path)  # a list of swatches, to be brought in
    strip_wanted = Signal(Path)  # the folder of several photographs, of which the first is opened

    def __init__(self, workbench: Workbench, window: QWidget) -> None:
        super().__init__(window)
        self._bench = workbench
        self._window = window
        self._last_folder = ""
        self._sample_at = -1

    def choose_photo(self) -> None:
        endings = " ".join(f"*{ending} *{ending.upper()}" for ending in sorted(PHOTO_ENDINGS))
        start = self._last_folder or str(self._bench.studio.root if self._bench.studio is not None else Path.home())
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Open photograph"),
            start,
            self.tr("Photographs") + f" ({endings});;" + self.tr("All files") + " (*)",
        )
        if chosen:
            self.open_photo(Path(chosen))

    def open_photo(self, path: Path) -> None:
        self._last_folder = str(path.parent)
        self._bench.start(self._bench.open_photo(path))

    def open_place(self, place: Path) -> None:
        """Open what was dropped, or named at the start: a photograph, a folder, or a list of swatches."""
        if place.is_dir():
            self.open_folder(place)
        elif place.suffix.lower() in LIST_ENDINGS:
            self.list_wanted.emit(place)
        else:
            self.open_photo(place)

    def choose_studio(self) -> None:
        own = self._bench.studio is not None and not self._bench.studio.is_sample
        start = str(self._bench.studio.root.parent if own and self._bench.studio is not None else Path.home())
        chosen = QFileDialog.getExistingDirectory(self._window, self.tr("Open my own folder"), start)
        if chosen:
            self.open_folder(Path(chosen))

    def open_folder(self, folder: Path) -> None:
        """Open a folder as a studio, or offer to make it one."""
        studio = Studio(folder)
        if studio.fabrics_dir.is_dir() or studio.labeled_dir.is_dir():
            self.studio_wanted.emit(folder)
        else:
            self.new_studio_offered.emit(folder)

    def next_sample(self) -> None:
        """Open the next of the drawn photographs and recognise a place on it."""
        self._bench.start(self._next_sample())

    async def _next_sample(self) -> None:
        if await self.open_next_sample():
            self.choose_sample_region()

    async def open_next_sample(self) -> bool:
        """Open the next of the drawn photographs."""
        facts = self._bench.facts
        photos = facts.sample_photos if facts is not None else ()
        if not photos:
            return False
        self._sample_at = (self._sample_at + 1) % len(photos)
        return await self._bench.open_photo(photos[self._sample_at].path)

    def choose_sample_region(self) -> None:
        """Take the first known place of the drawn photograph in sight as a region, if it has none yet."""
        facts, document = self._bench.facts, self._bench.document
        if facts is None or document is None or document.regions:
            return
        for sample in facts.sample_photos:
            if sample.path == document.path and sample.boxes:
                self._bench.draw(sample.boxes[0])
                # The person did nothing yet that could be undone.
                document.undo_stack.clear()

    def paste(self) -> None:
        """Open the picture, or the picture file, on the clipboard."""
        data = QGuiApplication.clipboard().mimeData()
        if not self.take(data):
            self._bench.problem.emit(UnreadableImage(path=self.tr("clipboard"), reason="not_a_picture"))

    @staticmethod
    def can_take(data: QMimeData) -> bool:
        """Whether a drag carries a file, a folder or a picture."""
        return data.hasImage() or any(url.isLocalFile() for url in data.urls())

    def take(self, data: QMimeData) -> bool:
        """Open what was dropped or pasted; False when there is nothing in it for us."""
        files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if files:
            self.open_place(files[0])
            if len(files) > 1 and not files[0].is_dir() and files[0].suffix.lower() not in LIST_ENDINGS:
                self.strip_wanted.emit(files[0].parent)
            return True
        if data.hasImage():
            image = data.imageData()
            if isinstance(image, QImage) and not image.isNull():
                self._bench.start(self._bench.open_picture(from_qimage(image)))
                return True
        return False


def from_qimage(image: QImage) -> Image.Image:
    """A QImage as a Pillow picture with its transparency, its pixels copied."""
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    data = bytes(plain.constBits())
    size = (plain.width(), plain.height())
    return Image.frombuffer("RGBA", size, data, "raw", "RGBA", plain.bytesPerLine(), 1).copy()
