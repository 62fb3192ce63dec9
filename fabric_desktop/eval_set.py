"""Evaluation sets: which patches are set aside, written as eval_set.jsonl, read from ours and from older scripts'."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from fabric_desktop.errors import EvalSetDamaged, EvalSetMissing, NoLabels, UnreadableImage
from fabric_desktop.imaging import content_hash, open_photo
from fabric_desktop.labels import LabeledPatch, list_labeled
from fabric_desktop.notices import Notice
from fabric_desktop.parsing import parse_json, read_text
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import write_bytes

_MAX_BYTES = 64_000_000  # half a million lines; a set made here has some hundreds


@dataclass(frozen=True, slots=True)
class EvalRecord:
    """One line of an evaluation set. `whole`: the picture is a patch and is scored whole; otherwise `coords` (x, y)
    is the click and the patch around it is scored. `given` is the path as it stands in the file."""

    line: int
    image: Path
    given: str
    coords: tuple[int, int]
    label: str
    whole: bool


@dataclass(frozen=True, slots=True)
class EvalSetReport:
    """A set that was made: patches set aside a fabric (`classes`), patches there were (`totals`), file and size."""

    samples: int
    classes: dict[str, int]
    totals: dict[str, int]
    path: Path
    bytes: int
    grouped: bool
    examples: tuple[str, ...]
    warnings: tuple[Notice, ...]


def read_eval_set(studio: Studio, path: Path | None = None) -> list[EvalRecord]:
    """The records of an evaluation set; empty lines are passed over.

    Paths in it are absolute, relative to the studio, or relative to its parent (`data/...`, also when the studio's
    folder has been renamed since). Raises EvalSetMissing; EvalSetDamaged with the line and the reason (json, image,
    coords, label).
    """
    path = path or studio.eval_set_path
    try:
        text = read_text(path, _MAX_BYTES)
    except FileNotFoundError as error:
        raise EvalSetMissing(path=str(path)) from error
    except (OSError, ValueError) as error:
        raise EvalSetDamaged(path=str(path), line=0, reason="unreadable") from error
    records = []
    own = path.absolute() == studio.eval_set_path.absolute()
    # Not splitlines(): a name may hold one of the rarer characters that it takes for an end of line.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            records.append(_record(studio, path, number, line, own=own))
    if not records:
        raise EvalSetDamaged(path=str(path), line=0, reason="empty")
    return records


def _record(studio: Studio, path: Path, number: int, line: str, *, own: bool) -> EvalRecord:
    def damaged(reason: str) -> EvalSetDamaged:
        return EvalSetDamaged(path=str(path), line=number, reason=reason)

    try:
        value: Any = parse_json(line)
    except ValueError as error:
        raise damaged("json") from error
    if not isinstance(value, dict):
        raise damaged("json")
    image, label, coords = value.get("image"), value.get("label"), value.get("coords")
    if not isinstance(image, str) or not image or "\0" in image:
        raise damaged("image")
    if not isinstance(label, str) or not label:
        raise damaged("label")
    resolved = resolve_image(studio, image, own=own)
    whole = _is_patch(studio, resolved)
    if coords is None and whole:
        coords = [0, 0]  # not needed: the whole picture is scored
    if not _is_point(coords):
        raise damaged("coords")
    x, y = (round(c) for c in coords)
    return EvalRecord(number, resolved, image, (x, y), label, whole)


def _is_point(value: Any) -> TypeGuard[list[float]]:
    """Whether a value from a file is a pair of numbers that can be pixels."""
    return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -1e9 <= value <= 1e9


def resolve_image(studio: Studio, given: str, *, own: bool = True) -> Path:
    """The picture a record means, also where it is gone.

    Tried in turn: as it stands, relative to the studio, to its parent (`data/...`), to the studio whatever it was
    called when the set was made, and from `patches` or `fabrics` on, for a studio that was moved from another place
    or machine. Both kinds of slashes will do. In the studio's `own` set a path to labelled patches means its own, not
    those of the studio it is a copy of, which may lie beside it still: they would be scored twice.
    """
    candidates: list[Path] = []
    inside: list[Path] = []
    for path in dict.fromkeys((Path(given), Path(given.replace("\\", "/")))):
        mine = _own_patch(studio, path) if own else None
        if path.is_absolute():
            candidates += [path] if mine is None or not _is_file(mine) else [mine]
        elif mine is not None:
            candidates.append(mine)
        else:
            candidates += [studio.root / path, studio.root.parent / path, studio.root.joinpath(*path.parts[1:])]
        ours = [index for index, part in enumerate(path.parts) if part in ("patches", "fabrics")]
        inside += [studio.root.joinpath(*path.parts[index:]) for index in ours]
    # A picture that is gone keeps its place among the patches: it may have been moved to another fabric's folder.
    nowhere = [*inside, candidates[0]][0]
    return next((candidate for candidate in (*candidates, *inside) if _is_file(candidate)), nowhere)


def _own_patch(studio: Studio, path: Path) -> Path | None:
    """Where a path that leads to patches of a studio leads in this one; None for any other path."""
    parts = path.parts
    kinds = (("patches", "labeled"), ("patches", "unlabeled"))
    places = [at for at in range(len(parts) - 1) if parts[at : at + 2] in kinds]
    if not places or (places[0] > 1 and not path.is_absolute()):
        return None
    return studio.root.joinpath(*parts[places[0] :])


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long for the file system, a share that does not answer
        return False


def _is_patch(studio: Studio, image: Path) -> bool:
    """Whether a picture lies under the studio's `patches`, also where that is, or holds, a link to elsewhere."""
    return studio.relative(image).startswith("patches/") or any(
        image.resolve().is_relative_to(folder.resolve())
        for folder in (studio.root / "patches", studio.labeled_dir, studio.unlabeled_dir)
    )


