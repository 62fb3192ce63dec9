"""The choices a person has beside an answer: weight of the rules (alpha), how many candidates to see. Which rules speak
is a setting of the studio (`pages.settings_page`)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from fabric_desktop.recognition import Recognition
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Text

ALPHAS: tuple[float | str, ...] = ("auto", 1.0, 0.8, 0.7, 0.5, 0.3, 0.0)
TOP_KS = (3, 5, 10)


class WeighingRow(QWidget):
    """Two boxes in a row. Changing one ranks again at once."""

    alpha_chosen = Signal(object)  # 0..1 or "auto"
    top_k_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.alpha_label, self.top_label = Text(quiet=True), Text(quiet=True)
        self.alpha, self.top_k = QComboBox(), QComboBox()
        for value in ALPHAS:
            self.alpha.addItem("", value)
        for count in TOP_KS:
            self.top_k.addItem(str(count), count)
        self.alpha.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.alpha_label.setBuddy(self.alpha)
        self.top_label.setBuddy(self.top_k)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 2 * GRID, 0)
        row.setSpacing(GRID)
        row.addWidget(self.alpha_label)
        row.addWidget(self.alpha, 1)
        row.addWidget(self.top_label)
        row.addWidget(self.top_k)
        self._auto: float | None = None
        self.alpha.activated.connect(lambda at: self.alpha_chosen.emit(self.alpha.itemData(at)))
        self.top_k.activated.connect(lambda at: self.top_k_chosen.emit(self.top_k.itemData(at)))
        self.retranslate()

    def retranslate(self) -> None:
        self.alpha_label.setText(self.tr("Rules' weight"))
        self.top_label.setText(self.tr("Show"))
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

    def show_values(self, alpha: float | str, top_k: int, answer: Recognition | None) -> None:
        """Show the choices in use; values that are not among the offered ones are added to the lists."""
        self._auto = None
        if answer is not None and answer.alpha_source in ("measured", "default"):
            # Where the rules had to answer alone, their whole weight was nobody's choice.
            fused = any(sum(found.parts[1:]) > 0 for found in answer.candidates)
            self._auto = answer.alpha if fused else None
        self._name_auto()
        for box, value in ((self.alpha, alpha), (self.top_k, top_k)):
            at = box.findData(value)
            if at < 0:
                box.addItem(f"{value:g}" if isinstance(value, float) else str(value), value)
                at = box.count() - 1
            box.setCurrentIndex(at)

    def _name_auto(self) -> None:
        auto = self.tr("Automatic")
        self.alpha.setItemText(0, auto if self._auto is None else f"{auto} ({self._auto:.2g})")
