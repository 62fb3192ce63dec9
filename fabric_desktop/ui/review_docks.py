"""Where the review queue and the labelled patches meet the window: their docks, and the actions that lead to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget

from fabric_desktop.ui.dock_grip import give_grip
from fabric_desktop.ui.patch_panels import LabelledPanel, PatchPanel, QueuePanel
from fabric_desktop.ui.reviewing import Reviewing

if TYPE_CHECKING:
    from fabric_desktop.ui.main_window import MainWindow

_HEIGHT = 230


class Review(QObject):
    """The two docks below the photograph; hidden until they are asked for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.reviewing = Reviewing(window.bench, window.pages.changing, self)
        self.queue = QueuePanel(window.bench, self.reviewing, window.pages.thumbs)
        self.labelled = LabelledPanel(window.bench, self.reviewing, window.pages.thumbs)
        # The answer keeps its whole height; the queue lies below the photograph alone.
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.queue_dock = self._dock("queue_dock", "queue_panel", self.queue)
        self.labelled_dock = self._dock("labelled_dock", "labelled_panel", self.labelled)

    def _dock(self, name: str, action: str, panel: PatchPanel) -> QDockWidget:
        dock = QDockWidget(self._window)
        dock.setObjectName(name)
        dock.setWidget(panel)
        give_grip(dock)
        dock.visibilityChanged.connect(lambda _shown: self._window.actions_[action].setChecked(not dock.isHidden()))
        self._window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
        dock.hide()
        panel.left.connect(self._window.canvas.setFocus)
        return dock

    def table(self) -> dict[str, Callable[[], object]]:
        """What each action does."""
        return {
            "keep_unknown": self.reviewing.keep_region,
            "next_queued": self.next_queued,
            "queue_panel": lambda: self._turn(self.queue_dock),
            "labelled_panel": lambda: self._turn(self.labelled_dock),
        }

    def next_queued(self) -> None:
        """Show the queue and go on to its next patch; its keys are those of the candidates."""
        if self.queue_dock.isHidden():
            self._turn(self.queue_dock)
        else:
            self.queue.grid.step()
            self.queue.grid.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_fabric(self, fabric: str, patch: Path | None = None) -> None:
        """Show the labelled patches of one fabric, with one of them chosen."""
        self.labelled.show_fabric(fabric, patch)
        if self.labelled_dock.isHidden():
            self._turn(self.labelled_dock)

    def _turn(self, dock: QDockWidget) -> None:
        dock.setVisible(dock.isHidden())
        panel = dock.widget()
        if dock.isHidden() or not isinstance(panel, PatchPanel):
            self._window.canvas.setFocus()
            return
        self._window.resizeDocks([dock], [_HEIGHT], Qt.Orientation.Vertical)
        if panel.grid.currentRow() < 0 and panel.grid.count():
            panel.grid.setCurrentRow(0)
        panel.grid.setFocus(Qt.FocusReason.ShortcutFocusReason)
