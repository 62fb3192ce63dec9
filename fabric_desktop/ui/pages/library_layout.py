"""The library page's parts and their places and words. What they do is `library_page`'s."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.icons import icon
from fabric_desktop.ui.pages.fabric_form import FabricForm
from fabric_desktop.ui.pages.fabric_list import FabricDelegate, FabricList
from fabric_desktop.ui.pages.health_view import HealthView
from fabric_desktop.ui.pages.page import Page, margins
from fabric_desktop.ui.pages.reference_grid import ReferenceGrid
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import ActionButton, Heading, Text
from fabric_desktop.ui.workbench import Workbench

_SIZE = (1180, 760)


def _button(icon_name: str = "") -> QPushButton:
    """A button that Enter in a field does not press."""
    made = QPushButton()
    made.setAutoDefault(False)
    if icon_name:
        made.setIcon(icon(icon_name))
    return made


class LibraryLayout(Page):
    """Fabrics at the left, the photos of one in the middle with how it stands, the declared data at the right."""

    def __init__(self, workbench: Workbench, actions: Actions, thumbs: Thumbs, parent: QWidget) -> None:
        super().__init__(workbench, actions, parent, _SIZE)
        self.summary = Text(quiet=True)
        self.refresh_button = _button("bank")
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.list = QListView()
        self.fabrics = FabricList(self)
        self.list.setModel(self.fabrics)
        self.list.setItemDelegate(FabricDelegate(self.list))
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.new_button = _button("reference")
        self.title = Text(factor=1.3, strong=True)
        self.other = Text(quiet=True)
        self.grid = ReferenceGrid(thumbs)
        self.add_button = _button("reference")
        self.paste_button = _button("paste")
        self.replace_button = _button()
        self.remove_button = _button("delete")
        self.trash_button = _button()
        self.health_heading = Heading()
        self.health = HealthView()
        self.form = FabricForm()
        self.rename_button = _button()
        self.merge_button = _button()
        self.remove_fabric_button = _button()
        self._build()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.summary, 1)
        head.addWidget(ActionButton(self.actions_["undo"]))
        head.addWidget(self.refresh_button)
        left, middle, right = QWidget(), QWidget(), QScrollArea()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, GRID, 0)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addWidget(self.new_button)
        column = QVBoxLayout(middle)
        column.setContentsMargins(GRID, 0, GRID, 0)
        names = QHBoxLayout()
        names.addWidget(self.title)
        names.addWidget(self.other, 1)
        column.addLayout(names)
        tools = QHBoxLayout()
        for tool in (self.add_button, self.paste_button, self.replace_button, self.remove_button):
            tools.addWidget(tool)
        tools.addStretch()
        tools.addWidget(self.trash_button)
        column.addLayout(tools)
        column.addWidget(self.grid, 3)
        column.addWidget(self.health_heading)
        column.addWidget(self.health, 2)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(GRID, 0, GRID, 0)
        column.addWidget(self.form, 1)
        row = QHBoxLayout()
        for tool in (self.rename_button, self.merge_button, self.remove_fabric_button):
            row.addWidget(tool)
        column.addLayout(row)
        right.setWidget(holder)
        right.setWidgetResizable(True)
        right.setFrameShape(QScrollArea.Shape.NoFrame)
        right.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.split = QSplitter()
        for part, stretch in ((left, 0), (middle, 1), (right, 0)):
            self.split.addWidget(part)
            self.split.setStretchFactor(self.split.count() - 1, stretch)
        self.split.setChildrenCollapsible(False)
        self.split.setSizes([250, 560, 340])
        left.setMinimumWidth(25 * GRID)
        right.setMinimumWidth(330)
        page = QVBoxLayout(self.body)
        margins(page)
        page.setSpacing(2 * GRID)
        page.addLayout(head)
        page.addWidget(self.split, 1)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Library"))
        words: tuple[tuple[QPushButton, str], ...] = (
            (self.refresh_button, self.tr("Bring the model up to date")),
            (self.new_button, self.tr("New fabric…")),
            (self.add_button, self.tr("Add photos…")),
            (self.paste_button, self.tr("Paste")),
            (self.replace_button, self.tr("Replace…")),
            (self.remove_button, self.tr("Remove")),
            (self.trash_button, self.tr("Trash")),
            (self.rename_button, self.tr("Rename…")),
            (self.merge_button, self.tr("Merge…")),
            (self.remove_fabric_button, self.tr("Remove fabric")),
        )
        for tool, text in words:
            tool.setText(text)
        self.search.setPlaceholderText(self.tr("Search, in Chinese or English"))
        self.search.setAccessibleName(self.tr("Search the fabrics"))
        self.list.setAccessibleName(self.tr("Fabrics"))
        self.grid.setAccessibleName(self.tr("Reference photos"))
        self.grid.words_when_empty = self.tr("Drop photos here: 3 to 5, best of different pieces of the cloth.")
        self.health_heading.setText(self.tr("HOW IT STANDS"))
