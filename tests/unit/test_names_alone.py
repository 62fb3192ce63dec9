"""With an encoder that knows words a fabric can be named without a photo of it: alone where nothing else speaks, and
with little weight beside references and head."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.bank import build_bank
from fabric_desktop.encoders import registry
from fabric_desktop.encoders.base import Float32Array, unit_rows
from fabric_desktop.encoders.openclip import OpenClipEncoder
from fabric_desktop.encoders.zero_shot import load_prompts
from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.evidence import TEXT_TRUST, TEXT_WEIGHT, Sides, confidence_of, parts_of, pool_sides
from fabric_desktop.jobs import JobContext
from fabric_desktop.names import FabricNames
from fabric_desktop.recognition import Recognition
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.rules import load_rules
from fabric_desktop.studio import Studio
from fabric_desktop.wording import LANGS, remark
from tests.support import CountingEncoder, cloth, make_studio
from tests.unit.encoders.clip_models import SPEAKING, save_model


class Speaking(CountingEncoder):
    """The dummy encoder, which also knows a few words: by their sound, so that nothing comes of it by itself."""

    text_fingerprint = "dummy-words"
    logit_scale = 20.0

    def __init__(self, *, knows: dict[str, Image.Image] | None = None, broken: bool = False) -> None:
        super().__init__()
        self._knows = knows or {}
        self._broken = broken
        self.sentences: list[str] = []

    def text_tower(self) -> Speaking:
        if self._broken:
            raise EncoderUnavailable(encoder=self.id, reason="weights_damaged", detail="words")
        return Speaking._Tower(self)  # type: ignore[return-value]

    class _Tower:
        def __init__(self, encoder: Speaking) -> None:
            self._encoder, self.logit_scale = encoder, encoder.logit_scale

        def encode(self, sentences: Sequence[str]) -> Float32Array:
            self._encoder.sentences += sentences
            rows = []
            for sentence in sentences:
                known = [picture for word, picture in self._encoder._knows.items() if word in sentence.lower()]
                noise = np.random.default_rng(list(sentence.encode())).normal(size=self._encoder.dim)
                rows.append(super(CountingEncoder, self._encoder).encode(known[:1])[0] if known else noise)
            return unit_rows(np.array(rows, np.float32))


def ids(answer: Recognition) -> list[str]:
    return [candidate.id for candidate in answer.candidates]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = make_studio(tmp_path / "名 names", {"cotton": 3, "SW-0417": 3, "真丝缎": 3})
    (studio.fabrics_dir / "tweed").mkdir()  # a fabric without any reference
    build_bank(studio, CountingEncoder(), JobContext())
    return studio


# ---------------------------------------------------------------- weighing


def test_names_count_a_little_beside_what_was_seen_and_all_where_nothing_was() -> None:
    sides = Sides(bank={"a": 0.8, "b": 0.2}, text={"a": 0.1, "b": 0.3, "c": 0.6})
    assert sides.visual == pytest.approx({"a": 0.95 * 0.8 + 0.05 * 0.1, "b": 0.95 * 0.2 + 0.05 * 0.3, "c": 0.05 * 0.6})
    assert TEXT_WEIGHT == 0.05
    assert Sides(text={"c": 0.6}).visual == {"c": 0.6}
    assert Sides(bank={"a": 1.0}).visual == {"a": 1.0}


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5, 0.7, 1.0])
@pytest.mark.parametrize("seen", [{}, {"a": 0.8, "b": 0.2}])
def test_the_parts_of_a_score_add_up_to_it_with_the_names_among_them(seen: dict[str, float], alpha: float) -> None:
    sides = Sides(rules={"a": 0.2, "b": 0.9}, bank=seen, head=seen, text={"a": 0.3, "c": 0.7})
    parts = parts_of(sides, alpha)
    for fabric, score in pool_sides(sides, alpha):
        assert sum(parts[fabric]) == pytest.approx(score, abs=1e-12)
    assert (parts["c"][3] > 0) == (alpha < 1.0)


def test_an_unmeasured_side_never_moves_the_figures_that_were_measured() -> None:
    seen = {"a": 0.8, "b": 0.2}
    sides = Sides(bank=seen, text={"a": 0.0, "b": 1.0})
    assert confidence_of(sides, pool_sides(sides, 0.1), 0.1, strange=False) == pytest.approx(seen)
    also = Sides(bank=seen, text={"b": 0.4, "c": 0.6})
    figures = confidence_of(also, pool_sides(also, 0.1), 0.1, strange=False)
    assert figures["c"] == pytest.approx(TEXT_WEIGHT * 0.6)
    assert sum(figures.values()) == pytest.approx(1.0)
    assert figures["a"] / figures["b"] == pytest.approx(4.0)


def test_names_alone_are_never_called_sure() -> None:
    alone = Sides(text={"a": 1.0, "b": 0.0})
    assert confidence_of(alone, pool_sides(alone, 0.0), 0.0, strange=False)["a"] == TEXT_TRUST


# ---------------------------------------------------------------- what a fabric is called


def test_a_fabric_is_asked_about_by_words_a_caption_may_hold(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "words", dict.fromkeys(["真丝缎", "1042", "SW-0417", "house_velvet", "0815"], 1))
    (studio.fabrics_dir / "1042" / "fabric.toml").write_text('type = "牛仔布"', encoding="utf-8")
    (studio.fabrics_dir / "0815" / "fabric.toml").write_text('name_en = "Washed ramie"', encoding="utf-8")
    names = FabricNames(studio)
    found = {fabric: names.english(fabric) for fabric in names.studio_ids}
    satin = load_rules("fine").fabric("silk_satin").name_en
    assert found == {
        "真丝缎": satin,
        "1042": "Denim",
        "SW-0417": None,
        "house_velvet": "house velvet",
        "0815": "Washed ramie",
    }


# ---------------------------------------------------------------- recognising


def test_a_fabric_without_a_reference_can_still_be_scored(studio: Studio) -> None:
    answer = Recognizer(studio, Speaking()).recognize(cloth("cotton", 40), top_k=50)
    by_id = {candidate.id: candidate for candidate in answer.candidates}
    tweed, cotton, number = by_id["tweed"], by_id["cotton"], by_id["SW-0417"]
    assert tweed.retrieval is None
    assert tweed.text is not None
    assert tweed.parts[3] > 0
    assert tweed.confidence == pytest.approx(TEXT_WEIGHT * tweed.text)
    assert cotton.text is not None
    assert number.text is None  # an article number says nothing to a caption
    assert number.parts[3] == 0
    assert ids(answer)[0] == "cotton"
    assert sum(candidate.confidence for candidate in answer.candidates) == pytest.approx(1.0)


def test_names_that_only_the_rules_know_do_not_push_into_a_library(studio: Studio) -> None:
    answer = Recognizer(studio, Speaking()).recognize(cloth("cotton", 40), top_k=50)
    own = {"cotton", "SW-0417", "真丝缎", "tweed"}
    assert {candidate.id for candidate in answer.candidates if candidate.text is not None} <= own
    assert set(ids(answer)[:4]) == own


def test_fabrics_of_one_name_share_what_it_is_given(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "twins", {"1": 2, "2": 2, "linen": 2})
    for fabric in ("1", "2"):
        (studio.fabrics_dir / fabric / "fabric.toml").write_text('type = "denim"', encoding="utf-8")
    answer = Recognizer(studio, Speaking()).recognize(cloth("1", 4), method="text", top_k=50)
    by_id = {candidate.id: candidate.text for candidate in answer.candidates}
    assert by_id["1"] == by_id["2"]
    assert sum(value for value in by_id.values() if value is not None) == pytest.approx(1.0)


def test_without_any_bank_the_names_answer_and_it_is_said_that_nobody_measured_them(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "new")
    picture = cloth("a tweed", 1)
    answer = Recognizer(studio, Speaking(knows={"tweed": picture})).recognize(picture, top_k=3)
    assert answer.candidates[0].id == "tweed"
    assert answer.candidates[0].parts[3] > answer.candidates[0].parts[0]
    assert answer.candidates[0].confidence <= TEXT_TRUST
    assert not answer.calibrated
    (notice,) = answer.notices
    assert notice.code == "text_alone"
    assert "not yet measured" in remark(notice.code, "en", **notice.params)
    assert "尚未实测" in remark(notice.code, "zh", **notice.params)


def test_an_encoder_without_words_answers_as_before(studio: Studio) -> None:
    answer = Recognizer(studio, CountingEncoder()).recognize(cloth("cotton", 40), top_k=50)
    assert all(candidate.text is None and candidate.parts[3] == 0 for candidate in answer.candidates)
    with pytest.raises(EncoderUnavailable) as refused:
        Recognizer(studio, CountingEncoder()).recognize(cloth("cotton", 40), method="text")
    assert refused.value.params["reason"] == "no_words"


def test_words_that_cannot_be_had_are_a_notice_and_the_rest_still_answers(studio: Studio) -> None:
    answer = Recognizer(studio, Speaking(broken=True)).recognize(cloth("cotton", 40))
    assert ids(answer)[0] == "cotton"
    assert [notice.code for notice in answer.notices] == ["text_failed"]
    for lang in LANGS:
        assert remark("text_failed", lang, **answer.notices[0].params)


def test_the_names_are_told_to_the_model_once(studio: Studio) -> None:
    encoder = Speaking()
    recognizer = Recognizer(studio, encoder)
    first = recognizer.recognize(cloth("cotton", 40), top_k=50)
    told = len(encoder.sentences)
    assert told == len(load_prompts().templates) * 3  # cotton, silk satin, tweed
    assert recognizer.recognize(cloth("cotton", 40), top_k=50).candidates == first.candidates
    assert len(encoder.sentences) == told


# ---------------------------------------------------------------- the real tokenizer and text side


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch")
    open_clip: Any = pytest.importorskip("open_clip")
    return save_model(open_clip, tmp_path_factory.mktemp("小 clip") / "tiny", model=SPEAKING)


@pytest.fixture
def clip(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenClipEncoder:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    found = registry.load_encoder(f"local-dir:{tiny}")
    assert isinstance(found, OpenClipEncoder)
    return found


def test_a_small_random_model_names_every_fabric_of_the_rules_without_a_photo(
    clip: OpenClipEncoder, tmp_path: Path
) -> None:
    answer = Recognizer(make_studio(tmp_path / "new"), clip).recognize(cloth("any"), top_k=100)
    assert {c.id for c in answer.candidates if c.text is not None} == {f.id for f in load_rules("fine").fabrics}
    assert sum(c.text for c in answer.candidates if c.text is not None) == pytest.approx(1.0)
    assert [notice.code for notice in answer.notices] == ["text_alone"]


def test_a_small_random_model_is_fused_with_its_own_references(clip: OpenClipEncoder, tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "library", {"cotton": 3, "denim": 3})
    (studio.fabrics_dir / "lace").mkdir()
    build_bank(studio, clip, JobContext())
    recognizer = Recognizer(studio, clip)
    answer = recognizer.recognize(cloth("cotton", 9), top_k=50)
    by_id = {candidate.id: candidate for candidate in answer.candidates}
    alone = {c.id: c.text for c in recognizer.recognize(cloth("cotton", 9), method="text", top_k=50).candidates}
    for fabric in ("cotton", "denim", "lace"):
        assert by_id[fabric].text is not None
        assert sum(by_id[fabric].parts) == pytest.approx(by_id[fabric].score)
    assert by_id["lace"].retrieval is None
    assert set(alone) == {"cotton", "denim", "lace"} | {f.id for f in load_rules("fine").fabrics}
