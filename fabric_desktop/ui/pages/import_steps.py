"""The first step of bringing swatches: where they are and what their names say. What would be done is `plan_step`'s."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QRadioButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.errors import FabricError
from fabric_desktop.library.lists import LIST_ENDINGS
from fabric_desktop.library.patterns import ParsedName
from fabric_desktop.library.sources import FolderSource, ImportSource, ListSource, NamesSource
from fabric_desktop.ui.pages.page import button
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Text, is_language_change
from fabric_desktop.wording import explain

KINDS = ("folders", "names", "list")


class SourceStep(QWidget):
    """What the person has, where it is, and for names the pattern with what it reads."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.kinds = {kind: QRadioButton() for kind in KINDS}
        self.hints = {kind: Text(quiet=True, wrap=True) for kind in KINDS}
        group = QButtonGroup(self)
        self.path = QLineEdit()
        self.choose = button(self._choose)
        self.level = QComboBox()
        self.pattern_label, self.pattern = Text(quiet=True), QLineEdit()
        self.pattern_help = Text(quiet=True, wrap=True)
        self.problem = Text(strong=True, wrap=True)
        self.preview = table(3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for kind in KINDS:
            group.addButton(self.kinds[kind])
            column.addWidget(self.kinds[kind])
            indented = QHBoxLayout()
            indented.setContentsMargins(3 * GRID, 0, 0, GRID)
            indented.addWidget(self.hints[kind])
            column.addLayout(indented)
            self.kinds[kind].toggled.connect(lambda on: self._on_kind() if on else None)
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        row.addWidget(self.choose)
        column.addLayout(row)
        column.addWidget(self.level)
        column.addWidget(self.pattern_label)
        column.addWidget(self.pattern)
        column.addWidget(self.pattern_help)
        column.addWidget(self.problem)
        column.addWidget(self.preview, 1)
        column.addStretch()
        self.kinds["folders"].setChecked(True)
        self.setAcceptDrops(True)
        self.path.textEdited.connect(lambda _text: self._on_path())
        self.path.editingFinished.connect(self.changed)
        self.pattern.textEdited.connect(lambda _text: self.changed.emit())
        self.retranslate()
        self._on_kind()

    @property
    def kind(self) -> str:
        return next(kind for kind in KINDS if self.kinds[kind].isChecked())

    @property
    def folder(self) -> Path | None:
        """The folder or list that was chosen."""
        text = self.path.text().strip()
        # As "Copy as path" of Windows gives it, and as file managers give a place.
        text = QUrl(text).toLocalFile() if text.startswith("file://") else text.strip('"')
        return Path(text) if text else None

    def source(self) -> ImportSource | None:
        """What the import would read."""
        path = self.folder
        if path is None:
            return None
        if self.kind == "folders":
            return FolderSource(path, "leaf" if self.level.currentIndex() == 1 else "top")
        return NamesSource(path, self.pattern.text()) if self.kind == "names" else ListSource(path)

    def _on_kind(self) -> None:
        names = self.kind == "names"
        for widget in (self.pattern_label, self.pattern, self.pattern_help, self.preview):
            widget.setVisible(names)
        self.level.setVisible(self.kind == "folders")
        self.problem.hide()
        self.changed.emit()

    def _on_path(self) -> None:
        """What was typed, pasted or dropped says whether it is a list."""
        path = self.folder
        if path is not None and path.suffix.lower() in LIST_ENDINGS:
            self.kinds["list"].setChecked(True)
        self.changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        places = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if not places:
            return
        event.acceptProposedAction()
        self.take(Path(places[0]))

    def take(self, place: Path) -> None:
        """Make `place`, a folder or a list, what is looked at."""
        self.path.setText(str(place))
        if self.kind == "list" and place.suffix.lower() not in LIST_ENDINGS:
            self.kinds["folders"].setChecked(True)
        self._on_path()

    def _choose(self) -> None:
        if self.kind == "list":
            kinds = self.tr("Lists") + " (*.xlsx *.csv *.tsv *.txt);;" + self.tr("All files") + " (*)"
            chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Choose the list"), "", kinds)
        else:
            chosen = QFileDialog.getExistingDirectory(self, self.tr("Choose the folder"), self.path.text())
        if chosen:
            self.path.setText(chosen)
            self.changed.emit()

    def show_preview(self, names: list[ParsedName], problem: FabricError | None, lang: str) -> None:
        """Show what the names say, or why the pattern cannot be used."""
        self.problem.setVisible(problem is not None)
        if problem is not None:
            self.problem.setText(explain(problem, lang).what)
        lines = []
        for parsed in names:
            more = {key: text for key, text in (parsed.fields or {}).items() if text != parsed.fabric or key == "n"}
            read = ", ".join(more.values())
            lines.append((parsed.name, parsed.fabric or self.tr("does not fit"), read))
        fill(self.preview, lines)

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.kinds["folders"].setText(self.tr("A folder with a folder for each fabric"))
        self.hints["folders"].setText(self.tr("The folders' names become the fabrics."))
        self.kinds["names"].setText(self.tr("Photos with the article number in their names"))
        self.hints["names"].setText(self.tr("Such as AB-1204_3.jpg; how to read the names is shown below."))
        self.kinds["list"].setText(self.tr("A list in Excel or CSV"))
        self.hints["list"].setText(
            self.tr("Columns such as file, fabric, names, fibre, weight, supplier; headings in Chinese or English.")
        )
        self.path.setPlaceholderText(self.tr("Where it is"))
        self.path.setAccessibleName(self.tr("Where it is"))
        self.choose.setText(self.tr("Choose…"))
        at = max(0, self.level.currentIndex())
        self.level.clear()
        self.level.addItems([self.tr("Each folder at the top is a fabric"), self.tr("Each folder with photos is one")])
        self.level.setCurrentIndex(at)
        self.level.setAccessibleName(self.tr("Which folders are fabrics"))
        self.pattern_label.setText(self.tr("How the names are made"))
        self.pattern.setAccessibleName(self.tr("How the names are made"))
        # Square brackets here: curly ones in a text are placeholders to the translation check.
        text = self.tr(
            "[article], [fabric], [name_zh], [name_en], [supplier], [type], [n] a number, [any] anything; "
            "with curly brackets."
        )
        self.pattern_help.setText(text.replace("[", "{").replace("]", "}"))
        self.preview.setHorizontalHeaderLabels([self.tr("File"), self.tr("Fabric"), self.tr("Further")])
        self.preview.setAccessibleName(self.tr("What the first names say"))


def table(columns: int) -> QTableWidget:
    """A plain table to read."""
    made = QTableWidget(0, columns)
    made.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    made.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    made.setShowGrid(False)
    made.setTabKeyNavigation(False)
    made.setWordWrap(False)
    made.verticalHeader().hide()
    header = made.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setStretchLastSection(True)
    return made


def fill(made: QTableWidget, lines: Sequence[tuple[str, ...]]) -> None:
    """Put lines of text into a table."""
    made.setRowCount(len(lines))
    for row, line in enumerate(lines):
        for place, text in enumerate(line):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            made.setItem(row, place, item)
    made.resizeColumnsToContents()
    for place in range(made.columnCount()):
        made.setColumnWidth(place, min(made.columnWidth(place) + GRID, 480))

