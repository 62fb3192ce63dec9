"""What an import would do, shown before anything is copied. Reads pictures, writes nothing.

How fabrics are told from folders, names or lists is for `sources`; doing what a plan says is for `importing`.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from fabric_desktop.embeddings import Skipped
from fabric_desktop.errors import BadFabricId, BadInfo, UnreadableImage
from fabric_desktop.glance import glance
from fabric_desktop.imaging import MIN_REFERENCE_SIDE, content_hash
from fabric_desktop.jobs import JobContext
from fabric_desktop.library.linking import link_refusal
from fabric_desktop.library.places import FreeNames, clean_name, record_of
from fabric_desktop.library.sources import Conflict, FoundPhoto, ImportSource, Offer, collect
from fabric_desktop.names import folded
from fabric_desktop.notices import Notice
from fabric_desktop.studio import Studio, check_fabric_id, load_info

_ADVISED_PHOTOS = 3


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """What the person decided on a plan: other ids for what the source calls a fabric, whether declared data that
    differ are kept or replaced, and photos to leave out."""

    ids: Mapping[str, str] = field(default_factory=dict)
    declared: Literal["keep", "replace"] = "keep"
    leave_out: frozenset[Path] = frozenset()


@dataclass(frozen=True, slots=True)
class PlannedPhoto:
    """A photo that will be taken in: where it is, its fabric, its name there, its content hash, size in pixels, and
    length in bytes. `record` is the .json beside it, which comes along; `called` what the source calls its fabric."""

    source: Path
    fabric_id: str
    name: str
    content_hash: str
    size: tuple[int, int]
    bytes: int
    record: Path | None = None
    called: str = ""


@dataclass(frozen=True, slots=True)
class PlannedFabric:
    """A fabric that the import makes or adds to. `declared` are the fields that will be written (field -> text);
    `called` is what the source calls it, of which `ImportChoices.ids` may make another id."""

    id: str
    new: bool
    photos: int
    present: int
    declared: dict[str, str]
    called: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """All that an import would do. `link_refusal` says why photos cannot be linked instead of copied; None: they can.

    `bytes` is what copying takes.
    """

    source: ImportSource
    photos: tuple[PlannedPhoto, ...]
    fabrics: tuple[PlannedFabric, ...]
    conflicts: tuple[Conflict, ...]
    unreadable: tuple[Skipped, ...]
    warnings: tuple[Notice, ...]
    bytes: int
    link_refusal: str | None
    choices: ImportChoices
    sheets: dict[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a photo of the source gave; kept by the caller, so that planning again opens nothing twice."""

    stamp: tuple[int, int]
    content_hash: str
    size: tuple[int, int]
    bytes: int
    reason: str = ""


def plan_import(
    source: ImportSource,
    studio: Studio,
    context: JobContext,
    choices: ImportChoices | None = None,
    seen: MutableMapping[Path, Seen] | None = None,
) -> ImportPlan:
    """Look at everything a source offers and say what importing it would do; nothing is copied or written.

    `seen` keeps what was read from one planning to the next. Raises NoPhotos, BadPattern, ListDamaged, BadFabricId
    (an id among the choices), Cancelled.
    """
    choices = choices or ImportChoices()
    seen = {} if seen is None else seen
    context.progress(0, 0, "job.plan_import_list")
    offer = collect(source)
    ids = _Ids(studio, choices, offer)
    photos, unreadable = _look(studio, offer, ids, choices, context, seen)
    fabrics = _planned_fabrics(studio, offer, ids, photos, choices)
    warnings = _warnings(offer, photos, fabrics)
    return ImportPlan(
        source=source,
        photos=tuple(photos),
        fabrics=tuple(fabrics),
        conflicts=tuple(offer.conflicts),
        unreadable=tuple(unreadable),
        warnings=warnings,
        bytes=sum(photo.bytes for photo in photos),
        link_refusal=link_refusal(studio, photos[0].source) if photos else None,
        choices=choices,
        sheets={ids.of(fabric): sheet for fabric, sheet in offer.sheets.items()},
    )


