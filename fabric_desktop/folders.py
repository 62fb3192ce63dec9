"""Walks a folder of photographs in the order in which a person would count them. Opens none of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from fabric_desktop.errors import NoPhotos
from fabric_desktop.imaging import is_photo_name


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


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sorts names as people count: photo 2 before photo 10, whatever the case of letters."""
    pieces = re.split(r"(\d+)", name.casefold())
    return [(1, int(piece), "") if piece.isdecimal() else (0, 0, piece) for piece in pieces if piece]
