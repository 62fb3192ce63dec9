"""The encoders: what is in use and why, what is here, what can be had at which cost, and how to change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.encoders.clip_graph import GraphState
from fabric_desktop.encoders.engine import EnginePlan
from fabric_desktop.encoders.registry import OFFERS
from fabric_desktop.encoders.runner_words import runs_on
from fabric_desktop.encoders.states import EncoderState
from fabric_desktop.library.encoder_switch import SwitchPlan, SwitchReport
from fabric_desktop.studio.settings import is_allowed
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.banner import Message
from fabric_desktop.ui.i18n import counts, encoder_name
from fabric_desktop.ui.pages import encoder_int8, job_titles
from fabric_desktop.ui.pages.encoder_row import EncoderRow
from fabric_desktop.ui.pages.encoder_work import EncoderWork
from fabric_desktop.ui.pages.page import Page, button, margins, show_progress
from fabric_desktop.ui.runner import Entry
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.titles import CHANGE_ENCODER
from fabric_desktop.ui.widgets import Heading, Text
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import clauses, explain, remark, sentences

_SIZE = (820, 700)
_JOBS = (
    job_titles.INSTALL_ENGINE,
    job_titles.DOWNLOAD,
    job_titles.PREPARE_ENCODER,
    job_titles.MEASURE_INT8,
    job_titles.IMPORT_ENCODER,
    CHANGE_ENCODER,
)


class EncodersPage(Page):
    """The page. `change` moves the studio to an encoder: bank and head in one job."""

    def __init__(
        self, workbench: Workbench, actions: Actions, change: Callable[[str], object], parent: QWidget
    ) -> None:
        super().__init__(workbench, actions, parent, _SIZE)
        self.work = EncoderWork(workbench, self)
        self._change = change
        self._known: tuple[list[EncoderState], EnginePlan] | None = None
        self._entry: Entry | None = None
        self.rows: list[EncoderRow] = []
        self.heading = Heading()
        self.in_use, self.why = Text(factor=1.3, strong=True), Text(quiet=True, wrap=True)
        self.list_heading = Heading()
        self.list = QScrollArea()
        self.list.setWidgetResizable(True)
        self.list.setFrameShape(QScrollArea.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.file_button = button(self._take_file)
        self.folder_button = button(self._take_folder)
        self.mirror_label, self.mirror = Text(quiet=True), QLineEdit()
        self.progress, self.bar = Text(quiet=True), QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.stop_button = button(self._stop, "close")
        self._build()
        self.work.failed.connect(self.show_error)
        self.mirror.editingFinished.connect(self._keep_mirror)
        workbench.runner.changed.connect(self._on_job)
        workbench.facts_changed.connect(self._show_in_use)
        workbench.studio_changed.connect(self.reload)
        self.retranslate()

    def _build(self) -> None:
        page = QVBoxLayout(self.body)
        margins(page, 3 * GRID)
        page.setSpacing(GRID)
        page.addWidget(self.heading)
        page.addWidget(self.in_use)
        page.addWidget(self.why)
        page.addSpacing(2 * GRID)
        page.addWidget(self.list_heading)
        page.addWidget(self.list, 1)
        running = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.progress)
        words.addWidget(self.bar)
        running.addLayout(words, 1)
        running.addWidget(self.stop_button)
        page.addLayout(running)
        foot = QHBoxLayout()
        foot.addWidget(self.folder_button)
        foot.addWidget(self.file_button)
        foot.addSpacing(2 * GRID)
        foot.addWidget(self.mirror_label)
        foot.addWidget(self.mirror, 1)
        page.addLayout(foot)

    def bring_up(self) -> None:
        super().bring_up()
        self.reload()

    # -- reading --------------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Look again at what is here."""
        self.mirror.setText(self.bench.settings.mirror or "")
        if self.isVisible():
            self.bench.start(self._reload())

    async def _reload(self) -> None:
        known = await self.work.states()
        if known is not None:
            self._known = known
            self._show_list()

    def _show_list(self) -> None:
        self._show_in_use()
        if self._known is None:
            return
        states, engine = self._known
        status = self.bench.facts.status if self.bench.facts is not None else None
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(0)
        self.rows = []
        for state in states:
            in_use = status is not None and state.info.id == status.encoder_id
            row = EncoderRow(state, engine, self.lang, in_use=in_use, writable=self.bench.writable)
            row.wanted.connect(lambda way, state=state: self._take_way(way, state))
            column.addWidget(row)
            self.rows.append(row)
        column.addStretch()
        place = self.list.verticalScrollBar().value()
        self.list.setWidget(holder)
        self.list.verticalScrollBar().setValue(place)
        self._show_busy()

    def _show_in_use(self) -> None:
        status = self.bench.facts.status if self.bench.facts is not None else None
        if status is None:
            problem = self.bench.facts.problem if self.bench.facts is not None else None
            self.in_use.setText(self.tr("None yet"))
            self.why.setText(explain(problem, self.lang).what if problem is not None else "")
            return
        device = "CPU" if status.device == "cpu" else status.device.upper()
        self.in_use.setText(clauses((encoder_name(status.encoder_id), device), self.lang))
        reasons = []
        if status.bank_state == "ready":
            reasons.append(self.tr("The bank of this studio was made with it."))
        elif self.bench.settings.encoder:
            reasons.append(self.tr("You chose it for this studio."))
        else:
            reasons.append(self.tr("It is the best one that is here."))
        devices = {
            "only_cpu": self.tr("This encoder runs on the processor alone."),
            "gpu": self.tr("It runs on the graphics card."),
            "no_gpu": self.tr("No graphics card that it could run on was found."),
            "engine_without_gpu": self.tr("The installed torch was built without support for graphics cards."),
        }
        if status.device_reason in devices:
            reasons.append(devices[status.device_reason])
        graph = self._graph_of(status.encoder_id)
        if graph is not None:
            reasons.append(self.tr("It {how}.").format(how=runs_on(graph, self.lang)))
        self.why.setText(sentences(reasons, self.lang))

    def _graph_of(self, encoder_id: str) -> GraphState | None:
        """What an encoder runs on, for one that knows two ways."""
        states = self._known[0] if self._known is not None else []
        return next((state.info.graph for state in states if state.info.id == encoder_id), None)

    # -- ways out -------------------------------------------------------------------------------------------------

    def _take_way(self, way: str, state: EncoderState) -> None:
        if way == "use":
            self.bench.start(self._offer_change(state.info.id))
        elif way == "get":
            self.bench.start(self._get(state.info.id))
        elif way == "prepare":
            self.bench.start(self._prepare(state.info.id))
        elif way == "int8":
            self.bench.start(self._try_int8(state.info.id))
        else:
            self._take_file(state.info.id.removeprefix("openclip:"))

    async def _get(self, encoder_id: str) -> None:
        self.banner.dismiss()
        if await self.work.get(encoder_id):
            await self._offer_change(encoder_id)

    async def _prepare(self, encoder_id: str) -> None:
        self.banner.dismiss()
        await self.work.prepare(encoder_id, again=True)

    async def _try_int8(self, encoder_id: str) -> None:
        """Measure the int8 form here; offer it where it answers alike, and say the figure either way."""
        self.banner.dismiss()
        measured = await encoder_int8.measure(self.bench, encoder_id, self.work.failed.emit)
        if measured is not None and measured.good:
            await self._offer_change(
                encoder_int8.int8_id(encoder_id), lambda: encoder_int8.found(measured, encoder_id, self.lang)
            )
        elif measured is not None:
            self.tell(
                lambda: (encoder_int8.found(measured, encoder_id, self.lang), encoder_int8.refused(self.lang))
            )

    async def _offer_change(self, encoder_id: str, found: Callable[[], str] | None = None) -> None:
        """Say what the change rebuilds, and offer it; `found` is said before."""
        plan = await self.work.plan(encoder_id)
        if plan is None:
            return
        if plan.error is not None:
            self.show_error(plan.error)
            return

        def buttons() -> list[QPushButton]:
            change = button(lambda: self._do_change(encoder_id), main=True)
            change.setText(self.tr("Change now"))
            change.setEnabled(self.bench.writable and not self.bench.runner.busy)
            return [change]

        def words() -> tuple[str, str]:
            what, do = self._plan_words(plan)
            return (what, do) if found is None else (found(), sentences((what, do), self.lang))

        self.banner.show_message(Message("info", words, buttons))

    def _plan_words(self, plan: SwitchPlan) -> tuple[str, str]:
        what = self.tr("Change from {before} to {after}?").format(
            before=encoder_name(plan.before), after=encoder_name(plan.after)
        )
        if plan.ready is not None:
            return what, self.tr("It made {version} here before, so the change is instant.").format(version=plan.ready)
        do = [self.tr("The bank is built anew of {references}.").format(references=counts.references(plan.references))]
        if plan.head:
            do.append(self.tr("The head is trained anew on {patches}.").format(patches=counts.patches(plan.patches)))
        do.append(self.tr("The old ones stay, so going back is instant."))
        return what, sentences(do, self.lang)

    def _do_change(self, encoder_id: str) -> None:
        self.banner.dismiss()
        self._change(encoder_id)

    def show_change(self, report: SwitchReport) -> None:
        """The change was made."""

        def words() -> tuple[str, str]:
            notes = [remark(notice.code, self.lang, **notice.params) for notice in report.notices]
            return self.tr("{encoder} is in use now.").format(encoder=encoder_name(report.after)), "\n".join(notes)

        self.tell(words)
        self.reload()

    def _take_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("A folder with a model in open_clip's form"))
        if chosen:
            self.bench.start(self._take_in(Path(chosen), None))

    def _take_file(self, model: str = "") -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("A model's weights"), "", "safetensors (*.safetensors)")
        if not chosen:
            return
        if not model:
            names = [f"{offer.name}/{offer.tag}" for offer in OFFERS]
            ask = self.tr("Which published model is it a copy of?")
            model, given = QInputDialog.getItem(self, self.tr("A model's weights"), ask, names, 0, False)
            if not given:
                return
        self.bench.start(self._take_in(Path(chosen), model))

    async def _take_in(self, path: Path, model: str | None) -> None:
        encoder_id = await self.work.take_in(path, model)
        if encoder_id is not None:
            await self._offer_change(encoder_id)

    def _keep_mirror(self) -> None:
        text = self.mirror.text().strip()
        if text and not text.startswith(("http://", "https://")):
            text = f"https://{text}"
            self.mirror.setText(text)
        if not is_allowed("mirror", text or None):
            self.tell(lambda: (self.tr("{address} is no web address and is not kept.").format(address=text), ""))
        elif text != (self.bench.settings.mirror or ""):
            self.bench.start(self._save_mirror(text or None))

    async def _save_mirror(self, address: str | None) -> None:
        await self.bench.keep_setting("mirror", address)

    # -- the running job ------------------------------------------------------------------------------------------

    def _on_job(self, entry: Entry) -> None:
        if entry.quiet:
            return
        if entry.title in _JOBS:
            self._entry = None if entry.over else entry
            if entry.over:
                self.reload()
            else:
                show_progress(entry, self.progress, self.bar, self.lang)
        self._show_busy()

    def _show_busy(self) -> None:
        for widget in (self.progress, self.bar, self.stop_button):
            widget.setVisible(self._entry is not None)
        self.list.setEnabled(self._entry is None)
        self.file_button.setEnabled(self._entry is None)
        self.folder_button.setEnabled(self._entry is None)

    def _stop(self) -> None:
        if self._entry is not None:
            self.bench.runner.cancel(self._entry)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Encoders"))
        self.heading.setText(self.tr("IN USE"))
        self.list_heading.setText(self.tr("HERE AND TO BE HAD"))
        self.list.setAccessibleName(self.list_heading.text())
        self.file_button.setText(self.tr("Take a file I have…"))
        self.folder_button.setText(self.tr("Take a folder I have…"))
        self.mirror_label.setText(self.tr("Mirror"))
        self.mirror.setPlaceholderText("https://huggingface.co")
        self.mirror.setAccessibleName(self.tr("Where to fetch models from"))
        self.stop_button.setText(self.tr("Stop"))
        self.bar.setAccessibleName(self.tr("Progress"))
        self._show_list()
        self._show_busy()
