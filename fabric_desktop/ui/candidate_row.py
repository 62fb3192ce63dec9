"""One candidate in the results: its key, name in both languages, confidence, and the bar split by kind of evidence."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from fabric_desktop.evidence import NO_PARTS, Parts
from fabric_desktop.recognition import Candidate, confidence_word
from fabric_desktop.ui.theme import GRID, scaled
from fabric_desktop.ui.widgets import Text
from fabric_desktop.wording import say, sure_per_cent

BADGE = 26


def part_colors(palette: QPalette, *, enabled: bool = True) -> tuple[QColor, QColor, QColor, QColor]:
    """The colours of rules, references, head and names in a bar: grey, the accent, the accent half way to grey, and a
    tint of the accent that stands off from both."""
    group = QPalette.ColorGroup.Active if enabled else QPalette.ColorGroup.Disabled
    accent = palette.color(group, QPalette.ColorRole.Accent)
    grey = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Dark)
    dark = palette.color(QPalette.ColorRole.Window).lightness() < 128
    if dark:
        grey = QColor("#8c8c8c")
    head = QColor.fromHslF(accent.hslHueF(), accent.hslSaturationF() * 0.55, min(0.78, accent.lightnessF() + 0.22))
    text = QColor.fromHslF(accent.hslHueF(), 0.45, 0.36 if dark else 0.8)
    return grey, accent, head, text


class Bar(QWidget):
    """A confidence from 0 to 1 as a bar, split in proportion to what rules, references, head and names gave."""

    def __init__(self, height: int) -> None:
        super().__init__()
        self._value = 0.0
        self._parts = NO_PARTS
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_value(self, value: float, parts: Parts) -> None:
        self._value, self._parts = min(max(value, 0.0), 1.0), parts
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorGroup.Active, QPalette.ColorRole.Midlight))
        total = sum(self._parts)
        length = self.width() * self._value
        shares = [part / total for part in self._parts] if total > 0 else [0.0, 1.0, 0.0, 0.0]
        left = 0.0
        for share, color in zip(shares, part_colors(self.palette(), enabled=self.isEnabled()), strict=True):
            painter.fillRect(QRectF(left, 0, length * share, self.height()), color)
            left += length * share


class CandidateRow(QWidget):
    """A candidate. Its badge accepts it; a click elsewhere shows its references beside the patch."""

    accepted = Signal(int)  # place, from 1
    looked_at = Signal(int)

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place
        first = place == 1
        self.badge = QToolButton()
        self.badge.setText(str(place))
        self.badge.setFixedSize(BADGE, BADGE)
        self.badge.setFont(scaled(QApplication.font(), 1.0, strong=True))
        self.badge.clicked.connect(lambda: self.accepted.emit(self.place))
        self.name = Text(factor=1.8 if first else 1.0, strong=True, wrap=first)
        self.other_name = Text(factor=1.1 if first else 1.0, quiet=True, wrap=True)
        self.word = Text(factor=1.1, strong=True)
        self.percent = Text(factor=1.1 if first else 1.0, quiet=first)
        self.bar = Bar(8 if first else 4)
        self.kinds = Text(quiet=True, wrap=True)
        self.against = Text(wrap=True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(3)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if first:
            grid.setColumnStretch(1, 1)
            grid.addWidget(self.badge, 0, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(self.name, 0, 1, 1, 2)
            grid.addWidget(self.other_name, 1, 1)
            grid.addWidget(self._confidence(), 1, 2, right)
            grid.addWidget(self.bar, 2, 1, 1, 2)
            grid.addWidget(self.kinds, 3, 1, 1, 2)
            grid.addWidget(self.against, 4, 1, 1, 2)
        else:
            for widget in (self.word, self.kinds, self.against):
                widget.hide()
            grid.setColumnStretch(2, 1)
            grid.addWidget(self.badge, 0, 0, 2, 1, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(self.name, 0, 1)
            grid.addWidget(self.other_name, 0, 2)
            grid.addWidget(self.percent, 0, 3, right)
            grid.addWidget(self.bar, 1, 1, 1, 3)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def _confidence(self) -> QWidget:
        """The word first, the per cent second."""
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.word)
        row.addWidget(self.percent)
        return holder

    def show_candidate(
        self, candidate: Candidate, lang: str, *, labelled: bool, unknown: bool, accept_hint: str
    ) -> None:
        """Show a candidate. `unknown`: the patch is like nothing in the library, and that is the word for it."""
        name, other = candidate.name, candidate.other_name
        other = other if other != name else ""
        if unknown and self.place == 1:
            # The answer is that it is not there; what comes nearest is only the next thing to say.
            name = say("confidence.not_in_library", lang)
            other = say("confidence.nearest_to", lang, name=candidate.name)
        self.name.setText(name)
        self.name.setToolTip(name)
        self.other_name.setText(other)
        self.other_name.setVisible(bool(other) or self.place == 1)
        self.word.setText("" if unknown else say(f"confidence.{confidence_word(candidate.confidence)}", lang))
        # What is not in the library has no figure: a per cent of being this fabric would say the opposite.
        self.percent.setText("" if unknown else sure_per_cent(candidate.confidence, lang))
        self.bar.show_value(candidate.confidence, candidate.parts)
        self.bar.setToolTip(self._evidence(candidate))
        self.badge.setToolTip(accept_hint)
        self.badge.setAccessibleName(accept_hint)
        self.badge.setText("✓" if labelled else str(self.place))

    def show_beneath(self, kinds: str, hint: str, against: str) -> None:
        """What stands beneath the first candidate: the declared types, and what the rules hold against it."""
        for label, text in ((self.kinds, kinds), (self.against, against)):
            label.setText(text)
            label.setVisible(bool(text))
        self.kinds.setToolTip(hint)

    def _evidence(self, candidate: Candidate) -> str:
        """The figures for the curious: each side's own value, where it has one."""
        lines = []
        if candidate.rules is not None:
            lines.append(self.tr("Rules: {value}").format(value=f"{candidate.rules:.2f}"))
        if candidate.retrieval is not None:
            lines.append(self.tr("Nearest reference: {value} (cosine)").format(value=f"{candidate.retrieval:.3f}"))
        if candidate.head is not None:
            lines.append(self.tr("Head: {value}").format(value=f"{candidate.head:.2f}"))
        if candidate.text is not None:
            words = self.tr("Name alone: {value} (zero-shot, not yet measured)")
            lines.append(words.format(value=f"{candidate.text:.2f}"))
        lines.append(self.tr("Score: {value}").format(value=f"{candidate.score:.3f}"))
        return "\n".join(lines)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.looked_at.emit(self.place)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, super().minimumSizeHint().height())
