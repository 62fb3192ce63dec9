"""The library page: shows fabrics, their photos and how they stand, and does what its buttons say. Its places are
`library_layout`'s, the changes themselves `library_work`'s."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QMenu, QPushButton, QWidget

from fabric_desktop.imaging import PHOTO_ENDINGS
from fabric_desktop.library.check import CheckReport, Finding
from fabric_desktop.studio.changes import Done
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.i18n import counts
from fabric_desktop.ui.pages.changing import Changing
from fabric_desktop.ui.pages.fabric_list import FABRIC_ROLE
from fabric_desktop.ui.pages.health_view import finding_words
from fabric_desktop.ui.pages.library_layout import LibraryLayout
from fabric_desktop.ui.pages.library_work import LibraryWork
from fabric_desktop.ui.pages.shelf import Shelf, ShelfFabric
from fabric_desktop.ui.pages.thumbs import Thumbs
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import clauses

_MOST_TRASHED = 20  # in the menu; the trash itself keeps all
_STALE = frozenset({"not_in_bank", "gone_from_library", "bank_damaged"})


class LibraryPage(LibraryLayout):
    """The page. What its buttons do is `LibraryWork`'s; every change can be undone."""

    def __init__(
        self, workbench: Workbench, actions: Actions, changing: Changing, thumbs: Thumbs, parent: QWidget
    ) -> None:
        super().__init__(workbench, actions, thumbs, parent)
        self.work = LibraryWork(workbench, changing, self)
        self.work.failed.connect(self.show_error)
        self.undo_stack = changing.stack
        self.shelf: Shelf | None = None
        self.report: CheckReport | None = None
        self._fabric = ""
        self._checking = False
        self._check_again = False
        self._connect(changing)
        self.retranslate()

    # -- connections --------------------------------------------------------------------------------------------------

    def _connect(self, changing: Changing) -> None:
        does: tuple[tuple[QPushButton, Callable[[], object]], ...] = (
            (self.refresh_button, lambda: self._start(self._refresh_model())),
            (self.new_button, self._new_fabric),
            (self.add_button, self._choose_files),
            (self.paste_button, self._paste),
            (self.replace_button, self._replace),
            (self.remove_button, self._remove),
            (self.trash_button, lambda: self._start(self._show_trash())),
            (self.rename_button, self._rename),
            (self.merge_button, self._merge),
            (self.remove_fabric_button, self._remove_fabric),
        )
        for tool, do in does:
            tool.clicked.connect(lambda _checked=False, do=do: do())
        self.search.textChanged.connect(lambda _text: self._show_list())
        self.list.selectionModel().currentChanged.connect(self._on_fabric)
        self.grid.dropped.connect(lambda data: self._start(self._added(self.work.take(self._fabric, data))))
        self.grid.paste_wanted.connect(self._paste)
        self.grid.remove_wanted.connect(self._remove)
        self.grid.selectionModel().selectionChanged.connect(lambda *_: self._show_health())
        self.health.fix_wanted.connect(self._fix)
        self.form.declared.connect(lambda info: self._start(self.work.declare(info)))
        changing.changed.connect(lambda _done: self.reload())
        self.bench.studio_changed.connect(self._on_studio)
        self.bench.facts_changed.connect(self._show_possible)
        self.bench.runner.changed.connect(lambda entry: self._show_possible() if entry.over else None)

    def retranslate(self) -> None:
        super().retranslate()
        self._show_list()
        self._show_fabric()

    def bring_up(self) -> None:
        super().bring_up()
        self.reload()

    def _start(self, flow: Coroutine[Any, Any, object]) -> None:
        self.bench.start(flow)

    # -- reading --------------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the library again, then look for what is wrong with it."""
        if self.isVisible():
            self._start(self._reload())

    async def _reload(self) -> None:
        shelf = await self.work.read()
        if shelf is None:
            return
        self.shelf = shelf
        if shelf.find(self._fabric) is None and shelf.fabrics:
            self._fabric = shelf.fabrics[0].id
        self._show_list()
        self._show_fabric()
        if self._checking:
            self._check_again = True
            return
        self._checking = True
        try:
            self._check_again = True
            while self._check_again:
                self._check_again = False
                report = await self.work.check()
                if report is not None:
                    self.report = report
        finally:
            self._checking = False
        self._show_list()
        self._show_fabric()

    def _on_studio(self) -> None:
        self.shelf, self.report, self._fabric = None, None, ""
        self.reload()

    def show_fabric(self, fabric_id: str) -> None:
        """Go to a fabric."""
        self.form.keep_open_field()
        self._fabric = fabric_id
        self.search.clear()
        self._show_list()
        self._show_fabric()

    def _on_fabric(self, index: QModelIndex, _before: QModelIndex) -> None:
        fabric = index.data(FABRIC_ROLE)
        if isinstance(fabric, str) and fabric != self._fabric:
            self.form.keep_open_field()
            self._fabric = fabric
            self._show_fabric()

    @property
    def fabric(self) -> ShelfFabric | None:
        """The fabric in sight."""
        return self.shelf.find(self._fabric) if self.shelf is not None else None

    # -- showing --------------------------------------------------------------------------------------------------

    def _show_list(self) -> None:
        if self.shelf is None:
            return
        text = self.search.text().strip()
        fitting = set(self.shelf.names.search(text)) if text else None
        shown = [fabric for fabric in self.shelf.fabrics if fitting is None or fabric.id in fitting]
        marks = {}
        if self.report is not None:
            for fabric in shown:
                bad = [f for f in self.report.of_fabric(fabric.id) if f.severity != "hint"]
                marks[fabric.id] = "\n".join(self._what(finding) for finding in bad[:4])
        selection = self.list.selectionModel()
        selection.blockSignals(True)
        self.fabrics.show(shown, marks, self.lang)
        row = self.fabrics.row_of(self._fabric)
        if row is not None:
            selection.setCurrentIndex(self.fabrics.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect)
        selection.blockSignals(False)
        self.list.viewport().update()
        self._show_summary()

    def _show_summary(self) -> None:
        if self.shelf is None:
            return
        photos = sum(len(fabric.photos) for fabric in self.shelf.fabrics)
        text = clauses((counts.fabrics(len(self.shelf.fabrics)), counts.references(photos)), self.lang)
        if self.report is not None:
            severities = [finding.severity for finding in self.report.findings]
            wrong, doubtful = severities.count("error"), severities.count("warning")
            if wrong or doubtful:
                found = self.tr("{wrong} wrong, {doubtful} doubtful").format(wrong=wrong, doubtful=doubtful)
                text = f"{text}  ·  {found}"
        self.summary.setText(text)

    def _show_fabric(self) -> None:
        fabric = self.fabric
        self.title.setText(fabric.name(self.lang) if fabric is not None else self.tr("No fabric yet"))
        self.other.setText(fabric.other_name(self.lang) if fabric is not None else "")
        marks: dict[Path, str] = {}
        if fabric is not None and self.report is not None and self.bench.studio is not None:
            for photo in fabric.photos:
                found = self.report.of_photo(self.bench.studio.relative(photo))
                own = [finding for finding in found if finding.code not in ("one_session", "not_in_bank")]
                if own:
                    marks[photo] = "\n".join(self._what(finding) for finding in own)
        self.grid.photos.show(fabric.photos if fabric is not None else (), marks)
        self.grid.viewport().update()
        self.form.show_fabric(fabric, writable=self.bench.writable)
        self._show_health()

    def _what(self, finding: Finding) -> str:
        return finding_words(finding, self.lang, self.shelf.names if self.shelf is not None else None)[0]

    def _show_health(self) -> None:
        self._show_possible()
        fabric, studio = self.fabric, self.bench.studio
        if fabric is None or self.report is None or studio is None:
            self.health.show_findings((), (), self.lang, "", writable=False)
            return
        chosen = [studio.relative(photo) for photo in self.grid.chosen()]
        # What is wrong with the library as a whole (its bank, a change cut off) belongs to no fabric and stands first.
        found = [*self.report.of_fabric(""), *self.report.of_fabric(fabric.id)]
        if chosen:
            found = [finding for finding in found if set(chosen) & set(finding.paths)]
        advice = [] if chosen else [piece for piece in self.report.advice if fabric.id in piece.fabric_ids]
        good = self.tr("Nothing is wrong with this photo.") if chosen else self.tr("Nothing is wrong with this fabric.")
        names = self.shelf.names if self.shelf is not None else None
        self.health.show_findings(
            found, advice, self.lang, good,
            writable=self.bench.writable, names=names, fabric=fabric.name(self.lang),
        )

    def _show_possible(self) -> None:
        fabric, writable, chosen = self.fabric, self.bench.writable, len(self.grid.chosen())
        why = "" if writable else self.tr("This studio is read-only.")
        known = fabric is not None and fabric.known
        _allow(self.new_button, writable, why)
        for tool in (self.add_button, self.paste_button):
            _allow(tool, writable and fabric is not None, why or self.tr("Make a fabric first."))
        _allow(self.replace_button, writable and chosen == 1, why or self.tr("Choose one photo first."))
        _allow(self.remove_button, writable and chosen > 0, why or self.tr("Choose photos first."))
        _allow(self.rename_button, writable and fabric is not None, why or self.tr("Make a fabric first."))
        more = self.shelf is not None and len(self.shelf.fabrics) > 1
        _allow(self.merge_button, writable and fabric is not None and more, why or self.tr("There is only one fabric."))
        _allow(self.remove_fabric_button, writable and known, why or self.tr("It has labelled patches only."))
        _allow(self.trash_button, writable, why)
        stale = self.report is not None and any(finding.code in _STALE for finding in self.report.findings)
        built = self.bench.facts is not None and self.bench.facts.status is not None
        missing = built and self.bench.facts.status.bank_state != "ready"  # type: ignore[union-attr]
        busy = self.bench.runner.busy and not self._checking
        reason = why or (self.tr("Another long job is running.") if busy else self.tr("The model is up to date."))
        _allow(self.refresh_button, writable and (stale or missing) and not busy, reason)

    # -- what the buttons do --------------------------------------------------------------------------------------

    def _new_fabric(self) -> None:
        text, given = QInputDialog.getText(self, self.tr("New fabric"), self.tr("Its name, in Chinese or English"))
        if given and text.strip():
            self._start(self._make_fabric(text.strip()))

    async def _make_fabric(self, name: str) -> None:
        from fabric_desktop.studio import FabricInfo

        done = await self.work.declare(FabricInfo(id=name))
        if isinstance(done, Done):
            self.show_fabric(str(done.params["fabric"]))

    def _choose_files(self) -> None:
        endings = " ".join(f"*{ending} *{ending.upper()}" for ending in sorted(PHOTO_ENDINGS))
        kinds = self.tr("Photographs") + f" ({endings})"
        files, _ = QFileDialog.getOpenFileNames(self, self.tr("Add reference photos"), "", kinds)
        if files:
            self._start(self._added(self.work.add(self._fabric, [Path(file) for file in files])))

    def _paste(self) -> None:
        if self.add_button.isEnabled():
            self._start(self._added(self.work.take(self._fabric, QGuiApplication.clipboard().mimeData())))

    async def _added(self, flow: Coroutine[Any, Any, Done | None]) -> None:
        done = await flow
        known = int(str(done.params.get("known", 0))) if done is not None else 0
        if known:
            text = self.tr("{count} of the photos were there already.").format(count=known)
            self.tell(lambda: (text, ""))

    def _replace(self) -> None:
        chosen = self.grid.chosen()
        if len(chosen) == 1:
            self._replace_photo(chosen[0])

    def _replace_photo(self, photo: Path) -> None:
        endings = " ".join(f"*{ending} *{ending.upper()}" for ending in sorted(PHOTO_ENDINGS))
        kinds = self.tr("Photographs") + f" ({endings})"
        file, _ = QFileDialog.getOpenFileName(self, self.tr("Replace {name}").format(name=photo.name), "", kinds)
        if file:
            self._start(self.work.replace(photo, Path(file)))

    def _remove(self) -> None:
        chosen = self.grid.chosen()
        if chosen and self.remove_button.isEnabled():
            self._start(self.work.remove(chosen))

    async def _show_trash(self) -> None:
        menu = QMenu(self)
        trashed = await self.work.trash()
        for item in trashed[:_MOST_TRASHED]:
            words = f"{item.name}  ({item.fabric_id}, {item.removed:%Y-%m-%d %H:%M})"
            action = menu.addAction(words)
            action.triggered.connect(lambda _c=False, path=item.path: self._start(self.work.restore([path])))
        if not trashed:
            menu.addAction(self.tr("The trash is empty")).setEnabled(False)
        older = len(trashed) - _MOST_TRASHED
        if older > 0:
            words = self.tr("{count} older ones: in the studio's folder .trash").format(count=older)
            menu.addAction(words).setEnabled(False)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.trash_button.mapToGlobal(self.trash_button.rect().bottomLeft()))

    def _rename(self) -> None:
        if self.fabric is None:
            return
        title, ask = self.tr("Rename the fabric"), self.tr("New id: the name of its folder")
        text, given = QInputDialog.getText(self, title, ask, QLineEdit.EchoMode.Normal, self._fabric)
        if given and text.strip() and text.strip() != self._fabric:
            self._start(self._go_to(self.work.rename(self._fabric, text.strip()), text.strip()))

    async def _go_to(self, flow: Coroutine[Any, Any, Done | None], fabric: str) -> None:
        if await flow is not None:
            self._fabric = fabric
            self.reload()

    def _merge(self, into: str = "") -> None:
        if self.shelf is None or self.fabric is None:
            return
        others = [fabric for fabric in self.shelf.fabrics if fabric.id != self._fabric]
        if not into:
            lines = [f"{fabric.name(self.lang)}  ({fabric.id})" for fabric in others]
            ask = self.tr("Put {fabric} into").format(fabric=self.title.text())
            line, given = QInputDialog.getItem(self, self.tr("Merge two fabrics"), ask, lines, 0, False)
            if not given or line not in lines:
                return
            into = others[lines.index(line)].id
        self._start(self._go_to(self.work.merge(self._fabric, into), into))

    def _remove_fabric(self) -> None:
        if self.fabric is not None:
            self._start(self.work.remove_fabric(self._fabric))

    async def _refresh_model(self) -> None:
        report = await self.work.refresh_model()
        if report is not None:
            self.tell(lambda: (self.tr("The model knows the library as it is now."), ""))
            self.reload()

    def _fix(self, finding: Finding) -> None:
        """Do what puts a finding right."""
        studio = self.bench.studio
        if studio is None:
            return
        first = studio.root / finding.paths[0] if finding.paths else studio.fabrics_dir / finding.fabric_id
        if finding.fix in ("add_photos", "add_or_rename"):
            self._choose_files()
        elif finding.fix == "replace":
            self._replace_photo(first)
        elif finding.fix == "remove":
            self._start(self.work.remove([first]))
        elif finding.fix == "choose_fabric":
            self._choose_between(finding, first)
        elif finding.fix == "build_bank":
            self._start(self._refresh_model())
        elif finding.fix == "finish":
            self._start(self.work.finish())
        elif finding.fix == "label":
            self.actions_["open_photos"].trigger()
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(first.parent)))

    def _choose_between(self, finding: Finding, photo: Path) -> None:
        menu, other = QMenu(self), str(finding.params["other_fabric"])
        remove = menu.addAction(self.tr("Remove the photo here"))
        remove.triggered.connect(lambda: self._start(self.work.remove([photo])))
        merge = menu.addAction(self.tr("Merge the two fabrics"))
        merge.triggered.connect(lambda: self._merge(other))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.cursor().pos())


def _allow(tool: QPushButton, possible: bool, why: str) -> None:
    """Enable a button, or say in its tooltip why not."""
    tool.setEnabled(possible)
    tool.setToolTip("" if possible else why)
