"""Which regions of a photograph wait for review or have a label, without reading every record at every answer.

What decides is on the disk, and a person or another program may change it there: a folder is listed again when its
stamp is another one, when that is so young that a second change could have left it the same, and after a minute in any
case, since not every drive stamps its folders. A record is read again when its own stamp is another one.
"""

from __future__ import annotations

import logging
import os
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fabric_desktop.imaging import is_photo_name
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import read_json
from fabric_desktop.studio.layout import entries_in, leads_to_file
from fabric_desktop.touched import Stamp, is_settled, stamp_of, stamp_of_status

logger = logging.getLogger(__name__)

_LISTED_AGAIN_S = 60.0

Sides = tuple[int, int, int, int]
"""Left, top, width and height of a region in the photograph's pixels."""


@dataclass(frozen=True, slots=True)
class _Record:
    """What a record says of where its patch was cut, and the file's stamp (None: to be read again)."""

    stamp: Stamp | None
    source: str
    sides: Sides | None


@dataclass(slots=True)
class _Folder:
    """A folder as it was listed: its stamp (None: to be listed again), when, and its records by name and by source."""

    stamp: Stamp | None = None
    listed: float = 0.0
    records: dict[str, _Record] = field(default_factory=dict)
    by_source: dict[str, list[Sides | None]] = field(default_factory=dict)


class PhotoRegions:
    """The regions kept or labelled of each photograph of a studio, by its content hash. One thread asks at a time."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self._folders: dict[Path, _Folder] = {}

    def waiting(self, photo_hash: str) -> list[Sides | None]:
        """Of each picture in the review queue that was cut from this photograph its region, None where that is not
        known. Raises FileTrouble when the drive does not answer."""
        return self._of(self.studio.unlabeled_dir, photo_hash, with_picture=True)

    def labelled(self, photo_hash: str) -> list[Sides | None]:
        """The same of the labelled patches' records."""
        found: list[Sides | None] = []
        folders = {self.studio.labeled_dir / fabric for fabric in self.studio.labeled_ids()}
        for folder in sorted(folders):
            found += self._of(folder, photo_hash, with_picture=False)
        for gone in self._folders.keys() - folders - {self.studio.unlabeled_dir}:
            del self._folders[gone]
        return found

    def _of(self, path: Path, photo_hash: str, *, with_picture: bool) -> list[Sides | None]:
        folder = self._folders.setdefault(path, _Folder())
        stamp, now = stamp_of(path), time.monotonic()
        if stamp is None or stamp != folder.stamp or now - folder.listed > _LISTED_AGAIN_S:
            sure = stamp is not None and is_settled(stamp)
            folder.records, folder.by_source = _listed(path, folder.records, with_picture)
            folder.stamp, folder.listed = stamp if sure else None, now
        return folder.by_source.get(photo_hash, [])


def _listed(
    path: Path, before: dict[str, _Record], with_picture: bool
) -> tuple[dict[str, _Record], dict[str, list[Sides | None]]]:
    """The records in a folder: those read `before` where the file has not changed, the others read now. With
    `with_picture` a record counts once for each picture beside it, and not without one."""
    pictures: list[str] = []
    records: dict[str, _Record] = {}
    for entry in entries_in(path):
        name = os.path.normcase(entry.name)
        if name.endswith(".json"):
            record = _record(entry, before.get(name))
            if record is not None:
                records[name] = record
        elif with_picture and is_photo_name(entry.name) and leads_to_file(entry):
            pictures.append(name)
    names = [f"{Path(picture).stem}.json" for picture in pictures] if with_picture else list(records)
    by_source: dict[str, list[Sides | None]] = defaultdict(list)
    for name in names:
        record = records.get(name)
        if record is not None and record.source:
            by_source[record.source].append(record.sides)
    return records, dict(by_source)


def _record(entry: os.DirEntry[str], before: _Record | None) -> _Record | None:
    try:
        stamp = stamp_of_status(entry.stat())
        if before is not None and before.stamp == stamp:
            return before
        sure = is_settled(stamp)
        value: Any = read_json(Path(entry.path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        sure, value = False, None
    told = value if isinstance(value, dict) else {}
    source = told.get("source_hash")
    return _Record(stamp if sure else None, source if isinstance(source, str) else "", _sides(told.get("box")))


def _sides(box: object) -> Sides | None:
    if not isinstance(box, list) or len(box) != 4 or not all(isinstance(side, int) for side in box):
        return None
    return box[0], box[1], box[2], box[3]
