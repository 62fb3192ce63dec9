"""Changing a setting from the window: put in force at once, kept in the studio, and undone as it was done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QUndoCommand, QUndoStack

from fabric_desktop.studio import Settings, load_settings
from fabric_desktop.studio.settings import is_allowed
from fabric_desktop.ui import titles
from fabric_desktop.ui.i18n import system_language
from fabric_desktop.ui.job_thread import Priority

if TYPE_CHECKING:
    from fabric_desktop.ui.main_window import MainWindow

DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(Settings)}
# Steps of an arrow key or a wheel that follow each other as fast as this are one change.
_BURST_S = 1.2


class ChangeSetting(QUndoCommand):
    """One setting from one value to another."""

    def __init__(self, put: Callable[[str, Any], None], key: str, before: object, after: object) -> None:
        super().__init__(QCoreApplication.translate("SettingChanges", "Change a setting"))
        self.put, self.key, self.before, self.after = put, key, before, after
        self.at = time.monotonic()

    def redo(self) -> None:
        self.put(self.key, self.after)

    def undo(self) -> None:
        self.put(self.key, self.before)

    def id(self) -> int:
        return list(DEFAULTS).index(self.key)

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, ChangeSetting) or other.key != self.key or other.at - self.at > _BURST_S:
            return False
        self.after, self.at = other.after, other.at
        return True


class SettingChanges(QObject):
    """Puts settings in force. What each means for the window is known here and nowhere else."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bench = window, window.bench
        self.stack = QUndoStack(self)
        self._bench.undo_group.addStack(self.stack)
        self._bench.studio_changed.connect(self.stack.clear)

    def change(self, key: str, value: object) -> None:
        """Change a setting, as a step that can be undone. ValueError for a value that it may not have."""
        if not is_allowed(key, value):
            raise ValueError(f"no setting {key} = {value!r}")
        before = getattr(self._bench.settings, key)
        if value != before:
            self.stack.push(ChangeSetting(self._put, key, before, value))

    def _put(self, key: str, value: Any) -> None:
        bench = self._bench
        # What the rest of the window does of itself when it hears of these.
        if key == "lang":
            self._window.commands.use_language(value or system_language())
            if value is None:
                self._window.state.lang = ""
                self._window.state.save()
        elif key == "theme":
            self._window.commands.use_theme(value)
        elif key == "alpha":
            bench.answers.set_alpha(value)
        elif key == "top_k":
            bench.answers.set_top_k(value)
        elif key == "rules_source":
            # Kept only where such rules can be had.
            bench.answers.set_rules_source(value)
            return
        bench.start(self._keep(key, value))

    async def _keep(self, key: str, value: object) -> None:
        await self._bench.keep_setting(key, value)
        if key == "nudge_at":
            # When to suggest retraining is counted with the studio's other figures.
            await self._bench.refresh_facts()
        else:
            # What shows a setting without having been told of it.
            self._bench.facts_changed.emit()

    async def reload(self) -> None:
        """Read the studio's settings again: another program, or a flow of this one, may have changed them."""
        bench, studio = self._bench, self._bench.studio
        if studio is None:
            return
        settings = await bench.runner.run(
            titles.READ_SETTINGS, lambda _context: load_settings(studio), Priority.INTERACTIVE, quiet=True
        )
        if studio == bench.studio and settings != bench.settings:
            bench.settings = settings
            bench.settings_changed.emit()
