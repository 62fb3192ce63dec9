"""Banks and heads of old versions under the ids that fabrics have now. Changes no file: versions stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from fabric_desktop.errors import HeadMismatch
from fabric_desktop.studio import Version
from fabric_desktop.studio.renames import present_in

if TYPE_CHECKING:
    from fabric_desktop.head import Head
    from fabric_desktop.references import Bank


def present_ids(version: Version, *, of_head: bool = False) -> dict[str, str]:
    """Old id -> present id of the fabrics that were renamed or merged since a version was made; `of_head`: since its
    head was trained, with the labels of then."""
    return present_in(version.path.parent, version.manifest, of_head=of_head)


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
    ids = present_ids(version, of_head=True)
    named = tuple(ids.get(fabric, fabric) for fabric in head.fabric_ids)
    if named == head.fabric_ids:
        return head
    twice = sorted({fabric for fabric in named if named.count(fabric) > 1})
    if twice:
        raise HeadMismatch(path=str(version.path), reason="merged_since", fabrics=", ".join(twice[:3]))
    return replace(head, fabric_ids=named)
