"""Two models side by side on patches that neither was trained on; after a retraining, the question which to use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.names import FabricNames
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Heading, Text, is_language_change
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import remark, say

if TYPE_CHECKING:
    from fabric_desktop.loop import Change, Improvement, ModelScores, SideBySide

_SHOWN_CHANGES = 12


class ImprovementWindow(QDialog):
    """The figures of both, what got better and worse; with an improvement two buttons, the better one preselected."""

    deployed = Signal(str)  # version

    def __init__(
        self,
        sides: SideBySide | Improvement,
        improvement: Improvement | None,
        names: FabricNames,
        bench: Workbench,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._sides, self._improvement, self._names, self._bench = sides, improvement, names, bench
        self.advice = Text(factor=1.2, strong=True, wrap=True)
        self.reason, self.sure = Text(wrap=True), Text(quiet=True, wrap=True)
        self.figures, self.changes = QTableWidget(), QTableWidget()
        self.changes_heading = Heading()
        self.deploy, self.keep = QPushButton(), QPushButton()
        self.resize(680, 620)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        for part in (self.advice, self.reason, self.sure):
            column.addWidget(part)
        column.addWidget(self.figures, 3)
        column.addWidget(self.changes_heading)
        column.addWidget(self.changes, 2)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.deploy)
        row.addWidget(self.keep)
        column.addLayout(row)
        for table in (self.figures, self.changes):
            table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
            table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
            table.verticalHeader().hide()
        self.deploy.clicked.connect(self._deploy)
        self.keep.clicked.connect(self.close)
        self.retranslate()
        if improvement is not None and improvement.new != improvement.old:
            first = self.deploy if improvement.preselected == "deploy" else self.keep
            first.setDefault(True)
            first.setFocus()
        else:
            self.deploy.hide()

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        lang, found = self._bench.lang, self._improvement
        self.setWindowTitle(self.tr("Two models side by side"))
        self.deploy.setText(self.tr("Use the new model"))
        self.keep.setText(self.tr("Keep the old model") if found is not None else self.tr("Close"))
        self.figures.setAccessibleName(self.tr("How often each is right"))
        self.changes.setAccessibleName(self.tr("What got better and worse"))
        self.changes_heading.setText(self.tr("WHAT GOT BETTER AND WORSE"))
        self.advice.setVisible(found is not None)
        lines = [self._how_sure()]
        if found is not None:
            self.advice.setText(self.tr("Advice: {advice}").format(advice=say(f"advice_word.{found.advice}", lang)))
            self.reason.setText(say(f"advice_reason.{found.reason}", lang))
            lines += [remark(notice.code, lang, **notice.params) for notice in found.notices]
        self.reason.setVisible(found is not None)
        self.sure.setText("\n".join(line for line in lines if line))
        self._fill_figures()
        self._fill_changes()

    def _how_sure(self) -> str:
        new, comparison = self._sides.new_scores, self._sides.comparison
        if new is None:
            return self.tr("There were no patches that neither had been trained on.")
        on = self.tr("On {patches} patches of {swatches} pieces that neither was trained on.").format(
            patches=new.patches, swatches=new.swatches
        )
        if comparison is None:
            return on
        difference = self.tr("Difference {value}, with 95 % certainty between {low} and {high}.").format(
            value=_points(comparison.difference), low=_points(comparison.low), high=_points(comparison.high)
        )
        return f"{on} {difference}"

    def _fill_figures(self) -> None:
        old, new = self._sides.old_scores, self._sides.new_scores
        labels = [self.tr("Right at once"), self.tr("Among the first three"), self.tr("Among the first five")]
        rows = [
            [label, _share(old, name), _share(new, name)]
            for label, name in zip(labels, ("top1", "top3", "top5"), strict=True)
        ]
        for fabric in sorted(new.fabrics) if new is not None else []:
            rows.append([self._names.display(fabric, self._bench.lang), *_of_fabric(fabric, old, new)])
        titles = ["", old.version if old is not None else self.tr("Old"), new.version if new else self.tr("New")]
        _fill(self.figures, titles, rows)

    def _fill_changes(self) -> None:
        rows = [[self.tr("better"), *self._change(change)] for change in self._sides.better[:_SHOWN_CHANGES]]
        rows += [[self.tr("worse"), *self._change(change)] for change in self._sides.worse[:_SHOWN_CHANGES]]
        _fill(self.changes, ["", self.tr("Label"), self.tr("Old"), self.tr("New"), self.tr("Patch")], rows)
        self.changes.setVisible(bool(rows))
        self.changes_heading.setVisible(bool(rows))

    def _change(self, change: Change) -> list[str]:
        lang = self._bench.lang
        named = [self._names.name(fabric, lang) if fabric else "-" for fabric in (change.label, change.old, change.new)]
        return [*named, change.image.name]

    def _deploy(self) -> None:
        if self._improvement is not None:
            self.deployed.emit(self._improvement.new.name)
        self.close()


def _points(share: float) -> str:
    return f"{100 * share:+.1f} %"


def _share(scores: ModelScores | None, name: str) -> str:
    return "-" if scores is None else f"{100 * getattr(scores, name):.0f} %"


def _of_fabric(fabric: str, *sides: ModelScores | None) -> list[str]:
    found = [side.fabrics.get(fabric) if side is not None else None for side in sides]
    return ["-" if score is None else f"{100 * score.top1:.0f} %" for score in found]


def _fill(table: QTableWidget, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table.setColumnCount(len(titles))
    table.setHorizontalHeaderLabels(list(titles))
    table.setRowCount(len(rows))
    for line, row in enumerate(rows):
        for place, text in enumerate(row):
            item = QTableWidgetItem(text)
            if place:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(line, place, item)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
