"""The measured look in plain words, and apart from it what people declared about the fabric."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fabric_desktop.attributes import Look, direction_level, sheen_level, texture_level
from fabric_desktop.studio import FabricInfo
from fabric_desktop.ui.i18n import current_language
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Chip, Heading, Text, clear_layout
from fabric_desktop.wording import per_cent, say, titled


def look_words(look: Look, lang: str) -> str:
    """Sheen, texture and direction as one line of words; the sheen is what this light shows."""
    sheen = say(f"look.sheen_{sheen_level(look.sheen)}", lang)
    lit = say("look.as_lit_here", lang)
    texture = say(f"look.texture_{texture_level(look.texture_complexity)}", lang)
    direction = say(f"look.direction_{direction_level(look.directionality)}", lang)
    if lang == "zh":
        return f"{sheen}（{lit}），{texture}，{direction}"
    return f"{sheen} ({lit}), {texture}, {direction}"


class LookView(QWidget):
    """Colours as chips with their names and shares, then the words."""

    def __init__(self) -> None:
        super().__init__()
        self.heading = Heading()
        self._chips = QVBoxLayout()
        self._chips.setSpacing(4)
        self.words = Text(wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addLayout(self._chips)
        column.addWidget(self.words)
        self.retranslate()

    def retranslate(self) -> None:
        self.heading.setText(self.tr("LOOK, AS MEASURED"))

    def show_look(self, look: Look, lang: str) -> None:
        self._clear()
        row = self._new_row()
        for number, (color, share) in enumerate(look.named_shares()):
            if number and number % 2 == 0:
                row = self._new_row()
            name = color.name_zh if lang == "zh" else color.name_en
            row.addWidget(Chip(color.hex))
            row.addWidget(Text(f"{name} {per_cent(share, lang)}"))
            row.addSpacing(GRID)
        self.words.setText(look_words(look, lang))
        figures = self.tr("Sheen {sheen}, texture {texture}, direction {strength} at {angle}°")
        self.words.setToolTip(
            figures.format(
                sheen=f"{look.sheen:.2f}",
                texture=f"{look.texture_complexity:.2f}",
                strength=f"{look.directionality:.2f}",
                angle=round(look.direction),
            )
        )

    def _new_row(self) -> QHBoxLayout:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        outer = QHBoxLayout()
        outer.addWidget(holder)
        outer.addStretch()
        self._chips.addLayout(outer)
        return row

    def _clear(self) -> None:
        while self._chips.count():
            line = self._chips.takeAt(0)
            layout = line.layout() if line is not None else None
            if layout is None:
                continue
            clear_layout(layout)


class DeclaredView(QWidget):
    """What people declared about a fabric, under its name: a cloth that is not in the library is none of it. Hidden
    while nobody declared anything."""

    def __init__(self) -> None:
        super().__init__()
        self.heading = Heading()
        self.of = Text(strong=True, wrap=True)
        self.words = Text(wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addWidget(self.of)
        column.addWidget(self.words)
        self.retranslate()

    def retranslate(self) -> None:
        self.heading.setText(self.tr("DECLARED BY PEOPLE, NOT SEEN IN THE PICTURE"))

    def show_info(self, name: str, info: FabricInfo | None) -> None:
        """Show what is declared of the fabric with this name."""
        fields = info.declared() if info is not None else {}
        names = {
            "article": self.tr("article"),
            "fibre": self.tr("fibre"),
            "structure": self.tr("structure"),
            "weight": self.tr("weight"),
            "width": self.tr("width"),
            "finish": self.tr("finish"),
            "care": self.tr("care"),
            "supplier": self.tr("supplier"),
        }
        self.of.setText(name)
        self.words.setText("\n".join(titled(names[key], value, current_language()) for key, value in fields.items()))
        self.setVisible(bool(fields))
