"""A studio, or only its model, as one file that travels; and taking one in. What is refused and why is `sharing`'s."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QPushButton

from fabric_desktop.errors import FabricError, ShareRefused
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.studio import Studio, StudioLock, Version
from fabric_desktop.ui.banner import Message
from fabric_desktop.ui.i18n import encoder_name
from fabric_desktop.ui.icons import icon
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.widgets import ActionButton

if TYPE_CHECKING:
    from fabric_desktop.sharing import Contents, Kind, ShareReport
    from fabric_desktop.ui.main_window import MainWindow

T = TypeVar("T")
_MB = 1_000_000


class Sharing(QObject):
    """The actions Share and Take in."""

    def __init__(self, window: MainWindow, parent: QObject | None = None) -> None:
        super().__init__(parent or window)
        self._window, self._bench = window, window.bench

    def table(self) -> dict[str, Callable[[], object]]:
        """What each action does."""
        return {
            "share_studio": lambda: self._choose_target("studio"),
            "share_model": lambda: self._choose_target("model"),
            "take_in": self._choose_file,
        }

    # -- out ------------------------------------------------------------------------------------------------------

    def _choose_target(self, kind: Kind) -> None:
        studio = self._bench.studio
        if studio is None:
            return
        name = studio.root.name if kind == "studio" else self.tr("{studio} model").format(studio=studio.root.name)
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Share as one file"), str(Path.home() / f"{name}.zip"), "ZIP (*.zip)"
        )
        if chosen:
            path = Path(chosen)
            self._bench.start(self.export(path if path.suffix.lower() == ".zip" else Path(f"{path}.zip"), kind))

    async def export(self, path: Path, kind: Kind, version: Version | None = None) -> ShareReport | None:
        """Write the studio, or only a model of it (the one in use unless a version is given), as one file."""
        studio = self._bench.studio
        if studio is None:
            return None

        def work(context: JobContext) -> ShareReport:
            from fabric_desktop.sharing import export_share

            return export_share(studio, path, context, kind=kind, version=version)

        report = await self._run(job_titles.SHARE, work)
        if report is None:
            return None

        def words() -> tuple[str, str]:
            do = self.tr("{files} files, {size} MB, in {folder}").format(
                files=report.files, size=f"{report.bytes / _MB:.1f}", folder=path.parent
            )
            if report.left_out:
                left = self.tr("Left out, since their names cannot be written everywhere: {count} ({example})").format(
                    count=len(report.left_out), example=report.left_out[0]
                )
                do = f"{do}\n{left}"
            return self.tr("Written: {file}").format(file=path.name), do

        self._tell(words, lambda: [self._button(self.tr("Show the folder"), "open", lambda: _show(path.parent))])
        return report

    # -- in -------------------------------------------------------------------------------------------------------

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("Take in a shared file"), str(Path.home()), "ZIP (*.zip)"
        )
        if chosen:
            self._bench.start(self.take_in(Path(chosen)))

    async def take_in(self, path: Path) -> None:
        """Look what a shared file holds, and take it in: a model into this studio, a studio into a folder of its own.

        What is refused is told with its reason, and has changed nothing."""

        def look(context: JobContext) -> Contents:
            from fabric_desktop.sharing import read_contents

            return read_contents(path)

        contents = await self._run(job_titles.LOOK_INTO, look, quiet=True)
        if contents is None:
            return
        if contents.kind == "model":
            await self._take_model(path)
        else:
            folder = QFileDialog.getExistingDirectory(
                self._window, self.tr("Where shall the studio go? It gets a folder of its own there"), str(Path.home())
            )
            if folder:
                await self.take_studio(path, Path(folder) / path.stem)

    async def _take_model(self, path: Path) -> None:
        studio, recognizer = self._bench.studio, self._bench.recognizer
        if studio is None or recognizer is None:
            return

        def work(context: JobContext) -> Version:
            from fabric_desktop.sharing import import_model

            with StudioLock(studio, "window"):
                return import_model(path, studio, recognizer.encoder.fingerprint, context)

        version = await self._run(job_titles.TAKE_IN, work)
        if version is None:
            return
        await self._bench.refresh_facts()

        def words() -> tuple[str, str]:
            return (
                self.tr("{file} was taken in as {version}; it is not in use.").format(
                    file=path.name, version=version.name
                ),
                self.tr("Compare it with yours, use it, or delete it again under Versions."),
            )

        self._tell(words, lambda: [ActionButton(self._window.actions_["versions"])])

    async def take_studio(self, path: Path, target: Path, *, without_model: bool = False) -> Studio | None:
        """Unpack a shared studio into a new folder; the one that is open stays as it is."""

        def work(context: JobContext) -> Studio:
            from fabric_desktop.sharing import import_studio

            return import_studio(path, target, context, without_model=without_model)

        def again(error: FabricError) -> bool:
            if not isinstance(error, ShareRefused) or error.params.get("reason") != "foreign_fingerprint":
                return False
            self._offer_without_model(error, path, target)
            return True

        studio = await self._run(job_titles.TAKE_IN, work, on_error=again)
        if studio is None:
            return None

        def words() -> tuple[str, str]:
            return self.tr("{file} was taken in.").format(file=path.name), str(studio.root)

        def open_it() -> list[QPushButton]:
            wanted = self._window.studio_wanted
            return [self._button(self.tr("Open it"), "studio", lambda: wanted.emit(studio.root, False))]

        self._tell(words, open_it)
        return studio

    def _offer_without_model(self, error: ShareRefused, path: Path, target: Path) -> None:
        """A model of an encoder that is not here: its photos and labels can come alone."""

        def words() -> tuple[str, str]:
            encoder = encoder_name(str(error.params.get("entry", "")))
            return (
                self.tr("The model in {file} was made with another encoder ({encoder}); nothing was changed.").format(
                    file=path.name, encoder=encoder
                ),
                self.tr("The photos and labels can be taken in without it; the bank is then built here."),
            )

        def do() -> None:
            self._window.banner.dismiss()
            self._bench.start(self.take_studio(path, target, without_model=True))

        message = Message("warning", words, lambda: [self._button(self.tr("Take in without the model"), "import", do)])
        self._window.banner.show_message(message)

    # -- both -----------------------------------------------------------------------------------------------------

    async def _run(
        self,
        title: str,
        work: Callable[[JobContext], T],
        *,
        quiet: bool = False,
        on_error: Callable[[FabricError], bool] = lambda _error: False,
    ) -> T | None:
        try:
            return await self._bench.runner.run(title, work, Priority.LONG, quiet=quiet)
        except Cancelled:
            return None
        except FabricError as error:
            if not on_error(error):
                self._window.show_error(error)
            return None

    def _tell(self, words: Callable[[], tuple[str, str]], buttons: Callable[[], list[QPushButton]]) -> None:
        self._window.banner.show_message(Message("check", words, buttons))

    @staticmethod
    def _button(text: str, icon_name: str, do: Callable[[], object]) -> QPushButton:
        made = QPushButton(icon(icon_name), text)
        made.clicked.connect(lambda _checked=False: do())
        return made


def _show(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
