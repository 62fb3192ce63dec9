"""What is wrong with a library, fabric by fabric, each finding with the way to put it right. Changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Literal

from fabric_desktop.bank import load_bank
from fabric_desktop.errors import BadInfo, BankMismatch, BankMissing
from fabric_desktop.imaging import MIN_REFERENCE_SIDE, is_photo_name
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import count_by_fabric
from fabric_desktop.library.advice import Advice, advise
from fabric_desktop.library.facts import PhotoFacts, look_at_all, print_rows
from fabric_desktop.studio import Studio, load_info
from fabric_desktop.studio.changes import pending_changes
from fabric_desktop.studio.layout import photos_in

Severity = Literal["error", "warning", "hint"]
Fix = Literal[
    "add_photos",
    "replace",
    "remove",
    "choose_fabric",
    "label",
    "add_or_rename",
    "edit_sheet",
    "convert",
    "build_bank",
    "finish",
    "open_folder",
]

MIN_PHOTOS = 3
# log2 units of `facts.sharpness` below the median of the fabric's other photos: under a sixth of their sharpness. With
# too few others, below the median of the library, where cloths differ by themselves.
BLUR_IN_FABRIC, BLUR_IN_LIBRARY = -2.5, -4.5
# Cosine of two prints (`facts.picture_print`) from which two photos are the same picture saved twice.
SAME_PICTURE = 0.92
# Photos taken within this time are one session: one light, one distance, most likely one piece of cloth.
SESSION = timedelta(minutes=15)
# A photo or two between that were deleted on the camera.
_CAMERA_GAP = 3
# Pictures, but of kinds that are not read.
_OTHER_PICTURES = frozenset(
    {".gif", ".avif", ".jxl", ".psd", ".svg", ".jp2", ".raw", ".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2"}
)
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or could be better.

    `code` is stable: `check.<code>.what` and `.do` say it in words with `params`. `paths` are relative to the studio.
    `fix` names the action that puts it right.
    """

    code: str
    severity: Severity
    fix: Fix
    fabric_id: str = ""
    paths: tuple[str, ...] = ()
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All findings, errors first, and what was looked at. `advice` is what would help most beside them."""

    findings: tuple[Finding, ...]
    advice: tuple[Advice, ...]
    fabrics: int
    photos: int
    patches: int

    def of_fabric(self, fabric_id: str) -> tuple[Finding, ...]:
        """The marks of one fabric."""
        return tuple(finding for finding in self.findings if finding.fabric_id == fabric_id)

    def of_photo(self, path: str) -> tuple[Finding, ...]:
        """The marks of one photo, by its path relative to the studio."""
        return tuple(finding for finding in self.findings if path in finding.paths)


def check_library(studio: Studio, context: JobContext) -> CheckReport:
    """Look at every reference photo, every label and what belongs together, and say what is wrong. Raises Cancelled.

    Photos that did not change since the last check are not opened again.
    """
    fabrics = studio.fabric_ids()
    photos = {fabric: _photos(studio, fabric) for fabric in fabrics}
    patches = {fabric: photos_in(studio.labeled_dir / fabric) for fabric in studio.labeled_ids()}
    every = [photo for group in (*photos.values(), *patches.values()) for photo in group]
    facts = look_at_all(studio, every, context)
    by_fabric = {fabric: [facts[photo] for photo in group] for fabric, group in photos.items()}
    labels = count_by_fabric(studio)
    findings = [
        *_unfinished(studio),
        *_of_files(studio, by_fabric),
        *_of_photos(by_fabric),
        *_doubles(by_fabric, context),
        *_of_labels(studio, by_fabric, labels),
        *_of_patches({fabric: [facts[patch] for patch in group] for fabric, group in patches.items()}),
        *_of_bank(studio, by_fabric),
    ]
    order = {"error": 0, "warning": 1, "hint": 2}
    findings.sort(key=lambda finding: (order[finding.severity], finding.fabric_id, finding.code, finding.paths))
    return CheckReport(
        findings=tuple(findings),
        advice=advise(studio, by_fabric),
        fabrics=len(fabrics),
        photos=sum(len(group) for group in photos.values()),
        patches=sum(labels.values()),
    )


def _photos(studio: Studio, fabric: str) -> list[Path]:
    """A fabric's photos, links to nothing included: to `Studio.reference_photos` those are simply not there."""
    folder = studio.fabrics_dir / fabric
    return sorted(
        entry for entry in folder.iterdir() if is_photo_name(entry) and (entry.is_file() or entry.is_symlink())
    )


