"""A person must not be sold chance as progress, nor miss that a new model is worse."""

from __future__ import annotations

import pytest

from fabric_desktop.evaluation.compare import Pair, compare, effective_count, exact_paired_p, share_interval


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


def test_the_interval_of_a_difference_is_the_published_one() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table II: 36 against 22 of 50, method 10.
    result = compare(_pairs(both=20, gained=12, lost=2, neither=16))
    assert (result.low, result.high) == (pytest.approx(0.0562, abs=1e-4), pytest.approx(0.3290, abs=3e-4))


def test_patches_of_one_swatch_count_once_in_the_test() -> None:
    pairs = [Pair(f"p{i}", "one piece", False, True) for i in range(30)]
    assert compare(pairs).verdict == "too_little"
    assert compare(pairs).p_value == 1.0


def test_agreeing_on_a_handful_of_patches_does_not_prove_that_models_are_alike() -> None:
    result = compare(_pairs(both=5, gained=0, lost=0, neither=0))
    assert result.low < -0.2
    assert result.high > 0.2


def test_the_interval_of_a_share_is_wilsons_and_never_empty() -> None:
    assert share_interval(0.8, 10) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    low, high = share_interval(1.0, 5)
    assert (round(low, 4), high) == (0.5655, 1.0)
    with pytest.raises(ValueError, match="trials"):
        share_interval(0.5, 0)


def test_one_big_swatch_is_worth_hardly_more_than_one_patch() -> None:
    assert effective_count(["a"] * 30 + [f"b{i}" for i in range(10)]) == pytest.approx(1600 / 910)
    assert effective_count(["a", "a", "b", "b"]) == 2.0
    assert effective_count([]) == 0.0


def test_nothing_to_compare_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nothing"):
        compare([])
