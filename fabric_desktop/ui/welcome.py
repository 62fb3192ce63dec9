"""What stands where the photograph will be: what to do first, or what the program is doing before there is anything."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.runner import Entry, State
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import ActionButton, EmptyState, is_language_change
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import has, say


class Welcome(QWidget):
    """The empty state of the canvas."""

    def __init__(self, workbench: Workbench, actions: Actions) -> None:
        super().__init__()
        self._bench = workbench
        self._actions = actions
        self._opening = ""
        self._preparing: Entry | None = None
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Window)
        self.state = EmptyState(large=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setMaximumWidth(40 * GRID)
        column = QVBoxLayout(self)
        column.addWidget(self.state)
        self.state.add_below(self.bar)
        workbench.studio_changed.connect(self.refresh)
        workbench.facts_changed.connect(self.refresh)
        workbench.runner.changed.connect(self._on_job)
        self.refresh()

    def show_opening(self, name: str) -> None:
        """Say that a photograph is being opened, or with an empty name that this is over."""
        self._opening = name
        self.refresh()

    def _on_job(self, entry: Entry) -> None:
        if self._bench.studio is None and not entry.quiet:
            self._preparing = None if entry.over else entry
            self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.refresh()
        super().changeEvent(event)

    def refresh(self) -> None:
        bench = self._bench
        self.bar.hide()
        if self._opening:
            self._say(self.tr("Opening {photo}…").format(photo=self._opening), "")
        elif bench.studio is None:
            self._show_preparing()
        elif bench.studio.is_sample:
            self._say(
                self.tr("Open a photograph to find out which fabric it shows"),
                self.tr("Drop one here, paste one, or begin with a drawn sample."),
                "open",
                "open_sample",
            )
        elif bench.facts is not None and not bench.facts.references:
            self._say(
                self.tr("Your library is empty"),
                self.tr(
                    "Put 3 to 5 photographs of each fabric into a folder of its own inside the reference folder, "
                    "then build the bank. Until then the rules alone give an answer."
                ),
                "import_page",
                "library_page",
                "open",
            )
        elif bench.facts is not None and bench.facts.status is not None and bench.facts.status.bank_state != "ready":
            self._say(
                self.tr("Build the bank first"),
                self.tr("It lets patches be compared with the reference photographs of your library."),
                "build_bank",
                "open",
            )
        else:
            self._say(
                self.tr("Open a photograph to find out which fabric it shows"),
                self.tr("Drop one here, or paste one from the clipboard."),
                "open",
                "paste",
            )

    def _show_preparing(self) -> None:
        entry = self._preparing
        if entry is None or entry.state is not State.RUNNING or entry.progress is None:
            self._say(self.tr("One moment…"), "")
            return
        progress = entry.progress
        step = say(progress.code, self._bench.lang, **progress.params) if has(progress.code) else ""
        self._say(self.tr("Preparing drawn samples to look at"), step)
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        self.bar.show()

    def _say(self, title: str, advice: str, *actions: str) -> None:
        self.state.set_words(title, advice)
        buttons = [ActionButton(self._actions[name], main=at == 0) for at, name in enumerate(actions)]
        self.state.set_buttons(buttons)

