"""Banks and heads of old versions under the ids that fabrics have now. Changes no file: versions stay as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fabric_desktop.errors import HeadMismatch
from fabric_desktop.studio import Version
from fabric_desktop.studio.renames import RENAMED, Renaming, bank_renamings, present_in, split_since

if TYPE_CHECKING:
    from fabric_desktop.head import Head
    from fabric_desktop.references import Bank, ReferenceRow


def present_ids(version: Version, *, of_head: bool = False, of_bank: bool = False) -> dict[str, str]:
    """Old id -> present id of the fabrics that were renamed or merged since a version was made; `of_head`: since its
    head was trained, with the labels of then; `of_bank`: since its bank was built."""
    return present_in(version.path.parent, version.manifest, of_head=of_head, of_bank=of_bank)


def bank_as_named(bank: Bank, version: Version) -> Bank:
    """A version's bank with its fabrics under their present ids, and its photos where they lie now; rows of one fabric
    stand together again. References of a fabric whose id another one has been given since are left out."""
    brought = version.manifest.get(RENAMED)
    changes = [
        Renaming(old, new, None)
        for old, new in (brought.items() if isinstance(brought, dict) else ())
        if isinstance(old, str) and isinstance(new, str)
    ]
    here = bank_renamings(version.path.parent, version.manifest)
    rows: list[ReferenceRow | None] = list(bank.rows)
    for change in changes:
        rows = [_as_named(row, change) for row in rows]
    for change in here:
        ids = {row.fabric_id for row in rows if row is not None}
        if change.kind == "rename" and change.old in ids:
            rows = [None if row is not None and row.fabric_id == change.new else row for row in rows]
        rows = [_as_named(row, change) for row in rows]
    if all(one is other for one, other in zip(rows, bank.rows, strict=True)):
        return bank
    named = [(place, row) for place, row in enumerate(rows) if row is not None]
    order = [place for place, _ in sorted(named, key=lambda entry: entry[1].fabric_id)]
    return replace(
        bank,
        embeddings=bank.embeddings[order],
        rows=tuple(row for _, row in sorted(named, key=lambda entry: entry[1].fabric_id)),
        looks=None if bank.looks is None else bank.looks[order],
    )


def _as_named(row: ReferenceRow | None, change: Renaming) -> ReferenceRow | None:
    if row is None or row.fabric_id != change.old or (change.kind == "split" and row.photo not in change.photos):
        return row
    # A photo that was not there any more when fabrics were merged is nowhere, and no other of its name is it.
    photo = _moved(row.photo, change.old, change.new) if change.kind == "rename" else row.photo
    photo = change.photos.get(row.photo, photo)
    return replace(row, fabric_id=change.new, photo=photo)


def _moved(photo: str, old: str, new: str) -> str:
    start = f"fabrics/{old}/"
    return f"fabrics/{new}/{photo.removeprefix(start)}" if photo.startswith(start) else photo


def head_as_named(head: Head, version: Version) -> Head:
    """A head with its fabrics under their present ids, in the order they had. Raises HeadMismatch where two of them
    have been merged since: what it would say of either cannot be added up; or one is two again."""
    split = sorted(split_since(version.path.parent, version.manifest) & set(head.fabric_ids))
    if split:
        raise HeadMismatch(path=str(version.path), reason="split_since", fabrics=", ".join(split[:3]))
    ids = present_ids(version, of_head=True)
    named = tuple(ids.get(fabric, fabric) for fabric in head.fabric_ids)
    if named == head.fabric_ids:
        return head
    twice = sorted({fabric for fabric in named if named.count(fabric) > 1})
    if twice:
        raise HeadMismatch(path=str(version.path), reason="merged_since", fabrics=", ".join(twice[:3]))
    return replace(head, fabric_ids=named)
