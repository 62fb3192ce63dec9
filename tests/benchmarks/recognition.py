"""Recognition on photographs, the textbook method beside ours: `python -m tests.benchmarks.recognition`.

[--photos DIR] [--garments DIR] [--encoder ID] [--json FILE]. DIR holds a manifest.csv (path, class, sample_id); the
garments' manifest also has a region (x, y, w, h). Whole samples stand on one side of every split but the first.
Embeddings are kept below the person's own folder. Rules alone: `tests.benchmarks.looks`; the order of labels and
suspect labels: `tests.benchmarks.loop`.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fabric_desktop.encoders.base import Encoder, Float32Array, unit_rows
from fabric_desktop.encoders.registry import load_encoder
from fabric_desktop.evaluation.calibration import expected_calibration_error
from fabric_desktop.head import calibrated, cross_validate, fit_head
from fabric_desktop.imaging import Box, cut_patch, open_photo
from fabric_desktop.jobs import JobContext
from fabric_desktop.like_with_like import fit_like_with_like
from fabric_desktop.scoring import fit_bank
from tests.benchmarks.photographs import Photograph, embeddings, read_manifest

UNNAMED = "unlabelled"
ONE_GREY_CLASS = "leather"
SEEDS = 5
FOLDS = 5


class Grey:
    """An encoder that sees every photo without colour."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.fingerprint = f"{encoder.fingerprint}-grey"

    def encode(self, images: Sequence[Image.Image]) -> Float32Array:
        return self._encoder.encode([image.convert("L").convert("RGB") for image in images])


class Textbook:
    """The textbook embedding of an encoder."""

    def __init__(self, encoder: Encoder, grey: bool = False) -> None:
        self._encoder, self._grey = encoder, grey
        self.fingerprint = f"{encoder.fingerprint}-textbook{'-grey' if grey else ''}"

    def encode(self, images: Sequence[Image.Image]) -> Float32Array:
        if self._grey:
            images = [image.convert("L").convert("RGB") for image in images]
        return self._encoder.encode_textbook(images)


@dataclass(frozen=True)
class Split:
    """Rows to know and rows to ask, with the label of every row and what counts as one piece among the known."""

    known: np.ndarray
    asked: np.ndarray


@dataclass(frozen=True)
class Answers:
    """Answers to the rows asked: place of the right label, confidence of the first, closeness to the library."""

    place: np.ndarray
    confidence: np.ndarray
    best: np.ndarray
    below: float


Ranked = tuple[np.ndarray, np.ndarray, np.ndarray, float]
"""Scores, confidences, how close each row is to the library, and the closeness below which it is called unknown."""

Ranker = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int], Ranked]


def textbook_retrieval(
    known: np.ndarray, labels: np.ndarray, pieces: np.ndarray, asked: np.ndarray, count: int
) -> Ranked:
    """Highest cosine to a reference, shown as if it were a confidence."""
    cosines = asked @ known.T
    scores = np.stack([cosines[:, labels == fabric].max(axis=1) for fabric in range(count)], axis=1)
    return scores, scores, scores.max(axis=1), -1.0


