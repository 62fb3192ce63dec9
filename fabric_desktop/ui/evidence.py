"""What speaks for a candidate: the patch beside the nearest references, and the key to the bar's colours."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from fabric_desktop.evidence import Parts
from fabric_desktop.recognition import Candidate
from fabric_desktop.recognizer import NEAREST
from fabric_desktop.ui.candidate_row import part_colors
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Picture, Text

_SIDE = 72
_BETWEEN = 2 * GRID - 2  # between one colour's words and the next colour


class SwatchStrip(QWidget):
    """The patch, then the nearest references of one candidate, all at the patch's scale."""

    clicked = Signal(int)  # the reference, from 0; the patch counts as the first

    def __init__(self) -> None:
        super().__init__()
        self.patch = Picture(_SIDE)
        self.references = [Picture(_SIDE) for _ in range(NEAREST)]
        self.patch.clicked.connect(lambda: self.clicked.emit(0))
        for place, picture in enumerate(self.references):
            picture.setCursor(Qt.CursorShape.PointingHandCursor)
            picture.clicked.connect(lambda place=place: self.clicked.emit(place))
        self.patch_caption = Text(factor=0.9, quiet=True)
        self.caption = Text(factor=0.9, quiet=True, wrap=True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.patch, 0, 0)
        for column, picture in enumerate(self.references, start=1):
            grid.addWidget(picture, 0, column)
        grid.addWidget(self.patch_caption, 1, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.caption, 1, 1, 1, NEAREST + 1, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(NEAREST + 1, 1)
        self._name = ""
        self._has_references = False
        self.retranslate()

    def retranslate(self) -> None:
        self.patch_caption.setText(self.tr("Patch"))
        self.patch.setAccessibleName(self.tr("Patch"))
        self._caption()

    def show_patch(self, picture: QImage | None) -> None:
        self.patch.show_image(picture)

    def show_matches(self, candidate: Candidate, pictures: list[QImage | None]) -> None:
        self._name = candidate.name
        self._has_references = bool(candidate.nearest)
        for place, picture in enumerate(self.references):
            there = place < len(candidate.nearest)
            picture.setVisible(there)
            if not there:
                continue
            picture.show_image(pictures[place])
            match = candidate.nearest[place]
            hint = self.tr("{photo}\nsimilarity {value} (cosine)\nClick: compare full size")
            picture.setToolTip(hint.format(photo=match.photo, value=f"{match.similarity:.3f}"))
            picture.setAccessibleName(self.tr("Reference of {fabric}").format(fabric=candidate.name))
        self._caption()

    def _caption(self) -> None:
        if not self._name:
            self.caption.setText("")
        elif self._has_references:
            self.caption.setText(self.tr("Nearest references: {fabric}").format(fabric=self._name))
        else:
            self.caption.setText(self.tr("No reference of {fabric} in the library").format(fabric=self._name))


class EvidenceLegend(QWidget):
    """Which colour of the bar is which evidence, and at the end what is to be known of the per cents; what has no room
    in the first row stands in the next."""

    _ROWS = 3

    def __init__(self) -> None:
        super().__init__()
        self.note = Text(factor=0.9, quiet=True)
        self._words = [Text(factor=0.9, quiet=True) for _ in range(4)]
        self._parts: list[QWidget] = []
        self._shown: list[QWidget] = []
        # It takes the room it is given: its rows are laid out by that, not the panel by them.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self._rows = [QHBoxLayout() for _ in range(self._ROWS)]
        for row in self._rows:
            row.setSpacing(_BETWEEN)
            column.addLayout(row)
        for part, words in enumerate(self._words):
            holder = QWidget(self)
            inner = QHBoxLayout(holder)
            inner.setContentsMargins(0, 0, 0, 0)
            inner.setSpacing(6)
            inner.addWidget(_Dot(part))
            inner.addWidget(words)
            self._parts.append(holder)
        self.note.setParent(self)
        self.retranslate()

    def show_parts(self, parts: list[Parts], note: str = "", why: str = "") -> None:
        """Show the colours that occur among the candidates' parts, and a note whose reason is its tooltip."""
        self.note.setText(note)
        self.note.setToolTip(why)
        self._shown = [holder for at, holder in enumerate(self._parts) if any(part[at] > 0 for part in parts)]
        if note:
            self._shown.append(self.note)
        for widget in (*self._parts, self.note):
            widget.setVisible(widget in self._shown)
        self.setVisible(bool(self._shown))
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Fill row after row."""
        for row in self._rows:
            while row.count():
                row.takeAt(0)
        at, taken = 0, 0
        for widget in self._shown:
            wide = widget.sizeHint().width()
            if taken and taken + wide > self.width() and at + 1 < self._ROWS:
                self._rows[at].addStretch()
                at, taken = at + 1, 0
            if widget is self.note:
                self._rows[at].addStretch()
            self._rows[at].addWidget(widget)
            taken += wide + _BETWEEN
        if self.note not in self._shown:
            self._rows[at].addStretch()

    def retranslate(self) -> None:
        words = (self.tr("rules"), self.tr("references"), self.tr("head"), self.tr("names (not yet measured)"))
        for label, text in zip(self._words, words, strict=True):
            label.setText(text)
        self.setToolTip(
            self.tr(
                "How much of each answer comes from the rules, the reference photos, the head, and with a CLIP encoder "
                "from the fabrics' names alone."
            )
        )


class _Dot(QWidget):
    def __init__(self, part: int) -> None:
        super().__init__()
        self._part = part
        self.setFixedSize(9, 9)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), part_colors(self.palette())[self._part])
