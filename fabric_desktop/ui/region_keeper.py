"""The regions of each photograph, remembered from one start to the next in the studio's cache; no label hangs on them.

One small file a photograph, named by its content's hash, written whole after every change.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from fabric_desktop.errors import FabricError
from fabric_desktop.imaging import Box, clip_box
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.studio import Studio, StudioLock
from fabric_desktop.studio.files import read_json, write_json
from fabric_desktop.ui import titles
from fabric_desktop.ui.document import Document, Label, Region
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.runner import JobRunner

log = logging.getLogger(__name__)

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class KeptRegions:
    """What was remembered of a photograph: its regions in their order, the one last selected, and its scale."""

    regions: tuple[Region, ...] = ()
    selected: str = ""
    px_per_cm: float | None = None

    def put_on(self, document: Document) -> None:
        """Put the regions on a photograph that has none yet; this is no edit that could be undone."""
        document.px_per_cm = self.px_per_cm
        for region in self.regions:
            document.add(region)
        # Written before it was selected, the last one made is the one that was worked on.
        known = any(region.id == self.selected for region in self.regions)
        document.select(self.selected if known else self.regions[-1].id if self.regions else "")


def regions_path(studio: Studio, photo_hash: str) -> Path:
    """Where the regions of a photograph are remembered."""
    return studio.root / ".cache" / "regions" / f"{photo_hash}.json"


def load_regions(studio: Studio | None, photo_hash: str, size: tuple[int, int]) -> KeptRegions:
    """The regions remembered of a photograph of `size`; a file that cannot be understood counts as none."""
    if studio is None:
        return KeptRegions()
    path = regions_path(studio, photo_hash)
    try:
        record = read_json(path)
        regions = tuple(_region(studio, item, size) for item in record["regions"])
        scale = record.get("px_per_cm")
        return KeptRegions(regions, str(record.get("selected", "")), float(scale) if scale else None)
    except FileNotFoundError:
        return KeptRegions()
    except (OSError, ValueError, TypeError, LookupError, AttributeError, FabricError) as error:
        log.warning("the regions in %s could not be read: %s", path.name, error)
        return KeptRegions()


def _region(studio: Studio, item: dict[str, Any], size: tuple[int, int]) -> Region:
    x, y, width, height = (int(side) for side in item["box"])
    region = Region(clip_box(Box(x, y, width, height), size), id=str(item["id"]))
    if item.get("click"):
        region.click = (int(item["click"][0]), int(item["click"][1]))
    if item.get("outline"):
        region.outline = tuple((int(x), int(y)) for x, y in item["outline"])
    label, kept = item.get("label"), item.get("kept")
    if label and (studio.root / str(label)).is_file():
        path = studio.root / str(label)
        region.label = Label(path.parent.name, path)
    if kept and (studio.root / str(kept)).is_file():
        region.kept = studio.root / str(kept)
    return region


def _record(studio: Studio, document: Document) -> dict[str, Any]:
    selected = document.selected
    return {
        "format": _FORMAT,
        "photo": document.title,
        "path": None if document.path is None else str(document.path.absolute()),
        "px_per_cm": document.px_per_cm,
        "selected": selected.id if selected is not None else "",
        "regions": [
            {
                "id": region.id,
                "box": region.box.as_list(),
                "click": region.click,
                "outline": region.outline,
                "label": studio.relative(region.label.path) if region.label is not None else None,
                "kept": studio.relative(region.kept) if region.kept is not None else None,
            }
            for region in document.regions
        ],
    }


class RegionKeeper(QObject):
    """Writes a photograph's regions after each change. `studio` is None where nothing may be written."""

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self.studio: Studio | None = None
        self._written: dict[str, dict[str, Any]] = {}
        self._under_way: set[str] = set()
        self._broken = False

    def watch(self, document: Document) -> None:
        """Remember this photograph's regions from now on."""
        for signal in (document.region_added, document.region_removed, document.region_changed):
            signal.connect(lambda _id: self.keep(document))
        document.scale_changed.connect(lambda: self.keep(document))

    def keep(self, document: Document) -> None:
        """Write what changed; a change while a write is under way is written after it."""
        studio, digest = self.studio, document.photo_hash
        if studio is None or digest is None or digest in self._under_way:
            return
        record = _record(studio, document)
        # The one selected is no reason to write; it comes along with the next change.
        if _without_selection(record) == _without_selection(self._written.get(digest, {"regions": []})):
            return
        self._under_way.add(digest)
        self._written[digest] = record
        self._runner.spawn(self._write(studio, document, digest, record))

    async def _write(self, studio: Studio, document: Document, digest: str, record: dict[str, Any]) -> None:
        def work(context: JobContext) -> None:
            with StudioLock(studio, "window"):
                write_json(regions_path(studio, digest), record)

        try:
            await self._runner.run(titles.KEEP_REGIONS, work, Priority.INTERACTIVE, quiet=True, keep=True)
        except Cancelled:
            return
        except FabricError as error:
            self._written.pop(digest, None)
            log.warning("the regions of %s could not be remembered: %s", document.title, error)
            if not self._broken:
                # Told once: a full disk would otherwise be told at every movement of the mouse.
                self._broken = True
                raise
            return
        finally:
            self._under_way.discard(digest)
        self._broken = False
        self.keep(document)


def _without_selection(record: dict[str, Any]) -> dict[str, Any]:
    return {key: record.get(key) for key in ("px_per_cm", "regions")}
