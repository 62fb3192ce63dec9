"""What the table of versions shows and does: read, drawn, measured on newer labels, annotated, exported, deleted. Each
is a job; a deleted version can be brought back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from fabric_desktop.encoders.registry import load_encoder
from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.studio import Studio, StudioLock, load_version
from fabric_desktop.studio.changes import Done
from fabric_desktop.ui import titles
from fabric_desktop.ui.chart_view import chart_colors
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.versions_window import CHART_WIDTH, VersionsWindow
from fabric_desktop.ui.widgets import ActionButton

if TYPE_CHECKING:
    import asyncio

    from fabric_desktop.loop import ModelScores
    from fabric_desktop.loop.versions import VersionRow
    from fabric_desktop.ui.main_window import MainWindow
    from fabric_desktop.ui.retraining import Retraining


class VersionsFlows(QObject):
    """The flows behind the window of versions, which is made when it is first wanted."""

    def __init__(self, window: MainWindow, retraining: Retraining) -> None:
        super().__init__(retraining)
        self._window, self._bench, self._retraining = window, window.bench, retraining
        self.window: VersionsWindow | None = None
        self._measuring: asyncio.Task[object] | None = None
        self._measured: object = None
        window.pages.changing.changed.connect(self._on_change)
        self._bench.studio_changed.connect(self._on_studio)

    async def show(self) -> None:
        """Show the window, in front; what is dear to know comes in while it is open."""
        if self._bench.studio is None:
            return
        if self.window is None:
            self.window = self._made()
        if not self.window.isVisible() and not self.window.knows_newer:
            self._measured = None  # stopped the last time: whoever comes back wants to know after all
        await self._read()
        self.window.bring_up()
        self._measure()

    def _made(self) -> VersionsWindow:
        made = VersionsWindow(self._bench, self._window.actions_, self._window.pages.changing, self._window)
        made.use_wanted.connect(self._retraining.use)
        made.compare_wanted.connect(self._retraining.compare)
        made.export_wanted.connect(self._export)
        made.delete_wanted.connect(lambda name: self._bench.start(self._delete(name)))
        made.noted.connect(lambda name, text: self._bench.start(self._note(name, text)))
        made.colors_changed.connect(lambda: self._bench.start(self._draw()))
        made.left.connect(self._stop)
        return made

    async def refresh(self) -> None:
        """Read the versions again if they are in sight."""
        if self.window is not None and self.window.isVisible():
            await self._read()
            self._measure()

    def _on_studio(self) -> None:
        """Rows of the studio before must not be used or deleted in this one, whose versions have the same names."""
        self._stop()
        if self.window is not None:
            self.window.show_since({})
            self.window.show_rows(())
            self._bench.start(self.refresh())

    def _on_change(self, done: Done) -> None:
        if "version" in done.kind or "label" in done.kind or done.kind in ("accept", "undo_accept"):
            self._bench.start(self.refresh())

    async def _read(self) -> None:
        studio = self._bench.studio
        if studio is None or self.window is None:
            return

        def work(context: JobContext) -> tuple[VersionRow, ...]:
            from fabric_desktop.loop.versions import version_rows

            return version_rows(studio)

        rows = await self._bench.runner.run(titles.READ_VERSIONS, work, Priority.INTERACTIVE, quiet=True)
        if studio == self._bench.studio:
            self.window.show_rows(rows)
            await self._draw()

    async def _draw(self) -> None:
        window = self.window
        if window is None:
            return
        rows, lang, colors = window.rows, self._bench.lang, chart_colors(QApplication.palette())

        def work(context: JobContext) -> str | None:
            from fabric_desktop.report.progress import versions_chart

            return versions_chart(rows, lang, heading=False, colors=colors, width=CHART_WIDTH)

        try:
            window.show_chart(await self._bench.runner.run(job_titles.CHARTS, work, Priority.PICTURE, quiet=True))
        except Cancelled:
            return

    # -- on newer labels ------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Answer what was labelled after each version, once for the same versions and labels."""
        window, facts = self.window, self._bench.facts
        if window is None or facts is None or self._measuring is not None:
            return
        newer = tuple((row.name, row.labelled_since) for row in window.rows if row.labelled_since)
        if newer and (self._bench.studio, newer, facts.labels) != self._measured:
            self._measuring = self._bench.runner.spawn(self._measured_since(newer))

    async def _measured_since(self, newer: tuple[tuple[str, int | None], ...]) -> None:
        studio, window, facts = self._bench.studio, self.window, self._bench.facts
        if studio is None or window is None or facts is None:
            return

        def work(context: JobContext) -> dict[str, ModelScores | None]:
            from fabric_desktop.loop.versions import scores_since

            return scores_since(studio, context, encoder_of=load_encoder)

        window.show_measuring(True)
        asked = (studio, newer, facts.labels)
        try:
            found = await self._bench.runner.run(job_titles.SCORE_SINCE, work, Priority.LONG)
            if studio == self._bench.studio:
                window.show_since(found)
                self._measured = asked
        except Cancelled:
            # Stopped by hand: not begun again before somebody opens the window again.
            self._measured = asked
        except FabricError as error:
            window.show_error(error)
        finally:
            self._measuring = None
            window.show_measuring(False)

    def _stop(self) -> None:
        """Nobody looks any more."""
        if self._measuring is not None:
            self._measuring.cancel()

    # -- what the buttons do --------------------------------------------------------------------------------------

    def _export(self, name: str) -> None:
        studio = self._bench.studio
        if studio is None:
            return
        chosen, _ = QFileDialog.getSaveFileName(
            self.window,
            self.tr("Export {version} as one file").format(version=name),
            str(Path.home() / f"{studio.root.name} {name}.zip"),
            "ZIP (*.zip)",
        )
        if chosen:
            path = Path(chosen)
            self._bench.start(self._write(studio, name, path if path.suffix else path.with_suffix(".zip")))

    async def _write(self, studio: Studio, name: str, path: Path) -> None:
        try:
            version = await self._bench.runner.run(
                titles.READ_VERSIONS, lambda _context: load_version(studio, name), Priority.INTERACTIVE, quiet=True
            )
        except Cancelled:
            return
        except FabricError as error:
            if self.window is not None:
                self.window.show_error(error)
            return
        report = await self._window.pages.sharing.export(path, "model", version)
        if report is not None and self.window is not None:
            self.window.tell(lambda: (self.tr("Written: {file}").format(file=path.name), str(path.parent)))

    async def _delete(self, name: str) -> None:
        def work(studio: Studio, context: JobContext) -> Done:
            from fabric_desktop.loop import delete_version

            return delete_version(studio, name)

        done = await self._window.pages.changing.make(work)
        if done is None or self.window is None:
            return

        def words() -> tuple[str, str]:
            return (
                self.tr("{version} is deleted: it lies in the studio's trash.").format(version=name),
                self.tr("Undo brings it back."),
            )

        def buttons() -> list[QPushButton]:
            return [ActionButton(self._window.actions_["undo"])]

        self.window.tell(words, buttons)

    async def _note(self, name: str, text: str) -> None:
        studio = self._bench.studio
        if studio is None:
            return

        def work(context: JobContext) -> None:
            from fabric_desktop.loop import write_note

            with StudioLock(studio, "window"):
                write_note(studio, name, text)

        try:
            await self._bench.runner.run(job_titles.WRITE_NOTE, work, Priority.INTERACTIVE, quiet=True, keep=True)
        except FabricError as error:
            if self.window is not None:
                self.window.show_error(error)
        await self.refresh()
