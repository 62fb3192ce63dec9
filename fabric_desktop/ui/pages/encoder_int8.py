"""A CLIP encoder's int8 form, tried from the encoders page: measured on the studio's photos as a job. No widgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fabric_desktop.encoders.clip_int8 import MIN_PHOTOS, NEEDED, SUFFIX
from fabric_desktop.encoders.states import EncoderState
from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.pages import job_titles
from fabric_desktop.ui.workbench import Workbench
from fabric_desktop.wording import per_cent, say

if TYPE_CHECKING:
    from fabric_desktop.encoders.clip_int8 import Measured


def may_be_tried(state: EncoderState) -> bool:
    """Whether there is a float32 graph that an int8 form can be made of."""
    return state.info.graph is not None and state.info.graph.word == "ready"


async def measure(bench: Workbench, encoder_id: str, failed: Callable[[FabricError], object]) -> Measured | None:
    """Make the form and count how often it answers alike; None where that was stopped or failed, which is told."""
    studio = bench.studio
    if studio is None:
        return None

    def work(context: JobContext) -> Measured:
        from fabric_desktop.library.encoder_int8 import measure_int8

        return measure_int8(studio, encoder_id, context)

    try:
        return await bench.runner.run(job_titles.MEASURE_INT8, work, Priority.LONG)
    except Cancelled:
        return None
    except FabricError as error:
        failed(error)
        return None


def found(measured: Measured, encoder_id: str, lang: str) -> str:
    """The figure in words."""
    share = per_cent(measured.share, lang, digits=1)
    return say("cli.encoders.int8_measured", lang, id=encoder_id, share=share, photos=measured.photos)


def refused(lang: str) -> str:
    """What it would have taken."""
    return say("cli.encoders.int8_refused", lang, needed=per_cent(NEEDED, lang), least=MIN_PHOTOS)


def int8_id(encoder_id: str) -> str:
    """The id of an encoder's int8 form."""
    return encoder_id + SUFFIX
