"""The strip of photos at the left: a folder with the state of each photo, a filter, next and previous."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.batch.scan import STATES, PhotoEntry, PhotoState, PhotoStates, scan
from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.recognition import LIKELY
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.document import Region, Stage
from fabric_desktop.ui.fitting import fitting
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.pages.photo_list import ENTRY_ROLE, PHOTO_HEIGHT, PhotoDelegate, PhotoList, state_word
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import ActionButton, EmptyState, Heading, Text, is_language_change
from fabric_desktop.ui.workbench import Workbench

_SLICE = 400  # photos looked at in one go; a click waits no longer than for these


class Filmstrip(QWidget):
    """The panel of photos. It asks for a photo to be opened and follows the one in sight."""

    folder_changed = Signal()
    count_changed = Signal()

    def __init__(self, workbench: Workbench, actions: Actions, thumbs: Thumbs) -> None:
        super().__init__()
        self._bench = workbench
        self.folder: Path | None = None
        self._scan_number = 0
        self._labelled_here: set[Path] = set()  # by a region, since the window was opened
        self.model = PhotoList(thumbs, self)
        self.heading = Heading()
        self.where = Text(factor=0.95, quiet=True)
        self.filter = QComboBox()
        # A table of one column: a list view would lay out every photo anew whenever some are added, which holds the
        # window up for longer and longer in a folder of thousands.
        self.list = QTableView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(PhotoDelegate(self.list))
        self.list.setShowGrid(False)
        self.list.setTabKeyNavigation(False)
        self.list.horizontalHeader().hide()
        self.list.horizontalHeader().setStretchLastSection(True)
        rows = self.list.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(PHOTO_HEIGHT)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QTableView.Shape.NoFrame)
        self.list.setMinimumWidth(24 * GRID)
        self.empty = EmptyState()
        self.empty.set_buttons([ActionButton(actions["open_photos"])])
        self.recognise = ActionButton(actions["recognise_folder"])
        self.body = QStackedWidget()
        self._build()
        self.list.activated.connect(self._on_chosen)
        self.list.clicked.connect(self._on_chosen)
        self.filter.activated.connect(lambda _at: self._use_filter())
        workbench.photo_changed.connect(self._follow_photo)
        workbench.facts_changed.connect(self._follow_facts)
        workbench.region_changed.connect(lambda _id: self._follow_regions())
        workbench.studio_changed.connect(self._on_studio)
        self.retranslate()

    def _build(self) -> None:
        self.body.addWidget(self.empty)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, GRID, 0)
        top.addWidget(self.filter, 1)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(0, 0, GRID, 0)
        bottom.addWidget(self.recognise, 1)
        column.addLayout(bottom)
        self.body.addWidget(full)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(GRID, GRID, 0, GRID)
        outer.setSpacing(GRID // 2)
        outer.addWidget(self.heading)
        outer.addWidget(self.where)
        outer.addWidget(self.body, 1)

    # -- the folder -----------------------------------------------------------------------------------------------

    def show_folder(self, folder: Path, *, open_first: bool = True) -> None:
        """Show a folder's photos as they are found, and open the first one."""
        another = folder != self.folder
        self.folder = folder
        self.model.clear()
        if another:
            # Else the pictures would be made of those that stand where the last folder was scrolled to.
            self.list.verticalScrollBar().setValue(0)
        self._scan_number += 1
        self._show_state()
        self.folder_changed.emit()
        self._bench.start(self._scan(folder, self._scan_number, open_first=open_first))

    def scan_again(self) -> None:
        """Read the states again, after a batch or labels for many."""
        if self.folder is not None:
            self.show_folder(self.folder, open_first=False)

    async def _scan(self, folder: Path, number: int, *, open_first: bool) -> None:
        studio = self._bench.studio
        if studio is None:
            return
        entries: Iterator[PhotoEntry] | None = None

        def work(context: JobContext) -> list[PhotoEntry]:
            nonlocal entries
            if entries is None:
                entries = scan(studio, folder, PhotoStates(studio))
            return list(itertools.islice(entries, _SLICE))

        while True:
            # The pictures of the first screen go before what is below it.
            priority = Priority.OUT_OF_SIGHT if self.has_photos else Priority.PICTURE
            try:
                some = await self._bench.runner.run(job_titles.SCAN_FOLDER, work, priority, quiet=True)
            except Cancelled:
                return
            except FabricError as error:
                self._bench.problem.emit(error)
                return
            if number != self._scan_number:
                return
            first = not self.has_photos
            self.model.add(some)
            self._show_state()
            if first and some and open_first:
                self._bench.start(self._bench.open_photo(some[0].path))
            if len(some) < _SLICE:
                break
        self._follow_photo()

    def _on_studio(self) -> None:
        if self.folder is not None:
            # Another studio knows other things of the same photos.
            self.show_folder(self.folder, open_first=False)

    # -- going about ----------------------------------------------------------------------------------------------

    @property
    def has_photos(self) -> bool:
        return len(self.model) > 0

    def step(self, by: int) -> None:
        """Open the next photo in sight, or the previous one."""
        document = self._bench.document
        photo = self.model.neighbour(document.path if document is not None else None, by)
        if photo is not None:
            self._bench.start(self._bench.open_photo(photo))

    def _on_chosen(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        document = self._bench.document
        if isinstance(entry, PhotoEntry) and (document is None or document.path != entry.path):
            self._bench.start(self._bench.open_photo(entry.path))

    def _follow_photo(self) -> None:
        document = self._bench.document
        row = self.model.row_of(document.path) if document is not None and document.path is not None else None
        if row is None:
            self.list.clearSelection()
            return
        index = self.model.index(row)
        self.list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.list.scrollTo(index)

    def _follow_regions(self) -> None:
        """The photo in sight is as far as its regions are: labelled when one is, else what the first answer says."""
        document = self._bench.document
        if document is None or document.path is None:
            return
        known = self.model.entry_of(document.path)
        found = _entry_of(document.path, document.regions)
        if known is not None and found is not None and found != known:
            if known.state == "labelled" and found.state != "labelled":
                # Labelled on another day, or by a batch: its regions need not say so. One whose label was given here
                # and taken back is looked up.
                if document.path in self._labelled_here:
                    self._labelled_here.discard(document.path)
                    self._bench.start(self._look_up(found))
                return
            if found.state == "labelled":
                self._labelled_here.add(document.path)
            self.model.put(found)
            self._show_state()

    async def _look_up(self, found: PhotoEntry) -> None:
        """Show a photo as the studio knows it: labelled still by another patch, or as far as it was `found`."""
        studio = self._bench.studio
        if studio is None:
            return

        def work(context: JobContext) -> PhotoEntry:
            return PhotoStates(studio).of(found.path)

        try:
            known = await self._bench.runner.run(job_titles.SCAN_FOLDER, work, Priority.PICTURE, quiet=True)
        except Cancelled:
            return
        if studio == self._bench.studio and found.path not in self._labelled_here:
            self.model.put(known if known.state == "labelled" else found)
            self._show_state()

    def _follow_facts(self) -> None:
        facts = self._bench.facts
        self.model.show_names(facts.names if facts is not None else None, self._bench.lang)

    def _use_filter(self) -> None:
        state: PhotoState | None = self.filter.currentData()
        self.model.use_filter(state)
        self._follow_photo()

    # -- words ----------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.heading.setText(self.tr("PHOTOS"))
        self.list.setAccessibleName(self.tr("Photos of the folder"))
        self.filter.setAccessibleName(self.tr("Which photos to show"))
        self._follow_facts()
        self._show_state()

    def _show_state(self) -> None:
        self.where.setVisible(self.folder is not None)
        if self.folder is not None:
            self.where.setText(fitting(self.where.fontMetrics(), self.folder.name, Qt.TextElideMode.ElideMiddle, 180))
            self.where.setToolTip(str(self.folder))
        if self.folder is None:
            self.empty.set_words(self.tr("No folder is open"), self.tr("Open one to go through its photos."))
        else:
            self.empty.set_words(self.tr("No photos in this folder"), self.tr("Open another one."))
        self.body.setCurrentIndex(1 if self.has_photos else 0)
        counts = self.model.counts()
        words: list[tuple[str, PhotoState | None]] = [(self.tr("all") + f"  {len(self.model)}", None)]
        words += [(f"{state_word(state)}  {counts[state]}", state) for state in STATES]
        for place, (text, state) in enumerate(words):
            if self.filter.count() <= place:
                self.filter.addItem(text, state)
            elif self.filter.itemText(place) != text:
                self.filter.setItemText(place, text)
        self.count_changed.emit()


def _entry_of(photo: Path, regions: list[Region]) -> PhotoEntry | None:
    label = next((region.label for region in regions if region.label is not None), None)
    if label is not None:
        return PhotoEntry(photo, "labelled", label.fabric_id)
    for region in regions:
        answer = region.recognition
        if region.stage is Stage.DONE and answer is not None and answer.candidates:
            first = answer.candidates[0]
            if answer.unknown is not None:
                return PhotoEntry(photo, "uncertain")
            sure = first.confidence >= LIKELY
            return PhotoEntry(photo, "recognised" if sure else "uncertain", first.id, first.confidence)
    return None
