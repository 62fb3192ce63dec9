"""Naming a patch: the field with type-ahead over names in both languages, Save, and how many labels there are."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from fabric_desktop.errors import BadFabricId
from fabric_desktop.head import MIN_PER_FABRIC
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.document import Region
from fabric_desktop.ui.fabric_field import FabricField
from fabric_desktop.ui.i18n import counts
from fabric_desktop.ui.recent_labels import RecentLabels
from fabric_desktop.ui.studio_facts import StudioFacts
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import ActionButton, Heading, Text, is_language_change
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import explain

_TOOLTIP_LINES = 24
_NAMED_SCARCE = 3


class AnnotationPanel(QWidget):
    """The panel below the results. `name_changed` says whether what stands in the field can be saved."""

    name_changed = Signal()
    left = Signal()

    def __init__(self, workbench: Workbench, actions: Actions) -> None:
        super().__init__()
        self._bench = workbench
        self._actions = actions
        self.heading = Heading()
        self.field = FabricField(workbench)
        self.save = ActionButton(actions["save_label"])
        self.hint = Text(factor=0.95, quiet=True, wrap=True)
        self.counters = Text(factor=0.95, quiet=True, wrap=True)
        self.retrain = ActionButton(actions["retrain"])
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.recent = RecentLabels(workbench)
        self.recent.chosen.connect(workbench.save_label)
        self.field.name_changed.connect(self.name_changed)
        self.field.textChanged.connect(lambda _text: self._show_hint())
        self.field.confirmed.connect(actions["save_label"].trigger)
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
        column.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(self.heading)
        column.addLayout(row)
        column.addWidget(self.recent)
        column.addWidget(self.hint)
        column.addSpacing(4)
        column.addWidget(self.counters)
        column.addWidget(self.bar)
        column.addWidget(self.retrain)
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

    def fabric_id(self) -> str:
        """The id that the field's text stands for; empty for none. Raises BadFabricId."""
        return self.field.fabric_id()

    @property
    def has_name(self) -> bool:
        return self.field.has_name

    def clear(self) -> None:
        self.field.clear()
        self.name_changed.emit()

    def take_focus(self) -> None:
        self.field.take_focus()

    def _show_hint(self) -> None:
        names, text = self.field.names, self.field.text().strip()
        region = self._bench.region
        if names is None or not text:
            self.hint.setText(self._hint_without_name(region))
            return
        try:
            fabric = self.fabric_id()
        except BadFabricId as error:
            self.hint.setText(explain(error, self._bench.lang).what)
            return
        if self.field.is_known:
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
        if region.kept is not None:
            return self.tr("Kept for review. N goes through the queue.")
        return self.tr("1 to 9 or Enter accept, U keeps it for review.")

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
        due = facts is not None and facts.new_labels >= facts.needed_labels
        self.retrain.setVisible(due and self._bench.writable)
        if facts is not None:
            self.bar.setRange(0, facts.needed_labels)
            self.bar.setValue(min(facts.new_labels, facts.needed_labels))

    def _counters(self, facts: StudioFacts) -> str:
        if not facts.label_count:
            return self.tr("No labels yet. A head needs {needed}, of two or more fabrics.").format(
                needed=facts.needed_labels
            )
        labelled = self.tr("Labelled: {patches}, {fabrics}").format(
            patches=counts.patches(facts.label_count), fabrics=counts.fabrics(len(facts.labels))
        )
        new = self.tr("New since the last training: {new} of {needed}").format(
            new=facts.new_labels, needed=facts.needed_labels
        )
        if facts.queued:
            labelled = self.tr("{labelled}; waiting for review: {count}").format(labelled=labelled, count=facts.queued)
        return "\n".join(line for line in (labelled, self._scarce(facts), new) if line)

    def _scarce(self, facts: StudioFacts) -> str:
        """The fabrics with too few patches to be judged by, the scarcest first, as many as a line or two hold."""
        few = sorted((count, fabric) for fabric, count in facts.labels.items() if count < MIN_PER_FABRIC)
        if not few:
            return ""
        named = [f"{facts.names.name(fabric, self._bench.lang)} {count}" for count, fabric in few[:_NAMED_SCARCE]]
        more = len(few) - len(named)
        listed = self.tr(", ").join(named)
        if more:
            listed = self.tr("{fabrics} and {count} more").format(fabrics=listed, count=more)
        return self.tr("Under {needed}: {fabrics}").format(needed=MIN_PER_FABRIC, fabrics=listed)

    def _by_fabric(self, facts: StudioFacts) -> str:
        """Patches of every fabric, the scarce ones first, for the tooltip."""
        lines = [
            f"{facts.names.display(fabric, self._bench.lang)}: {count}"
            for fabric, count in sorted(facts.labels.items(), key=lambda item: (item[1], item[0]))
        ]
        return "\n".join(lines[:_TOOLTIP_LINES])
