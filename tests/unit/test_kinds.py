"""Same cloth and type are two answers: the fabrics that people declared to be of one type are added up, and nothing is
said where nobody declared one."""

from __future__ import annotations

from pathlib import Path

import pytest

from fabric_desktop.bank import build_bank
from fabric_desktop.jobs import JobContext
from fabric_desktop.kinds import structures_of, types_of
from fabric_desktop.names import FabricNames, folded
from fabric_desktop.recognition import Kind, worth_saying
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.rules import find_structure, load_rules, load_structures
from fabric_desktop.studio import Studio
from tests.support import CountingEncoder, cloth, make_studio

DECLARED = {
    "1042": 'type = "Denim"\nstructure = "3/1 twill, left-hand"',
    "1043": 'type = "牛仔布"\nstructure = "右斜纹 3/1"',
    "2001": 'type = "House Crepe"\nstructure = "our own weave"',
    "2002": 'type = "house  crepe"',
    "denim": "",
    "plain old": "",
}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = make_studio(tmp_path / "类 kinds", dict.fromkeys(DECLARED, 3))
    for fabric, text in DECLARED.items():
        if text:
            (studio.fabrics_dir / fabric / "fabric.toml").write_text(text, encoding="utf-8")
    build_bank(studio, CountingEncoder(), JobContext())
    return studio


def test_the_type_is_the_sum_over_its_fabrics_and_named_in_both_languages(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    seen = recognizer.observe(cloth("1042", 70))
    answer = recognizer.rank(seen, top_k=500, lang="en")
    confidence = {candidate.id: candidate.confidence for candidate in answer.candidates}
    first = answer.types[0]
    assert (first.id, first.name) == ("denim", "Denim")
    assert first.other_name == load_rules("fine").fabric("denim").name_zh
    assert first.fabrics[0] == "1042"
    assert set(first.fabrics) == {"1042", "1043", "denim"}
    assert first.confidence == pytest.approx(sum(confidence[fabric] for fabric in first.fabrics))
    assert first.confidence > confidence["1042"]
    assert recognizer.rank(seen, lang="zh").types[0].name == first.other_name


def test_fabrics_beyond_the_shown_ones_count_too(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    seen = recognizer.observe(cloth("1042", 70))
    assert recognizer.rank(seen, top_k=1).types == recognizer.rank(seen, top_k=500).types


def test_a_structure_is_known_by_the_name_in_what_was_written(studio: Studio) -> None:
    answer = Recognizer(studio, CountingEncoder()).recognize(cloth("1043", 71), lang="zh")
    twill = answer.structures[0]
    assert (twill.name, twill.other_name, set(twill.fabrics)) == ("斜纹", "Twill weave", {"1042", "1043"})
    assert {kind.name for kind in answer.structures} == {"斜纹", "our own weave"}


def test_a_word_that_the_rules_do_not_know_is_a_type_as_it_was_written(studio: Studio) -> None:
    names = FabricNames(studio)
    (crepe,) = types_of(names, {"2001": 0.25, "2002": 0.5}, "zh")
    assert crepe.name.lower().split() == ["house", "crepe"]
    assert crepe.confidence == pytest.approx(0.75)
    assert crepe.fabrics == ("2002", "2001")
    assert folded(crepe.name) == crepe.id


def test_a_family_of_fabrics_can_be_a_type(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "family", {"k 1": 1})
    (studio.fabrics_dir / "k 1" / "fabric.toml").write_text('type = "Pile and Fleece"', encoding="utf-8")
    (kind,) = types_of(FabricNames(studio), {"k 1": 1.0}, "zh")
    assert kind.name == load_rules("coarse").fabric("pile").name_zh


def test_a_familys_own_name_means_the_family_and_not_a_fabric_that_is_also_called_so(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "knits", {"k 1": 1, "k 2": 1})
    for fabric, word in (("k 1", "Knits"), ("k 2", "针织类")):
        (studio.fabrics_dir / fabric / "fabric.toml").write_text(f'type = "{word}"', encoding="utf-8")
    (kind,) = types_of(FabricNames(studio), {"k 1": 0.5, "k 2": 0.25}, "en")
    assert (kind.name, kind.confidence) == ("Knits", 0.75)


def test_where_nobody_declared_anything_nothing_is_said(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "silent", {"denim": 3, "cotton": 3})
    build_bank(studio, CountingEncoder(), JobContext())
    answer = Recognizer(studio, CountingEncoder()).recognize(cloth("denim", 1))
    assert (answer.types, answer.structures) == ((), ())
    assert structures_of(FabricNames(studio), {"denim": 1.0}, "en") == ()


def test_only_a_type_that_is_likelier_than_not_is_said_aloud() -> None:
    def kind(confidence: float) -> Kind:
        return Kind("denim", "Denim", "牛仔布", confidence, ("1042",))

    assert worth_saying(()) is None
    assert worth_saying((kind(0.49),)) is None
    assert worth_saying((kind(0.5), kind(0.3))) == kind(0.5)


def test_cosines_are_never_added_up_to_a_type(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    recognizer.textbook_bank(JobContext())
    assert recognizer.recognize(cloth("1042", 70), method="textbook").types == ()


def test_a_type_is_less_probable_for_a_cloth_that_is_in_no_library(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    for seed in range(30):
        answer = recognizer.recognize(cloth(f"strange {seed}", seed))
        if answer.unknown is not None:
            assert sum(kind.confidence for kind in answer.types) <= 0.1 + 1e-6
            return
    pytest.fail("no strange cloth was called unknown")


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ("3/1 twill", "twill"),
        ("Herringbone twill", "herringbone"),
        ("右斜纹", "twill"),
        ("2x2 RIB", "rib"),
        ("ribbon", None),
        ("汗布 40 支", "single_jersey"),
        ("", None),
    ],
)
def test_a_declared_structure_is_read_as_people_write_it(text: str, structure: str | None) -> None:
    found = find_structure(text)
    assert (found.id if found is not None else None) == structure


def test_every_structure_has_a_chinese_and_an_english_name_of_its_own() -> None:
    structures = load_structures()
    assert len({structure.id for structure in structures}) == len(structures)
    for structure in structures:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in structure.name_zh)
        assert structure.name_en.isascii()
        for name in (structure.name_zh, structure.name_en):
            assert find_structure(name) == structure
