"""The second step of bringing swatches: what would be done, to be changed by hand and agreed to. Copies nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QCheckBox, QHeaderView, QRadioButton, QTabWidget, QVBoxLayout, QWidget

from fabric_desktop.library.importing import ImportChoices, ImportPlan, Mode
from fabric_desktop.library.telling import conflict_text, name_only
from fabric_desktop.ui.i18n import counts
from fabric_desktop.ui.pages.import_steps import fill, table
from fabric_desktop.ui.pages.plan_tree import LINE, PlanTree
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Text, is_language_change
from fabric_desktop.wording import remark, say, size_in_words

_MOST_LINES = 2000


class PlanStep(QWidget):
    """What would be done: fabrics with their photos, what to know, photos that cannot be read; to copy or to link."""

    choices_changed = Signal()

    def __init__(self, thumbs: Thumbs) -> None:
        super().__init__()
        self.summary = Text(factor=1.1, strong=True, wrap=True)
        self.hint = Text(quiet=True, wrap=True)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.fabrics, self.conflicts, self.unreadable = PlanTree(thumbs), table(2), table(2)
        for part in (self.fabrics, self.conflicts, self.unreadable):
            self.tabs.addTab(part, "")
        for told in (self.conflicts, self.unreadable):
            # Sentences: read whole, over as many lines as they take.
            told.setWordWrap(True)
            told.horizontalHeader().setStretchLastSection(False)
            told.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
            told.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
            told.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            told.verticalHeader().setMinimumSectionSize(LINE)
        self.copy, self.link = QRadioButton(), QRadioButton()
        self.copy.setChecked(True)
        self.why = Text(quiet=True, wrap=True)
        self.replace = QCheckBox()
        self.replace.clicked.connect(lambda _on: self.choices_changed.emit())
        self.fabrics.decided.connect(self.choices_changed)
        self.plan: ImportPlan | None = None
        self._lang = "en"
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.summary)
        column.addWidget(self.hint)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.replace)
        column.addWidget(self.copy)
        column.addWidget(self.link)
        column.addWidget(self.why)
        self.retranslate()

    @property
    def choices(self) -> ImportChoices:
        """What the person decided on the plan."""
        return ImportChoices(
            ids=dict(self.fabrics.ids),
            declared="replace" if self.replace.isChecked() else "keep",
            leave_out=self.fabrics.left_out,
        )

    @property
    def mode(self) -> Mode:
        return "link" if self.link.isChecked() and self.link.isEnabled() else "copy"

    def begin(self) -> None:
        """Another source: what was decided on the former one is forgotten."""
        self.plan = None
        self.fabrics.forget()
        self.tabs.setCurrentIndex(0)

    def show_plan(self, plan: ImportPlan, lang: str) -> None:
        """Show a plan."""
        self.plan, self._lang = plan, lang
        self.fabrics.show_plan(plan, lang)
        lines = [
            (conflict_text(conflict, lang, short=True), say(f"import_action.{conflict.action}", lang))
            for conflict in plan.conflicts[:_MOST_LINES]
        ]
        for notice in plan.warnings:
            params = {key: name_only(said) if isinstance(said, str) else said for key, said in notice.params.items()}
            lines.append((remark(notice.code, lang, **params), ""))
        fill(self.conflicts, lines)
        unreadable = [
            (item.path.name, say(f"error.unreadable_image.reason.{item.reason}", lang)) for item in plan.unreadable
        ]
        fill(self.unreadable, unreadable)
        self.link.setEnabled(plan.link_refusal is None)
        self.replace.setVisible(any(conflict.code == "declared_differs" for conflict in plan.conflicts))
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        plan = self.plan
        fabrics, photos = (len(plan.fabrics), len(plan.photos)) if plan is not None else (0, 0)
        weight = plan.bytes if plan is not None else 0
        size = size_in_words(weight)
        text = self.tr("{photos} for {fabrics}, {size}")
        self.summary.setText(
            text.format(photos=counts.references(photos), fabrics=counts.fabrics(fabrics), size=size)
        )
        self.hint.setText(
            self.tr("Nothing is copied yet. Untick what is to be left out; double click an id to change it.")
        )
        self.tabs.setTabText(0, self.tr("Fabrics") + f"  {fabrics}")
        self.tabs.setTabText(1, self.tr("To know") + f"  {self.conflicts.rowCount()}")
        self.tabs.setTabText(2, self.tr("Unreadable") + f"  {self.unreadable.rowCount()}")
        self.fabrics.setHeaderLabels(
            [self.tr("Fabric"), self.tr("Photos"), self.tr("In the library"), self.tr("Declared")]
        )
        self.conflicts.setHorizontalHeaderLabels([self.tr("What"), self.tr("What will be done")])
        self.unreadable.setHorizontalHeaderLabels([self.tr("File"), self.tr("Why")])
        self.fabrics.setAccessibleName(self.tr("Fabrics and photos to bring in"))
        self.conflicts.setAccessibleName(self.tr("To know"))
        self.unreadable.setAccessibleName(self.tr("Unreadable"))
        self.copy.setText(self.tr("Copy the photos: the library stands on its own"))
        self.link.setText(self.tr("Link to the photos: takes no room, but they must stay where they are"))
        self.replace.setText(self.tr("Replace what the library declares where the list says something else"))
        refusal = plan.link_refusal if plan is not None else None
        self.why.setVisible(refusal is not None)
        if refusal is not None:
            self.why.setText(say(f"error.link_refused.reason.{refusal}", self._lang))
