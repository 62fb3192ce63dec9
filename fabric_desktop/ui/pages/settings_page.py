"""Everything that stands in a studio's settings.toml, a row each: its name, what it does, its value, its default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from fabric_desktop.studio.settings import RULES_SOURCES
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.i18n import encoder_name
from fabric_desktop.ui.icons import icon
from fabric_desktop.ui.pages.page import Page
from fabric_desktop.ui.pages.setting_editors import (
    AddressEditor,
    AlphaEditor,
    ChoiceEditor,
    CountEditor,
    Editor,
    LinkEditor,
)
from fabric_desktop.ui.setting_changes import DEFAULTS, SettingChanges
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Heading, Text
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import per_cent, say

_SIZE = (720, 760)
_EDITOR_WIDTH = 26 * GRID
# The groups in the order of the page, and which settings stand in each.
GROUPS: dict[str, tuple[str, ...]] = {
    "window": ("lang", "theme"),
    "answers": ("alpha", "rules_source", "top_k"),
    "labels": ("review_below", "review_per_photo", "nudge_at"),
    "encoder": ("encoder", "mirror"),
}


class SettingRow(QWidget):
    """One setting: name and sentence on the left, its editor and the way back to the default on the right."""

    def __init__(self, key: str, editor: Editor) -> None:
        super().__init__()
        self.key, self.editor = key, editor
        self.title = Text(strong=True)
        self.about = Text(quiet=True, wrap=True)
        self.trouble = Text(wrap=True)
        self.trouble.setForegroundRole(QPalette.ColorRole.Link)
        self.trouble.hide()
        self.reset = QToolButton()
        self.reset.setIcon(icon("undo"))
        self.reset.setIconSize(QSize(16, 16))
        self.reset.setAutoRaise(True)
        # Its place is kept while there is nothing to put back, so that the column stays in line.
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.about)
        if isinstance(editor, LinkEditor):
            words.addWidget(editor.text)
        words.addWidget(self.trouble)
        editor.setFixedWidth(_EDITOR_WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, GRID, 0, GRID)
        row.setSpacing(2 * GRID)
        row.addLayout(words, 1)
        row.addWidget(editor, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignTop)
        editor.refused.connect(self.trouble.setVisible)

    def show_value(self, value: object) -> None:
        self.editor.show_value(value)
        self.reset.setVisible(value != DEFAULTS[self.key])

    def set_words(self, title: str, about: str, default: str, trouble: str) -> None:
        self.title.setText(title)
        self.about.setText(about)
        self.trouble.setText(trouble)
        self.reset.setToolTip(default)
        self.reset.setAccessibleName(f"{title}: {default}")
        self.editor.name(title)
        self.editor.retranslate()


class SettingsPage(Page):
    """The page. A change is in force and kept as soon as it is made; Undo takes it back."""

    def __init__(
        self,
        workbench: Workbench,
        actions: Actions,
        changes: SettingChanges,
        show_encoders: Callable[[], object],
        parent: QWidget,
    ) -> None:
        super().__init__(workbench, actions, parent, _SIZE)
        self._changes = changes
        self.undo_stack = changes.stack
        self._headings = {group: Heading() for group in GROUPS}
        editors = self._editors(show_encoders)
        self.rows = {key: SettingRow(key, editors[key]) for keys in GROUPS.values() for key in keys}
        self.lead = Text(quiet=True, wrap=True)
        self._build()
        for row in self.rows.values():
            row.editor.chosen.connect(lambda value, key=row.key: changes.change(key, value))
            row.reset.clicked.connect(lambda _checked=False, row=row: self._put_back(row))
        workbench.settings_changed.connect(self._show_values)
        workbench.studio_changed.connect(self._show_values)
        workbench.facts_changed.connect(self._show_lead)
        workbench.problem.connect(self._on_problem)
        self.retranslate()
        self._show_values()

    def _editors(self, show_encoders: Callable[[], object]) -> dict[str, Editor]:
        encoder = LinkEditor(self._encoder_words, lambda: self.tr("Encoders…"))
        encoder.wanted.connect(show_encoders)
        return {
            "lang": ChoiceEditor((None, "zh", "en"), lambda: (self.tr("Like the system"), "中文", "English")),
            "theme": ChoiceEditor(
                ("system", "light", "dark"),
                lambda: (self.tr("Like the system"), self.tr("Light"), self.tr("Dark")),
            ),
            "alpha": AlphaEditor(),
            "rules_source": ChoiceEditor(
                RULES_SOURCES, lambda: [say(f"rules_source.{source}", self.lang) for source in RULES_SOURCES]
            ),
            "top_k": CountEditor(1, 100),
            "review_below": CountEditor(0, 100, per_cent=True),
            "review_per_photo": CountEditor(0, 1000),
            "nudge_at": CountEditor(1, 100_000),
            "encoder": encoder,
            "mirror": AddressEditor("mirror", "https://huggingface.co"),
        }

    def _build(self) -> None:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(3 * GRID, 2 * GRID, 2 * GRID, 3 * GRID)
        column.setSpacing(0)
        column.addWidget(self.lead)
        for group, keys in GROUPS.items():
            column.addSpacing(2 * GRID)
            column.addWidget(self._headings[group])
            for key in keys:
                column.addWidget(self.rows[key])
        column.addStretch()
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(holder)
        page = QVBoxLayout(self.body)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self.area)

    def bring_up(self) -> None:
        super().bring_up()
        self.bench.start(self._changes.reload())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate:
            self._show_lead()
        return super().event(event)

    def _put_back(self, row: SettingRow) -> None:
        # The button goes; whoever came to it by the keyboard is on the field whose value it was.
        row.editor.setFocus()
        self._changes.change(row.key, DEFAULTS[row.key])

    def _show_values(self) -> None:
        for key, row in self.rows.items():
            row.show_value(getattr(self.bench.settings, key))
        self._show_lead()

    def _show_lead(self) -> None:
        studio = self.bench.studio
        if studio is None:
            self.lead.setText("")
        elif self.bench.writable:
            name = self.tr("Drawn samples") if studio.is_sample else studio.root.name
            self.lead.setText(
                self.tr("Settings of the studio {name}. A change is in force at once; Undo takes it back.").format(
                    name=name
                )
            )
        else:
            self.lead.setText(
                self.tr("This studio cannot be written now: what you change here holds until the window closes.")
            )

    def _on_problem(self, error: Any) -> None:
        # What was refused is not the value any more that is shown.
        self._show_values()
        if self.isActiveWindow():
            self.show_error(error)

    # -- words ----------------------------------------------------------------------------------------------------

    def _encoder_words(self, value: str | None) -> str:
        status = self.bench.facts.status if self.bench.facts is not None else None
        in_use = encoder_name(status.encoder_id) if status is not None else "-"
        if value is None:
            return self.tr("Chosen by the program; in use: {encoder}").format(encoder=in_use)
        return self.tr("Chosen: {chosen}; in use: {encoder}").format(chosen=encoder_name(value), encoder=in_use)

    def _words(self) -> dict[str, tuple[str, str, str]]:
        """Of each setting: its name, what it does in one sentence, and its default in words."""
        system, automatic = self.tr("Like the system"), self.tr("Automatic")
        return {
            "lang": (self.tr("Language"), self.tr("The language of the window and of the fabrics' names."), system),
            "theme": (
                self.tr("Theme"),
                self.tr("The window's greys; the ground around the cloth is the same in all."),
                system,
            ),
            "alpha": (
                self.tr("Rules' weight"),
                self.tr(
                    "How far the rules count against the reference photos: 1 rules only, 0 references only; Automatic "
                    "takes what measured best here."
                ),
                automatic,
            ),
            "rules_source": (
                self.tr("Rules"),
                self.tr("The rules shipped with the program, or ones set from what your own references look like."),
                say(f"rules_source.{DEFAULTS['rules_source']}", self.lang),
            ),
            "top_k": (
                self.tr("Candidates"),
                self.tr("How many fabrics an answer lists."),
                str(DEFAULTS["top_k"]),
            ),
            "review_below": (
                self.tr("Keep for review below"),
                self.tr("A region whose best candidate is less sure than this is put into the review queue."),
                per_cent(DEFAULTS["review_below"], self.lang),
            ),
            "review_per_photo": (
                self.tr("Patches a photo"),
                self.tr("At most this many of one photograph are put into the queue of themselves; 0 puts in none."),
                str(DEFAULTS["review_per_photo"]),
            ),
            "nudge_at": (
                self.tr("Suggest retraining at"),
                self.tr(
                    "After this many labels since the last training it suggests to retrain, and never does so by "
                    "itself."
                ),
                str(DEFAULTS["nudge_at"]),
            ),
            "encoder": (
                self.tr("Encoder"),
                self.tr("What compares the cloth; changing it rebuilds the bank, so it has a page of its own."),
                self.tr("Chosen by the program"),
            ),
            "mirror": (
                self.tr("Mirror"),
                self.tr(
                    "Where weights are fetched from in place of huggingface.co, for example https://hf-mirror.com; "
                    "HF_ENDPOINT goes before it."
                ),
                self.tr("none"),
            ),
        }

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Settings"))
        self.area.setAccessibleName(self.windowTitle())
        for group, words in {
            "window": self.tr("WINDOW"),
            "answers": self.tr("ANSWERS"),
            "labels": self.tr("REVIEW AND RETRAINING"),
            "encoder": self.tr("ENCODER"),
        }.items():
            self._headings[group].setText(words)
        trouble = self.tr("This is no web address and is not saved; it should look like https://hf-mirror.com.")
        for key, (title, about, default) in self._words().items():
            back = self.tr("Back to the default: {value}").format(value=default)
            self.rows[key].set_words(title, about, back, trouble)
        self._show_lead()
