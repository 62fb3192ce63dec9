"""The versions of the model: what is in each, how it did, how long it was in use, a chart over time; use one, compare
two, annotate, export or delete one. What is asked for is done by `retraining`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.chart_view import ChartView
from fabric_desktop.ui.i18n import counts, encoder_name, per_cent
from fabric_desktop.ui.pages.changing import Changing
from fabric_desktop.ui.pages.page import Page, button, margins
from fabric_desktop.ui.tables import fit_columns
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Heading, Text
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import say

if TYPE_CHECKING:
    from fabric_desktop.loop import ModelScores
    from fabric_desktop.loop.versions import VersionRow

_SIZE = (1080, 680)
_NAME = Qt.ItemDataRole.UserRole
NAME, MADE, LABELS, TOP1, TOP3, CALIBRATION, USED, SINCE, ENCODER, NOTE = range(10)
CHART_WIDTH = 900


class VersionsWindow(Page):
    """Newest first; the one in use is marked. A note is written where it stands."""

    use_wanted = Signal(str)
    compare_wanted = Signal(str, str)  # the older, the newer
    export_wanted = Signal(str)
    delete_wanted = Signal(str)
    noted = Signal(str, str)  # version, note
    left = Signal()
    colors_changed = Signal()

    def __init__(self, workbench: Workbench, actions: Actions, changing: Changing, parent: QWidget) -> None:
        super().__init__(workbench, actions, parent, _SIZE)
        self.undo_stack = changing.stack
        self._rows: tuple[VersionRow, ...] = ()
        self._since: dict[str, ModelScores | None] = {}
        self._filling = False
        self.measuring = False
        self.table, self.hint = QTableWidget(), Text(quiet=True, wrap=True)
        self.chart, self.chart_heading = ChartView(), Heading()
        self.use = button(lambda: self.use_wanted.emit(self._chosen()[0].name), "check")
        self.compare = button(self._compare, "compare")
        self.export = button(lambda: self.export_wanted.emit(self._chosen()[0].name), "share")
        self.delete = button(lambda: self.delete_wanted.emit(self._chosen()[0].name), "delete")
        self._build()
        self.table.itemSelectionChanged.connect(self._update)
        self.table.itemChanged.connect(self._on_item)
        self.retranslate()

    def _build(self) -> None:
        table = self.table
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setFrameShape(QTableWidget.Shape.NoFrame)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 12)
        table.horizontalHeader().setHighlightSections(False)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, GRID)
        column.addWidget(table, 1)
        row = QHBoxLayout()
        row.addWidget(self.hint, 1)
        for tool in (self.delete, self.export, self.compare, self.use):
            row.addWidget(tool)
        column.addLayout(row)
        lower = QWidget()
        below = QVBoxLayout(lower)
        below.setContentsMargins(0, GRID, 0, 0)
        below.addWidget(self.chart_heading)
        below.addWidget(self.chart)
        below.addStretch()
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(upper)
        split.addWidget(lower)
        split.setStretchFactor(0, 1)
        page = QVBoxLayout(self.body)
        margins(page)
        page.addWidget(split, 1)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.colors_changed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.left.emit()
        super().closeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self.left.emit()
        super().hideEvent(event)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Versions of the model"))
        self.table.setAccessibleName(self.tr("Versions of the model"))
        self.use.setText(self.tr("Use this version"))
        self.compare.setText(self.tr("Compare the two"))
        self.export.setText(self.tr("Export…"))
        self.delete.setText(self.tr("Delete"))
        self.chart_heading.setText(self.tr("HOW OFTEN IT IS RIGHT, BY VERSION"))
        self.show_rows(self._rows)
        self.colors_changed.emit()

    # -- showing --------------------------------------------------------------------------------------------------

    @property
    def rows(self) -> tuple[VersionRow, ...]:
        return self._rows

    def show_rows(self, rows: tuple[VersionRow, ...]) -> None:
        """Show the versions of a studio, given oldest first; what is selected stays so."""
        chosen = {row.name for row in self._chosen()}
        self._rows = tuple(sorted(rows, key=lambda row: int(row.name.lstrip("v"))))
        titles = [
            self.tr("Version"),
            self.tr("Made"),
            self.tr("Labels"),
            say("figure.top1", self.lang),
            say("figure.top3", self.lang),
            self.tr("Confidence off by"),
            self.tr("In use"),
            self.tr("On newer labels"),
            self.tr("Encoder"),
            self.tr("Note"),
        ]
        self._filling = True
        self.table.setColumnCount(len(titles))
        self.table.setHorizontalHeaderLabels(titles)
        self.table.setRowCount(len(self._rows))
        now = datetime.now(UTC)
        for line, row in enumerate(reversed(self._rows)):
            for place, text in enumerate(self._texts(row, now)):
                item = QTableWidgetItem(text)
                item.setData(_NAME, row.name)
                if place == MADE and row.created is not None:
                    item.setToolTip(f"{row.created.astimezone():%Y-%m-%d %H:%M}, {encoder_name(row.encoder)}")
                if place != NOTE or not self.bench.writable:
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                else:
                    item.setToolTip(self.tr("A double click or F2 changes the note."))
                self.table.setItem(line, place, item)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        fit_columns(self.table)
        self.table.setColumnHidden(ENCODER, len({row.encoder for row in self._rows}) < 2)
        self._filling = False
        self._select(chosen)
        self._update()

    def _texts(self, row: VersionRow, now: datetime) -> list[str]:
        scores = row.scores
        top1 = "-"
        if scores is not None:
            top1 = f"{per_cent(scores.top1)}  ({100 * scores.low:.0f} – {per_cent(scores.high)}, {scores.patches})"
        return [
            self.tr("{version}, in use").format(version=row.name) if row.in_use else row.name,
            row.created.astimezone().strftime("%Y-%m-%d") if row.created is not None else "-",
            "-" if row.samples is None else str(row.samples),
            top1,
            per_cent(None if scores is None else scores.top3),
            per_cent(None if scores is None else scores.calibration_error),
            self._used(row, now),
            self._on_newer(row),
            encoder_name(row.encoder),
            row.note,
        ]

    def _used(self, row: VersionRow, now: datetime) -> str:
        """How long it was in use altogether, and how often it was put in use where that is more than once."""
        if not row.periods:
            return self.tr("never")
        spent = row.time_in_use(now)
        long = counts.days(spent.days) if spent.days else self.tr("under a day")
        times = len(row.periods)
        return long if times == 1 else self.tr("{time}, {count} times").format(time=long, count=times)

    def _on_newer(self, row: VersionRow) -> str:
        """How it does on what was labelled since it was made."""
        if row.labelled_since is None:
            return "-"
        if not row.labelled_since:
            return self.tr("none")
        if row.name not in self._since:
            return "…" if self.measuring else self.tr("{count} new").format(count=row.labelled_since)
        scores = self._since[row.name]
        if scores is None:
            return self.tr("{count} new, not measurable").format(count=row.labelled_since)
        return f"{per_cent(scores.top1)}  ({round(scores.top1 * scores.patches)}/{scores.patches})"

    @property
    def knows_newer(self) -> bool:
        """Whether it was told how the versions do on newer labels."""
        return bool(self._since)

    def show_since(self, since: dict[str, ModelScores | None]) -> None:
        """Show how the versions do on what was labelled since each was made."""
        self._since = since
        self.show_rows(self._rows)

    def show_measuring(self, measuring: bool) -> None:
        """Say that the newer labels are being answered."""
        self.measuring = measuring
        self.show_rows(self._rows)

    def show_chart(self, svg: str | None) -> None:
        """The chart over time; none where no version was scored."""
        self.chart.setVisible(svg is not None)
        self.chart_heading.setVisible(svg is not None)
        if svg is not None:
            self.chart.show_chart(svg, say("report.accuracy", self.lang))

    # -- what is chosen -------------------------------------------------------------------------------------------

    def _chosen(self) -> list[VersionRow]:
        """The selected versions, oldest first."""
        names = {item.data(_NAME) for item in self.table.selectedItems()}
        return [row for row in self._rows if row.name in names]

    def _select(self, names: set[str]) -> None:
        selection = self.table.selectionModel()
        for line, row in enumerate(reversed(self._rows)):
            if row.name in names:
                flags = selection.SelectionFlag.Select | selection.SelectionFlag.Rows
                selection.select(self.table.model().index(line, 0), flags)

    def _update(self) -> None:
        chosen, writable = self._chosen(), self.bench.writable
        one = len(chosen) == 1
        free = one and not chosen[0].in_use
        why = "" if writable else self.tr("This studio is read-only.")
        in_use = self.tr("It is in use.") if one else self.tr("Choose one version first.")
        for tool, possible, lack in (
            (self.use, writable and free, why or in_use),
            (self.delete, writable and free, why or in_use),
            (self.export, one, self.tr("Choose one version first.")),
            (self.compare, len(chosen) == 2, self.tr("Choose two versions: Ctrl and click adds one.")),
        ):
            tool.setEnabled(possible)
            tool.setToolTip("" if possible else lack)
        if self.measuring:
            self.hint.setText(self.tr("Measuring on the labels that came after each…"))
        elif not self._rows:
            self.hint.setText(self.tr("There is no version yet: build the bank, or retrain."))
        else:
            self.hint.setText(self.tr("Choose one to use it, two (Ctrl and click) to compare them."))

    def _compare(self) -> None:
        older, newer = self._chosen()
        self.compare_wanted.emit(older.name, newer.name)

    def _on_item(self, item: QTableWidgetItem) -> None:
        if not self._filling and item.column() == NOTE:
            name = str(item.data(_NAME))
            if any(row.name == name and row.note != item.text().strip() for row in self._rows):
                self.noted.emit(name, item.text().strip())
