"""Banks and heads of old versions under the ids that fabrics have now. Changes no file: versions stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from fabric_desktop.errors import HeadMismatch
from fabric_desktop.studio import Version
from fabric_desktop.studio.renames import renames_since

if TYPE_CHECKING:
    from fabric_desktop.head import Head
    from fabric_desktop.references import Bank


RENAMED = "renamed"


def present_ids(version: Version) -> dict[str, str]:
    """Old id -> present id of the fabrics that were renamed or merged since a version was made. One that came from
    elsewhere brings what was renamed there along; what was renamed here since it came is added."""
    here = renames_since(version.path.parent, version.manifest.get("created"))
    there = version.manifest.get(RENAMED) if "imported_from" in version.manifest else None
    if not isinstance(there, dict):
        return here
    brought = {old: new for old, new in there.items() if isinstance(old, str) and isinstance(new, str)}
    return here | {old: here.get(new, new) for old, new in brought.items()}


def bank_as_named(bank: Bank, ids: Mapping[str, str]) -> Bank:
    """A bank with its fabrics under their present ids, and its photos where they lie now; rows of one fabric stand
    together again."""
    if not ids.keys() & set(bank.fabric_ids):
        return bank
    rows = [
        replace(row, fabric_id=ids[row.fabric_id], photo=_moved(row.photo, row.fabric_id, ids[row.fabric_id]))
        if row.fabric_id in ids
        else row
        for row in bank.rows
    ]
    order = sorted(range(len(rows)), key=lambda place: rows[place].fabric_id)
    return replace(
        bank,
        embeddings=bank.embeddings[order],
        rows=tuple(rows[place] for place in order),
        looks=None if bank.looks is None else bank.looks[order],
    )


def _moved(photo: str, old: str, new: str) -> str:
    start = f"fabrics/{old}/"
    return f"fabrics/{new}/{photo.removeprefix(start)}" if photo.startswith(start) else photo


def head_as_named(head: Head, version: Version) -> Head:
    """A head with its fabrics under their present ids, in the order they had. Raises HeadMismatch where two of them
    have been merged since: what it would say of either cannot be added up."""
    ids = present_ids(version)
    named = tuple(ids.get(fabric, fabric) for fabric in head.fabric_ids)
    if named == head.fabric_ids:
        return head
    twice = sorted({fabric for fabric in named if named.count(fabric) > 1})
    if twice:
        raise HeadMismatch(path=str(version.path), reason="merged_since", fabrics=", ".join(twice[:3]))
    return replace(head, fabric_ids=named)
