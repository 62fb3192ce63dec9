"""A person must not be sold chance as progress, nor miss that a new model is worse."""

from __future__ import annotations

import pytest

from fabric_desktop.evaluation.compare import Pair, compare, exact_paired_p


def _pairs(both: int, gained: int, lost: int, neither: int) -> list[Pair]:
    kinds = [(True, True)] * both + [(False, True)] * gained + [(True, False)] * lost + [(False, False)] * neither
    return [Pair(f"p{i}", f"s{i}", old, new) for i, (old, new) in enumerate(kinds)]


def test_eight_of_nine_against_seven_of_nine_is_not_sold_as_progress() -> None:
    result = compare(_pairs(both=7, gained=1, lost=0, neither=1))
    assert result.verdict == "too_little"
    assert result.p_value == 1.0


@pytest.mark.parametrize(
    ("gained", "lost", "expected"),
    [(0, 0, 1.0), (1, 0, 1.0), (5, 0, 0.0625), (6, 0, 0.03125), (8, 2, 0.109375), (10, 1, 2 * 12 / 2**11)],
)
def test_the_exact_paired_test_gives_the_binomial_tail(gained: int, lost: int, expected: float) -> None:
    assert exact_paired_p(gained, lost) == pytest.approx(expected)
    assert exact_paired_p(lost, gained) == pytest.approx(expected)


def test_a_clear_gain_is_called_better_and_a_clear_loss_worse() -> None:
    assert compare(_pairs(20, 10, 1, 3)).verdict == "better"
    assert compare(_pairs(20, 1, 10, 3)).verdict == "worse"


def test_many_patches_of_one_swatch_do_not_narrow_the_interval() -> None:
    pairs = [Pair(f"p{i}", "one" if i < 30 else f"s{i}", False, i < 30) for i in range(40)]
    result = compare(pairs)
    assert result.low < 0.2
    assert result.swatches == 11


def test_the_interval_holds_the_difference_and_is_the_same_each_time() -> None:
    pairs = _pairs(30, 8, 2, 5)
    first, second = compare(pairs), compare(pairs)
    assert first == second
    assert first.low <= first.difference <= first.high
