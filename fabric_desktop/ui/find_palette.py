"""Ctrl+K: finds any action, fabric or photo by Chinese, English or the first letters of pinyin. Chooses, does nothing
itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.names import folded
from fabric_desktop.ui.fitting import fitting
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import is_language_change

_BESIDE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
_MOST = 12
_WIDTH = 64 * GRID


@dataclass(frozen=True, slots=True)
class Find:
    """Something to find: what is shown, its kind or key beside it, all its names, and what choosing it does. One that
    is not possible now says why in `beside` and does nothing."""

    text: str
    beside: str
    names: tuple[str, ...]
    choose: Callable[[], object]
    possible: bool = True


@lru_cache(maxsize=8192)
def initials(text: str) -> str:
    """The first letters of a name: of each Chinese character's pinyin, and of each word written in letters."""
    from pypinyin import Style, lazy_pinyin

    return "".join(part[0].lower() for part in " ".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).split() if part)


@lru_cache(maxsize=8192)
def _readings(letter: str) -> str:
    """The first letters of all readings of a character."""
    from pypinyin import Style
    from pypinyin import pinyin as readings

    found = readings(letter, style=Style.FIRST_LETTER, heteronym=True)
    return "".join(dict.fromkeys("".join(found[0]).casefold())) if found else letter


def spells(letters: str, name: str) -> bool:
    """Whether letters are how the words of a casefolded name begin, in any reading of its characters: what `initials`
    does for few names with their context, for twenty thousand in a moment. A run of Latin letters is one word; each
    digit is one."""
    wanted, inside = iter(letters), False
    letter = next(wanted, "")
    for sign in name:
        if not letter:
            break
        latin = sign.isascii() and sign.isalpha()
        begins = _readings(sign) if not sign.isascii() else sign if sign.isdigit() or (latin and not inside) else ""
        inside = latin
        if begins:
            if letter not in begins:
                return False
            letter = next(wanted, "")
    return not letter


@lru_cache(maxsize=8192)
def pinyin(text: str) -> str:
    """The whole pinyin of a name, without tones or spaces."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(text)).lower().replace(" ", "")


def rank(find: Find, typed: str) -> int | None:
    """How well something fits what was typed, 0 the best; None: not at all."""
    wanted = folded(typed)
    best: int | None = None
    for name in find.names:
        known = folded(name)
        if known.startswith(wanted):
            here = 0
        elif any(word.startswith(wanted) for word in known.split()):
            here = 1
        elif wanted in known:
            here = 2
        elif wanted.isascii() and initials(name).startswith(wanted.replace(" ", "")):
            here = 1
        elif wanted.isascii() and len(wanted) > 2 and wanted.replace(" ", "") in pinyin(name):
            here = 3
        else:
            continue
        best = here if best is None else min(best, here)
    return best


def best_of(finds: Sequence[Find], typed: str) -> list[Find]:
    """What fits, the best first; what is not possible now comes last."""
    if not typed.strip():
        return []
    ranked = [(found, not find.possible, place, find) for place, find in enumerate(finds)
              if (found := rank(find, typed)) is not None]
    return [find for *_, find in sorted(ranked, key=lambda item: item[:3])][:_MOST]


class _Line(QStyledItemDelegate):
    """What was found at the left, its key or kind quiet at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(_WIDTH // 2, super().sizeHint(option, index).height() + GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        palette, rect = option.palette, QRect(option.rect)  # type: ignore[attr-defined]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        possible = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        group = QPalette.ColorGroup.Active if possible else QPalette.ColorGroup.Disabled
        if selected:
            painter.fillRect(rect, palette.color(group, QPalette.ColorRole.Highlight))
        lit = QPalette.ColorRole.HighlightedText
        inner = rect.adjusted(GRID, 0, -GRID, 0)
        painter.setFont(QApplication.font())
        beside = str(index.data(_BESIDE))
        needed = painter.fontMetrics().horizontalAdvance(beside)
        painter.setPen(palette.color(group, lit if selected else QPalette.ColorRole.PlaceholderText))
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, flags | Qt.AlignmentFlag.AlignRight, beside)
        painter.setPen(palette.color(group, lit if selected else QPalette.ColorRole.Text))
        room = inner.adjusted(0, 0, -needed - 2 * GRID, 0)
        text = fitting(painter.fontMetrics(), str(index.data()), Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, flags | Qt.AlignmentFlag.AlignLeft, text)


class FindPalette(QFrame):
    """A line and the list of what fits, over the upper edge of the window. Esc leaves it.

    `gather` gives what there is anew each time it is opened; `more` finds in what is too much to be gathered.
    """

    def __init__(
        self, gather: Callable[[], list[Find]], more: Callable[[str], list[Find]], parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._gather, self._more = gather, more
        self._finds: list[Find] = []
        self._shown: list[Find] = []
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.field = QLineEdit()
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(_Line(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda _item: self._choose())
        self.retranslate()

    def retranslate(self) -> None:
        self.field.setPlaceholderText(self.tr("Action, fabric or photo: Chinese, English or pinyin initials"))
        self.field.setAccessibleName(self.tr("Find"))
        self.list.setAccessibleName(self.tr("What was found"))

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def open(self) -> None:
        """Ask anew."""
        self._finds = self._gather()
        self.field.clear()
        self._search("")
        window = self.parentWidget()
        if window is not None:
            width = min(_WIDTH, window.width() - 4 * GRID)
            self.setFixedWidth(width)
            self.move(window.mapToGlobal(QPoint((window.width() - width) // 2, 8 * GRID)))
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _search(self, typed: str) -> None:
        self._shown = [*best_of(self._finds, typed), *(self._more(typed) if typed.strip() else [])][:_MOST]
        self.list.clear()
        for find in self._shown:
            item = QListWidgetItem(find.text)
            item.setData(_BESIDE, find.beside)
            read = f"{find.text}, {find.beside}" if find.beside else find.text
            item.setData(Qt.ItemDataRole.AccessibleTextRole, read)
            if not find.possible:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(self._shown))
        self.list.setFixedHeight((self.list.sizeHintForRow(0) if self._shown else 0) * len(self._shown) + 4)
        self.adjustSize()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                if self._shown:
                    self.list.setCurrentRow((self.list.currentRow() + step) % len(self._shown))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose()
                return True
        return False

    def _choose(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._shown) and self._shown[row].possible:
            find = self._shown[row]
            self.hide()
            find.choose()
