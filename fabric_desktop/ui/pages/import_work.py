"""Bring my swatches: looks at a source, plans and imports as jobs; what one look found serves the next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.library.importing import (
    ImportChoices,
    ImportDone,
    ImportPlan,
    Mode,
    Seen,
    plan_import,
    run_import,
    undo_import,
)
from fabric_desktop.library.patterns import ParsedName
from fabric_desktop.library.sources import ImportSource, preview_names, suggest_for
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.pages.changing import Changing
from fabric_desktop.ui.workbench import Workbench

T = TypeVar("T")


class ImportWork(QObject):
    """The steps of the wizard."""

    failed = Signal(object)  # FabricError

    def __init__(self, workbench: Workbench, changing: Changing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._changing = workbench, changing
        self._seen: dict[Path, Seen] = {}

    async def suggest(self, folder: Path) -> str | None:
        """The pattern that a folder's names seem to follow."""
        return await self._look(lambda: suggest_for(folder))

    async def preview(self, folder: Path, pattern: str) -> list[ParsedName]:
        """What the first names parse to. Raises BadPattern, NoPhotos: the page shows them beside the field."""
        return await self._bench.runner.run(
            job_titles.PLAN_IMPORT, lambda _c: preview_names(folder, pattern), Priority.INTERACTIVE, quiet=True
        )

    async def plan(self, source: ImportSource, choices: ImportChoices | None = None) -> ImportPlan | None:
        """What importing would do. Pictures that were looked at before are not opened again."""
        studio = self._bench.studio
        if studio is None:
            return None
        try:
            return await self._bench.runner.run(
                job_titles.PLAN_IMPORT, lambda context: plan_import(source, studio, context, choices, self._seen)
            )
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None

    async def run(self, plan: ImportPlan, mode: Mode) -> ImportDone | None:
        """Do what the plan says as one step that can be undone."""

        def work(studio, context: JobContext) -> ImportDone:  # type: ignore[no-untyped-def]
            return run_import(plan, studio, context, mode)

        return await self._changing.make(work, job_titles.IMPORT, long=True, take_back=undo_import)

    async def _look(self, look: Callable[[], T]) -> T | None:
        try:
            return await self._bench.runner.run(
                job_titles.PLAN_IMPORT, lambda _c: look(), Priority.INTERACTIVE, quiet=True
            )
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None
