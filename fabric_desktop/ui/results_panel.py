"""The answer for the selected region: patch and references side by side, candidates, look, and how it was ranked.

Only shows; what a click means is for the workbench.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.errors import BankMissing, FabricError
from fabric_desktop.recognition import Candidate, Recognition
from fabric_desktop.studio import Studio
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.candidate_row import CandidateRow
from fabric_desktop.ui.document import Region, Stage
from fabric_desktop.ui.evidence import EvidenceLegend, SwatchStrip
from fabric_desktop.ui.look_view import DeclaredView, LookView
from fabric_desktop.ui.problems import cure_of
from fabric_desktop.ui.result_text import contradiction_line, kinds_hint, kinds_line, nearer_line
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.weighing import WeighingRow
from fabric_desktop.ui.widgets import (
    ActionButton,
    Disclosure,
    EmptyState,
    Heading,
    Text,
    clear_layout,
    is_language_change,
)
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import has, remark, say

_REASONS = 2
_NOTICE_CURES = {
    "bank_missing": "build_bank",
    "bank_mismatch": "build_bank",
    "head_stale": "train_head",
    "alpha_of_other_rules": "retrain",
}


class ResultsPanel(QWidget):
    """The panel on the right of the photograph."""

    accepted = Signal(int)  # candidate, from 1
    compare_wanted = Signal(int)  # the reference, from 0, of the candidate looked at

    def __init__(self, workbench: Workbench, actions: Actions) -> None:
        super().__init__()
        self._bench = workbench
        self._actions = actions
        self._looked_at = 1
        self._shown_region = ""
        self.heading = Heading()
        self.stage = Text(factor=0.9, quiet=True)
        self.empty = EmptyState()
        self.swatches = SwatchStrip()
        self.rows: list[CandidateRow] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self.legend = EvidenceLegend()
        self._notices = QVBoxLayout()
        self._notices.setSpacing(6)
        self.why = Disclosure(self.legend)
        self.look = LookView()
        self.declared = DeclaredView()
        self.weighing = WeighingRow()
        self._build()
        self.swatches.clicked.connect(self.compare_wanted)
        self.weighing.alpha_chosen.connect(workbench.answers.set_alpha)
        self.weighing.top_k_chosen.connect(workbench.answers.set_top_k)
        workbench.answers.failed.connect(lambda _error: self.refresh())
        workbench.selection_changed.connect(self._on_selection)
        workbench.region_changed.connect(lambda _id: self.refresh())
        workbench.photo_changed.connect(self.refresh)
        workbench.facts_changed.connect(self.refresh)
        workbench.answers.swatches_changed.connect(self._show_swatches)
        self.retranslate()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.heading)
        head.addStretch()
        head.addWidget(self.stage)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 2 * GRID, 0)
        column.setSpacing(GRID)
        column.addWidget(self.swatches)
        column.addLayout(self._notices)
        column.addLayout(self._rows)
        column.addWidget(self.why)
        column.addSpacing(4)
        column.addWidget(self.look)
        column.addSpacing(4)
        column.addWidget(self.declared)
        column.addStretch()
        self.content = content
        scroll = self._scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(content)
        answer = QWidget()
        answer_column = QVBoxLayout(answer)
        answer_column.setContentsMargins(0, 0, 0, 0)
        answer_column.setSpacing(GRID)
        answer_column.addWidget(scroll, 1)
        answer_column.addWidget(self.weighing)
        empty = QWidget()
        empty_column = QVBoxLayout(empty)
        empty_column.setContentsMargins(0, GRID, 2 * GRID, 0)
        empty_column.addWidget(self.empty)
        self.stack = QStackedWidget()
        self.stack.addWidget(empty)
        self.stack.addWidget(answer)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(2 * GRID, GRID, 0, GRID)
        outer.setSpacing(GRID)
        head.setContentsMargins(0, 0, 2 * GRID, 0)
        outer.addLayout(head)
        outer.addWidget(self.stack, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(320)

    def retranslate(self) -> None:
        self.heading.setText(self.tr("RESULT"))
        self._scroll.setAccessibleName(self.heading.text())
        self.why.set_title(self.tr("Why"))
        for part in (self.swatches, self.legend, self.look, self.declared, self.weighing):
            part.retranslate()
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    # -- showing --------------------------------------------------------------------------------------------------

    def _on_selection(self) -> None:
        self._looked_at = 1
        self.refresh()

    def refresh(self) -> None:
        """Show what is known of the selected region now. An old answer stays, dimmed, until the new one is there."""
        region = self._bench.region
        answers = self._bench.answers
        answer = region.recognition if region is not None else None
        self.weighing.show_values(answers.alpha, answers.top_k, answer)
        if region is None or region.recognition is None:
            self._show_empty(region)
            return
        fresh = region.stage is Stage.DONE
        if region.id != self._shown_region:
            self._shown_region = region.id
            self._looked_at = 1
        self.stage.setText(self._stage_words(region))
        self._show_recognition(region, region.recognition, fresh)
        self.stack.setCurrentIndex(1)

    def _stage_words(self, region: Region) -> str:
        document = self._bench.document
        if region.stage is Stage.RECOGNISING:
            return self.tr("Recognising…")
        if region.stage is Stage.FAILED:
            return self.tr("No answer")
        if document is None or len(document.regions) < 2:
            return ""
        return self.tr("Region {n} of {count}").format(
            n=document.number_of(region.id), count=len(document.regions)
        )

    def _show_empty(self, region: Region | None) -> None:
        self.stage.setText("")
        if region is not None and region.stage in (Stage.NEW, Stage.RECOGNISING):
            self.empty.set_words(self.tr("Recognising…"), self._waiting_for())
            self.empty.set_buttons([])
        elif region is not None:
            self.empty.set_words(
                self.tr("No answer for this region"), self.tr("What stopped it stands above the photograph.")
            )
            self.empty.set_buttons([])
        elif self._bench.document is None:
            self.empty.set_words(
                self.tr("Nothing to show yet"),
                self.tr("Open a photograph; the fabrics it may be will be listed here, most likely first."),
            )
            self.empty.set_buttons([])
        else:
            self.empty.set_words(
                self.tr("Click on the cloth"),
                self.tr("Pick takes a square around the point, Box takes what you drag. The answer comes at once."),
            )
            self.empty.set_buttons(self._library_buttons())
        self.stack.setCurrentIndex(0)

    def _waiting_for(self) -> str:
        if self._bench.facts is None or self._bench.facts.status is None:
            return self.tr("The first answer takes a little longer: the encoder is being loaded.")
        return ""

    def _library_buttons(self) -> list[QPushButton]:
        """Before there is a bank: the way to one, since without it only the rules speak."""
        facts = self._bench.facts
        if facts is None or facts.status is None or facts.status.bank_state == "ready" or not facts.references:
            return []
        return [ActionButton(self._actions["build_bank"])]

    def _show_recognition(self, region: Region, answer: Recognition, fresh: bool) -> None:
        lang = self._bench.lang
        count = len(answer.candidates)
        while len(self.rows) < count:
            row = CandidateRow(len(self.rows) + 1)
            row.accepted.connect(self.accepted)
            row.looked_at.connect(self._look_at)
            self.rows.append(row)
            self._rows.addWidget(row)
        hints = self._accept_hints(answer, lang)
        for row, candidate, hint in zip(self.rows, answer.candidates, hints, strict=False):
            labelled = region.label is not None and region.label.fabric_id == candidate.id
            unknown = answer.unknown is not None
            row.show_candidate(candidate, lang, labelled=labelled, unknown=unknown, accept_hint=hint)
            row.setEnabled(fresh)
        for place, row in enumerate(self.rows):
            row.setVisible(place < count)
        if self.rows and answer.candidates:
            names = self._bench.facts.names if self._bench.facts is not None else None
            hint = kinds_hint(answer, names, lang)
            against = contradiction_line(answer, lang)
            if self._bench.document is not None:
                against = against or nearer_line(answer, region.box, self._bench.document.size, lang)
            self.rows[0].show_beneath(kinds_line(answer, lang), hint, against)
        note = "" if answer.calibrated or answer.unknown is not None or not count else "answer.not_calibrated"
        self.legend.show_parts(
            [candidate.parts for candidate in answer.candidates],
            say(note, lang) if note else "",
            say(f"{note}_why", lang) if note else "",
        )
        self._show_notices(answer, lang)
        self.look.show_look(answer.look, lang)
        self.look.setEnabled(fresh)
        self.swatches.setEnabled(fresh)
        self._look_at(min(self._looked_at, max(1, count)))

    def _accept_hints(self, answer: Recognition, lang: str) -> list[str]:
        hints = []
        for place, candidate in enumerate(answer.candidates, start=1):
            action = self._actions[f"accept_{place}"] if place <= 9 else None
            if action is not None and not action.isEnabled():
                hints.append(action.toolTip())
                continue
            keys = self.tr("{n} or Enter").format(n=1) if place == 1 else str(place) if place <= 9 else ""
            words = self.tr("Save as {fabric}").format(fabric=candidate.name)
            hints.append(f"{words}  ({keys})" if keys else words)
        return hints

    def _show_notices(self, answer: Recognition, lang: str) -> None:
        clear_layout(self._notices)
        for notice in answer.notices:
            holder = QWidget()
            column = QVBoxLayout(holder)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(6)
            words = remark(notice.code, lang, **notice.params)
            error = notice.params.get("error")
            short = {
                "visual_failed": self.tr("No bank yet: the rules alone answer."),
                "text_alone": self.tr("No bank yet: names of fabrics (not yet measured) and rules answer."),
            }
            no_bank = isinstance(error, BankMissing) and notice.code in short
            text = Text(short[notice.code] if no_bank else words, wrap=True)
            text.setToolTip(words)
            column.addWidget(text)
            cure = cure_of(error) if isinstance(error, FabricError) else _NOTICE_CURES.get(notice.code)
            if cure:
                row = QHBoxLayout()
                row.addWidget(ActionButton(self._actions[cure]))
                row.addStretch()
                column.addLayout(row)
            self._notices.addWidget(holder)

    def _look_at(self, place: int) -> None:
        """Show one candidate's references, reasons and declared data."""
        region = self._bench.region
        if region is None or region.recognition is None or not region.recognition.candidates:
            return
        self._looked_at = place
        candidate = region.recognition.candidates[min(place, len(region.recognition.candidates)) - 1]
        self._show_swatches()
        why = _why(candidate, self._bench.lang)
        self.why.show_text(why)
        facts = self._bench.facts
        self.declared.show_info(candidate.name, facts.names.info(candidate.id) if facts is not None else None)

    def _show_swatches(self) -> None:
        region, studio = self._bench.region, self._bench.studio
        if region is None or region.recognition is None or studio is None:
            return
        candidate = self._candidate(region.recognition)
        self.swatches.show_patch(region.picture)
        if candidate is not None:
            self.swatches.show_matches(candidate, _pictures(studio, candidate, self._bench))

    @property
    def candidate_looked_at(self) -> Candidate | None:
        """The candidate whose references stand beside the patch."""
        region = self._bench.region
        return self._candidate(region.recognition) if region is not None and region.recognition is not None else None

    def _candidate(self, answer: Recognition) -> Candidate | None:
        if not answer.candidates:
            return None
        return answer.candidates[min(self._looked_at, len(answer.candidates)) - 1]


def _why(candidate: Candidate, lang: str) -> str:
    """What the rules saw that speaks for a fabric, the strongest first, and the notes on it."""
    seen = [
        remark(reason.code, lang, **reason.params)
        for reason in candidate.reasons[:_REASONS]
        if has(f"notice.{reason.code}", lang)
    ]
    return "\n".join([*seen, candidate.notes] if candidate.notes else seen)


def _pictures(studio: Studio, candidate: Candidate, bench: Workbench) -> list:
    return [bench.answers.swatches.get(studio.root / match.photo) for match in candidate.nearest]