def held_out_patches(studio: Studio, patches: Sequence[LabeledPatch]) -> frozenset[str]:
    """Content hashes of the patches that training must not see: those in the evaluation set at its usual place, and
    those that share a swatch with one. Without a set there are none. Raises EvalSetDamaged."""
    try:
        records = read_eval_set(studio)
    except EvalSetMissing:
        return frozenset()
    paths = {record.image.resolve() for record in records}
    hashes = set()
    for record in records:
        try:
            hashes.add(content_hash(record.image))
        except UnreadableImage:
            continue
    swatches = {patch.swatch_id for patch in patches if patch.path.resolve() in paths or patch.content_hash in hashes}
    return frozenset(
        patch.content_hash
        for patch in patches
        if patch.swatch_id in swatches or patch.content_hash in hashes or patch.source in hashes
    )


def make_eval_set(studio: Studio, *, split: float = 0.2, output: Path | None = None, seed: int = 42) -> EvalSetReport:
    """Set aside a share of the labelled patches, whole swatches at a time, and write it as an evaluation set.

    split: share of each fabric's patches, between 0 and 1 exclusive (ValueError). A fabric gives at least one swatch
    if it has two or more; a fabric with a single swatch keeps it for training and is named in the warnings. The same
    patches and seed give the same set. Raises NoLabels, SaveFailed.
    """
    if not 0.0 < split < 1.0:
        raise ValueError(f"split must lie between 0 and 1, not {split!r}")
    patches = list_labeled(studio)
    if not patches:
        raise NoLabels(path=str(studio.labeled_dir))
    path = output or studio.eval_set_path
    by_fabric: dict[str, list[LabeledPatch]] = defaultdict(list)
    for patch in patches:
        by_fabric[patch.fabric_id].append(patch)
    chosen: list[LabeledPatch] = []
    single: list[str] = []
    for fabric, members in sorted(by_fabric.items()):
        picked = _pick_swatches(members, _wanted(members, split), _shuffle(seed, fabric))
        chosen += picked
        if not picked:
            single.append(fabric)
    if not chosen:
        raise NoLabels(path=str(studio.labeled_dir), reason="single_swatches")
    lines = [_line(_as_record(studio, patch)) for patch in chosen]
    data = b"".join(lines)
    write_bytes(path, data)
    left_whole = [Notice("eval_single_swatch", {"count": len(single), "fabrics": ", ".join(single)})] if single else []
    counts = {fabric: sum(patch.fabric_id == fabric for patch in chosen) for fabric in sorted(by_fabric)}
    return EvalSetReport(
        samples=len(chosen),
        classes={fabric: count for fabric, count in counts.items() if count},
        totals={fabric: len(members) for fabric, members in sorted(by_fabric.items())},
        path=path,
        bytes=len(data),
        grouped=all(patch.swatch_known for patch in patches),
        examples=tuple(line.decode("utf-8").rstrip("\n") for line in lines[:3]),
        warnings=tuple(left_whole),
    )


