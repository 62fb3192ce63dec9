"""The line at the foot of the window: encoder and device, library, head, and the job that runs."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QSize, QTimer
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QStatusBar, QToolButton, QWidget

from fabric_desktop.recognition import ModelStatus
from fabric_desktop.ui import titles
from fabric_desktop.ui.i18n import counts, encoder_name
from fabric_desktop.ui.icons import icon
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.runner import Entry, JobRunner, State
from fabric_desktop.ui.studio_facts import StudioFacts
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Text, is_language_change
from fabric_desktop.wording import clauses, has, say

_NOTICED_MS = 200
# Nobody waits for these, or what is waited for shows it itself.
_NOT_WAITED_FOR = frozenset(
    (
        *(job_titles.THUMBNAILS, titles.RECOGNISE, titles.RANK, titles.SWATCHES, titles.ORDER_QUEUE),
        *(titles.KEEP_FOR_REVIEW, titles.KEEP_REGIONS, titles.SAVE_SETTING),
    )
)


class StatusBar(QStatusBar):
    """Three facts on the left; on the right the running job with done of total, time left and a cross."""

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self._runner = runner
        self._facts: StudioFacts | None = None
        self._lang = "en"
        self.setSizeGripEnabled(False)
        self.encoder, self.library, self.head = Text(), Text(), Text()
        left = QWidget()
        row = QHBoxLayout(left)
        row.setContentsMargins(GRID, 0, 0, 0)
        row.setSpacing(3 * GRID)
        for label in (self.encoder, self.library, self.head):
            row.addWidget(label)
        row.addStretch()
        self.addWidget(left, 1)
        self.job = JobLine(runner)
        self.addPermanentWidget(self.job)
        self.retranslate()

    def show_facts(self, facts: StudioFacts | None, lang: str) -> None:
        self._facts, self._lang = facts, lang
        self.job.lang = lang
        self.retranslate()

    def retranslate(self) -> None:
        facts = self._facts
        status = facts.status if facts is not None else None
        self.encoder.setText(self._encoder_words(status, facts))
        self.encoder.setToolTip(self._device_words(status.device_reason) if status is not None else "")
        self.library.setText(self._library_words(facts))
        self.head.setText(self._head_words(facts))
        self.job.refresh()

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def _encoder_words(self, status: ModelStatus | None, facts: StudioFacts | None) -> str:
        if status is None:
            return self.tr("Encoder: not loaded yet") if facts is not None else ""
        name = encoder_name(status.encoder_id)
        if not status.device:
            return self.tr("{encoder}: cannot run here").format(encoder=name)
        return clauses((name, status.device.upper() if status.device == "cpu" else status.device), self._lang)

    def _device_words(self, reason: str) -> str:
        """Why it runs on this device, by the encoders' codes."""
        words = {
            "only_cpu": self.tr("This encoder runs on the processor alone."),
            "gpu": self.tr("It runs on the graphics card."),
            "no_gpu": self.tr("No graphics card that it could run on was found."),
            "engine_without_gpu": self.tr("The installed torch was built without support for graphics cards."),
        }
        return words.get(reason, reason)

    def _library_words(self, facts: StudioFacts | None) -> str:
        if facts is None:
            return ""
        if not facts.references:
            return self.tr("No reference photos yet")
        stock = clauses((counts.fabrics(facts.fabrics), counts.references(facts.references)), self._lang)
        if facts.status is None or facts.status.bank_state == "ready":
            return stock
        if facts.status.bank_state == "missing":
            return self.tr("{counts}, bank not built").format(counts=stock)
        return self.tr("{counts}, bank does not fit").format(counts=stock)

    def _head_words(self, facts: StudioFacts | None) -> str:
        if facts is None:
            return ""
        if facts.head_version is None:
            return self.tr("No head trained")
        return self.tr("Head {version}, {age}").format(version=facts.head_version, age=self._age(facts.head_created))

    def _age(self, created: str | None) -> str:
        if created is None:
            return "?"
        past = (datetime.now(UTC) - datetime.fromisoformat(created)).days
        if past < 1:
            return self.tr("today")
        if past < 14:
            return counts.days(past)
        return counts.weeks(past // 7)


class JobLine(QWidget):
    """The running job in one line; a click on its name lists all jobs with their outcome.

    A quiet job, such as opening a photograph, is named while it takes longer than a person takes for at once.
    """

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self.lang = "en"
        self._runner = runner
        self.words = QToolButton()
        self.words.setAutoRaise(True)
        self.words.clicked.connect(self._list_jobs)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(120, 6)
        self.left = Text(quiet=True)
        self.cancel = QToolButton()
        self.cancel.setIcon(icon("close"))
        self.cancel.setIconSize(QSize(14, 14))
        self.cancel.setAutoRaise(True)
        self.cancel.clicked.connect(self.stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, GRID, 0)
        row.setSpacing(GRID)
        for widget in (self.words, self.bar, self.left, self.cancel):
            row.addWidget(widget)
        runner.changed.connect(self._on_changed)
        self._noticed = QTimer(self, interval=_NOTICED_MS, singleShot=True)
        self._noticed.timeout.connect(self.refresh)
        # The time left has to move on even while a job says nothing.
        self._tick = QTimer(self, interval=500)
        self._tick.timeout.connect(self.refresh)
        self.refresh()

    @property
    def entry(self) -> Entry | None:
        """The listed job that runs, or the first that waits."""
        active = self._runner.active
        return active[0] if active else None

    def stop(self) -> None:
        entry = self.entry
        if entry is not None:
            self._runner.cancel(entry)

    def _on_changed(self, entry: Entry) -> None:
        if entry.quiet and not entry.over and not self._noticed.isActive():
            self._noticed.start()
        self.refresh()

    def _show_quiet(self) -> bool:
        """Name the quiet job that is waited for, if any is by now."""
        entry = self._runner.waited_for(_NOT_WAITED_FOR)
        if entry is None or time.monotonic() - entry.asked < _NOTICED_MS / 1000:
            if entry is not None and not self._noticed.isActive():
                self._noticed.start()
            return False
        self.words.setVisible(True)
        self.words.setText(f"{QCoreApplication.translate('Jobs', entry.title)}…")
        self.words.setToolTip(self.tr("All jobs"))
        self.bar.setVisible(True)
        self.bar.setRange(0, 0)
        return True

    def refresh(self) -> None:
        entry = self.entry
        for widget in (self.bar, self.left, self.cancel):
            widget.setVisible(entry is not None)
        self.cancel.setToolTip(self.tr("Stop this job  (Ctrl+.)"))
        self.cancel.setAccessibleName(self.tr("Stop this job"))
        if entry is None:
            self._tick.stop()
            if self._show_quiet():
                return
            over = [entry for entry in self._runner.entries if entry.over]
            self.words.setVisible(bool(over))
            self.words.setText(self._outcome(over[-1]) if over else "")
            self.words.setToolTip(self.tr("All jobs"))
            return
        self._tick.start()
        self.words.setVisible(True)
        self.words.setText(self._running(entry))
        progress = entry.progress
        self.words.setToolTip(self._step(entry) or self.tr("All jobs"))
        if progress is None or progress.total <= 0:
            self.bar.setRange(0, 0)
        else:
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
        left = entry.seconds_left(time.monotonic())
        self.left.setText("" if left is None else self._time_left(left))
        self.cancel.setEnabled(not entry.asked_to_stop)

    def _running(self, entry: Entry) -> str:
        title = QCoreApplication.translate("Jobs", entry.title)
        if entry.asked_to_stop:
            return self.tr("{job}: stopping…").format(job=title)
        if entry.state is State.WAITING:
            return self.tr("{job}: waiting").format(job=title)
        if entry.progress is None or entry.progress.total <= 0:
            return title
        return f"{title}  {entry.progress.done}/{entry.progress.total}"

    def _step(self, entry: Entry) -> str:
        progress = entry.progress
        if progress is None or not has(progress.code, self.lang):
            return ""
        return say(progress.code, self.lang, **progress.params)

    def _time_left(self, seconds: float) -> str:
        if seconds < 60:
            return self.tr("{n} s left").format(n=max(1, round(seconds)))
        return self.tr("{n} min left").format(n=round(seconds / 60))

    def _outcome(self, entry: Entry) -> str:
        title = QCoreApplication.translate("Jobs", entry.title)
        words = {
            State.SUCCEEDED: self.tr("{job}: done"),
            State.FAILED: self.tr("{job}: failed"),
            State.CANCELLED: self.tr("{job}: stopped"),
        }
        return words[entry.state].format(job=title)

    def _list_jobs(self) -> None:
        menu = QMenu(self)
        for entry in reversed(self._runner.entries):
            text = self._outcome(entry) if entry.over else self._running(entry)
            item = menu.addAction(text)
            item.setEnabled(False)
        if not menu.isEmpty():
            height = menu.sizeHint().height()
            menu.popup(self.words.mapToGlobal(QPoint(0, -height)))
        menu.aboutToHide.connect(menu.deleteLater)
