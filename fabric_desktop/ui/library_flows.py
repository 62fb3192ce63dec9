"""The long flows: build the bank, train the head, evaluate, each a coroutine that reads from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fabric_desktop.bank import BankReport, build_bank
from fabric_desktop.encoders.base import Encoder
from fabric_desktop.encoders.registry import choose_encoder_id, load_for
from fabric_desktop.errors import BankMismatch, BankMissing, FabricError, HeadMismatch, HeadMissing
from fabric_desktop.evaluation import EvalSetReport, Evaluation, evaluate, make_eval_set
from fabric_desktop.head import TrainReport, train_head
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.recognition import Method
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, StudioLock
from fabric_desktop.ui import titles
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.workbench import Workbench

if TYPE_CHECKING:
    from fabric_desktop.library.encoder_switch import SwitchReport

_METHODS: tuple[Method, ...] = ("fused", "retrieval", "head", "rules")


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """One evaluation of the whole studio: each method that could be scored, and the set if it was made for this."""

    results: tuple[Evaluation, ...]
    missing: tuple[str, ...]
    made: EvalSetReport | None
    path: Path


class LibraryFlows(QObject):
    """Build, train and evaluate through the job runner, with what they found for the window to show."""

    bank_built = Signal(object)  # BankReport
    head_trained = Signal(object)  # TrainReport
    evaluated = Signal(object)  # EvaluationReport
    encoder_changed = Signal(object)  # SwitchReport
    failed = Signal(object)  # FabricError

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench

    def _place(self) -> tuple[Studio, Recognizer] | None:
        bench = self._bench
        if bench.studio is None or bench.recognizer is None:
            return None
        return bench.studio, bench.recognizer

    async def build_bank(self, *, tell: bool = True) -> BankReport | None:
        """Embed the reference photos and put the new bank in use; the answers in sight follow."""
        place = self._place()
        if place is None:
            return None
        studio, recognizer = place

        def work(context: JobContext) -> tuple[BankReport, Encoder]:
            context.progress(0, 0, "job.load_encoder", encoder=choose_encoder_id(studio, for_building=True))
            encoder = _encoder_to_build_with(studio, recognizer, context)
            with StudioLock(studio, "window"):
                return build_bank(studio, encoder, context), encoder

        try:
            report, encoder = await self._bench.runner.run(titles.BUILD_BANK, work, Priority.LONG)
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None
        if studio == self._bench.studio and encoder.fingerprint != recognizer.encoder.fingerprint:
            self._bench.use_recognizer(Recognizer(studio, encoder))
        await self._refresh(studio)
        if tell:
            self.bank_built.emit(report)
        return report

    async def use_encoder(self, encoder_id: str) -> SwitchReport | None:
        """Move the studio to another encoder, bank and head with it; everything in sight is recognised anew."""
        place = self._place()
        if place is None:
            return None
        studio, _ = place

        def work(context: JobContext) -> tuple[SwitchReport, Recognizer]:
            # Seldom wanted, and it draws the whole of training in with it.
            from fabric_desktop.library.encoder_switch import switch_encoder

            with StudioLock(studio, "window"):
                return switch_encoder(studio, encoder_id, context), Recognizer(studio)

        try:
            report, recognizer = await self._bench.runner.run(titles.CHANGE_ENCODER, work, Priority.LONG)
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None
        if studio == self._bench.studio:
            self._bench.use_recognizer(recognizer)
        await self._refresh(studio)
        self.encoder_changed.emit(report)
        return report

    async def train_head(self) -> TrainReport | None:
        """Train a head on the labelled patches and put it in use; the answers in sight follow."""
        place = self._place()
        if place is None:
            return None
        studio, recognizer = place

        def work(context: JobContext) -> TrainReport:
            with StudioLock(studio, "window"):
                return train_head(studio, recognizer.encoder, context)

        try:
            report = await self._bench.runner.run(titles.TRAIN_HEAD, work, Priority.LONG)
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None
        await self._refresh(studio)
        self.head_trained.emit(report)
        return report

    async def evaluate(self) -> EvaluationReport | None:
        """Score what can be scored on the evaluation set, which is made first where there is none."""
        place = self._place()
        if place is None:
            return None
        studio, recognizer = place

        def work(context: JobContext) -> EvaluationReport:
            made = None
            if not studio.eval_set_path.exists():
                with StudioLock(studio, "window"):
                    made = make_eval_set(studio)
            return _evaluate_all(studio, recognizer, made, context)

        try:
            report = await self._bench.runner.run(titles.EVALUATE, work, Priority.LONG)
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None
        self.evaluated.emit(report)
        return report

    async def _refresh(self, studio: Studio) -> None:
        if studio == self._bench.studio:
            await self._bench.refresh_facts()
            if self._bench.document is not None:
                self._bench.answers.rank_again(self._bench.document)


def _encoder_to_build_with(studio: Studio, recognizer: Recognizer, context: JobContext) -> Encoder:
    """The encoder at work, unless the studio's settings ask for another one."""
    wanted = choose_encoder_id(studio, for_building=True)
    return recognizer.encoder if wanted == recognizer.encoder_id else load_for(studio, wanted, context=context)


def _evaluate_all(
    studio: Studio, recognizer: Recognizer, made: EvalSetReport | None, context: JobContext
) -> EvaluationReport:
    results: list[Evaluation] = []
    missing: list[str] = []
    for method in _METHODS:
        try:
            results.append(evaluate(studio, recognizer.encoder, context, method=method))
        except (BankMissing, BankMismatch, HeadMissing, HeadMismatch):
            missing.append(method)
    return EvaluationReport(tuple(results), tuple(missing), made, studio.eval_set_path)
