"""The table of versions: what is in each, how it did, which is in use; use one, compare two. Reads no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.ui.i18n import encoder_name
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Text, is_language_change

if TYPE_CHECKING:
    from fabric_desktop.loop.versions import VersionRow


class VersionsWindow(QDialog):
    """Newest first; the one in use is marked."""

    use_wanted = Signal(str)
    compare_wanted = Signal(str, str)  # the older, the newer

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: tuple[VersionRow, ...] = ()
        self._writable = False
        self.table = QTableWidget()
        self.hint = Text(quiet=True, wrap=True)
        self.use, self.compare = QPushButton(), QPushButton()
        self.resize(860, 380)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.addWidget(self.table, 1)
        row = QHBoxLayout()
        row.addWidget(self.hint, 1)
        for button in (self.compare, self.use):
            button.setAutoDefault(False)
            row.addWidget(button)
        column.addLayout(row)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.itemSelectionChanged.connect(self._update)
        self.use.clicked.connect(lambda: self.use_wanted.emit(self._chosen()[0].name))
        self.compare.clicked.connect(self._compare)
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Versions of the model"))
        self.table.setAccessibleName(self.tr("Versions of the model"))
        self.use.setText(self.tr("Use this version"))
        self.compare.setText(self.tr("Compare the two"))
        self.hint.setText(self.tr("Choose one to use it, two (Ctrl and click) to compare them."))
        self.show_rows(self._rows, writable=self._writable)

    def show_rows(self, rows: tuple[VersionRow, ...], *, writable: bool) -> None:
        """Show the versions of a studio, given oldest first."""
        self._rows, self._writable = tuple(sorted(rows, key=lambda row: int(row.name.lstrip("v")))), writable
        titles = [
            self.tr("Version"),
            self.tr("Made"),
            self.tr("Encoder"),
            self.tr("Fabrics"),
            self.tr("Labels"),
            self.tr("Right at once"),
            self.tr("Note"),
        ]
        self.table.setColumnCount(len(titles))
        self.table.setHorizontalHeaderLabels(titles)
        self.table.setRowCount(len(self._rows))
        for line, row in enumerate(reversed(self._rows)):
            name = self.tr("{version}, in use").format(version=row.name) if row.in_use else row.name
            made = row.created.astimezone().strftime("%Y-%m-%d %H:%M") if row.created is not None else "-"
            texts = [
                name,
                made,
                encoder_name(row.encoder),
                str(row.fabrics),
                "-" if row.samples is None else str(row.samples),
                "-" if row.scores is None else f"{100 * row.scores.top1:.0f} %",
                row.note,
            ]
            for place, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, row.name)
                self.table.setItem(line, place, item)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        self._update()

    def _chosen(self) -> list[VersionRow]:
        """The selected versions, oldest first."""
        names = {item.data(Qt.ItemDataRole.UserRole) for item in self.table.selectedItems()}
        return [row for row in self._rows if row.name in names]

    def _update(self) -> None:
        chosen = self._chosen()
        self.use.setEnabled(self._writable and len(chosen) == 1 and not chosen[0].in_use)
        self.compare.setEnabled(len(chosen) == 2)

    def _compare(self) -> None:
        older, newer = self._chosen()
        self.compare_wanted.emit(older.name, newer.name)
