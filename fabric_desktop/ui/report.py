"""What an evaluation found, in a window of its own beside the work: how often right, by fabric, taken for what."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHBoxLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.evaluation import Evaluation
from fabric_desktop.names import FabricNames
from fabric_desktop.ui.i18n import counts, per_cent
from fabric_desktop.ui.library_flows import EvaluationReport
from fabric_desktop.ui.tables import fit_columns
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Heading, Text, is_language_change
from fabric_desktop.wording import listed, remark, say


class ReportWindow(QDialog):
    """The figures of one evaluation."""

    def __init__(self, report: EvaluationReport, names: FabricNames, lang: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._report, self._names, self._lang = report, names, lang
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(600, 620)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        self._body: QWidget | None = None
        self.show_in(lang)

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.show_in(self._lang)
        super().changeEvent(event)

    def set_language(self, lang: str) -> None:
        """Speak another language once Qt has its translations; the event for that comes right after."""
        self._lang = lang

    def show_in(self, lang: str) -> None:
        """Write the report anew in a language."""
        self._lang = lang
        self.setWindowTitle(self.tr("Evaluation"))
        if self._body is not None:
            self._body.hide()
            self._body.deleteLater()
        self._body = self._build()
        self._column.addWidget(self._body)

    def _build(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        if not self._report.results:
            column.addWidget(Text(self.tr("Nothing could be scored: build the bank first."), wrap=True))
            return body
        best = self._report.results[0]
        column.addWidget(self._headline(best))
        column.addWidget(Text(self._about(best), quiet=True, wrap=True))
        column.addWidget(Heading(self.tr("BY KIND OF EVIDENCE")))
        column.addWidget(self._methods())
        column.addWidget(Heading(self.tr("BY FABRIC")))
        column.addWidget(self._fabrics(best), 1)
        mixed = self._mixed_up(best)
        if mixed:
            column.addWidget(Heading(self.tr("TAKEN FOR ANOTHER")))
            column.addWidget(Text(mixed, wrap=True))
        return body

    def _headline(self, result: Evaluation) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4 * GRID)
        shown = (
            (self._figure("top1"), result.top1),
            (self._figure("top3"), result.top3),
            (self._figure("top5"), result.top5),
        )
        for words, value in shown:
            block = QVBoxLayout()
            block.setSpacing(0)
            block.addWidget(Text(per_cent(value), factor=2.0, strong=True))
            block.addWidget(Text(words, quiet=True))
            row.addLayout(block)
        row.addStretch()
        return holder

    def _about(self, result: Evaluation) -> str:
        lines = [
            self.tr("{patches} kept apart from training, all evidence together.").format(
                patches=counts.patches(result.processed)
            )
        ]
        if self._report.made is not None:
            lines.append(
                self.tr("The evaluation set did not exist and was made for this: {path}").format(path=self._report.path)
            )
        lines += [remark(notice.code, self._lang, **notice.params) for notice in result.notices]
        if result.errors:
            names = listed((error.image for error in result.errors[:3]), self._lang)
            lines.append(self.tr("Not readable: {count} ({names})").format(count=len(result.errors), names=names))
        return "\n".join(lines)

    def _figure(self, name: str) -> str:
        return say(f"figure.{name}", self._lang)

    def _methods(self) -> QTableWidget:
        rows = [
            (say(f"method.{result.method}", self._lang), *map(per_cent, (result.top1, result.top3, result.top5)))
            for result in self._report.results
        ]
        for method in self._report.missing:
            rows.append((say(f"method.{method}", self._lang), self.tr("none yet"), "", ""))
        return _table((self.tr("Evidence"), *map(self._figure, ("top1", "top3", "top5"))), rows, fixed=True)

    def _fabrics(self, result: Evaluation) -> QTableWidget:
        rows = [
            (
                self._names.display(fabric, self._lang),
                str(score.samples),
                per_cent(score.top1),
                per_cent(score.top3),
            )
            for fabric, score in sorted(result.by_class.items(), key=lambda item: (item[1].top1 or 0.0, item[0]))
        ]
        return _table((self.tr("Fabric"), self.tr("Patches"), *map(self._figure, ("top1", "top3"))), rows, fixed=False)

    def _mixed_up(self, result: Evaluation) -> str:
        wrong = sorted((item for item in result.confusion if item[0] != item[1]), key=lambda item: -item[2])[:5]
        lines = [
            self.tr("{true} for {taken}: {count}").format(
                true=self._names.display(true, self._lang), taken=self._names.display(taken, self._lang), count=count
            )
            for true, taken, count in wrong
        ]
        return "\n".join(lines)


def _table(headers: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, fixed: bool) -> QTableWidget:
    """A plain table: names on the left, figures on the right. A fixed one is as high as its rows."""
    table = QTableWidget(len(rows), len(headers))
    table.setHorizontalHeaderLabels(list(headers))
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + GRID)
    for line, row in enumerate(rows):
        for at, text in enumerate(row):
            item = QTableWidgetItem(text)
            if at:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(line, at, item)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setMinimumSectionSize(7 * GRID)
    fit_columns(table, 0)
    first = table.horizontalHeaderItem(0)
    if first is not None:
        first.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    if fixed:
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        height = header.sizeHint().height() + sum(table.rowHeight(line) for line in range(len(rows))) + 4
        table.setFixedHeight(height)
    return table
