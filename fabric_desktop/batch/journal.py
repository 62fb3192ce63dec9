"""What a batch has found so far, a line a photo, so that a cancelled or killed run goes on where it was.

One file for each model and each set of options: answers of another model are never taken for this one's. It can be
deleted at any time.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from fabric_desktop import paths
from fabric_desktop.batch.results import PhotoResult, as_json, from_json
from fabric_desktop.parsing import parse_json
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import make_folder

logger = logging.getLogger(__name__)

_FORMAT = 1
_MOST_BYTES = 100_000_000  # a hundred thousand photos; what is beyond is recognised again
Stamp = tuple[int, int]


def cache_dir(studio: Studio) -> Path:
    """Where a studio's caches are: inside it, or in the person's own folder where the studio cannot be written to."""
    if studio.root.is_dir() and os.access(studio.root, os.W_OK):
        return studio.root / ".cache"
    return paths.home() / "cache" / sha256(str(studio.root).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def stamp_of(photo: Path) -> Stamp:
    """What changes when a file is written: its time of change in ns and its length. OSError when it is not there."""
    status = photo.stat()
    return status.st_mtime_ns, status.st_size


class Journal:
    """Results by photo. Found again by path while the file is untouched, else by content."""

    def __init__(self, studio: Studio, key: str) -> None:
        self.path = cache_dir(studio) / "batch" / f"{key}.jsonl"
        self._by_path: dict[str, tuple[Stamp, PhotoResult]] = {}
        self._by_hash: dict[str, PhotoResult] = {}
        self._stream: IO[str] | None = None
        self._broken = False
        for path, stamp, result in read_journal(self.path):
            self._remember(path, stamp, result)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._by_path)

    def __contains__(self, content_hash: object) -> bool:
        return content_hash in self._by_hash

    def clear(self) -> None:
        """Forget everything: the next run begins anew."""
        self.close()
        self._by_path.clear()
        self._by_hash.clear()
        self.path.unlink(missing_ok=True)

    def find(self, photo: Path) -> PhotoResult | None:
        """The result of a photo whose file has not changed since; no file is read."""
        entry = self._by_path.get(_key(photo))
        if entry is None:
            return None
        try:
            if stamp_of(photo) != entry[0]:
                return None
        except OSError:
            return None
        return replace(entry[1], photo=photo, resumed=True)

    def find_content(self, photo: Path, content_hash: str) -> PhotoResult | None:
        """The result of the same picture, whatever its name was."""
        known = self._by_hash.get(content_hash)
        return None if known is None else replace(known, photo=photo, resumed=True)

    def add(self, result: PhotoResult) -> None:
        """Keep a result, on the disk at once. A disk that fails costs resuming, not the batch."""
        try:
            stamp = stamp_of(result.photo)
        except OSError:
            return
        self._remember(_key(result.photo), stamp, result)
        line = {"photo": _key(result.photo), "stamp": list(stamp), **as_json(result)}
        try:
            stream = self._open()
            if stream is not None:
                stream.write(json.dumps(line, ensure_ascii=True) + "\n")
                stream.flush()
        except OSError as error:
            logger.warning("a batch cannot be resumed after this: %s", error)
            self._broken = True

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _remember(self, key: str, stamp: Stamp, result: PhotoResult) -> None:
        self._by_path[key] = (stamp, result)
        self._by_hash[result.content_hash] = result

    def _open(self) -> IO[str] | None:
        if self._stream is None and not self._broken:
            make_folder(self.path.parent)
            cut_off = self.path.exists() and not _ends_a_line(self.path)
            self._stream = self.path.open("a", encoding="ascii")
            if cut_off:
                self._stream.write("\n")
            elif self._stream.tell() == 0:
                self._stream.write(json.dumps({"format": _FORMAT}) + "\n")
        return self._stream


def _key(photo: Path) -> str:
    return os.path.normcase(os.path.abspath(photo))


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(0, os.SEEK_END)
        if stream.tell() == 0:
            return True
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"


def read_journal(path: Path) -> Iterator[tuple[str, Stamp, PhotoResult]]:
    """The entries of a journal file: path key, stamp, result. Lines that say nothing, such as one that a kill cut
    off, are passed over."""
    try:
        with path.open("rb") as stream:
            text = stream.read(_MOST_BYTES).decode("ascii", "replace")
    except OSError:
        return
    for line in filter(str.strip, text.splitlines()):
        try:
            value: Any = parse_json(line)
            if not isinstance(value, dict) or "photo" not in value:
                continue
            stamp = (int(value["stamp"][0]), int(value["stamp"][1]))
            yield str(value["photo"]), stamp, from_json(Path(value["photo"]), value)
        except (ValueError, KeyError, TypeError, IndexError):
            continue