def textbook_head(known: np.ndarray, labels: np.ndarray, pieces: np.ndarray, asked: np.ndarray, count: int) -> Ranked:
    """LogisticRegression with C = 1."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=1000).fit(known, labels)
    proba = model.predict_proba(asked)
    return proba, proba, proba.max(axis=1), -1.0


def our_retrieval(known: np.ndarray, labels: np.ndarray, pieces: np.ndarray, asked: np.ndarray, count: int) -> Ranked:
    """The classifier on the bank."""
    classifier = fit_bank(known, labels, pieces, count)
    scores = classifier.scores(asked)
    closeness = classifier.closeness(asked, scores)
    return scores, classifier.probabilities(scores), closeness, classifier.unknown_below


def our_head(known: np.ndarray, labels: np.ndarray, pieces: np.ndarray, asked: np.ndarray, count: int) -> Ranked:
    """The classifier on the bank and the head, averaged as `evidence.Sides.visual` does."""
    _, probabilities, closeness, below = our_retrieval(known, labels, pieces, asked, count)
    names = [f"{label:06d}" for label in labels]
    head = fit_head(known, names)
    out_of_fold = cross_validate(known, names, pieces.tolist(), head.fabric_ids, JobContext())
    head, _ = calibrated(head, out_of_fold, names)
    both = (probabilities + head.predict_proba(asked)) / 2
    return both, both, closeness, below


def like_with_like(taken: np.ndarray) -> Ranker:
    """The classifier on a bank whose rows say how they were taken."""

    def ranker(known: np.ndarray, labels: np.ndarray, pieces: np.ndarray, asked: np.ndarray, count: int) -> Ranked:
        classifier = fit_like_with_like(known, labels, pieces, count, taken)
        scores = classifier.scores(asked)
        closeness = classifier.closeness(asked, scores)
        return scores, classifier.probabilities(scores), closeness, classifier.unknown_below

    return ranker


def ask(rows: np.ndarray, split: Split, labels: np.ndarray, samples: np.ndarray, ranker: Ranker) -> Answers:
    """Answers of one method to one split; a row asked whose label is not known has no place (-1)."""
    names, known_labels = np.unique(labels[split.known], return_inverse=True)
    _, pieces = np.unique(samples[split.known], return_inverse=True)
    scores, confidence, closeness, below = ranker(
        rows[split.known], known_labels, pieces, rows[split.asked], len(names)
    )
    column = {name: i for i, name in enumerate(names)}
    place = np.full(len(split.asked), -1)
    for row, index in enumerate(split.asked):
        if labels[index] in column:
            place[row] = int((scores[row] > scores[row, column[labels[index]]]).sum())
    return Answers(place, np.clip(confidence.max(axis=1), 0.0, 1.0), closeness, below)


def same_cloth(samples: np.ndarray, rows: np.ndarray, each: int) -> Iterator[Split]:
    """So many photos of every sample known, its others asked, for every seed."""
    for seed in range(SEEDS):
        draw = np.random.default_rng(seed)
        known, asked = [], []
        for sample in sorted(set(samples[rows])):
            own = draw.permutation(rows[samples[rows] == sample])
            known += own[:each].tolist()
            asked += own[each:].tolist()
        yield Split(np.array(known), np.array(asked))


def new_samples(labels: np.ndarray, samples: np.ndarray, rows: np.ndarray) -> Iterator[Split]:
    """Grouped folds: a fifth of each type's samples asked, the others known, for every seed."""
    for seed in range(SEEDS):
        draw = np.random.default_rng(100 + seed)
        fold = {}
        for label in sorted(set(labels[rows])):
            own = sorted(set(samples[rows][labels[rows] == label]))
            for number, sample in enumerate(draw.permutation(own)):
                fold[(label, sample)] = number % FOLDS
        numbers = np.array([fold[(labels[i], samples[i])] for i in rows])
        for number in range(FOLDS):
            known, asked = rows[numbers != number], rows[numbers == number]
            asked = asked[np.isin(labels[asked], labels[known])]
            if len(asked) and len(set(labels[known])) > 1:
                yield Split(known, asked)


def interval(values: Sequence[float]) -> str:
    """Mean and the 95 % interval of the mean over splits or seeds."""
    array = np.array(values, dtype=float)
    half = 1.96 * array.std(ddof=1) / np.sqrt(len(array)) if len(array) > 1 else 0.0
    return f"{array.mean():.3f} +-{half:.3f}"