def extend_eval_set(studio: Studio, *, split: float, seed: int, seen: frozenset[str]) -> list[EvalRecord]:
    """Bring the studio's evaluation set up to date with its labels and write it; returns its records.

    Records stay as long as their patch is labelled; a patch that was relabelled or moved is followed by its content.
    A new patch of a swatch that is in the set joins it, since training must not see it. Swatches are added to fabrics
    that are under their share, from patches whose hash is not in `seen` (what a model to be compared was trained on)
    and whose swatch is not either. The same labels give the same set. Records of pictures
    outside the labelled patches are kept as they are. Raises EvalSetDamaged, SaveFailed.
    """
    patches = list_labeled(studio)
    try:
        old = read_eval_set(studio)
    except EvalSetMissing:
        old = []
    kept, foreign = _follow(studio, old, patches)
    kept += _of_the_same_swatches(kept, patches, seen)
    kept_hashes = {patch.content_hash for patch in kept}
    seen_swatches = {patch.swatch_id for patch in patches if patch.content_hash in seen}
    by_fabric: dict[str, list[LabeledPatch]] = defaultdict(list)
    for patch in patches:
        by_fabric[patch.fabric_id].append(patch)
    chosen = list(kept)
    for fabric, members in sorted(by_fabric.items()):
        own = [patch for patch in members if patch.content_hash in kept_hashes]
        free = [
            patch
            for patch in members
            if patch.content_hash not in kept_hashes | seen and patch.swatch_id not in seen_swatches
        ]
        others = {patch.swatch_id for patch in members} - {patch.swatch_id for patch in own}
        if free and len(others) > 1:
            wanted, keep_one = _wanted(members, split), len(free) == len(members)
            chosen += _pick_swatches(free, wanted, _shuffle(seed, fabric), already=len(own), keep_one=keep_one)
    chosen += _of_the_same_swatches(chosen, patches, seen)
    lines = [_line(record) for record in [*foreign, *(_as_record(studio, patch) for patch in chosen)]]
    if not lines:
        return []
    write_bytes(studio.eval_set_path, b"".join(lines))
    return read_eval_set(studio)


def _follow(
    studio: Studio, records: Sequence[EvalRecord], patches: Sequence[LabeledPatch]
) -> tuple[list[LabeledPatch], list[dict[str, Any]]]:
    """The labelled patches that the records mean now, and the records that mean other pictures."""
    by_path = {patch.path.resolve(): patch for patch in patches}
    by_name: dict[str, list[LabeledPatch]] = defaultdict(list)
    for patch in patches:
        by_name[patch.path.name].append(patch)
    kept: dict[str, LabeledPatch] = {}
    foreign = []
    for record in records:
        found = by_path.get(record.image.resolve())
        if found is None and record.whole and len(by_name[record.image.name]) == 1:
            found = by_name[record.image.name][0]
        if found is not None:
            kept[found.content_hash] = found
        elif not record.whole:
            foreign.append({"image": record.given, "coords": list(record.coords), "label": record.label})
    return list(kept.values()), foreign


def _shuffle(seed: int, fabric: str) -> random.Random:
    """A fabric's own source of chance, so that labels of another do not change its choice."""
    return random.Random(f"{seed}:{fabric}".encode("utf-8", "surrogatepass"))


def _of_the_same_swatches(
    chosen: Sequence[LabeledPatch], patches: Sequence[LabeledPatch], seen: frozenset[str]
) -> list[LabeledPatch]:
    """Patches that share a swatch with a chosen one and are not chosen yet, whatever they are labelled."""
    hashes, swatches = {patch.content_hash for patch in chosen}, {patch.swatch_id for patch in chosen}
    return [patch for patch in patches if patch.swatch_id in swatches and patch.content_hash not in hashes | seen]


def _wanted(members: Sequence[LabeledPatch], split: float) -> int:
    """How many of a fabric's patches are to be set aside."""
    return max(1, math.floor(len(members) * split + 0.5))


def _pick_swatches(
    members: Sequence[LabeledPatch], wanted: int, shuffle: random.Random, *, already: int = 0, keep_one: bool = True
) -> list[LabeledPatch]:
    """Whole swatches, drawn at random, until their patches and those set aside `already` come nearest to the number
    wanted; at least one, if none is set aside already. With `keep_one` one swatch always stays."""
    swatches: dict[str, list[LabeledPatch]] = defaultdict(list)
    for patch in members:
        swatches[patch.swatch_id].append(patch)
    order = sorted(swatches)
    shuffle.shuffle(order)
    picked: list[LabeledPatch] = []
    for swatch in order[:-1] if keep_one else order:
        now = already + len(picked)
        if now and abs(now + len(swatches[swatch]) - wanted) >= abs(now - wanted):
            continue
        picked += swatches[swatch]
        if already + len(picked) >= wanted:
            break
    return sorted(picked, key=lambda patch: patch.path.name)


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _as_record(studio: Studio, patch: LabeledPatch) -> dict[str, Any]:
    coords = next((patch.record[key] for key in ("coords", "click_xy") if _is_point(patch.record.get(key))), None)
    if coords is None:
        try:
            width, height = open_photo(patch.path).size
        except UnreadableImage:
            width, height = 0, 0
        coords = [width // 2, height // 2]
    return {"image": f"{studio.root.name}/{studio.relative(patch.path)}", "coords": coords, "label": patch.fabric_id}
