"""A head that knows no more than the references outvotes them, or one that knows more is not heard."""

from __future__ import annotations

import pytest

from fabric_desktop.evidence import HEAD_SHARE, Sides, parts_of


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
