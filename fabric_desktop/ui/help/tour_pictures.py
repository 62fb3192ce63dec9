"""Draws the tour's pictures: the real window on the drawn sample studio, brought to each step, in both languages.

`python -m fabric_desktop.app --tour resources/help` makes them anew. Nothing of the person's is touched.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from fabric_desktop.imaging import Box, cut_patch, open_photo
from fabric_desktop.studio.files import write_bytes
from fabric_desktop.ui.gallery import on_drawn_samples
from fabric_desktop.ui.help.tour_steps import ENDING
from fabric_desktop.ui.main_window import MainWindow
from fabric_desktop.ui.start import Start

SIZE = (1160, 780)
_LANGS = ("zh", "en")
# Below this the cloth's weave turns to mush; above it the pictures double their size for nothing that is seen.
_QUALITY = 80
_LABELS = 20
_FORMAT = QImage.Format.Format_RGB888


class TourPictures:
    """Brings the window from step to step and draws each."""

    def __init__(self, window: MainWindow, start: Start, folder: Path) -> None:
        self._window, self._start, self._folder = window, start, folder
        self._bench = window.bench

    async def draw(self) -> int:
        """Draw every step into the folder; the exit code is 0, or 3 with the reason on standard error."""
        async def steps(_scratch: Path) -> None:
            self._window.commands.use_theme("light")
            for name, bring in self._steps():
                shown = await bring()
                for lang in _LANGS:
                    await self._draw_step(name, lang, shown)
                if shown is not self._window:
                    shown.close()

        return await on_drawn_samples(self._window, self._start, SIZE, steps)

    def _steps(self) -> list[tuple[str, Callable[[], Awaitable[QWidget]]]]:
        return [
            ("look", self._look),
            ("answer", self._answer),
            ("regions", self._regions),
            ("label", self._label),
            ("queue", self._queue),
            ("retrain", self._retrain),
            ("swatches", self._swatches),
            ("batch", self._batch),
            ("encoders", self._encoders),
        ]

    async def _look(self) -> QWidget:
        await self._window.opening.open_next_sample()
        self._window.opening.choose_sample_region()
        return self._window

    async def _answer(self) -> QWidget:
        self._window.comparing.compare()
        await self._settled()
        shown = self._window.comparing.window
        assert shown is not None
        shown.showNormal()
        shown.resize(*SIZE)
        return shown

    async def _regions(self) -> QWidget:
        document = self._bench.document
        assert document is not None
        first = document.regions[0]
        for box in self._boxes()[1:4]:
            self._bench.draw(box)
        box = self._boxes()[4]
        # A line round the piece, as a hand draws it.
        self._bench.lasso(
            tuple(
                (box.x + round(box.width * across), box.y + round(box.height * down))
                for across, down in ((-0.3, -0.1), (0.4, -0.3), (1.2, -0.1), (1.3, 0.8), (0.6, 1.2), (-0.2, 1.1))
            )
        )
        await self._settled()
        document.select(first.id)
        return self._window

    async def _label(self) -> QWidget:
        self._bench.accept(1)
        await self._settled()
        return self._window

    async def _queue(self) -> QWidget:
        document = self._bench.document
        assert document is not None
        for region in document.regions[1:4]:
            document.select(region.id)
            self._window.review.reviewing.keep_region()
            await self._settled()
        self._window.review.next_queued()
        await self._settled()
        return self._window

    async def _retrain(self) -> QWidget:
        """Labels until the window suggests to retrain."""
        self._window.review.queue_dock.hide()
        facts = self._bench.facts
        assert facts is not None
        # Not the one that the picture shows: its regions would hide the cloth.
        for photo in facts.sample_photos[1:]:
            await self._bench.open_photo(photo.path)
            for box in photo.boxes:
                for part in _quarters(box):
                    if self._bench.facts is not None and sum(self._bench.facts.labels.values()) >= _LABELS:
                        break
                    self._bench.draw(part)
                    await self._settled()
                    self._bench.accept(1)
                    await self._settled()
        await self._bench.open_photo(facts.sample_photos[0].path)
        return self._window

    async def _swatches(self) -> QWidget:
        self._window.actions_["library_page"].trigger()
        await self._settled()
        return self._sized(self._window.pages.library)

    async def _batch(self) -> QWidget:
        page = self._window.pages.batch
        page.show_folder(self._cloth_by_cloth())
        page.bring_up()
        await self._settled()
        page.start_button.click()
        await self._settled()
        return self._sized(page)

    async def _encoders(self) -> QWidget:
        self._window.actions_["encoders_page"].trigger()
        await self._settled()
        return self._window.pages.encoders

    def _cloth_by_cloth(self) -> Path:
        """A folder of photographs that show one cloth each, as people take them of their swatches."""
        facts, studio = self._bench.facts, self._bench.studio
        assert facts is not None
        assert studio is not None
        folder = studio.root.parent / "2026-11"
        folder.mkdir()
        number = 4120
        for photo in facts.sample_photos:
            image = open_photo(photo.path)
            for box in photo.boxes:
                number += 1
                cut_patch(image, box).save(folder / f"IMG_{number}.jpg", quality=95)
        return folder

    def _sized(self, page: QWidget) -> QWidget:
        page.resize(*SIZE)
        return page

    def _boxes(self) -> list[Box]:
        document, facts = self._bench.document, self._bench.facts
        assert document is not None
        assert facts is not None
        return [box for photo in facts.sample_photos if photo.path == document.path for box in photo.boxes]

    async def _draw_step(self, name: str, lang: str, shown: QWidget) -> None:
        self._window.commands.use_language(lang)
        await self._settled()
        self._window.canvas.draw_in_full()
        picture = shown.grab().toImage().convertToFormat(_FORMAT)
        pixels = Image.frombuffer(
            "RGB", (picture.width(), picture.height()), bytes(picture.constBits()), "raw", "RGB", picture.bytesPerLine()
        )
        stream = io.BytesIO()
        pixels.save(stream, "WEBP", quality=_QUALITY, method=6)
        write_bytes(self._folder / f"{name}-{lang}{ENDING}", stream.getvalue())

    async def _settled(self) -> None:
        await self._bench.runner.settled()
        # Layouts and what was marked for deletion have to have had their turn before a picture is taken.
        for _ in range(3):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            await asyncio.sleep(0.02)
        await self._bench.runner.settled()


def _quarters(box: Box) -> list[Box]:
    """The four quarters of a region."""
    width, height = box.width // 2, box.height // 2
    return [Box(box.x + column * width, box.y + row * height, width, height) for row in range(2) for column in range(2)]
