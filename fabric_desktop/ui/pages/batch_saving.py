"""The results of a batch saved where the person chooses, as a table, a page to print, or JSON. Decides no format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QPushButton

from fabric_desktop.batch.exporting import FORMATS
from fabric_desktop.batch.results import BatchReport
from fabric_desktop.ui.pages.page import button

if TYPE_CHECKING:
    from fabric_desktop.ui.pages.batch_page import BatchPage


class BatchSaving(QObject):
    """What the page does to save its results."""

    def __init__(self, page: BatchPage) -> None:
        super().__init__(page)
        self._page = page
        self.button = button(self._choose, "save")

    def retranslate(self) -> None:
        self.button.setText(self.tr("Save the results…"))

    def show_possible(self) -> None:
        """Enable the button, or say why not."""
        found = bool(self._page.model.results)
        self.button.setEnabled(found)
        part = self.tr("What has been found so far: the run is not finished.") if self._page.report is None else ""
        self.button.setToolTip(part if found else self.tr("Recognise the folder first."))

    def _choose(self) -> None:
        page, report = self._page, self._page.report_so_far()
        if report is None or page.folder is None:
            return
        kinds = {
            ".xlsx": self.tr("Excel"),
            ".csv": self.tr("CSV, for Excel too"),
            ".html": self.tr("Swatch report to print"),
            ".json": "JSON",
        }
        filters = ";;".join(f"{name} (*{ending})" for ending, name in kinds.items())
        start = str(page.folder / f"{page.folder.name}.xlsx")
        chosen, wanted = QFileDialog.getSaveFileName(page, self.tr("Save the results"), start, filters)
        if chosen:
            path = Path(chosen)
            if path.suffix.lower() not in FORMATS:
                ending = next((ending for ending in kinds if f"*{ending}" in wanted), ".xlsx")
                path = path.with_name(path.name + ending)
            page.bench.start(self._write(report, path))

    async def _write(self, report: BatchReport, path: Path) -> None:
        if await self._page.work.export(report, path) is None:
            return

        def open_it() -> list[QPushButton]:
            opens = button(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))
            opens.setText(self.tr("Open"))
            return [opens]

        def words() -> tuple[str, str]:
            where = str(path.parent)
            if not report.finished:
                part = self.tr("{done} of {total} photos: the run is not finished.")
                where = f"{part.format(done=len(report.results), total=report.total)}\n{where}"
            return self.tr("Written: {file}").format(file=path.name), where

        self._page.tell(words, open_it)
