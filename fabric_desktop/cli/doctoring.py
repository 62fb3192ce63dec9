"""doctor: what is right and what is wrong on this computer and in the studio, and what to do."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.cli.console import Console, Outcome
from fabric_desktop.studio import Studio, default_studio_path
from fabric_desktop.wording import say, size_in_words

if TYPE_CHECKING:
    from fabric_desktop.support.findings import Finding

PERSON_CAN_HELP = 3


def doctor(options: Namespace, console: Console) -> Outcome:
    """Look at everything; the exit code is 3 where there is a fault, 0 where there are warnings at most."""
    from fabric_desktop.support.doctor import examine
    from fabric_desktop.support.findings import as_json

    path = Path(options.studio) if options.studio else default_studio_path()
    asked_for = bool(options.studio or os.environ.get("FABRIC_STUDIO"))
    with console.job() as context:
        found = examine(path, context, asked_for=asked_for)
    for finding in found:
        _print(finding, console)
    faults = sum(finding.status == "fault" for finding in found)
    warnings = sum(finding.status == "warning" for finding in found)
    console.rule()
    if faults or warnings:
        console.say("doctor.found", faults=faults, warnings=warnings)
    else:
        console.say("doctor.good")
    value = as_json(found, console.lang)
    if options.report is not None:
        value |= _report(options.report, path, found, console)
    return Outcome(value, PERSON_CAN_HELP if faults else 0)


def _print(finding: Finding, console: Console) -> None:
    words = finding.words(console.lang)
    status = say(f"doctor_status.{finding.status}", console.lang)
    console.say("doctor.line", status=status, what=words.what)
    if words.do and finding.status != "ok":
        console.say("doctor.do", do=words.do)


def _report(target: Path, path: Path, found: list[Finding], console: Console) -> dict[str, object]:
    from fabric_desktop.support.problem_report import gather, write

    studio = Studio(path.expanduser().absolute()) if path.expanduser().is_dir() else None
    parts = gather(studio, found, console.lang)
    size = write(parts, target, console.lang)
    console.say("doctor.report", path=target, files=len(parts), size=size_in_words(size))
    return {"report": {"path": str(target), "files": [part.name for part in parts], "bytes": size}}
