"""The library as the page shows it, read in one go on the job thread: fabrics, names, declared data, photos."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fabric_desktop.errors import BadInfo
from fabric_desktop.names import FabricNames
from fabric_desktop.studio import FabricInfo, Studio, load_info


@dataclass(frozen=True, slots=True)
class ShelfFabric:
    """A fabric: its names as they are shown, what people declared, its reference photos.

    `problem` is set when its data sheet is damaged; it cannot be edited then. `known` is False for one that has
    labelled patches only.
    """

    id: str
    name_zh: str
    name_en: str
    info: FabricInfo
    photos: tuple[Path, ...]
    known: bool
    problem: BadInfo | None = None

    def name(self, lang: str) -> str:
        return self.name_zh if lang == "zh" else self.name_en

    def other_name(self, lang: str) -> str:
        """The name in the other language; empty where it is the same."""
        other = self.name_en if lang == "zh" else self.name_zh
        return "" if other == self.name(lang) else other


@dataclass(frozen=True, slots=True)
class Shelf:
    """All fabrics of a studio, sorted by id."""

    fabrics: tuple[ShelfFabric, ...]
    names: FabricNames

    def find(self, fabric_id: str) -> ShelfFabric | None:
        return next((fabric for fabric in self.fabrics if fabric.id == fabric_id), None)


def read_shelf(studio: Studio) -> Shelf:
    """Read the library; a damaged data sheet is told with its fabric and stops nothing."""
    names, known = FabricNames(studio), set(studio.fabric_ids())
    fabrics = []
    for fabric in names.studio_ids:
        problem, info = None, FabricInfo(id=fabric)
        try:
            info = load_info(studio, fabric)
        except BadInfo as error:
            problem = error
        zh, en = names.both(fabric)
        photos = tuple(studio.reference_photos(fabric)) if fabric in known else ()
        fabrics.append(ShelfFabric(fabric, zh, en, info, photos, fabric in known, problem))
    return Shelf(tuple(fabrics), names)
