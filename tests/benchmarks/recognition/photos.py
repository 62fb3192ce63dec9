"""The photographs of a run: what is known of each, what either method sees of it, and how they are split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from fabric_desktop.encoders.base import Encoder, Float32Array, unit_rows
from tests.benchmarks.photographs import UNNAMED, Photograph, embeddings, read_manifest
from tests.benchmarks.recognition.methods import Split

SEEDS = 5
FOLDS = 5
# JPEG gives grey pixels a tinge.
GREY_WITHIN = 6


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
class Photos:
    """Photographs as arrays (n,): kind of cloth, physical sample, collection; and their embeddings (n, dim)."""

    photographs: list[Photograph]
    encoder: Encoder
    ours: np.ndarray
    textbook: np.ndarray

    @cached_property
    def kinds(self) -> np.ndarray:
        return np.array([photo.kind for photo in self.photographs])

    @cached_property
    def samples(self) -> np.ndarray:
        return np.array([photo.sample for photo in self.photographs])

    @cached_property
    def places(self) -> np.ndarray:
        """The collection of each; one for all where every collection is of a single kind and so says nothing new."""
        found = np.array([photo.collection for photo in self.photographs])
        several = any(len(set(self.kinds[found == place])) > 1 for place in set(found))
        return found if several else np.full(len(found), "all")

    @cached_property
    def each_photo(self) -> np.ndarray:
        """Every photo as a piece of its own: what the program knows where nobody named the swatches."""
        return np.arange(len(self.photographs)).astype(str)

    @cached_property
    def grey_kinds(self) -> frozenset[str]:
        """Kinds of which every photo is grey, so that colour alone would tell them from the others."""
        kinds = sorted(set(self.kinds) - {UNNAMED})
        return frozenset(kind for kind in kinds if all(map(_is_grey, self._paths_of(kind))))

    def _paths_of(self, kind: str) -> Iterator[Path]:
        return (photo.path for photo in self.photographs if photo.kind == kind)

    @cached_property
    def named(self) -> np.ndarray:
        """Rows whose kind is known, without the grey kinds."""
        return np.flatnonzero(~np.isin(self.kinds, [UNNAMED, *self.grey_kinds]))

    def dense(self, photos: int) -> np.ndarray:
        """Rows of the samples with so many photos at least, of the collection that has the most of these: the one that
        stands for a studio's own swatches."""
        names, counts = np.unique(self.samples, return_counts=True)
        enough = np.isin(self.samples, names[counts >= photos])
        if not enough.any():
            return np.empty(0, int)
        places = sorted(set(self.places[enough]))
        best = max(places, key=lambda place: len(set(self.samples[enough & (self.places == place)])))
        return np.flatnonzero(enough & (self.places == best))


def load(folder: Path, encoder: Encoder) -> Photos:
    """The photographs of a folder with a manifest.csv, embedded both ways (or known from an earlier run)."""
    photographs = read_manifest(folder)
    if not photographs:
        raise SystemExit(f"none of the photographs that {folder / 'manifest.csv'} names is there")
    return Photos(
        photographs,
        encoder,
        unit_rows(embeddings(photographs, encoder)),
        unit_rows(embeddings(photographs, Textbook(encoder))),  # type: ignore[arg-type]
    )


def in_grey(photos: Photos) -> Photos:
    """The same photographs without their colours."""
    return Photos(
        photos.photographs,
        photos.encoder,
        unit_rows(embeddings(photos.photographs, Grey(photos.encoder))),  # type: ignore[arg-type]
        unit_rows(embeddings(photos.photographs, Textbook(photos.encoder, grey=True))),  # type: ignore[arg-type]
    )


def same_cloth(
    samples: np.ndarray, rows: np.ndarray, each: int, seeds: Iterable[int] = range(SEEDS)
) -> Iterator[Split]:
    """So many photos of every sample known, its others asked, for every seed."""
    for seed in seeds:
        draw = np.random.default_rng(seed)
        known, asked = [], []
        for sample in sorted(set(samples[rows])):
            own = draw.permutation(rows[samples[rows] == sample])
            known += own[:each].tolist()
            asked += own[each:].tolist()
        yield Split(np.array(known), np.array(asked))


def new_samples(labels: np.ndarray, samples: np.ndarray, rows: np.ndarray, seeds: int = SEEDS) -> list[Split]:
    """Grouped folds: a fifth of each kind's samples asked, the others known, for every seed."""
    splits = []
    for seed in range(seeds):
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
                splits.append(Split(known, asked))
    return splits


def single_swatches(labels: np.ndarray, samples: np.ndarray, rows: np.ndarray, draws: int) -> list[Split]:
    """One sample of each kind known, all its photos, and the kind's other samples asked."""
    splits = []
    for seed in range(draws):
        draw = np.random.default_rng(700 + seed)
        known, asked = [], []
        for label in sorted(set(labels[rows])):
            own = rows[labels[rows] == label]
            names = sorted(set(samples[own]))
            if len(names) > 1:
                inside = samples[own] == draw.choice(names)
                known += own[inside].tolist()
                asked += own[~inside].tolist()
        if len(set(labels[known])) > 1:
            splits.append(Split(np.array(known), np.array(asked)))
    return splits


def some_single(
    labels: np.ndarray, samples: np.ndarray, rows: np.ndarray, draws: int, share: float = 0.5
) -> list[Split]:
    """New samples asked as by `new_samples`, while a share of the kinds, drawn for each, is known by one sample."""
    splits = []
    for number, split in enumerate(new_samples(labels, samples, rows, draws)):
        draw = np.random.default_rng(1300 + number)
        kinds = sorted(set(labels[split.known]))
        single = set(draw.permutation(kinds)[: round(share * len(kinds))])
        known: list[int] = []
        for kind in kinds:
            own = split.known[labels[split.known] == kind]
            if kind in single:
                own = own[samples[own] == draw.choice(sorted(set(samples[own])))]
            known += own.tolist()
        splits.append(Split(np.array(known), split.asked))
    return splits


def _is_grey(path: Path) -> bool:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB").reduce(2), int)
    return int((pixels.max(axis=2) - pixels.min(axis=2)).max()) <= GREY_WITHIN
