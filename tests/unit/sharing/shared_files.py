"""Shared files for tests, sound ones and tampered ones. Plain functions, no fixtures."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fabric_desktop.jobs import JobContext
from fabric_desktop.sharing import export_share
from fabric_desktop.sharing.contents import CONTENTS_NAME
from fabric_desktop.studio import Studio

Entries = dict[str, bytes]
Change = Callable[[Entries, dict[str, Any]], None]


def shared(studio: Studio, target: Path, kind: str = "studio") -> Path:
    """A sound shared file."""
    return export_share(studio, target, JobContext(), kind=kind).path  # type: ignore[arg-type]


def tampered(source: Path, target: Path, change: Change, *, listed: bool = True) -> Path:
    """A copy whose entries and contents `change` has altered. With `listed` every entry is listed with its true hash,
    as somebody would who knows what they do."""
    with zipfile.ZipFile(source) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    contents = json.loads(entries.pop(CONTENTS_NAME))
    change(entries, contents)
    if listed:
        contents["files"] |= {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in entries.items()
        }
        contents["files"] = {name: entry for name, entry in contents["files"].items() if name in entries}
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
        archive.writestr(CONTENTS_NAME, json.dumps(contents))
    return target


def adding(name: str, data: bytes = b"x") -> Change:
    """A change that adds one entry."""

    def change(entries: Entries, contents: dict[str, Any]) -> None:
        entries[name] = data

    return change
