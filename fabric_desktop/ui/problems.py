"""Errors on their way to the person: in words, with the action that puts them right; and bugs, told once.

The banner that shows them is in `banner`.
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from types import TracebackType

from PySide6.QtCore import QObject, Signal

from fabric_desktop.errors import FabricError

log = logging.getLogger(__name__)

# The action (by its name in `actions`) that does what the error's advice says.
_CURES = {
    "unreadable_image": "open",
    "bad_region": "box",
    "no_embeddings": "show_library",
    "bank_missing": "build_bank",
    "bank_mismatch": "build_bank",
    "head_missing": "train_head",
    "head_mismatch": "train_head",
    "version_missing": "build_bank",
    "studio_missing": "open_folder",
    "not_a_studio": "open_folder",
    "studio_read_only": "open_folder",
    "encoder_unavailable": "use_builtin",
}


def cure_of(error: FabricError) -> str:
    """The name of the action that helps with an error, or nothing."""
    if error.code == "rules_need_references":
        return "show_library" if error.params.get("reason") == "too_few" else "build_bank"
    return _CURES.get(error.code, "")


@dataclass(frozen=True, slots=True)
class Bug:
    """An error of ours: its one-line summary and the traceback to copy."""

    summary: str
    details: str


def bug_from(error: BaseException) -> Bug:
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return Bug(f"{type(error).__name__}: {error}", "".join(lines))


class BugReporter(QObject):
    """Takes what nobody expected, from any thread: logs it and tells the window, once for each kind."""

    found = Signal(object)  # Bug

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told: set[str] = set()

    def report(self, error: BaseException) -> None:
        """Log an error with its traceback and tell the window of it."""
        log.error("unexpected error", exc_info=error)
        bug = bug_from(error)
        mark = bug.details.splitlines()[-3:]
        if (key := "\n".join(mark)) not in self._told:
            self._told.add(key)
            self.found.emit(bug)

    def hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """For sys.excepthook: no dialog from here, it may run on any thread."""
        if issubclass(kind, KeyboardInterrupt):
            return
        self.report(error.with_traceback(trace))
