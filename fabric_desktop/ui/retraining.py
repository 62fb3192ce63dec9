"""Retraining as one gesture: a new model beside the one in use, the person's answer, and going from one encoder to
another in the same way. The table of versions is `versions_flows`'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from fabric_desktop.encoders.registry import load_encoder
from fabric_desktop.errors import EncoderUnavailable, FabricError
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import StudioLock
from fabric_desktop.ui import titles
from fabric_desktop.ui.banner import Message
from fabric_desktop.ui.improvement_window import ImprovementWindow, Way
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.versions_flows import VersionsFlows

if TYPE_CHECKING:
    from fabric_desktop.library.encoder_switch import SwitchReport
    from fabric_desktop.loop import Change, Improvement, SideBySide
    from fabric_desktop.ui.main_window import MainWindow
    from fabric_desktop.ui.versions_window import VersionsWindow


class Retraining(QObject):
    """The actions Retrain and Versions, and what shows two models side by side."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bench = window, window.bench
        self.question: ImprovementWindow | None = None
        self.table = VersionsFlows(window, self)
        self._bench.studio_changed.connect(self._on_studio)

    @property
    def versions(self) -> VersionsWindow | None:
        """The window with the table of versions, once it has been shown."""
        return self.table.window

    def _on_studio(self) -> None:
        """What asks about versions of the studio before: another one has versions of the same names."""
        if self.question is not None:
            self.question.close()

    def retrain(self) -> None:
        """Make a new model of everything labelled so far and show it beside the one in use."""
        self._bench.start(self._retrain())

    def show_versions(self) -> None:
        """Show the table of versions."""
        self._bench.start(self.table.show())

    def use(self, name: str) -> None:
        """Put a version in use, forwards or back."""
        self._bench.start(self._use(name))

    def compare(self, old: str, new: str) -> None:
        """Show two versions on the same patches."""
        self._bench.start(self._compare(old, new))

    def change_encoder(self, encoder_id: str) -> None:
        """Move the studio to another encoder and show what was in use before beside what is in use now."""
        self._bench.start(self._change_encoder(encoder_id))

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
        if studio != self._bench.studio:
            return  # it waits among the versions of its own studio
        await self._bench.refresh_facts()
        if studio == self._bench.studio:
            self._ask(found, found)

    def _ask(self, sides: SideBySide | Improvement, improvement: Improvement | None, way: Way | None = None) -> None:
        facts = self._bench.facts
        if facts is None:
            return
        if self.question is not None:
            # Closed alone it would stay for as long as the program runs: one more after every training.
            self.question.close()
            self.question.deleteLater()
        thumbs = self._window.pages.thumbs
        self.question = ImprovementWindow(sides, improvement, facts.names, self._bench, thumbs, self._window, way)
        self.question.deployed.connect(self.use)
        self.question.opened.connect(self._open)
        self.question.show()

    def _open(self, change: Change) -> None:
        """A patch that got better or worse, among the labels."""
        self._window.activateWindow()
        self._window.raise_()
        self._window.review.show_fabric(change.label, change.image)

    async def _use(self, name: str) -> None:
        studio = self._bench.studio
        if studio is None:
            return

        def work(context: JobContext) -> Recognizer:
            from fabric_desktop.loop import deploy

            with StudioLock(studio, "window"):
                deploy(studio, name)
            return Recognizer(studio)

        before = self._version()
        try:
            recognizer = await self._bench.runner.run(titles.USE_VERSION, work, Priority.INTERACTIVE, quiet=True)
        except FabricError as error:
            self._window.show_error(error)
            return
        if studio != self._bench.studio:
            return
        if self._bench.recognizer is not None and recognizer.encoder_id != self._bench.recognizer.encoder_id:
            self._bench.use_recognizer(recognizer)
        await self._bench.refresh_facts()
        if self._bench.document is not None:
            self._bench.answers.rank_again(self._bench.document)
        await self.table.refresh()

        def words() -> tuple[str, str]:
            kept = self.tr("The one before is kept: Versions in the Model menu goes back to it.")
            if before is not None:
                kept = self.tr("{version} is kept: Versions in the Model menu goes back to it.").format(version=before)
            return self.tr("{version} is in use now.").format(version=name), kept

        self._window.banner.show_message(Message("check", words, list))

    def _version(self) -> str | None:
        facts = self._bench.facts
        return facts.status.version if facts is not None and facts.status is not None else None

    async def _compare(self, old: str, new: str) -> None:
        found = await self._side_by_side(old, new)
        if found is not None:
            self._ask(found, None)

    async def _side_by_side(self, old: str, new: str, *, needed: bool = True) -> SideBySide | None:
        """Two versions on the same patches; without an encoder that one of them needs, an error or (not `needed`)
        nothing."""
        studio = self._bench.studio
        if studio is None:
            return None

        def work(context: JobContext) -> SideBySide:
            from fabric_desktop.loop.versions import compare_versions

            return compare_versions(studio, old, new, context, encoder_of=load_encoder)

        try:
            found = await self._bench.runner.run(titles.COMPARE_VERSIONS, work, Priority.LONG)
            return found if studio == self._bench.studio else None
        except Cancelled:
            return None
        except FabricError as error:
            if needed or not isinstance(error, EncoderUnavailable):
                self._window.show_error(error)
            return None

    async def _change_encoder(self, encoder_id: str) -> None:
        studio, before = self._bench.studio, await self._in_use()
        report = await self._window.flows.use_encoder(encoder_id)
        facts = self._bench.facts
        if report is None or studio != self._bench.studio or facts is None or not facts.label_count:
            return
        if before is None or report.version is None or before == report.version or report.before == report.after:
            return
        found = await self._side_by_side(before, report.version, needed=False)
        if found is not None:
            self._ask(found, None, self._way_back(report))

    async def _in_use(self) -> str | None:
        """The version in use, also before the encoder has been loaded."""
        studio = self._bench.studio
        if studio is None:
            return None

        def work(context: JobContext) -> str | None:
            from fabric_desktop.loop.known import in_use

            version = in_use(studio)
            return version.name if version is not None else None

        return await self._bench.runner.run(titles.READ_VERSIONS, work, Priority.INTERACTIVE, quiet=True)

    def _way_back(self, report: SwitchReport) -> Way:
        """After a change of the encoder: keep it, or go back at once."""
        return Way(
            before=report.before,
            after=report.after,
            back=lambda: self._bench.start(self._window.flows.use_encoder(report.before)),
        )
