"""What happens from the empty window to the first answer: which studio, its samples, its bank, which photograph."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QTimer

from fabric_desktop import paths
from fabric_desktop.early import window_is_up
from fabric_desktop.errors import FabricError, FileTrouble, SaveFailed, StudioLocked
from fabric_desktop.imaging import Box, clip_box
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.studio import Studio, StudioLock, default_studio_path, open_studio
from fabric_desktop.studio.files import write_bytes
from fabric_desktop.ui import titles
from fabric_desktop.ui.app_state import AppState
from fabric_desktop.ui.document import Stage
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.main_window import MainWindow
from fabric_desktop.ui.pages.encoder_work import prepare_in_use
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import explain

log = logging.getLogger(__name__)

DEFAULT_SIZE = (1280, 800)
EXIT_OK, EXIT_PROBLEM = 0, 3


def sample_root() -> Path:
    """Where the drawn sample studio is kept."""
    return paths.home() / "sample-studio"


def choose_studio(given: Path | None, state: AppState) -> Path:
    """The studio to start with: the given one, the last one, the default one if it holds anything, the samples."""
    if given is not None:
        return given
    try:
        if state.last_studio and Path(state.last_studio).is_dir():
            return Path(state.last_studio)
        default = Studio(default_studio_path())
        if default.fabric_ids() or default.labeled_ids():
            return default.root
    except (OSError, FileTrouble) as error:
        log.warning("the studio of the last time does not answer: %s", error)
    return sample_root()


def leave_out_of_collections() -> None:
    """What is there once the window is up stays to the end. Looking for garbage among it as well would make every full
    collection, in which the window stands still, twice as long."""
    gc.freeze()


class Start(QObject):
    """Brings the window up, and brings it to another studio later."""

    def __init__(
        self,
        window: MainWindow,
        workbench: Workbench,
        state: AppState,
        *,
        keep_lang: bool = False,
        keep_theme: bool = False,
    ) -> None:
        """keep_lang, keep_theme: asked for at the start, so a studio's own do not take their place."""
        super().__init__(window)
        self._keep_lang, self._keep_theme = keep_lang, keep_theme
        self._window, self._bench, self._state = window, workbench, state
        window.samples_wanted.connect(lambda: workbench.start(self.go_to(sample_root())))
        window.studio_wanted.connect(lambda folder, create: workbench.start(self.go_to(folder, create=create)))

    async def run(self, photo: Path | None, box: Box | None, studio: Path | None, size: tuple[int, int] | None) -> int:
        """Show the window and keep it until it is closed."""
        window = self._window
        place = self._state.place_of_window()
        if size is not None or not place or not window.restoreGeometry(QByteArray(place)):
            window.resize(*(size or DEFAULT_SIZE))
        closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        window.closed.connect(lambda: _resolve(closed))
        window.show()
        window_is_up()
        window.warn_of_fonts()
        # After the first paint, so that nothing heavy stands between the double click and the window.
        QTimer.singleShot(0, self, lambda: self._bench.start(self._begin(photo, box, studio)))
        await closed
        return EXIT_OK

    async def _begin(self, photo: Path | None, box: Box | None, studio: Path | None) -> None:
        await self._first(photo, box, studio)
        leave_out_of_collections()

    async def _first(self, photo: Path | None, box: Box | None, studio: Path | None) -> None:
        there = await self.go_to(choose_studio(studio, self._state), show_sample=photo is None)
        if not there and studio is None:
            await self.go_to(sample_root(), show_sample=photo is None, keep_banner=True)
        if photo is None:
            self._window.pages.welcome_once()
        if photo is not None and box is None:
            # A folder or a list may be dropped on the launcher too.
            self._window.opening.open_place(photo)
        elif photo is not None and await self._bench.open_photo(photo) and box is not None:
            self._draw(box)

    async def go_to(
        self, folder: Path, *, create: bool = False, show_sample: bool = True, keep_banner: bool = False
    ) -> bool:
        """Work in a folder from now on; the sample studio is drawn, and its bank built, where that is lacking."""
        window, bench = self._window, self._bench
        message = window.banner.message if keep_banner else None
        window.remember_layout()
        if folder == sample_root() and not await self._prepare_samples():
            return False
        if not await bench.use_studio(folder, create=create):
            return False
        if message is not None:
            window.banner.show_message(message)
        if bench.studio is not None:
            self._state.last_studio = str(bench.studio.root)
            self._state.save()
        if bench.settings.lang is not None and not self._keep_lang:
            window.commands.use_language(bench.settings.lang)
        wanted = bench.settings.theme
        if self._state.keeps and not self._keep_theme and wanted not in ("system", window.theme.current):
            window.commands.use_theme(wanted)
        sample = bench.studio is not None and bench.studio.is_sample
        # The cloth first: there is something to look at while the encoder is loaded and the bank is built.
        if sample and show_sample:
            await window.opening.open_next_sample()
        await bench.refresh_facts()
        bench.start(prepare_in_use(bench))
        if sample:
            await self._build_sample_bank()
            if show_sample:
                window.opening.choose_sample_region()
        return True

    async def _prepare_samples(self) -> bool:
        from fabric_desktop.samples import create_sample_studio, is_finished

        def work(context: JobContext) -> Studio:
            if is_finished(sample_root()):
                # Nothing to draw, nothing to lock: what a kill has left there is for who works in it to find.
                return open_studio(sample_root())
            studio = open_studio(sample_root(), create=True)
            try:
                with StudioLock(studio, "window"):
                    return create_sample_studio(studio.root, context)
            except StudioLocked:
                if studio.is_sample:
                    return studio  # another window has them open, and this one looks on
                raise

        # Samples that are there already are only looked at, which is no job to tell of.
        quiet = Studio(sample_root()).is_sample
        try:
            await self._bench.runner.run(titles.DRAW_SAMPLES, work, Priority.LONG, quiet=quiet)
        except Cancelled:
            return False
        except FabricError as error:
            self._bench.problem.emit(error)
            return False
        return True

    async def _build_sample_bank(self) -> None:
        facts = self._bench.facts
        if facts is not None and facts.status is not None and facts.status.bank_state != "ready" and facts.writable:
            await self._window.flows.build_bank(tell=False)

    def _draw(self, box: Box) -> None:
        document = self._bench.document
        if document is not None:
            try:
                self._bench.draw(clip_box(box, document.size))
            except FabricError as error:
                self._bench.problem.emit(error)

    # -- a picture of the window ----------------------------------------------------------------------------------

    async def draw(
        self, out: Path, photo: Path | None, box: Box | None, studio: Path | None, size: tuple[int, int] | None
    ) -> int:
        """Draw the window into a file once the region is recognised; nothing of the person's is changed."""
        window, bench = self._window, self._bench
        problems: list[FabricError] = []
        bench.problem.connect(problems.append)
        window.flows.failed.connect(problems.append)
        window.resize(*(size or DEFAULT_SIZE))
        window.show()
        there = await self.go_to(studio if studio is not None else sample_root(), show_sample=photo is None)
        if there and photo is not None and await bench.open_photo(photo):
            if box is not None:
                self._draw(box)
            elif bench.document is not None:
                width, height = bench.document.size
                bench.pick(width // 2, height // 2)
        await bench.runner.settled()
        region = bench.region
        recognised = region is not None and region.stage is Stage.DONE
        if not recognised:
            return _complain(problems, bench.lang)
        try:
            save_picture(window, out)
        except SaveFailed as error:
            return _complain([error], bench.lang)
        return EXIT_OK


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def save_picture(window: MainWindow, out: Path) -> None:
    """Draw a window into a PNG file. Raises SaveFailed."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    window.canvas.draw_in_full()
    window.grab().save(buffer, "PNG")
    write_bytes(out, bytes(buffer.data().data()))


def _complain(problems: list[FabricError], lang: str) -> int:
    """Say on standard error why there is no picture, in plain sentences."""
    for error in problems:
        explanation = explain(error, lang)
        sys.stderr.write(f"{explanation.what} {explanation.do}\n")
    if not problems:
        sys.stderr.write("No region could be recognised; the log says more.\n")
    return EXIT_PROBLEM
