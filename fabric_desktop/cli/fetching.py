"""encoders get and encoders switch: the CLIP engine and weights, and moving a studio to another encoder."""

from __future__ import annotations

from argparse import Namespace

from fabric_desktop.cli.console import Console, Outcome
from fabric_desktop.cli.place import studio_of
from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.studio import StudioLock, load_settings


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
    console.say("encoders.fetched_next", id=encoder_id)
    return Outcome({"encoder": encoder_id, "path": str(path), "engine_installed_now": not plan.installed})


def switch(options: Namespace, console: Console) -> Outcome:
    """Move the studio to an encoder: bank and head in one step."""
    from fabric_desktop.library.encoder_switch import switch_encoder, switch_plan

    studio = studio_of(options)
    plan = switch_plan(studio, options.encoder)
    if plan.error is not None:
        raise EncoderUnavailable(**plan.error.params)
    if plan.ready is not None:
        console.say("encoders.switch_ready", after=plan.after, version=plan.ready)
    else:
        console.say("encoders.switch_rebuild", after=plan.after, references=plan.references, patches=plan.patches)
    with StudioLock(studio, "encoders switch"), console.job() as context:
        report = switch_encoder(studio, options.encoder, context)
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
        }
    )
