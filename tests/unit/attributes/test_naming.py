"""The word for a colour: in both languages, the nearest one, and from a file that a person may edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from fabric_desktop.attributes.color import hex_to_rgb, srgb_to_lab
from fabric_desktop.attributes.naming import nearest_color
from fabric_desktop.errors import RulesDamaged
from fabric_desktop.palette import BASIC_COLORS, find_color, load_palette
from fabric_desktop.paths import resource
from fabric_desktop.wording import LANGS, explain


@pytest.mark.parametrize("color", load_palette(), ids=lambda color: color.id)
def test_every_word_is_the_name_of_its_own_color(color: object) -> None:
    assert nearest_color(srgb_to_lab(hex_to_rgb(color.hex))) == color  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("rgb", "zh", "en"),
    [
        ((28, 42, 76), "藏青", "navy"),
        ((52, 72, 108), "靛蓝", "indigo"),
        ((214, 198, 165), "米色", "beige"),
        ((181, 136, 80), "驼色", "camel"),
        ((243, 236, 212), "象牙白", "ivory"),
        ((200, 30, 40), "红色", "red"),
        ((250, 250, 250), "白色", "white"),
        ((10, 10, 10), "黑色", "black"),
        ((85, 22, 37), "酒红", "burgundy"),
        ((128, 128, 128), "灰色", "grey"),
    ],
)
def test_trade_colors_get_their_trade_names(rgb: tuple[int, int, int], zh: str, en: str) -> None:
    color = nearest_color(srgb_to_lab(rgb))
    assert (color.name("zh"), color.name("en")) == (zh, en)


def test_the_eleven_basic_words_are_there_and_every_color_belongs_to_one() -> None:
    palette = load_palette()
    assert set(BASIC_COLORS) <= {color.id for color in palette}
    assert {color.basic for color in palette} == set(BASIC_COLORS)
    assert all(color.basic == color.id for color in palette if color.id in BASIC_COLORS)


@pytest.mark.parametrize(
    "word", ["navy", "NAVY", "navy blue", "navy_blue", "Navy-Blue", "藏青", "藏青色", "深蓝", "dark blue"]
)
def test_a_color_is_found_by_any_of_its_words(word: str) -> None:
    found = find_color(word)
    assert found is not None
    assert found.id == "navy"


def test_gray_is_grey_and_a_chinese_word_may_leave_out_its_last_sign() -> None:
    assert find_color("Gray") == find_color("grey") == find_color("灰")
    assert find_color("蓝") == find_color("蓝色") == find_color("blue")


@pytest.mark.parametrize("word", ["", "octarine", "五彩斑斓的黑"])
def test_an_unknown_word_is_no_color(word: str) -> None:
    assert find_color(word) is None


GOOD = resource("colors", "names.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "reason", "where"),
    [
        ('hex = "#1e2c50"', 'hex = "navy"', "bad_hex", "[[color]]"),
        ('zh = "藏青"\n', "", "missing_text", "[[color]]"),
        ('zh = "藏青"', 'zh = "靛蓝"', "same_name", "[[color]]"),
        ('basic = "blue"\nhex = "#1e2c50"', 'basic = "bluish"\nhex = "#1e2c50"', "not_basic", "[[color]]"),
        ('id = "black"', 'id = "noir"', "basic_missing", "[[color]]"),
        ('hex = "#121213"', 'hex = "#121213"\ncmyk = "0 0 0 100"', "unknown_key", "[[color]] 1"),
        ('aliases = ["jet black", "乌黑"]', 'aliases = "乌黑"', "bad_list", "[[color]] 1"),
        ("[[color]]", "[[colour", "not_toml", "-"),
        ("[[color]]", "[[shade]]", "no_color", "[[color]]"),
    ],
)
def test_a_mistake_in_the_color_file_is_named_with_its_place(
    tmp_path: Path, old: str, new: str, reason: str, where: str
) -> None:
    path = tmp_path / "颜色 names.toml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new) if old == "[[color]]" else GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulesDamaged) as caught:
        load_palette(path)
    assert caught.value.params["reason"] == reason
    assert str(caught.value.params["where"]).startswith(where)
    for lang in LANGS:
        assert str(path) in explain(caught.value, lang).what
        assert reason not in explain(caught.value, lang).what


def test_a_color_file_that_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulesDamaged, match="missing"):
        load_palette(tmp_path / "none.toml")
    path = tmp_path / "latin.toml"
    path.write_bytes("zh = 藏青".encode("gb18030"))
    with pytest.raises(RulesDamaged, match="not_text"):
        load_palette(path)


def test_a_color_file_saved_by_notepad_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bom.toml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert load_palette(path) == load_palette()
