"""A report of a problem: what a person may send to somebody who is to help, gathered in memory so that every part of
it can be looked into, then written as one zip where they choose. Sends nothing.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from fabric_desktop import logs
from fabric_desktop.errors import FabricError
from fabric_desktop.parsing import read_toml
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import write_bytes
from fabric_desktop.studio.settings import is_allowed
from fabric_desktop.support.findings import Finding, as_json
from fabric_desktop.support.licences import installed_packages
from fabric_desktop.wording import say

# The newest part of a log says what happened; a month of it nobody reads.
_LOG_BYTES = 300_000
_ABOUT_NAME = "README.txt"
# zip's earliest date, so that the same contents give the same file.
_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a report: its name in the zip, what it is (a code of `problem_report`), and its bytes."""

    name: str
    kind: str
    data: bytes

    @property
    def is_text(self) -> bool:
        return self.kind not in ("window", "photo")

    def text(self) -> str:
        """What stands in it, for looking into it; empty for a picture."""
        return self.data.decode("utf-8", "replace") if self.is_text else ""


def gather(studio: Studio | None, findings: Iterable[Finding], lang: str, *, message: str = "") -> list[Part]:
    """The parts without any picture: what the person wrote, versions, settings, the doctor's answer, the logs.

    Paths outside the studio and the program's own folders are reduced to their last part everywhere, and nobody who
    has worked in the studio is named.
    """
    listed = [_nameless(finding) for finding in findings]
    parts = []
    if message.strip():
        parts.append(message_part(message))
    parts.append(_part("versions.txt", "versions", versions()))
    if studio is not None:
        parts.append(_part("settings.txt", "settings", settings_without_secrets(studio)))
    parts.append(_part("doctor.txt", "doctor", _cleaned(answer(listed, lang))))
    answer_as_json = json.dumps(as_json(listed, "en"), ensure_ascii=False, indent=1)
    parts.append(_part("doctor.json", "doctor", _cleaned(answer_as_json) + "\n"))
    return parts + log_parts()


def _nameless(finding: Finding) -> Finding:
    """A finding without the name of a person and their computer."""
    if "owner" not in finding.params:
        return finding
    return replace(finding, params=finding.params | {"owner": ("某人", "somebody")})


def message_part(message: str) -> Part:
    """What the person wrote, as it stands."""
    return _part("message.txt", "message", message.strip() + "\n")


def _part(name: str, kind: str, text: str) -> Part:
    return Part(name, kind, text.encode("utf-8", "replace"))


def versions() -> str:
    """What runs here, a package a line."""
    lines = [logs.about(), ""]
    lines += [f"{work.name} {work.version}" for work in installed_packages()]
    return "\n".join(lines) + "\n"


def answer(findings: Iterable[Finding], lang: str) -> str:
    """The doctor's answer as lines."""
    lines = []
    for finding in findings:
        words = finding.words(lang)
        status = say(f"doctor_status.{finding.status}", lang)
        lines.append(say("cli.doctor.line", lang, status=status, what=words.what))
        if words.do and finding.status != "ok":
            lines.append(say("cli.doctor.do", lang, do=words.do))
    return "\n".join(lines) + "\n"


def settings_without_secrets(studio: Studio) -> str:
    """The settings that the person changed. Of an address only its server is told; a name or value that this version
    does not know is left out, since nobody knows what it is."""
    try:
        values: Mapping[str, object] = read_toml(studio.settings_path)
    except FileNotFoundError:
        return "# no settings.toml\n"
    except (OSError, ValueError) as error:
        return _cleaned(f"# settings.toml cannot be read: {error}\n")
    lines = [
        f"{name} = {_harmless(value)}" if is_allowed(name, value) else f"# {name} = ..."
        for name, value in values.items()
    ]
    return _cleaned("\n".join(lines) + "\n")


def _harmless(value: object) -> str:
    text = str(value)
    if re.match(r"https?://", text, re.IGNORECASE):
        address = urlsplit(text)
        return f"{address.scheme}://{address.hostname or '?'}"
    return text


def log_parts() -> list[Part]:
    """The newest part of each log there is, cleaned once more."""
    folder = logs.folder()
    parts = []
    for path in sorted(folder.glob("*.log*")) if folder.is_dir() else []:
        try:
            with path.open("rb") as stream:
                size = stream.seek(0, io.SEEK_END)
                stream.seek(max(0, size - _LOG_BYTES))
                text = stream.read().decode("utf-8", "replace")
        except OSError:
            continue
        if size > _LOG_BYTES:
            text = text.partition("\n")[2]
        if text.strip():
            parts.append(_part(f"logs/{path.name}", "log", _cleaned(text)))
    return parts


def _cleaned(text: str) -> str:
    """A text as the log would have it, line by line: a long log must not lose its middle."""
    return "".join(logs.cleaned(line) for line in text.splitlines(keepends=True))


def write(parts: Iterable[Part], target: Path, lang: str) -> int:
    """Write the report as one zip; its size in bytes comes back. Raises SaveFailed; an older file is then whole."""
    listed = list(parts)
    about = [say("problem_report.about", lang), ""]
    about += [f"{part.name}: {say(f'problem_report.{part.kind}', lang)}, {len(part.data)} B" for part in listed]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in [_part(_ABOUT_NAME, "message", "\n".join(about) + "\n"), *listed]:
            entry = zipfile.ZipInfo(part.name, date_time=_DATE)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, part.data)
    data = stream.getvalue()
    write_bytes(target, data)
    return len(data)


def photo_part(path: Path) -> Part:
    """The photograph itself, under a name that says nothing of where it came from. Raises FabricError."""
    from fabric_desktop.studio.files import trouble_of

    try:
        data = path.read_bytes()
    except OSError as error:
        trouble: FabricError = trouble_of(error)
        raise trouble from error
    return Part(f"photograph{path.suffix.lower()}", "photo", data)
