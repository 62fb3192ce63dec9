"""A grid of patches: small pictures with a few words each, many at once selectable, worked with by keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.reviewing import ShownPatch
from fabric_desktop.ui.theme import GRID

MOST_SHOWN = 400  # more than anybody goes through in a sitting; the rest comes up as these go
_SIDE = 96
_WIDEST = 220
_PLACES = {Qt.Key.Key_1: 1, Qt.Key.Key_2: 2, Qt.Key.Key_3: 3, Qt.Key.Key_Return: 1, Qt.Key.Key_Enter: 1}
_DELETING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class PatchGrid(QListWidget):
    """Shows patches; says which candidate, the trash or the source the person wants for the selected ones."""

    accepted = Signal(int)  # candidate, from 1
    deleted = Signal()
    opened = Signal()  # the source of the current one
    naming = Signal()
    left = Signal()

    def __init__(self, thumbs: Thumbs) -> None:
        super().__init__()
        self._thumbs = thumbs
        self._patches: dict[Path, ShownPatch] = {}
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setIconSize(QSize(_SIDE, _SIDE))
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSpacing(4)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.itemDoubleClicked.connect(lambda _item: self.opened.emit())
        self.setItemDelegate(_Pictures(thumbs, self))
        thumbs.loaded.connect(self._on_loaded)

    def show_patches(self, patches: Sequence[ShownPatch], words: Callable[[ShownPatch], list[str]]) -> None:
        """Show these; what is selected, and where the view stands, stays as far as it is still there."""
        selected = {patch.path for patch in self.chosen()}
        row, scrolled = self.currentRow(), self.verticalScrollBar().value()
        current = self.current()
        shown = patches[:MOST_SHOWN]
        blocked = self.blockSignals(True)
        self.clear()
        self._patches = {patch.path: patch for patch in shown}
        lines = max((len(words(patch)) for patch in shown[:1]), default=1)
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(line) for patch in shown for line in words(patch)), default=0)
        width = min(max(widest + 3 * GRID, _SIDE + 2 * GRID), _WIDEST)
        self.setGridSize(QSize(width, _SIDE + GRID + (lines + 1) * metrics.height()))
        for patch in shown:
            text = words(patch)
            item = QListWidgetItem("\n".join(text))
            item.setData(Qt.ItemDataRole.UserRole, patch.path)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(text))
            item.setToolTip("\n".join([*text, patch.path.name]))
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            self.addItem(item)
        self._restore(selected, current, row)
        self.verticalScrollBar().setValue(scrolled)
        self.blockSignals(blocked)
        self.itemSelectionChanged.emit()

    def _restore(self, selected: set[Path], current: ShownPatch | None, row: int) -> None:
        places = {path: place for place, path in enumerate(self._patches)}
        if current is not None and current.path in places:
            self.setCurrentRow(places[current.path])
        elif row >= 0 and self.count():
            # What was worked off has gone: the next one has moved up to its place.
            self.setCurrentRow(min(row, self.count() - 1))
        for path in selected & places.keys():
            self.item(places[path]).setSelected(True)

    def current(self) -> ShownPatch | None:
        item = self.currentItem()
        return self._patches.get(item.data(Qt.ItemDataRole.UserRole)) if item is not None else None

    def chosen(self) -> list[ShownPatch]:
        """The selected patches, from top to bottom."""
        items = sorted(self.selectedItems(), key=self.row)
        found = [self._patches.get(item.data(Qt.ItemDataRole.UserRole)) for item in items]
        return [patch for patch in found if patch is not None]

    def choose(self, path: Path) -> bool:
        """Select this patch alone and bring it into sight; False where it is not shown."""
        for row in range(self.count()):
            if self.item(row).data(Qt.ItemDataRole.UserRole) == path:
                self.setCurrentRow(row)
                self.scrollToItem(self.item(row))
                return True
        return False

    def step(self) -> None:
        """Go to the next one, from the last to the first."""
        if self.count():
            self.setCurrentRow((self.currentRow() + 1) % self.count())

    def _on_loaded(self, path: Path) -> None:
        if path in self._patches:
            self.viewport().update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            own = event.key() in _PLACES or event.key() in _DELETING or event.key() in _OTHERS
            # Select all means the patches here, not the regions of the photograph.
            if (plain and own) or event.matches(QKeySequence.StandardKey.SelectAll):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event.key() in _PLACES:
            self.accepted.emit(_PLACES[Qt.Key(event.key())])
        elif plain and event.key() in _DELETING:
            self.deleted.emit()
        elif plain and event.key() == Qt.Key.Key_L:
            self.naming.emit()
        elif plain and event.key() == Qt.Key.Key_J:
            self.opened.emit()
        elif plain and event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


_OTHERS = (Qt.Key.Key_L, Qt.Key.Key_J, Qt.Key.Key_Escape)


class _Pictures(QStyledItemDelegate):
    """Asks for a patch's picture when it is drawn, so that those out of sight take no memory."""

    def __init__(self, thumbs: Thumbs, parent: PatchGrid) -> None:
        super().__init__(parent)
        self._thumbs = thumbs

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration  # type: ignore[attr-defined]
        option.decorationSize = QSize(_SIDE, _SIDE)  # type: ignore[attr-defined]
        picture = self._thumbs.picture(index.data(Qt.ItemDataRole.UserRole))
        if picture is not None and not picture.isNull():
            shown = QIcon(picture)
            # Qt would tint the picture of a selected patch, and its colour is what is judged.
            shown.addPixmap(picture, QIcon.Mode.Selected)
            option.icon = shown  # type: ignore[attr-defined]
