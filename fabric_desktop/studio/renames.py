"""Which fabrics were given another id, or merged into another, and when: models/renames.json.

Versions never change, so an old one speaks of a fabric by its old id; this says what that is called now.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from fabric_desktop.parsing import parse_json
from fabric_desktop.studio.files import json_bytes
from fabric_desktop.studio.history import moment
from fabric_desktop.studio.layout import Studio
from fabric_desktop.studio.steps import MakeFolder, Step, Write

RENAMES_NAME = "renames.json"
Kind = Literal["rename", "merge", "split"]
_VERSION = re.compile(r"v([1-9][0-9]{0,8})")
# Entries of a manifest: old id -> the id that there was when the version was made, for a version from elsewhere and for
# a head that was carried over from an older version.
RENAMED, HEAD_RENAMED = "renamed", "head_renamed"
# Another: the version, with its time, that a bank was made for which was carried over, since when fabrics were renamed.
BANK_MADE = "bank_made"


def renames_path(models_dir: Path) -> Path:
    return models_dir / RENAMES_NAME


@dataclass(frozen=True, slots=True)
class Renaming:
    """One entry of the list. `photos`: where each reference photo of a merge, or of a merge taken back, went.

    rename: `old` is called `new` now; merge: what was `old` is part of `new`; split: a merge of `new` into `old` was
    taken back, and only the `photos` are `new` again. `back`: it takes an earlier entry back. `last`: the number of the
    newest version there was then, where the entry says it; clocks count whole seconds, and jump.
    """

    old: str
    new: str
    at: datetime | None
    kind: Kind = "rename"
    back: bool = False
    photos: Mapping[str, str] = field(default_factory=dict)
    last: int | None = None

    def takes_back(self, other: Renaming) -> bool:
        kinds = ("merge", "split") if other.kind == "merge" else ("rename", "rename")
        return self.back and not other.back and (other.kind, self.kind) == kinds and self.ids == other.ids[::-1]

    @property
    def ids(self) -> tuple[str, str]:
        return self.old, self.new


def rename_step(
    studio: Studio, old: str, new: str, *, kind: Kind = "rename", photos: Mapping[str, str] | None = None
) -> list[Step]:
    """The steps that write a rename, or a merge with where its photos go, down; also where no version could know the
    old id, since one that is made before it is taken back knows the new one."""
    path = renames_path(studio.models_dir)
    before = path.read_bytes() if path.is_file() else None
    entry = _entry(studio, old, new, kind, photos)
    write = Write(studio.relative(path), before, _with_entry(before, entry))
    return [MakeFolder(studio.relative(studio.models_dir)), write]


def taken_back(studio: Studio, step: Write) -> Write:
    """The step that takes a rename or merge back. Where a version was made meanwhile, that knows the newer id: the
    list then says of both ways when it was gone, instead of forgetting the first."""
    path = studio.root / step.path
    before = path.read_bytes() if path.is_file() else None
    was, is_now = _raw(step.before), _raw(step.after)
    if len(is_now) < len(was):  # it took an entry off, which holds again from now on
        again = was[-1] | {"at": _now(), "last": _newest(studio)}
        return Write(step.path, before, _with_entry(before, again))
    gone = _parsed(step.after)[-1]
    if before == step.after and _newest(studio) == (gone.last or 0):
        return Write(step.path, step.after, step.before)
    other: dict[Kind, Kind] = {"rename": "rename", "merge": "split", "split": "merge"}
    photos = {new: old for old, new in gone.photos.items()}
    entry = _entry(studio, gone.new, gone.old, other[gone.kind], photos, back=not gone.back)
    return Write(step.path, before, _with_entry(before, entry))


def _entry(
    studio: Studio, old: str, new: str, kind: Kind, photos: Mapping[str, str] | None = None, *, back: bool = False
) -> dict[str, Any]:
    entry: dict[str, Any] = {"from": old, "to": new, "at": _now()}
    entry["last"] = _newest(studio)
    entry |= {} if kind == "rename" else {"kind": kind}
    entry |= {"back": True} if back else {}
    return entry | ({"photos": dict(photos)} if photos else {})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _newest(studio: Studio) -> int:
    """The number of the newest version there is; 0 without one."""
    places = studio.models_dir.iterdir() if studio.models_dir.is_dir() else ()
    return max((int(match[1]) for place in places if (match := _VERSION.fullmatch(place.name))), default=0)


def _with_entry(before: bytes | None, entry: dict[str, Any]) -> bytes:
    return json_bytes([*_raw(before), entry])


def renamings_since(models_dir: Path, created: object, version: object = None) -> list[Renaming]:
    """What was renamed or merged after `created` (ISO 8601), when the version of that name was made; oldest first,
    without what was taken back again. A time that cannot be read takes all of it; a file that says nothing usable has
    none."""
    made, match = moment(created), _VERSION.fullmatch(str(version))
    number = int(match[1]) if match is not None else 0
    found: list[Renaming] = []
    for entry in _entries(models_dir):
        if entry.last is not None and number:
            later = number <= entry.last
        else:
            later = made is None or entry.at is None or entry.at >= made
        if not later:
            continue
        gone = [place for place, earlier in enumerate(found) if entry.takes_back(earlier)]
        if gone:
            del found[gone[-1]]
        else:
            found.append(entry)
    return found


def renames_since(models_dir: Path, created: object, version: object = None) -> dict[str, str]:
    """Old id -> present id, for what was made at `created` (ISO 8601): only what was renamed afterwards counts, since
    an id may be given anew."""
    found: dict[str, str] = {}
    for entry in renamings_since(models_dir, created, version):
        if entry.kind == "split":
            continue  # which of the one fabric's photos are the other again, an id does not say
        found = {first: entry.new if last == entry.old else last for first, last in found.items()}
        found.setdefault(entry.old, entry.new)
    return {old: new for old, new in found.items() if old != new}


def bank_renamings(models_dir: Path, manifest: Mapping[str, Any]) -> list[Renaming]:
    """What was renamed or merged here since the bank of the version with this manifest was made; see
    `renamings_since`."""
    made = bank_made(manifest)
    return renamings_since(models_dir, made.get("created"), made.get("version"))


def bank_made(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The version that the bank of the version with this manifest was made for, and when that was."""
    older = manifest.get(BANK_MADE)
    source = older if isinstance(older, dict) else manifest
    return {key: source.get(key) for key in ("version", "created")}


