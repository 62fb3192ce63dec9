"""Naming a patch: the field with type-ahead over names in both languages, Save, and how many labels there are."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from fabric_desktop.errors import BadFabricId
from fabric_desktop.head import MIN_PER_FABRIC
from fabric_desktop.names import FabricNames, folded
from fabric_desktop.studio import check_fabric_id
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.document import Region
from fabric_desktop.ui.i18n import counts
from fabric_desktop.ui.studio_facts import StudioFacts
from fabric_desktop.ui.suggestions import NAME_ROLE, Suggestions
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import ActionButton, Heading, Text, is_language_change
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import explain

_SUGGESTIONS = 12
_TOOLTIP_LINES = 24
_OWN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class NameField(QLineEdit):
    """A line for a fabric's name. Enter is the field's own here, whatever it means elsewhere in the window."""

    confirmed = Signal()
    first_wanted = Signal()  # Enter while suggestions are shown and none of them is chosen
    left = Signal()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() in _OWN_KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self.completer().popup() if self.completer() is not None else None
        if popup is not None and popup.isVisible() and event.key() in _OWN_KEYS:
            # The list has the key first: a line of it is taken, or it is closed.
            event.ignore()
            if event.key() != Qt.Key.Key_Escape and not popup.currentIndex().isValid():
                popup.hide()
                self.first_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.confirmed.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class AnnotationPanel(QWidget):
    """The panel below the results. `name_changed` says whether what stands in the field can be saved."""

    name_changed = Signal()
    left = Signal()

    def __init__(self, workbench: Workbench, actions: Actions) -> None:
        super().__init__()
        self._bench = workbench
        self._actions = actions
        self._taken: tuple[str, str] | None = None  # fabric id, and the name put into the field for it
        self.heading = Heading()
        self.field = NameField()
        self.save = ActionButton(actions["save_label"])
        self.hint = Text(factor=0.95, quiet=True, wrap=True)
        self.counters = Text(factor=0.95, quiet=True, wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self._model = Suggestions(self)
        completer = QCompleter(self._model, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setCompletionRole(NAME_ROLE)
        completer.setMaxVisibleItems(_SUGGESTIONS)
        completer.activated[QModelIndex].connect(self._on_suggestion)  # type: ignore[index]  # missing in the stubs
        self.field.setCompleter(completer)
        self.field.textEdited.connect(self._on_edited)
        self.field.textChanged.connect(lambda _text: self._show_hint())
        self.field.confirmed.connect(actions["save_label"].trigger)
        self.field.first_wanted.connect(lambda: self._take(0))
        self.field.left.connect(self.left)
        self._build()
        workbench.selection_changed.connect(self.refresh)
        workbench.region_changed.connect(self._on_region_changed)
        workbench.photo_changed.connect(self.refresh)
        workbench.facts_changed.connect(self.refresh)
        self.retranslate()

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.field, 1)
        row.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.addWidget(self.heading)
        column.addLayout(row)
        column.addWidget(self.hint)
        column.addSpacing(4)
        column.addWidget(self.counters)
        column.addWidget(self.bar)
        column.addStretch()

    def retranslate(self) -> None:
        self.heading.setText(self.tr("NAME IT"))
        self.field.setPlaceholderText(self.tr("Fabric, in Chinese or English"))
        self.field.setAccessibleName(self.tr("Name of the fabric"))
        self.save.set_text(self.tr("Save"))
        self.bar.setAccessibleName(self.tr("New labels since the last training"))
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    # -- what stands in the field ---------------------------------------------------------------------------------

    @property
    def _names(self) -> FabricNames | None:
        return self._bench.facts.names if self._bench.facts is not None else None

    def fabric_id(self) -> str:
        """The id that the field's text stands for: the suggestion taken, a known fabric by any of its names, or a new
        one. Raises BadFabricId."""
        text = self.field.text().strip()
        if not text or self._names is None:
            return ""
        if self._taken is not None and self._taken[1] == text:
            return self._taken[0]
        return known_fabric(self._names, text) or check_fabric_id(text.replace(" ", "_") if text.isascii() else text)

    @property
    def has_name(self) -> bool:
        try:
            return bool(self.fabric_id())
        except BadFabricId:
            return False

    def clear(self) -> None:
        self.field.clear()
        self.name_changed.emit()

    def take_focus(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _on_edited(self, text: str) -> None:
        names, lang = self._names, self._bench.lang
        found = suggestions(names, text)[:_SUGGESTIONS] if names is not None else []
        self._model.show([(fabric, *names.both(fabric)) for fabric in found] if names is not None else [], lang)
        self.name_changed.emit()

    def _on_suggestion(self, index: QModelIndex) -> None:
        self._take(index.row())

    def _take(self, row: int) -> None:
        """Put a suggestion into the field; its id is remembered, since two fabrics may have one name."""
        line = self._model.line(row)
        if line is not None:
            fabric, name = line
            self._taken = (fabric, name)
            self.field.setText(name)
            self.name_changed.emit()

    def _show_hint(self) -> None:
        names, text = self._names, self.field.text().strip()
        region = self._bench.region
        if names is None or not text:
            self.hint.setText(self._hint_without_name(region))
            return
        try:
            fabric = self.fabric_id()
        except BadFabricId as error:
            self.hint.setText(explain(error, self._bench.lang).what)
            return
        if known_fabric(names, text) or (self._taken is not None and self._taken[1] == text):
            count = self._bench.facts.labels.get(fabric, 0) if self._bench.facts is not None else 0
            self.hint.setText(self.tr("{fabric}, {count} labelled so far").format(fabric=fabric, count=count))
        else:
            self.hint.setText(self.tr("A new fabric: it will be kept as {fabric}").format(fabric=fabric))

    def _hint_without_name(self, region: Region | None) -> str:
        facts = self._bench.facts
        if facts is not None and not facts.writable:
            return self.tr("This studio is read-only; labels cannot be kept here.")
        if region is None:
            return self.tr("Choose a region first.")
        if region.label is not None and facts is not None:
            name = facts.names.display(region.label.fabric_id, self._bench.lang)
            return self.tr("Saved as {fabric}. Ctrl+Z takes it back.").format(fabric=name)
        return self.tr("1 to 9 accept a candidate, Enter the first.")

    # -- what is known --------------------------------------------------------------------------------------------

    def _on_region_changed(self, region_id: str) -> None:
        if self._bench.region is not None and self._bench.region.id == region_id:
            self.refresh()

    def refresh(self) -> None:
        self.field.setEnabled(self._bench.region is not None and self._bench.writable)
        self._show_hint()
        facts = self._bench.facts
        self.counters.setText(self._counters(facts) if facts is not None else "")
        self.counters.setToolTip(self._by_fabric(facts) if facts is not None else "")
        self.bar.setVisible(facts is not None and facts.new_labels > 0)
        if facts is not None:
            self.bar.setRange(0, facts.needed_labels)
            self.bar.setValue(min(facts.new_labels, facts.needed_labels))

    def _counters(self, facts: StudioFacts) -> str:
        if not facts.label_count:
            return self.tr("No labels yet. {needed} of two or more fabrics train a head.").format(
                needed=facts.needed_labels
            )
        labelled = self.tr("Labelled: {patches}, {fabrics}").format(
            patches=counts.patches(facts.label_count), fabrics=counts.fabrics(len(facts.labels))
        )
        new = self.tr("New since the last training: {new} of {needed}").format(
            new=facts.new_labels, needed=facts.needed_labels
        )
        return f"{labelled}\n{new}"

    def _by_fabric(self, facts: StudioFacts) -> str:
        """Patches a fabric, the scarce ones first, for the tooltip."""
        lines = [
            f"{facts.names.display(fabric, self._bench.lang)}: {count}"
            for fabric, count in sorted(facts.labels.items(), key=lambda item: (item[1], item[0]))
        ]
        few = sum(1 for count in facts.labels.values() if count < MIN_PER_FABRIC)
        if few:
            head = self.tr("Fabrics with fewer than {needed}: {count}")
            lines.insert(0, head.format(needed=MIN_PER_FABRIC, count=few))
        return "\n".join(lines[:_TOOLTIP_LINES])


def known_fabric(names: FabricNames, text: str) -> str:
    """The id of the fabric called exactly `text`, by id, name in either language or alias; else nothing."""
    wanted = folded(text)
    for fabric in names.search(text):
        info = names.info(fabric)
        if wanted in {folded(name) for name in (fabric, *names.both(fabric), *info.aliases) if name}:
            return fabric
    return ""


def suggestions(names: FabricNames, text: str) -> list[str]:
    """Ids of fabrics whose names hold the text; those whose name in either language begins with it come first."""
    wanted = folded(text)
    if not wanted:
        return []

    def begins(fabric: str) -> bool:
        return any(folded(name).startswith(wanted) for name in (*names.both(fabric), fabric))

    return sorted(names.search(text), key=lambda fabric: not begins(fabric))
