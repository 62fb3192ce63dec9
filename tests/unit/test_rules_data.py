"""The shipped rules: the fabrics people ask for, named in both languages, told apart, fit to be edited."""

from __future__ import annotations

import tomllib
from itertools import pairwise

import pytest

from fabric_desktop.attributes import measure_look
from fabric_desktop.paths import resource
from fabric_desktop.rules import (
    ATTRIBUTES,
    REASON_CODES,
    RuleBook,
    load_mapping,
    load_rules,
    recommend_fabrics_localized,
)
from fabric_desktop.wording import LANGS, has
from tests.unit.attributes.cloths import satin, weave

EXAMPLE = {"visual": {"dominant_color_name": "blue", "sheen_score": 0.6, "texture_complexity": 0.4}}
ASKED_FOR = """
cotton poplin canvas denim linen silk_satin charmeuse crepe_de_chine chiffon organza wool tweed cashmere corduroy velvet
velour jersey rib_knit fleece terry lace tulle leather suede faux_fur polyester nylon viscose tencel herringbone gingham
seersucker
"""


@pytest.fixture(params=["fine", "coarse"])
def book(request: pytest.FixtureRequest) -> RuleBook:
    return load_rules(request.param)


def test_every_fabric_people_ask_for_is_there() -> None:
    assert set(ASKED_FOR.split()) <= {fabric.id for fabric in load_rules("fine").fabrics}


def test_there_are_about_ten_families() -> None:
    assert 8 <= len(load_rules("coarse").fabrics) <= 14


def test_every_fabric_is_named_and_described_in_both_languages(book: RuleBook) -> None:
    for fabric in book.fabrics:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in fabric.name_zh), fabric.id
        assert fabric.name_en.isascii(), fabric.id
        assert fabric.aliases, fabric.id
        assert len(fabric.notes_zh) >= 6, fabric.id
        assert len(fabric.notes_en) >= 20, fabric.id
        assert fabric.notes_en.endswith("."), fabric.id
        assert fabric.notes_zh.endswith("。"), fabric.id


def test_a_fabric_can_be_searched_for_in_pinyin() -> None:
    for fabric in load_rules("fine").fabrics:
        assert any(alias.isascii() and alias.islower() for alias in fabric.aliases), fabric.id


def test_no_two_fabrics_score_the_example_alike_by_accident(book: RuleBook) -> None:
    scores = [score.score for score in book.score(EXAMPLE)]
    assert all(first - second > 1e-6 for first, second in pairwise(scores))


@pytest.mark.parametrize("key", ["sheen_score", "texture_complexity"])
def test_few_fabrics_are_alike_in_one_number_alone(key: str) -> None:
    scores = {round(score.score, 9) for score in load_rules("fine").score({"visual": {key: 0.37}})}
    assert len(scores) >= 30


def test_fabrics_that_shine_lead_where_there_is_sheen_and_matt_ones_where_there_is_none() -> None:
    shiny = [row.name for row in recommend_fabrics_localized({"visual": {"sheen_score": 0.6}}, top_k=4)]
    matt = [row.name for row in recommend_fabrics_localized({"visual": {"sheen_score": 0.03}}, top_k=8)]
    assert "silk_satin" in shiny
    assert not {"silk_satin", "charmeuse", "nylon", "velvet"} & set(matt)


def test_a_blue_twill_with_flecks_is_denim_and_a_red_one_rather_not() -> None:
    look = {"sheen_score": 0.15, "texture_complexity": 0.55, "directionality": 0.4, "relief": 0.66, "crossing": 0.3}
    blue = load_rules("fine").score({"visual": look | {"dominant_color_name": "indigo"}})
    red = load_rules("fine").score({"visual": look | {"dominant_color_name": "red"}})
    assert blue[0].fabric_id == "denim"
    assert "color_typical" in {reason.code for reason in blue[0].reasons}
    in_red = next(score for score in red if score.fabric_id == "denim")
    assert in_red.score < blue[0].score
    assert "color_unusual" in {reason.code for reason in in_red.reasons}


def test_measured_patches_are_scored_as_they_are() -> None:
    fine = load_rules("fine")
    shiny = {score.fabric_id: score for score in fine.score(measure_look(satin(side=512)).as_attrs())}
    matt = {score.fabric_id: score for score in fine.score(measure_look(weave(threads=20)).as_attrs())}
    assert shiny["silk_satin"].score > shiny["cotton"].score
    assert matt["cotton"].score > matt["silk_satin"].score
    assert "sheen_missing" in {reason.code for reason in matt["silk_satin"].reasons}
    assert "sheen_excess" in {reason.code for reason in shiny["cotton"].reasons}


@pytest.mark.parametrize("code", REASON_CODES)
@pytest.mark.parametrize("lang", LANGS)
def test_every_reason_can_be_said(code: str, lang: str) -> None:
    assert has(f"notice.{code}", lang)


@pytest.mark.parametrize("name", ["fine", "coarse"])
def test_the_file_explains_itself_to_the_person_who_edits_it(name: str) -> None:
    text = resource("rules", f"{name}.toml").read_text(encoding="utf-8")
    comments = "\n".join(line for line in text.splitlines() if line.startswith("#"))
    assert "面料" in comments
    if name == "fine":
        for attribute in ATTRIBUTES:
            assert attribute.removesuffix("_coarse").removesuffix("_middle").removesuffix("_fine") in comments
    else:
        assert "fine.toml" in comments
    assert "\r" not in text
    assert max(len(line) for line in text.splitlines() if line.startswith("#")) <= 120
    assert set(tomllib.loads(text)) == {"weights", "fabric"}


def test_the_benchmarks_labels_stand_for_fabrics_of_the_rules_and_no_fabric_for_two() -> None:
    mapping = load_mapping()
    ids = {fabric.id for fabric in load_rules("fine").fabrics}
    assert set(mapping.values()) <= ids
    assert len(set(mapping.values())) == len(mapping)
    # A weave is no fabric.
    assert not {"plain_weave", "twill_weave", "satin_weave", "unlabelled"} & set(mapping)