def _unfinished(studio: Studio) -> Iterator[Finding]:
    for change in pending_changes(studio):
        yield Finding("pending_change", "error", "finish", paths=(f".changes/{change}.json",))


def _of_files(studio: Studio, by_fabric: Mapping[str, Sequence[PhotoFacts]]) -> Iterator[Finding]:
    for fabric in by_fabric:
        folder = studio.fabrics_dir / fabric
        others = [entry for entry in sorted(folder.iterdir()) if entry.suffix.lower() in _OTHER_PICTURES]
        if others:
            params: dict[str, object] = {"count": len(others), "example": others[0].name}
            places = tuple(studio.relative(entry) for entry in others)
            yield Finding("unread_kind", "warning", "convert", fabric, places, params)
        try:
            load_info(studio, fabric)
        except BadInfo as error:
            path = studio.relative(Path(str(error.params["path"])))
            yield Finding("bad_sheet", "error", "edit_sheet", fabric, (path,), {"reason": str(error.params["reason"])})


def _of_photos(by_fabric: Mapping[str, Sequence[PhotoFacts]]) -> Iterator[Finding]:
    everywhere = [fact.sharpness for group in by_fabric.values() for fact in group if not fact.reason]
    for fabric, group in by_fabric.items():
        good = [fact for fact in group if not fact.reason]
        for fact in group:
            if fact.reason:
                yield Finding("unreadable", "error", "replace", fabric, (fact.path,), {"reason": fact.reason})
        if not good:
            yield Finding("no_photo", "error", "add_photos", fabric)
        elif len(good) < MIN_PHOTOS:
            yield Finding(
                "few_photos", "warning", "add_photos", fabric, params={"count": len(good), "needed": MIN_PHOTOS}
            )
        for fact in good:
            if min(fact.size) < MIN_REFERENCE_SIDE:
                size: dict[str, object] = {"width": fact.size[0], "height": fact.size[1], "needed": MIN_REFERENCE_SIDE}
                yield Finding("small_photo", "warning", "replace", fabric, (fact.path,), size)
            if _is_blurred(fact, good, everywhere):
                yield Finding("blurred", "warning", "replace", fabric, (fact.path,))
        basis = one_session(good)
        if basis:
            places = tuple(fact.path for fact in good)
            yield Finding("one_session", "hint", "add_photos", fabric, places, {"basis": basis, "count": len(good)})


def _is_blurred(fact: PhotoFacts, group: Sequence[PhotoFacts], everywhere: Sequence[float]) -> bool:
    others = [other.sharpness for other in group if other is not fact]
    if len(others) >= MIN_PHOTOS - 1:
        return fact.sharpness - median(others) < BLUR_IN_FABRIC
    return len(everywhere) > MIN_PHOTOS and fact.sharpness - median(everywhere) < BLUR_IN_LIBRARY


def one_session(group: Sequence[PhotoFacts]) -> str:
    """Why a fabric's photos, three or more, seem to come from one session: exif, name (a time, or a camera's numbers
    one after another); empty when they do not, or nothing tells."""
    if len(group) < MIN_PHOTOS:
        return ""
    times = [fact.taken for fact in group if fact.taken is not None]
    if len(times) == len(group):
        together = max(times) - min(times) <= SESSION
        return ("exif" if all(fact.by_exif for fact in group) else "name") if together else ""
    numbers = sorted(fact.camera_number for fact in group)
    if not times and numbers[0] >= 0 and all(b - a <= _CAMERA_GAP for a, b in zip(numbers, numbers[1:], strict=False)):
        return "name"
    return ""


