"""What stands beneath an answer: the declared type, what speaks against it, that its figures are not calibrated yet;
and the rules it is judged by, which a person chooses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox

from fabric_desktop.bank import build_bank
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.jobs import JobContext
from fabric_desktop.notices import Notice
from fabric_desktop.recognition import Kind, Recognition, Unknown
from fabric_desktop.studio import Studio, load_settings, save_setting
from fabric_desktop.ui.candidate_row import part_colors
from fabric_desktop.ui.problems import cure_of
from fabric_desktop.ui.widgets import Text
from tests.ui.conftest import Person

NEARER = (
    "The region shows little of the photograph. If your reference photos show more of the cloth, take a larger region, "
    "or the whole (W)."
)


def show(person: Person, change: Callable[[Recognition], Recognition]) -> None:
    """Show the answer on the selected region, changed."""
    region = person.region
    assert region.recognition is not None
    region.recognition = change(region.recognition)
    person.window.results.refresh()


def beneath(person: Person) -> tuple[str, str]:
    row = person.window.results.rows[0]
    return (
        row.kinds.text().replace("\N{NO-BREAK SPACE}", " ") if row.kinds.isVisible() else "",
        row.against.text() if row.against.isVisible() else "",
    )


@pytest.fixture
def declared(make_window: Callable[[Path], Person], studio: Studio, photo: Path) -> Person:
    """A person at a studio in which the wool is declared a tweed of herringbone, and nothing else anything."""
    sheet = studio.fabrics_dir / "wool" / "fabric.toml"
    sheet.write_text('type = "粗花呢"\nstructure = "herringbone twill"\n', encoding="utf-8")
    build_bank(studio, DummyEncoder(), JobContext())
    person = make_window(studio.root)
    person.open(photo)
    return person


def test_the_type_stands_beneath_the_first_candidate_and_says_over_which_fabrics(declared: Person) -> None:
    declared.click(750, 300)
    answer = declared.answered().recognition
    assert answer is not None
    assert declared.first_name() == "Wool"
    kinds, _ = beneath(declared)
    assert kinds.startswith("Type: Tweed ")
    assert "· Herringbone twill " in kinds
    assert "Wool" in declared.window.results.rows[0].kinds.toolTip()
    declared.window.bench.answers.set_language("zh")
    declared.settle()
    assert beneath(declared)[0].startswith("类别：粗花呢 ")


def test_nothing_is_said_of_types_where_nobody_declared_one_or_the_cloth_is_not_in_the_library(
    declared: Person,
) -> None:
    declared.click(750, 300)
    declared.answered()
    show(declared, lambda answer: replace(answer, unknown=Unknown("far", {})))
    assert beneath(declared) == ("", NEARER)
    show(declared, lambda answer: replace(answer, unknown=None, types=(), structures=()))
    assert beneath(declared)[0] == ""


def test_what_speaks_against_the_first_candidate_is_said_beneath_it(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    against = Notice("sheen_missing", {"value": 0.02, "low": 0.3, "high": 0.8})

    def contradicted(answer: Recognition) -> Recognition:
        first = replace(answer.candidates[0], reasons=(against,), contradictions=(against,))
        return replace(answer, candidates=(first, *answer.candidates[1:]))

    show(person, contradicted)
    assert beneath(person)[1] == "But note: This fabric usually shines; less sheen is seen here."
    show(person, lambda answer: replace(answer, unknown=Unknown("far", {})))
    assert beneath(person)[1] == NEARER


def test_a_cloth_that_fills_the_photograph_is_not_asked_for_more_of_it(person_with_bank: Person) -> None:
    person = person_with_bank
    person.key(Qt.Key.Key_W)
    person.answered()
    show(person, lambda answer: replace(answer, unknown=Unknown("far", {})))
    assert beneath(person) == ("", "")


def test_figures_that_are_not_calibrated_here_are_marked_until_they_are(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    answer = person.answered().recognition
    assert answer is not None
    assert not answer.calibrated
    mark = person.window.results.legend.note
    assert mark.isVisible()
    assert "not yet calibrated" in mark.text()
    assert mark.toolTip()
    show(person, lambda answer: replace(answer, calibrated=True))
    assert not mark.isVisible()


def test_the_copied_answer_holds_the_type_and_the_mark(declared: Person) -> None:
    declared.click(750, 300)
    declared.answered()
    declared.window.actions_["copy_result"].trigger()
    text = QApplication.clipboard().text()
    assert "Type: Tweed" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "not yet calibrated" in text
    declared.window.actions_["copy_json"].trigger()
    value = json.loads(QApplication.clipboard().text())
    assert value["types"][0]["id"] == "tweed"
    assert value["types"][0]["fabrics"] == ["wool"]
    assert value["structures"][0]["id"] == "herringbone"
    assert value["calibrated"] is False


def choose_rules(person: Person, source: str) -> None:
    """On the settings page, which stays open."""
    person.window.actions_["settings_page"].trigger()
    person.settle()
    box = person.window.pages.settings.rows["rules_source"].editor.field
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData(source))
    box.activated.emit(box.currentIndex())
    person.settle()


def test_the_rules_can_be_those_of_the_own_references_and_stay_so(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    choose_rules(person, "studio")
    answer = person.region.recognition
    assert answer is not None
    assert answer.rules_source == "studio"
    assert load_settings(studio).rules_source == "studio"
    choose_rules(person, "coarse")
    assert person.region.recognition is not None
    assert person.region.recognition.rules_source == "coarse"


def test_rules_that_cannot_be_made_are_refused_with_the_way_out_and_the_old_ones_stay(
    person: Person, studio: Studio
) -> None:
    person.click(150, 300)
    person.answered()
    choose_rules(person, "studio")
    assert "No rules can be made from your references" in person.window.pages.settings.banner.what.text()
    assert load_settings(studio).rules_source == "fine"


def test_a_kept_choice_that_no_longer_holds_is_said_beside_the_answer(
    make_window: Callable[[Path], Person], studio: Studio, photo: Path
) -> None:
    for fabric in ("denim", "linen"):
        for reference in studio.reference_photos(fabric)[1:]:
            reference.unlink()
    build_bank(studio, DummyEncoder(), JobContext())
    save_setting(studio, "rules_source", "studio")
    person = make_window(studio.root)
    person.open(photo)
    person.click(150, 300)
    answer = person.answered().recognition
    assert answer is not None
    (notice,) = answer.notices
    assert notice.code == "studio_rules_failed"
    assert cure_of(notice.params["error"]) == "show_library"  # type: ignore[arg-type]


def test_the_share_of_names_has_its_own_colour_and_word(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    results = person.window.results
    assert "names (not yet measured)" not in {word.text() for word in results.legend._words if word.isVisible()}

    def named(answer: Recognition) -> Recognition:
        first = replace(answer.candidates[0], text=0.4, parts=(0.1, 0.5, 0.0, 0.3))
        return replace(answer, candidates=(first, *answer.candidates[1:]))

    show(person, named)
    assert "names (not yet measured)" in {word.text() for word in results.legend._words if word.isVisible()}
    assert "zero-shot" in results.rows[0].bar.toolTip()
    assert len({color.name() for color in part_colors(results.palette())}) == 4


def test_a_type_is_counted_in_whole_per_cents_and_never_as_more_than_it_is(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    show(person, lambda answer: replace(answer, types=(Kind("denim", "Denim", "牛仔布", 0.9999, ("denim",)),)))
    assert beneath(person)[0] == "Type: Denim 99 %"


def notices(person: Person) -> list[str]:
    return [text.text() for text in person.window.results.content.findChildren(Text) if text.isVisible()]


def test_before_there_is_a_bank_it_is_said_who_answers_in_its_place(person: Person) -> None:
    person.click(150, 300)
    answer = person.answered().recognition
    assert answer is not None
    assert "No bank yet: the rules alone answer." in notices(person)
    missing = answer.notices[0].params
    show(person, lambda answer: replace(answer, notices=(Notice("text_alone", missing),)))
    person.wait(lambda: "No bank yet: names of fabrics (not yet measured) and rules answer." in notices(person))
    show(person, lambda answer: replace(answer, notices=(Notice("retrieval_failed", missing),)))
    person.wait(lambda: any("the trained head and the rules" in words for words in notices(person)))
    assert not [words for words in notices(person) if words.startswith("No bank yet")]
