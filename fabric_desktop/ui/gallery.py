"""Pictures of the window in its typical states, in both languages and themes, for the eye to review. Nothing of the
person's is touched: the studio is drawn into a temporary folder."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QEvent, QIODevice, QPoint
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import write_bytes
from fabric_desktop.ui import titles
from fabric_desktop.ui.main_window import MainWindow
from fabric_desktop.ui.start import Start
from fabric_desktop.wording import explain

log = logging.getLogger(__name__)

SIZES = {"100": 1, "200": 2}
_LANGS, _THEMES = ("zh", "en"), ("light", "dark")
_SHOWN_REGIONS = 4


class Gallery:
    """Brings the window from state to state and draws each."""

    def __init__(self, window: MainWindow, start: Start, folder: Path) -> None:
        self._window, self._start, self._folder = window, start, folder
        self._bench = window.bench

    async def draw(self, size: tuple[int, int]) -> int:
        """Draw every state into the folder; the exit code is 0, or 3 with the reason on standard error."""
        from fabric_desktop.samples import create_sample_studio

        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
            root = Path(scratch) / "sample-studio"

            def work(context: JobContext) -> Studio:
                return create_sample_studio(root, context)

            self._window.resize(*size)
            self._window.show()
            try:
                await self._bench.runner.run(titles.DRAW_SAMPLES, work)
                if not await self._start.go_to(root, show_sample=False):
                    return 3
                for name, prepare in self._states():
                    await prepare()
                    await self._settled()
                    await self._draw_state(name)
            except FabricError as error:
                explanation = explain(error, self._bench.lang)
                sys.stderr.write(f"{explanation.what} {explanation.do}\n")
                return 3
            finally:
                self._bench.leave_studio()
        return 0

    def _states(self) -> list[tuple[str, Callable[[], Awaitable[object]]]]:
        return [
            ("empty", self._empty),
            ("one-region", self._one_region),
            ("many-regions", self._many_regions),
            ("queue", self._queue),
            ("labelled", self._labelled),
            ("comparison", self._comparison),
            ("keys", self._keys),
            ("error", self._error),
        ]

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
        await self._settled()
        document.select(document.regions[0].id)
        self._bench.accept(1)

    async def _queue(self) -> None:
        document = self._bench.document
        for region in document.regions[1:] if document is not None else []:
            if document is not None:
                document.select(region.id)
                self._window.review.reviewing.keep_region()
                await self._settled()
        self._window.review.next_queued()

    async def _labelled(self) -> None:
        self._window.review.queue_dock.hide()
        self._window.actions_["labelled_panel"].trigger()

    async def _comparison(self) -> None:
        self._window.review.labelled_dock.hide()
        self._window.comparing.compare()

    async def _keys(self) -> None:
        if self._window.comparing.window is not None:
            self._window.comparing.window.close()
        self._window.actions_["keys"].trigger()

    async def _error(self) -> None:
        for other in self._window.findChildren(QWidget):
            if other.isWindow() and other.isVisible():
                other.close()
        await self._bench.open_photo(self._folder / "no-such-photograph.jpg")

    def _in_front(self) -> QWidget:
        """The window of the state: a window of its own that is open, else the main one."""
        others = [other for other in QApplication.topLevelWidgets() if other.isVisible() and other is not self._window]
        return others[-1] if others else self._window

    async def _draw_state(self, name: str) -> None:
        for lang in _LANGS:
            self._window.commands.use_language(lang)
            for theme in _THEMES:
                self._window.commands.use_theme(theme)
                await self._settled()
                self._window.canvas.draw_in_full()
                for ending, ratio in SIZES.items():
                    save(self._in_front(), self._folder / f"{name}-{lang}-{theme}-{ending}.png", ratio)

    async def _settled(self) -> None:
        await self._bench.runner.settled()
        # Layouts and what was marked for deletion have to have had their turn before a picture is taken.
        for _ in range(3):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            await asyncio.sleep(0.02)
        await self._bench.runner.settled()


def save(widget: QWidget, path: Path, ratio: int) -> None:
    """Draw a window into a PNG file at `ratio` picture pixels a screen pixel. Raises SaveFailed."""
    picture = QPixmap(widget.size() * ratio)
    picture.setDevicePixelRatio(ratio)
    widget.render(picture, QPoint(0, 0))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    write_bytes(path, bytes(data.data()))
