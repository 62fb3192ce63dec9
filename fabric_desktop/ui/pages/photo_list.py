"""The photos of a folder as a list model with states and a filter, and how one is painted. Opens no photo itself."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from fabric_desktop.batch.scan import STATES, PhotoEntry, PhotoState
from fabric_desktop.names import FabricNames
from fabric_desktop.ui.fitting import fitting
from fabric_desktop.ui.i18n import QT_TRANSLATE_NOOP
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.theme import GRID, SURROUND
from fabric_desktop.wording import sure_per_cent

ENTRY_ROLE = Qt.ItemDataRole.UserRole
STATE_ROLE = Qt.ItemDataRole.UserRole + 1
_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_SIDE = 64
PHOTO_HEIGHT = _SIDE + GRID
STATE_WORDS: dict[PhotoState, str] = {
    "new": QT_TRANSLATE_NOOP("PhotoStates", "new"),
    "recognised": QT_TRANSLATE_NOOP("PhotoStates", "recognised"),
    "uncertain": QT_TRANSLATE_NOOP("PhotoStates", "uncertain"),
    "labelled": QT_TRANSLATE_NOOP("PhotoStates", "labelled"),
}


def state_word(state: PhotoState) -> str:
    return QCoreApplication.translate("PhotoStates", STATE_WORDS[state])


class PhotoList(QAbstractListModel):
    """Photos in the folder's order; with a filter only those of one state."""

    def __init__(self, thumbs: Thumbs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.thumbs = thumbs
        self.names: FabricNames | None = None
        self.lang = "en"
        self._entries: list[PhotoEntry] = []
        self._place: dict[Path, int] = {}
        self._shown: list[int] = []
        self._row: dict[int, int] = {}
        self._filter: PhotoState | None = None
        self._counts: dict[PhotoState, int] = dict.fromkeys(STATES, 0)
        thumbs.loaded.connect(self._on_thumb)

    # -- content --------------------------------------------------------------------------------------------------

    def clear(self) -> None:
        self.beginResetModel()
        self._entries, self._place, self._shown, self._row = [], {}, [], {}
        self._counts = dict.fromkeys(STATES, 0)
        self.endResetModel()

    def add(self, entries: Iterable[PhotoEntry]) -> None:
        """Append photos as they are found."""
        before = len(self._entries)
        for entry in entries:
            self._place[entry.path] = len(self._entries)
            self._entries.append(entry)
            self._counts[entry.state] += 1
        places = range(before, len(self._entries))
        fitting = [place for place in places if self._fits(self._entries[place])]
        if fitting:
            first = len(self._shown)
            self.beginInsertRows(_NOWHERE, first, first + len(fitting) - 1)
            for place in fitting:
                self._row[place] = len(self._shown)
                self._shown.append(place)
            self.endInsertRows()

    def put(self, entry: PhotoEntry) -> None:
        """A photo's state has changed. It stays in sight until the filter is chosen anew: nothing jumps away."""
        place = self._place.get(entry.path)
        if place is None:
            return
        self._counts[self._entries[place].state] -= 1
        self._counts[entry.state] += 1
        self._entries[place] = entry
        row = self._row.get(place)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))

    def entry_of(self, photo: Path) -> PhotoEntry | None:
        place = self._place.get(photo)
        return self._entries[place] if place is not None else None

    @property
    def photos(self) -> list[Path]:
        return [entry.path for entry in self._entries]

    def __len__(self) -> int:
        """How many photos there are, in sight or not."""
        return len(self._entries)

    def counts(self) -> dict[PhotoState, int]:
        """How many there are of each state."""
        return dict(self._counts)

    def use_filter(self, state: PhotoState | None) -> None:
        """Show photos of one state, or all of them."""
        self.beginResetModel()
        self._filter = state
        self._shown = [place for place, entry in enumerate(self._entries) if self._fits(entry)]
        self._row = {place: row for row, place in enumerate(self._shown)}
        self.endResetModel()

    def _fits(self, entry: PhotoEntry) -> bool:
        return self._filter is None or entry.state == self._filter

    def row_of(self, photo: Path) -> int | None:
        """The row in sight of a photo."""
        place = self._place.get(photo)
        return None if place is None else self._row.get(place)

    def neighbour(self, photo: Path | None, step: int) -> Path | None:
        """The next photo in sight after this one, or before it; from a photo that is not in sight, by the folder."""
        if not self._shown:
            return None
        place = self._place.get(photo) if photo is not None else None
        if place is None:
            return self._entries[self._shown[0 if step > 0 else -1]].path
        row = self._row.get(place)
        if row is not None:
            row += step
        elif step > 0:
            row = next((row for row, shown in enumerate(self._shown) if shown > place), len(self._shown))
        else:
            row = next((row for row in reversed(range(len(self._shown))) if self._shown[row] < place), -1)
        return self._entries[self._shown[row]].path if 0 <= row < len(self._shown) else None

    def show_names(self, names: FabricNames | None, lang: str) -> None:
        """Name fabrics by these from now on."""
        self.names, self.lang = names, lang
        if self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))

    def _on_thumb(self, photo: Path) -> None:
        row = self.row_of(photo)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row), [Qt.ItemDataRole.DecorationRole])

    # -- as Qt asks -----------------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        entry = self._entries[self._shown[index.row()]]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.path.name
        if role == ENTRY_ROLE:
            return entry
        if role == STATE_ROLE:
            return self.told(entry)
        if role == Qt.ItemDataRole.DecorationRole:
            return self.thumbs.picture(entry.path)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{entry.path}\n{self.told(entry)}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.path.name}, {self.told(entry)}"
        return None

    def told(self, entry: PhotoEntry) -> str:
        """What is known of a photo, in a few words: the mark says the state without its colour."""
        name = self.names.name(entry.fabric_id, self.lang) if self.names is not None and entry.fabric_id else ""
        if entry.state == "labelled":
            return f"✓ {name}"
        if entry.state == "new" or not name:
            return state_word(entry.state)
        share = f" {sure_per_cent(entry.confidence, self.lang)}" if entry.confidence is not None else ""
        return f"? {name}{share}" if entry.state == "uncertain" else f"{name}{share}"


