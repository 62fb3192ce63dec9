"""How a look becomes scores: to exact numbers, with what is not given left out, and with reasons."""

from __future__ import annotations

import math
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import pytest

from fabric_desktop.rules import ColorTaste, Range, RuleBook, RuleFabric

SHINY = RuleFabric(
    "shiny", "亮", "Shiny", variants=({"sheen": Range(0.5, 0.9), "texture_complexity": Range(0.0, 0.2)},)
)
MATT = RuleFabric(
    "matt",
    "哑",
    "Matt",
    variants=({"sheen": Range(0.0, 0.2)},),
    colors=ColorTaste(frozenset({"blue", "navy"}), share=0.8, base=0.2),
)
OPEN = RuleFabric("open", "随", "Open")
BOOK = RuleBook((OPEN, SHINY, MATT), MappingProxyType({"sheen": 1.0, "texture_complexity": 0.5, "color": 0.25}), "test")


def scores(visual: dict[str, Any], book: RuleBook = BOOK) -> dict[str, float]:
    return {score.fabric_id: score.score for score in book.score({"visual": visual})}


def ratio(value: float, low: float, high: float) -> float:
    """The documented likelihood ratio, written out again."""
    middle, half = (low + high) / 2, (high - low) / 2
    bell = math.sqrt(math.log(2) / math.pi) / half * math.exp(-math.log(2) * ((value - middle) / half) ** 2)
    return 0.05 + 0.95 * bell


