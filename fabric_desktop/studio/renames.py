"""Which fabrics were given another id, or merged into another, and when: models/renames.json.

Versions never change, so an old one speaks of a fabric by its old id; this says what that is called now.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fabric_desktop.parsing import read_json
from fabric_desktop.studio.files import json_bytes
from fabric_desktop.studio.layout import Studio
from fabric_desktop.studio.steps import Write

RENAMES_NAME = "renames.json"


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
