"""Garments named by close-ups, or close-ups that lose because garments came into the library."""

from __future__ import annotations

import numpy as np
import pytest

from fabric_desktop.classifier.like_with_like import LikeWithLike, fit_like_with_like
from fabric_desktop.classifier.ridge import BankClassifier

DIM = 48
CLOSE, FAR = 0, 1


def _photos(
    fabrics: list[int], each: int, way: int, apart: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Embeddings of length 1 of `each` photos a fabric taken in one way, their fabrics, and that way.

    What a fabric looks like in one way has little to do with the other, and the ways lie `apart`.
    """
    looks = np.random.default_rng(1000 + way).normal(size=(10, DIM))
    shift = np.zeros(DIM)
    shift[way] = apart
    index = np.repeat(np.array(fabrics, int), each)
    points = looks[index] + shift + 0.7 * np.random.default_rng(seed).normal(size=(len(index), DIM))
    return points / np.linalg.norm(points, axis=1, keepdims=True), index, np.full(len(index), way)


def _library(apart: float, far: list[int], each_far: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    parts = [_photos(list(range(6)), 6, CLOSE, apart, 1), _photos(far, each_far, FAR, apart, 2)]
    points, index, taken = (np.concatenate([part[i] for part in parts]) for i in range(3))
    order = np.argsort(index, kind="stable")
    return points[order], index[order], taken[order], np.arange(len(index))


def test_each_photo_is_compared_with_photos_taken_like_it() -> None:
    points, index, taken, pieces = _library(6.0, [0, 3, 6])
    classifier = fit_like_with_like(points, index, pieces, 7, taken)
    assert isinstance(classifier, LikeWithLike)
    for fabrics, way in ((list(range(6)), CLOSE), ([0, 3, 6], FAR)):
        queries, truth, _ = _photos(fabrics, 20, way, 6.0, 3)
        assert (classifier.way_of(queries) == way).mean() >= 0.95
        probabilities, closeness = classifier.ask(queries)
        assert probabilities.shape == (len(queries), 7)
        assert (probabilities.argmax(axis=1) == truth).mean() >= 0.9
        assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(queries)))
        assert (closeness >= classifier.unknown_below).mean() >= 0.85


def test_photos_alone_get_what_they_get_together() -> None:
    points, index, taken, pieces = _library(6.0, [0, 3, 6])
    classifier = fit_like_with_like(points, index, pieces, 7, taken)
    queries = np.concatenate([_photos([1, 3], 3, way, 6.0, 4)[0] for way in (CLOSE, FAR)])
    together, _ = classifier.ask(queries)
    alone = np.concatenate([classifier.ask(query[None])[0] for query in queries])
    assert alone == pytest.approx(together, abs=1e-9)


def test_ways_that_do_not_differ_are_not_kept_apart() -> None:
    points, index, _, pieces = _library(0.0, [])
    halves = np.random.default_rng(8).integers(0, 2, len(index))
    assert isinstance(fit_like_with_like(points, index, pieces, 6, halves), BankClassifier)


@pytest.mark.parametrize(("far", "each"), [([2], 30), ([0, 3], 2), ([], 0)], ids=["one fabric", "too few", "one way"])
def test_a_way_that_says_too_little_does_not_stand_alone(far: list[int], each: int) -> None:
    points, index, taken, pieces = _library(6.0, far, each)
    assert isinstance(fit_like_with_like(points, index, pieces, 6, taken), BankClassifier)


def test_a_cloth_unlike_anything_is_unknown_in_either_way() -> None:
    points, index, taken, pieces = _library(6.0, [0, 3, 6])
    classifier = fit_like_with_like(points, index, pieces, 7, taken)
    draw = np.random.default_rng(5)
    for way in (CLOSE, FAR):
        strange = draw.normal(size=(100, DIM))
        strange[:, way] += 6.0
        strange /= np.linalg.norm(strange, axis=1, keepdims=True)
        assert (classifier.ask(strange)[1] < classifier.unknown_below).mean() >= 0.6