class _Ids:
    """The id of each fabric of a source: the person's choice, a fabric the library has, or the name made usable."""

    def __init__(self, studio: Studio, choices: ImportChoices, offer: Offer) -> None:
        self._choices = choices
        self._offer = offer
        self._known: dict[str, str] = {}
        self._spelling: dict[str, str] = {}
        present = studio.fabric_ids()
        by_name: dict[str, set[str]] = defaultdict(set)
        for fabric in present:
            self._spelling[_key(fabric)] = fabric
            try:
                info = load_info(studio, fabric)
            except BadInfo:
                continue
            for name in (info.article, info.name_zh, info.name_en, *info.aliases):
                if name:
                    by_name[folded(name)].add(fabric)
        self._by_name = {name: fabrics.pop() for name, fabrics in by_name.items() if len(fabrics) == 1}

    def of(self, name: str) -> str:
        """The id under which what the source calls `name` is taken in; the person is told where it differs."""
        if name not in self._known:
            self._known[name] = self._chosen(name)
        return self._known[name]

    def names_of(self, fabric: str) -> tuple[str, ...]:
        """What the source calls a fabric: usually one name."""
        return tuple(name for name, known in self._known.items() if known == fabric)

    def _chosen(self, name: str) -> str:
        wanted = self._choices.ids.get(name)
        if wanted is not None:
            wanted = check_fabric_id(wanted)
            return self._spelling.setdefault(_key(wanted), wanted)
        usable = _usable_id(name)
        if usable != unicodedata.normalize("NFC", name).strip():
            self._tell("bad_id", name, "renamed", usable)
        spelt = self._spelling.get(_key(usable))
        if spelt is not None:
            if spelt != usable:
                self._tell("same_letters", name, "merged", spelt)
            return spelt
        known = self._by_name.get(folded(name))
        if known is not None:
            self._tell("same_name", name, "merged", known)
            return known
        self._spelling[_key(usable)] = usable
        return usable

    def _tell(self, code: str, name: str, action: Literal["renamed", "merged"], fabric: str) -> None:
        self._offer.conflicts.append(Conflict(code, name, action, {"fabric": fabric}))


def _key(fabric_id: str) -> str:
    """Ids that differ only in case are one folder on Windows and macOS."""
    return unicodedata.normalize("NFC", fabric_id).casefold()


def _usable_id(name: str) -> str:
    """A name as an id that can be a folder everywhere; unchanged where it can be one already."""
    try:
        return check_fabric_id(name)
    except BadFabricId as error:
        cleaned = clean_name(f"{name}.x").removesuffix(".x").strip(" .")
        try:
            return check_fabric_id(cleaned)
        except BadFabricId:
            return check_fabric_id(f"fabric {cleaned}"[:60]) if error.params["reason"] != "empty" else "fabric"


def _look(
    studio: Studio,
    offer: Offer,
    ids: _Ids,
    choices: ImportChoices,
    context: JobContext,
    seen: MutableMapping[Path, Seen],
) -> tuple[list[PlannedPhoto], list[Skipped]]:
    wanted = [photo for photo in offer.photos if photo.path not in choices.leave_out]
    library = _library_hashes(studio, context)
    names: dict[str, FreeNames] = {}
    taken: dict[str, dict[str, Path]] = defaultdict(dict)  # content hash -> fabric -> photo
    planned: list[PlannedPhoto] = []
    unreadable: list[Skipped] = []
    for number, found in enumerate(wanted):
        context.progress(number, len(wanted), "job.plan_import", photo=found.path.name)
        facts = _seen(found.path, seen)
        if facts.reason:
            unreadable.append(Skipped(found.path, facts.reason))
            continue
        fabric = ids.of(found.fabric)
        if _is_known(offer, found, fabric, facts, library, taken):
            continue
        taken[facts.content_hash][fabric] = found.path
        if fabric not in names:
            names[fabric] = FreeNames.in_folder(studio.fabrics_dir / fabric)
        name = names[fabric].take(found.path.name)
        if Path(name).stem.casefold() != unicodedata.normalize("NFC", found.path.stem).casefold():
            offer.conflicts.append(Conflict("name_taken", str(found.path), "renamed", {"name": name, "fabric": fabric}))
        record = record_of(found.path)
        planned.append(PlannedPhoto(found.path, fabric, name, facts.content_hash, facts.size, facts.bytes, record,
                                    found.fabric))
    return planned, unreadable


