"""Changes to the library from the window: made on the job thread, put on the undo stack, told to whoever shows it.

What a change is, and how it is taken back as one step, is for `studio.changes` and `library`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.studio import Studio, StudioLock
from fabric_desktop.studio.changes import Done, undo_change
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import say

log = logging.getLogger(__name__)
T = TypeVar("T")
TakeBack = Callable[[Studio, Done], Done]


def change_of(result: Any) -> Done | None:
    """The change in what a step of the library returned, if it changed anything."""
    done = result if isinstance(result, Done) else getattr(result, "change", None)
    return done if isinstance(done, Done) and done.steps else None


class LibraryEdit(QUndoCommand):
    """A change that has been made already: the first redo does nothing, the later ones make it again."""

    def __init__(self, changing: Changing, studio: Studio, done: Done, take_back: TakeBack, text: str) -> None:
        super().__init__(text)
        self.changing, self.studio, self.done, self.take_back = changing, studio, done, take_back
        self.broken = False
        self._made = True

    def redo(self) -> None:
        if self._made:
            self._made = False
            return
        self._turn(undo_change)

    def undo(self) -> None:
        self._turn(self.take_back)

    def _turn(self, turn: TakeBack) -> None:
        if self.broken:
            self.setObsolete(True)
            return
        self.changing.turn(self, turn)


class Changing(QObject):
    """Makes changes and keeps the stack on which those to the library lie."""

    changed = Signal(object)  # Done
    failed = Signal(object)  # FabricError

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench
        self.stack = QUndoStack(self)
        workbench.undo_group.addStack(self.stack)
        workbench.studio_changed.connect(self.stack.clear)

    async def make(
        self,
        work: Callable[[Studio, JobContext], T],
        title: str = job_titles.CHANGE_LIBRARY,
        *,
        long: bool = False,
        stack: QUndoStack | None = None,
        take_back: TakeBack = undo_change,
    ) -> T | None:
        """Make a change under the studio's lock; what it returned, or None when it failed, which is told."""
        studio = self._bench.studio
        if studio is None:
            return None

        def locked(context: JobContext) -> T:
            with StudioLock(studio, "window"):
                return work(studio, context)

        priority = Priority.LONG if long else Priority.INTERACTIVE
        try:
            result = await self._bench.runner.run(title, locked, priority, quiet=not long, keep=not long)
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None
        done = change_of(result)
        if done is not None:
            text = say(f"change.{done.kind}", self._bench.lang, **done.params)
            (stack or self.stack).push(LibraryEdit(self, studio, done, take_back, text))
            self._tell(done)
        return result

    def turn(self, edit: LibraryEdit, turn: TakeBack) -> None:
        """Take a change back, or make it again; jobs of one priority keep their order, however fast the keys come."""
        self._bench.start(self._turn(edit, turn))

    async def _turn(self, edit: LibraryEdit, turn: TakeBack) -> None:
        def work(context: JobContext) -> Done:
            with StudioLock(edit.studio, "window"):
                edit.done = turn(edit.studio, edit.done)
            return edit.done

        try:
            done = await self._bench.runner.run(
                job_titles.CHANGE_LIBRARY, work, Priority.INTERACTIVE, quiet=True, keep=True
            )
        except FabricError as error:
            edit.broken = True
            self.failed.emit(error)
            return
        self._tell(done)

    def _tell(self, done: Done) -> None:
        self.changed.emit(done)
        self._bench.start(self._bench.refresh_facts())
