"""Content hashes of files that nobody has touched since they were read, so that a library need not be read to find
what is new in it. Kept in the studio's cache; deleting it costs time only."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from fabric_desktop.errors import SaveFailed
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import json_bytes, read_json, write_bytes

logger = logging.getLogger(__name__)

Stamp = tuple[int, int, int]
"""Length, time of change and time of the last change to the file's record, both in ns: a copy that keeps its time of
change gets a new record."""

# A file that was changed this shortly before it was read may be changed again within the same tick of the clock, which
# is two seconds on a memory card (git calls such a file racy).
_SETTLED_NS = 3_000_000_000


def stamp_of(path: Path) -> Stamp | None:
    """What changes when a file is written; None when it cannot be looked at."""
    try:
        return stamp_of_status(path.stat())
    except OSError:
        return None


def stamp_of_status(status: os.stat_result) -> Stamp:
    """The stamp of a file or folder that has been looked at."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def is_settled(stamp: Stamp) -> bool:
    """Whether the next change is sure to give another stamp: not while the clock may still show the same tick, nor
    where it shows a time before the last change."""
    return max(stamp[1:]) < time.time_ns() - _SETTLED_NS


class Untouched:
    """Content hashes by path, for as long as a file's stamp stays. Safe from any thread."""

    def __init__(self, studio: Studio, purpose: str) -> None:
        self._studio = studio
        self._path = studio.root / ".cache" / f"hashes-{purpose}.json"
        self._before = self._read()
        self._now: dict[str, tuple[Stamp, str]] = {}

    def digest(self, path: Path) -> str | None:
        """The content hash of a file that is as it was when it was noted, else None."""
        name = self._studio.relative(path)
        known = self._before.get(name)
        if known is None or known[0] != stamp_of(path):
            return None
        self._now[name] = known
        return known[1]

    def note(self, path: Path, stamp: Stamp | None, digest: str) -> None:
        """A file's content hash; `stamp` was taken before it was read."""
        if stamp is not None and is_settled(stamp):
            self._now[self._studio.relative(path)] = (stamp, digest)

    def save(self) -> None:
        """Keep what was asked about or noted, and forget the rest. A studio that cannot be written to is only slower
        next time."""
        if self._now == self._before:
            return
        entries = {name: [*stamp, digest] for name, (stamp, digest) in sorted(self._now.items())}
        try:
            write_bytes(self._path, json_bytes(entries))
        except SaveFailed as error:
            logger.warning("hashes not kept: %s", error)

    def _read(self) -> dict[str, tuple[Stamp, str]]:
        try:
            entries = read_json(self._path)
            if not isinstance(entries, dict):
                raise ValueError("not a table")
            return {str(name): _entry(entry) for name, entry in entries.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError) as error:
            logger.warning("hashes dropped: %s", error)
            return {}


def _entry(entry: object) -> tuple[Stamp, str]:
    if not isinstance(entry, list) or len(entry) != 4 or not isinstance(entry[3], str):
        raise ValueError(f"not a stamp and a hash: {entry!r}")
    size, changed, recorded = (int(number) for number in entry[:3])
    return (size, changed, recorded), entry[3]
