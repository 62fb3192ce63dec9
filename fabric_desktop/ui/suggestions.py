"""The lines of the type-ahead list: shown in both languages, taken in the one in use."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

NAME_ROLE = Qt.ItemDataRole.UserRole
_NOWHERE = QModelIndex()


class Suggestions(QAbstractListModel):
    """Fabrics by id with their two names. NAME_ROLE is what goes into the field, DisplayRole what the list shows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[tuple[str, str, str]] = []

    def show(self, fabrics: list[tuple[str, str, str]], lang: str) -> None:
        """Show these fabrics: id, Chinese name, English name."""
        self.beginResetModel()
        self._lines = [(fabric, zh, en) if lang == "zh" else (fabric, en, zh) for fabric, zh, en in fabrics]
        self.endResetModel()

    def line(self, row: int) -> tuple[str, str] | None:
        """Id and name of a line, or None."""
        return self._lines[row][:2] if 0 <= row < len(self._lines) else None

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if not index.isValid() or index.row() >= len(self._lines):
            return None
        _, name, other = self._lines[index.row()]
        if role == NAME_ROLE:
            return name
        if role == Qt.ItemDataRole.DisplayRole:
            return name if name == other else f"{name}   {other}"
        return None
