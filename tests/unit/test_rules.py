"""The rules' part of the public Python API, as the workflow uses it, and the rules of a studio's own references."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from pathlib import Path

import pytest
from PIL import Image

import fabric_desktop
from fabric_desktop.attributes import Look, measure_look
from fabric_desktop.rules import (
    ATTRIBUTES,
    RankedFabric,
    RuleBook,
    load_mapping,
    load_rules,
    recommend_fabrics_localized,
    rules_from_references,
)
from tests.unit.attributes.cloths import checks, grain, lines, satin, weave

EXAMPLE = {"visual": {"dominant_color_name": "blue", "sheen_score": 0.6, "texture_complexity": 0.4}}


def test_the_workflows_call_works_as_written() -> None:
    rows = fabric_desktop.recommend_fabrics_localized(EXAMPLE, lang="zh", top_k=10, rules_source="fine")
    assert len(rows) == 10
    for name, score, display_name, notes in rows:
        fabric = load_rules("fine").fabric(name)
        assert display_name == f"{fabric.name_zh} {fabric.name_en}"
        assert notes == fabric.notes_zh
        assert f"{display_name}: {score:.3f}"
        assert 0 < score < 1
    assert [row.score for row in rows] == sorted((row.score for row in rows), reverse=True)
    assert isinstance(rows[0], RankedFabric)


def test_names_are_shown_in_the_language_asked_for() -> None:
    zh = {row.name: row for row in recommend_fabrics_localized(EXAMPLE, lang="zh", top_k=99)}
    en = {row.name: row for row in recommend_fabrics_localized(EXAMPLE, lang="en", top_k=99)}
    assert zh["cotton"].display_name == "棉布 Cotton"
    assert en["cotton"].display_name == "Cotton"
    assert zh["silk_satin"].display_name == "真丝缎 Silk Satin"
    assert en["cotton"].notes == load_rules("fine").fabric("cotton").notes_en
    assert {name: row.score for name, row in zh.items()} == {name: row.score for name, row in en.items()}


def test_there_are_never_more_rows_than_asked_for_or_than_fabrics() -> None:
    assert len(recommend_fabrics_localized(EXAMPLE, top_k=3)) == 3
    assert len(recommend_fabrics_localized(EXAMPLE, top_k=1000)) == len(load_rules("fine").fabrics)


def test_families_are_ranked_by_the_coarse_rules() -> None:
    rows = recommend_fabrics_localized(EXAMPLE, rules_source="coarse")
    assert rows[0].name == "silk_like"
    assert {row.name for row in rows} <= {fabric.id for fabric in load_rules("coarse").fabrics}


def test_rules_of_ones_own_are_used(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        '[weights]\nsheen = 1\n[[fabric]]\nid = "x"\nzh = "布"\nen = "Cloth"\nnotes_zh = "看"\nnotes_en = "look"\n'
        "[fabric.look]\nsheen = [0.5, 0.7]\n",
        encoding="utf-8",
    )
    (row,) = recommend_fabrics_localized(EXAMPLE, rules_source=path)
    assert row[0::2] == ("x", "布 Cloth")
    assert recommend_fabrics_localized(EXAMPLE, rules_source=load_rules(path)) == [row]


@pytest.mark.parametrize("lang", ["fr", "ZH", "", "zh-CN"])
def test_another_language_is_refused(lang: str) -> None:
    with pytest.raises(ValueError, match="lang"):
        recommend_fabrics_localized(EXAMPLE, lang=lang)


@pytest.mark.parametrize("top_k", [0, -1])
def test_fewer_than_one_row_is_refused(top_k: int) -> None:
    with pytest.raises(ValueError, match="top_k"):
        recommend_fabrics_localized(EXAMPLE, top_k=top_k)


def test_the_same_look_gives_the_same_rows() -> None:
    assert recommend_fabrics_localized(EXAMPLE) == recommend_fabrics_localized(dict(EXAMPLE))


def references() -> dict[str, list[Look]]:
    return {
        "cotton": [measure_look(weave(seed, 20)) for seed in range(4)],
        "条纹": [measure_look(lines(20 + 30 * step, 7)) for step in range(4)],
        "file": [measure_look(satin(0.2 + 0.03 * step, seed=step)) for step in range(4)],
        "tweed": [measure_look(grain(seed)) for seed in range(4)],
        "empty": [],
    }


@pytest.fixture(scope="module")
def studio_rules() -> RuleBook:
    return rules_from_references(references())


def test_rules_from_references_name_new_photos_of_the_same_fabrics(studio_rules: RuleBook) -> None:
    queries = {
        "cotton": weave(77, 20),
        "条纹": lines(155, 7),
        "file": satin(0.24, seed=9),
        "tweed": grain(55),
    }
    for fabric, cloth in queries.items():
        assert studio_rules.score(measure_look(cloth).as_attrs())[0].fabric_id == fabric


def test_rules_from_references_know_any_id_and_leave_out_fabrics_without_one(studio_rules: RuleBook) -> None:
    assert [fabric.id for fabric in studio_rules.fabrics] == ["cotton", "条纹", "file", "tweed"]
    assert studio_rules.source == "studio"
    assert studio_rules.fabric("cotton").display_name("zh") == "棉布 Cotton"
    assert studio_rules.fabric("条纹").display_name("zh") == "条纹"


def test_rules_from_references_take_names_and_saved_attrs() -> None:
    looks = references()
    saved = {fabric: [look.as_attrs() for look in own] for fabric, own in looks.items()}
    named = rules_from_references(saved, {"条纹": ("条纹布", "Stripes")})
    assert named.fabric("条纹").display_name("zh") == "条纹布 Stripes"
    attrs = measure_look(checks()).as_attrs()
    first = {score.fabric_id: score.score for score in rules_from_references(looks).score(attrs)}
    assert {score.fabric_id: score.score for score in named.score(attrs)} == first


def test_the_order_of_references_does_not_change_the_scores() -> None:
    looks = references()
    mixed = {fabric: list(reversed(own)) for fabric, own in reversed(list(looks.items()))}
    attrs = measure_look(weave(5, 12)).as_attrs()
    first = {score.fabric_id: score.score for score in rules_from_references(looks).score(attrs)}
    second = {score.fabric_id: score.score for score in rules_from_references(mixed).score(attrs)}
    assert second == pytest.approx(first, abs=1e-12)


def test_one_reference_a_fabric_is_enough_to_begin_with() -> None:
    book = rules_from_references({"a": [measure_look(weave())], "b": [measure_look(satin())]})
    assert book.score(measure_look(satin(0.3, seed=4)).as_attrs())[0].fabric_id == "b"
    assert all(span.half > 0.02 for fabric in book.fabrics for span in fabric.variants[0].values())
    assert set(book.fabrics[0].variants[0]) == set(ATTRIBUTES)


def test_a_studio_without_references_has_no_rules_of_its_own() -> None:
    with pytest.raises(ValueError, match="reference"):
        rules_from_references({"a": []})
    with pytest.raises(ValueError, match="studio"):
        recommend_fabrics_localized(EXAMPLE, rules_source="studio")


def test_the_studios_rules_answer_the_public_call() -> None:
    look = measure_look(satin(0.3, seed=4)).as_attrs()
    rows = recommend_fabrics_localized(look, rules_source="studio", references=references(), top_k=2)
    assert len(rows) == 2
    assert rows[0].name == "file"


@pytest.mark.photos
def test_rules_beat_chance_clearly_on_real_photographs(fabric_photos: Path) -> None:
    """Shipped rules and rules of whole other samples; the benchmark prints the figures, this guards against loss."""
    manifest = fabric_photos / "manifest.csv"
    if not manifest.is_file():
        pytest.skip("no manifest.csv says what the photographs show")
    mapping = load_mapping()
    with manifest.open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["class"] in mapping and row["class"] != "leather"]
    folders = [folder for folder in (fabric_photos, *fabric_photos.resolve().parents) if rows]
    base = next((folder for folder in folders if (folder / rows[0]["path"]).is_file()), None)
    samples: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        samples[row["sample_id"]].append(row)
    classes = sorted({row["class"] for row in rows})
    if base is None or len(classes) < 4 or len(samples) < 2 * len(classes):
        pytest.skip("too few fabrics of the rules among these photographs")

    # At most four photos a sample keep this short.
    chosen = {name: own[:: max(1, len(own) // 4)][:4] for name, own in samples.items()}
    looks = {name: [measure_look(Image.open(base / row["path"])) for row in own] for name, own in chosen.items()}
    label = {name: own[0]["class"] for name, own in chosen.items()}
    shipped = load_rules("fine").only({mapping[name] for name in classes})
    names = sorted(looks)
    random.Random(0).shuffle(names)
    right_shipped = right_studio = total = 0
    for fold in range(5):
        held_out = names[fold::5]
        known: dict[str, list[Look]] = defaultdict(list)
        for name in names:
            if name not in held_out:
                known[label[name]] += looks[name]
        studio = rules_from_references(known)
        for name in held_out:
            for look in looks[name]:
                attrs = look.as_attrs()
                total += 1
                right_shipped += shipped.score(attrs)[0].fabric_id == mapping[label[name]]
                right_studio += studio.score(attrs)[0].fabric_id == label[name]
    chance = 1 / len(classes)
    assert right_shipped / total > 2.5 * chance
    assert right_studio / total > 2.5 * chance
