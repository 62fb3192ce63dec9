"""Walks a folder of photographs in the order in which a person would count them. Opens none of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from fabric_desktop.errors import NoPhotos
from fabric_desktop.imaging import is_photo_name

_NUMBER = re.compile(r"\d+")
_LAST = chr(0x10FFFF)


def walk_photos(root: Path) -> Iterator[Path]:
    """Pictures below a folder, folder by folder in natural order; hidden folders and links to folders are passed over.

    Raises NoPhotos(path, reason: missing, not_a_folder, no_permission) for the root itself; a folder below that cannot
    be listed has no photos.
    """
    try:
        entries = sorted(os.scandir(root), key=lambda entry: natural_key(entry.name))
    except FileNotFoundError as error:
        raise NoPhotos(path=str(root), reason="missing") from error
    except NotADirectoryError as error:
        raise NoPhotos(path=str(root), reason="not_a_folder") from error
    except OSError as error:
        raise NoPhotos(path=str(root), reason="no_permission") from error
    for entry in entries:
        if is_photo_name(entry.name) and entry.is_file():
            yield Path(entry.path)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
            try:
                yield from walk_photos(Path(entry.path))
            except NoPhotos:
                continue


def natural_key(name: str) -> str:
    """Sorts names as people count: photo 2 before photo 10, whatever the case of letters.

    A text, since twenty thousand of those are compared in a tenth of the time of lists of pieces. A number stands in it
    with its length before it; it comes before any letter that continues a word, and after all words where it is first.
    """
    key = _NUMBER.sub(_with_length, name.casefold())
    return f"{_LAST}{key}" if key.startswith("\0") else key


def _with_length(number: re.Match[str]) -> str:
    digits = str(int(number[0]))
    return f"\0{chr(len(digits))}{digits}"
