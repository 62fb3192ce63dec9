"""The main window: puts the parts in their places and connects them. What they do is theirs."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from fabric_desktop.errors import FabricError
from fabric_desktop.recognition import LIKELY
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.annotation_panel import AnnotationPanel
from fabric_desktop.ui.app_state import AppState
from fabric_desktop.ui.banner import Banner, SampleStrip
from fabric_desktop.ui.canvas import Canvas
from fabric_desktop.ui.commands import Commands
from fabric_desktop.ui.comparing import Comparing
from fabric_desktop.ui.dock_grip import give_grip
from fabric_desktop.ui.document import Document, Region, Stage
from fabric_desktop.ui.finding import Finding
from fabric_desktop.ui.help.desk import HelpDesk
from fabric_desktop.ui.i18n import Language, has_chinese_font, sure_per_cent
from fabric_desktop.ui.icons import app_icon
from fabric_desktop.ui.library_flows import LibraryFlows
from fabric_desktop.ui.measuring import Measuring
from fabric_desktop.ui.menus import ToolBar, build_menus, retitle_menus
from fabric_desktop.ui.messages import Messages
from fabric_desktop.ui.opening import Opening
from fabric_desktop.ui.pages.hub import Pages
from fabric_desktop.ui.problems import Bug
from fabric_desktop.ui.results_panel import ResultsPanel
from fabric_desktop.ui.resuming import Resumed
from fabric_desktop.ui.retraining import Retraining
from fabric_desktop.ui.review_docks import Review
from fabric_desktop.ui.status_bar import StatusBar
from fabric_desktop.ui.theme import Theme
from fabric_desktop.ui.welcome import Welcome
from fabric_desktop.ui.widgets import ActionButton, is_language_change
from fabric_desktop.ui.workbench import Workbench

log = logging.getLogger(__name__)

_PANEL_WIDTH, _NAMING_HEIGHT = 368, 152  # what naming needs at least; it takes more by itself


class MainWindow(QMainWindow):
    """The window. It asks the workbench for things and shows what the workbench says."""

    closed = Signal()
    samples_wanted = Signal()
    studio_wanted = Signal(Path, bool)  # folder, whether to make it a studio

    def __init__(self, workbench: Workbench, language: Language, theme: Theme, state: AppState) -> None:
        super().__init__()
        self.bench, self.language, self.theme, self.state = workbench, language, theme, state
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.actions_ = Actions(self)
        self.flows = LibraryFlows(workbench, self)
        self.opening = Opening(workbench, self)
        self.messages = Messages(self.actions_, lambda: self.bench.lang, self)
        self.canvas = Canvas()
        self.stack = QStackedWidget()
        self.banner = Banner(self.stack)
        self.sample_button = ActionButton(self.actions_["open_folder"])
        self.sample_strip = SampleStrip(self.sample_button)
        self.welcome = Welcome(workbench, self.actions_)
        self.results = ResultsPanel(workbench, self.actions_)
        self.naming = AnnotationPanel(workbench, self.actions_)
        self.tool_bar = ToolBar(self.actions_)
        self.status = StatusBar(workbench.runner)
        self._document: Document | None = None
        self._place_parts()
        self.pages = Pages(self)
        self.help = HelpDesk(self)
        self.review = Review(self)
        self.retraining = Retraining(self)
        self.comparing, self.finding, self.measuring = Comparing(self), Finding(self), Measuring(self)
        self.menus = build_menus(self.menuBar(), self.actions_)
        self.commands = Commands(self)
        self._connect_bench()
        self._connect_canvas()
        self.retranslate()
        self._on_studio_changed()

    # -- places ---------------------------------------------------------------------------------------------------

    def _place_parts(self) -> None:
        self.stack.addWidget(self.welcome)
        self.stack.addWidget(self.canvas)
        center = QWidget()
        column = QVBoxLayout(center)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.sample_strip)
        column.addWidget(self.stack, 1)
        self.setCentralWidget(center)
        self.addToolBar(self.tool_bar)
        self.setStatusBar(self.status)
        self.result_dock = self._dock("result_dock", "result_panel", self.results)
        self.naming_dock = self._dock("naming_dock", "name_panel", self.naming)
        self.setDockNestingEnabled(True)

    def _dock(self, name: str, action: str, content: QWidget) -> QDockWidget:
        dock = QDockWidget(self)
        dock.setObjectName(name)
        dock.setWidget(content)
        # The panels carry their own headings; a bar of the dock's own would say the same once more.
        give_grip(dock)
        # Its own action has neither key nor words of ours; ours says the same and follows it.
        dock.visibilityChanged.connect(lambda _shown: self.actions_[action].setChecked(not dock.isHidden()))
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        return dock

    def arrange_docks(self) -> None:
        """The docks' sizes for who has not moved them: the answer takes what naming does not need."""
        self.resizeDocks([self.result_dock], [_PANEL_WIDTH], Qt.Orientation.Horizontal)
        rest = max(1, self.height() - _NAMING_HEIGHT)
        self.resizeDocks([self.result_dock, self.naming_dock], [rest, _NAMING_HEIGHT], Qt.Orientation.Vertical)

    # -- connections ----------------------------------------------------------------------------------------------

    def _connect_bench(self) -> None:
        bench = self.bench
        bench.studio_changed.connect(self._on_studio_changed)
        bench.facts_changed.connect(self._on_facts_changed)
        bench.photo_changed.connect(self._on_photo_changed)
        bench.photo_opening.connect(self._on_photo_opening)
        bench.region_changed.connect(self._on_region_changed)
        bench.selection_changed.connect(self._on_selection_changed)
        bench.problem.connect(self.show_error)
        bench.resumed.connect(self._tell_resumed)
        bench.labelling.saved.connect(lambda _fabric: self.naming.clear())
        # A method, not a lambda: Qt forgets it when the window goes, before the stacks that are its children do.
        bench.undo_group.canUndoChanged.connect(self._update_facts)
        bench.undo_group.canRedoChanged.connect(self._update_facts)
        bench.runner.changed.connect(lambda _entry: self._update_facts())
        self.results.accepted.connect(bench.accept)
        self.naming.name_changed.connect(self._update_facts)
        self.naming.left.connect(self.canvas.setFocus)
        self.flows.failed.connect(self.show_error)
        self.flows.bank_built.connect(lambda report: self.banner.show_message(self.messages.of_bank(report)))
        self.flows.head_trained.connect(lambda report: self.banner.show_message(self.messages.of_training(report)))
        self.flows.encoder_changed.connect(lambda report: self.banner.show_message(self.messages.of_encoder(report)))
        self.opening.studio_wanted.connect(lambda folder: self.studio_wanted.emit(folder, False))
        self.opening.new_studio_offered.connect(self.commands.offer_studio)
        self.opening.list_wanted.connect(self.pages.bring_list)
        self.opening.strip_wanted.connect(lambda folder: self.pages.open_photos(folder, open_first=False))

    def _connect_canvas(self) -> None:
        self.canvas.picked.connect(self._on_picked)
        self.canvas.drawn.connect(self.bench.draw)
        self.canvas.reshaped.connect(self.bench.reshape)
        self.canvas.nudged.connect(self.bench.nudge)
        self.canvas.chosen.connect(self._on_chosen)
        self.canvas.chosen_besides.connect(self.bench.select_besides)
        self.canvas.escaped.connect(self._on_escaped)
        self.canvas.zoomed.connect(self._show_zoom)
        self.canvas.menu_wanted.connect(self.commands.show_canvas_menu)

    # -- what the bench says --------------------------------------------------------------------------------------

    def _on_studio_changed(self) -> None:
        studio = self.bench.studio
        self.banner.dismiss()
        self.sample_strip.setVisible(studio is not None and studio.is_sample)
        if studio is not None:
            docks = self.state.docks_of(studio.root)
            if not docks or not self.restoreState(QByteArray(docks)):
                self.arrange_docks()
        self._retitle()
        self._update_facts()

    def _on_facts_changed(self) -> None:
        self.status.show_facts(self.bench.facts, self.bench.lang)
        self._update_facts()

    def _on_photo_changed(self) -> None:
        document = self.bench.document
        if document is not self._document and self._document is not None:
            for signal in (self._document.region_added, self._document.region_removed):
                signal.disconnect(self._sync_regions)
        if document is not None and document is not self._document:
            document.region_added.connect(self._sync_regions)
            document.region_removed.connect(self._sync_regions)
        self._document = document
        self.canvas.show_photo(document.pyramid if document is not None else None)
        self.stack.setCurrentWidget(self.canvas if document is not None else self.welcome)
        self.banner.raise_()  # a page that comes into sight would lie over it
        if document is not None:
            for region in document.regions:
                self.canvas.add_region(region.id, region.box, self._chip_text(region), region.outline)
            self.canvas.select(document.selected.id if document.selected is not None else "")
            self.canvas.setFocus()
        self._retitle()
        self._show_zoom()
        self._update_facts()

    def _on_photo_opening(self, name: str) -> None:
        self.welcome.show_opening(name)

    def _sync_regions(self, region_id: str) -> None:
        region = self._document.region(region_id) if self._document is not None else None
        if region is None:
            self.canvas.remove_region(region_id)
        elif self.canvas.item_of(region_id) is None:
            self.canvas.add_region(region_id, region.box, self._chip_text(region), region.outline)
        self._on_selection_changed()

    def _on_region_changed(self, region_id: str) -> None:
        region = self._document.region(region_id) if self._document is not None else None
        if region is not None:
            self.canvas.update_region(region_id, region.box, self._chip_text(region))
        self._update_facts()

    def _on_selection_changed(self) -> None:
        region = self.bench.region
        besides = {other.id for other in self._document.chosen} if self._document is not None else set()
        self.canvas.select(region.id if region is not None else "", besides)
        self.naming.clear()
        self._update_facts()

    def _chip_text(self, region: Region) -> str:
        """What stands at a region's corner: the person's label, else the first candidate with its confidence."""
        facts, lang = self.bench.facts, self.bench.lang
        if region.label is not None and facts is not None:
            return f"✓ {facts.names.name(region.label.fabric_id, lang)}"
        number = str(self._document.number_of(region.id)) if self._document is not None else ""
        answer = region.recognition
        if region.stage is Stage.DONE and answer is not None and answer.candidates:
            first = answer.candidates[0]
            if answer.unknown is not None:
                return f"{number}  ?"
            doubt = "" if first.confidence >= LIKELY else " ?"
            return f"{number}  {first.name}  {sure_per_cent(first.confidence)}{doubt}"
        return f"{number}  …" if region.stage is Stage.RECOGNISING else number

    def _update_facts(self) -> None:
        """Tell the actions what is the case now."""
        bench, facts, region = self.bench, self.bench.facts, self.bench.region
        true = {
            "studio": bench.studio is not None,
            "writable": bench.writable,
            "references": facts is not None and facts.references > 0,
            "labels": facts is not None and facts.label_count > 0,
            "model": facts is not None and facts.status is not None and facts.status.version is not None,
            "photo": bench.document is not None,
            "region": region is not None,
            "candidates": region is not None and region.stage is Stage.DONE and region.recognition is not None,
            "name": self.naming.has_name,
            "idle": not bench.runner.busy,
            "job": bench.runner.busy,
            "undo": bench.undo_group.canUndo(),
            "redo": bench.undo_group.canRedo(),
            "sample": bool(facts is not None and facts.sample_photos),
            **self.pages.facts,
        }
        self.actions_.update_facts(name for name, holds in true.items() if holds)

    # -- what the person does -------------------------------------------------------------------------------------

    def _on_chosen(self, region_id: str) -> None:
        if self._document is not None:
            self._document.select(region_id)

    def _on_escaped(self) -> None:
        """Leave the innermost thing: the banner, then the region."""
        if self.banner.message is not None:
            self.banner.dismiss()
        elif self._document is not None:
            self._document.select("")

    def _on_picked(self, point: QPoint) -> None:
        self.bench.pick(point.x(), point.y(), self.canvas.side_of_patch())

    # -- words ----------------------------------------------------------------------------------------------------

    def show_error(self, error: FabricError) -> None:
        self.banner.show_message(self.messages.of_error(error))

    def _tell_resumed(self, found: Resumed) -> None:
        def go_on(photo: Path) -> None:
            self.banner.dismiss()
            self.opening.open_photo(photo)

        self.banner.show_message(self.messages.of_resumed(found, go_on))

    def show_bug(self, bug: Bug) -> None:
        self.banner.show_message(self.messages.of_bug(bug))

    def warn_of_fonts(self) -> None:
        """Say it when no font here writes Chinese."""
        if not has_chinese_font():
            self.banner.show_message(self.messages.of_missing_font())

    def retranslate(self) -> None:
        self.actions_.retranslate()
        retitle_menus(self.menus)
        for lang in ("zh", "en"):
            self.actions_[f"lang_{lang}"].setChecked(self.language.current == lang)
        self.status.show_facts(self.bench.facts, self.bench.lang)
        if self._document is not None:
            for region in self._document.regions:
                self.canvas.update_region(region.id, region.box, self._chip_text(region))
        self._retitle()

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def _retitle(self) -> None:
        parts = []
        if self._document is not None:
            parts.append(self._document.title or self.tr("Pasted picture"))
        if self.bench.studio is not None:
            sample = self.bench.studio.is_sample
            parts.append(self.tr("Drawn samples") if sample else self.bench.studio.root.name)
        parts.append("Fabric Desktop")
        self.setWindowTitle(" - ".join(parts))

    def _show_zoom(self, scale: float | None = None) -> None:
        there = self._document is not None
        value = self.canvas.scale_now if scale is None else scale
        self.tool_bar.show_zoom(round(value * self.devicePixelRatioF() * 100) if there else None)

    # -- drops and the end ----------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.opening.can_take(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.opening.take(event.mimeData()):
            event.acceptProposedAction()

    def remember_layout(self) -> None:
        if self.bench.studio is not None:
            geometry, docks = self.saveGeometry().data(), self.saveState().data()
            self.state.keep_layout(self.bench.studio.root, bytes(geometry), bytes(docks))
            self.state.save()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.bench.runner.busy and not self._may_stop():
            event.ignore()
            return
        self.remember_layout()
        event.accept()
        self.closed.emit()

    def _may_stop(self) -> bool:
        """Ask once whether the running job may be stopped."""
        title = self.status.job.words.text()
        answer = QMessageBox.question(
            self,
            "Fabric Desktop",
            self.tr("{job}. Stop it and close the window?").format(job=title),
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No,
            QMessageBox.StandardButton.No,
        )
        return answer == QMessageBox.StandardButton.Yes
