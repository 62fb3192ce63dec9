"""The figures of the progress page, its charts and the printable report: each a job. No widgets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fabric_desktop.errors import EncoderUnavailable, FabricError
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.workbench import Workbench

if TYPE_CHECKING:
    from fabric_desktop.encoders.base import Encoder
    from fabric_desktop.names import FabricNames
    from fabric_desktop.report import StudioProgress
    from fabric_desktop.report.charts import ChartColors


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts of some figures as SVG; None where there is nothing to draw."""

    accuracy: str | None
    labels: str | None


class ProgressWork(QObject):
    """Gathers, draws and writes on the job thread."""

    failed = Signal(object)  # FabricError

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench

    async def gather(self, *, again: bool) -> StudioProgress | None:
        """The figures; None when the job was stopped or failed. Embeddings of patches are kept between two times, so
        that gathering them `again` is quick and needs no line among the jobs."""
        studio, recognizer = self._bench.studio, self._bench.recognizer
        if studio is None:
            return None

        def work(context: JobContext) -> StudioProgress:
            from fabric_desktop.report import gather_progress

            return gather_progress(studio, _encoder(recognizer), context)

        try:
            return await self._bench.runner.run(job_titles.PROGRESS, work, Priority.LONG, quiet=again)
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None

    async def draw(
        self, progress: StudioProgress, names: FabricNames, lang: str, colors: ChartColors, width: int
    ) -> Charts:
        """The charts of these figures. Raises Cancelled."""

        def work(context: JobContext) -> Charts:
            from fabric_desktop.report.progress import accuracy_chart, labels_chart

            return Charts(
                accuracy_chart(progress, lang, heading=False, colors=colors, width=width),
                labels_chart(progress, names, lang, heading=False, colors=colors, width=width),
            )

        return await self._bench.runner.run(job_titles.CHARTS, work, Priority.PICTURE, quiet=True)

    async def write(self, target: Path) -> bool:
        """Write the printable report, the window's language first; whether it was written."""
        studio, recognizer, lang = self._bench.studio, self._bench.recognizer, self._bench.lang
        if studio is None:
            return False

        def work(context: JobContext) -> None:
            from fabric_desktop.report import write_report
            from fabric_desktop.wording import LANGS

            langs = tuple(sorted(LANGS, key=lambda each: each != lang))
            write_report(studio, _encoder(recognizer), target, context, langs=langs)

        try:
            await self._bench.runner.run(job_titles.WRITE_REPORT, work, Priority.LONG)
        except Cancelled:
            return False
        except FabricError as error:
            self.failed.emit(error)
            return False
        return True


def _encoder(recognizer: Recognizer | None) -> Encoder | None:
    """The encoder in use; the figures are as good without, but for the labels that cannot be checked then."""
    try:
        return recognizer.encoder if recognizer is not None else None
    except EncoderUnavailable:
        return None
