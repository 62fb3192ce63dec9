"""The distance between what is claimed and what is right, against figures worked out by hand."""

from __future__ import annotations

import pytest

from fabric_desktop.evaluation.calibration import expected_calibration_error


def test_claims_that_come_true_as_often_as_claimed_have_no_error() -> None:
    confidences = [0.25] * 4 + [0.75] * 4
    rights = [True, False, False, False] + [True, True, True, False]
    assert expected_calibration_error(confidences, rights, bins=2) == 0.0


def test_the_error_is_the_mean_distance_over_the_bins() -> None:
    # Two bins of four: mean confidence 0.9 and share right 0.5, mean 0.3 and share 0.25.
    confidences = [0.9, 0.9, 0.9, 0.9, 0.3, 0.3, 0.3, 0.3]
    rights = [True, True, False, False, True, False, False, False]
    assert expected_calibration_error(confidences, rights, bins=2) == pytest.approx((4 * 0.4 + 4 * 0.05) / 8)


def test_sure_and_always_wrong_is_the_greatest_error() -> None:
    assert expected_calibration_error([1.0] * 30, [False] * 30) == 1.0
    assert expected_calibration_error([1.0] * 30, [True] * 30) == 0.0


def test_the_order_in_which_answers_came_does_not_matter() -> None:
    confidences = [0.1, 0.9, 0.4, 0.6, 0.8, 0.2]
    rights = [False, True, False, True, True, False]
    turned = expected_calibration_error(confidences[::-1], rights[::-1], bins=3)
    assert turned == pytest.approx(expected_calibration_error(confidences, rights, bins=3))


def test_fewer_answers_than_bins_and_none_at_all() -> None:
    assert expected_calibration_error([], []) == 0.0
    assert expected_calibration_error([0.8, 0.4], [True, False], bins=15) == pytest.approx((0.2 + 0.4) / 2)
    with pytest.raises(ValueError, match="as many"):
        expected_calibration_error([0.5], [])
