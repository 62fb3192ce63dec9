"""What a window that was cut off (a kill, a power cut) had brought onto the disk, for the next start to say. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fabric_desktop.studio import Studio, StudioLock
from fabric_desktop.studio.changes import Recovered
from fabric_desktop.studio.files import read_json
from fabric_desktop.studio.layout import photos_in


@dataclass(frozen=True, slots=True)
class Resumed:
    """What is there again: regions that were made or changed in the sitting that was cut off, the photographs they lie
    on, the labels given in it, and changes of the library that were brought to an end. `last` is the photograph worked
    on last, where its file still is."""

    regions: int = 0
    photos: int = 0
    labels: int = 0
    changes: tuple[Recovered, ...] = ()
    last: Path | None = None


def resumed(studio: Studio, lock: StudioLock) -> Resumed | None:
    """What was recovered when this lock was taken; None when the last sitting ended in good order, or left nothing."""
    if lock.cut_off is None:
        return Resumed(changes=tuple(lock.recovered)) if lock.recovered else None
    since = lock.cut_off
    regions, photos, last, latest = 0, 0, None, since
    for path in (studio.root / ".cache" / "regions").glob("*.json"):
        try:
            changed = path.stat().st_mtime
            record = read_json(path) if changed >= since else {}
            count = len(record.get("regions", []))
        except (OSError, ValueError, AttributeError, TypeError):
            continue
        regions, photos = regions + count, photos + (count > 0)
        place = record.get("path")
        if count and changed >= latest and isinstance(place, str) and Path(place).is_file():
            last, latest = Path(place), changed
    labels = sum(
        photo.stat().st_mtime >= since
        for fabric in studio.labeled_ids()
        for photo in photos_in(studio.labeled_dir / fabric)
    )
    if not (regions or labels or lock.recovered):
        return None
    return Resumed(regions, photos, labels, tuple(lock.recovered), last)
