"""Two models side by side on patches that neither was trained on; after a retraining, the question which to use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.names import FabricNames
from fabric_desktop.ui.i18n import encoder_name, per_cent
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.tables import fit_columns
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Heading, Text, is_language_change
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import listed, remark, say, sentences

if TYPE_CHECKING:
    from fabric_desktop.loop import Change, Improvement, ModelScores, SideBySide

_SHOWN_CHANGES = 24
_SIDE = 56
_PLACES = ("top1", "top3", "top5")


@dataclass(frozen=True, slots=True)
class Way:
    """A change of the encoder that has been made: the ids of both, and how to go back."""

    before: str
    after: str
    back: Callable[[], object]


class ImprovementWindow(QDialog):
    """The figures of both, what got better and worse with the pictures; with an improvement two buttons, the better
    one preselected, and so with a `way` back from an encoder. `opened` is a changed patch that the person wants to see
    among the labels."""

    deployed = Signal(str)  # version
    opened = Signal(object)  # Change

    def __init__(
        self,
        sides: SideBySide | Improvement,
        improvement: Improvement | None,
        names: FabricNames,
        bench: Workbench,
        thumbs: Thumbs,
        parent: QWidget,
        way: Way | None = None,
    ) -> None:
        super().__init__(parent)
        self._way = way
        self._sides, self._improvement, self._names, self._bench = sides, improvement, names, bench
        self._thumbs = thumbs
        self._shown: list[Change] = []
        self.advice = Text(factor=1.2, strong=True, wrap=True)
        self.reason, self.sure = Text(wrap=True), Text(quiet=True, wrap=True)
        self.figures, self.changes = QTableWidget(), QTableWidget()
        self.changes_heading = Heading()
        self.deploy, self.keep = QPushButton(), QPushButton()
        self.resize(760, 720)
        self._build()
        thumbs.loaded.connect(self._on_thumb)
        self.changes.itemDoubleClicked.connect(lambda item: self.opened.emit(self._shown[item.row()]))
        self.deploy.clicked.connect(self._deploy)
        self.keep.clicked.connect(self.close)
        self.retranslate()
        if self._changed or way is not None:
            first = self.deploy if self._prefers_first() else self.keep
            first.setDefault(True)
            first.setFocus()
        else:
            self.deploy.hide()

    @property
    def _changed(self) -> bool:
        found = self._improvement
        return found is not None and found.new != found.old

    def _prefers_first(self) -> bool:
        """Whether the first button is the better answer: the new model, or the way back to the encoder before."""
        if self._improvement is not None:
            return self._improvement.preselected == "deploy"
        found = self._sides.cross_checked if self._verdict() == "too_little" else self._sides.comparison
        return found is not None and found.difference < 0

    def _verdict(self) -> str:
        comparison = self._sides.comparison
        return comparison.verdict if comparison is not None else "too_little"

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        for part in (self.advice, self.reason, self.sure):
            column.addWidget(part)
        below = QWidget()
        lower = QVBoxLayout(below)
        lower.setContentsMargins(0, GRID, 0, 0)
        lower.addWidget(self.changes_heading)
        lower.addWidget(self.changes, 1)
        self.changes_part = below
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.figures)
        split.addWidget(below)
        column.addWidget(split, 1)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.deploy)
        row.addWidget(self.keep)
        column.addLayout(row)
        for table in (self.figures, self.changes):
            table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
            table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
            table.setFrameShape(QTableWidget.Shape.NoFrame)
            table.setShowGrid(False)
            table.verticalHeader().hide()
        self.figures.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.changes.setIconSize(QSize(_SIDE, _SIDE))

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        lang, found = self._bench.lang, self._improvement
        self.setWindowTitle(self.tr("Two models side by side"))
        self.deploy.setText(self.tr("Use the new model"))
        self.keep.setText(self.tr("Keep the old model") if self._changed else self.tr("Close"))
        if self._way is not None:
            self.setWindowTitle(self.tr("The encoder before and the one now"))
            self.deploy.setText(self.tr("Go back to {encoder}").format(encoder=encoder_name(self._way.before)))
            self.keep.setText(self.tr("Keep {encoder}").format(encoder=encoder_name(self._way.after)))
        self.figures.setAccessibleName(self.tr("How often each is right"))
        self.changes.setAccessibleName(self.tr("What got better and worse"))
        self.changes_heading.setText(self.tr("WHAT GOT BETTER AND WORSE"))
        self.changes.setToolTip(self.tr("A double click shows the patch among the labels."))
        self.advice.setVisible(found is not None or self._way is not None)
        if self._way is not None:
            verdicts = {
                "better": self.tr("{after} is right more often than {before}, and that is more than chance."),
                "worse": self.tr("{after} is right less often than {before}, and that is more than chance."),
                "too_little": self.tr("Too little data to tell whether {after} or {before} is better."),
            }
            words = verdicts[self._verdict()]
            self.advice.setText(
                words.format(after=encoder_name(self._way.after), before=encoder_name(self._way.before))
            )
        lines = [self._how_sure(), self._cross_checked()]
        if found is not None:
            self.advice.setText(self.tr("Advice: {advice}").format(advice=say(f"advice_word.{found.advice}", lang)))
            self.reason.setText(say(f"advice_reason.{found.reason}", lang))
            if found.suspicious:
                words = self.tr("Labels that contradict the earlier ones: {count} ({names})")
                names = listed((path.name for path in found.suspicious[:3]), lang)
                lines.append(words.format(count=len(found.suspicious), names=names))
            lines.append(self._calibrated(found))
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
        difference = self.tr(
            "Difference {value}, with 95 % certainty between {low} and {high}; {gained} better, {lost} worse. "
            "By chance alone this would come about in {p} of cases (exact paired test)."
        ).format(
            value=per_cent(comparison.difference, digits=1, signed=True),
            low=per_cent(comparison.low, digits=1, signed=True),
            high=per_cent(comparison.high, digits=1, signed=True),
            gained=len(comparison.gained),
            lost=len(comparison.lost),
            p=per_cent(comparison.p_value, digits=1 if comparison.p_value < 0.1 else 0),
        )
        return sentences((on, difference), self._bench.lang)

    def _calibrated(self, found: Improvement) -> str:
        calibration = found.calibration
        if calibration is None:
            return ""
        words = self.tr(
            "Its confidence was calibrated on {answers} answers by heads that had not seen the cloth: off by {before} "
            "before, by {after} after."
        )
        before, after = per_cent(calibration.before, digits=1), per_cent(calibration.after, digits=1)
        return words.format(answers=calibration.answers, before=before, after=after)

    def _cross_checked(self) -> str:
        crossed = self._sides.cross_checked
        if crossed is None:
            return ""
        words = self.tr(
            "Checked across {patches} labels, each by a head that had not seen its cloth: {old} before, {new} now "
            "(p = {p})."
        )
        return words.format(
            patches=crossed.patches, old=per_cent(crossed.old), new=per_cent(crossed.new), p=f"{crossed.p_value:.3f}"
        )

    def _fill_figures(self) -> None:
        old, new = self._sides.old_scores, self._sides.new_scores
        lang = self._bench.lang
        rows = [[say(f"figure.{name}", lang), _share(old, name), _share(new, name)] for name in _PLACES]
        rows.append([self.tr("Right at once lies between"), _interval(old), _interval(new)])
        off = self.tr("Confidence is off by")
        rows.append([off, _share(old, "calibration_error"), _share(new, "calibration_error")])
        for fabric, own in sorted(new.fabrics.items()) if new is not None else []:
            name = f"{self._names.display(fabric, self._bench.lang)}  ({own.samples})"
            rows.append([name, *_of_fabric(fabric, old, new)])
        nothing = self.tr("without a model") if old is not None and old.version == "-" else ""
        before = nothing or (old.version if old is not None else self.tr("Old"))
        _fill(self.figures, ["", before, new.version if new else self.tr("New")], rows)

    def _fill_changes(self) -> None:
        better, worse = self._sides.better[:_SHOWN_CHANGES], self._sides.worse[:_SHOWN_CHANGES]
        self._shown = [*better, *worse]
        rows = [["", self.tr("better"), *self._change(change)] for change in better]
        rows += [["", self.tr("worse"), *self._change(change)] for change in worse]
        titles = ["", "", self.tr("Label"), self.tr("Old"), self.tr("New"), self.tr("Patch")]
        _fill(self.changes, titles, rows, stretched=5, right=False)
        self.changes.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.changes.setColumnWidth(0, _SIDE + 2 * GRID)
        for line, change in enumerate(self._shown):
            self.changes.setRowHeight(line, _SIDE + GRID)
            self._paint(line, change.image)
        self.changes_part.setVisible(bool(rows))

    def _paint(self, line: int, path: Path) -> None:
        picture, item = self._thumbs.picture(path), self.changes.item(line, 0)
        if picture is not None and not picture.isNull() and item is not None:
            item.setIcon(QIcon(picture))

    def _on_thumb(self, path: Path) -> None:
        for line, change in enumerate(self._shown):
            if change.image == path:
                self._paint(line, path)

    def _change(self, change: Change) -> list[str]:
        lang = self._bench.lang
        sure = (("", None), (change.old, change.old_confidence), (change.new, change.new_confidence))
        named = [self._names.name(change.label, lang)]
        for fabric, confidence in sure[1:]:
            words = self._names.name(fabric, lang) if fabric else "-"
            named.append(f"{words}  {per_cent(confidence or 0.0)}" if fabric else words)
        return [*named, change.image.name]

    def _deploy(self) -> None:
        if self._improvement is not None:
            self.deployed.emit(self._improvement.new.name)
        elif self._way is not None:
            self._way.back()
        self.close()


def _share(scores: ModelScores | None, name: str) -> str:
    return per_cent(None if scores is None else getattr(scores, name))


def _interval(scores: ModelScores | None) -> str:
    return "-" if scores is None else f"{100 * scores.low:.0f} – {per_cent(scores.high)}"


def _of_fabric(fabric: str, *sides: ModelScores | None) -> list[str]:
    found = [side.fabrics.get(fabric) if side is not None else None for side in sides]
    return [per_cent(None if score is None else score.top1) for score in found]


def _fill(
    table: QTableWidget,
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    stretched: int = 0,
    right: bool = True,
) -> None:
    table.setColumnCount(len(titles))
    table.setHorizontalHeaderLabels(list(titles))
    table.setRowCount(len(rows))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    for line, row in enumerate(rows):
        for place, text in enumerate(row):
            item = QTableWidgetItem(text)
            if place:
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(line, place, item)
    header = table.horizontalHeader()
    for place in range(len(titles)):
        title = table.horizontalHeaderItem(place)
        if title is not None:
            title.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    fit_columns(table, stretched)
    header.setHighlightSections(False)