class Table:
    """Lines printed as they come, and kept for the JSON."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def add(self, protocol: str, method: str, **figures: Any) -> None:
        self.lines.append({"protocol": protocol, "method": method, **figures})
        shown = "  ".join(
            f"{name} {value if isinstance(value, str) else f'{value:.3f}'}" for name, value in figures.items()
        )
        say(f"{protocol:46s} {method:20s} {shown}")


def say(text: str) -> None:
    os.write(1, (text + "\n").encode("utf-8"))


def accuracy(
    table: Table,
    protocol: str,
    splits: list[Split],
    labels: np.ndarray,
    samples: np.ndarray,
    ours: np.ndarray,
    textbook: np.ndarray,
    heads: bool = True,
) -> dict[str, list[Answers]]:
    """Top-1 and Top-5 of the four methods on the same splits."""
    methods: list[tuple[str, np.ndarray, Ranker]] = [
        ("textbook retrieval", textbook, textbook_retrieval),
        ("our retrieval", ours, our_retrieval),
    ]
    if heads:
        methods += [("textbook head", textbook, textbook_head), ("our head", ours, our_head)]
    found = {}
    for name, rows, ranker in methods:
        answers = [ask(rows, split, labels, samples, ranker) for split in splits]
        top1 = [float((a.place == 0).mean()) for a in answers]
        top5 = [float(((a.place >= 0) & (a.place < 5)).mean()) for a in answers]
        table.add(protocol, name, top1=interval(top1), top5=interval(top5))
        found[name] = answers
    return found


def confidence(table: Table, protocol: str, answers: dict[str, list[Answers]]) -> None:
    """Calibration error of the figure shown, and how often it is right where it says over 0.5 and over 0.9."""
    for name, parts in answers.items():
        shown = np.concatenate([part.confidence for part in parts])
        right = np.concatenate([part.place == 0 for part in parts])
        figures: dict[str, Any] = {
            "n": str(len(shown)),
            "ece": expected_calibration_error(shown.tolist(), right.tolist()),
        }
        for bound in (0.5, 0.9):
            over = shown > bound
            if over.sum() >= 50:
                figures[f"right over {bound}"] = float(right[over].mean())
                figures[f"share over {bound}"] = float(over.mean())
        table.add(protocol, name, **figures)


def auroc(known: np.ndarray, strange: np.ndarray) -> float:
    """Chance that a known cloth scores above a strange one."""
    order = np.concatenate([known, strange]).argsort().argsort() + 1.0
    n, m = len(known), len(strange)
    return float((order[:n].sum() - n * (n + 1) / 2) / (n * m))


def unknown(table: Table, samples: np.ndarray, rows: np.ndarray, ours: np.ndarray, textbook: np.ndarray) -> None:
    """A third of the cloths left out of the library, four references of each of the others."""
    figures: dict[str, list[tuple[float, float]]] = {"textbook retrieval": [], "our retrieval": []}
    alarms: list[tuple[float, float]] = []
    for seed in range(8):
        draw = np.random.default_rng(500 + seed)
        order = draw.permutation(sorted(set(samples[rows])))
        inside = set(order[: 2 * len(order) // 3])
        known, asked, strange = [], [], []
        for sample in order:
            own = draw.permutation(rows[samples[rows] == sample])
            if sample in inside:
                known += own[:4].tolist()
                asked += own[4:].tolist()
            else:
                strange += own[4:].tolist()
        split = Split(np.array(known), np.array(asked + strange))
        for name, embedded, ranker in (
            ("textbook retrieval", textbook, textbook_retrieval),
            ("our retrieval", ours, our_retrieval),
        ):
            best = ask(embedded, split, samples, np.arange(len(samples)), ranker)
            a, b = best.best[: len(asked)], best.best[len(asked) :]
            figures[name].append((auroc(a, b), float((b < np.quantile(a, 0.05)).mean())))
            if name == "our retrieval":
                alarms.append((float((a < best.below).mean()), float((b < best.below).mean())))
    for name, values in figures.items():
        table.add(
            "unknown cloth, 1/3 left out",
            name,
            auroc=interval([v[0] for v in values]),
            caught_at_5=interval([v[1] for v in values]),
        )
    table.add(
        "  as shown by the program",
        "our retrieval",
        false_alarms=interval([v[0] for v in alarms]),
        caught=interval([v[1] for v in alarms]),
    )


def garment_regions(folder: Path) -> list[tuple[Photograph, Box]]:
    found = []
    with (folder / "manifest.csv").open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["class"] == UNNAMED:
                continue
            path = folder / Path(row["path"]).name
            if path.is_file():
                box = Box(*(int(float(row[key])) for key in "xywh"))
                found.append((Photograph(path, row["class"], path.stem, "garments"), box))
    return found


def garments(
    table: Table,
    folder: Path,
    encoder: Encoder,
    labels: np.ndarray,
    samples: np.ndarray,
    ours: np.ndarray,
    textbook: np.ndarray,
    rows: np.ndarray,
) -> None:
    """A library of close-ups asked about garments at arm's length; then the same with garment patches in it."""
    regions = garment_regions(folder)
    patches = [cut_patch(open_photo(photo.path), box) for photo, box in regions]
    kinds = np.array([photo.kind for photo, _ in regions])
    all_labels = np.concatenate([labels, kinds])
    all_samples = np.concatenate([samples, np.array([f"garment {i}" for i in range(len(kinds))])])
    asked = np.arange(len(labels), len(all_labels))
    both = {
        "textbook retrieval": (np.concatenate([textbook, encoder.encode_textbook(patches)]), textbook_retrieval),
        "our retrieval": (np.concatenate([ours, encoder.encode(patches)]), our_retrieval),
        "our head": (np.concatenate([ours, encoder.encode(patches)]), our_head),
    }
    photo_pieces = np.arange(len(all_labels)).astype(str)
    for name, (embedded, ranker) in both.items():
        answers = ask(embedded, Split(rows, asked), all_labels, photo_pieces, ranker)
        figures: dict[str, Any] = {
            kind: float((answers.place[kinds == kind] == 0).mean()) for kind in sorted(set(kinds))
        }
        if ranker is not textbook_retrieval:
            figures["not close to anything"] = (
                float((answers.best < answers.below).mean()) if ranker is our_retrieval else "-"
            )
        table.add("garment distance, close-ups only", name, **figures)
    draw = np.random.default_rng(0)
    turn = draw.permutation(asked)
    close = list(new_samples(labels, samples, rows))[:FOLDS]
    cut = np.arange(len(all_labels)) >= len(labels)
    both["our retrieval, like with like"] = both["our retrieval"]
    for name, (embedded, ranker) in both.items():
        kept_apart = name == "our retrieval, like with like"

        def place(
            split: Split, rows_of: np.ndarray = embedded, usual: Ranker = ranker, apart: bool = kept_apart
        ) -> Any:
            chosen = like_with_like(cut[split.known].astype(int)) if apart else usual
            return ask(rows_of, split, all_labels, all_samples, chosen).place == 0

        right = np.zeros(len(all_labels), bool)
        for fold in range(FOLDS):
            out = turn[fold::FOLDS]
            right[out] = place(Split(np.concatenate([rows, np.setdiff1d(asked, out)]), out))
        figures = {kind: float(right[asked][kinds == kind].mean()) for kind in sorted(set(kinds))}
        before = [float(place(s).mean()) for s in close]
        after = [float(place(Split(np.concatenate([s.known, asked]), s.asked)).mean()) for s in close]
        table.add(
            "garment distance, with references",
            name,
            **figures,
            close_ups_before=interval(before),
            close_ups_after=interval(after),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, default=Path(os.environ.get("FABRIC_PHOTOS", "../shared/fabrics")))
    parser.add_argument("--garments", type=Path)
    parser.add_argument("--encoder", default="builtin")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    photographs = read_manifest(options.photos)
    encoder = load_encoder(options.encoder)
    labels = np.array([photo.kind for photo in photographs])
    samples = np.array([photo.sample for photo in photographs])
    places = np.array([photo.collection for photo in photographs])
    ours, textbook = unit_rows(embeddings(photographs, encoder)), unit_rows(embeddings(photographs, Textbook(encoder)))
    table = Table()
    say(
        f"{len(photographs)} photographs, {len(set(samples))} samples, encoder {encoder.id}; "
        "mean +- 95 % interval over splits"
    )

    counts = {sample: int((samples == sample).sum()) for sample in set(samples)}
    many = np.flatnonzero(
        [counts[sample] >= 12 and places[i] == _densest(places, samples) for i, sample in enumerate(samples)]
    )
    for each in (4, 8):
        photo_pieces = np.arange(len(samples)).astype(str)
        splits = list(same_cloth(samples, many, each))
        found = accuracy(
            table, f"same cloth, new photo, {each} references", splits, samples, photo_pieces, ours, textbook
        )
        if each == 4:
            confidence(table, "  confidence", found)
    named = np.flatnonzero((labels != UNNAMED) & (labels != ONE_GREY_CLASS))
    found = accuracy(
        table,
        "new sample of a type, pooled",
        list(new_samples(labels, samples, named)),
        labels,
        samples,
        ours,
        textbook,
    )
    confidence(table, "  confidence", found)
    for place in sorted(set(places[named])):
        rows = named[places[named] == place]
        splits = list(new_samples(labels, samples, rows))
        if splits:
            accuracy(table, f"  {place}", splits, labels, samples, ours, textbook)
    grey, grey_textbook = (
        unit_rows(embeddings(photographs, Grey(encoder))),
        unit_rows(embeddings(photographs, Textbook(encoder, grey=True))),
    )
    rows = np.flatnonzero(labels != UNNAMED)
    accuracy(
        table,
        f"  all grey, with {ONE_GREY_CLASS}",
        list(new_samples(labels, samples, rows)),
        labels,
        samples,
        grey,
        grey_textbook,
    )
    pair = np.flatnonzero(np.isin(labels, ["denim", "corduroy"]))
    sources = [
        Split(pair[places[pair] == place], pair[places[pair] != place])
        for place in sorted(set(places[pair]))
        if len(set(labels[pair][places[pair] == place])) == 2
    ]
    if sources:
        accuracy(table, "new source, denim against corduroy", sources, labels, samples, ours, textbook)
    unknown(table, samples, many, ours, textbook)
    folder = options.garments or options.photos.parent / "garments"
    if (folder / "manifest.csv").is_file():
        garments(table, folder, encoder, labels, samples, ours, textbook, named)
    if options.json:
        options.json.write_text(json.dumps(table.lines, indent=1), encoding="utf-8")


def _densest(places: np.ndarray, samples: np.ndarray) -> str:
    """The collection with the most samples: the one that stands for a studio's own swatches."""
    return str(max(sorted(set(places)), key=lambda place: len(set(samples[places == place]))))


if __name__ == "__main__":
    main()
