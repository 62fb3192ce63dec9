"""The rules can be set from the studio's own references: made once a bank, never from the query's own photo, refused in
words where there is too little."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.attributes import measure_look
from fabric_desktop.bank import Bank, bank_files, build_bank, load_bank
from fabric_desktop.errors import BankMismatch, RulesNeedReferences
from fabric_desktop.evaluation import evaluate
from fabric_desktop.imaging import content_hash, open_photo
from fabric_desktop.jobs import JobContext
from fabric_desktop.loaded import RULES_FABRICS, RULES_REFERENCES
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.rules import ATTRIBUTES, load_rules, rules_from_references
from fabric_desktop.studio import Studio, load_settings, save_setting
from fabric_desktop.studio.files import read_json, write_json
from fabric_desktop.wording import LANGS, explain, remark
from tests.support import CountingEncoder, cloth, make_studio, save_photo

LIBRARY = {"smooth": 4, "striped": 4, "真丝缎": 2}


def striped(seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(-6, 7, (240, 240))
    stripes = np.where(np.arange(240) % 24 < 12, 60, 190)[:, None]
    return Image.fromarray((stripes + noise).astype(np.uint8)).convert("RGB")


def smooth(seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(118, 130, (240, 240), dtype=np.uint8)).convert("RGB")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = make_studio(tmp_path / "规则 rules", {"真丝缎": LIBRARY["真丝缎"]})
    for name, draw in (("smooth", smooth), ("striped", striped)):
        for number in range(LIBRARY[name]):
            save_photo(studio.fabrics_dir / name / f"{number}.png", draw(number))
    build_bank(studio, CountingEncoder(), JobContext())
    return studio


def test_the_studios_own_rules_name_cloth_that_the_shipped_ones_have_never_heard_of(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    own = recognizer.recognize(striped(50), method="rules", rules_source="studio", top_k=50)
    assert own.candidates[0].id == "striped"
    assert own.rules_source == "studio"
    assert {candidate.id for candidate in own.candidates} == set(LIBRARY)
    assert own.candidates[0].reasons
    assert "striped" not in {c.id for c in recognizer.recognize(striped(50), method="rules", top_k=50).candidates}


def test_the_ranges_are_those_of_the_references_looks(studio: Studio) -> None:
    book = Recognizer(studio, CountingEncoder()).rule_book("studio")
    looks = {f: [measure_look(open_photo(p)) for p in studio.reference_photos(f)] for f in studio.fabric_ids()}
    expected = rules_from_references(looks)
    for fabric in LIBRARY:
        assert len(book.fabric(fabric).variants) == LIBRARY[fabric]
        for mine, theirs in zip(book.fabric(fabric).variants, expected.fabric(fabric).variants, strict=True):
            for name in ATTRIBUTES:
                assert mine[name].low == pytest.approx(theirs[name].low, abs=1e-4)


def test_a_recognition_makes_the_rules_once_a_bank_and_anew_after_a_build(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    first = recognizer.rule_book("studio")
    recognizer.recognize(striped(51), rules_source="studio")
    assert recognizer.rule_book("studio") is first
    save_photo(studio.fabrics_dir / "smooth" / "new.png", smooth(9))
    build_bank(studio, CountingEncoder(), JobContext())
    assert len(recognizer.rule_book("studio").fabric("smooth").variants) == LIBRARY["smooth"] + 1


def test_a_patchs_own_photo_sets_no_range_that_it_is_judged_by(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    photo = studio.reference_photos("striped")[0]
    seen = recognizer.observe(open_photo(photo))
    by_all = recognizer.rank(seen, method="rules", rules_source="studio").candidates[0]
    without = frozenset({content_hash(photo)})
    judged = recognizer.rank(seen, method="rules", rules_source="studio", without=without).candidates[0]
    assert judged.id == "striped"
    assert judged.rules is not None
    assert by_all.rules is not None
    assert judged.rules < by_all.rules
    # The rules made for one question are not kept for the next.
    assert recognizer.rank(seen, method="rules", rules_source="studio").candidates[0].rules == by_all.rules


def test_a_version_brings_its_own_ranges_back(studio: Studio) -> None:
    from fabric_desktop.studio import use_version

    before = Recognizer(studio, CountingEncoder()).recognize(striped(52), method="rules", rules_source="studio")
    save_photo(studio.fabrics_dir / "striped" / "new.png", smooth(10))
    build_bank(studio, CountingEncoder(), JobContext())
    use_version(studio, "v1")
    after = Recognizer(studio, CountingEncoder()).recognize(striped(52), method="rules", rules_source="studio")
    assert after.candidates == before.candidates


def test_the_choice_is_a_setting_and_an_unknown_one_is_refused(studio: Studio) -> None:
    assert load_settings(studio).rules_source == "fine"
    save_setting(studio, "rules_source", "studio")
    recognizer = Recognizer(studio, CountingEncoder())
    assert recognizer.recognize(striped(53)).rules_source == "studio"
    assert recognizer.recognize(striped(53), rules_source="coarse").rules_source == "coarse"
    with pytest.raises(ValueError, match="rules_source"):
        recognizer.recognize(striped(53), rules_source="mine")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="rules_source"):
        save_setting(studio, "rules_source", "mine")


def old_index(studio: Studio) -> None:
    """The bank as a version of the program made it that kept no looks."""
    for path in (studio.bank_index_path, studio.models_dir / "v1" / "bank.json"):
        index = read_json(path)
        index.pop("look")
        for rows in index["rows"].values():
            for row in rows:
                row.pop("look")
        write_json(path, index)


def test_too_few_references_are_refused_with_a_clear_word(tmp_path: Path) -> None:
    few = make_studio(tmp_path / "few", {"a": RULES_REFERENCES, "b": RULES_REFERENCES - 1})
    recognizer = Recognizer(few, CountingEncoder())
    with pytest.raises(RulesNeedReferences) as no_bank:
        recognizer.rule_book("studio")
    build_bank(few, CountingEncoder(), JobContext())
    with pytest.raises(RulesNeedReferences) as too_few:
        recognizer.recognize(cloth("a", 9), method="rules", rules_source="studio")
    assert (no_bank.value.params["reason"], too_few.value.params["reason"]) == ("no_bank", "too_few")
    assert (too_few.value.params["found"], too_few.value.params["fabrics"]) == (1, RULES_FABRICS)
    for lang in LANGS:
        assert str(RULES_REFERENCES) in explain(too_few.value, lang).what
    fused = recognizer.recognize(cloth("a", 9), rules_source="studio")
    assert fused.rules_source == "fine"
    (notice,) = fused.notices
    assert notice.code == "studio_rules_failed"
    for lang in LANGS:
        assert str(RULES_REFERENCES) in remark(notice.code, lang, **notice.params)


def test_a_bank_made_before_looks_were_kept_says_so_and_a_build_measures_them_without_encoding_again(
    studio: Studio,
) -> None:
    old_index(studio)
    recognizer = Recognizer(studio, CountingEncoder())
    with pytest.raises(RulesNeedReferences) as refused:
        recognizer.rule_book("studio")
    assert refused.value.params["reason"] == "not_measured"
    assert recognizer.recognize(striped(54)).candidates  # it still recognises
    encoder = CountingEncoder()
    build_bank(studio, encoder, JobContext())
    assert encoder.pictures == 0
    assert recognizer.rule_book("studio").fabric("striped").variants


def test_looks_survive_the_index_and_others_numbers_are_not_taken_for_them(studio: Studio) -> None:
    bank = load_bank(studio.bank_path)
    assert bank.looks is not None
    assert bank.looks.shape == (len(bank.rows), len(ATTRIBUTES))
    again = studio.root / "again.npz"
    for path, data in bank_files(bank, again).items():
        path.write_bytes(data)
    kept = load_bank(again).looks
    assert kept is not None
    assert np.array_equal(kept, bank.looks)
    index = read_json(again.with_suffix(".json"))
    write_json(again.with_suffix(".json"), index | {"look": "0: another measure"})
    assert load_bank(again).looks is None
    index["rows"]["smooth"][0]["look"] = "0.5 2.0"
    write_json(again.with_suffix(".json"), index)
    with pytest.raises(BankMismatch):
        load_bank(again)


def test_a_bank_without_some_references_has_their_looks_taken_out_too(studio: Studio) -> None:
    bank = load_bank(studio.bank_path)
    rest = bank.without(frozenset({bank.rows[0].content_hash}))
    assert isinstance(rest, Bank)
    assert rest.looks is not None
    assert bank.looks is not None
    assert np.array_equal(rest.looks, bank.looks[1:])


def test_families_stand_for_the_fabrics_in_them(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "families", {"poplin": 1, "sw 17": 1, "charmeuse": 1})
    (studio.fabrics_dir / "sw 17" / "fabric.toml").write_text('type = "canvas"', encoding="utf-8")
    recognizer = Recognizer(studio, CountingEncoder())
    coarse = recognizer.recognize(smooth(3), method="rules", rules_source="coarse", top_k=50)
    found = {candidate.id: candidate.rules for candidate in coarse.candidates}
    assert found["poplin"] == found["sw 17"]
    assert not {"cotton_like", "silk_like"} & set(found)
    assert {"charmeuse", "leather", "knit"} <= set(found)


def test_every_fabric_of_the_fine_rules_belongs_to_one_family() -> None:
    families = load_rules("coarse").fabrics
    members = [member for family in families for member in family.members]
    assert sorted(members) == sorted(fabric.id for fabric in load_rules("fine").fabrics)


def test_a_sheet_from_which_every_reference_was_cut_can_be_asked_about(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    bank = recognizer.model.bank
    assert bank is not None
    sheet = frozenset(row.content_hash for row in bank.rows)
    seen = recognizer.observe(striped(50))
    for method in ("fused", "rules"):
        answer = recognizer.rank(seen, method=method, rules_source="studio", without=sheet)
        assert not answer.candidates, method


def test_an_evaluation_by_the_studios_rules_leaves_each_patchs_own_photo_out(studio: Studio) -> None:
    lines = []
    for fabric in LIBRARY:
        for photo in studio.reference_photos(fabric):
            # A reference asked about as a patch: its own look must not be among the ranges.
            copy = studio.labeled_dir / fabric / photo.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(photo.read_bytes())
            lines.append(f'{{"image": "patches/labeled/{fabric}/{photo.name}", "coords": [1, 1], "label": "{fabric}"}}')
    studio.eval_set_path.write_text("\n".join(lines), encoding="utf-8")
    encoder = CountingEncoder()
    scored = evaluate(studio, encoder, JobContext(), method="rules", rules_source="studio")
    assert scored.processed == sum(LIBRARY.values())
    assert scored.by_class["striped"].top1 == 1.0
    fine = evaluate(studio, encoder, JobContext(), method="rules", rules_source="fine")
    assert fine.not_scored >= LIBRARY["smooth"] + LIBRARY["striped"]  # no such fabric in the shipped rules
    few = make_studio(studio.root / "few", {"a": 1})
    few.eval_set_path.write_text(lines[0], encoding="utf-8")
    with pytest.raises(RulesNeedReferences):
        evaluate(few, encoder, JobContext(), method="fused", rules_source="studio")
