"""Fusing rules and visual evidence: exact numbers of the formula in its docstring, and the exact orders at its ends."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_desktop import fuse_with_clip, recommend_fabrics_localized
from fabric_desktop.bank import build_bank
from fabric_desktop.fusion import check_alpha, check_top_k, fuse, to_weights
from fabric_desktop.jobs import JobContext
from fabric_desktop.rules import RankedFabric
from fabric_desktop.studio import Studio
from fabric_desktop.wording import say
from tests.support import CountingEncoder, cloth, make_studio

RULES = {"cotton": 0.9, "linen": 0.5, "wool": 0.1}
VISUAL = {"linen": 0.8, "wool": 0.6}


def test_each_side_is_the_softmax_of_its_standardised_scores() -> None:
    # mean 0.5, sd sqrt(0.32 / 3) = 0.326599; z = 1.224745, 0, -1.224745; by a pocket calculator:
    assert to_weights(RULES) == pytest.approx({"cotton": 0.724540, "linen": 0.212899, "wool": 0.062561}, abs=2e-5)
    # mean 0.7, sd 0.1; z = 1, -1; e / (e + 1 / e)
    assert to_weights(VISUAL) == pytest.approx({"linen": 0.880797, "wool": 0.119203}, abs=1e-6)


def test_the_fused_score_is_the_documented_mixture_to_the_last_figure() -> None:
    rules, visual = to_weights(RULES), to_weights(VISUAL)
    fused = fuse(RULES, VISUAL, 0.7)
    assert [fabric for fabric, _ in fused] == ["cotton", "linen", "wool"]
    assert dict(fused) == pytest.approx(
        {
            "cotton": 0.7 * rules["cotton"],  # missing on the visual side: nothing from there
            "linen": 0.7 * rules["linen"] + 0.3 * visual["linen"],
            "wool": 0.7 * rules["wool"] + 0.3 * visual["wool"],
        },
        abs=1e-15,
    )
    assert dict(fused)["linen"] == pytest.approx(0.413269, abs=2e-5)
    assert math.fsum(score for _, score in fused) == pytest.approx(1.0)


def test_neither_unit_nor_offset_of_a_side_matters() -> None:
    shifted = {fabric: 100 * score - 7 for fabric, score in VISUAL.items()}
    assert dict(fuse(RULES, shifted, 0.4)) == pytest.approx(dict(fuse(RULES, VISUAL, 0.4)))


def test_equal_scores_speak_for_all_alike_and_no_scores_for_none() -> None:
    assert to_weights({"a": 0.3, "b": 0.3, "c": 0.3}) == {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}
    assert to_weights({"only": 0.2}) == {"only": 1.0}
    assert to_weights({}) == {}


SCORES = st.dictionaries(
    st.sampled_from("abcdefgh"), st.sampled_from([-1.0, 0.0, 0.25, 0.5, 0.5000001, 0.75, 1.0]), max_size=8
)


def ranked(scores: dict[str, float]) -> list[str]:
    return sorted(scores, key=lambda fabric: -scores[fabric])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(rules=SCORES, visual=SCORES)
def test_at_its_ends_alpha_gives_exactly_the_order_of_one_side(
    rules: dict[str, float], visual: dict[str, float]
) -> None:
    only_rules = [fabric for fabric, _ in fuse(rules, visual, 1.0)]
    only_visual = [fabric for fabric, _ in fuse(rules, visual, 0.0)]
    if rules:
        assert only_rules[: len(rules)] == ranked(rules)
    if visual:
        assert only_visual[: len(visual)] == ranked(visual)
    assert set(only_rules) == set(only_visual) == {*rules, *visual}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(rules=SCORES, visual=SCORES, alpha=st.floats(0, 1))
def test_every_fabric_of_either_side_is_ranked_once_best_first(
    rules: dict[str, float], visual: dict[str, float], alpha: float
) -> None:
    fused = fuse(rules, visual, alpha)
    assert sorted(fabric for fabric, _ in fused) == sorted({*rules, *visual})
    scores = [score for _, score in fused]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores)
    if fused:
        assert math.fsum(scores) == pytest.approx(1.0)
    assert fuse(rules, visual, alpha) == fused


def test_a_side_that_says_nothing_leaves_the_other_alone_whatever_alpha() -> None:
    for alpha in (0.0, 0.3, 1.0):
        assert fuse(RULES, {}, alpha) == fuse(RULES, VISUAL, 1.0)[:3]
        assert [fabric for fabric, _ in fuse({}, VISUAL, alpha)] == ["linen", "wool"]
    assert fuse({}, {}, 0.5) == []


def test_ties_follow_the_heavier_sides_order_then_the_others() -> None:
    rules, visual = {"b": 0.5, "a": 0.5}, {"c": 0.1, "a": 0.1, "b": 0.1}
    assert [fabric for fabric, _ in fuse(rules, visual, 1.0)] == ["b", "a", "c"]
    assert [fabric for fabric, _ in fuse(rules, visual, 0.0)] == ["c", "a", "b"]
    assert [fabric for fabric, _ in fuse({"x": 1.0}, {"z": 1.0, "y": 1.0}, 1.0)] == ["x", "z", "y"]


@pytest.mark.parametrize("alpha", [-0.01, 1.01, 70, float("nan"), float("inf"), "0.5", None, True])
def test_an_alpha_out_of_range_is_refused(alpha: Any) -> None:
    with pytest.raises(ValueError, match="alpha"):
        check_alpha(alpha)
    with pytest.raises(ValueError, match="alpha"):
        fuse_with_clip(cloth("a"), [], alpha=alpha)


@pytest.mark.parametrize("top_k", [0, -3, 1.5, "5", None, True])
def test_a_top_k_below_one_is_refused(top_k: Any) -> None:
    with pytest.raises(ValueError, match="top-k"):
        check_top_k(top_k)
    with pytest.raises(ValueError, match="top-k"):
        fuse_with_clip(cloth("a"), [], topk=top_k)


def test_numbers_that_come_from_numpy_are_numbers() -> None:
    assert check_alpha(np.float32(0.5)) == 0.5
    assert check_top_k(np.int64(3)) == 3
    assert check_alpha(1) == 1.0


# ---------------------------------------------------------------- the public call

ATTRS = {"visual": {"dominant_color_name": "blue", "sheen_score": 0.6, "texture_complexity": 0.4}}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = make_studio(tmp_path / "data", {"cotton": 3, "真丝缎": 3, "sample 7": 3})
    folder = studio.fabrics_dir / "真丝缎"
    (folder / "fabric.toml").write_text(
        'name_zh = "真丝缎"\nname_en = "Silk satin"\nnotes = "自己的备注"', encoding="utf-8"
    )
    build_bank(studio, CountingEncoder(), JobContext())
    return studio


BASE: list[tuple[str, float, str, str]] = [
    ("wool", 0.9, "羊毛 Wool", "notes of wool"),
    ("cotton", 0.7, "棉布 Cotton", "notes of cotton"),
    ("linen", 0.2, "亚麻 Linen", "notes of linen"),
]


def call(studio: Studio, **options: Any) -> list[RankedFabric]:
    return fuse_with_clip(
        **{"patch_img": cloth("真丝缎", 50), "base_results": BASE, "bank_path": studio.bank_path} | options
    )


def test_the_call_of_the_workflow_gives_rows_of_four(studio: Studio) -> None:
    base = recommend_fabrics_localized(ATTRS, lang="zh", top_k=10)
    rows = call(studio, base_results=base, lang="zh", alpha=0.7, topk=5)
    assert len(rows) == 5
    for name, score, display_name, notes in rows:
        assert isinstance(name, str)
        assert 0 <= score <= 1
        assert display_name
        assert isinstance(notes, str)
    scores = [row[1] for row in rows]
    assert scores == sorted(scores, reverse=True)


def test_alpha_one_is_the_rules_order_and_zero_the_visual_order(studio: Studio) -> None:
    assert [row.name for row in call(studio, alpha=1.0, topk=3)] == ["wool", "cotton", "linen"]
    visual = [row.name for row in call(studio, alpha=0.0, topk=3)]
    assert visual[0] == "真丝缎"
    assert set(visual) == {"真丝缎", "cotton", "sample 7"}
    assert [row.name for row in call(studio, base_results=BASE[:1], alpha=1.0, topk=1)] == ["wool"]
    assert [row.name for row in call(studio, base_results=BASE[::-1], alpha=1.0, topk=3)] == ["wool", "cotton", "linen"]
    assert [row.name for row in call(studio, base_results=[], alpha=1.0, topk=3)] == visual


def test_ties_of_the_rules_keep_the_order_they_came_in(studio: Studio) -> None:
    tied = [("wool", 0.5, "", ""), ("linen", 0.5, "", ""), ("cotton", 0.5, "", "")]
    for order in (tied, tied[::-1]):
        assert [row.name for row in call(studio, base_results=order, alpha=1.0, topk=3)] == [row[0] for row in order]


def test_names_and_notes_come_from_the_rules_row_else_from_the_studio(studio: Studio) -> None:
    rows = {row.name: row for row in call(studio, alpha=0.3, topk=10)}
    assert rows["wool"].display_name == "羊毛 Wool"
    assert rows["真丝缎"].display_name == "真丝缎 Silk satin"
    assert rows["真丝缎"].notes == "自己的备注"
    assert rows["sample 7"].display_name == "sample 7"
    english = {row.name: row for row in call(studio, alpha=0.3, topk=10, lang="en")}
    assert english["真丝缎"].display_name == "Silk satin"


def damage_missing(studio: Studio) -> None:
    studio.bank_path.unlink()


def damage_no_index(studio: Studio) -> None:
    studio.bank_index_path.unlink()


def damage_other_encoder(studio: Studio) -> None:
    build_bank(studio, CountingEncoder("another"), JobContext())


@pytest.mark.parametrize("damage", [damage_missing, damage_no_index, damage_other_encoder])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("alpha", [0.0, 0.7])
def test_when_the_visual_side_fails_the_rules_answer_is_returned_and_says_so(
    studio: Studio, damage: Any, lang: str, alpha: float, caplog: pytest.LogCaptureFixture
) -> None:
    damage(studio)
    with caplog.at_level(logging.WARNING):
        rows = call(studio, alpha=alpha, lang=lang)
    assert [row.name for row in rows] == ["wool", "cotton", "linen"]
    assert [row.display_name for row in rows] == [row[2] for row in BASE]
    said = say("notice.visual_failed", lang, what="|").split("|")
    assert all(row.notes.startswith(said[0]) and said[1] in row.notes for row in rows)
    assert all(row.notes.endswith(base[3]) for row, base in zip(rows, BASE, strict=True))
    assert caplog.records


def test_no_rules_and_no_bank_is_no_answer_and_no_error(tmp_path: Path) -> None:
    rows: Sequence[RankedFabric] = fuse_with_clip(cloth("a"), [], bank_path=tmp_path / "none.npz")
    assert rows == []


def test_a_language_that_does_not_exist_is_refused(studio: Studio) -> None:
    with pytest.raises(ValueError, match="lang"):
        call(studio, lang="de")
