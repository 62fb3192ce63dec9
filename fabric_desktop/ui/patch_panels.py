"""Two panels of patches: the review queue, and all patches with a label. What they ask for is done by `reviewing`."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from fabric_desktop.ui.fabric_field import FabricField
from fabric_desktop.ui.i18n import counts, sure_per_cent
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.patch_grid import MOST_SHOWN, PatchGrid
from fabric_desktop.ui.reviewing import Reviewing, ShownPatch
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import EmptyState, Heading, Text, is_language_change
from fabric_desktop.ui.workbench import Workbench


class PatchPanel(QWidget):
    """A grid of patches with the field for a fabric's name above it."""

    left = Signal()
    LIST = ""

    def __init__(self, workbench: Workbench, reviewing: Reviewing, thumbs: Thumbs) -> None:
        super().__init__()
        self.bench, self.reviewing = workbench, reviewing
        self.heading = Heading()
        self.count = Text(factor=0.95, quiet=True)
        self.field = FabricField(workbench)
        self.field.setMaximumWidth(30 * GRID)
        self.save, self.source, self.delete = QPushButton(), QPushButton(), QPushButton()
        self.grid = PatchGrid(thumbs)
        self.empty = EmptyState()
        self.stack = QStackedWidget()
        self.head = QHBoxLayout()
        self._build()
        self.field.confirmed.connect(self.save.click)
        self.field.name_changed.connect(self._update_buttons)
        self.field.textChanged.connect(lambda _text: self._update_buttons())
        self.field.left.connect(self.grid.setFocus)
        self.save.clicked.connect(self._name)
        self.source.clicked.connect(self._jump)
        self.delete.clicked.connect(self._delete)
        self.grid.deleted.connect(self._delete)
        self.grid.opened.connect(self._jump)
        self.grid.naming.connect(self.field.take_focus)
        self.grid.left.connect(self.left)
        self.grid.itemSelectionChanged.connect(self._update_buttons)
        workbench.facts_changed.connect(self.refresh)
        self.retranslate()

    def _build(self) -> None:
        self.head.setSpacing(GRID)
        self.head.addWidget(self.heading)
        self.head.addWidget(self.count)
        self.head.addStretch()
        self.head.addWidget(self.field)
        for button in (self.save, self.source, self.delete):
            button.setAutoDefault(False)
            self.head.addWidget(button)
        empty = QWidget()
        around = QVBoxLayout(empty)
        around.setContentsMargins(0, GRID, 0, 0)
        around.addWidget(self.empty)
        self.stack.addWidget(empty)
        self.stack.addWidget(self.grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        column.setSpacing(GRID)
        column.addLayout(self.head)
        column.addWidget(self.stack, 1)

    def retranslate(self) -> None:
        self.field.setPlaceholderText(self.tr("Fabric, in Chinese or English"))
        self.field.setMinimumWidth(self.field.fontMetrics().horizontalAdvance(self.field.placeholderText()) + 2 * GRID)
        self.field.setAccessibleName(self.tr("Name of the fabric"))
        self.source.setText(self.tr("Go to photograph"))
        self.delete.setText(self.tr("Delete"))
        self.source.setToolTip(self.tr("Open the photograph the patch was cut from  (J)"))
        self.delete.setToolTip(self.tr("Put the selected patches into the trash; Undo brings them back  (Del)"))
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        self.reviewing.watch(self.LIST, True)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self.reviewing.watch(self.LIST, False)
        super().hideEvent(event)

    def patches(self) -> tuple[ShownPatch, ...]:
        """What is to be shown."""
        return ()

    def words(self, patch: ShownPatch) -> list[str]:
        """What stands under a patch."""
        return [patch.path.stem]

    def name_patches(self, paths: list[Path], fabric_id: str) -> None:
        """What giving patches a fabric means in this panel."""

    def refresh(self) -> None:
        patches = self.patches()
        self.grid.show_patches(patches, self.words)
        more = len(patches) > MOST_SHOWN
        shown = self.tr("the first {shown} of {count}").format(shown=MOST_SHOWN, count=len(patches))
        self.count.setText(shown if more else counts.patches(len(patches)) if patches else "")
        self.stack.setCurrentIndex(1 if patches else 0)
        self._update_buttons()

    def name_of(self, fabric_id: str) -> str:
        facts = self.bench.facts
        return facts.names.name(fabric_id, self.bench.lang) if facts is not None else fabric_id

    def _update_buttons(self) -> None:
        chosen = self.grid.chosen()
        self.save.setEnabled(bool(chosen) and self.field.has_name and self.bench.writable)
        self.delete.setEnabled(bool(chosen) and self.bench.writable)
        current = self.grid.current()
        self.source.setEnabled(current is not None and bool(current.record.get("source_photo")))

    def _name(self) -> None:
        if self.save.isEnabled():
            self.name_patches([patch.path for patch in self.grid.chosen()], self.field.fabric_id())
            self.field.clear()
            self.grid.setFocus()

    def _delete(self) -> None:
        if self.delete.isEnabled():
            self.reviewing.trash([patch.path for patch in self.grid.chosen()])

    def _jump(self) -> None:
        current = self.grid.current()
        if current is not None and self.source.isEnabled():
            self.reviewing.jump(current)


class QueuePanel(PatchPanel):
    """Patches the program was unsure of, or that the person kept: the most useful one to label first."""

    LIST = "queue"

    def __init__(self, workbench: Workbench, reviewing: Reviewing, thumbs: Thumbs) -> None:
        super().__init__(workbench, reviewing, thumbs)
        self.grid.accepted.connect(self._accept)
        reviewing.queue_changed.connect(self.refresh)

    def retranslate(self) -> None:
        self.heading.setText(self.tr("REVIEW QUEUE"))
        self.save.setText(self.tr("Save label"))
        self.save.setToolTip(self.tr("Keep the selected patches as examples of this fabric"))
        self.grid.setAccessibleName(self.tr("Review queue"))
        self.empty.set_words(
            self.tr("Nothing waits for review"),
            self.tr("Regions the program is unsure of, and those you keep with U, are gathered here."),
        )
        super().retranslate()

    def patches(self) -> tuple[ShownPatch, ...]:
        return self.reviewing.queue

    def words(self, patch: ShownPatch) -> list[str]:
        lines = [f"{self.name_of(fabric)}  {sure_per_cent(share)}" for fabric, share in patch.candidates]
        return [f"{place}  {line}" for place, line in enumerate(lines, start=1)] or [patch.path.stem]

    def name_patches(self, paths: list[Path], fabric_id: str) -> None:
        self.reviewing.accept({fabric_id: paths})

    def _accept(self, place: int) -> None:
        """Each selected patch is what its own candidate at this place says."""
        named: dict[str, list[Path]] = {}
        for patch in self.grid.chosen():
            if place <= len(patch.candidates):
                named.setdefault(patch.candidates[place - 1][0], []).append(patch.path)
        if self.bench.writable:
            self.reviewing.accept(named)


class LabelledPanel(PatchPanel):
    """All patches with a label, of one fabric or of every one."""

    LIST = "patches"

    def __init__(self, workbench: Workbench, reviewing: Reviewing, thumbs: Thumbs) -> None:
        self.filter = QComboBox()
        self._wanted: str | None = None
        self._wanted_patch: Path | None = None
        super().__init__(workbench, reviewing, thumbs)
        self.head.insertWidget(2, self.filter)
        self.filter.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.filter.activated.connect(lambda _at: self.refresh())
        reviewing.patches_changed.connect(self.refresh)

    def show_fabric(self, fabric: str, patch: Path | None = None) -> None:
        """Show the patches of one fabric with one of them chosen, now or as soon as they are read."""
        self._wanted, self._wanted_patch = fabric, patch
        self.refresh()

    def retranslate(self) -> None:
        self.heading.setText(self.tr("LABELLED PATCHES"))
        self.save.setText(self.tr("Relabel"))
        self.save.setToolTip(self.tr("Give the selected patches this fabric; the evaluation set follows"))
        self.grid.setAccessibleName(self.tr("Labelled patches"))
        self.filter.setAccessibleName(self.tr("Show the patches of this fabric"))
        self.empty.set_words(
            self.tr("No patch has a label yet"),
            self.tr("Choose a region on a photograph and name it; it is kept as an example and shown here."),
        )
        super().retranslate()

    def refresh(self) -> None:
        chosen = self._wanted or self.filter.currentData()
        fabrics = sorted({patch.fabric_id for patch in self.reviewing.patches})
        self.filter.clear()
        self.filter.addItem(self.tr("All fabrics"), "")
        for fabric in fabrics:
            count = sum(patch.fabric_id == fabric for patch in self.reviewing.patches)
            self.filter.addItem(f"{self.name_of(fabric)}  {count}", fabric)
        self.filter.setCurrentIndex(max(0, self.filter.findData(chosen)))
        if self._wanted is not None and self.filter.currentData() == self._wanted:
            self._wanted = None
        super().refresh()
        if self._wanted_patch is not None and self.grid.choose(self._wanted_patch):
            self._wanted_patch = None

    def patches(self) -> tuple[ShownPatch, ...]:
        wanted = self.filter.currentData()
        return tuple(patch for patch in self.reviewing.patches if not wanted or patch.fabric_id == wanted)

    def words(self, patch: ShownPatch) -> list[str]:
        return [self.name_of(patch.fabric_id)]

    def name_patches(self, paths: list[Path], fabric_id: str) -> None:
        self.reviewing.relabel(paths, fabric_id)
