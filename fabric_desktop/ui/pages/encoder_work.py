"""What the encoders page does: reads states, fetches engine and weights, takes in files, plans a change. No widgets."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from fabric_desktop.encoders import openclip
from fabric_desktop.encoders.clip_graph import GraphState
from fabric_desktop.encoders.download import download_weights
from fabric_desktop.encoders.engine import EnginePlan, engine_plan, install_engine
from fabric_desktop.encoders.registry import import_encoder, prepare_encoder
from fabric_desktop.encoders.states import EncoderState, encoder_states
from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.library.encoder_switch import SwitchPlan, switch_plan
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.workbench import Workbench


async def prepare_in_use(bench: Workbench) -> None:
    """An encoder in use that torch runs because its graph was never made is prepared while the person works."""
    recognizer = bench.recognizer
    if recognizer is None or bench.facts is None or bench.facts.status is None:
        return
    encoder = recognizer.encoder
    if not isinstance(encoder, openclip.OpenClipEncoder) or not encoder.waits_for_graph:
        return
    # On the jobs' own thread, between whose steps recognising goes on.
    with contextlib.suppress(Cancelled):
        await bench.runner.run(job_titles.PREPARE_ENCODER, encoder.use_graph, Priority.LONG)


class EncoderWork(QObject):
    """The steps, each a coroutine; what failed is told and shown as the encoder's state."""

    failed = Signal(object)  # FabricError

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = workbench

    async def states(self) -> tuple[list[EncoderState], EnginePlan] | None:
        """Every encoder with its state, and what installing the engine would mean."""
        try:
            return await self._bench.runner.run(
                job_titles.ENCODERS, lambda _c: (encoder_states(), engine_plan()), Priority.PICTURE, quiet=True
            )
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None

    async def get(self, encoder_id: str) -> bool:
        """Install the engine where it is missing, then fetch the weights; what has arrived is kept at a stop."""
        mirror = self._bench.settings.mirror

        def fetch(context: JobContext) -> Path:
            return download_weights(encoder_id, context, mirror)

        try:
            if not openclip.engine_installed():
                await self._bench.runner.run(job_titles.INSTALL_ENGINE, install_engine, Priority.LONG)
            await self._bench.runner.run(job_titles.DOWNLOAD, fetch, Priority.LONG)
        except Cancelled:
            return False
        except FabricError as error:
            self.failed.emit(error)
            return False
        await self.prepare(encoder_id)
        return True

    async def prepare(self, encoder_id: str, *, again: bool = False) -> None:
        """Make what the encoder runs on; where that is stopped or fails, its state says so and torch runs it."""

        def make(context: JobContext) -> GraphState | None:
            return prepare_encoder(encoder_id, context, again=again)

        try:
            await self._bench.runner.run(job_titles.PREPARE_ENCODER, make, Priority.LONG)
        except Cancelled:
            return
        except FabricError as error:
            self.failed.emit(error)

    async def take_in(self, path: Path, model: str | None) -> str | None:
        """Remember a model that the person has; its id."""
        try:
            encoder_id = await self._bench.runner.run(
                job_titles.IMPORT_ENCODER, lambda _c: import_encoder(path, model=model), Priority.LONG
            )
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None
        if openclip.engine_installed():
            await self.prepare(encoder_id)
        return encoder_id

    async def plan(self, encoder_id: str) -> SwitchPlan | None:
        """What changing to an encoder would rebuild."""
        studio = self._bench.studio
        if studio is None:
            return None
        try:
            return await self._bench.runner.run(
                job_titles.ENCODERS, lambda _c: switch_plan(studio, encoder_id), Priority.INTERACTIVE, quiet=True
            )
        except Cancelled:
            return None
        except FabricError as error:
            self.failed.emit(error)
            return None
