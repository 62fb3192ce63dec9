"""models: list the versions, put one in use, compare two, export, delete or annotate one."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fabric_desktop.cli.console import Console, Outcome
from fabric_desktop.cli.improving import print_side_by_side, side_by_side_as_json
from fabric_desktop.cli.place import studio_of
from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.studio import Studio, StudioLock
from fabric_desktop.wording import explain, per_cent, size_in_words

if TYPE_CHECKING:
    from fabric_desktop.loop import ModelScores
    from fabric_desktop.loop.versions import VersionRow


def models(options: Namespace, console: Console) -> Outcome:
    """`list` (also when no action is named), `use`, `compare`, `export`, `delete`, `restore`, `note`."""
    actions = {
        "use": _use,
        "compare": _compare,
        "export": _export,
        "delete": _delete,
        "restore": _restore,
        "note": _note,
    }
    return actions.get(options.action, _list)(options, console)


def _list(options: Namespace, console: Console) -> Outcome:
    from fabric_desktop.loop.versions import version_rows

    studio = studio_of(options)
    rows, now = version_rows(studio), datetime.now(UTC)
    since = bool(getattr(options, "since", False))
    listed = []
    for row in rows:
        _print_row(row, now, console)
        entry = _row_as_json(row, now)
        if since:
            entry["since"] = _since(studio, row, console)
        listed.append(entry)
    console.say("models.legend" if rows else "models.none")
    return Outcome({"in_use": next((row.name for row in rows if row.in_use), None), "versions": listed})


def _print_row(row: VersionRow, now: datetime, console: Console) -> None:
    scores = row.scores
    accuracy = console.words("models.not_scored")
    if scores is not None:
        accuracy = console.words(
            "models.accuracy",
            top1=per_cent(scores.top1, console.lang, digits=2),
            low=per_cent(scores.low, console.lang, digits=2),
            high=per_cent(scores.high, console.lang, digits=2),
            top3=per_cent(scores.top3, console.lang, digits=2),
            patches=scores.patches,
        )
    labels = (
        console.words("models.no_head") if row.samples is None else console.words("models.labels", samples=row.samples)
    )
    days = row.time_in_use(now).days
    console.say(
        "models.line",
        mark="*" if row.in_use else " ",
        version=row.name,
        created="-" if row.created is None else f"{row.created.astimezone():%Y-%m-%d}",
        labels=labels,
        accuracy=accuracy,
        use=console.words("models.use", days=days) if row.periods else console.words("models.never"),
        note=f"  {row.note}" if row.note else "",
    )


def _row_as_json(row: VersionRow, now: datetime) -> dict[str, Any]:
    return {
        "version": row.name,
        "created": None if row.created is None else row.created.isoformat(),
        "in_use": row.in_use,
        "encoder": row.encoder,
        "fabrics": row.fabrics,
        "references": row.references,
        "samples": row.samples,
        "scores": None if row.scores is None else asdict(row.scores),
        "note": row.note,
        "periods": [
            {"since": period.since.isoformat(), "until": None if period.until is None else period.until.isoformat()}
            for period in row.periods
        ],
        "seconds_in_use": round(row.time_in_use(now).total_seconds()),
        "labelled_since": row.labelled_since,
        "parent": row.version.manifest.get("parent"),
    }


def _since(studio: Studio, row: VersionRow, console: Console) -> dict[str, Any] | None:
    from fabric_desktop.encoders.registry import load_encoder
    from fabric_desktop.loop.versions import score_since

    try:
        with console.job() as context:
            scores: ModelScores | None = score_since(studio, row.name, context, encoder_of=load_encoder)
    except EncoderUnavailable as error:
        console.say("models.since_impossible", reason=explain(error, console.lang).what)
        return None
    if scores is None:
        console.say("models.since_nothing")
        return None
    console.say("models.since", patches=scores.patches, top1=per_cent(scores.top1, console.lang, digits=2))
    return asdict(scores)


def _use(options: Namespace, console: Console) -> Outcome:
    from fabric_desktop.loop import deploy
    from fabric_desktop.loop.known import in_use
    from fabric_desktop.loop.versions import require_version

    studio = studio_of(options)
    with StudioLock(studio, "models use"):
        before = in_use(studio)
        version = deploy(studio, require_version(studio, options.version_name).name)
    name = before.name if before is not None else None
    console.say("models.used", version=version.name, before=name or console.words("improve.none"))
    console.say("models.copies")
    return Outcome({"version": version.name, "before": name})


def _compare(options: Namespace, console: Console) -> Outcome:
    from fabric_desktop.encoders.registry import load_encoder
    from fabric_desktop.loop.versions import compare_versions, require_version

    studio = studio_of(options)
    old, new = (require_version(studio, name).name for name in (options.version_a, options.version_b))
    with console.job() as context:
        result = compare_versions(studio, old, new, context, encoder_of=load_encoder)
    print_side_by_side(studio, result, console)
    verdict = result.comparison.verdict if result.comparison is not None else "too_little"
    console.say(f"models.verdict_{verdict}", old=old, new=new)
    return Outcome({"old": old, "new": new, "verdict": verdict, **side_by_side_as_json(studio, result)})


def _export(options: Namespace, console: Console) -> Outcome:
    from fabric_desktop.loop.versions import require_version
    from fabric_desktop.sharing import export_share

    studio = studio_of(options)
    version = require_version(studio, options.version_name)
    with console.job() as context:
        report = export_share(studio, options.path, context, kind="model", version=version)
    console.say("models.exported", version=version.name, path=report.path)
    console.say("size", size=size_in_words(report.bytes))
    return Outcome({"version": version.name, "path": str(report.path), "bytes": report.bytes})


def _delete(options: Namespace, console: Console) -> Outcome:
    from fabric_desktop.loop import delete_version
    from fabric_desktop.loop.versions import require_version

    studio = studio_of(options)
    with StudioLock(studio, "models delete"):
        name = require_version(studio, options.version_name).name
        delete_version(studio, name)
    console.say("models.deleted", version=name)
    return Outcome({"version": name})


def _restore(options: Namespace, console: Console) -> Outcome:
    from fabric_desktop.loop import restore_version

    studio = studio_of(options)
    text = options.version_name.strip().lower()
    name = text if text.startswith("v") else f"v{text}"
    with StudioLock(studio, "models restore"):
        restore_version(studio, name)
    console.say("models.restored", version=name)
    return Outcome({"version": name})


def _note(options: Namespace, console: Console) -> Outcome:
    from fabric_desktop.loop import write_note
    from fabric_desktop.loop.versions import require_version

    studio = studio_of(options)
    with StudioLock(studio, "models note"):
        name = require_version(studio, options.version_name).name
        write_note(studio, name, options.text)
    console.say("models.noted", version=name)
    return Outcome({"version": name, "note": options.text.strip()})
