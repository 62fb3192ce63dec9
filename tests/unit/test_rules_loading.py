"""A rules file that somebody edited: every mistake is named with its place, and nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fabric_desktop.errors import MappingDamaged, RulesDamaged
from fabric_desktop.rules import Range, load_mapping, load_rules
from fabric_desktop.wording import LANGS, explain

GOOD = """
[weights]
sheen = 1.0
texture_complexity = 0.5
color = 0.5

[[fabric]]
id = "silk"
zh = "真丝"
en = "Silk"
aliases = ["zhensi"]
notes_zh = "光滑。"
notes_en = "Smooth."

[fabric.look]
sheen = [0.4, 0.8]

[fabric.colors]
usual = ["蓝色", "ivory"]
share = 0.7

[[fabric.variant]]
sheen = [0.2, 0.4]
texture_complexity = [0.1, 0.3]

[[fabric]]
id = "felt"
zh = "毛毡"
en = "Felt"
notes_zh = "哑光。"
notes_en = "Matt."

[fabric.look]
sheen = [0, 0.1]
"""


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    folder = tmp_path / "规则 rules"
    folder.mkdir()
    return folder / "我的 rules.toml"


def test_a_file_of_ones_own_is_read_as_it_says(rules_file: Path) -> None:
    rules_file.write_text(GOOD, encoding="utf-8")
    book = load_rules(rules_file)
    silk, felt = book.fabrics
    assert (silk.id, silk.name("zh"), silk.name("en"), silk.aliases) == ("silk", "真丝", "Silk", ("zhensi",))
    assert silk.notes("zh") == "光滑。"
    assert [dict(variant) for variant in silk.variants] == [
        {"sheen": Range(0.4, 0.8)},
        {"sheen": Range(0.2, 0.4), "texture_complexity": Range(0.1, 0.3)},
    ]
    assert silk.colors is not None
    # A basic word stands for its family, a trade word for itself.
    assert {"blue", "navy", "indigo", "ivory"} <= silk.colors.names
    assert "white" not in silk.colors.names
    assert 0 < silk.colors.base < 0.5
    assert felt.aliases == ()
    assert felt.colors is None
    assert book.weights == {"sheen": 1.0, "texture_complexity": 0.5, "color": 0.5}


def test_a_file_may_be_named_by_text_and_saved_by_notepad(rules_file: Path) -> None:
    rules_file.write_text(GOOD.replace("\n", "\r\n"), encoding="utf-8-sig", newline="")
    assert load_rules(str(rules_file)).fabrics == load_rules(rules_file).fabrics


def test_a_book_is_handed_through() -> None:
    book = load_rules("coarse")
    assert load_rules(book) is book
    assert load_rules("coarse") is book


@pytest.mark.parametrize("source", ["fien", "", "studio", "rules.json"])
def test_a_source_that_does_not_exist_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="rules_source"):
        load_rules(source)


@pytest.mark.parametrize(
    ("old", "new", "reason", "where"),
    [
        ("sheen = [0.4, 0.8]", "sheen = [0.8, 0.4]", "bad_range", "[[fabric]] silk look.sheen"),
        ("sheen = [0.4, 0.8]", "sheen = [0.4, 1.8]", "bad_range", "[[fabric]] silk look.sheen"),
        ("sheen = [0.4, 0.8]", "sheen = [-0.1, 0.8]", "bad_range", "[[fabric]] silk look.sheen"),
        ("sheen = [0.4, 0.8]", "sheen = [0.4, 0.42]", "bad_range", "[[fabric]] silk look.sheen"),
        ("sheen = [0.4, 0.8]", "sheen = [0.4]", "not_a_pair", "[[fabric]] silk look.sheen"),
        ("sheen = [0.4, 0.8]", 'sheen = "high"', "not_a_pair", "[[fabric]] silk look.sheen"),
        ("sheen = [0.4, 0.8]", "sheen = [0.4, nan]", "not_a_pair", "[[fabric]] silk look.sheen"),
        ("sheen = [0.4, 0.8]", "sheen = [true, 0.8]", "not_a_pair", "[[fabric]] silk look.sheen"),
        ("sheen = [0.4, 0.8]", "gloss = [0.4, 0.8]", "unknown_attribute", "[[fabric]] silk look"),
        ("sheen = [0.4, 0.8]", "relief = [0.4, 0.8]", "no_weight", "[[fabric]] silk look"),
        ("sheen = [0.2, 0.4]", "sheen = [0.4, 0.2]", "bad_range", "[[fabric]] silk variant 1.sheen"),
        ("[fabric.look]\nsheen = [0, 0.1]", "", "no_range", "[[fabric]] felt"),
        ('id = "felt"', 'id = "silk"', "same_id", "[[fabric]] silk"),
        ('id = "felt"', 'id = ""', "missing_text", "[[fabric]] 2"),
        ('en = "Felt"', "", "missing_text", "[[fabric]] felt"),
        ('notes_zh = "哑光。"', "", "missing_text", "[[fabric]] felt"),
        ('en = "Felt"', 'en = "SILK"', "same_name", "[[fabric]] felt"),
        ('en = "Felt"', 'en = "Felt"\naliases = ["真丝"]', "same_name", "[[fabric]] felt"),
        ('en = "Felt"', 'en = "Felt"\naliases = "毡"', "bad_list", "[[fabric]] felt"),
        ('en = "Felt"', 'en = "Felt"\nweight = 200', "unknown_key", "[[fabric]] felt"),
        ('"ivory"', '"octarine"', "unknown_color", "[[fabric]] silk colors"),
        ('usual = ["蓝色", "ivory"]', "usual = []", "bad_list", "[[fabric]] silk colors"),
        (
            'usual = ["蓝色", "ivory"]',
            'usual = ["black","white","grey","red","green","yellow","blue","brown","purple","pink","orange"]',
            "all_colors",
            "[[fabric]] silk colors",
        ),
        ("share = 0.7", "share = 7", "bad_share", "[[fabric]] silk colors"),
        ("share = 0.7", "", "bad_share", "[[fabric]] silk colors"),
        ("share = 0.7", "share = 0.7\nnever = []", "unknown_key", "[[fabric]] silk colors"),
        ("sheen = 1.0", "sheen = 3", "bad_weight", "[weights] sheen"),
        ("sheen = 1.0", 'sheen = "much"', "bad_weight", "[weights] sheen"),
        ("sheen = 1.0", "shine = 1.0", "unknown_attribute", "[weights]"),
        ("[weights]", "[weight]", "unknown_key", "weight"),
        ("[weights]\nsheen = 1.0\ntexture_complexity = 0.5\ncolor = 0.5", "", "no_weights", "[weights]"),
        ("[[fabric]]", "[[fabric", "not_toml", "-"),
    ],
)
def test_a_mistake_is_named_with_its_place_in_both_languages(
    rules_file: Path, old: str, new: str, reason: str, where: str
) -> None:
    assert old in GOOD
    rules_file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulesDamaged) as caught:
        load_rules(rules_file)
    assert (caught.value.params["reason"], caught.value.params["where"]) == (reason, where)
    for lang in LANGS:
        what = explain(caught.value, lang).what
        assert str(rules_file) in what
        assert where in what
        assert f"{reason}." not in what


def test_a_file_without_a_fabric_is_named(rules_file: Path) -> None:
    rules_file.write_text("[weights]\nsheen = 1\n", encoding="utf-8")
    with pytest.raises(RulesDamaged, match="no_fabric"):
        load_rules(rules_file)
    rules_file.write_text("fabric = [1]\n[weights]\nsheen = 1\n", encoding="utf-8")
    with pytest.raises(RulesDamaged, match="not_a_table"):
        load_rules(rules_file)


def test_a_file_that_is_missing_or_no_text_is_named(rules_file: Path) -> None:
    with pytest.raises(RulesDamaged, match="missing"):
        load_rules(rules_file)
    rules_file.write_bytes("zh = '真丝'".encode("gb18030"))
    with pytest.raises(RulesDamaged, match="not_text"):
        load_rules(rules_file)
    with pytest.raises(RulesDamaged, match="not_text"):
        load_rules(rules_file.parent)


def test_a_mapping_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "标签.toml"
    path.write_text('"牛仔" = "denim"\nplain = "poplin"\n', encoding="utf-8-sig")
    assert load_mapping(path) == {"牛仔": "denim", "plain": "poplin"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "missing"),
        (b"denim = [1]", "not_pairs"),
        (b"[denim]\nfabric = 'denim'", "not_pairs"),
        (b"denim -> denim", "not_pairs"),
        ("牛仔".encode("gb18030"), "not_text"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "mapping.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MappingDamaged) as caught:
        load_mapping(path)
    assert caught.value.params == {"path": str(path), "reason": reason}
