"""About: the program's version, whose work it is made of, and the licences in their own words."""

from __future__ import annotations

import platform

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop import __version__, logs
from fabric_desktop.jobs import Cancelled
from fabric_desktop.support.licences import Work, all_works, licence_text
from fabric_desktop.ui import titles
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.icons import app_icon
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages.page import Page, button
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Heading, Text
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import say

_SIZE = (820, 720)
_ICON = 64


class AboutPage(Page):
    """The page. What is installed is read when it is first opened."""

    def __init__(self, workbench: Workbench, actions: Actions, parent: QWidget) -> None:
        super().__init__(workbench, actions, parent, _SIZE)
        self.works: list[Work] = []
        self.title = Text(factor=1.5, strong=True)
        self.about, self.versions = Text(wrap=True), Text(quiet=True, wrap=True)
        self.versions.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(_ICON, _ICON))
        self.heading = Heading()
        self.table = QTableWidget(0, 3)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        # Some licences are a list of several.
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setTabKeyNavigation(False)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.copy = button(self._copy, "copy")
        words = QVBoxLayout()
        words.setSpacing(4)
        for label in (self.title, self.about, self.versions):
            words.addWidget(label)
        top = QHBoxLayout()
        top.setSpacing(2 * GRID)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        top.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.text)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.addLayout(top)
        column.addSpacing(GRID)
        column.addWidget(self.heading)
        column.addWidget(split, 1)
        self.table.currentCellChanged.connect(lambda *_: self._show_text())
        self.retranslate()

    def bring_up(self) -> None:
        super().bring_up()
        self.table.setFocus()
        self.bench.start(self._read())

    async def _read(self) -> None:
        """What is installed may have changed since: CLIP's engine comes while the window is open."""
        try:
            self.works = await self.bench.runner.run(
                titles.LICENCES, lambda _context: all_works(), Priority.PICTURE, quiet=True
            )
        except Cancelled:
            return
        self._show()

    def _show(self) -> None:
        at = max(0, self.table.currentRow())
        self.table.setRowCount(len(self.works))
        for line, work in enumerate(self.works):
            name = say(f"licence_work.{work.note}", self.lang) if work.note else work.name
            licence = work.licence or self.tr("not named by the package")
            for column, text in enumerate((name, work.version, licence)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(line, column, item)
        if self.works:
            self.table.setCurrentCell(min(at, len(self.works) - 1), 0)
        self._show_text()

    def _show_text(self) -> None:
        at = self.table.currentRow()
        if not 0 <= at < len(self.works):
            self.text.setPlainText("")
            return
        work = self.works[at]
        text = licence_text(work.name) if work.kind == "package" else work.text
        if work.note:
            text = f"{say(f'licence_note.{work.note}', self.lang)}\n\n{text}"
        missing = self.tr("The package brings no text of its licence along; its metadata names: {licence}")
        self.text.setPlainText(text or missing.format(licence=work.licence or "-"))

    def _copy(self) -> None:
        lines = [logs.about(), ""]
        lines += [f"{work.name} {work.version}, {work.licence}" for work in self.works]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("About Fabric Desktop"))
        self.title.setText(self.tr("Fabric Desktop {version}").format(version=__version__))
        self.about.setText(
            self.tr("Names the fabric in a photograph, on this computer alone. Free software under the MIT licence.")
        )
        system = f"{platform.system()} {platform.release()}"
        self.versions.setText(f"Python {platform.python_version()}, Qt {qVersion()}, {system}")
        self.heading.setText(self.tr("MADE OF THE WORK OF MANY"))
        self.table.setHorizontalHeaderLabels([self.tr("Work"), self.tr("Version"), self.tr("Licence")])
        self.table.setAccessibleName(self.tr("Packages and their licences"))
        self.text.setAccessibleName(self.tr("Text of the licence"))
        self.copy.setText(self.tr("Copy versions"))
        self._show()
