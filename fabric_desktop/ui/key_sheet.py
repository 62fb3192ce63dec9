"""The sheet of all keys (F1): every action by menu with its key. Not modal; Esc closes it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from fabric_desktop.ui.actions import MENUS, SPECS, Actions, plain
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Heading, Text, is_language_change

_COLUMNS = (("file", "edit"), ("view", "view/language", "view/theme"), ("library", "model", "help", "canvas"))


class KeySheet(QDialog):
    """All keys in three columns."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = actions
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        self._row.setSpacing(5 * GRID)
        self._row.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._columns: list[QWidget] = []
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Keys"))
        for widget in self._columns:
            widget.hide()
            widget.deleteLater()
        self._columns = [self._column(menus) for menus in _COLUMNS]
        for widget in self._columns:
            self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)

    def _column(self, menus: tuple[str, ...]) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        for menu in menus:
            block = QGridLayout()
            block.setHorizontalSpacing(3 * GRID)
            block.setVerticalSpacing(4)
            block.setColumnStretch(0, 1)
            block.addWidget(Heading(self._title(menu)), 0, 0, 1, 2)
            for line, (words, keys) in enumerate(self._lines(menu), start=1):
                block.addWidget(Text(words), line, 0)
                block.addWidget(Text(keys, quiet=True), line, 1, Qt.AlignmentFlag.AlignRight)
            column.addLayout(block)
        return holder

    def _title(self, menu: str) -> str:
        names = {
            "view/language": self.tr("Language"),
            "view/theme": self.tr("Theme"),
            "canvas": self.tr("On the photograph"),
        }
        return names[menu] if menu in names else plain(QCoreApplication.translate("Menus", MENUS[menu]))

    def _lines(self, menu: str) -> list[tuple[str, str]]:
        if menu == "canvas":
            return [
                (self.tr("Zoom at the cursor"), self.tr("Wheel")),
                (self.tr("Move the photograph"), self.tr("Space or middle button")),
                (self.tr("Nudge the region"), self.tr("Arrows, Shift by ten")),
                (self.tr("Square box"), self.tr("Shift")),
                (self.tr("Leave the region"), self.tr("Esc")),
            ]
        lines = [(self._actions.text(spec), _keys(spec.keys)) for spec in SPECS if spec.menu == menu]
        if menu == "edit":
            lines.insert(4, (self.tr("Accept a candidate"), "1 - 9"))
        return lines


def _keys(keys: tuple[str, ...]) -> str:
    native = [QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys]
    return ", ".join(dict.fromkeys(native))
