"""The fabrics named last, as buttons: one click labels the selected region. Decides nothing about labels."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from fabric_desktop.ui.widgets import is_language_change
from fabric_desktop.ui.workbench import Workbench

_SHOWN = 3


class RecentLabels(QWidget):
    """Up to three buttons, the fabric of the newest labelled patch first."""

    chosen = Signal(str)  # fabric id

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self._bench = workbench
        self.buttons: list[QToolButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        for place in range(_SHOWN):
            button = QToolButton()
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _checked=False, place=place: self._choose(place))
            self.buttons.append(button)
            self._row.addWidget(button)
        self._row.addStretch()
        workbench.facts_changed.connect(self.refresh)
        workbench.selection_changed.connect(self.refresh)
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.refresh()
        super().changeEvent(event)

    def refresh(self) -> None:
        """Name the buttons in the language in use; without a region there is nothing to label."""
        facts = self._bench.facts
        recent = facts.recent[:_SHOWN] if facts is not None else ()
        for place, button in enumerate(self.buttons):
            button.setVisible(place < len(recent))
            if facts is not None and place < len(recent):
                name = facts.names.name(recent[place], self._bench.lang)
                button.setText(name)
                button.setEnabled(self._bench.region is not None and self._bench.writable)
                words = self.tr("Save as {fabric}").format(fabric=name)
                button.setToolTip(words if button.isEnabled() else self.tr("Choose a region first."))
                button.setAccessibleName(words)
        self.setVisible(bool(recent))

    def _choose(self, place: int) -> None:
        facts = self._bench.facts
        if facts is not None and place < len(facts.recent):
            self.chosen.emit(facts.recent[place])
