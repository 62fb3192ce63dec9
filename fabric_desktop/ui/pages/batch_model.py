"""The results of a batch as a table model with sorting and filters. Recognises nothing and opens no photo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from fabric_desktop.batch.results import PhotoResult, Word
from fabric_desktop.batch.table import color_words
from fabric_desktop.names import FabricNames
from fabric_desktop.ui.i18n import QT_TRANSLATE_NOOP
from fabric_desktop.ui.pages.photo_list import paint_thumb
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.wording import say, sure_per_cent

RESULT_ROLE = Qt.ItemDataRole.UserRole
SORT_ROLE = Qt.ItemDataRole.UserRole + 1
PICTURE, FILE, FABRIC, WORD, SHARE, SECOND, LABEL, COLORS = range(8)
_HEADINGS = (
    "",
    QT_TRANSLATE_NOOP("BatchTable", "File"),
    QT_TRANSLATE_NOOP("BatchTable", "Fabric"),
    QT_TRANSLATE_NOOP("BatchTable", "How sure"),
    QT_TRANSLATE_NOOP("BatchTable", "Confidence"),
    QT_TRANSLATE_NOOP("BatchTable", "Second"),
    QT_TRANSLATE_NOOP("BatchTable", "Label"),
    QT_TRANSLATE_NOOP("BatchTable", "Colours"),
)
THUMB = 48
_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class BatchTable(QAbstractTableModel):
    """A row a photo; labels that were given meanwhile stand beside the answers."""

    def __init__(self, thumbs: Thumbs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbs = thumbs
        self.results: list[PhotoResult] = []
        self._row: dict[Path, int] = {}
        self._labels: dict[Path, str] = {}
        self._names: FabricNames | None = None
        self._lang = "en"
        thumbs.loaded.connect(self._on_thumb)

    def clear(self) -> None:
        self.beginResetModel()
        self.results, self._row, self._labels = [], {}, {}
        self.endResetModel()

    def add(self, results: Sequence[PhotoResult]) -> None:
        """Append results as they come."""
        if not results:
            return
        first = len(self.results)
        self.beginInsertRows(_NOWHERE, first, first + len(results) - 1)
        for result in results:
            self._row[result.photo] = len(self.results)
            self.results.append(result)
        self.endInsertRows()

    def put_labels(self, photos: Sequence[Path], fabric_id: str) -> None:
        """These photos are labelled as this fabric now; an empty id takes the labels off."""
        for photo in photos:
            if fabric_id:
                self._labels[photo] = fabric_id
            else:
                self._labels.pop(photo, None)
        self._say_again()

    def show_names(self, names: FabricNames | None, lang: str) -> None:
        self._names, self._lang = names, lang
        self._say_again()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(_HEADINGS) - 1)

    def _say_again(self) -> None:
        if self.results:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.results) - 1, len(_HEADINGS) - 1))

    def _on_thumb(self, photo: Path) -> None:
        row = self._row.get(photo)
        if row is not None:
            self.dataChanged.emit(self.index(row, PICTURE), self.index(row, PICTURE))

    def _name(self, fabric_id: str) -> str:
        return self._names.name(fabric_id, self._lang) if self._names is not None else fabric_id

    # -- as Qt asks -----------------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.results)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole and _HEADINGS[section]:
            return QCoreApplication.translate("BatchTable", _HEADINGS[section])
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.results):
            return None
        result, column = self.results[index.row()], index.column()
        if role == RESULT_ROLE:
            return result
        if role == SORT_ROLE:
            if column in (WORD, SHARE):
                return result.first.confidence if result.first is not None else -1.0
            return index.row() if column == PICTURE else self._text(result, column)
        if role == Qt.ItemDataRole.DecorationRole and column == PICTURE:
            return self._thumbs.picture(result.photo)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(result, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(result.photo) if column in (PICTURE, FILE) else self._text(result, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == SHARE:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _text(self, result: PhotoResult, column: int) -> str:
        if column == FILE:
            return result.photo.name
        if column == LABEL:
            label = self._labels.get(result.photo)
            return f"✓ {self._name(label)}" if label is not None else ""
        if column == WORD:
            if result.error:
                return say(f"error.unreadable_image.reason.{result.error}", self._lang)
            return say(f"batch.word.{result.word}", self._lang)
        if column == COLORS:
            return color_words(result, self._lang)
        first = result.first
        if first is None:
            return ""
        named = not result.unknown
        if column == FABRIC:
            return self._name(first.id) if named else ""
        if column == SHARE:
            # The space parts the figure, which stands at the right, from the next column's name.
            return f"{sure_per_cent(first.confidence, self._lang)}\u2003" if named else ""
        if column == SECOND:
            rest = result.candidates[1:] if named else result.candidates
            return f"{self._name(rest[0].id)}  {sure_per_cent(rest[0].confidence, self._lang)}" if rest else ""
        return ""


class BatchFilter(QSortFilterProxyModel):
    """Results of one word, and with a text in the file's name or a fabric's."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._word: Word | None = None
        self._text = ""
        self.setSortRole(SORT_ROLE)
        self.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setDynamicSortFilter(True)

    def use(self, word: Word | None, text: str) -> None:
        self.beginResetModel()
        self._word, self._text = word, text.strip().casefold()
        self.endResetModel()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: _Index) -> bool:
        model = self.sourceModel()
        if not isinstance(model, BatchTable):
            return True
        result = model.results[row]
        if self._word is not None and result.word != self._word:
            return False
        if not self._text:
            return True
        texts = [str(model.data(model.index(row, column))) for column in (FILE, FABRIC, LABEL)]
        return any(self._text in text.casefold() for text in texts)


class PictureDelegate(QStyledItemDelegate):
    """The photo of a row."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(THUMB + 8, THUMB + 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect = QRect(option.rect)  # type: ignore[attr-defined]
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.fillRect(rect, option.palette.color(QPalette.ColorRole.Highlight))  # type: ignore[attr-defined]
        box = QRect(rect.left() + 4, rect.center().y() - THUMB // 2 + 1, THUMB, THUMB)
        paint_thumb(painter, box, index.data(Qt.ItemDataRole.DecorationRole))
