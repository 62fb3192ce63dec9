"""What would help a library most, where the studio itself shows it. Not for faults: those are `check`'s findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fabric_desktop.bank import reference_record
from fabric_desktop.library.facts import PhotoFacts
from fabric_desktop.studio import Studio
from fabric_desktop.studio.layout import photos_in

# More photos than this of one piece of cloth gain little; another piece of the same type gains much.
_PLENTY = 4
_ENOUGH_LABELS = 3


@dataclass(frozen=True, slots=True)
class Advice:
    """A piece of advice (text `advice.<code>`) and the fabrics it is for."""

    code: str
    fabric_ids: tuple[str, ...]
    params: dict[str, object] = field(default_factory=dict)


def advise(studio: Studio, by_fabric: Mapping[str, Sequence[PhotoFacts]]) -> tuple[Advice, ...]:
    """Advice for a library of these photos (fabric -> its photos).

    more_swatches: fabrics with many photos, all of one piece of cloth by their records. distance: fabrics that are
    asked about as regions of photographs (labelled patches show it) while none of their references is such a region.
    """
    found = []
    single = [fabric for fabric, group in by_fabric.items() if _one_swatch(studio, group)]
    if single:
        found.append(Advice("more_swatches", tuple(single), {"count": len(single), "fabrics": ", ".join(single[:5])}))
    near = _asked_from_afar(studio, by_fabric)
    if near:
        found.append(Advice("distance", tuple(near), {"count": len(near), "fabrics": ", ".join(near[:5])}))
    return tuple(found)


def _one_swatch(studio: Studio, group: Sequence[PhotoFacts]) -> bool:
    records = [reference_record(studio.root / fact.path) for fact in group]
    swatches = {str(record.get("swatch_id") or record.get("source_hash") or "") for record in records}
    return len(group) >= _PLENTY and len(swatches) == 1 and "" not in swatches


def _asked_from_afar(studio: Studio, by_fabric: Mapping[str, Sequence[PhotoFacts]]) -> list[str]:
    regions: dict[str, int] = defaultdict(int)
    for fabric in studio.labeled_ids():
        for patch in photos_in(studio.labeled_dir / fabric):
            # A patch with a box was cut from a larger photograph; one without may be a photo of cloth as it is.
            record = reference_record(patch)
            regions[fabric] += "box" in record and _is_part(record)
    return [
        fabric
        for fabric, group in by_fabric.items()
        if group
        and regions[fabric] >= _ENOUGH_LABELS
        and not any(_is_region(studio.root / fact.path) for fact in group)
    ]


def _is_part(record: Mapping[str, object]) -> bool:
    """Whether a record's region is part of a photograph. A click or a box that begins inside it says so; a box from
    the corner may be the whole photo."""
    box = record.get("box")
    return "region_id" in record or (isinstance(box, list) and len(box) == 4 and box[:2] != [0, 0])


def _is_region(photo: Path) -> bool:
    return bool(reference_record(photo).get("source_hash"))
