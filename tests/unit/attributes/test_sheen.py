"""Sheen: what shines is told from what is merely bright, printed or woven."""

from __future__ import annotations

import pytest

from fabric_desktop.attributes import measure_look, sheen_level
from tests.unit.attributes.cloths import checks, flat, grain, lines, satin, two_tone, weave


@pytest.mark.parametrize("base", [0.12, 0.25, 0.4])
def test_satin_shines_in_dark_and_light_dyes(base: float) -> None:
    assert measure_look(satin(base)).sheen > 0.25


def test_sheen_rises_with_the_glare() -> None:
    dull, soft, hard = (measure_look(satin(0.25, glare)).sheen for glare in (0.02, 0.15, 0.6))
    assert dull < soft < hard
    assert [sheen_level(value) for value in (dull, hard)] == ["matt", "shiny"]


@pytest.mark.parametrize(
    "cloth", [weave(), weave(3, 40), grain(), grain(1, step=2), checks(), lines(40)], ids=lambda _: "cloth"
)
def test_matt_cloth_does_not_shine_however_rough(cloth: object) -> None:
    assert sheen_level(measure_look(cloth).sheen) == "matt"  # type: ignore[arg-type]


def test_a_white_cloth_and_a_black_one_do_not_shine_by_themselves() -> None:
    assert measure_look(flat((255, 255, 255))).sheen == 0
    assert measure_look(flat((0, 0, 0))).sheen == 0


def test_half_a_patch_of_white_is_a_print_not_a_highlight() -> None:
    assert measure_look(two_tone((250, 250, 250), (30, 30, 40))).sheen < 0.25


def test_there_are_three_levels_and_no_more() -> None:
    assert [sheen_level(value / 100) for value in range(0, 101, 25)] == ["matt", "satin", "shiny", "shiny", "shiny"]
