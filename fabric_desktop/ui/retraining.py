"""Retraining as one gesture: a new model beside the one in use, the person's answer, and the versions there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from fabric_desktop.encoders.registry import load_encoder
from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import StudioLock
from fabric_desktop.ui import titles
from fabric_desktop.ui.banner import Message
from fabric_desktop.ui.job_thread import Priority

if TYPE_CHECKING:
    from fabric_desktop.loop import Improvement, SideBySide
    from fabric_desktop.loop.versions import VersionRow
    from fabric_desktop.ui.improvement_window import ImprovementWindow
    from fabric_desktop.ui.main_window import MainWindow
    from fabric_desktop.ui.versions_window import VersionsWindow


class Retraining(QObject):
    """The actions Retrain and Versions."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bench = window, window.bench
        self.question: ImprovementWindow | None = None
        self.versions: VersionsWindow | None = None

    def retrain(self) -> None:
        """Make a new model of everything labelled so far and show it beside the one in use."""
        self._bench.start(self._retrain())

    def show_versions(self) -> None:
        """Show the table of versions."""
        self._bench.start(self._show_versions())

    def use(self, name: str) -> None:
        """Put a version in use, forwards or back."""
        self._bench.start(self._use(name))

    def compare(self, old: str, new: str) -> None:
        """Show two versions on the same patches."""
        self._bench.start(self._compare(old, new))

    async def _retrain(self) -> None:
        studio, recognizer = self._bench.studio, self._bench.recognizer
        if studio is None or recognizer is None:
            return

        def work(context: JobContext) -> Improvement:
            from fabric_desktop.loop import improve

            with StudioLock(studio, "window"):
                return improve(studio, recognizer.encoder, context, encoder_of=load_encoder)

        try:
            found = await self._bench.runner.run(titles.RETRAIN, work, Priority.LONG)
        except Cancelled:
            return
        except FabricError as error:
            self._window.show_error(error)
            return
        await self._bench.refresh_facts()
        self._ask(found, found)

    def _ask(self, sides: SideBySide | Improvement, improvement: Improvement | None) -> None:
        from fabric_desktop.ui.improvement_window import ImprovementWindow

        facts = self._bench.facts
        if facts is None:
            return
        if self.question is not None:
            # Closed alone it would stay for as long as the program runs: one more after every training.
            self.question.close()
            self.question.deleteLater()
        self.question = ImprovementWindow(sides, improvement, facts.names, self._bench, self._window)
        self.question.deployed.connect(self.use)
        self.question.show()

    async def _use(self, name: str) -> None:
        studio = self._bench.studio
        if studio is None:
            return

        def work(context: JobContext) -> Recognizer:
            from fabric_desktop.loop import deploy

            with StudioLock(studio, "window"):
                deploy(studio, name)
            return Recognizer(studio)

        try:
            recognizer = await self._bench.runner.run(titles.USE_VERSION, work, Priority.INTERACTIVE, quiet=True)
        except FabricError as error:
            self._window.show_error(error)
            return
        if self._bench.recognizer is not None and recognizer.encoder_id != self._bench.recognizer.encoder_id:
            self._bench.use_recognizer(recognizer)
        await self._bench.refresh_facts()
        if self._bench.document is not None:
            self._bench.answers.rank_again(self._bench.document)
        if self.versions is not None and self.versions.isVisible():
            await self._show_versions()

        def words() -> tuple[str, str]:
            return (
                self.tr("{version} is in use now.").format(version=name),
                self.tr("The one before is kept: Versions in the Model menu goes back to it."),
            )

        self._window.banner.show_message(Message("check", words, list))

    async def _show_versions(self) -> None:
        from fabric_desktop.ui.versions_window import VersionsWindow

        studio = self._bench.studio
        if studio is None:
            return

        def work(context: JobContext) -> tuple[VersionRow, ...]:
            from fabric_desktop.loop.versions import version_rows

            return version_rows(studio)

        rows = await self._bench.runner.run(titles.READ_VERSIONS, work, Priority.INTERACTIVE, quiet=True)
        if self.versions is None:
            self.versions = VersionsWindow(self._window)
            self.versions.use_wanted.connect(self.use)
            self.versions.compare_wanted.connect(self.compare)
        self.versions.show_rows(rows, writable=self._bench.writable)
        self.versions.show()
        self.versions.raise_()

    async def _compare(self, old: str, new: str) -> None:
        studio = self._bench.studio
        if studio is None:
            return

        def work(context: JobContext) -> SideBySide:
            from fabric_desktop.loop.versions import compare_versions

            return compare_versions(studio, old, new, context, encoder_of=load_encoder)

        try:
            found = await self._bench.runner.run(titles.COMPARE_VERSIONS, work, Priority.LONG)
        except Cancelled:
            return
        except FabricError as error:
            self._window.show_error(error)
            return
        self._ask(found, None)
