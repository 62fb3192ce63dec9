"""check and import-photos: what is wrong with a library, and bringing photos into one."""

from __future__ import annotations

import os
from argparse import Namespace
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.cli.console import Console, Outcome
from fabric_desktop.cli.place import studio_of
from fabric_desktop.studio import Studio, StudioLock, default_studio_path, open_studio
from fabric_desktop.wording import say, size_in_words

if TYPE_CHECKING:
    from fabric_desktop.library.check import CheckReport, Finding
    from fabric_desktop.library.import_plan import ImportPlan
    from fabric_desktop.library.sources import ImportSource

PERSON_CAN_HELP = 3
# Lines of one kind shown to a person; `--json` has all of them.
_SHOWN = 20


def check(options: Namespace, console: Console) -> Outcome:
    """Say what is wrong with the library. The exit code is 3 where something is, 0 where it only could be better."""
    from fabric_desktop.library.check import check_library

    studio = studio_of(options)
    console.say("check.start", path=studio.root)
    with console.job() as context:
        report = check_library(studio, context)
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        groups[finding.code].append(finding)
    for code, findings in groups.items():
        _print_findings(code, findings, console)
    console.line()
    console.rule()
    counts = {
        severity: sum(f.severity == severity for f in report.findings) for severity in ("error", "warning", "hint")
    }
    console.say("check.looked_at", fabrics=report.fabrics, photos=report.photos, patches=report.patches)
    if report.findings:
        console.say("check.found", **{f"{severity}s": count for severity, count in counts.items()})
    elif report.fabrics or report.patches:
        console.say("check.good")
    else:
        console.say("check.empty")
    console.rule()
    for advice in report.advice:
        console.note(say(f"advice.{advice.code}", console.lang, **advice.params))
    return Outcome(_check_as_json(report, counts, console), PERSON_CAN_HELP if counts["error"] else 0)


def _print_findings(code: str, findings: list[Finding], console: Console) -> None:
    severity = say(f"check_severity.{findings[0].severity}", console.lang)
    console.line()
    console.say("check.group", severity=severity, count=len(findings), kind=say(f"check_kind.{code}", console.lang))
    for finding in findings[:_SHOWN]:
        console.say("check.finding", text=_words(finding, "what", console.lang))
    if len(findings) > _SHOWN:
        console.say("check.more", count=len(findings) - _SHOWN)
    console.say("check.do", text=_words(findings[0], "do", console.lang))


_REASONS = {
    "unreadable": "unreadable_image",
    "label_unreadable": "unreadable_image",
    "bank_damaged": "bank_mismatch",
}


def _words(finding: Finding, part: str, lang: str) -> str:
    params = dict(finding.params)
    table = _REASONS.get(finding.code)
    if table is not None:
        params["reason"] = say(f"error.{table}.reason.{params['reason']}", lang)
    path = finding.paths[0] if finding.paths else ""
    return say(f"check.{finding.code}.{part}", lang, **{"path": path, "fabric": finding.fabric_id, **params})


def _check_as_json(report: CheckReport, counts: dict[str, int], console: Console) -> dict[str, object]:
    return {
        "fabrics": report.fabrics,
        "photos": report.photos,
        "patches": report.patches,
        "counts": counts,
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "fabric": finding.fabric_id,
                "paths": list(finding.paths),
                "fix": finding.fix,
                "what": _words(finding, "what", console.lang),
                "do": _words(finding, "do", console.lang),
            }
            for finding in report.findings
        ],
        "advice": [
            {
                "code": advice.code,
                "fabrics": list(advice.fabric_ids),
                "text": say(f"advice.{advice.code}", console.lang, **advice.params),
            }
            for advice in report.advice
        ],
    }


def import_photos(options: Namespace, console: Console) -> Outcome:
    """Take photos into the library: from a folder of folders, from file names, or from a list."""
    from fabric_desktop.library.importing import ImportChoices, plan_import, run_import

    path = Path(options.studio).expanduser() if options.studio else default_studio_path()
    # A folder that is to become the studio is made once there is something to put into it.
    new = not os.path.lexists(path)
    studio = Studio(path) if new else open_studio(path)
    source = _source(options, console)
    choices = ImportChoices(declared="replace" if options.replace else "keep")
    with console.job() as context:
        plan = plan_import(source, studio, context, choices)
    _print_plan(plan, console)
    value = _plan_as_json(plan, console) | {"mode": "link" if options.link else "copy", "dry_run": options.dry_run}
    if options.dry_run:
        console.say("import.dry_run")
        return Outcome(value)
    if new:
        studio = open_studio(path, create=True)
    with StudioLock(studio, "import-photos"), console.job() as context:
        done = run_import(plan, studio, context, "link" if options.link else "copy")
    console.say("import.done", photos=done.photos, fabrics=done.fabrics, new=done.new_fabrics, path=studio.fabrics_dir)
    console.say("import.next")
    return Outcome(value | {"new_fabrics": done.new_fabrics, "path": str(studio.fabrics_dir)})


def _source(options: Namespace, console: Console) -> ImportSource:
    """What the person means: a file is a list; a folder with --pattern, or without folders in it, has the fabrics in
    its file names; any other folder holds a folder a fabric."""
    from fabric_desktop.folders import walk_photos
    from fabric_desktop.library.sources import FolderSource, ListSource, NamesSource, suggest_for

    place: Path = options.source
    if place.is_file():
        return ListSource(place, options.photos)
    if options.pattern is not None:
        return NamesSource(place, options.pattern)
    if any(photo.parent != place for photo in walk_photos(place)):
        return FolderSource(place, options.level)
    pattern = suggest_for(place)
    console.say("import.pattern", pattern=pattern)
    return NamesSource(place, pattern)


def _print_plan(plan: ImportPlan, console: Console) -> None:
    from fabric_desktop.library.telling import conflict_text

    for fabric in plan.fabrics:
        code = "import.fabric_new" if fabric.new else "import.fabric"
        console.say(code, fabric=fabric.id, photos=fabric.photos, present=fabric.present, fields=len(fabric.declared))
    by_code: dict[str, list[str]] = defaultdict(list)
    for conflict in plan.conflicts:
        text = conflict_text(conflict, console.lang)
        action = say(f"import_action.{conflict.action}", console.lang)
        by_code[conflict.code].append(console.words("import.conflict", text=text, action=action))
    for texts in by_code.values():
        for text in texts[:_SHOWN]:
            console.line(text)
        if len(texts) > _SHOWN:
            console.say("import.more", count=len(texts) - _SHOWN)
    for item in plan.unreadable:
        reason = say(f"error.unreadable_image.reason.{item.reason}", console.lang)
        console.say("import.unreadable", path=item.path, reason=reason)
    console.say("import.total", photos=len(plan.photos), fabrics=len(plan.fabrics), size=size_in_words(plan.bytes))
    console.notices(plan.warnings)


def _plan_as_json(plan: ImportPlan, console: Console) -> dict[str, object]:
    from fabric_desktop.library.telling import conflict_text

    return {
        "photos": len(plan.photos),
        "bytes": plan.bytes,
        "fabrics": [
            {"id": f.id, "new": f.new, "photos": f.photos, "present": f.present, "declared": f.declared}
            for f in plan.fabrics
        ],
        "conflicts": [
            {
                "code": conflict.code,
                "subject": conflict.subject,
                "action": conflict.action,
                "what": conflict_text(conflict, console.lang),
            }
            for conflict in plan.conflicts
        ],
        "unreadable": [{"path": str(item.path), "reason": item.reason} for item in plan.unreadable],
    }
