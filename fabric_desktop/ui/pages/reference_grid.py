"""The reference photos of a fabric as a grid: marks on doubtful ones, photos dropped onto it, keys for what is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from fabric_desktop.ui.fitting import fitting
from fabric_desktop.ui.icons import icon
from fabric_desktop.ui.opening import Opening
from fabric_desktop.ui.pages.photo_list import paint_thumb
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.theme import GRID

PATH_ROLE = Qt.ItemDataRole.UserRole
MARK_ROLE = Qt.ItemDataRole.UserRole + 1
_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_SIDE = 128
_MARK = 20


class ReferenceList(QAbstractListModel):
    """Photos with their pictures and the words of their marks."""

    def __init__(self, thumbs: Thumbs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbs = thumbs
        self.photos: tuple[Path, ...] = ()
        self._marks: Mapping[Path, str] = {}
        thumbs.loaded.connect(self._on_thumb)

    def show(self, photos: Sequence[Path], marks: Mapping[Path, str]) -> None:
        """Show these photos; the selection stays where the photos do."""
        if tuple(photos) != self.photos:
            self.beginResetModel()
            self.photos, self._marks = tuple(photos), marks
            self.endResetModel()
        elif marks != self._marks:
            self._marks = marks
            if self.photos:
                self.dataChanged.emit(self.index(0), self.index(len(self.photos) - 1))

    def _on_thumb(self, photo: Path) -> None:
        if photo in self.photos:
            index = self.index(self.photos.index(photo))
            self.dataChanged.emit(index, index)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.photos)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.photos):
            return None
        photo = self.photos[index.row()]
        mark = self._marks.get(photo, "")
        if role == Qt.ItemDataRole.DisplayRole:
            return photo.name
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbs.picture(photo)
        if role == PATH_ROLE:
            return photo
        if role == MARK_ROLE:
            return mark
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{photo.name}\n{mark}" if mark else photo.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{photo.name}. {mark}" if mark else photo.name
        return None


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(_SIDE + 2 * GRID, _SIDE + 4 * GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        palette, rect = option.palette, QRect(option.rect)  # type: ignore[attr-defined]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        if selected:
            painter.fillRect(rect.adjusted(2, 2, -2, -2), palette.color(QPalette.ColorRole.Highlight))
        box = QRect(rect.left() + GRID, rect.top() + GRID, _SIDE, _SIDE)
        paint_thumb(painter, box, index.data(Qt.ItemDataRole.DecorationRole))
        if index.data(MARK_ROLE):
            mark = QRect(box.right() - _MARK - 3, box.top() + 4, _MARK, _MARK)
            painter.fillRect(mark, palette.color(QPalette.ColorRole.Base))
            icon("warning").paint(painter, mark.adjusted(2, 2, -2, -2))
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.PlaceholderText
        painter.setPen(palette.color(role))
        painter.setFont(QApplication.font())
        name = fitting(painter.fontMetrics(), str(index.data()), Qt.TextElideMode.ElideMiddle, _SIDE)
        painter.drawText(QRect(box.left(), box.bottom() + 4, _SIDE, 2 * GRID + 4), Qt.AlignmentFlag.AlignLeft, name)


class ReferenceGrid(QListView):
    """The grid. Says what was dropped, pasted, and asked to be removed."""

    dropped = Signal(object)  # QMimeData
    paste_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, thumbs: Thumbs) -> None:
        super().__init__()
        self.photos = ReferenceList(thumbs, self)
        self.words_when_empty = ""
        self.setModel(self.photos)
        self.setItemDelegate(_Delegate(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QListView.Shape.NoFrame)
        # A list whose items stay in place takes no drops; what is dropped here comes from elsewhere.
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(True)

    def chosen(self) -> list[Path]:
        """The selected photos, in the grid's order."""
        return [index.data(PATH_ROLE) for index in sorted(self.selectedIndexes(), key=lambda index: index.row())]

    def choose(self, photo: Path) -> None:
        """Select one photo and bring it into sight."""
        if photo in self.photos.photos:
            index = self.photos.index(self.photos.photos.index(photo))
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste_wanted.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_wanted.emit()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if Opening.can_take(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.dropped.emit(event.mimeData())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.photos.photos and self.words_when_empty:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            room = self.viewport().rect().adjusted(4 * GRID, 4 * GRID, -4 * GRID, -4 * GRID)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self.words_when_empty)