def _library_hashes(studio: Studio, context: JobContext) -> dict[str, dict[str, str]]:
    """Content hash -> fabric -> photo, of what the library holds."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    photos = [(fabric, photo) for fabric in studio.fabric_ids() for photo in studio.reference_photos(fabric)]
    for number, (fabric, photo) in enumerate(photos):
        context.progress(number, len(photos), "job.read_library", photo=photo.name)
        try:
            found[content_hash(photo)][fabric] = studio.relative(photo)
        except UnreadableImage:
            continue
    return found


def _seen(path: Path, seen: MutableMapping[Path, Seen]) -> Seen:
    try:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
    except OSError:
        stamp = (0, 0)
    known = seen.get(path)
    if known is not None and known.stamp == stamp:
        return known
    try:
        digest = content_hash(path)
        facts = Seen(stamp, digest, glance(path, MIN_REFERENCE_SIDE).size, stamp[1])
    except UnreadableImage as error:
        facts = Seen(stamp, "", (0, 0), 0, str(error.params["reason"]))
    seen[path] = facts
    return facts


def _is_known(
    offer: Offer,
    found: FoundPhoto,
    fabric: str,
    facts: Seen,
    library: Mapping[str, Mapping[str, str]],
    taken: Mapping[str, Mapping[str, Path]],
) -> bool:
    """Whether the fabric has this very picture already; one that another fabric has is taken in, and told."""
    there: Mapping[str, object] = {**library.get(facts.content_hash, {}), **taken.get(facts.content_hash, {})}
    if not there:
        return False
    if fabric in there:
        code = "known_photo" if fabric in library.get(facts.content_hash, {}) else "twice"
        offer.conflicts.append(Conflict(code, str(found.path), "skipped", {"other": str(there[fabric])}))
        return True
    other = next(iter(there))
    params: dict[str, object] = {"fabric": fabric, "other": other, "photo": str(there[other])}
    offer.conflicts.append(Conflict("two_fabrics", str(found.path), "added", params))
    return False


def _planned_fabrics(
    studio: Studio, offer: Offer, ids: _Ids, photos: list[PlannedPhoto], choices: ImportChoices
) -> list[PlannedFabric]:
    declared: dict[str, dict[str, str]] = defaultdict(dict)
    for name, said in offer.declared.items():
        for key, text in said.items():
            declared[ids.of(name)].setdefault(key, text)
    present = set(studio.fabric_ids())
    counts: dict[str, int] = defaultdict(int)
    for photo in photos:
        counts[photo.fabric_id] += 1
    fabrics = []
    for fabric in sorted({*counts, *(name for name, said in declared.items() if said or name in present)}):
        changes = _declared_changes(studio, fabric, declared.get(fabric, {}), offer, choices)
        if counts[fabric] or changes:
            have = len(studio.reference_photos(fabric))
            called = ids.names_of(fabric)
            fabrics.append(PlannedFabric(fabric, fabric not in present, counts[fabric], have, changes, called))
    return fabrics


def _declared_changes(
    studio: Studio, fabric: str, said: Mapping[str, str], offer: Offer, choices: ImportChoices
) -> dict[str, str]:
    """Which fields will be written: those nobody has filled, and where the person chose so, those that differ."""
    if not said:
        return {}
    try:
        info = load_info(studio, fabric)
    except BadInfo as error:
        offer.conflicts.append(Conflict("damaged_sheet", fabric, "skipped", {"path": str(error.params["path"])}))
        return {}
    changes = {}
    for name, text in said.items():
        now = ", ".join(info.aliases) if name == "aliases" else getattr(info, name)
        if now and now != text:
            action: Literal["kept", "replaced"] = "replaced" if choices.declared == "replace" else "kept"
            params: dict[str, object] = {"field": name, "kept": now, "other": text}
            offer.conflicts.append(Conflict("declared_differs", fabric, action, params))
        if not now or (now != text and choices.declared == "replace"):
            changes[name] = text
    return changes


def _warnings(offer: Offer, photos: list[PlannedPhoto], fabrics: list[PlannedFabric]) -> tuple[Notice, ...]:
    notices = list(offer.notices)
    small = [photo for photo in photos if min(photo.size) < MIN_REFERENCE_SIDE]
    few = [fabric.id for fabric in fabrics if 0 < fabric.photos + fabric.present < _ADVISED_PHOTOS]
    bare = [fabric.id for fabric in fabrics if fabric.photos + fabric.present == 0]
    if small:
        notices.append(Notice("small_references", {"count": len(small), "example": str(small[0].source)}))
    if few:
        notices.append(Notice("few_references", {"count": len(few), "fabrics": ", ".join(few[:5])}))
    if bare:
        notices.append(Notice("fabrics_without_photos", {"count": len(bare), "fabrics": ", ".join(bare[:5])}))
    return tuple(notices)
