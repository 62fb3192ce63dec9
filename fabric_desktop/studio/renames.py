"""Which fabrics were given another id, or merged into another, and when: models/renames.json.

Versions never change, so an old one speaks of a fabric by its old id; this says what that is called now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fabric_desktop.parsing import read_json
from fabric_desktop.studio.files import json_bytes
from fabric_desktop.studio.layout import Studio
from fabric_desktop.studio.steps import Write

RENAMES_NAME = "renames.json"
# Entries of a manifest: old id -> the id that there was when the version was made, for a version from elsewhere and for
# a head that was carried over from an older version.
RENAMED, HEAD_RENAMED = "renamed", "head_renamed"


def renames_path(models_dir: Path) -> Path:
    return models_dir / RENAMES_NAME


def rename_step(studio: Studio, old: str, new: str) -> list[Write]:
    """The step that writes a rename, or a merge, down; none where there is no version that could know the old id."""
    if not studio.models_dir.is_dir():
        return []
    path = renames_path(studio.models_dir)
    before = path.read_bytes() if path.is_file() else None
    entry = {"from": old, "to": new, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    return [Write(studio.relative(path), before, json_bytes([*_entries(studio.models_dir), entry]))]


def renames_since(models_dir: Path, created: object) -> dict[str, str]:
    """Old id -> present id, for what was made at `created` (ISO 8601): only what was renamed afterwards counts, since
    an id may be given anew. A time that cannot be read takes all of them; a file that says nothing usable has none."""
    made = _time(created)
    found: dict[str, str] = {}
    for entry in _entries(models_dir):
        when = _time(entry["at"])
        if made is not None and when is not None and when < made:
            continue
        old, new = entry["from"], entry["to"]
        found = {first: new if last == old else last for first, last in found.items()}
        found.setdefault(old, new)
    return {old: new for old, new in found.items() if old != new}


def present_in(models_dir: Path, manifest: Mapping[str, Any], *, of_head: bool = False) -> dict[str, str]:
    """Old id -> present id of what a version with this manifest speaks of: its bank, or its head, which may be older.

    One that came from elsewhere brings what was renamed there along, and a head that was carried over what had been
    renamed by then; what was renamed here since is added.
    """
    here = renames_since(models_dir, manifest.get("created"))
    brought = manifest.get(HEAD_RENAMED if of_head and HEAD_RENAMED in manifest else RENAMED)
    if not isinstance(brought, dict):
        return here
    earlier = {old: new for old, new in brought.items() if isinstance(old, str) and isinstance(new, str)}
    return here | {old: here.get(new, new) for old, new in earlier.items()}


def _entries(models_dir: Path) -> list[dict[str, str]]:
    try:
        value: Any = read_json(renames_path(models_dir))
    except (OSError, ValueError):
        return []
    names = ("from", "to", "at")
    return [
        {name: entry[name] for name in names}
        for entry in (value if isinstance(value, list) else [])
        if isinstance(entry, dict) and all(isinstance(entry.get(name), str) for name in names)
    ]


def _time(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