def _doubles(by_fabric: Mapping[str, Sequence[PhotoFacts]], context: JobContext) -> Iterator[Finding]:
    """Pairs of photos that are the same picture, each photo named once: in one fabric a waste, in two a mistake."""
    import numpy as np

    pairs = [(fabric, fact) for fabric, group in by_fabric.items() for fact in group if not fact.reason]
    if len(pairs) < 2:
        return
    rows = print_rows([fact for _, fact in pairs])
    told: set[int] = set()
    for start in range(0, len(rows), _BLOCK):
        context.check_cancelled()
        block = rows[start : start + _BLOCK] @ rows.T
        for i, j in zip(*np.nonzero(block >= SAME_PICTURE), strict=True):
            first, second = sorted((int(start + i), int(j)))
            if first != second and second not in told:
                told.add(second)
                yield _double(pairs[first], pairs[second])
    # A picture without detail has no print; only the very same file can be told.
    flat: dict[str, tuple[str, PhotoFacts]] = {}
    for number, pair in enumerate(pairs):
        if not rows[number].any():
            twin = flat.setdefault(pair[1].content_hash, pair)
            if twin is not pair:
                yield _double(twin, pair)


def _double(first: tuple[str, PhotoFacts], second: tuple[str, PhotoFacts]) -> Finding:
    (fabric, one), (other, two) = first, second
    places = (two.path, one.path)
    if fabric == other:
        return Finding("near_duplicate", "warning", "remove", other, places, {"other": one.path})
    return Finding("two_fabrics", "error", "choose_fabric", other, places, {"other": one.path, "other_fabric": fabric})


def _of_labels(
    studio: Studio, by_fabric: Mapping[str, Sequence[PhotoFacts]], labels: Mapping[str, int]
) -> Iterator[Finding]:
    for fabric, count in labels.items():
        if fabric not in by_fabric:
            place = studio.relative(studio.labeled_dir / fabric)
            yield Finding("label_without_fabric", "warning", "add_or_rename", fabric, (place,), {"count": count})
    # In a studio that labels nothing this would be said of every fabric.
    if labels:
        for fabric in by_fabric:
            if not labels.get(fabric):
                yield Finding("fabric_without_label", "hint", "label", fabric)


def _of_patches(by_fabric: Mapping[str, Sequence[PhotoFacts]]) -> Iterator[Finding]:
    """Labels that teach nothing, or two things at once."""
    same: dict[str, dict[str, PhotoFacts]] = defaultdict(dict)
    for fabric, group in by_fabric.items():
        for fact in group:
            if fact.reason:
                yield Finding("label_unreadable", "error", "open_folder", fabric, (fact.path,), {"reason": fact.reason})
            else:
                same[fact.content_hash].setdefault(fabric, fact)
    for named in same.values():
        (fabric, one), *others = named.items()
        for other, two in others:
            params: dict[str, object] = {"other": one.path, "other_fabric": fabric}
            yield Finding("label_twice", "error", "open_folder", other, (two.path, one.path), params)


def _of_bank(studio: Studio, by_fabric: Mapping[str, Sequence[PhotoFacts]]) -> Iterator[Finding]:
    """Photos that were added, changed, moved or removed since the bank was built: it does not know."""
    try:
        bank = load_bank(studio.bank_path)
    except BankMissing:
        return
    except BankMismatch as error:
        yield Finding("bank_damaged", "error", "build_bank", params={"reason": str(error.params["reason"])})
        return
    built = {(row.fabric_id, row.content_hash): row.photo for row in bank.rows}
    present = {
        (fabric, fact.content_hash): fact.path
        for fabric, group in by_fabric.items()
        for fact in group
        if not fact.reason
    }
    missing: dict[str, list[str]] = defaultdict(list)
    for (fabric, digest), path in present.items():
        if (fabric, digest) not in built:
            missing[fabric].append(path)
    for fabric, paths in missing.items():
        yield Finding("not_in_bank", "warning", "build_bank", fabric, tuple(paths), {"count": len(paths)})
    gone: dict[str, list[str]] = defaultdict(list)
    for (fabric, digest), path in built.items():
        if (fabric, digest) not in present:
            gone[fabric].append(path)
    for fabric, paths in gone.items():
        yield Finding("gone_from_library", "warning", "build_bank", fabric, tuple(paths), {"count": len(paths)})
