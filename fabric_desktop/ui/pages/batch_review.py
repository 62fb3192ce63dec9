"""The uncertain photos of a batch, offered for the review queue with their number: shown, chosen, kept, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QObject, Qt, Signal
from PySide6.QtWidgets import QPushButton

from fabric_desktop.batch.labelling import REPLACED
from fabric_desktop.batch.offering import uncertain
from fabric_desktop.batch.results import PhotoResult
from fabric_desktop.embeddings import Skipped
from fabric_desktop.ui.banner import Message
from fabric_desktop.ui.pages.batch_model import RESULT_ROLE, SHARE
from fabric_desktop.ui.pages.page import button
from fabric_desktop.ui.widgets import ActionButton

if TYPE_CHECKING:
    from fabric_desktop.ui.pages.batch_page import BatchPage


class BatchReview(QObject):
    """What the page does about uncertain photos."""

    kept = Signal()

    def __init__(self, page: BatchPage) -> None:
        super().__init__(page)
        self._page = page
        self.button = button(self._keep_chosen, "question")

    def retranslate(self) -> None:
        self.button.setText(self.tr("Keep for review"))

    def show_possible(self, chosen: int) -> None:
        """Enable the button, or say why not."""
        writable = self._page.bench.writable
        self.button.setEnabled(writable and chosen > 0)
        why = self.tr("Choose photos first.") if writable else self.tr("This studio is read-only.")
        hint = self.tr("Put the chosen photos into the review queue, to be named one after another.")
        self.button.setToolTip(hint if self.button.isEnabled() else why)

    def offer(self) -> None:
        """Say how many are uncertain and offer to show or keep them; nothing is kept by itself."""
        page = self._page
        found = uncertain(page.model.results, page.bench.settings.review_below)
        if not found or not page.bench.writable:
            return

        def words() -> tuple[str, str]:
            return (
                self.tr("Uncertain: {count} of {all} photos").format(count=len(found), all=len(page.model.results)),
                self.tr("Nothing is kept by itself: choose some, or keep them all."),
            )

        def buttons() -> list[QPushButton]:
            show, keep = button(lambda: self._show(found)), button(lambda: self._keep(found), "question")
            show.setText(self.tr("Show them"))
            keep.setText(self.tr("Keep {count} for review").format(count=len(found)))
            return [show, keep]

        page.banner.show_message(Message("info", words, buttons))

    def _show(self, found: Sequence[PhotoResult]) -> None:
        """The uncertain ones on top, the least certain first, and chosen."""
        page, table = self._page, self._page.table
        page.words.setCurrentIndex(0)
        page.search.clear()
        page.use_filter()
        table.sortByColumn(SHARE, Qt.SortOrder.AscendingOrder)
        table.clearSelection()
        wanted = {result.photo for result in found}
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for row in range(page.shown.rowCount()):
            index = page.shown.index(row, SHARE)
            if index.data(RESULT_ROLE).photo in wanted:
                table.selectionModel().select(index, flags)
        chosen = sorted(table.selectionModel().selectedRows(SHARE), key=lambda index: index.row())
        for first in chosen[:1]:
            table.scrollTo(first)
        table.setFocus()

    def _keep_chosen(self) -> None:
        self._keep([result for result in self._page.results_chosen() if not result.error])

    def _keep(self, results: Sequence[PhotoResult]) -> None:
        if results:
            self._page.banner.dismiss()
            self._page.bench.start(self._keep_many(results))

    async def _keep_many(self, results: Sequence[PhotoResult]) -> None:
        done = await self._page.work.keep(results)
        if done is None:
            return

        def words() -> tuple[str, str]:
            lines = []
            if done.known:
                lines.append(self.tr("Waiting or labelled already: {count}").format(count=done.known))
            lines += self.left_out(done.skipped)
            if done.kept:
                lines.append(self.tr("N goes through the review queue; Undo takes them out again."))
            return self.tr("Kept for review: {count}").format(count=done.kept), "\n".join(lines)

        self._page.tell(words, lambda: [ActionButton(self._page.actions_["undo"])] if done.kept else [])
        self.kept.emit()

    def left_out(self, skipped: Sequence[Skipped]) -> list[str]:
        """Lines that say how many photos were left out, and why."""
        lines = []
        replaced = sum(item.reason == REPLACED for item in skipped)
        if replaced:
            lines.append(self.tr("Another picture than the one recognised, left out: {count}").format(count=replaced))
        if len(skipped) > replaced:
            lines.append(self.tr("Left out, not readable: {count}").format(count=len(skipped) - replaced))
        return lines
