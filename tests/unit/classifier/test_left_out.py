"""Left-out answers that had seen what they should not have seen: the confidence would be a lie."""

from __future__ import annotations

import numpy as np
import pytest

from fabric_desktop.classifier.left_out import MAX_AWAY, RidgeFit, heard, pieces_a_fabric, share_of_single

RIDGE = 0.1


def _fit(swatches: np.ndarray, fabrics: np.ndarray, seed: int = 0) -> tuple[RidgeFit, np.ndarray]:
    """A linear ridge fit on rows of length 1, and its targets' kernel."""
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(fabrics.max() + 1, 30))[fabrics] + 0.8 * draw.normal(size=(len(fabrics), 30))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = rows @ rows.T
    targets = np.eye(fabrics.max() + 1)[fabrics] - 1.0 / (fabrics.max() + 1)
    inverse = np.linalg.inv(cosines + RIDGE * np.eye(len(rows)))
    columns = np.linalg.cholesky(inverse)
    starts = np.flatnonzero(np.diff(fabrics, prepend=-1))
    penalty = np.full(len(rows), RIDGE)
    return RidgeFit(columns, inverse @ targets, targets, penalty, cosines, fabrics, swatches, starts), cosines


def _again(
    fit: RidgeFit, cosines: np.ndarray, away: np.ndarray
) -> tuple[np.ndarray, np.ndarray, dict[int, np.ndarray]]:
    """What a fit made anew without these rows says of them, the nearest cosines, and what it says, in the mean, of what
    is left of their fabrics."""
    kept = np.setdiff1d(np.arange(len(cosines)), away)
    weights = np.linalg.solve(cosines[np.ix_(kept, kept)] + RIDGE * np.eye(len(kept)), fit.targets[kept])
    nearest = np.full((len(away), fit.targets.shape[1]), -1.0)
    for column in np.unique(fit.fabrics[kept]):
        nearest[:, column] = cosines[np.ix_(away, kept[fit.fabrics[kept] == column])].max(axis=1)
    said = cosines[:, kept] @ weights
    left = {fabric: said[kept[fit.fabrics[kept] == fabric]].mean(axis=0) for fabric in set(fit.fabrics[away].tolist())}
    return said[away], nearest, left


FABRICS = np.repeat([0, 1, 2], [6, 6, 4])
SWATCHES = np.array([0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 5])


def test_answers_without_a_swatch_are_those_of_a_fit_made_anew_without_it() -> None:
    fit, cosines = _fit(SWATCHES, FABRICS)
    aways = fit.swatches_left_out()
    assert [set(SWATCHES[away.rows].tolist()) for away in aways] == [{0}, {1}, {2}, {3}, {4}]  # the third has one
    for away in aways:
        fitted, nearest, left = _again(fit, cosines, away.rows)
        assert away.fitted == pytest.approx(fitted)
        assert away.nearest == pytest.approx(nearest)
        assert set(away.left) == set(left)
        for fabric, found in away.left.items():
            assert found.fitted == pytest.approx(left[fabric])
            assert found.swatches == (2 if fabric == 0 else 1)
    rows, fitted, nearest = heard(aways, 3)
    assert rows.tolist() == list(range(12))
    assert fitted.shape == nearest.shape == (12, 3)


def test_what_a_fit_says_of_its_own_rows() -> None:
    fit, cosines = _fit(SWATCHES, FABRICS)
    assert fit.fitted == pytest.approx(cosines @ fit.weights)


def test_answers_of_a_swatch_alone_have_seen_no_other_swatch_of_the_fabric() -> None:
    fit, cosines = _fit(SWATCHES, FABRICS)
    aways = fit.swatches_alone()
    assert {fabric for away in aways for fabric in away.left} == {0, 1}
    away = np.flatnonzero(np.isin(SWATCHES, [1, 2]))  # the first fabric with its first swatch left
    assert aways[0].rows.tolist() == away.tolist()
    assert aways[0].fitted == pytest.approx(_again(fit, cosines, away)[0])
    assert aways[0].left[0].swatches == 1
    assert share_of_single(fit.swatches, fit.starts) == pytest.approx(1 / 3)


def test_a_library_of_single_swatches_has_no_answers_and_says_so() -> None:
    fit, _ = _fit(FABRICS.copy(), FABRICS)
    assert fit.swatches_left_out() == fit.swatches_alone() == []
    assert [len(part) for part in heard([], 3)] == [0, 0, 0]
    assert share_of_single(fit.swatches, fit.starts) == 1.0


def test_a_piece_that_is_in_two_fabrics_leaves_both() -> None:
    swatches = SWATCHES.copy()
    swatches[6:9] = 0  # a piece with two names
    fit, cosines = _fit(swatches, FABRICS)
    away = next(away for away in fit.swatches_left_out() if 0 in away.rows)
    assert set(away.left) == set(fit.fabrics[away.rows].tolist()) == {0, 1}
    assert away.fitted == pytest.approx(_again(fit, cosines, away.rows)[0])


def test_a_fabric_of_very_many_photos_does_not_hold_up_the_others() -> None:
    fabrics = np.repeat([0, 1], [MAX_AWAY + 3, 4])
    fit, _ = _fit(np.arange(len(fabrics)), fabrics)
    assert {fabric for away in fit.swatches_alone() for fabric in away.left} == {1}


def test_several_photos_of_a_swatch_are_between_one_piece_and_as_many() -> None:
    starts = np.array([0, 4])
    assert pieces_a_fabric(np.arange(8), starts) == pytest.approx(4.0)
    assert pieces_a_fabric(np.repeat([0, 1], 4), starts) == pytest.approx(2.0)
    # A geometric mean over fabrics: one known by many does not speak for one known by little.
    assert pieces_a_fabric(np.arange(17), np.array([0, 16])) == pytest.approx(4.0)
