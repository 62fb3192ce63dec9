"""Brings the selected region's patch and the references of a candidate into the comparison, in their own pixels."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import open_photo
from fabric_desktop.jobs import JobContext
from fabric_desktop.ui import titles
from fabric_desktop.ui.canvas.pixels import to_qimage
from fabric_desktop.ui.compare_window import CompareWindow
from fabric_desktop.ui.cutting import region_patch
from fabric_desktop.ui.job_thread import Priority

if TYPE_CHECKING:
    from PIL.Image import Image

    from fabric_desktop.ui.main_window import MainWindow

log = logging.getLogger(__name__)

_LARGEST = 2400  # pixels of the long side that are shown; a screen has no more for one half


class Comparing(QObject):
    """Makes the comparison's pictures on the job thread and shows its window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bench = window, window.bench
        self.window: CompareWindow | None = None
        window.results.compare_wanted.connect(self.compare)

    def compare(self, at: int = 0) -> None:
        """Compare with the candidate whose references are shown in the results, beginning with its `at`-th."""
        self._bench.start(self._compare(at))

    async def _compare(self, at: int) -> None:
        region, document, studio = self._bench.region, self._bench.document, self._bench.studio
        candidate = self._window.results.candidate_looked_at
        if region is None or document is None or document.image is None or studio is None or candidate is None:
            return
        image, box, outline = document.image, region.box, region.outline
        photos = [studio.root / match.photo for match in candidate.nearest]

        def work(context: JobContext) -> tuple[QImage, list[tuple[str, QImage]]]:
            patch = region_patch(image, box, outline)
            scale = min(1.0, _LARGEST / max(patch.size))
            found = []
            for photo in photos:
                context.check_cancelled()
                try:
                    reference = open_photo(photo)
                except UnreadableImage as error:
                    log.info("a reference is not compared: %s", error)
                    continue
                found.append((photo.name, to_qimage(_scaled(reference, scale))))
            return to_qimage(_scaled(patch, scale)), found

        patch, references = await self._bench.runner.run(titles.COMPARE, work, Priority.INTERACTIVE, quiet=True)
        if self.window is None:
            self.window = CompareWindow(self._window)
        self.window.show_pair(patch, references, candidate.name, at)
        self.window.show()
        self.window.raise_()


def _scaled(image: Image, scale: float) -> Image:
    """Both sides by the same factor, or the eye compares what is not alike."""
    return image if scale == 1.0 else image.resize((round(image.width * scale), round(image.height * scale)))
