"""A whole folder recognised: as one job that can be stopped and gone on with, its results as a table to work on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.batch.results import WORDS, BatchReport, PhotoResult
from fabric_desktop.studio.changes import Done
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.fabric_field import FabricField
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.pages.batch_model import (
    PICTURE,
    RESULT_ROLE,
    SHARE,
    THUMB,
    BatchFilter,
    BatchTable,
    PictureDelegate,
)
from fabric_desktop.ui.pages.batch_review import BatchReview
from fabric_desktop.ui.pages.batch_saving import BatchSaving
from fabric_desktop.ui.pages.batch_work import BatchWork
from fabric_desktop.ui.pages.changing import Changing
from fabric_desktop.ui.pages.page import Page, button, margins, show_progress
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.runner import Entry
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import EmptyState, Text
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import say

_SIZE = (1240, 720)
_WIDTHS = (THUMB + 12, 170, 150, 208, 92, 160, 130)


class BatchPage(Page):
    """The page of one folder."""

    photo_wanted = Signal(object)  # Path
    labelled = Signal()
    finished = Signal()

    def __init__(
        self, workbench: Workbench, actions: Actions, changing: Changing, thumbs: Thumbs, parent: QWidget
    ) -> None:
        super().__init__(workbench, actions, parent, _SIZE)
        self.undo_stack = changing.stack
        self.work = BatchWork(workbench, changing, self)
        self.review = BatchReview(self)
        self.folder: Path | None = None
        self.report: BatchReport | None = None
        self._entry: Entry | None = None
        self._total = 0
        self._labels: dict[str, tuple[list[Path], str]] = {}  # change id -> photos, fabric
        self.where = Text(factor=1.3, strong=True)
        self.choose = button(self._choose, "photos")
        self.start_button = button(self._begin, "batch")
        self.stop_button = button(self._stop, "close")
        self.progress, self.bar = Text(quiet=True), QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.words = QComboBox()
        self.words.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.table = QTableView()
        self.model = BatchTable(thumbs, self)
        self.shown = BatchFilter(self)
        self.shown.setSourceModel(self.model)
        self.empty = EmptyState(large=True)
        self.stack = QStackedWidget()
        self.chosen = Text(quiet=True)
        self.field = FabricField(workbench)
        self.label_button = button(self._label, "label")
        self.saving = BatchSaving(self)
        self._empty_start: QPushButton | None = None
        self._build()
        self._connect(changing)
        self.retranslate()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.where, 1)
        for tool in (self.choose, self.stop_button, self.start_button):
            head.addWidget(tool)
        filters = QHBoxLayout()
        filters.addWidget(self.words)
        filters.addWidget(self.search, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.chosen, 1)
        foot.addWidget(self.review.button)
        foot.addSpacing(2 * GRID)
        self.field.setMinimumWidth(28 * GRID)
        foot.addWidget(self.field)
        foot.addWidget(self.label_button)
        foot.addSpacing(2 * GRID)
        foot.addWidget(self.saving.button)
        table = self.table
        table.setModel(self.shown)
        table.setItemDelegateForColumn(PICTURE, PictureDelegate(table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setIconSize(QSize(THUMB, THUMB))
        table.setFrameShape(QTableView.Shape.NoFrame)
        table.setSortingEnabled(True)
        table.sortByColumn(PICTURE, Qt.SortOrder.AscendingOrder)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(THUMB + GRID)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(PICTURE, QHeaderView.ResizeMode.Fixed)
        for place, width in enumerate(_WIDTHS):
            table.setColumnWidth(place, width)
        self.stack.addWidget(self.empty)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(filters)
        column.addWidget(table, 1)
        column.addLayout(foot)
        self.stack.addWidget(full)
        page = QVBoxLayout(self.body)
        margins(page)
        page.addLayout(head)
        page.addWidget(self.progress)
        page.addWidget(self.bar)
        page.addWidget(self.stack, 1)

    def _connect(self, changing: Changing) -> None:
        self.work.failed.connect(self.show_error)
        self.work.found.connect(self._on_found)
        self.words.activated.connect(lambda _at: self.use_filter())
        self.search.textChanged.connect(lambda _text: self.use_filter())
        self.table.doubleClicked.connect(self._open_photo)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_possible())
        self.field.confirmed.connect(self._label)
        self.field.name_changed.connect(self._show_possible)
        self.field.textChanged.connect(lambda _text: self._show_possible())
        changing.changed.connect(self._on_change)
        self.bench.runner.changed.connect(self._on_job)
        self.bench.facts_changed.connect(self._follow_facts)
        self.bench.studio_changed.connect(self._on_studio)

    # -- the folder -----------------------------------------------------------------------------------------------

    def show_folder(self, folder: Path | None) -> None:
        """Show a folder, before it is recognised; the one in sight stays as it is."""
        if folder is not None and folder != self.folder and self._entry is None:
            self.folder, self.report = folder, None
            self.model.clear()
        self._show_state()

    def _choose(self) -> None:
        start = str(self.folder or Path.home())
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder of photos"), start)
        if chosen:
            self.show_folder(Path(chosen))

    def _on_studio(self) -> None:
        self._stop()
        self.report = None
        self.model.clear()
        self._show_state()

    def _begin(self) -> None:
        if self.folder is not None and self._entry is None:
            self.bench.start(self._recognise(self.folder))

    async def _recognise(self, folder: Path) -> None:
        self.banner.dismiss()
        self.report = None
        self.model.clear()
        studio = self.bench.studio
        report = await self.work.recognise(folder)
        same = studio == self.bench.studio  # else its answers are nothing to keep or label here
        self.report = report if same else None
        if not same:
            self.model.clear()
        self._show_state()
        self.review.offer()
        self.finished.emit()

    def _stop(self) -> None:
        if self._entry is not None:
            self.bench.runner.cancel(self._entry)

    def _on_found(self, results: list[PhotoResult]) -> None:
        first = not self.model.results
        self.model.add(results)
        self._show_counts()
        if first:
            self._show_state()

    def _on_job(self, entry: Entry) -> None:
        if entry.title != job_titles.BATCH:
            if not entry.quiet:
                self._show_possible()  # one long job at a time
            return
        changed = (self._entry is None) != entry.over
        self._entry = None if entry.over else entry
        if changed and not entry.over:
            self._total = 0
        if entry.progress is not None and not entry.over:
            self._total = entry.progress.total
            show_progress(entry, self.progress, self.bar, self.lang)
        if changed or entry.over:
            self._show_state()

    # -- the table ------------------------------------------------------------------------------------------------

    def results_chosen(self) -> list[PhotoResult]:
        """The selected photos' results, in the table's order."""
        rows = self.table.selectionModel().selectedRows(SHARE)
        return [index.data(RESULT_ROLE) for index in sorted(rows, key=lambda index: index.row())]

    def use_filter(self) -> None:
        """Show what the word and the text chosen above the table let through."""
        self.shown.use(self.words.currentData(), self.search.text())
        self._show_possible()

    def _open_photo(self, index: QModelIndex) -> None:
        result = index.data(RESULT_ROLE)
        if isinstance(result, PhotoResult):
            self.photo_wanted.emit(result.photo)

    def _label(self) -> None:
        results = [result for result in self.results_chosen() if not result.error]
        if results and self.field.has_name and self.bench.writable:
            self.bench.start(self._label_many(results, self.field.fabric_id()))

    async def _label_many(self, results: list[PhotoResult], fabric: str) -> None:
        done = await self.work.label(results, fabric)
        if done is None:
            return
        left_out = {item.path for item in done.skipped}
        photos = [result.photo for result in results if result.photo not in left_out]
        self._labels[done.change.id] = (photos, fabric)
        self.model.put_labels(photos, fabric)
        self.field.clear()
        text = say(f"change.{done.change.kind}", self.lang, **done.change.params)
        self.tell(lambda: (f"{text}.", "\n".join(self.review.left_out(done.skipped))))
        self.labelled.emit()

    def _on_change(self, done: Done) -> None:
        """Labels taken back, or given again, by undo."""
        if done.kind not in ("label_photos", "undo_label_photos") or done.id in self._labels:
            return
        fabric = str(done.params.get("fabric", ""))
        for photos, known in self._labels.values():
            if known == fabric and len(photos) == done.params.get("count"):
                self.model.put_labels(photos, fabric if done.kind == "label_photos" else "")
        self.labelled.emit()

    def report_so_far(self) -> BatchReport | None:
        """The results as a report; before the run is finished those that there are, said to be not all."""
        if self.report is not None or self.folder is None:
            return self.report
        return self.work.so_far(self.folder, self.model.results, max(self._total, len(self.model.results) + 1))

    # -- showing --------------------------------------------------------------------------------------------------

    def _follow_facts(self) -> None:
        facts = self.bench.facts
        self.model.show_names(facts.names if facts is not None else None, self.lang)
        self._show_possible()

    def _show_state(self) -> None:
        running = self._entry is not None
        self.where.setText(self.folder.name if self.folder is not None else self.tr("No folder yet"))
        self.where.setToolTip(str(self.folder or ""))
        self.stack.setCurrentIndex(1 if self.model.results else 0)
        if self.folder is None:
            self.empty.set_words(self.tr("Choose a folder of photos"), self.tr("All of it is recognised as one job."))
        elif running:
            self.empty.set_words(self.tr("One moment…"), "")
        else:
            self.empty.set_words(
                self.tr("Recognise this folder"),
                self.tr("You can stop at any time and go on later; what was found is kept."),
            )
        self.progress.setVisible(running)
        self.bar.setVisible(running)
        self.stop_button.setVisible(running)
        stopped = bool(self.model.results) and self.report is None and not running
        self.start_button.setText(self.tr("Go on") if stopped else self.tr("Recognise"))
        self._show_empty_button(running)
        self._show_counts()
        self._show_possible()

    def _show_empty_button(self, running: bool) -> None:
        """In an empty page the one thing that fills it."""
        self._empty_start = None
        if running or self.model.results:
            self.empty.set_buttons([])
        elif self.folder is None:
            choose = button(self._choose, "photos", main=True)
            choose.setText(self.choose.text())
            self.empty.set_buttons([choose])
        else:
            self._empty_start = button(self._begin, "batch", main=True)
            self._empty_start.setText(self.start_button.text())
            self.empty.set_buttons([self._empty_start])

    def _show_counts(self) -> None:
        chosen = self.words.currentData()
        found = dict.fromkeys(WORDS, 0)
        for result in self.model.results:
            found[result.word] += 1
        self.words.clear()
        self.words.addItem(self.tr("all") + f"  {len(self.model.results)}", None)
        for word, count in found.items():
            if count or word == chosen:
                self.words.addItem(f"{say(f'batch.word.{word}', self.lang)}  {count}", word)
        self.words.setCurrentIndex(max(0, self.words.findData(chosen)) if chosen is not None else 0)

    def _show_possible(self) -> None:
        running, count = self._entry is not None, len(self.table.selectionModel().selectedRows(SHARE))
        busy = self.bench.runner.busy
        self.start_button.setEnabled(self.folder is not None and not busy)
        lacks = self.tr("Choose a folder first.") if self.folder is None else self.tr("Another long job is running.")
        for tool in (self.start_button, *([] if self._empty_start is None else [self._empty_start])):
            tool.setEnabled(self.start_button.isEnabled())
            tool.setToolTip("" if self.start_button.isEnabled() else lacks)
        self.choose.setEnabled(not running)
        self.chosen.setText(self.tr("{count} chosen").format(count=count) if count else "")
        can = count > 0 and self.field.has_name and self.bench.writable
        self.label_button.setEnabled(can)
        if not self.bench.writable:
            why = self.tr("This studio is read-only.")
        else:
            why = self.tr("Choose photos first.") if not count else self.tr("Type the name of the fabric first.")
        self.label_button.setToolTip("" if can else why)
        self.review.show_possible(count)
        self.saving.show_possible()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Recognise a folder"))
        self.choose.setText(self.tr("Folder…"))
        self.stop_button.setText(self.tr("Stop"))
        self.label_button.setText(self.tr("Label them"))
        self.saving.retranslate()
        self.review.retranslate()
        self.field.setPlaceholderText(self.tr("Fabric, in Chinese or English"))
        self.field.setAccessibleName(self.tr("Fabric to label the chosen photos as"))
        self.search.setPlaceholderText(self.tr("File or fabric"))
        self.search.setAccessibleName(self.tr("Search in the results"))
        self.words.setAccessibleName(self.tr("Which results to show"))
        self.table.setAccessibleName(self.tr("Results"))
        self.bar.setAccessibleName(self.tr("Progress"))
        self._follow_facts()
        self._show_state()
