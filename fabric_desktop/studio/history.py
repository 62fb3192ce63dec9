"""Which model version was in use when: one line in models/history.jsonl each time one is put in use.

Knows names and times only; what a version holds is for `versions`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fabric_desktop.parsing import parse_json
from fabric_desktop.studio.files import read_json
from fabric_desktop.studio.layout import Studio

HISTORY_NAME = "history.jsonl"
_MOST_BYTES = 8_000_000  # a hundred thousand changes of mind


@dataclass(frozen=True, slots=True)
class Use:
    """A version was put in use at this time (UTC, ISO 8601)."""

    version: str
    since: str


def history_path(studio: Studio) -> Path:
    return studio.models_dir / HISTORY_NAME


def read_history(studio: Studio) -> list[Use]:
    """Every time a version was put in use, oldest first; the last one is in use now.

    The file and current.json are put in place one after the other, so current.json has the last word: a line that it
    does not bear out never came to be, and a use that an older program did not write down is added. Lines that say
    nothing are passed over.
    """
    uses = _lines(history_path(studio))
    now = _now_in_use(studio)
    if now is None:
        return uses
    known = [number for number, use in enumerate(uses) if use == now]
    return uses[: known[-1] + 1] if known else [*uses, now]


def history_with(studio: Studio, use: Use) -> bytes:
    """The file's content once this use has been added."""
    return b"".join(_line(entry) for entry in (*read_history(studio), use))


def moment(text: object) -> datetime | None:
    """A time as the files of a studio hold it (ISO 8601; without a zone it is UTC). None when it cannot be read."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _line(use: Use) -> bytes:
    return json.dumps({"version": use.version, "since": use.since}, ensure_ascii=False).encode("utf-8") + b"\n"


def _lines(path: Path) -> list[Use]:
    try:
        with path.open("rb") as stream:
            text = stream.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    uses = []
    for line in filter(str.strip, text.splitlines()):
        try:
            uses.append(_use(parse_json(line)))
        except (ValueError, KeyError, TypeError):
            continue
    return uses


def _now_in_use(studio: Studio) -> Use | None:
    try:
        return _use(read_json(studio.current_path))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _use(value: Any) -> Use:
    version, since = value["version"], value["since"]
    if not isinstance(version, str) or not isinstance(since, str):
        raise TypeError("not a use")
    return Use(version, since)
