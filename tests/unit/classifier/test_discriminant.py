"""Fabrics mistaken for one another told apart worse than could be, or a confidence that had seen its answer."""

from __future__ import annotations

import numpy as np
import pytest

from fabric_desktop.classifier.discriminant import (
    MAX_FABRICS,
    MOST,
    SEEN_SHARE,
    SEEN_SHARE_ALONE,
    Discriminant,
    Expected,
    allowed,
)
from fabric_desktop.classifier.left_out import Away, RidgeFit, heard
from fabric_desktop.classifier.ridge import fit_and_leave_out, fit_bank
from fabric_desktop.classifier.temperature import softmax

DIM, RIDGE = 30, 0.2


def _ridge_fit(fabrics: np.ndarray, swatches: np.ndarray, ridge: float = RIDGE) -> tuple[RidgeFit, np.ndarray]:
    """A linear ridge fit on rows about the mean of their fabrics' means, fabrics alike, and those rows."""
    draw = np.random.default_rng(0)
    n_fabrics = int(fabrics.max()) + 1
    rows = draw.normal(size=(n_fabrics, DIM))[fabrics] + 0.9 * draw.normal(size=(len(fabrics), DIM))
    rows -= np.stack([rows[fabrics == fabric].mean(axis=0) for fabric in range(n_fabrics)]).mean(axis=0)
    cosines = rows @ rows.T
    targets = np.eye(n_fabrics)[fabrics] - 1.0 / n_fabrics
    inverse = np.linalg.inv(cosines + ridge * np.eye(len(rows)))
    starts = np.flatnonzero(np.diff(fabrics, prepend=-1))
    penalty = np.full(len(rows), ridge)
    columns = np.linalg.cholesky(inverse)
    return RidgeFit(columns, inverse @ targets, targets, penalty, cosines, fabrics, swatches, starts), rows


def _seen(fit: RidgeFit) -> np.ndarray:
    return np.stack([fit.fitted[fit.fabrics == fabric].mean(axis=0) for fabric in range(len(fit.starts))])


def test_the_map_of_a_ridge_fit_is_the_linear_discriminant() -> None:
    fabrics = np.repeat(np.arange(5), 6)
    fit, rows = _ridge_fit(fabrics, np.arange(30))
    means = np.stack([rows[fabrics == fabric].mean(axis=0) for fabric in range(5)])
    within = (rows - means[fabrics]).T @ (rows - means[fabrics]) + RIDGE * np.eye(DIM)
    queries = np.random.default_rng(1).normal(size=(7, DIM))
    turned = np.linalg.solve(within, means.T)
    expected = queries @ turned - np.einsum("fd,df->f", means, turned) / 2.0
    # Seen alone, and not bounded, the map is exact: up to a common shift of all fabrics, and a scale.
    inverse = np.linalg.inv(np.eye(5) - _seen(fit))
    found = Discriminant(inverse).scores((queries @ rows.T) @ fit.weights, np.zeros((7, 5)))
    found, expected = (scores - scores.mean(axis=1, keepdims=True) for scores in (found, expected))
    scale = (found * expected).sum() / (expected**2).sum()
    assert scale > 0
    assert found == pytest.approx(scale * expected, abs=1e-9)


def _expected(fit: RidgeFit) -> tuple[Expected, list[Away]]:
    aways = fit.swatches_left_out()
    return Expected.of(_seen(fit), fit.fabrics, aways), aways


FABRICS = np.repeat([0, 1, 2, 3], [6, 6, 4, 3])
SWATCHES = np.array([0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 7, 7, 7])


def test_what_is_expected_of_a_fabric_is_mostly_what_was_seen_and_for_one_swatch_half_of_it() -> None:
    fit, _ = _ridge_fit(FABRICS, SWATCHES)
    expected, aways = _expected(fit)
    rows = expected.rows
    left_out = np.concatenate([away.fitted for away in aways if away.rows[0] < 6])
    assert rows[0] == pytest.approx(SEEN_SHARE * _seen(fit)[0] + (1 - SEEN_SHARE) * left_out.mean(axis=0))
    assert rows[3] == pytest.approx(SEEN_SHARE_ALONE * _seen(fit)[3])


@pytest.mark.parametrize("shared", [False, True], ids=["a fabric a swatch", "a swatch with two names"])
def test_left_out_scores_are_those_of_a_map_made_anew_without_the_swatch(shared: bool) -> None:
    swatches = SWATCHES.copy()
    swatches[6:9] = 0 if shared else 3
    fit, _ = _ridge_fit(FABRICS, swatches, ridge=20.0)  # far from the bound on certain directions
    expected, aways = _expected(fit)
    tell = expected.discriminant()
    found = expected.scores_left_out(tell, fit.fabrics, aways, heard(aways, 4), 0.25)
    first = 0
    for away in aways:
        rows = expected.rows.copy()
        for fabric, left in away.left.items():
            own = fit.fabrics[away.rows] == fabric
            others = [one.fitted[fit.fabrics[one.rows] == fabric] for one in aways if one is not away]
            unseen = np.concatenate([other for other in others if len(other)])
            rows[fabric] = (
                SEEN_SHARE * left.fitted + (1 - SEEN_SHARE) * unseen.mean(axis=0)
                if left.swatches > 1
                else SEEN_SHARE_ALONE * left.fitted
            )
            assert own.any()
        change = (rows + rows.T - expected.rows - expected.rows.T) / 2.0
        inverse = np.linalg.inv(np.linalg.inv(tell.inverse) - change)
        along = np.diag(inverse)
        scores = away.fitted @ inverse + 0.25 * away.nearest + (along.mean() - along) / 2.0
        part = found[first : first + len(away.rows)]
        assert part == pytest.approx(scores / np.diag(tell.inverse).mean())
        first += len(away.rows)
    assert first == len(found)


