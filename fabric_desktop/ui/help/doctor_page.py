"""The doctor's answer in the window: a line a thing, the troubles first, each with the way out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.studio import default_studio_path
from fabric_desktop.support.doctor import examine
from fabric_desktop.support.findings import STATUSES, Finding
from fabric_desktop.support.problem_report import answer
from fabric_desktop.ui import titles
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.icons import icon
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages.page import Page, button
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import ActionButton, Text, rule
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import say

_SIZE = (720, 700)
_ICONS = {"ok": "check", "warning": "warning", "fault": "close"}
_ICON = 18


async def ask_doctor(bench: Workbench) -> list[Finding] | None:
    """The doctor's answer about this computer and the studio that is open; None when it was stopped."""
    studio = bench.studio
    path = studio.root if studio is not None else default_studio_path()

    def work(context: JobContext) -> list[Finding]:
        return examine(path, context, asked_for=studio is not None)

    try:
        return await bench.runner.run(titles.DOCTOR, work, Priority.LONG)
    except Cancelled:
        return None


class FindingRow(QWidget):
    """One thing that was looked at."""

    def __init__(self, finding: Finding, lang: str) -> None:
        super().__init__()
        self.finding = finding
        words = finding.words(lang)
        self._icon = QLabel()
        self._icon.setFixedSize(_ICON, _ICON)
        status = say(f"doctor_status.{finding.status}", lang)
        self._icon.setToolTip(status)
        self._icon.setAccessibleName(status)
        self.what = Text(words.what, strong=finding.status != "ok", wrap=True)
        self.do = Text(words.do, quiet=True, wrap=True)
        self.do.setVisible(bool(words.do) and finding.status != "ok")
        for label in (self.what, self.do):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.what)
        column.addWidget(self.do)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 6, 0, 6)
        row.setSpacing(12)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        pixmap = icon(_ICONS[self.finding.status]).pixmap(QSize(_ICON, _ICON), self.devicePixelRatioF())
        self._icon.setPixmap(pixmap)


class DoctorPage(Page):
    """The page. It looks again each time it is opened."""

    def __init__(self, workbench: Workbench, actions: Actions, parent: QWidget) -> None:
        super().__init__(workbench, actions, parent, _SIZE)
        self.findings: list[Finding] = []
        self.rows: list[FindingRow] = []
        self._looking = False
        self.summary = Text(factor=1.3, strong=True, wrap=True)
        self.list = QScrollArea()
        self.list.setWidgetResizable(True)
        self.list.setFrameShape(QScrollArea.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.again = button(lambda: self.bench.start(self.look()))
        self.copy = button(self._copy, "copy")
        self.report = ActionButton(actions["report_problem"])
        foot = QHBoxLayout()
        for made in (self.again, self.copy):
            foot.addWidget(made)
        foot.addStretch()
        foot.addWidget(self.report)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(3 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.addWidget(self.summary)
        column.addWidget(self.list, 1)
        column.addLayout(foot)
        self.retranslate()

    def bring_up(self) -> None:
        super().bring_up()
        self.bench.start(self.look())

    async def look(self) -> None:
        """Ask the doctor."""
        if self._looking:
            return
        self._looking = True
        self._show_summary()
        try:
            found = await ask_doctor(self.bench)
        finally:
            self._looking = False
        self.show_findings(self.findings if found is None else found)

    def show_findings(self, findings: list[Finding]) -> None:
        """Show what was found."""
        self.findings = findings
        self._show()

    def _show(self) -> None:
        self._show_summary()
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(0)
        # What is wrong is what one came for.
        ordered = sorted(self.findings, key=lambda finding: -STATUSES.index(finding.status))
        self.rows = [FindingRow(finding, self.lang) for finding in ordered]
        before = ""
        for row in self.rows:
            if before and (row.finding.status == "ok") != (before == "ok"):
                column.addSpacing(GRID)
                column.addWidget(rule())
                column.addSpacing(GRID)
            before = row.finding.status
            column.addWidget(row)
        column.addStretch()
        self.list.setWidget(holder)

    def _show_summary(self) -> None:
        faults = sum(finding.status == "fault" for finding in self.findings)
        warnings = sum(finding.status == "warning" for finding in self.findings)
        if self._looking:
            text = self.tr("Looking at this computer and the studio…")
        elif not self.findings:
            text = ""
        elif faults or warnings:
            text = self.tr("Faults: {faults}, warnings: {warnings}").format(faults=faults, warnings=warnings)
        else:
            text = self.tr("Everything is right.")
        self.summary.setText(text)
        self.again.setEnabled(not self._looking)
        self.copy.setEnabled(bool(self.findings))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(answer(self.findings, self.lang))

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Check this computer"))
        self.list.setAccessibleName(self.windowTitle())
        self.again.setText(self.tr("Look again"))
        self.copy.setText(self.tr("Copy"))
        self._show()
