"""Report a problem: what happened in the person's words, what would be sent, all of it to be looked into, and a file
where they choose. Nothing leaves the computer by itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase, QImage, QImageWriter, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.support.problem_report import Part, gather, message_part, photo_part, write
from fabric_desktop.ui import titles
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.help.doctor_page import ask_doctor
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages.page import Page, button
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Heading, Text
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import say, size_in_words

_SIZE = (880, 720)
_LIST_WIDTH = 38 * GRID
_PREVIEW_SIDE = 640


class ReportPage(Page):
    """The page. Its parts are gathered anew each time it is opened."""

    def __init__(self, workbench: Workbench, actions: Actions, parent: QWidget) -> None:
        super().__init__(workbench, actions, parent, _SIZE)
        self._gathered: list[Part] = []
        self._pictures: dict[str, Part] = {}
        self._shot = QImage()
        self._busy = False
        self.lead = Text(quiet=True, wrap=True)
        self.message_heading, self.contents_heading = Heading(), Heading()
        self.message = QPlainTextEdit()
        self.message.setFixedHeight(11 * GRID)
        self.message.setTabChangesFocus(True)
        self.with_window, self.with_photo = QCheckBox(), QCheckBox()
        self.list = QListWidget()
        self.list.setFixedWidth(_LIST_WIDTH)
        self.preview = QPlainTextEdit()
        self.preview.setReadOnly(True)
        self.preview.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.preview.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.views = QStackedWidget()
        self.views.addWidget(self.preview)
        self.views.addWidget(self.picture)
        self.size_text = Text(quiet=True)
        self.save = button(self._choose, "save", main=True)
        self._build()
        self.message.textChanged.connect(self._show)
        self.with_window.toggled.connect(lambda on: self.bench.start(self._write_shot()) if on else self._show())
        self.with_photo.toggled.connect(lambda on: self.bench.start(self._read_photo()) if on else self._show())
        self.list.currentRowChanged.connect(lambda _row: self._show_preview())
        workbench.photo_changed.connect(self._on_photo)
        self.retranslate()

    def _build(self) -> None:
        ticks = QHBoxLayout()
        ticks.setSpacing(3 * GRID)
        ticks.addWidget(self.with_window)
        ticks.addWidget(self.with_photo)
        ticks.addStretch()
        contents = QHBoxLayout()
        contents.setSpacing(GRID)
        contents.addWidget(self.list)
        contents.addWidget(self.views, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.size_text)
        foot.addStretch()
        foot.addWidget(self.save)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.addWidget(self.lead)
        column.addWidget(self.message_heading)
        column.addWidget(self.message)
        column.addLayout(ticks)
        column.addSpacing(GRID)
        column.addWidget(self.contents_heading)
        column.addLayout(contents, 1)
        column.addLayout(foot)

    def bring_up(self) -> None:
        """Take a picture of the window as it is now, before this page lies over it, and gather the rest."""
        window = self.parentWidget()
        self._shot = QImage() if window is None else window.grab().toImage()
        self._pictures.clear()
        self.with_window.setChecked(False)
        self.with_photo.setChecked(False)
        super().bring_up()
        self.message.setFocus()
        self.bench.start(self._gather())

    # -- what would be sent ---------------------------------------------------------------------------------------

    @property
    def parts(self) -> list[Part]:
        """What is in the report now, in the order in which it is listed."""
        found = list(self._gathered)
        if self.message.toPlainText().strip():
            found.insert(0, message_part(self.message.toPlainText()))
        ticks = {"window": self.with_window, "photo": self.with_photo}
        return found + [part for kind, part in self._pictures.items() if ticks[kind].isChecked()]

    async def _gather(self) -> None:
        if self._busy:
            return
        self._busy = True
        self._show()
        studio, lang = self.bench.studio, self.lang
        try:
            findings = await ask_doctor(self.bench)

            def work(context: JobContext) -> list[Part]:
                return gather(studio, findings or [], lang)

            self._gathered = await self.bench.runner.run(titles.REPORT, work, Priority.PICTURE, quiet=True)
        except Cancelled:
            return
        finally:
            self._busy = False
            self._show()

    async def _write_shot(self) -> None:
        shot = self._shot
        try:
            self._pictures["window"] = await self.bench.runner.run(
                titles.REPORT, lambda _context: Part("window.png", "window", _png(shot)), Priority.PICTURE, quiet=True
            )
        except Cancelled:
            return
        self._show()

    async def _read_photo(self) -> None:
        document = self.bench.document
        path = document.path if document is not None else None
        self._pictures.pop("photo", None)
        if path is None:
            return
        try:
            part = await self.bench.runner.run(
                titles.REPORT, lambda _context: photo_part(path), Priority.PICTURE, quiet=True
            )
        except Cancelled:
            return
        except FabricError as error:
            self.with_photo.setChecked(False)
            self.show_error(error)
            return
        if self.bench.document is document:
            self._pictures["photo"] = part
            self._show()

    async def _read_what_is_ticked(self) -> bool:
        """Wait for the pictures that were ticked a moment ago. False when one of them cannot be had: it was said."""
        for kind, tick, read in (
            ("window", self.with_window, self._write_shot),
            ("photo", self.with_photo, self._read_photo),
        ):
            if tick.isChecked() and kind not in self._pictures:
                await read()
                if kind not in self._pictures:
                    return False
        return True

    def _on_photo(self) -> None:
        """Another photograph is open: the tick was for the one before."""
        self._pictures.pop("photo", None)
        self.with_photo.setChecked(False)
        self._show()

    def _show(self) -> None:
        parts = self.parts
        at = max(0, self.list.currentRow())
        self.list.blockSignals(True)
        self.list.clear()
        for part in parts:
            what = say(f"problem_report.{part.kind}", self.lang)
            item = QListWidgetItem(f"{part.name}  {size_in_words(len(part.data))}\n{what}")
            item.setSizeHint(QSize(0, 5 * GRID + 4))
            self.list.addItem(item)
        self.list.setCurrentRow(min(at, len(parts) - 1))
        self.list.blockSignals(False)
        self._show_preview()
        document = self.bench.document
        self.with_photo.setEnabled(document is not None and document.path is not None)
        self.save.setEnabled(bool(parts) and not self._busy)
        size = size_in_words(sum(len(part.data) for part in parts))
        total = self.tr("{count} files, {size}").format(count=len(parts), size=size)
        self.size_text.setText(self.tr("Looking at this computer and the studio…") if self._busy else total)

    def _show_preview(self) -> None:
        at, parts = self.list.currentRow(), self.parts
        part = parts[at] if 0 <= at < len(parts) else None
        if part is None or part.is_text:
            text = part.text() if part is not None else ""
            if text != self.preview.toPlainText():
                self.preview.setPlainText(text)
            self.views.setCurrentWidget(self.preview)
            return
        pixmap = QPixmap()
        pixmap.loadFromData(part.data)
        room = QSize(_PREVIEW_SIDE, _PREVIEW_SIDE).boundedTo(self.views.size())
        mode = Qt.TransformationMode.SmoothTransformation
        if not pixmap.isNull():
            self.picture.setPixmap(pixmap.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, mode))
        else:
            self.picture.setText(part.name)
        self.views.setCurrentWidget(self.picture)

    # -- where it goes --------------------------------------------------------------------------------------------

    def _choose(self) -> None:
        name = f"fabric-desktop-report-{date.today():%Y-%m-%d}.zip"
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save the report"), str(Path.home() / name), "zip (*.zip)"
        )
        if chosen:
            path = Path(chosen)
            self.bench.start(self._save(path if path.suffix.lower() == ".zip" else Path(f"{path}.zip")))

    async def _save(self, target: Path) -> None:
        if not await self._read_what_is_ticked():
            return
        parts, lang = self.parts, self.lang
        try:
            size = await self.bench.runner.run(
                titles.REPORT, lambda _context: write(parts, target, lang), Priority.INTERACTIVE, quiet=True
            )
        except Cancelled:
            return
        except FabricError as error:
            self.show_error(error)
            return

        def words() -> tuple[str, str]:
            return (
                self.tr("The report is saved: {name}, {size}.").format(name=target.name, size=size_in_words(size)),
                self.tr("Send it to whoever helps you, for example by e-mail. Nothing was sent by itself."),
            )

        def buttons() -> list[QPushButton]:
            show = button(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(target.parent))))
            show.setText(self.tr("Show the folder"))
            return [show]

        self.tell(words, buttons)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Report a problem"))
        self.lead.setText(
            self.tr(
                "One file to send to whoever helps you. You choose where it is saved, and see here what is in it: no "
                "photographs unless you tick them, no passwords, no folders outside the studio."
            )
        )
        self.message_heading.setText(self.tr("WHAT HAPPENED"))
        self.message.setPlaceholderText(self.tr("What did you do, what did you expect, and what happened?"))
        self.message.setAccessibleName(self.tr("What happened"))
        self.contents_heading.setText(self.tr("WHAT IS IN IT"))
        self.list.setAccessibleName(self.tr("What is in it"))
        self.preview.setAccessibleName(self.tr("Contents of the file"))
        self.with_window.setText(self.tr("With a picture of the window, the photograph in it"))
        self.with_photo.setText(self.tr("With the photograph that is open"))
        self.save.setText(self.tr("Save the report…"))
        self._show()


def _png(picture: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"PNG").write(picture)
    return bytes(data.data())
