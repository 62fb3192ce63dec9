"""A folder as a filmstrip: each photo with its state, one after another, without opening a picture.

The state is what is known of the photo: labelled by a person, recognised, uncertain, or new.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fabric_desktop.batch.journal import cache_dir, read_journal, stamp_of
from fabric_desktop.batch.results import UNCERTAIN, PhotoResult
from fabric_desktop.folders import walk_photos
from fabric_desktop.parsing import read_json
from fabric_desktop.studio import Studio

PhotoState = Literal["new", "recognised", "uncertain", "labelled"]
STATES: tuple[PhotoState, ...] = ("new", "recognised", "uncertain", "labelled")


@dataclass(frozen=True, slots=True)
class PhotoEntry:
    """A photo of a folder: its state, and the fabric that a person (labelled) or the program names; empty when new."""

    path: Path
    state: PhotoState
    fabric_id: str = ""
    confidence: float | None = None


class PhotoStates:
    """What a studio knows of photographs, by their paths. Read once; make a new one after a batch or a label.

    Twenty thousand photos cost one look at the file system each.
    """

    def __init__(self, studio: Studio) -> None:
        self._labels, self._labels_by_hash = _labelled(studio)
        self._results: dict[str, tuple[tuple[int, int], PhotoResult]] = {}
        folder = cache_dir(studio) / "batch"
        # The latest run has the last word, whatever model it was made with.
        for journal in sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns):
            for key, stamp, result in read_journal(journal):
                self._results[key] = (stamp, result)

    def of(self, photo: Path) -> PhotoEntry:
        """The photo's state. A file that was changed since it was recognised is new again."""
        key = _key(photo)
        label = self._labels.get(key)
        if label is not None:
            return PhotoEntry(photo, "labelled", label)
        known = self._results.get(key)
        if known is None:
            return PhotoEntry(photo, "new")
        try:
            if stamp_of(photo) != known[0]:
                return PhotoEntry(photo, "new")
        except OSError:
            return PhotoEntry(photo, "new")
        result = known[1]
        label = self._labels_by_hash.get(result.content_hash)
        if label is not None:
            return PhotoEntry(photo, "labelled", label)
        first = result.first
        if first is None:
            return PhotoEntry(photo, "new")
        if result.unknown:
            # What it is likest is no name for a cloth that the library does not hold.
            return PhotoEntry(photo, "uncertain")
        state: PhotoState = "uncertain" if result.word in UNCERTAIN else "recognised"
        return PhotoEntry(photo, state, first.id, first.confidence)


def scan(studio: Studio, folder: Path, states: PhotoStates | None = None) -> Iterator[PhotoEntry]:
    """The photos of a folder and the folders below it, in natural order, with their states, as they are found.

    Raises NoPhotos(missing, not_a_folder, no_permission) at the first step; an empty folder gives none.
    """
    states = states or PhotoStates(studio)
    for photo in walk_photos(folder):
        yield states.of(photo)


def _labelled(studio: Studio) -> tuple[dict[str, str], dict[str, str]]:
    """Photographs that labelled patches were cut from: path -> fabric, and content hash -> fabric."""
    by_path: dict[str, str] = {}
    by_hash: dict[str, str] = {}
    for fabric in studio.labeled_ids():
        for record_path in sorted((studio.labeled_dir / fabric).glob("*.json")):
            record = _record(record_path)
            source, digest = record.get("source_photo"), record.get("source_hash")
            if isinstance(source, str) and source and "\0" not in source:
                by_path[_key(studio.root / source)] = fabric
            if isinstance(digest, str) and digest:
                by_hash[digest] = fabric
    return by_path, by_hash


def _record(path: Path) -> dict[str, Any]:
    try:
        value = read_json(path)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _key(photo: Path) -> str:
    return os.path.normcase(os.path.abspath(photo))
