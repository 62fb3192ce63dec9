"""An answer that says over 90 % and is wrong, because its temperature was fitted on the wrong answers."""

from __future__ import annotations

import numpy as np
import pytest

from fabric_desktop.classifier.temperature import LeftOut, drawn_to_default, fit_temperature, softmax


def _drawn(pieces: int, photos: int, temperature: float, seed: int) -> LeftOut:
    """Scores of pieces whose photos say nearly the same, and right columns drawn at that temperature by piece."""
    draw = np.random.default_rng(seed)
    centres = draw.normal(size=(pieces, 5))
    truth = np.array([draw.choice(5, p=row) for row in softmax(centres / temperature)])
    scores = np.repeat(centres, photos, axis=0) + 0.01 * draw.normal(size=(pieces * photos, 5))
    return LeftOut(scores, np.repeat(truth, photos), np.repeat(np.arange(pieces), photos))


def test_the_fitted_temperature_is_the_one_the_answers_were_drawn_at() -> None:
    assert fit_temperature(_drawn(4000, 1, 0.5, 6)) == pytest.approx(0.5, rel=0.15)


def test_a_piece_of_which_there_are_many_photos_counts_once() -> None:
    few, many = _drawn(400, 1, 0.5, 7), _drawn(20, 400, 3.0, 8)
    together = LeftOut(
        np.concatenate([few.scores, many.scores]),
        np.concatenate([few.truth, many.truth]),
        np.concatenate([few.swatches, 1000 + many.swatches]),
    )
    assert together.pieces == 420
    assert fit_temperature(together) == pytest.approx(fit_temperature(few), rel=0.25)


def test_fabrics_of_one_swatch_make_it_more_careful_by_their_share() -> None:
    usual, alone = _drawn(800, 1, 0.3, 9), _drawn(800, 1, 1.5, 10)
    temperatures = [fit_temperature(usual, alone, share) for share in (0.0, 0.3, 0.7, 1.0)]
    assert temperatures == sorted(temperatures)
    assert temperatures[0] == fit_temperature(usual)
    assert temperatures[-1] == fit_temperature(alone)


def test_few_pieces_keep_near_the_default_and_many_hardly() -> None:
    assert drawn_to_default(0.01, 0.15, 0) == pytest.approx(0.15)
    assert 0.03 < drawn_to_default(0.01, 0.15, 10) < 0.05
    assert drawn_to_default(0.01, 0.15, 1000) == pytest.approx(0.01, rel=0.05)


def test_answers_that_were_all_right_are_no_certainty() -> None:
    scores = np.eye(4)[np.arange(40) % 4] + 0.01 * np.random.default_rng(3).normal(size=(40, 4))
    answers = LeftOut(scores, np.arange(40) % 4, np.arange(40))
    sure = softmax(scores / fit_temperature(answers)).max(axis=1)
    assert 0.9 < sure.min() < sure.max() < 0.995


def test_extreme_scores_stay_probabilities() -> None:
    chances = softmax(np.array([[1e6, 0.0], [-1e6, 0.0]]))
    assert np.isfinite(chances).all()
    assert chances.sum(axis=1) == pytest.approx(np.ones(2))
