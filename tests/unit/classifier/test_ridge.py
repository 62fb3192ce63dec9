"""An answer ranked wrongly, a chance sold as certainty, or a strange cloth named with a straight face."""

from __future__ import annotations

import numpy as np
import pytest

from fabric_desktop.classifier import temperature
from fabric_desktop.classifier.algebra import invert_lower
from fabric_desktop.classifier.bounds import MOST_PIECES, usual_bound
from fabric_desktop.classifier.nearest import NearestClassifier, fit_nearest
from fabric_desktop.classifier.ridge import (
    DEFAULT_TEMPERATURE,
    LINEAR_SHARE,
    MAX_FITTED,
    NEAREST_SHARE,
    NEAREST_SHARE_ALONE,
    RIDGE,
    BankClassifier,
    fit,
    fit_bank,
)
from fabric_desktop.classifier.temperature import ENOUGH_ANSWERS, softmax

DIM = 40


def _library(fabrics: int, each: int, spread: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Embeddings of unit length around one centre a fabric, their fabric, and those centres."""
    draw = np.random.default_rng(seed)
    centres = draw.normal(size=(fabrics, DIM))
    index = np.repeat(np.arange(fabrics), each)
    points = centres[index] + spread * draw.normal(size=(len(index), DIM))
    return points / np.linalg.norm(points, axis=1, keepdims=True), index, centres


def _fit(points: np.ndarray, index: np.ndarray, swatches: np.ndarray | None = None) -> BankClassifier:
    return fit_bank(points, index, np.arange(len(index)) if swatches is None else swatches, int(index.max()) + 1)


def test_new_photos_of_known_cloths_are_named() -> None:
    points, index, centres = _library(12, 4, 0.6)
    draw = np.random.default_rng(1)
    queries = np.repeat(centres, 5, axis=0) + 0.6 * draw.normal(size=(60, DIM))
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    probabilities, _ = _fit(points, index).ask(queries)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(60))
    assert (probabilities.argmax(axis=1) == np.repeat(np.arange(12), 5)).mean() >= 0.9


def test_left_out_answers_are_those_of_a_fit_without_that_swatch() -> None:
    points, index, _ = _library(4, 6, 0.9)
    swatches = np.repeat(np.arange(12), 2)
    whole = _fit(points, index, swatches)
    kernel = LINEAR_SHARE * (whole.references @ whole.references.T)
    kernel += (1.0 - LINEAR_SHARE) * np.exp(whole.references @ whole.references.T - 1.0)
    targets = np.eye(4)[index] - 0.25
    group = np.flatnonzero(swatches == 5)
    kept = np.flatnonzero(swatches != 5)
    again = np.linalg.solve(kernel[np.ix_(kept, kept)] + RIDGE * np.eye(len(kept)), targets[kept])
    expected = kernel[np.ix_(group, kept)] @ again
    smoother = kernel @ np.linalg.inv(kernel + RIDGE * np.eye(24))
    fitted = smoother @ targets
    inside = np.eye(2) - smoother[np.ix_(group, group)]
    closed = targets[group] - np.linalg.solve(inside, targets[group] - fitted[group])
    assert closed == pytest.approx(expected)
    assert whole.answers == 24


def test_a_confidence_is_not_far_from_how_often_it_is_right() -> None:
    points, index, centres = _library(20, 5, 1.1)
    classifier = _fit(points, index)
    draw = np.random.default_rng(2)
    truth = np.repeat(np.arange(20), 40)
    queries = centres[truth] + 1.1 * draw.normal(size=(800, DIM))
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    probabilities, _ = classifier.ask(queries)
    right = probabilities.argmax(axis=1) == truth
    # Modest by intent: it may be right more often than it says, and hardly less often.
    assert -0.12 < probabilities.max(axis=1).mean() - right.mean() < 0.03
    assert classifier.calibrated


def test_a_cloth_unlike_any_reference_falls_below_the_bound_and_known_ones_hardly_do() -> None:
    points, index, centres = _library(20, 5, 0.6)
    classifier = _fit(points, index)
    draw = np.random.default_rng(3)
    known = np.repeat(centres, 10, axis=0) + 0.6 * draw.normal(size=(200, DIM))
    strange = draw.normal(size=(200, DIM))
    for rows in (known, strange):
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    below = [
        classifier.ask(rows)[1] < classifier.unknown_below for rows in (known, strange)
    ]
    assert below[0].mean() <= 0.08
    assert below[1].mean() >= 0.8


@pytest.mark.parametrize(("fabrics", "each"), [(2, 3), (2, 4), (3, 1), (5, 1), (5, 4)])
def test_a_library_just_begun_tells_strange_cloth_from_its_own(fabrics: int, each: int) -> None:
    own, strange = [], []
    for seed in range(20):
        points, index, centres = _library(fabrics, each, 0.45, seed)
        classifier = _fit(points, index)
        draw = np.random.default_rng(100 + seed)
        asked = np.repeat(centres, 5, axis=0) + 0.45 * draw.normal(size=(5 * fabrics, DIM))
        others = np.repeat(draw.normal(size=(fabrics, DIM)), 5, axis=0) + 0.45 * draw.normal(size=(5 * fabrics, DIM))
        for rows, below in ((asked, own), (others, strange)):
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            below += (classifier.ask(rows)[1] < classifier.unknown_below).tolist()
    assert np.mean(own) <= 0.1
    assert np.mean(strange) >= 0.6


def test_the_bound_rises_with_what_is_known_and_never_leaves_what_was_measured() -> None:
    sizes = [(2, 1.0), (2, 3.0), (5, 3.0), (20, 3.0), (20, 4.0)]
    bounds = [usual_bound(fabrics, pieces) for fabrics, pieces in sizes]
    assert bounds == sorted(bounds)
    assert usual_bound(20, 400.0) == usual_bound(20, MOST_PIECES) < 1.1
    assert usual_bound(2, 0.5) == usual_bound(2, 1.0) > 0.2


def test_photos_of_one_swatch_raise_the_bound_less_than_as_many_swatches() -> None:
    points, index, _ = _library(6, 4, 0.45)
    photo, swatches, one = (
        _fit(points, index, pieces).unknown_below for pieces in (index, np.arange(24), np.arange(24) // 2)
    )
    assert photo < one < swatches


def test_a_picture_unlike_any_reference_is_unknown_though_one_fabric_stands_out() -> None:
    points, index, centres = _library(20, 5, 0.6)
    classifier = _fit(points, index)
    draw = np.random.default_rng(9)
    # Something of one fabric in it, much of what no reference has: as a garment far away of a known cloth.
    far = centres + 4.0 * draw.normal(size=centres.shape)
    far /= np.linalg.norm(far, axis=1, keepdims=True)
    assert (classifier.ask(far)[1] < classifier.unknown_below).mean() >= 0.9


def test_a_fabric_with_many_photos_does_not_swallow_the_others() -> None:
    points, index, centres = _library(3, 30, 0.9)
    kept = np.concatenate([np.flatnonzero(index == 0), np.flatnonzero(index == 1)[:3], np.flatnonzero(index == 2)[:3]])
    classifier = _fit(points[kept], index[kept])
    draw = np.random.default_rng(4)
    truth = np.repeat(np.arange(3), 60)
    queries = centres[truth] + 0.9 * draw.normal(size=(180, DIM))
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    shares = np.bincount(classifier.ask(queries)[0].argmax(axis=1), minlength=3) / 180
    assert shares.max() < 0.5


def test_the_order_of_the_photos_does_not_matter() -> None:
    points, index, _ = _library(5, 4, 0.7)
    turn = np.random.default_rng(5).permutation(len(points))
    first, second = _fit(points, index), _fit(points[turn], index[turn])
    assert first.ask(points[:7])[0] == pytest.approx(second.ask(points[:7])[0], abs=1e-9)
    assert first.temperatures == pytest.approx(second.temperatures)


def test_few_references_keep_near_the_usual_temperature_and_say_that_they_are_not_calibrated() -> None:
    points, index, _ = _library(3, 1, 0.5)
    classifier = _fit(points, index)
    assert (classifier.answers, classifier.temperatures) == (0, (DEFAULT_TEMPERATURE, DEFAULT_TEMPERATURE))
    assert not classifier.calibrated


def test_one_fabric_alone_is_never_said_with_confidence() -> None:
    points, index, _ = _library(1, 4, 0.3)
    classifier = fit(points, index, np.arange(4), 1)
    assert isinstance(classifier, NearestClassifier)
    assert classifier.ask(points)[0].max() <= 0.5


def test_a_bank_too_large_to_fit_ranks_by_the_nearest_reference() -> None:
    fabrics, each = 30, MAX_FITTED // 30 + 1
    points, index, centres = _library(fabrics, each, 0.5)
    classifier = fit(points.astype(np.float32), index, np.arange(len(index)), fabrics)
    assert isinstance(classifier, NearestClassifier)
    rows = centres / np.linalg.norm(centres, axis=1, keepdims=True)
    assert (classifier.scores(rows).argmax(axis=1) == np.arange(fabrics)).all()
    assert classifier.answers >= ENOUGH_ANSWERS


def test_the_nearest_reference_has_more_say_where_fabrics_have_one_swatch() -> None:
    points, index, _ = _library(4, 6, 0.9)
    single, half = index.copy(), np.where(index < 2, index, 10 + np.arange(24))
    shares = [_fit(points, index, swatches).nearest_share for swatches in (np.arange(24), half, single)]
    assert shares == pytest.approx([NEAREST_SHARE, (NEAREST_SHARE + NEAREST_SHARE_ALONE) / 2, NEAREST_SHARE_ALONE])


def test_a_library_of_single_swatches_is_careful_and_not_called_calibrated() -> None:
    points, index, _ = _library(30, 6, 0.5)
    known, told = _fit(points, index), _fit(points, index, index)
    assert known.calibrated
    assert not told.calibrated
    assert told.temperatures == (DEFAULT_TEMPERATURE, DEFAULT_TEMPERATURE)
    queries = points[::6]
    sure = [one.ask(queries)[0].max(axis=1).mean() for one in (known, told)]
    assert sure[1] < sure[0]


@pytest.mark.parametrize("fabrics", [2, 1])
def test_many_photos_of_a_few_pieces_are_not_called_calibrated(fabrics: int) -> None:
    points, index, _ = _library(2 * fabrics, 30, 0.2)
    few = np.arange(len(index)) // 15
    for fitting in (fit_bank, fit_nearest):
        assert not fitting(points, index, few, 2 * fabrics).calibrated, "the temperature is mostly the default's"
        assert fitting(points, index, np.arange(len(index)), 2 * fabrics).calibrated


def test_fabrics_of_one_swatch_make_a_library_with_others_more_careful() -> None:
    draw = np.random.default_rng(11)
    pieces = draw.normal(size=(20, 3, DIM)) * 0.9 + draw.normal(size=(20, 1, DIM))
    points = (pieces[:, :, None] + 0.3 * draw.normal(size=(20, 3, 4, DIM))).reshape(-1, DIM)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    index, swatches = np.repeat(np.arange(20), 12), np.repeat(np.arange(60), 4)
    kept = (index >= 10) | (swatches % 3 == 0)  # half of the fabrics keep one of their three swatches
    whole, lacking = _fit(points, index, swatches), _fit(points[kept], index[kept], swatches[kept])
    assert (np.array(lacking.temperatures) > whole.temperatures).all()


def test_a_large_bank_is_asked_in_one_pass_and_answers_as_centred_cosines_do() -> None:
    points, index, centres = _library(5, 9, 0.7)
    classifier = fit_nearest(points.astype(np.float32), index, np.arange(len(index)), 5)
    mean = np.stack([points[index == fabric].mean(axis=0) for fabric in range(5)]).mean(axis=0)
    queries = (centres / np.linalg.norm(centres, axis=1, keepdims=True)).astype(np.float32)
    moved, asked = points - mean, queries - mean
    cosines = (asked @ moved.T) / np.outer(np.linalg.norm(asked, axis=1), np.linalg.norm(moved, axis=1))
    expected = np.stack([cosines[:, index == fabric].max(axis=1) for fabric in range(5)], axis=1)
    assert classifier.scores(queries) == pytest.approx(expected, abs=1e-6)
    known = queries @ points.astype(np.float32).T
    probabilities, closeness = classifier.ask(queries, known)
    assert probabilities == pytest.approx(softmax(expected / classifier.temperature), abs=1e-5)
    assert closeness == pytest.approx(expected.max(axis=1), abs=1e-6)


def test_a_triangular_matrix_is_inverted_in_its_place() -> None:
    draw = np.random.default_rng(0)
    lower = np.tril(draw.normal(size=(150, 150))) + 20 * np.eye(150)
    inverse = lower.copy()
    invert_lower(inverse)
    assert inverse @ lower == pytest.approx(np.eye(150), abs=1e-10)


def test_a_temperature_from_many_answers_is_that_of_evenly_chosen_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    points, index, _ = _library(20, 30, 1.1)
    all_of_them = _fit(points, index).temperatures
    monkeypatch.setattr(temperature, "MAX_SCORES", 20 * 300)
    assert _fit(points, index).temperatures == pytest.approx(all_of_them, rel=0.3)
