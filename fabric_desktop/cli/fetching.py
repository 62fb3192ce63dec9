"""encoders get and encoders switch: the CLIP engine and weights, and moving a studio to another encoder."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from fabric_desktop.cli import place
from fabric_desktop.cli.console import Console, Outcome
from fabric_desktop.cli.improving import print_side_by_side, side_by_side_as_json
from fabric_desktop.cli.place import studio_of
from fabric_desktop.encoders.clip_graph import AGREEMENT
from fabric_desktop.encoders.runner_words import runs_on
from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.studio import Studio, StudioLock, load_settings
from fabric_desktop.wording import per_cent

if TYPE_CHECKING:
    from fabric_desktop.loop import SideBySide

PERSON_CAN_HELP = 3


def get(options: Namespace, console: Console) -> Outcome:
    """Fetch an encoder: the engine if it is missing, then the weights."""
    from fabric_desktop.encoders.download import download_weights
    from fabric_desktop.encoders.engine import engine_plan, install_engine
    from fabric_desktop.encoders.openclip import canonical_id
    from fabric_desktop.encoders.registry import OFFERS, list_encoders

    encoder_id = canonical_id(options.encoder or OFFERS[0].id)
    mirror = options.mirror or load_settings(studio_of(options, needed=False)).mirror
    plan = engine_plan()
    if not plan.installed:
        console.say("encoders.engine", python=plan.python, needed=f"{plan.needed_gb:.1f}", free=f"{plan.free_gb:.1f}")
        with console.job() as context:
            install_engine(context)
    known = next((info for info in list_encoders() if info.id == encoder_id), None)
    size = known.size_mb if known is not None and known.size_mb is not None else "?"
    console.say("encoders.fetching", id=encoder_id, size=size)
    with console.job() as context:
        path = download_weights(encoder_id, context, endpoint=mirror)
    console.say("encoders.fetched", id=encoder_id, path=path)
    place.prepare(encoder_id, console)
    console.say("encoders.fetched_next", id=encoder_id)
    return Outcome({"encoder": encoder_id, "path": str(path), "engine_installed_now": not plan.installed})


def prepare(options: Namespace, console: Console) -> Outcome:
    """Make an encoder's graph anew, whatever there was and whyever it was refused."""
    from fabric_desktop.encoders.registry import prepare_encoder

    with console.job() as context:
        state = prepare_encoder(options.encoder, context, again=True)
    if state is None:
        console.say("encoders.prepared_nothing", id=options.encoder)
        return Outcome({"encoder": options.encoder, "graph": None})
    console.say("encoders.prepared", id=options.encoder, how=runs_on(state, console.lang))
    if state.word == "ready":
        console.say("encoders.prepared_check", difference=f"{state.difference:.1g}", limit=f"{AGREEMENT:.0e}")
    # On a graphics card torch is the faster of the two, and nothing is wrong.
    wrong = state.word != "ready" and state.reason != "gpu"
    return Outcome({"encoder": options.encoder, "graph": asdict(state)}, PERSON_CAN_HELP if wrong else 0)


def quantize(options: Namespace, console: Console) -> Outcome:
    """Make an encoder's int8 form, and unlock it if it answers as float32 does on the studio's own photos."""
    from fabric_desktop.encoders.clip_int8 import MIN_PHOTOS, NEEDED, SUFFIX, base_id
    from fabric_desktop.encoders.registry import choose_encoder_id
    from fabric_desktop.library.encoder_int8 import measure_int8

    studio = studio_of(options)
    encoder_id = base_id(options.encoder or choose_encoder_id(studio))
    with console.job() as context:
        measured = measure_int8(studio, encoder_id, context)
    share = per_cent(measured.share, console.lang, digits=1)
    console.say("encoders.int8_measured", id=encoder_id, share=share, photos=measured.photos)
    if measured.good:
        console.say("encoders.int8_unlocked", id=encoder_id + SUFFIX)
    else:
        console.say("encoders.int8_refused", needed=per_cent(NEEDED, console.lang), least=MIN_PHOTOS)
    value = asdict(measured) | {"encoder": encoder_id + SUFFIX, "unlocked": measured.good, "needed": NEEDED}
    return Outcome(value, 0 if measured.good else PERSON_CAN_HELP)


def switch(options: Namespace, console: Console) -> Outcome:
    """Move the studio to an encoder, bank and head in one step, and show it beside the one before."""
    from fabric_desktop.library.encoder_switch import switch_encoder, switch_plan
    from fabric_desktop.loop.known import in_use

    studio = studio_of(options)
    plan = switch_plan(studio, options.encoder)
    if plan.error is not None:
        raise EncoderUnavailable(**plan.error.params)
    if plan.ready is not None:
        console.say("encoders.switch_ready", after=plan.after, version=plan.ready)
    else:
        console.say("encoders.switch_rebuild", after=plan.after, references=plan.references, patches=plan.patches)
    old = in_use(studio)
    with StudioLock(studio, "encoders switch"), console.job() as context:
        report = switch_encoder(studio, options.encoder, context)
        compared = _compared(studio, old.name if old is not None else None, report.version, context)
    if compared is not None:
        print_side_by_side(studio, compared, console)
    console.say("encoders.switched", after=report.after, version=report.version or "-")
    console.notices(report.notices)
    console.say("encoders.switch_back", before=report.before)
    return Outcome(
        {
            "before": report.before,
            "encoder": report.after,
            "version": report.version,
            "instant": report.instant,
            "head": report.head,
            "compared": None if compared is None else side_by_side_as_json(studio, compared),
        }
    )


def _compared(studio: Studio, old: str | None, new: str | None, context: JobContext) -> SideBySide | None:
    """The model in use before and the one after, on the same labelled patches; None where there is nothing to compare
    or the encoder before cannot be had any more. A cancel ends the comparison only: the move itself is done."""
    from fabric_desktop.encoders.registry import load_encoder
    from fabric_desktop.labels import count_by_fabric
    from fabric_desktop.loop.versions import compare_versions

    if old is None or new is None or old == new or not any(count_by_fabric(studio).values()):
        return None
    try:
        return compare_versions(studio, old, new, context, encoder_of=load_encoder)
    except (EncoderUnavailable, Cancelled):
        return None
