"""How the studio is getting on: accuracy by version, labels by fabric, what is confused, what to do next. Each piece of
advice has the button that leads there. The figures are `report.progress`'s, the same as on the printable report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from fabric_desktop.jobs import Cancelled
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.chart_view import ChartView, chart_colors
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.pages.changing import Changing
from fabric_desktop.ui.pages.page import Page, button, margins
from fabric_desktop.ui.pages.progress_parts import AdviceRow, SuspectCard, SuspectRow
from fabric_desktop.ui.pages.progress_work import Charts, ProgressWork
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.runner import Entry
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Heading, Text
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import say

if TYPE_CHECKING:
    from fabric_desktop.loop.queue import Suspect
    from fabric_desktop.names import FabricNames
    from fabric_desktop.report.progress import Confusion, Step, StudioProgress

_SIZE = (900, 760)
_PAUSE_MS = 800
_WIDTH = 800  # of text and charts; longer lines are hard to follow


class ProgressPage(Page):
    """The page. What it leads to is shown by whoever listens to its signals."""

    references_wanted = Signal(str)  # fabric
    labels_wanted = Signal(str)  # fabric
    suspect_wanted = Signal(object)  # Suspect
    written = Signal(object)  # Path

    def __init__(
        self, workbench: Workbench, actions: Actions, changing: Changing, thumbs: Thumbs, parent: QWidget
    ) -> None:
        super().__init__(workbench, actions, parent, _SIZE)
        self.undo_stack = changing.stack
        self.work = ProgressWork(workbench, self)
        self.progress: StudioProgress | None = None
        self._of: object = None  # what the figures in sight were gathered of
        self._charts: Charts | None = None
        self._gathering = self._again = False
        self._thumbs = thumbs
        self.lead, self.counts = Text(factor=1.3, strong=True, wrap=True), Text(quiet=True, wrap=True)
        self.state = Text(quiet=True)
        self.save_button = button(self._choose_file, "save")
        self.advice: list[AdviceRow] = []
        self.pairs: list[AdviceRow] = []
        self.suspects: list[SuspectCard] = []
        self.accuracy, self.labels = ChartView(), ChartView()
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._build()
        self.work.failed.connect(self.show_error)
        # Somebody who labels one patch after another is not answered after each.
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._follow)
        changing.changed.connect(lambda _done: self._on_change())
        workbench.facts_changed.connect(self._pause.start)
        workbench.studio_changed.connect(self._forget)
        workbench.runner.changed.connect(self._on_job)
        self.retranslate()

    def _build(self) -> None:
        page = QVBoxLayout(self.body)
        margins(page, 3 * GRID)
        page.setSpacing(GRID)
        head = QHBoxLayout()
        head.setSpacing(2 * GRID)
        head.addWidget(self.lead, 1)
        head.addWidget(self.save_button, 0, Qt.AlignmentFlag.AlignTop)
        page.addLayout(head)
        page.addWidget(self.counts)
        page.addWidget(self.state)
        page.addWidget(self.area, 1)

    # -- reading --------------------------------------------------------------------------------------------------

    def bring_up(self) -> None:
        super().bring_up()
        self._follow()

    def _key(self) -> object:
        """Changes with what the figures are made of, as far as the window knows."""
        facts, studio = self.bench.facts, self.bench.studio
        if facts is None or studio is None:
            return None
        version = facts.status.version if facts.status is not None else None
        return studio.root, facts.references, tuple(sorted(facts.labels.items())), facts.queued, version

    def _forget(self) -> None:
        self.progress, self._charts, self._of = None, None, None
        self._show()
        self._follow()

    def _on_change(self) -> None:
        self._of = None
        self._pause.start()

    def _follow(self) -> None:
        """Gather again when something has changed; what is in sight stays until the new figures are there."""
        if not self.isVisible() or self.bench.facts is None or self._key() == self._of:
            return
        if self._gathering:
            self._again = True
            return
        self._gathering = True
        self.bench.start(self._gather())

    async def _gather(self) -> None:
        try:
            self._again = True
            while self._again:
                self._again = False
                studio, of = self.bench.studio, self._key()
                self._show_state()
                found = await self.work.gather(again=self.progress is not None)
                if studio != self.bench.studio:
                    self._again = True
                    continue
                self._of = of
                if found is not None:
                    self.progress = found
                    await self._draw()
        finally:
            self._gathering = False
            self._show()

    async def _draw(self) -> None:
        facts = self.bench.facts
        if self.progress is None or facts is None:
            return
        colors = chart_colors(QApplication.palette())
        try:
            self._charts = await self.work.draw(self.progress, facts.names, self.lang, colors, _WIDTH)
        except Cancelled:
            return

    async def _redraw(self) -> None:
        await self._draw()
        self._show()

    def _on_job(self, entry: Entry) -> None:
        if entry.title == job_titles.PROGRESS:
            self._show_state()

    # -- showing --------------------------------------------------------------------------------------------------

    def _show_state(self) -> None:
        self.state.setText(self.tr("The figures are being gathered…") if self._gathering else "")
        self.state.setVisible(self._gathering)

    def _show(self) -> None:
        self._show_state()
        progress, facts = self.progress, self.bench.facts
        self.save_button.setEnabled(progress is not None)
        self.save_button.setToolTip("" if progress is not None else self.tr("The figures are being gathered…"))
        if progress is None or facts is None:
            self.lead.setText(self.tr("Progress"))
            self.counts.setText("")
            self._put(QWidget())
            return
        from fabric_desktop.report.words import counts_text, lead_text

        self.lead.setText(lead_text(progress, self.lang))
        self.counts.setText(counts_text(progress, self.lang))
        self._put(self._sections(progress, facts.names))

    def _put(self, holder: QWidget) -> None:
        place = self.area.verticalScrollBar().value()
        self.area.setWidget(holder)
        self.area.verticalScrollBar().setValue(place)

    def _sections(self, progress: StudioProgress, names: FabricNames) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, GRID, 2 * GRID, GRID)
        column.setSpacing(GRID)
        self.advice = [self._step(step, names) for step in progress.steps]
        if not progress.references and not progress.labels:
            words = self.tr("There are no fabrics yet: bring photos of your swatches, then build the bank.")
            self.advice = [AdviceRow(words, "", lambda: None, self.actions_["import_page"])]
        self.pairs = [self._pair(pair, names) for pair in progress.confusions]
        self.suspects = [self._suspect(suspect, names) for suspect in progress.suspects or ()]
        self.accuracy, self.labels = ChartView(), ChartView()
        self._add(column, self.tr("WHAT TO DO NEXT"), *self.advice)
        if self._charts is not None and self._charts.accuracy is not None:
            self.accuracy.show_chart(self._charts.accuracy, say("report.accuracy", self.lang))
            words = self.tr(
                "Each was measured on the patches set aside on its day, with cloth it was not trained on; the bar says "
                "how sure the figure is. Versions compares any two on the same patches."
            )
            note = Text(words, factor=0.95, quiet=True, wrap=True)
            self._add(column, self.tr("HOW OFTEN IT IS RIGHT, BY VERSION"), self.accuracy, note)
        if self._charts is not None and self._charts.labels is not None:
            self.labels.show_chart(self._charts.labels, say("report.labels", self.lang))
            self._add(column, self.tr("LABELLED PATCHES BY FABRIC"), self.labels)
        self._add(column, self.tr("TAKEN FOR ANOTHER"), *self.pairs)
        if progress.suspects is None:
            self._add(column, self.tr("LABELS TO LOOK AT AGAIN"), Text(say("report.no_encoder", self.lang), wrap=True))
        elif self.suspects:
            note = Text(say("report.suspects_note", self.lang), quiet=True, wrap=True)
            self._add(column, self.tr("LABELS TO LOOK AT AGAIN"), note, SuspectRow(self.suspects))
        column.addSpacing(2 * GRID)
        column.addWidget(Text(say("report.limits", self.lang), factor=0.95, quiet=True, wrap=True))
        column.addStretch()
        for place in range(column.count()):
            item = column.itemAt(place)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setMaximumWidth(_WIDTH)
        return holder

    @staticmethod
    def _add(column: QVBoxLayout, heading: str, *parts: QWidget) -> None:
        """A section; nothing at all where there is nothing to show."""
        if not parts:
            return
        if column.count():
            column.addSpacing(2 * GRID)
        column.addWidget(Heading(heading))
        for part in parts:
            column.addWidget(part)

    def _step(self, step: Step, names: FabricNames) -> AdviceRow:
        from fabric_desktop.report.words import step_text

        words, do = self._way(step)
        action = {"retrain": "retrain", "queue": "next_queued"}.get(step.code)
        return AdviceRow(
            step_text(step, names, self.lang), words, do, self.actions_[action] if action is not None else None
        )

    def _way(self, step: Step) -> tuple[str, Callable[[], object]]:
        """The button of a piece of advice: its words and what it does."""
        first = step.fabrics[0] if step.fabrics else ""
        if step.code == "check_suspects":
            return self.tr("Show them"), self._to_suspects
        if step.code in ("no_references", "few_references", "confused"):
            return self.tr("Add references…"), lambda: self.references_wanted.emit(first)
        if step.code == "one_swatch":
            return self.tr("Show its patches"), lambda: self.labels_wanted.emit(first)
        if step.code == "few_labels":
            return self.tr("Open photos…"), self.actions_["open_photos"].trigger
        return "", lambda: None

    def _pair(self, pair: Confusion, names: FabricNames) -> AdviceRow:
        from fabric_desktop.report.words import confusion_text

        text = confusion_text(pair, names, self.lang)
        if pair.advice == "add_references":
            return AdviceRow(text, self.tr("Add references…"), lambda: self.references_wanted.emit(pair.right))
        return AdviceRow(text, self.tr("Show its patches"), lambda: self.labels_wanted.emit(pair.right))

    def _suspect(self, suspect: Suspect, names: FabricNames) -> SuspectCard:
        from fabric_desktop.report.words import suspect_text

        text = suspect_text(suspect, names, self.lang)
        card = SuspectCard(suspect.path, text, self.tr("Open"), self._thumbs)
        card.opened.connect(lambda: self.suspect_wanted.emit(suspect))
        return card

    def _to_suspects(self) -> None:
        if self.suspects:
            self.area.ensureWidgetVisible(self.suspects[0], 0, 10 * GRID)
            self.suspects[0].open_button.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- the report -----------------------------------------------------------------------------------------------

    def _choose_file(self) -> None:
        studio = self.bench.studio
        if studio is None:
            return
        start = str(Path.home() / f"{studio.root.name}.html")
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save the report, to send or to print"), start, "HTML (*.html)"
        )
        if chosen:
            path = Path(chosen)
            self.bench.start(self._write(path if path.suffix else path.with_suffix(".html")))

    async def _write(self, path: Path) -> None:
        if not await self.work.write(path):
            return

        def open_it() -> list[QPushButton]:
            opens = button(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))
            opens.setText(self.tr("Open"))
            return [opens]

        self.tell(lambda: (self.tr("Written: {file}").format(file=path.name), str(path.parent)), open_it)
        self.written.emit(path)

    # -- words ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.progress is not None:
            self.bench.start(self._redraw())

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Progress"))
        self.save_button.setText(self.tr("Save or print the report…"))
        self._show()
        if self.progress is not None:
            self.bench.start(self._redraw())
