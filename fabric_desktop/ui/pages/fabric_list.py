"""The list of fabrics with both names, how many photos each has, and a mark where something is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from fabric_desktop.ui.fitting import fitting
from fabric_desktop.ui.icons import icon
from fabric_desktop.ui.pages.shelf import ShelfFabric
from fabric_desktop.ui.theme import GRID

FABRIC_ROLE = Qt.ItemDataRole.UserRole
OTHER_ROLE = Qt.ItemDataRole.UserRole + 1
COUNT_ROLE = Qt.ItemDataRole.UserRole + 2
MARK_ROLE = Qt.ItemDataRole.UserRole + 3
_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class FabricList(QAbstractListModel):
    """Fabrics in one language, with the words of their marks."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.fabrics: tuple[ShelfFabric, ...] = ()
        self._marks: Mapping[str, str] = {}
        self._lang = "en"

    def show(self, fabrics: Sequence[ShelfFabric], marks: Mapping[str, str], lang: str) -> None:
        same = [fabric.id for fabric in fabrics] == [fabric.id for fabric in self.fabrics]
        if not same:
            self.beginResetModel()
        self.fabrics, self._marks, self._lang = tuple(fabrics), marks, lang
        if not same:
            self.endResetModel()
        elif self.fabrics:
            self.dataChanged.emit(self.index(0), self.index(len(self.fabrics) - 1))

    def row_of(self, fabric_id: str) -> int | None:
        return next((row for row, fabric in enumerate(self.fabrics) if fabric.id == fabric_id), None)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.fabrics)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.fabrics):
            return None
        fabric = self.fabrics[index.row()]
        mark = self._marks.get(fabric.id, "")
        if role == Qt.ItemDataRole.DisplayRole:
            return fabric.name(self._lang)
        if role == FABRIC_ROLE:
            return fabric.id
        if role == OTHER_ROLE:
            return fabric.other_name(self._lang) or (fabric.id if fabric.id != fabric.name(self._lang) else "")
        if role == COUNT_ROLE:
            return str(len(fabric.photos))
        if role == MARK_ROLE:
            return mark
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{fabric.id}\n{mark}" if mark else fabric.id
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{fabric.name_zh} {fabric.name_en}, {len(fabric.photos)}. {mark}"
        return None


class FabricDelegate(QStyledItemDelegate):
    """Name, the other name quiet below, the number of photos at the right, and the mark."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(20 * GRID, 5 * GRID + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        palette, rect = option.palette, QRect(option.rect)  # type: ignore[attr-defined]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        if selected:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Highlight))
        main = palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        quiet = palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.PlaceholderText)
        painter.setFont(QApplication.font())
        metrics, middle = painter.fontMetrics(), rect.center().y()
        count = str(index.data(COUNT_ROLE))
        right = rect.right() - GRID
        painter.setPen(quiet)
        numbers = metrics.horizontalAdvance("0000")
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(right - numbers, rect.top(), numbers, rect.height()), flags, count)
        right -= numbers + 4
        if index.data(MARK_ROLE):
            mode = QIcon.Mode.Selected if selected else QIcon.Mode.Normal
            icon("warning").paint(painter, QRect(right - 18, middle - 9, 18, 18), Qt.AlignmentFlag.AlignCenter, mode)
        right -= 18 + GRID
        left = rect.left() + GRID
        width = right - left
        painter.setPen(main)
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(left, middle - 3, fitting(metrics, str(index.data()), elide, width))
        painter.setPen(quiet)
        other = fitting(metrics, str(index.data(OTHER_ROLE)), elide, width)
        painter.drawText(left, middle + metrics.ascent() + 2, other)
