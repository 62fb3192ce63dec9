"""Takes away what a killed process had begun to write and nothing refers to. Never a file that has its name.

For the holder of the studio's lock: nobody else is writing then.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from fabric_desktop.studio.files import TEMP_PREFIX
from fabric_desktop.studio.layout import Studio

logger = logging.getLogger(__name__)

_BEGUN = (TEMP_PREFIX, ".building-", ".discarded-")


def has_leftovers(studio: Studio) -> bool:
    """Whether something half-written lies in the studio's own folder: a look that costs nothing."""
    return any(entry.name.startswith(_BEGUN) for entry in _listed(studio.root))


def remove_leftovers(studio: Studio) -> int:
    """Remove half-written files and half-made versions; how many. What cannot be removed stays and harms nobody."""
    count = 0
    for path in _leftovers(studio):
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            count += 1
        except OSError as error:
            logger.warning("a leftover could not be removed: %s", error)
    if count:
        logger.info("%d leftovers of a process that was killed were removed", count)
    return count


def _leftovers(studio: Studio) -> Iterator[Path]:
    """Where the program writes: the root, and one level below each of its folders."""
    rooms = [studio.fabrics_dir, studio.labeled_dir, studio.unlabeled_dir, studio.models_dir, studio.root / ".cache"]
    folders = [studio.root]
    for room in rooms:
        folders += [room, *(entry for entry in _listed(room) if not entry.name.startswith("."))]
    for folder in folders:
        yield from (entry for entry in _listed(folder) if entry.name.startswith(_BEGUN))


def _listed(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(entry.path) for entry in entries]
    except OSError:
        return []
