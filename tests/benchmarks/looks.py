"""How steady the measured look is, and how far rules alone come, on real photographs.

`python -m tests.benchmarks.looks [--photos DIR] [--json FILE]`. DIR holds a manifest.csv (path, class, sample_id).
Uses no encoder; recognition as a whole has a benchmark of its own.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fabric_desktop.attributes import Look, measure_look
from fabric_desktop.rules import load_mapping, load_rules, rules_from_references

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 0.05
# One kind, all of it grey: with colours the other fabrics' colours alone would tell it from them.
ALL_GREY = "leather"
STUDIO_FOLDS, SEEDS = 5, 5
NUMBERS = [field.name for field in fields(Look) if field.name not in ("colors", "direction")]


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph of a benchmark: its file, what it shows, and the physical sample it was taken of."""

    path: Path
    label: str
    sample: str


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def read_photos(folder: Path) -> list[Photo]:
    """The photographs of a folder's manifest.csv, whose paths are relative to it or to one of its parents."""
    with (folder / "manifest.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for base in (folder, *folder.resolve().parents):
        if (base / rows[0]["path"]).is_file():
            return [Photo(base / row["path"], row["class"], row["sample_id"]) for row in rows]
    raise SystemExit(f"none of the photographs of {folder / 'manifest.csv'} is there")


def halved(image: Image.Image, how: Image.Resampling) -> Image.Image:
    return image.resize((max(1, image.width // 2), max(1, image.height // 2)), how)


def as_jpeg(image: Image.Image) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=60)
    return Image.open(io.BytesIO(stream.getvalue())).convert("RGB")


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "lanczos": lambda image: halved(image, Image.Resampling.LANCZOS),
    "bicubic": lambda image: halved(image, Image.Resampling.BICUBIC),
    "bilinear": lambda image: halved(image, Image.Resampling.BILINEAR),
    "box": lambda image: halved(image, Image.Resampling.BOX),
    "reduce(2)": lambda image: image.reduce(2),
    "jpeg 60": as_jpeg,
}


def stability(photos: Sequence[Photo]) -> dict[str, Any]:
    """Worst change of each number over all photographs, by kind of copy, with how many changed by more than LIMIT."""
    worst: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(COPIES, 0.0))
    over: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COPIES, 0))
    other_name = dict.fromkeys(COPIES, 0)
    for photo in photos:
        image = Image.open(photo.path).convert("RGB")
        look = measure_look(image)
        for how, copy in COPIES.items():
            again = measure_look(copy(image))
            changes = {name: abs(getattr(look, name) - getattr(again, name)) for name in NUMBERS}
            changes["first color's share"] = abs(look.colors[0].share - again.colors[0].share)
            other_name[how] += look.colors[0].name != again.colors[0].name
            for name, change in changes.items():
                worst[name][how] = max(worst[name][how], change)
                over[name][how] += change > LIMIT
    say(f"\nWorst change of each number, {len(photos)} photographs (in brackets: how many changed by over {LIMIT})")
    say(f"{'':24}" + "".join(f"{how:>14}" for how in COPIES))
    for name, by_copy in worst.items():
        cells = (
            f"{value:.3f}" + (f" ({over[name][how]})" if over[name][how] else "") for how, value in by_copy.items()
        )
        say(f"{name:24}" + "".join(f"{cell:>14}" for cell in cells))
    say(f"{'other name of color 1':24}" + "".join(f"{other_name[how]:>14}" for how in COPIES))
    return {"photos": len(photos), "worst": worst, "over": over, "other_name": other_name}


def grey(image: Image.Image) -> Image.Image:
    return image.convert("L").convert("RGB")


def measured(photos: Sequence[Photo], all_grey: bool) -> list[dict[str, Any]]:
    found = []
    for photo in photos:
        image = Image.open(photo.path).convert("RGB")
        attrs = measure_look(grey(image) if all_grey else image).as_attrs()
        if all_grey:
            # "grey" would count as the cloth's colour.
            del attrs["visual"]["dominant_color_name"]
        found.append(attrs)
    return found


def shipped_ranks(attrs: Sequence[Mapping[str, Any]], labels: Sequence[str], mapping: Mapping[str, str]) -> list[int]:
    """The place of each photograph's label in the shipped rules' ranking of the labels present, from 0."""
    book = load_rules("fine").only({mapping[label] for label in labels})
    return [
        [score.fabric_id for score in book.score(look)].index(mapping[label])
        for look, label in zip(attrs, labels, strict=True)
    ]


