"""The first steps, shown once and skippable: what one can begin with, and what each costs in size and time."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fabric_desktop.encoders.engine import EnginePlan
from fabric_desktop.encoders.registry import OFFERS
from fabric_desktop.ui.icons import icon
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import ActionButton, Heading, Text, is_language_change, rule

WAYS = ("samples", "folder", "swatches", "builtin", "clip")
_WIDTH = 84 * GRID
_ICONS = {"samples": "photos", "folder": "studio", "swatches": "import", "builtin": "check", "clip": "encoder"}


class FirstSteps(QDialog):
    """Not modal: what is behind it goes on. `chosen` carries one of WAYS."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget, plan: EnginePlan | None, tour: QAction) -> None:
        super().__init__(parent)
        self._plan = plan
        self.title = Text(factor=1.5, strong=True)
        self.lead = Text(quiet=True, wrap=True)
        self.begin, self.encoder = Heading(), Heading()
        self.buttons = {way: QPushButton() for way in WAYS}
        self.costs = {way: Text(quiet=True, wrap=True) for way in WAYS}
        self.skip = QPushButton()
        self.skip.setAutoDefault(False)
        self.skip.clicked.connect(self.close)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        column.setSpacing(GRID)
        column.addWidget(self.title)
        column.addWidget(self.lead)
        column.addSpacing(GRID)
        column.addWidget(self.begin)
        for way in WAYS[:3]:
            column.addLayout(self._row(way))
        column.addSpacing(GRID)
        column.addWidget(rule())
        column.addWidget(self.encoder)
        for way in WAYS[3:]:
            column.addLayout(self._row(way))
        column.addSpacing(GRID)
        foot = QHBoxLayout()
        foot.addWidget(ActionButton(tour))
        foot.addStretch()
        foot.addWidget(self.skip)
        column.addLayout(foot)
        self.setMinimumWidth(_WIDTH)
        self.retranslate()

    def _row(self, way: str) -> QHBoxLayout:
        made = self.buttons[way]
        made.setIcon(icon(_ICONS[way]))
        made.setAutoDefault(False)
        made.setMinimumWidth(28 * GRID)
        made.clicked.connect(lambda _checked=False: self._choose(way))
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.costs[way], 1)
        return row

    def _choose(self, way: str) -> None:
        self.close()
        self.chosen.emit(way)

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("First steps"))
        self.title.setText(self.tr("Which fabric is it?"))
        self.lead.setText(self.tr("Photographs and labels stay on this computer. All of this is in the menus later."))
        self.begin.setText(self.tr("BEGIN WITH"))
        self.encoder.setText(self.tr("WHAT COMPARES THE CLOTH"))
        names = {
            "samples": self.tr("Look at drawn samples"),
            "folder": self.tr("Open my own folder…"),
            "swatches": self.tr("Bring my swatches…"),
            "builtin": self.tr("Stay with the built-in encoder"),
            "clip": self.tr("Get CLIP…"),
        }
        clip, engine = OFFERS[0], self._plan
        if engine is None or engine.installed:
            size = self.tr("{weights} MB to fetch; some minutes. It tells textures apart better, but takes longer.")
            words = size.format(weights=clip.size_mb)
        else:
            size = self.tr(
                "{weights} MB and an engine of {engine} GB to fetch; a quarter of an hour or more. It tells textures "
                "apart better, but takes longer."
            )
            words = size.format(weights=clip.size_mb, engine=f"{engine.needed_gb:.1f}")
        costs = {
            "samples": self.tr("Cloth that the program draws; nothing to fetch, ready in a minute."),
            "folder": self.tr("A folder of fabrics from before, or an empty one; nothing in it is changed."),
            "swatches": self.tr("Folders, file names with article numbers, or a list; minutes for a thousand photos."),
            "builtin": self.tr("7 MB, here already, quick on any computer. You can change at any time."),
            "clip": words,
        }
        for way in WAYS:
            self.buttons[way].setText(names[way])
            self.costs[way].setText(costs[way])
        self.skip.setText(self.tr("Skip"))
        # A dialog gives wrapped texts less than they take where the screen is small.
        self._column.activate()
        self.setMinimumHeight(self._column.totalHeightForWidth(_WIDTH))
