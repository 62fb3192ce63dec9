"""What must follow when files move or a fabric's id changes: the evaluation set, and records that name a photo.

Only plans the rewriting, as steps of a change.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fabric_desktop.eval_set import resolve_image
from fabric_desktop.parsing import parse_json
from fabric_desktop.studio import Studio
from fabric_desktop.studio.steps import Write

logger = logging.getLogger(__name__)


class Moved:
    """Where files go, old -> new, relative to the studio; an entry for a folder holds for all that is in it."""

    def __init__(self, places: Mapping[str, str] | None = None) -> None:
        self._places = dict(places or {})

    def add(self, old: str, new: str) -> None:
        self._places[old] = new

    def of(self, path: str) -> str | None:
        """The new place of a path, or None when it stays where it is."""
        head, rest = path, ""
        while head:
            if head in self._places:
                return self._places[head] + rest
            cut = head.rfind("/")
            head, rest = (head[:cut], path[cut:]) if cut >= 0 else ("", path)
        return None


def follow_in_eval_set(
    studio: Studio, moved: Moved, labels: Mapping[str, str], labels_at: Mapping[str, str] | None = None
) -> list[Write]:
    """The evaluation set with moved pictures under their new paths and old ids under their new ones.

    `labels`: old id -> new id, wherever it stands; `labels_at`: new place of a moved picture -> its new id.
    Lines that need no change, and lines that say nothing, stay as they are to the letter.
    """
    path = studio.eval_set_path
    try:
        before = path.read_bytes()
        # Not splitlines(): a name may hold one of the rarer characters that it takes for an end of line.
        lines = [line for line in re.split("(?<=\n)", before.decode("utf-8-sig")) if line]
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        logger.warning("the evaluation set is left as it is: %s", error)
        return []
    after = "".join(_followed(studio, line, moved, labels, labels_at or {}) for line in lines)
    data = (b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b"") + after.encode("utf-8")
    return [Write(studio.relative(path), before, data)] if data != before else []


def _followed(studio: Studio, line: str, moved: Moved, labels: Mapping[str, str], labels_at: Mapping[str, str]) -> str:
    try:
        record = parse_json(line)
    except ValueError:
        return line
    if not isinstance(record, dict):
        return line
    changed = False
    image, label = record.get("image"), record.get("label")
    if isinstance(image, str) and image and "\0" not in image:
        new = _followed_path(studio, image, moved)
        changed = new is not None
        here = moved.of(studio.relative(resolve_image(studio, image)))
        if here is not None and here in labels_at:
            record["label"] = labels_at[here]
        record["image"] = image if new is None else new
    if isinstance(label, str) and label in labels:
        record["label"], changed = labels[label], True
    if not changed:
        return line
    return json.dumps(record, ensure_ascii=False) + line[len(line.rstrip("\r\n")) :]


def _followed_path(studio: Studio, given: str, moved: Moved) -> str | None:
    """A path as it was written (relative to the studio, to its parent, or absolute), led to the file's new place."""
    here = studio.relative(resolve_image(studio, given))
    there = moved.of(here)
    if there is None:
        return None
    plain = given.replace("\\", "/")
    return plain.removesuffix(here) + there if plain.endswith(here) else there


def follow_in_records(studio: Studio, moved: Moved) -> list[Write]:
    """The .json beside patches and references that name a moved photo as their source, naming its new place.

    A record that itself moves is written where it goes.
    """
    writes = []
    for folder in (studio.labeled_dir, studio.unlabeled_dir, studio.fabrics_dir):
        for path in sorted(folder.rglob("*.json")) if folder.is_dir() else []:
            write = _rewritten(studio, path, moved)
            if write is not None:
                writes.append(write)
    return writes


def _rewritten(studio: Studio, path: Path, moved: Moved) -> Write | None:
    def change(record: dict[str, Any]) -> bool:
        source = record.get("source_photo")
        there = moved.of(source.replace("\\", "/")) if isinstance(source, str) else None
        if there is not None:
            record["source_photo"] = there
        return there is not None

    here = studio.relative(path)
    return rewrite_json(path, moved.of(here) or here, change)


def rewrite_json(path: Path, place: str, change: Callable[[dict[str, Any]], bool]) -> Write | None:
    """A step that writes the record at `path` as `change` leaves it, at `place`; None where it changes nothing."""
    try:
        before = path.read_bytes()
        record = parse_json(before.decode("utf-8-sig"))
    except (OSError, ValueError):
        return None
    if not isinstance(record, dict) or not change(record):
        return None
    after = (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
    return Write(place, before, after)
