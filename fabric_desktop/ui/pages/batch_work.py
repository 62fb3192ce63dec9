"""A folder recognised as one job, its photos labelled, its results written: each a coroutine. No widgets."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from fabric_desktop.batch.exporting import export_batch
from fabric_desktop.batch.labelling import LabelledPhotos, label_photos
from fabric_desktop.batch.offering import KeptPhotos, keep_photos
from fabric_desktop.batch.results import BatchReport, PhotoResult
from fabric_desktop.batch.run import recognise_folder, unfinished_report
from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.studio import Studio
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.pages.changing import Changing
from fabric_desktop.ui.workbench import Workbench

_FLUSH_MS = 150


class BatchWork(QObject):
    """Runs batches. `found` brings the results as they come, several at a time."""

    found = Signal(object)  # list[PhotoResult]
    failed = Signal(object)  # FabricError

    def __init__(self, workbench: Workbench, changing: Changing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._changing = workbench, changing
        self._fresh: deque[PhotoResult] = deque()
        self._flush_timer = QTimer(self)
        self._flush_timer.setInterval(_FLUSH_MS)
        self._flush_timer.timeout.connect(self._flush)

    async def recognise(self, folder: Path) -> BatchReport | None:
        """Recognise a folder; None when it was stopped or failed. What was found before is not recognised again."""
        recognizer = self._bench.recognizer
        if recognizer is None:
            return None
        fresh = self._fresh
        fresh.clear()

        def work(context: JobContext) -> BatchReport:
            # The thread only puts results down; the window picks them up at its own pace.
            return recognise_folder(recognizer, folder, context, on_result=fresh.append)

        self._flush_timer.start()
        try:
            return await self._bench.runner.run(job_titles.BATCH, work, Priority.LONG)
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None
        finally:
            self._flush_timer.stop()
            self._flush()

    def _flush(self) -> None:
        some = [self._fresh.popleft() for _ in range(len(self._fresh))]
        if some:
            self.found.emit(some)

    async def label(self, results: Sequence[PhotoResult], fabric: str) -> LabelledPhotos | None:
        """Label many photos as one step that can be undone."""
        encoder = self._bench.recognizer.encoder_id if self._bench.recognizer is not None else None

        def work(studio: Studio, context: JobContext) -> LabelledPhotos:
            return label_photos(studio, results, fabric, context, encoder)

        return await self._changing.make(work, job_titles.LABEL_MANY, long=True)

    async def keep(self, results: Sequence[PhotoResult]) -> KeptPhotos | None:
        """Keep photos for review as one step that can be undone."""
        encoder = self._bench.recognizer.encoder_id if self._bench.recognizer is not None else None

        def work(studio: Studio, context: JobContext) -> KeptPhotos:
            return keep_photos(studio, results, context, encoder)

        return await self._changing.make(work, job_titles.KEEP_MANY, long=True)

    def so_far(self, folder: Path, results: Sequence[PhotoResult], total: int) -> BatchReport | None:
        """What has been found as a report, before the run is finished."""
        recognizer = self._bench.recognizer
        return unfinished_report(recognizer, folder, results, total) if recognizer is not None and results else None

    async def export(self, report: BatchReport, path: Path) -> int | None:
        """Write the results by the file's ending; the file's size in bytes."""
        studio, lang = self._bench.studio, self._bench.lang
        if studio is None:
            return None
        # While the folder is still being recognised it is written in between, not after the last photo.
        priority = Priority.LONG if report.finished else Priority.PICTURE
        try:
            return await self._bench.runner.run(
                job_titles.EXPORT, lambda context: export_batch(report, path, studio, lang, context), priority
            )
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None
