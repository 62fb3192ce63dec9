"""What can and what cannot be told from a photograph, and how to take one that tells much."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Heading, Text


class _Block(QWidget):
    """A heading and pairs of a thing and a sentence about it."""

    def __init__(self) -> None:
        super().__init__()
        self.heading = Heading()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        self._column.addWidget(self.heading)
        self._pairs: list[tuple[Text, Text]] = []

    def show_pairs(self, heading: str, pairs: list[tuple[str, str]]) -> None:
        self.heading.setText(heading)
        if not self._pairs:
            for _ in pairs:
                thing, words = Text(strong=True, wrap=True), Text(wrap=True)
                pair = QVBoxLayout()
                pair.setSpacing(2)
                pair.addWidget(thing)
                pair.addWidget(words)
                self._column.addLayout(pair)
                self._pairs.append((thing, words))
            self._column.addStretch()
        for (thing, words), (first, second) in zip(self._pairs, pairs, strict=True):
            thing.setText(first)
            words.setText(second)


class CanTell(QWidget):
    """Two columns, can and cannot, and below them how to photograph."""

    def __init__(self) -> None:
        super().__init__()
        self.title = Text(factor=1.5, strong=True)
        self.can, self.cannot, self.how = _Block(), _Block(), Text(wrap=True)
        self.how_heading = Heading()
        columns = QHBoxLayout()
        columns.setSpacing(5 * GRID)
        for block in (self.can, self.cannot):
            columns.addWidget(block, 1, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(GRID)
        column.addWidget(self.title)
        column.addSpacing(GRID)
        column.addLayout(columns)
        column.addSpacing(2 * GRID)
        column.addWidget(self.how_heading)
        self._lines = QGridLayout()
        self._lines.setColumnStretch(0, 1)
        self._lines.addWidget(self.how, 0, 0)
        column.addLayout(self._lines)
        column.addStretch()

    def retranslate(self) -> None:
        self.title.setText(self.tr("What a photo can tell"))
        self.can.show_pairs(
            self.tr("A PHOTO CAN TELL"),
            [
                (
                    self.tr("Which of your swatches it most likely is"),
                    self.tr("When you have photos of it, taken from about the same distance. This works best."),
                ),
                (
                    self.tr("Which kind of fabric it looks like"),
                    self.tr("Denim, corduroy, lace: what shows in the surface. For a new cloth this is much harder."),
                ),
                (
                    self.tr("Colour, sheen, pattern, direction"),
                    self.tr("As the camera saw them. The light changes colour and sheen more than people think."),
                ),
                (
                    self.tr("Weave or knit"),
                    self.tr("Only where threads or loops can be seen in the photo with the naked eye."),
                ),
                (
                    self.tr("That it is none of yours"),
                    self.tr('"Not in your library" means: unlike all references. It is a warning and no proof.'),
                ),
            ],
        )
        self.cannot.show_pairs(
            self.tr("A PHOTO CANNOT TELL"),
            [
                (
                    self.tr("Fibre content"),
                    self.tr("Silk satin and polyester satin look alike. A burn test or a laboratory tells."),
                ),
                (self.tr("Weight and thickness"), self.tr("Nothing in a picture weighs anything; use scales.")),
                (self.tr("Stretch, handle, drape"), self.tr("These are felt and not seen.")),
                (
                    self.tr("Finish, coating, care"),
                    self.tr("Whether it is water-repellent or may be washed says its label."),
                ),
                (
                    self.tr("What is smaller than a pixel"),
                    self.tr("From two metres no weave is left in the picture, whatever program looks at it."),
                ),
            ],
        )
        self.how_heading.setText(self.tr("PHOTOS THAT TELL MUCH"))
        self.how.setText(
            self.tr(
                "Daylight or even light, no flash, no coloured lamps. The cloth flat and sharp, filling the picture. "
                "References from the distance at which you will ask: close-ups for close-ups, garments for garments. "
                "Fibre, weight, finish and care belong into the fabric's form in the library; the program shows what "
                "you declared there and never guesses it."
            )
        )
