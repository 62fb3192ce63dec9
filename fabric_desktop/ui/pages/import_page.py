"""Bring my swatches: from what people have to a library, in two steps, seen before anything is copied."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import Cancelled
from fabric_desktop.library.importing import ImportDone
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.i18n import counts
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.pages.changing import Changing
from fabric_desktop.ui.pages.import_steps import SourceStep
from fabric_desktop.ui.pages.import_work import ImportWork
from fabric_desktop.ui.pages.page import Page, button, margins, show_progress
from fabric_desktop.ui.pages.plan_step import PlanStep
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.runner import Entry
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import ActionButton, Text
from fabric_desktop.ui.workbench import Workbench

_SIZE = (860, 660)
_TYPING_MS = 250
_TITLES = (job_titles.PLAN_IMPORT, job_titles.IMPORT)


class ImportPage(Page):
    """The wizard. Back and forth as often as one likes; the import itself is one step that can be undone."""

    imported = Signal(object)  # ImportDone

    def __init__(
        self, workbench: Workbench, actions: Actions, changing: Changing, thumbs: Thumbs, parent: QWidget
    ) -> None:
        super().__init__(workbench, actions, parent, _SIZE)
        self.undo_stack = changing.stack
        self.work = ImportWork(workbench, changing, self)
        self.work.failed.connect(self.show_error)
        self.title = Text(factor=1.3, strong=True)
        self.source, self.plan = SourceStep(), PlanStep(thumbs)
        self.steps = QStackedWidget()
        self.steps.addWidget(self.source)
        self.steps.addWidget(self.plan)
        self.progress, self.bar = Text(quiet=True), QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.stop = button(self._stop, "close")
        self.back = button(lambda: self._show_step(0))
        self.next = button(self._go_on, main=True)
        self._entry: Entry | None = None
        self._suggested: Path | None = None
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._preview)
        self._build()
        self.source.changed.connect(self._on_source)
        self.plan.choices_changed.connect(lambda: self.bench.start(self._make_plan()))
        workbench.runner.changed.connect(self._on_job)
        self.retranslate()
        self._show_step(0)

    def _build(self) -> None:
        foot = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.progress)
        words.addWidget(self.bar)
        foot.addLayout(words, 1)
        foot.addWidget(self.stop)
        foot.addSpacing(2 * GRID)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        page = QVBoxLayout(self.body)
        margins(page, 3 * GRID)
        page.setSpacing(2 * GRID)
        page.addWidget(self.title)
        page.addWidget(self.steps, 1)
        page.addLayout(foot)

    # -- the first step -------------------------------------------------------------------------------------------

    def _on_source(self) -> None:
        self._typing.start()
        self._show_buttons()

    def _preview(self) -> None:
        folder = self.source.folder
        if self.source.kind == "names" and folder is not None and folder.is_dir():
            self.bench.start(self._show_preview(folder))

    async def _show_preview(self, folder: Path) -> None:
        if folder != self._suggested:
            self._suggested = folder
            pattern = await self.work.suggest(folder)
            if pattern is None:
                return
            self.source.pattern.setText(pattern)
        try:
            names = await self.work.preview(folder, self.source.pattern.text())
        except Cancelled:
            return
        except FabricError as error:
            self.source.show_preview([], error, self.lang)
        else:
            self.source.show_preview(names, None, self.lang)
        self._show_buttons()

    # -- going on -------------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        if self.steps.currentIndex() == 0:
            self.bench.start(self._make_plan())
        else:
            self.bench.start(self._import())

    async def _make_plan(self) -> None:
        source = self.source.source()
        if source is None:
            return
        self.banner.dismiss()
        if self.plan.plan is not None and self.plan.plan.source != source:
            self.plan.begin()
        plan = await self.work.plan(source, self.plan.choices)
        if plan is not None:
            self.plan.show_plan(plan, self.lang)
            self._show_step(1)
        elif self.steps.currentIndex() == 1:
            # An id that cannot be one: the banner says why, and the list shows what holds.
            self.plan.fabrics.take_back()

    async def _import(self) -> None:
        plan = self.plan.plan
        if plan is None:
            return
        done = await self.work.run(plan, self.plan.mode)
        if done is not None:
            self._show_step(0)
            self._tell(done)
            self.imported.emit(done)

    def _tell(self, done: ImportDone) -> None:
        def words() -> tuple[str, str]:
            text = self.tr("Brought in: {photos} of {fabrics}.").format(
                photos=counts.references(done.photos), fabrics=counts.fabrics(done.fabrics)
            )
            return text, self.tr("Build the bank so that they can be recognised; Undo takes all of it back.")

        def buttons() -> list[QPushButton]:
            names = ("build_bank", "library_page", "undo")
            return [ActionButton(self.actions_[name]) for name in names]

        self.tell(words, buttons)

    def _show_step(self, step: int) -> None:
        self.steps.setCurrentIndex(step)
        self._show_buttons()

    def _show_buttons(self) -> None:
        first, busy = self.steps.currentIndex() == 0, self._entry is not None
        plan = self.plan.plan
        ready = self.source.source() is not None if first else plan is not None and bool(plan.photos or plan.fabrics)
        self.back.setEnabled(not first and not busy)
        self.next.setEnabled(ready and not busy and self.bench.writable)
        why = self.tr("This studio is read-only.") if not self.bench.writable else self.tr("Choose where it is first.")
        self.next.setToolTip("" if self.next.isEnabled() or busy else why)
        self.next.setText(self.tr("Look at it") if first else self.tr("Bring it in"))
        for widget in (self.progress, self.bar, self.stop):
            widget.setVisible(busy)

    # -- the running job ------------------------------------------------------------------------------------------

    def _on_job(self, entry: Entry) -> None:
        if entry.quiet or entry.title not in _TITLES:
            return
        self._entry = None if entry.over else entry
        if not entry.over:
            show_progress(entry, self.progress, self.bar, self.lang)
        self._show_buttons()

    def _stop(self) -> None:
        if self._entry is not None:
            self.bench.runner.cancel(self._entry)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Bring my swatches"))
        self.title.setText(self.tr("Bring my swatches"))
        self.back.setText(self.tr("Back"))
        self.stop.setText(self.tr("Stop"))
        self.bar.setAccessibleName(self.tr("Progress"))
        if self.plan.plan is not None:
            self.plan.show_plan(self.plan.plan, self.lang)
        self._show_buttons()
