"""Where the pages meet the window: makes them when they are first wanted, and does what their actions say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QFileDialog, QPushButton

from fabric_desktop import __version__
from fabric_desktop.encoders.engine import engine_plan
from fabric_desktop.errors import FabricError
from fabric_desktop.labels import PatchOrigin
from fabric_desktop.library.references import add_reference_patch
from fabric_desktop.studio import default_studio_path
from fabric_desktop.studio.changes import Done
from fabric_desktop.ui.banner import Message
from fabric_desktop.ui.cutting import region_patch
from fabric_desktop.ui.dock_grip import give_grip
from fabric_desktop.ui.document import Document, Region, Stage
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.pages.changing import Changing
from fabric_desktop.ui.pages.filmstrip import Filmstrip
from fabric_desktop.ui.pages.page import Page
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.setting_changes import SettingChanges
from fabric_desktop.ui.sharing import Sharing
from fabric_desktop.ui.widgets import ActionButton

if TYPE_CHECKING:
    from fabric_desktop.library.encoder_switch import SwitchReport
    from fabric_desktop.ui.main_window import MainWindow
    from fabric_desktop.ui.pages.batch_page import BatchPage
    from fabric_desktop.ui.pages.encoders_page import EncodersPage
    from fabric_desktop.ui.pages.first_steps import FirstSteps
    from fabric_desktop.ui.pages.import_page import ImportPage
    from fabric_desktop.ui.pages.library_page import LibraryPage
    from fabric_desktop.ui.pages.progress_page import ProgressPage
    from fabric_desktop.ui.pages.settings_page import SettingsPage


class Pages(QObject):
    """The strip of photos and the pages, and the actions that lead to them."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bench, self._actions = window, window.bench, window.actions_
        self.thumbs = Thumbs(self._bench, self)
        self.changing = Changing(self._bench, self)
        self.changing.failed.connect(self._show_error)
        self._library: LibraryPage | None = None
        self._import: ImportPage | None = None
        self._batch: BatchPage | None = None
        self._encoders: EncodersPage | None = None
        self._progress: ProgressPage | None = None
        self.sharing = Sharing(window, self)
        self._settings: SettingsPage | None = None
        self._changes = SettingChanges(window)
        self.first_page: FirstSteps | None = None
        window.flows.failed.connect(self._tell_page)
        window.flows.encoder_changed.connect(self._on_encoder)
        self.strip = Filmstrip(self._bench, self._actions, self.thumbs)
        self.strip.count_changed.connect(lambda: window._update_facts())
        self.strip_dock = self._dock_strip()
        window.installEventFilter(self)

    @property
    def facts(self) -> dict[str, bool]:
        """What the pages' actions need to know."""
        return {"photos": self.strip.has_photos}

    def table(self) -> dict[str, Callable[[], object]]:
        """What each action of the pages does."""
        return {
            "open_photos": self.choose_photos,
            "photos_panel": lambda: self.strip_dock.setVisible(self.strip_dock.isHidden()),
            "next_photo": lambda: self.strip.step(1),
            "previous_photo": lambda: self.strip.step(-1),
            "add_reference": self.add_reference,
            "library_page": lambda: self.library.bring_up(),
            "import_page": lambda: self.importing.bring_up(),
            "first_steps": self.first_steps,
            "encoders_page": lambda: self.encoders.bring_up(),
            "progress_page": lambda: self.progress.bring_up(),
            **self.sharing.table(),
            "recognise_folder": self.recognise_folder,
            "settings_page": lambda: self.settings.bring_up(),
        }

    # Each page is imported when it is first wanted: together they are a quarter of what a start would have to load.

    # -- the pages ------------------------------------------------------------------------------------------------

    @property
    def library(self) -> LibraryPage:
        if self._library is None:
            from fabric_desktop.ui.pages.library_page import LibraryPage

            self._library = LibraryPage(self._bench, self._actions, self.changing, self.thumbs, self._window)
        return self._library

    @property
    def importing(self) -> ImportPage:
        if self._import is None:
            from fabric_desktop.ui.pages.import_page import ImportPage

            self._import = ImportPage(self._bench, self._actions, self.changing, self.thumbs, self._window)
        return self._import

    @property
    def batch(self) -> BatchPage:
        if self._batch is None:
            from fabric_desktop.ui.pages.batch_page import BatchPage

            self._batch = BatchPage(self._bench, self._actions, self.changing, self.thumbs, self._window)
            self._batch.photo_wanted.connect(self._show_photo)
            self._batch.labelled.connect(self.strip.scan_again)
            self._batch.finished.connect(self.strip.scan_again)
        return self._batch

    @property
    def encoders(self) -> EncodersPage:
        if self._encoders is None:
            from fabric_desktop.ui.pages.encoders_page import EncodersPage

            self._encoders = EncodersPage(
                self._bench,
                self._actions,
                lambda encoder_id: self._window.retraining.change_encoder(encoder_id),
                self._window,
            )
        return self._encoders

    @property
    def progress(self) -> ProgressPage:
        if self._progress is None:
            from fabric_desktop.ui.pages.progress_page import ProgressPage

            page = ProgressPage(self._bench, self._actions, self.changing, self.thumbs, self._window)
            page.references_wanted.connect(self.show_references)
            page.labels_wanted.connect(self._show_labels)
            page.suspect_wanted.connect(lambda suspect: self._show_labels(suspect.label, suspect.path))
            self._progress = page
        return self._progress

    def show_references(self, fabric: str) -> None:
        """The library page, at a fabric."""
        self.library.bring_up()
        self.library.show_fabric(fabric)

    def _show_labels(self, fabric: str, patch: Path | None = None) -> None:
        """The labelled patches of a fabric below the photograph, one of them chosen."""
        self._window.activateWindow()
        self._window.raise_()
        self._window.review.show_fabric(fabric, patch)

    @property
    def settings(self) -> SettingsPage:
        if self._settings is None:
            from fabric_desktop.ui.pages.settings_page import SettingsPage

            self._settings = SettingsPage(
                self._bench, self._actions, self._changes, lambda: self.encoders.bring_up(), self._window
            )
        return self._settings

    def _on_encoder(self, report: SwitchReport) -> None:
        # The change wrote the setting itself.
        self._bench.start(self._changes.reload())
        if self._encoders is not None and self._encoders.isVisible():
            self._encoders.show_change(report)

    def _tell_page(self, error: FabricError) -> None:
        """The window shows an error of its flows itself; a page in front says it too."""
        active = QApplication.activeWindow()
        if isinstance(active, Page):
            active.show_error(error)

    def recognise_folder(self) -> None:
        """The batch page, on the strip's folder."""
        self.batch.show_folder(self.strip.folder)
        self.batch.bring_up()

    def _show_photo(self, photo: Path) -> None:
        self._window.activateWindow()
        self._window.raise_()
        self._bench.start(self._bench.open_photo(photo))

    def _show_error(self, error: FabricError) -> None:
        """An error is shown where the person is looking."""
        active = QApplication.activeWindow()
        if isinstance(active, Page):
            active.show_error(error)
        else:
            self._window.show_error(error)

    # -- the first steps ------------------------------------------------------------------------------------------

    def welcome_once(self) -> None:
        """Show the first steps to somebody who has not seen them."""
        state = self._window.state
        if not state.welcomed and state.keeps:
            state.welcomed = __version__
            state.save()
            self.first_steps()

    def first_steps(self) -> None:
        self._bench.start(self._show_first_steps())

    async def _show_first_steps(self) -> None:
        plan = await self._bench.runner.run(
            job_titles.ENCODERS, lambda _context: engine_plan(), Priority.PICTURE, quiet=True
        )
        if self.first_page is None:
            from fabric_desktop.ui.pages.first_steps import FirstSteps

            self.first_page = FirstSteps(self._window, plan, self._actions["tour"])
            self.first_page.chosen.connect(self._on_first_step)
        self.first_page.show()
        self.first_page.raise_()

    def _on_first_step(self, way: str) -> None:
        studio = self._bench.studio
        if way == "samples" and (studio is None or not studio.is_sample):
            self._window.samples_wanted.emit()
        elif way == "folder":
            self._actions["open_folder"].trigger()
        elif way == "clip":
            self.encoders.bring_up()
        elif way == "swatches":
            if studio is None or studio.is_sample:
                # One's own swatches do not belong among drawn ones.
                self._window.studio_wanted.emit(default_studio_path(), True)
            self.importing.bring_up()

    def bring_list(self, path: Path) -> None:
        """Show how a list of swatches that was dropped would be brought in."""
        self._on_first_step("swatches")
        self.importing.source.take(path)

    # -- the strip ------------------------------------------------------------------------------------------------

    def _dock_strip(self) -> QDockWidget:
        dock = QDockWidget(self._window)
        dock.setObjectName("photos_dock")
        dock.setWidget(self.strip)
        give_grip(dock)
        action = self._actions["photos_panel"]
        dock.visibilityChanged.connect(lambda _shown: action.setChecked(not dock.isHidden()))
        self._window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        dock.hide()
        return dock

    def choose_photos(self) -> None:
        folder = self.strip.folder
        start = str(folder.parent if folder is not None else Path.home())
        chosen = QFileDialog.getExistingDirectory(self._window, self.tr("Open a folder of photos"), start)
        if chosen:
            self.open_photos(Path(chosen))

    def open_photos(self, folder: Path, *, open_first: bool = True) -> None:
        """Show a folder's photos in the strip, and open the first one."""
        self.strip_dock.show()
        self.strip.show_folder(folder, open_first=open_first)

    # -- a region as a reference ----------------------------------------------------------------------------------

    def _fabric_of_region(self) -> str:
        """The fabric the selected region is: what stands in the field, its label, else the first candidate."""
        region = self._bench.region
        if region is None:
            return ""
        if self._window.naming.has_name:
            return self._window.naming.fabric_id()
        if region.label is not None:
            return region.label.fabric_id
        answer = region.recognition
        if region.stage is Stage.DONE and answer is not None and answer.candidates and answer.unknown is None:
            return answer.candidates[0].id
        return ""

    def add_reference(self) -> None:
        """Make the selected region a reference photo of its fabric: taken from where questions are asked."""
        document, region = self._bench.document, self._bench.region
        fabric = self._fabric_of_region()
        if document is None or region is None:
            return
        if fabric:
            self._bench.start(self._add_reference(document, region, fabric))
        else:
            # A garment seen from afar is what the library lacks most, and what it cannot name.
            self._window.naming.take_focus()
            self._window.banner.show_message(Message("info", self._words_without_fabric, list))

    async def _add_reference(self, document: Document, region: Region, fabric: str) -> None:
        image = document.image
        if image is None:
            return
        box, outline = region.box, region.outline
        origin = PatchOrigin(
            photo=document.path,
            photo_hash=document.photo_hash,
            box=box,
            click=region.click,
            region_id=region.id,
            px_per_cm=document.px_per_cm,
        )
        done = await self.changing.make(
            lambda studio, _context: add_reference_patch(studio, fabric, region_patch(image, box, outline), origin),
            stack=document.undo_stack,
        )
        if isinstance(done, Done):
            self._window.banner.show_message(self._of_reference(fabric))

    def _words_without_fabric(self) -> tuple[str, str]:
        return (
            self.tr("Which fabric is it?"),
            self.tr("Type its name and save it with Enter, then press R: the region becomes a reference photo of it."),
        )

    def _of_reference(self, fabric: str) -> Message:
        def words() -> tuple[str, str]:
            facts = self._bench.facts
            name = facts.names.name(fabric, self._bench.lang) if facts is not None else fabric
            return (
                self.tr("The region is a reference photo of {fabric} now.").format(fabric=name),
                self.tr("Build the bank for it to count; Undo takes it out again."),
            )

        def buttons() -> list[QPushButton]:
            return [ActionButton(self._actions["build_bank"]), ActionButton(self._actions["undo"])]

        return Message("check", words, buttons)

    # -- whose undo -----------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.WindowActivate:
            document = self._bench.document
            if document is not None:
                self._bench.undo_group.setActiveStack(document.undo_stack)
        return super().eventFilter(watched, event)
