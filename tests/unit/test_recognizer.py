"""One photo, one answer: the three levels together or alone, the same whenever the same is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fabric_desktop import rank_by_retrieval
from fabric_desktop.bank import build_bank
from fabric_desktop.encoders.builtin import BuiltinEncoder
from fabric_desktop.encoders.drawn_cloth import draw_cloth
from fabric_desktop.errors import HeadMissing
from fabric_desktop.fusion import pool, to_weights
from fabric_desktop.head import train_head
from fabric_desktop.imaging import content_hash
from fabric_desktop.jobs import JobContext
from fabric_desktop.recognition import Candidate, confidence_word
from fabric_desktop.recognizer import DEFAULT_ALPHA, Recognizer
from fabric_desktop.studio import Studio, save_setting, use_version
from fabric_desktop.studio.files import read_json, write_json
from fabric_desktop.wording import remark
from tests.support import CountingEncoder, add_patches, cloth, make_studio, save_photo, tree
from tests.unit.attributes.cloths import weave
from tests.unit.recognizing import ids, studio_with_bank, with_head


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return studio_with_bank(tmp_path / "我的 studio")


@pytest.fixture
def trained(studio: Studio) -> Studio:
    return with_head(studio)


# ---------------------------------------------------------------- one answer


def test_the_right_fabric_comes_first_with_its_evidence(studio: Studio) -> None:
    recognition = Recognizer(studio, CountingEncoder()).recognize(cloth("真丝缎", 50), top_k=4, lang="zh")
    first = recognition.candidates[0]
    assert first.id == "真丝缎"
    assert len(recognition.candidates) == 4
    assert first.retrieval == pytest.approx(first.nearest[0].similarity, abs=1e-6)
    assert [match.fabric_id for match in first.nearest] == ["真丝缎"] * 3
    similarities = [match.similarity for match in first.nearest]
    assert similarities == sorted(similarities, reverse=True)
    assert all((studio.root / match.photo).is_file() for match in first.nearest)
    assert (recognition.encoder, recognition.device, recognition.method) == ("dummy", "cpu", "fused")
    assert recognition.notices == ()


@pytest.mark.parametrize("method", ["fused", "rules", "retrieval", "head", "textbook"])
def test_the_same_patch_gives_the_same_answer_to_the_last_bit(trained: Studio, method: Any) -> None:
    patch = cloth("cotton", 51)

    def answer(recognizer: Recognizer) -> tuple[Candidate, ...]:
        if method == "textbook":
            recognizer.textbook_bank(JobContext())
        return recognizer.recognize(patch, method=method, top_k=50).candidates

    used = Recognizer(trained, CountingEncoder())
    first = answer(used)
    assert first
    for other in ("file", "真丝缎"):
        used.recognize(cloth(other, 3))
    assert answer(used) == first
    assert answer(Recognizer(trained, CountingEncoder())) == first
    assert answer(Recognizer(trained)) == first  # loaded by the registry, as the window does


def test_confidences_are_shares_of_one_and_scores_best_first(trained: Studio) -> None:
    recognizer = Recognizer(trained, CountingEncoder())
    for method in ("fused", "rules", "retrieval", "head"):
        recognition = recognizer.recognize(cloth("file", 7), method=method, top_k=500)  # type: ignore[arg-type]
        scores = [candidate.score for candidate in recognition.candidates]
        assert scores == sorted(scores, reverse=True)
        assert sum(candidate.confidence for candidate in recognition.candidates) == pytest.approx(1.0, abs=1e-6)
        assert all(0.0 <= candidate.confidence <= 1.0 for candidate in recognition.candidates)
        assert len(set(ids(recognition))) == len(ids(recognition))


def test_each_sides_own_value_stands_beside_the_score(trained: Studio) -> None:
    recognizer = Recognizer(trained, CountingEncoder())
    by_id = {c.id: c for c in recognizer.recognize(cloth("cotton", 5), top_k=500).candidates}
    cotton, sample = by_id["cotton"], by_id["sample 7"]
    assert cotton.rules is not None
    assert 0.0 <= cotton.rules <= 1.0
    assert cotton.retrieval is not None
    assert cotton.head is not None
    assert sum(c.head for c in by_id.values() if c.head is not None) == pytest.approx(1.0, abs=1e-5)
    assert (sample.rules, sample.head) == (None, None)
    assert sample.retrieval is not None
    only_rules = [c for c in by_id.values() if c.retrieval is None]
    assert only_rules
    assert all(c.nearest == () and c.rules is not None for c in only_rules)


def test_the_ends_of_alpha_are_the_rules_order_and_the_visual_order(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    seen = recognizer.observe(cloth("file", 9))
    rules = recognizer.rank(seen, method="rules", top_k=500)
    assert ids(recognizer.rank(seen, alpha=1.0, top_k=500))[: len(ids(rules))] == ids(rules)
    retrieval = recognizer.rank(seen, method="retrieval", top_k=500)
    assert ids(recognizer.rank(seen, alpha=0.0, top_k=500))[: len(ids(retrieval))] == ids(retrieval)


def test_the_fused_score_is_the_documented_formula(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    observation = recognizer.observe(cloth("file", 9))
    recognition = recognizer.rank(observation, alpha=0.4, top_k=500)
    rules = {c.id: c.rules for c in recognition.candidates if c.rules is not None}
    assert observation.embedding is not None
    by_references = recognizer.bank_probabilities(observation.embedding[None])
    assert by_references is not None
    visual = dict(zip(by_references[0], by_references[1][0].tolist(), strict=True))
    # Below alpha 1/2 the rules speak about the library's fabrics; names that they alone know follow with nothing.
    shared = {fabric: score for fabric, score in rules.items() if fabric in visual}
    expected = dict.fromkeys(rules, 0.0) | dict(pool(to_weights(shared), visual, 0.4))
    assert {c.id: c.score for c in recognition.candidates} == pytest.approx(expected)
    heavy = recognizer.rank(observation, alpha=0.6, top_k=500)
    assert {c.id: c.score for c in heavy.candidates} == pytest.approx(dict(pool(to_weights(rules), visual, 0.6)))


def test_another_alpha_or_top_k_gives_what_asking_anew_gives(studio: Studio) -> None:
    kept, seen = Recognizer(studio, CountingEncoder()), Recognizer(studio, CountingEncoder()).observe(cloth("file", 9))
    other = kept.observe(cloth("cotton", 2))
    for observation in (seen, other, seen):
        for alpha in (0.0, 0.3, 0.8):
            for top_k in (1, 4):
                anew = Recognizer(studio, CountingEncoder()).rank(observation, alpha=alpha, top_k=top_k)
                assert kept.rank(observation, alpha=alpha, top_k=top_k) == anew


def test_the_rules_answer_for_the_patch_and_the_source_that_were_asked_about(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    for source in ("fine", "coarse", "coarse", "fine"):
        for fabric in ("cotton", "file"):
            patch = cloth(fabric, 9)
            anew = Recognizer(studio, CountingEncoder()).recognize(patch, rules_source=source)  # type: ignore[arg-type]
            assert recognizer.recognize(patch, rules_source=source) == anew  # type: ignore[arg-type]


def test_the_picture_of_a_patch_is_only_looked_at(studio: Studio) -> None:
    patch = cloth("file", 9)
    patch.info["dpi"] = (300, 300)
    before = patch.tobytes()
    Recognizer(studio, CountingEncoder()).recognize(patch)
    assert (patch.tobytes(), patch.info) == (before, {"dpi": (300, 300)})


def test_what_was_heard_of_a_patch_is_forgotten_when_the_library_changes(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    seen = recognizer.observe(cloth("linen", 1))
    assert "linen" not in {match.fabric_id for c in recognizer.rank(seen).candidates for match in c.nearest}
    save_photo(studio.fabrics_dir / "linen" / "ref.png", cloth("linen", 1))
    build_bank(studio, CountingEncoder(), JobContext())
    assert recognizer.rank(seen).candidates[0].nearest[0].fabric_id == "linen"


def test_where_the_rules_lead_the_confidence_is_not_called_calibrated(studio: Studio, monkeypatch: Any) -> None:
    monkeypatch.setattr("fabric_desktop.classifier.temperature.ENOUGH_ANSWERS", 1)
    recognizer = Recognizer(studio, CountingEncoder())
    said = {alpha: recognizer.recognize(cloth("cotton", 5), alpha=alpha).calibrated for alpha in (0.1, 0.5, 1.0)}
    assert said == {0.1: True, 0.5: False, 1.0: False}


def test_names_come_in_both_languages(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    seen = recognizer.observe(cloth("cotton", 2))
    zh = {c.id: c for c in recognizer.rank(seen, top_k=500, lang="zh").candidates}
    en = {c.id: c for c in recognizer.rank(seen, top_k=500, lang="en").candidates}
    assert (zh["cotton"].name, zh["cotton"].other_name) == (en["cotton"].other_name, en["cotton"].name)
    assert zh["cotton"].name != en["cotton"].name
    assert zh["sample 7"].name == en["sample 7"].name == "sample 7"


def test_satin_without_sheen_is_ranked_by_the_references_and_contradicted_by_the_rules(tmp_path: Path) -> None:
    matt = make_studio(tmp_path / "matt", {"linen": 3})
    for number in range(3):
        save_photo(matt.fabrics_dir / "silk_satin" / f"{number}.png", weave(threads=20, seed=number))
    build_bank(matt, CountingEncoder(), JobContext())
    answer = Recognizer(matt, CountingEncoder()).recognize(weave(threads=20, seed=9))
    first = answer.candidates[0]
    assert first.id == "silk_satin"
    assert "sheen_missing" in {notice.code for notice in first.contradictions}
    assert all(notice in first.reasons for notice in first.contradictions)
    for lang in ("zh", "en"):
        assert remark("sheen_missing", lang, **first.contradictions[0].params)


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (3, 2), (2000, 1500)])
def test_a_patch_of_any_size_is_answered(studio: Studio, size: tuple[int, int]) -> None:
    recognition = Recognizer(studio, CountingEncoder()).recognize(Image.new("RGB", size, (90, 40, 30)))
    assert len(recognition.candidates) == 5


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "F", "LA"])
def test_a_patch_of_any_mode_is_answered(studio: Studio, mode: str) -> None:
    assert Recognizer(studio, CountingEncoder()).recognize(cloth("cotton").convert(mode)).candidates


# ---------------------------------------------------------------- re-ranking costs nothing


def test_another_alpha_or_top_k_needs_no_new_encoding(trained: Studio) -> None:
    encoder = CountingEncoder()
    recognizer = Recognizer(trained, encoder)
    seen = recognizer.observe(cloth("cotton", 8))
    for alpha in (0.0, 0.3, 1.0, "auto"):
        for top_k in (1, 3, 20):
            assert len(ids(recognizer.rank(seen, alpha=alpha, top_k=top_k))) <= top_k  # type: ignore[arg-type]
    for method in ("rules", "retrieval", "head", "fused"):
        recognizer.rank(seen, method=method)  # type: ignore[arg-type]
    assert encoder.pictures == 1


def test_the_look_alone_needs_no_encoder(studio: Studio) -> None:
    encoder = CountingEncoder()
    recognition = Recognizer(studio, encoder).recognize(cloth("cotton"), method="rules")
    assert encoder.pictures == 0
    assert recognition.alpha == 1.0
    assert all(c.retrieval is None and c.head is None for c in recognition.candidates)


def test_asking_writes_nothing_into_the_studio(studio: Studio) -> None:
    before = tree(studio.root)
    Recognizer(studio, CountingEncoder()).recognize(cloth("cotton"))
    Recognizer(studio, CountingEncoder()).status()
    assert tree(studio.root) == before


# ---------------------------------------------------------------- changes are noticed


def test_a_rebuilt_bank_is_noticed_at_the_next_question(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    patch = cloth("wool", 3)
    assert "wool" not in ids(recognizer.recognize(patch, method="retrieval", top_k=50))
    save_photo(studio.fabrics_dir / "wool" / "1.png", cloth("wool"))
    build_bank(studio, CountingEncoder(), JobContext())
    assert ids(recognizer.recognize(patch, method="retrieval"))[0] == "wool"
    use_version(studio, "v1")
    assert "wool" not in ids(recognizer.recognize(patch, method="retrieval", top_k=50))


def test_a_new_head_and_a_roll_back_are_noticed(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    patch = cloth("cotton", 5)
    before = recognizer.recognize(patch).candidates
    with pytest.raises(HeadMissing):
        recognizer.recognize(patch, method="head")
    for fabric in ("cotton", "file"):
        add_patches(studio, fabric, 10)
    train_head(studio, CountingEncoder(), JobContext())
    assert ids(recognizer.recognize(patch, method="head"))[0] == "cotton"
    use_version(studio, "v1")
    assert recognizer.recognize(patch).candidates == before


def test_the_references_of_the_querys_own_photo_can_be_left_out(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    photo = studio.reference_photos("cotton")[0]
    seen = recognizer.observe(Image.open(photo))
    assert recognizer.rank(seen, method="retrieval").candidates[0].retrieval == pytest.approx(1.0, abs=1e-5)
    left = recognizer.rank(seen, method="retrieval", without=frozenset({content_hash(photo)})).candidates
    cotton = next(c for c in left if c.id == "cotton")
    assert cotton.retrieval is not None
    assert cotton.retrieval < 0.9999
    assert len(cotton.nearest) == 2


# ---------------------------------------------------------------- alpha and top-k


def test_alpha_comes_from_the_question_else_the_settings_else_the_measurement_else_the_default(studio: Studio) -> None:
    patch = cloth("cotton", 5)

    def asked(**options: Any) -> tuple[float, str]:
        recognition = Recognizer(studio, CountingEncoder()).recognize(patch, **options)
        return recognition.alpha, recognition.alpha_source

    assert asked() == (DEFAULT_ALPHA, "default")
    assert asked(alpha=0.3) == (0.3, "given")
    manifest = studio.models_dir / "v1" / "manifest.json"
    write_json(manifest, read_json(manifest) | {"alpha": 0.35, "alpha_rules": "fine"})
    assert asked() == (0.35, "measured")  # already the first answer
    save_setting(studio, "alpha", 0.8)
    assert asked() == (0.8, "settings")
    assert asked(alpha="auto") == (0.35, "measured")


def test_how_many_candidates_comes_from_the_question_else_the_settings(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    assert len(recognizer.recognize(cloth("a")).candidates) == 5
    save_setting(studio, "top_k", 2)
    assert len(recognizer.recognize(cloth("a")).candidates) == 2
    assert len(recognizer.recognize(cloth("a"), top_k=3).candidates) == 3


@pytest.mark.parametrize(
    "options",
    [
        {"alpha": 1.1},
        {"alpha": -0.1},
        {"alpha": "some"},
        {"alpha": float("nan")},
        {"top_k": 0},
        {"top_k": True},
        {"lang": "de"},
        {"method": "guess"},
    ],
)
def test_values_out_of_range_are_refused(studio: Studio, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Recognizer(studio, CountingEncoder()).recognize(cloth("a"), **options)


# ---------------------------------------------------------------- words and the public call


@pytest.mark.parametrize(
    ("confidence", "word"),
    [(1.0, "sure"), (0.9, "sure"), (0.8999, "likely"), (0.5, "likely"), (0.4999, "unsure"), (0.0, "unsure")],
)
def test_a_confidence_has_a_word(confidence: float, word: str) -> None:
    assert confidence_word(confidence) == word


def test_the_public_call_and_the_recognizer_give_one_answer(studio: Studio) -> None:
    for fabric in ("cotton", "真丝缎", "a cloth not in the library"):
        patch = cloth(fabric, 31)
        ranked = rank_by_retrieval(patch, topk=50, bank_path=studio.bank_path)
        recognition = Recognizer(studio, CountingEncoder()).recognize(patch, method="retrieval", top_k=50)
        assert {c.id: c.retrieval for c in recognition.candidates} == {row["id"]: row["score"] for row in ranked}


def test_two_fabrics_are_a_library_that_can_say_no(tmp_path: Path) -> None:
    studio = make_studio(tmp_path)
    rng = np.random.default_rng(5)
    asked = []
    for fabric in ("net", "stripe"):
        drawn = draw_cloth(rng)
        corners = [(left, top, left + 300, top + 300) for left in (0, 148) for top in (0, 148)]
        for number, corner in enumerate(corners):
            save_photo(studio.fabrics_dir / fabric / f"{number}.png", drawn.crop(corner))
        asked.append((fabric, drawn.crop((74, 74, 374, 374))))
    encoder = BuiltinEncoder()
    build_bank(studio, encoder, JobContext())
    recognizer = Recognizer(studio, encoder)
    for fabric, picture in asked:
        answer = recognizer.recognize(picture)
        assert answer.candidates[0].id == fabric
        assert answer.unknown is None
    for strange in (Image.new("RGB", (300, 300), (200, 30, 30)), Image.new("RGB", (300, 300), "white")):
        answer = recognizer.recognize(strange)
        assert answer.unknown is not None
        assert answer.candidates[0].confidence <= 0.1
