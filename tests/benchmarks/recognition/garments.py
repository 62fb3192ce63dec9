"""Garments at arm's length, asked of a library of close-ups, and of one that holds patches of garments too."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fabric_desktop.encoders.base import unit_rows
from fabric_desktop.imaging import Box, cut_patch, open_photo
from tests.benchmarks.photographs import UNNAMED
from tests.benchmarks.recognition.methods import (
    Answers,
    Ranker,
    Split,
    ask,
    like_with_like,
    our_retrieval,
    textbook_head,
    textbook_retrieval,
)
from tests.benchmarks.recognition.photos import FOLDS, SEEDS, Photos, new_samples
from tests.benchmarks.recognition.rows import Row, Rows, by_sample, interval, over


@dataclass(frozen=True)
class Garments:
    """Close-ups and garment regions together: rows (n,) of either, what is cut from a garment, and its embeddings."""

    kinds: np.ndarray
    fabrics: np.ndarray
    samples: np.ndarray
    cut: np.ndarray
    ours: np.ndarray
    textbook: np.ndarray


def garments(photos: Photos, folder: Path) -> Rows:
    """The two protocols of garment distance; a note where there are no labelled garments."""
    regions = _regions(folder)
    if not regions:
        yield Row("garment distance", note=f"cannot be formed: no labelled regions in {folder}")
        return
    both = _together(photos, regions)
    yield from _honesty(photos, both)
    yield from _with_references(photos, both)


def _regions(folder: Path) -> list[tuple[Path, str, Box]]:
    if not (folder / "manifest.csv").is_file():
        return []
    found = []
    with (folder / "manifest.csv").open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            path = folder / Path(row["path"]).name
            if row["class"] != UNNAMED and path.is_file():
                found.append((path, row["class"], Box(*(int(float(row[key])) for key in "xywh"))))
    return found


def _together(photos: Photos, regions: Sequence[tuple[Path, str, Box]]) -> Garments:
    patches = [cut_patch(open_photo(path), box) for path, _, box in regions]
    kinds = np.array([kind for _, kind, _ in regions])
    close = np.where(photos.kinds == UNNAMED, photos.samples, photos.kinds)
    return Garments(
        kinds=np.concatenate([photos.kinds, kinds]),
        fabrics=np.concatenate([close, kinds]),
        samples=np.concatenate([photos.samples, np.array([f"garment {path.name}" for path, _, _ in regions])]),
        cut=np.arange(len(photos.kinds) + len(kinds)) >= len(photos.kinds),
        ours=np.concatenate([photos.ours, unit_rows(photos.encoder.encode(patches))]),
        textbook=np.concatenate([photos.textbook, unit_rows(photos.encoder.encode_textbook(patches))]),
    )


def _honesty(photos: Photos, both: Garments) -> Rows:
    """A library of all close-ups: what it names the garments, and whether it says that they are like nothing in it."""
    asked, near = np.flatnonzero(both.cut), np.flatnonzero(~both.cut)
    kinds = sorted(set(both.kinds[asked]))
    methods = (("textbook", both.textbook, textbook_retrieval), ("ours", both.ours, our_retrieval))
    named = {
        method: ask(rows, Split(near, asked), both.fabrics, both.samples, both.samples, ranker)
        for method, rows, ranker in methods
    }
    for kind in kinds:
        own = both.kinds[asked] == kind
        theirs, ours = (interval((named[name].place[own] == 0).astype(float)) for name in ("textbook", "ours"))
        yield Row("garments, close-ups only", f"{kind}, Top-1", theirs, ours, note="not to be known from there")
    far = (named["ours"].closeness < named["ours"].below).astype(float)
    note = "where it knows the swatches, and so allows for new samples"
    yield Row("  says: not close to anything", "as told, swatches", None, interval(far), note=note)
    told: list[tuple[float, float]] = []
    each_photo = np.arange(len(both.kinds)).astype(str)
    caught: dict[str, list[float]] = {"textbook": [], "ours": []}
    for seed in range(SEEDS):
        draw = np.random.default_rng(900 + seed)
        known, others = [], []
        for fabric in sorted(set(both.fabrics[near])):
            own = draw.permutation(near[both.fabrics[near] == fabric])
            half = (len(own) + 1) // 2
            known += own[:half].tolist()
            others += own[half:].tolist()
        split = Split(np.array(known), np.concatenate([np.array(others, int), asked]))
        for method, rows, ranker in methods:
            answers = ask(rows, split, both.fabrics, each_photo, both.samples, ranker)
            closeness = answers.closeness
            if method == "ours":
                below = closeness < answers.below
                told.append((float(below[: len(others)].mean()), float(below[len(others) :].mean())))
            bound = np.quantile(closeness[: len(others)], 0.05)
            caught[method].append(float((closeness[len(others) :] < bound).mean()))
    theirs, ours = (interval(np.array(caught[name])) for name in ("textbook", "ours"))
    yield Row("  says: not close to anything", "at 5 % false al.", theirs, ours, 0.8, note="interval over draws")
    alarms, found = (interval(np.array(values)) for values in zip(*told, strict=True))
    note = f"at {alarms.mean:.3f} false alarms; interval over draws"
    yield Row("  says: not close to anything", "as told, photos", None, found, 0.8, note=note)


def _with_references(photos: Photos, both: Garments) -> Rows:
    """The close-ups of known types, with garment patches as references and labels: folds over garments."""
    asked = np.flatnonzero(both.cut)
    if len(set(both.kinds[asked])) < 2 or len(photos.named) == 0:
        yield Row("garments, with references", note="cannot be formed: fewer than two kinds")
        return
    turn = np.random.default_rng(0).permutation(asked)
    close = new_samples(photos.kinds, photos.samples, photos.named)
    methods: dict[str, tuple[np.ndarray, bool | None]] = {
        "retrieval": (both.ours, False),
        "with a head": (both.ours, True),
    }
    for way, (rows, head) in methods.items():
        plain = textbook_head if head else textbook_retrieval
        shares = {}
        for name, embedded, apart in (("textbook", both.textbook, None), ("ours", rows, head)):
            right: dict[str, float] = {}
            for fold in range(FOLDS):
                out = turn[fold::FOLDS]
                split = Split(np.concatenate([photos.named, np.setdiff1d(asked, out)]), out)
                right |= by_sample([_asked(both, embedded, split, plain if apart is None else None, apart)], 1)
            shares[name] = right
        for kind in sorted(set(both.kinds[asked])):
            own = set(both.samples[asked][both.kinds[asked] == kind])
            theirs, ours = (
                over({sample: share for sample, share in shares[name].items() if sample in own})
                for name in ("textbook", "ours")
            )
            note = f"{len(own)} garments"
            yield Row(f"garments, with references, {way}", f"{kind}, Top-1", theirs, ours, 0.95, note=note)
        theirs, ours = over(shares["textbook"]), over(shares["ours"])
        yield Row(f"garments, with references, {way}", "all, Top-1", theirs, ours, 0.95)
        before = by_sample([_asked(both, rows, split, None, head) for split in close], 1)
        after = by_sample(
            [_asked(both, rows, Split(np.concatenate([s.known, asked]), s.asked), None, head) for s in close], 1
        )
        change = interval(np.array([after[sample] - before[sample] for sample in sorted(before)]))
        note = f"{over(before).mean:.3f} before, {over(after).mean:.3f} after"
        yield Row(f"  what close-ups gain, {way}", "Top-1", None, change, -0.005, note=note)


def _asked(both: Garments, rows: np.ndarray, split: Split, plain: Ranker | None, head: bool | None) -> Answers:
    known = split.known[np.argsort(both.kinds[split.known], kind="stable")]
    ranker = plain or like_with_like(both.cut[known].astype(int), bool(head))
    return ask(rows, split, both.kinds, both.samples, both.samples, ranker)
