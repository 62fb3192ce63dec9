"""encoders: what can turn a picture into numbers here, which one a studio uses, and taking in one that a person has."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from fabric_desktop.cli import fetching
from fabric_desktop.cli.console import Console, Outcome
from fabric_desktop.cli.place import prepare, studio_of
from fabric_desktop.encoders.runner_words import runs_on
from fabric_desktop.studio import StudioLock, save_setting
from fabric_desktop.wording import per_cent


def encoders(options: Namespace, console: Console) -> Outcome:
    """`list` (also when no action is named), `use ID`, `switch ID`, `get [ID]`, `prepare ID`, `quantize [ID]`,
    `import PATH`."""
    if options.action == "use":
        return _use(options, console)
    if options.action == "import":
        return _import(options, console)
    if options.action in ("get", "switch", "prepare", "quantize"):
        return getattr(fetching, options.action)(options, console)  # type: ignore[no-any-return]
    return _list(options, console)


def _list(options: Namespace, console: Console) -> Outcome:
    from fabric_desktop.encoders.registry import choose_encoder_id, list_encoders

    studio = studio_of(options, needed=bool(options.studio))
    chosen = choose_encoder_id(studio)
    found = list_encoders()
    for info in found:
        accuracy = None if info.texture_accuracy is None else info.texture_accuracy / 100
        console.say(
            "encoders.line",
            mark="*" if info.id == chosen else " ",
            id=info.id,
            state=console.words(f"encoders.state.{info.state}"),
            size=info.size_mb if info.size_mb is not None else "?",
            licence=info.licence or "-",
            accuracy=per_cent(accuracy, console.lang, digits=1),
        )
        if info.graph is not None:
            console.say("encoders.runs", how=runs_on(info.graph, console.lang))
    if chosen not in {info.id for info in found}:
        console.say("encoders.other", id=chosen)
    console.say("encoders.legend")
    console.say("encoders.next")
    return Outcome({"in_use": chosen, "encoders": [asdict(info) for info in found]})


def _use(options: Namespace, console: Console) -> Outcome:
    from fabric_desktop.encoders.registry import choose_encoder_id, load_for, require_unlocked

    studio = studio_of(options)
    before = choose_encoder_id(studio)
    # Loaded to the end: an encoder that cannot run here must not become a studio's choice.
    require_unlocked(studio, options.encoder)
    prepare(options.encoder, console)
    encoder = load_for(studio, options.encoder)
    with StudioLock(studio, "encoders use"):
        save_setting(studio, "encoder", encoder.id)
    rebuild = studio.bank_path.is_file() and encoder.id != before
    console.say("encoders.chosen", id=encoder.id, device=encoder.device, path=studio.settings_path)
    console.say("encoders.rebuild" if rebuild else "encoders.ready", before=before)
    return Outcome(
        {
            "encoder": encoder.id,
            "device": encoder.device,
            "dim": encoder.dim,
            "before": before,
            "rebuild_needed": rebuild,
        }
    )


def _import(options: Namespace, console: Console) -> Outcome:
    from fabric_desktop.encoders.registry import import_encoder

    encoder_id = import_encoder(options.path, model=options.model)
    prepare(encoder_id, console)
    console.say("encoders.imported", id=encoder_id, path=options.path)
    console.say("encoders.imported_next", id=encoder_id)
    return Outcome({"encoder": encoder_id, "path": str(options.path)})
