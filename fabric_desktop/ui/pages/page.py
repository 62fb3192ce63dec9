"""What the pages have in common: a window of their own beside the main one, a banner, undo, a language that follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QGuiApplication, QUndoStack
from PySide6.QtWidgets import QDialog, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from fabric_desktop.errors import FabricError
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.banner import Banner, Message
from fabric_desktop.ui.icons import icon
from fabric_desktop.ui.runner import Entry
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import is_language_change
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import explain, has, say

_SHARED = ("undo", "redo", "stop_job", "quit")


class Page(QDialog):
    """A page. Not modal: the photograph stays in reach. Esc closes it; it keeps its size and place while hidden."""

    def __init__(self, workbench: Workbench, actions: Actions, parent: QWidget, size: tuple[int, int]) -> None:
        super().__init__(parent)
        self.bench, self.actions_ = workbench, actions
        self.setWindowFlag(Qt.WindowType.Window, True)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint, True)
        self.body = QWidget()
        # Unlike over the photograph, what a banner would lie over here is what it speaks of: it gets room of its own.
        self._room = QWidget()
        self._room.setFixedHeight(0)
        self.banner = Banner(self)
        self.banner.installEventFilter(self)
        # What it offers is about the studio it was said of.
        workbench.studio_changed.connect(self.banner.dismiss)
        self.undo_stack: QUndoStack | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._room)
        column.addWidget(self.body, 1)
        for name in _SHARED:
            self.addAction(actions[name])
        self.wished = QSize(*size)
        self.resize(self._fitting(self.wished))

    @staticmethod
    def _fitting(wished: QSize) -> QSize:
        """The wished size, or what the screen has room for."""
        screen = QGuiApplication.primaryScreen()
        return wished if screen is None else wished.boundedTo(screen.availableSize() - QSize(2 * GRID, 8 * GRID))

    @property
    def lang(self) -> str:
        return self.bench.lang

    def bring_up(self) -> None:
        """Show the page, in front."""
        self.show()
        self.raise_()
        self.activateWindow()
        self._take_undo()

    def _take_undo(self) -> None:
        if self.undo_stack is not None:
            self.bench.undo_group.setActiveStack(self.undo_stack)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.banner and event.type() in (QEvent.Type.Show, QEvent.Type.Resize, QEvent.Type.Hide):
            gone = event.type() == QEvent.Type.Hide or self.banner.message is None
            self._room.setFixedHeight(0 if gone else self.banner.height())
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate:
            self._take_undo()
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
            self.banner.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Say everything in the language in use; each page has its own words."""

    # -- what it has to say ---------------------------------------------------------------------------------------

    def show_error(self, error: FabricError) -> None:
        """What happened, to which file, and what to do."""

        def words() -> tuple[str, str]:
            explanation = explain(error, self.lang)
            return explanation.what, explanation.do

        self.banner.show_message(Message("warning", words, list))

    def tell(
        self, words: Callable[[], tuple[str, str]], buttons: Callable[[], Sequence[QPushButton]] | None = None
    ) -> None:
        """Say what was done, and offer what to do next."""
        self.banner.show_message(Message("check", words, lambda: list(buttons()) if buttons is not None else []))


def button(do: Callable[[], object], icon_name: str = "", *, main: bool = False) -> QPushButton:
    """A push button; its words come with `retranslate`."""
    made = QPushButton()
    made.setAutoDefault(False)
    made.setDefault(main)
    if icon_name:
        made.setIcon(icon(icon_name))
    made.clicked.connect(lambda _checked=False: do())
    return made


def show_progress(entry: Entry, words: QLabel, bar: QProgressBar, lang: str) -> None:
    """What a job says it is doing, and how far it is; as it was while it has said nothing."""
    progress = entry.progress
    if progress is None:
        return
    if has(progress.code, lang):
        words.setText(say(progress.code, lang, **progress.params))
    bar.setRange(0, progress.total)
    bar.setValue(progress.done)


def margins(layout: QVBoxLayout, side: int = 2 * GRID) -> None:
    """The page's own margins around a layout."""
    layout.setContentsMargins(side, side, side, side)