def split_since(models_dir: Path, manifest: Mapping[str, Any]) -> frozenset[str]:
    """Fabrics of which a part has been another one again since the version with this manifest was made: what it learnt
    of them is of both."""
    found = renamings_since(models_dir, manifest.get("created"), manifest.get("version"))
    return frozenset(entry.old for entry in found if entry.kind == "split")


def present_in(
    models_dir: Path, manifest: Mapping[str, Any], *, of_head: bool = False, of_bank: bool = False
) -> dict[str, str]:
    """Old id -> present id of what a version with this manifest speaks of; `of_head`, `of_bank`: of that part, which
    may be older.

    One that came from elsewhere brings what was renamed there along, and a head that was carried over what had been
    renamed by then; what was renamed here since is added.
    """
    made = bank_made(manifest) if of_bank else manifest
    here = renames_since(models_dir, made.get("created"), made.get("version"))
    brought = manifest.get(HEAD_RENAMED if of_head and HEAD_RENAMED in manifest else RENAMED)
    if not isinstance(brought, dict):
        return here
    earlier = {old: new for old, new in brought.items() if isinstance(old, str) and isinstance(new, str)}
    return here | {old: here.get(new, new) for old, new in earlier.items()}


def _entries(models_dir: Path) -> list[Renaming]:
    try:
        return _parsed(renames_path(models_dir).read_bytes())
    except OSError:
        return []


def _raw(data: bytes | None) -> list[dict[str, Any]]:
    """The entries that make sense; none of a file that makes none."""
    try:
        value: Any = parse_json((data or b"").decode("utf-8-sig"))
    except ValueError:
        return []
    return [
        entry
        for entry in (value if isinstance(value, list) else [])
        if isinstance(entry, dict) and all(isinstance(entry.get(name), str) for name in ("from", "to", "at"))
    ]


def _parsed(data: bytes | None) -> list[Renaming]:
    found = []
    for entry in _raw(data):
        kind, photos = entry.get("kind", "rename"), entry.get("photos", {})
        if kind not in ("rename", "merge", "split") or not isinstance(photos, dict):
            continue
        places = {old: new for old, new in photos.items() if isinstance(new, str)}
        at = moment(entry["at"])
        last = entry.get("last")
        number = last if isinstance(last, int) and not isinstance(last, bool) else None
        found.append(Renaming(entry["from"], entry["to"], at, kind, entry.get("back") is True, places, number))
    return found
