"""The colours of a patch: what a person reads first, so they must not jump or split one cloth into many."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.attributes import dominant_colors
from tests.unit.attributes.cloths import flat, satin, two_tone, weave


def test_a_plain_cloth_has_one_color() -> None:
    (only,) = dominant_colors(flat((30, 44, 80)))
    assert (only.name, only.name_zh, only.name_en, only.basic) == ("navy", "藏青", "navy", "blue")
    assert only.share == 1.0
    assert only.hex == "#1e2c50"


def test_two_halves_have_half_each() -> None:
    one, two = dominant_colors(two_tone((240, 240, 240), (195, 31, 41)))
    assert {one.name, two.name} == {"white", "red"}
    assert one.share == pytest.approx(0.5, abs=0.03)
    assert two.share == pytest.approx(0.5, abs=0.03)


def test_shares_are_those_of_the_patch_and_largest_first() -> None:
    picture = flat((240, 240, 240))
    picture.paste((195, 31, 41), (0, 0, 256, 77))
    picture.paste((30, 44, 80), (0, 200, 256, 256))
    colors = dominant_colors(picture)
    assert [color.name for color in colors] == ["white", "red", "navy"]
    assert [color.share for color in colors] == pytest.approx([123 / 256, 77 / 256, 56 / 256], abs=0.03)


def test_there_are_four_colors_at_most_and_they_never_cover_more_than_everything() -> None:
    stripes = Image.new("RGB", (240, 240))
    for number, rgb in enumerate(
        [(195, 31, 41), (44, 138, 65), (32, 98, 176), (241, 205, 30), (240, 240, 240), (0, 0, 0)]
    ):
        stripes.paste(rgb, (number * 40, 0, number * 40 + 40, 240))
    colors = dominant_colors(stripes)
    assert len(colors) == 4
    assert sum(color.share for color in colors) <= 1.0001
    assert len({color.name for color in colors}) == 4


def test_folds_and_yarns_do_not_split_one_color_into_several() -> None:
    assert len(dominant_colors(weave(tint=(0.4, 0.5, 0.8)))) == 1
    colors = dominant_colors(satin(base=0.4, glare=0.2))
    assert colors[0].share > 0.7


def test_the_whole_patch_counts_not_its_middle() -> None:
    wide = Image.new("RGB", (600, 200), (240, 240, 240))
    wide.paste((195, 31, 41), (0, 0, 100, 200))
    assert {color.name for color in dominant_colors(wide)} == {"white", "red"}


def test_the_same_patch_always_gives_the_same_colors() -> None:
    noise = Image.fromarray(np.random.default_rng(3).integers(0, 256, (90, 130, 3), dtype=np.uint8))
    assert dominant_colors(noise) == dominant_colors(noise.copy())