def squashed(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def test_one_number_gives_the_documented_score() -> None:
    found = scores({"sheen_score": 0.1})
    assert found["matt"] == pytest.approx(squashed(math.log(ratio(0.1, 0.0, 0.2))))
    assert found["shiny"] == pytest.approx(squashed(math.log(ratio(0.1, 0.5, 0.9))))
    assert found["open"] == 0.5


def test_numbers_and_color_add_up_by_their_weights() -> None:
    found = scores({"sheen_score": 0.7, "texture_complexity": 0.3, "dominant_color_name": "blue"})
    shiny = (math.log(ratio(0.7, 0.5, 0.9)) + 0.5 * math.log(ratio(0.3, 0.0, 0.2))) / 1.75
    assert found["shiny"] == pytest.approx(squashed(shiny))
    matt = (math.log(ratio(0.7, 0.0, 0.2)) + 0.25 * math.log(0.05 + 0.95 * 0.8 / 0.2)) / 1.75
    assert found["matt"] == pytest.approx(squashed(matt))


def test_an_unusual_color_counts_against_by_the_documented_amount() -> None:
    found = scores({"dominant_color_name": "red"})
    assert found["matt"] == pytest.approx(squashed(math.log(0.05 + 0.95 * 0.2 / 0.8)))


def test_a_fit_is_best_in_the_middle_and_half_as_dense_at_the_ends() -> None:
    middle, low, high, outside = (scores({"sheen_score": value})["shiny"] for value in (0.7, 0.5, 0.9, 0.2))
    assert middle > low > outside
    assert low == pytest.approx(high)
    density = [score / (1 - score) - 0.05 for score in (middle, low)]
    assert density[1] == pytest.approx(density[0] / 2)


def test_a_narrow_range_earns_more_than_a_wide_one_and_everything_earns_nothing() -> None:
    def book(*ranges: tuple[float, float]) -> RuleBook:
        fabrics = tuple(
            RuleFabric(f"{low}-{high}", "x", "x", variants=({"sheen": Range(low, high)},)) for low, high in ranges
        )
        return RuleBook(fabrics, {"sheen": 1.0}, "test")

    found = scores({"sheen": 0.5}, book((0.0, 1.0), (0.4, 0.6), (0.3, 0.7)))
    assert list(found) == ["0.4-0.6", "0.3-0.7", "0.0-1.0"]
    assert found["0.0-1.0"] == pytest.approx(0.5, abs=0.02)


def test_a_single_misfit_can_never_rule_a_fabric_out() -> None:
    assert scores({"sheen_score": 1.0})["matt"] == pytest.approx(0.05 / 1.05, abs=1e-6)


def test_variants_are_other_ways_to_look_and_fit_as_their_mean() -> None:
    both = RuleFabric("both", "x", "x", variants=({"sheen": Range(0.0, 0.2)}, {"sheen": Range(0.5, 0.9)}))
    book = RuleBook((both,), {"sheen": 1.0}, "test")
    for value in (0.1, 0.7):
        expected = (ratio(value, 0.0, 0.2) + ratio(value, 0.5, 0.9)) / 2
        assert scores({"sheen": value}, book)["both"] == pytest.approx(squashed(math.log(expected)))
    # The reasons are those of the variant that fits.
    (score,) = book.score({"visual": {"sheen": 0.7}})
    assert [reason.code for reason in score.reasons] == ["sheen_fits"]


@pytest.mark.parametrize("visual", [{}, {"sheen_score": None}, {"lightness": 0.4}, {"thread_count": 80}])
def test_nothing_given_says_nothing_and_keeps_the_books_order(visual: dict[str, Any]) -> None:
    found = scores(visual)
    assert list(found) == ["open", "shiny", "matt"]
    assert set(found.values()) == {0.5}


def test_only_the_numbers_given_play_a_part() -> None:
    with_unknown = scores({"sheen_score": 0.1, "texture_complexity": None, "weight_gsm": 120})
    assert with_unknown == scores({"sheen_score": 0.1})


def test_a_flat_mapping_is_taken_for_the_inner_one() -> None:
    assert BOOK.score({"sheen_score": 0.1}) == BOOK.score({"visual": {"sheen_score": 0.1}})


def test_numbers_beyond_the_scale_count_as_its_end() -> None:
    assert scores({"sheen_score": 7}) == scores({"sheen_score": 1.0})
    assert scores({"sheen_score": -0.2}) == scores({"sheen_score": 0})


@pytest.mark.parametrize(
    "visual",
    [
        {"sheen_score": "shiny"},
        {"sheen_score": float("nan")},
        {"sheen_score": float("inf")},
        {"sheen_score": True},
        {"texture_complexity": [0.4]},
        {"dominant_color_name": 3},
    ],
)
def test_what_is_no_number_or_no_word_is_refused(visual: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        scores(visual)


def test_attrs_that_are_no_mapping_are_refused() -> None:
    with pytest.raises(ValueError, match="visual"):
        BOOK.score({"visual": [0.6]})


@pytest.mark.parametrize("word", ["navy", "Navy Blue", "藏青", "藏青色", "深蓝"])
def test_colors_may_be_given_in_either_language(word: str) -> None:
    assert scores({"dominant_color_name": word}) == scores({"dominant_color_name": "navy"})


def test_an_unknown_color_is_left_out_and_said() -> None:
    found = BOOK.score({"visual": {"sheen_score": 0.1, "dominant_color_name": "octarine"}})
    assert {score.fabric_id: score.score for score in found} == scores({"sheen_score": 0.1})
    for score in found:
        (reason,) = [reason for reason in score.reasons if reason.code == "color_unknown"]
        assert reason.params == {"color": "octarine"}


def test_reasons_name_what_is_missing_what_is_too_much_and_what_fits() -> None:
    found = {score.fabric_id: score for score in BOOK.score({"visual": {"sheen": 0.1, "texture_complexity": 0.6}})}
    shiny = found["shiny"].reasons
    assert [reason.code for reason in shiny] == ["sheen_missing", "texture_complexity_excess"]
    assert all(reason.strength < 0 for reason in shiny)
    assert shiny[0].params == {"value": 0.1, "low": 0.5, "high": 0.9}
    matt = found["matt"].reasons
    assert [reason.code for reason in matt] == ["sheen_fits"]
    assert not matt[0].contradicts
    assert found["open"].reasons == ()


def test_reasons_come_strongest_first() -> None:
    found = BOOK.score({"visual": {"sheen": 0.1, "texture_complexity": 0.02, "dominant_color_name": "blue"}})
    for score in found:
        strengths = [abs(reason.strength) for reason in score.reasons]
        assert strengths == sorted(strengths, reverse=True)


def test_scores_come_best_first_between_nothing_and_one() -> None:
    values = [score.score for score in BOOK.score({"visual": {"sheen": 0.75, "dominant_color_name": "blue"}})]
    assert all(first >= second for first, second in pairwise(values))
    assert all(0 < value < 1 for value in values)


def test_fewer_fabrics_keep_their_scores() -> None:
    attrs = {"visual": {"sheen": 0.4, "texture_complexity": 0.2}}
    all_of_them = {score.fabric_id: score.score for score in BOOK.score(attrs)}
    for score in BOOK.only({"matt", "open"}).score(attrs):
        assert score.score == all_of_them[score.fabric_id]
    with pytest.raises(KeyError, match="silk"):
        BOOK.only({"matt", "silk"})


def test_a_fabric_is_found_by_id() -> None:
    assert "matt" in BOOK
    assert "silk" not in BOOK
    assert BOOK.fabric("matt") is MATT
    with pytest.raises(KeyError):
        BOOK.fabric("silk")