def studio_ranks(
    attrs: Sequence[Mapping[str, Any]], labels: Sequence[str], samples: Sequence[str], seed: int
) -> list[int]:
    """The same for rules of the references of other samples: five folds, whole samples on one side."""
    from sklearn.model_selection import StratifiedGroupKFold

    ranks = [0] * len(labels)
    folds = StratifiedGroupKFold(STUDIO_FOLDS, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a type with fewer samples than folds: wrong where it is unknown
        splits = list(folds.split(attrs, labels, samples))
    for known, asked in splits:
        references: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for number in known:
            references[labels[number]].append(attrs[number])
        book = rules_from_references(references)
        for number in asked:
            order = [score.fabric_id for score in book.score(attrs[number])]
            # A label whose only samples are asked about is in no reference, and wrong.
            ranks[number] = order.index(labels[number]) if labels[number] in order else len(order)
    return ranks


def summary(ranks: np.ndarray, labels: np.ndarray, samples: np.ndarray, repeats: int = 1) -> dict[str, Any]:
    """Top-1 and Top-5 over photographs, Top-1 as the mean over classes, 95 % interval by drawing samples again.

    With `repeats`, every photograph stands that many times in the arrays, answered under other folds.
    """
    kinds = sorted(set(labels))
    right = ranks == 0
    random = np.random.default_rng(0)
    names = np.unique(samples)
    places = {sample: np.flatnonzero(samples == sample) for sample in names}
    drawn = [
        right[np.concatenate([places[sample] for sample in random.choice(names, len(names))])].mean()
        for _ in range(1000)
    ]
    by_class = {kind: round(float(right[labels == kind].mean()), 3) for kind in kinds}
    return {
        "photos": len(ranks) // repeats,
        "samples": len(names),
        "classes": len(kinds),
        "chance": round(1 / len(kinds), 3),
        "top1": round(float(right.mean()), 3),
        "interval": [round(float(end), 3) for end in np.percentile(drawn, [2.5, 97.5])],
        "balanced_top1": round(float(np.mean(list(by_class.values()))), 3),
        "top5": round(float((ranks < 5).mean()), 3),
        "by_class": by_class,
    }


def print_rules(results: Mapping[str, Mapping[str, Any]], seeds: int) -> None:
    say(f"\nRules alone; studio: ranges from other samples' photographs, five folds, mean of {seeds} seeds")
    for name, result in results.items():
        low, high = result["interval"]
        say(
            f"{name:34} n {result['photos']:4}  samples {result['samples']:3}  classes {result['classes']:2}"
            f"  chance {result['chance']:.3f}  Top-1 {result['top1']:.3f} [{low:.3f}, {high:.3f}]"
            f" = {result['top1'] * result['classes']:.1f} x chance  by class {result['balanced_top1']:.3f}"
            f"  Top-5 {result['top5']:.3f}"
        )
        say("    " + "  ".join(f"{kind} {value:.2f}" for kind, value in result["by_class"].items()))


def contradictions(photos: Sequence[Photo]) -> dict[str, float]:
    """How often the rules contradict the right fabric of a photograph, and the wrong ones among the types at hand."""
    mapping = load_mapping()
    named = [photo for photo in photos if photo.label in mapping and photo.label != ALL_GREY]
    book = load_rules("fine").only({mapping[photo.label] for photo in named})
    said: dict[bool, list[bool]] = {True: [], False: []}
    for photo, look in zip(named, measured(named, False), strict=True):
        for score in book.score(look):
            said[score.fabric_id == mapping[photo.label]].append(any(r.contradicts for r in score.reasons))
    shares = {"right": round(float(np.mean(said[True])), 3), "wrong": round(float(np.mean(said[False])), 3)}
    say(f"\nContradicted by the rules: the right fabric {shares['right']:.3f}, a wrong one {shares['wrong']:.3f}")
    return shares


def rules_alone(
    photos: Sequence[Photo], all_grey: Collection[str] = (ALL_GREY,), seeds: int = SEEDS
) -> dict[str, dict[str, Any]]:
    """Shipped rules and studio rules on the classes that the mapping file names: in colour without the kinds that are
    all grey, and with every photograph turned grey."""
    mapping = load_mapping()
    named = [photo for photo in photos if photo.label in mapping]
    results: dict[str, dict[str, Any]] = {}
    for in_grey in (False, True):
        chosen = [photo for photo in named if in_grey or photo.label not in all_grey]
        if not chosen:
            continue
        how = "all grey" if in_grey else "in colour"
        attrs = measured(chosen, in_grey)
        labels, samples = [photo.label for photo in chosen], [photo.sample for photo in chosen]
        as_arrays = np.array(labels), np.array(samples)
        results[f"shipped, {how}"] = summary(np.array(shipped_ranks(attrs, labels, mapping)), *as_arrays)
        if len(set(samples)) < STUDIO_FOLDS:
            continue
        by_seed = [np.array(studio_ranks(attrs, labels, samples, seed)) for seed in range(seeds)]
        repeated = [np.tile(array, seeds) for array in as_arrays]
        results[f"studio, {how}"] = summary(np.concatenate(by_seed), *repeated, seeds)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description="Steadiness of the look, and rules alone, on real photographs.")
    default = os.environ.get("FABRIC_PHOTOS") or ROOT.parent / "shared" / "fabrics"
    parser.add_argument("--photos", type=Path, default=Path(default), help="folder with a manifest.csv")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    options = parser.parse_args()
    photos = read_photos(options.photos)
    rules = rules_alone(photos)
    print_rules(rules, SEEDS)
    figures = {"rules": rules, "contradictions": contradictions(photos), "stability": stability(photos)}
    if options.json is not None:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
