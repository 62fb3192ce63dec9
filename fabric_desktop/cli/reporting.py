"""report and share: a studio's progress on paper, and studios and models that travel."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.cli.console import Console, Outcome
from fabric_desktop.cli.place import encoder_for, studio_of
from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.studio import Studio, StudioLock
from fabric_desktop.wording import LANGS, size_in_words

if TYPE_CHECKING:
    from fabric_desktop.encoders.base import Encoder


def report(options: Namespace, console: Console) -> Outcome:
    """Write the progress report: in the language asked for, or in both with a switch."""
    from fabric_desktop.names import FabricNames
    from fabric_desktop.report import write_report
    from fabric_desktop.report.words import step_text

    studio = studio_of(options)
    langs = (options.lang,) if options.lang else tuple(sorted(LANGS, key=lambda lang: lang != console.lang))
    with console.job() as context:
        progress = write_report(studio, _encoder(studio, console), options.out, context, langs=langs)
    console.say("report.saved", path=options.out)
    names = FabricNames(studio)
    for step in progress.steps[:1]:
        console.say("report.next", step=step_text(step, names, console.lang))
    used = progress.in_use
    return Outcome(
        {
            "path": str(options.out),
            "langs": list(langs),
            "in_use": used.name if used is not None else None,
            "fabrics": {
                count.fabric: {"references": count.references, "labels": count.labels} for count in progress.counts
            },
            "confusions": [asdict(pair) for pair in progress.confusions],
            "suspects": None
            if progress.suspects is None
            else [{"image": studio.relative(s.path), "label": s.label, "other": s.other} for s in progress.suspects],
            "steps": [{"code": step.code, "fabrics": list(step.fabrics), **step.params} for step in progress.steps],
            "new_labels": progress.nudge.new,
            "queue": progress.queue,
        }
    )


def _encoder(studio: Studio, console: Console) -> Encoder | None:
    """The studio's encoder; a report is as good without, but for the labels it could not check."""
    try:
        return encoder_for(studio, console)
    except EncoderUnavailable as error:
        console.explain(error)
        return None


def share(options: Namespace, console: Console) -> Outcome:
    """`export PATH` or `import PATH`."""
    return _import(options, console) if options.action == "import" else _export(options, console)


def _export(options: Namespace, console: Console) -> Outcome:
    from fabric_desktop.sharing import export_share

    studio = studio_of(options)
    with console.job() as context:
        written = export_share(studio, options.path, context, kind="model" if options.model_only else "studio")
    console.say("share.exported", path=written.path)
    console.say("share.files", files=written.files)
    console.say("size", size=size_in_words(written.bytes))
    if not (studio.fabric_ids() or studio.labeled_ids() or studio.current_path.exists()):
        console.note(console.words("share.empty"))
    if written.left_out:
        console.note(console.words("share.left_out", count=len(written.left_out), example=written.left_out[0]))
    return Outcome(
        {
            "path": str(written.path),
            "files": written.files,
            "bytes": written.bytes,
            "left_out": list(written.left_out),
        }
    )


def _import(options: Namespace, console: Console) -> Outcome:
    return _import_studio(options, console) if options.into else _import_model(options, console)


def _import_studio(options: Namespace, console: Console) -> Outcome:
    from fabric_desktop.sharing import import_studio

    target = Path(options.into).expanduser()
    with console.job() as context:
        studio = import_studio(options.path, target, context, without_model=options.without_model)
    console.say("share.studio", path=studio.root)
    console.say("share.next_studio", path=f'"{studio.root}"' if " " in str(studio.root) else studio.root)
    return Outcome({"studio": str(studio.root)})


def _import_model(options: Namespace, console: Console) -> Outcome:
    from fabric_desktop.encoders.registry import choose_encoder_id, fingerprint_of
    from fabric_desktop.loop.known import in_use
    from fabric_desktop.sharing import import_model

    studio = studio_of(options)
    with StudioLock(studio, "share import"), console.job() as context:
        fingerprint = fingerprint_of(choose_encoder_id(studio))
        version = import_model(options.path, studio, fingerprint, context)
    used = in_use(studio)
    console.say("share.model", version=version.name)
    if used is not None:
        console.say("share.next_model", before=used.name, version=version.name)
    return Outcome({"version": version.name, "encoder": version.manifest.get("encoder")})
