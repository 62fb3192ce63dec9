"""A head that knows no more than the references outvotes them, one that knows more is not heard, or the figures of two
candidates contradict their order."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fabric_desktop.evidence import HEAD_SHARE, Sides, confidence_of, in_order, parts_of, pool_sides


def test_references_and_head_are_pooled_by_the_documented_share() -> None:
    sides = Sides(bank={"a": 0.7, "b": 0.3}, head={"a": 0.2, "c": 0.8})
    assert sides.visual == pytest.approx(
        {"a": (1 - HEAD_SHARE) * 0.7 + HEAD_SHARE * 0.2, "b": (1 - HEAD_SHARE) * 0.3, "c": HEAD_SHARE * 0.8}
    )


@pytest.mark.parametrize("side", ["bank", "head"])
def test_a_side_alone_has_the_whole_say(side: str) -> None:
    told = {"a": 0.6, "b": 0.4}
    sides = Sides(bank=told) if side == "bank" else Sides(head=told)
    assert sides.visual == told
    given = parts_of(sides, 0.0)["a"]
    assert given[1 if side == "bank" else 2] == pytest.approx(0.6)


def test_undecided_references_leave_it_to_a_head_that_is_sure() -> None:
    sides = Sides(bank={"a": 0.3, "b": 0.28, "c": 0.42}, head={"a": 0.02, "b": 0.96, "c": 0.02})
    assert max(sides.visual, key=lambda fabric: sides.visual[fabric]) == "b"


def test_what_each_level_gave_adds_up_to_the_score() -> None:
    sides = Sides(bank={"a": 0.7, "b": 0.3}, head={"a": 0.2, "b": 0.8})
    for fabric, parts in parts_of(sides, 0.0).items():
        assert sum(parts) == pytest.approx(sides.visual[fabric])
    assert parts_of(sides, 0.0)["b"][2] == pytest.approx(HEAD_SHARE * 0.8)


def test_a_candidate_never_shows_a_higher_figure_than_the_one_above_it() -> None:
    sides = Sides(rules={"a": 0.1, "b": 0.9, "c": 0.1, "d": 0.8}, bank={"a": 0.46, "b": 0.44, "c": 0.06, "d": 0.04})
    pooled = pool_sides(sides, 0.2)
    order = [fabric for fabric, _ in pooled]
    assert order == ["b", "a", "d", "c"], "the rules turn over what the references hold nearly alike"
    figures = confidence_of(sides, pooled, 0.2, strange=False)
    assert [figures[fabric] for fabric in order] == pytest.approx([0.45, 0.45, 0.05, 0.05])
    assert confidence_of(sides, pool_sides(sides, 0.0), 0.0, strange=False) == sides.bank


@pytest.mark.parametrize("seed", range(20))
def test_figures_follow_any_order_and_keep_their_sum(seed: int) -> None:
    chance = np.random.default_rng(seed)
    told = {str(number): float(value) for number, value in enumerate(chance.dirichlet(np.full(12, 0.3)))}
    order = [str(number) for number in chance.permutation(15)]
    figures = in_order(told, order)
    assert all(figures[above] >= figures[below] for above, below in itertools.pairwise(f for f in order if f in told))
    assert sum(figures.values()) == pytest.approx(1.0)
    assert in_order(told, sorted(told, key=lambda fabric: -told[fabric])) == told
    assert in_order(told, order[:1]) == told
