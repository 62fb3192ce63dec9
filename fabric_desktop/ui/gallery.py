"""Pictures of the window and of every page in their typical states, in both languages and themes, for the eye to
review. Nothing of the person's is touched: the studio is drawn into a temporary folder. What the states are stands in
`gallery_states` and `gallery_pages`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QEvent, QIODevice
from PySide6.QtWidgets import QApplication, QWidget

from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import write_bytes
from fabric_desktop.ui import titles
from fabric_desktop.ui.main_window import MainWindow
from fabric_desktop.ui.pages.page import Page
from fabric_desktop.ui.start import EXIT_OK, EXIT_PROBLEM, Start
from fabric_desktop.wording import explain

log = logging.getLogger(__name__)

SCALES = {"100": "1", "200": "2"}
SCALE_VARIABLE = "QT_SCALE_FACTOR"
_LANGS, _THEMES = ("zh", "en"), ("light", "dark")
_QUICKLY = 60  # Qt's scale for PNG: little packing, for hundreds of pictures


@dataclass(frozen=True, slots=True)
class State:
    """One picture to take: `show` brings the program into the state and gives the window to draw, None for the one in
    front; `leave` ends it. `anew`: shown again for each language and theme, as what cannot change them while open."""

    name: str
    show: Callable[[], Awaitable[QWidget | None]]
    leave: Callable[[], object] | None = None
    anew: bool = False


def draw_at_every_scale(arguments: Sequence[str]) -> int:
    """Draw the gallery once for each scale of the screen, each in a program of its own: Qt reads the scale once, at its
    start. Returns the worst exit code."""
    codes = []
    for factor in SCALES.values():
        command = [sys.executable, "-m", "fabric_desktop.app", *arguments]
        codes.append(subprocess.run(command, env={**os.environ, SCALE_VARIABLE: factor}, check=False).returncode)
    return max(codes, key=abs)


async def on_drawn_samples(
    window: MainWindow, start: Start, size: tuple[int, int], draw: Callable[[Path], Awaitable[None]]
) -> int:
    """Show the window on a sample studio made for the occasion and let `draw` do its work; it is given the temporary
    folder the studio lies in. Returns the exit code: 0, or 3 with the reason on standard error."""
    from fabric_desktop.samples import create_sample_studio

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        root = Path(scratch) / "sample-studio"

        def work(context: JobContext) -> Studio:
            return create_sample_studio(root, context)

        window.resize(*size)
        window.show()
        try:
            await window.bench.runner.run(titles.DRAW_SAMPLES, work)
            if not await start.go_to(root, show_sample=False):
                return EXIT_PROBLEM
            await draw(Path(scratch))
        except FabricError as error:
            explanation = explain(error, window.bench.lang)
            sys.stderr.write(f"{explanation.what} {explanation.do}\n")
            return EXIT_PROBLEM
        finally:
            window.bench.leave_studio()
    return EXIT_OK


class Gallery:
    """Brings the window from state to state and draws each; in one language or theme alone where one is asked for."""

    def __init__(
        self, window: MainWindow, start: Start, folder: Path, lang: str | None = None, theme: str | None = None
    ) -> None:
        self.window, self.folder = window, folder
        self._langs = _LANGS if lang is None else (lang,)
        self._themes = _THEMES if theme is None else (theme,)
        self.bench = window.bench
        self._start = start
        self._scale = f"{round(window.devicePixelRatioF() * 100)}"

    async def draw(self, size: tuple[int, int]) -> int:
        """Draw every state into the folder; the exit code is 0, or 3 with the reason on standard error."""
        from fabric_desktop.ui.gallery_pages import PageStates
        from fabric_desktop.ui.gallery_states import WindowStates
        from fabric_desktop.ui.help.help_states import HelpStates

        async def states(scratch: Path) -> None:
            pages = PageStates(self, scratch).all()
            for state in (*WindowStates(self).all(), *pages, *HelpStates(self).all()):
                await self._draw_state(state)

        return await on_drawn_samples(self.window, self._start, size, states)

    async def _draw_state(self, state: State) -> None:
        shown = None if state.anew else await state.show()
        await self.settled()
        for lang in self._langs:
            self.window.commands.use_language(lang)
            for theme in self._themes:
                self.window.commands.use_theme(theme)
                if state.anew:
                    shown = await state.show()
                await self.settled()
                self.window.canvas.draw_in_full()
                widget = shown if shown is not None else self.in_front()
                if isinstance(widget, Page):
                    # A drawing has no screen, or a small one: the page is drawn at the size it is made for.
                    widget.resize(widget.wished)
                    await self.settled()
                save(widget, self.folder / f"{state.name}-{lang}-{theme}-{self._scale}.png")
                if state.anew and state.leave is not None:
                    state.leave()
                    await self.settled()
        if not state.anew and state.leave is not None:
            state.leave()
            await self.settled()

    def in_front(self) -> QWidget:
        """The window of the state: a window of its own that is open, else the main one."""
        others = [other for other in QApplication.topLevelWidgets() if other.isVisible() and other is not self.window]
        return others[-1] if others else self.window

    async def settled(self) -> None:
        """Wait until nothing is under way and layouts have had their turn."""
        await self.bench.runner.settled()
        for _ in range(3):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            await asyncio.sleep(0.01)
        await self.bench.runner.settled()


def save(widget: QWidget, path: Path) -> None:
    """Draw a window into a PNG file, at the screen's scale. Raises SaveFailed."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG", _QUICKLY)
    write_bytes(path, bytes(data.data()))
