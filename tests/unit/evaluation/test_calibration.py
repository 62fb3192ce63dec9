"""The calibration error says how far confidences lie from the truth."""

from __future__ import annotations

import pytest

from fabric_desktop.evaluation.calibration import expected_calibration_error


def test_a_confidence_that_is_kept_has_no_error() -> None:
    assert expected_calibration_error([0.8] * 100, [True] * 80 + [False] * 20, bins=1) == pytest.approx(0.0)


def test_a_confidence_that_promises_too_much_has_the_difference() -> None:
    assert expected_calibration_error([0.9] * 50, [True] * 25 + [False] * 25, bins=1) == pytest.approx(0.4)


def test_too_much_and_too_little_do_not_cancel_out_between_bins() -> None:
    confidences, rights = [0.9] * 10 + [0.1] * 10, [False] * 10 + [True] * 10
    assert expected_calibration_error(confidences, rights, bins=2) == pytest.approx(0.9)


def test_fewer_answers_than_bins_and_none_at_all_are_no_trouble() -> None:
    assert expected_calibration_error([], []) == 0.0
    assert expected_calibration_error([1.0, 0.5], [True, True]) == pytest.approx(0.25)


def test_lists_of_different_length_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="as many"):
        expected_calibration_error([0.5], [])