class PhotoDelegate(QStyledItemDelegate):
    """A photo of the strip: its picture on the canvas's grey, its name, and what is known of it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(3 * _SIDE, PHOTO_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        palette, rect = option.palette, QRect(option.rect)  # type: ignore[attr-defined]
        if selected:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Highlight))
        box = QRect(rect.left() + GRID, rect.top() + GRID // 2, _SIDE, _SIDE)
        paint_thumb(painter, box, index.data(Qt.ItemDataRole.DecorationRole))
        main = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        quiet = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.PlaceholderText
        left, width = box.right() + GRID, rect.right() - box.right() - 2 * GRID
        painter.setFont(QApplication.font())
        metrics, middle = painter.fontMetrics(), rect.center().y()
        painter.setPen(palette.color(main))
        name = fitting(metrics, str(index.data()), Qt.TextElideMode.ElideMiddle, width)
        painter.drawText(left, middle - 4, name)
        painter.setPen(palette.color(quiet))
        told = fitting(metrics, str(index.data(STATE_ROLE)), Qt.TextElideMode.ElideRight, width)
        painter.drawText(left, middle + metrics.ascent() + 4, told)


def paint_thumb(painter: QPainter, box: QRect, picture: object) -> None:
    """A small picture in the middle of a square, never stretched; a square of grey where there is none."""
    painter.fillRect(box, SURROUND)
    if not isinstance(picture, QPixmap) or picture.isNull():
        return
    ratio = painter.device().devicePixelRatio()
    mode = Qt.AspectRatioMode.KeepAspectRatio
    fitted = picture.scaled(box.size() * ratio, mode, Qt.TransformationMode.SmoothTransformation)
    fitted.setDevicePixelRatio(ratio)
    size = fitted.deviceIndependentSize()
    left = box.left() + round((box.width() - size.width()) / 2)
    painter.drawPixmap(left, box.top() + round((box.height() - size.height()) / 2), fitted)