def test_a_library_of_copies_is_fitted_and_stays_finite() -> None:
    points = np.repeat(np.eye(4, DIM), 5, axis=0)
    classifier = fit_bank(points, np.repeat(np.arange(4), 5), np.arange(20), 4)
    assert classifier.discriminant is not None
    assert np.linalg.eigvalsh(classifier.discriminant.inverse).max() <= 1.0 / (1.0 - MOST) + 1e-6
    probabilities, _ = classifier.ask(points[::5])
    assert (probabilities.argmax(axis=1) == np.arange(4)).all()
    assert np.isfinite(probabilities).all()


def test_fabrics_known_by_one_swatch_are_not_swallowed_by_those_known_by_many() -> None:
    named: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(12):
        draw = np.random.default_rng(seed)
        centres = draw.normal(size=(10, DIM))
        pieces = centres[:, None] + 0.8 * draw.normal(size=(10, 8, DIM))
        photos = (pieces[:, :, None] + 0.3 * draw.normal(size=(10, 8, 3, DIM))).reshape(10, 24, DIM)
        known = [photos[fabric, : 3 if fabric < 3 else 21] for fabric in range(10)]
        points = np.concatenate(known)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        index = np.repeat(np.arange(10), [len(own) for own in known])
        swatches = 10 * index + np.concatenate([np.arange(len(own)) // 3 for own in known])
        classifier = fit_bank(points, index, swatches, 10)
        asked = photos[:3, 21:].reshape(-1, DIM)
        asked /= np.linalg.norm(asked, axis=1, keepdims=True)
        truth = np.repeat(np.arange(3), 3)
        named[True].append((classifier.ask(asked)[0].argmax(axis=1) == truth).mean())
        named[False].append((classifier.scores(asked).argmax(axis=1) == truth).mean())
    assert np.mean(named[True]) >= np.mean(named[False]) + 0.03


@pytest.mark.parametrize("seed", [102, 46, 190, 243])
def test_swatches_under_a_wrong_name_do_not_ruin_the_confidence(seed: int) -> None:
    """Tight swatches, some of them misnamed: what is corrected for one of those may reach the bound on certainty."""
    draw = np.random.default_rng(seed)
    fabrics = int(draw.choice([5, 10, 20, 40]))
    swatches, photos = draw.integers(2, 6, size=fabrics), draw.integers(3, 12, size=fabrics)
    apart, spread, misnamed = (float(draw.choice(some)) for some in ([0.2, 0.4, 0.6], [0.1, 0.2, 0.4], [0, 0.1, 0.3]))
    centres = draw.normal(size=(fabrics, 256))
    rows, index, pieces = [], [], []
    for fabric in range(fabrics):
        for _ in range(swatches[fabric]):
            centre = centres[fabric] + apart * draw.normal(size=256)
            if draw.random() < misnamed:
                centre = centres[draw.integers(fabrics)] + apart * draw.normal(size=256)
            rows.append(centre + spread * draw.normal(size=(photos[fabric], 256)))
            index += [fabric] * photos[fabric]
            pieces += [len(rows)] * photos[fabric]
        draw.normal(size=(6, 256))
    points = np.concatenate(rows)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    ridge, discriminant = fit_bank(points, np.array(index), np.array(pieces), fabrics).temperatures
    assert discriminant < 2 * ridge


def test_a_library_of_very_many_fabrics_has_no_discriminant_and_answers() -> None:
    points = np.random.default_rng(0).normal(size=(2 * (MAX_FABRICS + 1), 8))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    index = np.repeat(np.arange(MAX_FABRICS + 1), 2)
    classifier = fit_bank(points, index, np.arange(len(index)), MAX_FABRICS + 1)
    assert classifier.discriminant is None
    probabilities, _ = classifier.ask(points[:3])
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(3))


@pytest.mark.parametrize(("change", "kept"), [(0.5, 0.5), (1.0, 0.5), (-4.0, -4.0), (1000.0, 0.0)])
def test_of_a_change_that_goes_beyond_what_is_certain_as_much_counts_as_may(change: float, kept: float) -> None:
    """1 - E is 1 and becomes 1 - the change: at 1 it would have no inverse, beyond it would be negative."""
    changes = np.array([[change, 0.0]])
    sides, core = allowed(np.ones(2), np.eye(2)[:1], changes, np.array([0]), changes)
    assert 1.0 + (sides * core).sum(axis=0)[0] == pytest.approx(1.0 / (1.0 - kept))


def test_left_out_probabilities_are_those_of_both_scores() -> None:
    draw = np.random.default_rng(2)
    index = np.repeat(np.arange(6), 5)
    points = draw.normal(size=(6, DIM))[index] + 0.7 * draw.normal(size=(30, DIM))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    classifier, unseen = fit_and_leave_out(points, index, np.arange(30), 6)
    assert sorted(unseen.rows.tolist()) == list(range(30))
    assert unseen.probabilities.sum(axis=1) == pytest.approx(np.ones(30))
    ridge, discriminant = (
        softmax(scores / own) for scores, own in zip(unseen.scores, classifier.temperatures, strict=True)
    )
    assert np.abs(ridge - discriminant).max() > 0.01
    assert unseen.probabilities == pytest.approx((ridge + discriminant) / 2.0)
