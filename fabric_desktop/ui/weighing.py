"""The choices a person has over the ranking: weight of the rules (alpha), which rules, how many candidates to see."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from fabric_desktop.recognition import Recognition
from fabric_desktop.studio import RULES_SOURCES, RulesSource
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Text

ALPHAS: tuple[float | str, ...] = ("auto", 1.0, 0.8, 0.7, 0.5, 0.3, 0.0)
TOP_KS = (3, 5, 10)


class WeighingRow(QWidget):
    """Three boxes in two rows. Changing one ranks again at once."""

    alpha_chosen = Signal(object)  # 0..1 or "auto"
    top_k_chosen = Signal(int)
    rules_chosen = Signal(str)  # one of studio.RULES_SOURCES

    def __init__(self) -> None:
        super().__init__()
        self.alpha_label, self.top_label = Text(quiet=True), Text(quiet=True)
        self.rules_label = Text(quiet=True)
        self.alpha, self.top_k, self.rules = QComboBox(), QComboBox(), QComboBox()
        for value in ALPHAS:
            self.alpha.addItem("", value)
        for count in TOP_KS:
            self.top_k.addItem(str(count), count)
        for source in RULES_SOURCES:
            self.rules.addItem("", source)
        self.alpha.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.alpha_label.setBuddy(self.alpha)
        self.top_label.setBuddy(self.top_k)
        self.rules_label.setBuddy(self.rules)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 2 * GRID, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for place, widget in enumerate((self.alpha_label, self.alpha, self.top_label, self.top_k)):
            grid.addWidget(widget, 0, place)
        grid.addWidget(self.rules_label, 1, 0)
        grid.addWidget(self.rules, 1, 1, 1, 3)
        self._auto: float | None = None
        self.alpha.activated.connect(lambda at: self.alpha_chosen.emit(self.alpha.itemData(at)))
        self.top_k.activated.connect(lambda at: self.top_k_chosen.emit(self.top_k.itemData(at)))
        self.rules.activated.connect(lambda at: self.rules_chosen.emit(self.rules.itemData(at)))
        self.retranslate()

    def retranslate(self) -> None:
        self.alpha_label.setText(self.tr("Rules' weight"))
        self.top_label.setText(self.tr("Show"))
        self.rules_label.setText(self.tr("Rules from"))
        self.rules.setAccessibleName(self.tr("Rules from"))
        sources = (self.tr("the program, by fabric"), self.tr("the program, by family"), self.tr("my own references"))
        for at, text in enumerate(sources):
            self.rules.setItemText(at, text)
        self.rules.setToolTip(
            self.tr("What is usual for a fabric: as shipped, or set from the looks of your own reference photos.")
        )
        self.alpha.setAccessibleName(self.tr("Rules' weight"))
        self.top_k.setAccessibleName(self.tr("How many candidates"))
        self.alpha.setToolTip(
            self.tr("Alpha: how far the rules count against the reference photos and the head.")
        )
        words = (
            self.tr("1.0 rules only"),
            self.tr("0.8 mostly rules"),
            self.tr("0.7 rules lead"),
            self.tr("0.5 both alike"),
            self.tr("0.3 references lead"),
            self.tr("0.0 references only"),
        )
        for at, text in enumerate(words, start=1):
            self.alpha.setItemText(at, text)
        self._name_auto()

    def show_values(self, alpha: float | str, top_k: int, rules: RulesSource, answer: Recognition | None) -> None:
        """Show the choices in use; values that are not among the offered ones are added to the lists."""
        self._auto = None
        if answer is not None and answer.alpha_source in ("measured", "default"):
            # Where the rules had to answer alone, their whole weight was nobody's choice.
            fused = any(sum(found.parts[1:]) > 0 for found in answer.candidates)
            self._auto = answer.alpha if fused else None
        self._name_auto()
        self.rules.setCurrentIndex(self.rules.findData(rules))
        for box, value in ((self.alpha, alpha), (self.top_k, top_k)):
            at = box.findData(value)
            if at < 0:
                box.addItem(f"{value:g}" if isinstance(value, float) else str(value), value)
                at = box.count() - 1
            box.setCurrentIndex(at)

    def _name_auto(self) -> None:
        auto = self.tr("Automatic")
        self.alpha.setItemText(0, auto if self._auto is None else f"{auto} ({self._auto:.2g})")
