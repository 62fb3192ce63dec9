"""A fabric is called what its people call it, in both languages, and found by any of its names."""

from __future__ import annotations

from pathlib import Path

import pytest

from fabric_desktop.names import FabricNames, folded
from fabric_desktop.rules import load_rules
from fabric_desktop.studio import Studio, open_studio

RULE = load_rules("fine").fabrics[0]


def declare(studio: Studio, fabric: str, text: str) -> None:
    folder = studio.fabrics_dir / fabric
    folder.mkdir(parents=True)
    (folder / "fabric.toml").write_text(text, encoding="utf-8")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = open_studio(tmp_path / "名 names", create=True)
    (studio.fabrics_dir / RULE.id).mkdir()
    (studio.fabrics_dir / "SW-0417").mkdir()
    (studio.labeled_dir / "only labelled").mkdir()
    declare(studio, "真丝缎", 'name_en = "House satin"\naliases = ["charmeuse", "缎面"]\narticle = "A-77"')
    declare(studio, "broken", "name_zh = ")
    declare(studio, "typed", f'type = "{RULE.name_zh}"')
    return studio


def test_declared_names_come_first_then_the_rules_then_the_id(studio: Studio) -> None:
    names = FabricNames(studio)
    assert names.both(RULE.id) == (RULE.name_zh, RULE.name_en)
    assert names.both("真丝缎") == ("真丝缎", "House satin")
    assert names.both("SW-0417") == ("SW-0417", "SW-0417")
    assert names.both("a fabric nobody has") == ("a fabric nobody has", "a fabric nobody has")


def test_a_display_name_shows_both_languages_in_chinese_and_one_in_english(studio: Studio) -> None:
    names = FabricNames(studio)
    assert names.display(RULE.id, "zh") == f"{RULE.name_zh} {RULE.name_en}"
    assert names.display(RULE.id, "en") == RULE.name_en
    assert names.display("SW-0417", "zh") == "SW-0417"
    assert (names.name(RULE.id, "zh"), names.name(RULE.id, "en")) == (RULE.name_zh, RULE.name_en)


def test_a_damaged_sheet_costs_the_name_and_not_the_fabric(studio: Studio) -> None:
    names = FabricNames(studio)
    assert names.both("broken") == ("broken", "broken")
    assert "broken" in names.studio_ids


def test_fabrics_with_references_or_labels_are_the_studios_own(studio: Studio) -> None:
    assert FabricNames(studio).studio_ids == sorted([RULE.id, "SW-0417", "only labelled", "真丝缎", "broken", "typed"])


def test_a_studio_fabric_is_matched_to_its_rule_by_id_type_or_name(studio: Studio) -> None:
    names = FabricNames(studio)
    assert names.rule_for(RULE.id) == RULE.id
    assert names.rule_for("typed") == RULE.id
    assert names.rule_for(RULE.id.upper().replace("_", " ")) == RULE.id
    assert names.rule_for(RULE.name_zh) == RULE.id
    assert names.rule_for("SW-0417") is None


@pytest.mark.parametrize("rule", load_rules("fine").fabrics, ids=lambda rule: rule.id)
def test_every_fabric_of_the_rules_is_found_by_its_names(tmp_path: Path, rule: object) -> None:
    names = FabricNames(Studio(tmp_path))
    for name in (rule.id, rule.name_zh, rule.name_en, *rule.aliases):  # type: ignore[attr-defined]
        assert rule.id in names.search(name)  # type: ignore[attr-defined]
        assert names.rule_for(name) == rule.id  # type: ignore[attr-defined]


def test_a_fabric_is_found_by_any_of_its_names_in_any_case(studio: Studio) -> None:
    names = FabricNames(studio)
    for text in ("真丝", "house", "HOUSE  satin", "Charmeuse", "缎面", "a-77", "ＨＯＵＳＥ"):
        assert names.search(text)[0] == "真丝缎", text
    assert names.search("no such cloth") == []


def test_the_studios_own_fabrics_are_offered_first_and_earlier_matches_before_later(studio: Studio) -> None:
    found = FabricNames(studio).search("")
    own = FabricNames(studio).studio_ids
    assert set(found[: len(own)]) == set(own)
    assert len(found) == len(set(found))


def test_notes_are_peoples_own_else_the_rules(studio: Studio) -> None:
    (studio.fabrics_dir / "SW-0417" / "fabric.toml").write_text('notes = "薄"', encoding="utf-8")
    names = FabricNames(studio)
    assert names.notes("SW-0417", "en") == "薄"
    assert names.notes(RULE.id, "zh") == RULE.notes_zh
    assert names.notes(RULE.id, "en") == RULE.notes_en
    assert names.notes("unknown", "zh") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("Silk_Satin", "silk satin"), ("SILK-satin ", "silk  satin"), ("ｓｉｌｋ", "silk"), ("crêpe", "crêpe")],
)
def test_ways_of_writing_one_name_are_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)
