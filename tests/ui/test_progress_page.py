"""A person looks how the studio is getting on, follows the advice with its buttons, and saves the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from fabric_desktop.bank import build_bank
from fabric_desktop.encoders.registry import load_encoder
from fabric_desktop.jobs import JobContext
from fabric_desktop.loop import deploy, improve
from fabric_desktop.studio import Studio, open_studio, save_setting
from fabric_desktop.ui.pages.progress_page import ProgressPage
from tests.ui.conftest import Person, cloth, label_some, make_studio
from tests.ui.hands import CONTROL, press


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A studio with a head in use, two references of wool only, and two patches labelled as what they are not."""
    studio = make_studio(tmp_path_factory.mktemp("progress") / "面料 studio")
    (studio.fabrics_dir / "wool" / "ref 2.png").unlink()
    label_some(studio, 10)
    for number in range(2):
        cloth("wool", 900 + number).save(studio.labeled_dir / "denim" / f"slip {number}.png")
    encoder = load_encoder("dummy")
    build_bank(studio, encoder, JobContext())
    deploy(studio, improve(studio, encoder, JobContext()).new.name)
    return studio.root


@pytest.fixture
def person(make_window: Callable[[Path], Person], studio: Studio) -> Person:
    return make_window(studio.root)


@pytest.fixture
def page(person: Person) -> ProgressPage:
    person.key(Qt.Key.Key_P, CONTROL)
    page = person.window.pages.progress
    person.wait(lambda: page.progress is not None)
    person.settle()
    return page


def row_with(page: ProgressPage, words: str) -> object:
    found = [row for row in (*page.advice, *page.pairs) if words in row.text.text()]
    assert found, [row.text.text() for row in (*page.advice, *page.pairs)]
    assert found[0].button is not None
    return found[0].button


def test_it_shows_the_figures_and_both_charts(page: ProgressPage) -> None:
    assert page.lead.text().startswith("Version v2 names ")
    assert "Labelled patches: 32," in page.counts.text()
    assert page.accuracy.is_drawn
    assert page.labels.is_drawn
    assert not page.state.isVisible()


def test_what_lacks_references_leads_to_that_fabric_in_the_library(person: Person, page: ProgressPage) -> None:
    press(person, row_with(page, "Add reference photos of Wool"))
    assert person.window.pages.library.isVisible()
    assert person.window.pages.library.title.text() == "Wool"


def test_a_confused_pair_leads_to_the_fabric_it_is_about(person: Person, page: ProgressPage) -> None:
    press(person, row_with(page, "Denim taken for Wool"))
    assert person.window.review.labelled_dock.isVisible()
    shown = [patch.fabric_id for patch in person.window.review.labelled.patches()]
    assert set(shown) == {"denim"}


def test_a_suspect_label_is_opened_among_the_labels_and_can_be_changed_there(
    person: Person, page: ProgressPage, studio: Studio
) -> None:
    cards = [card for card in page.suspects if "labelled Denim, looks like Wool" in card.text.text()]
    assert cards
    name = cards[0].text.toolTip()
    press(person, cards[0].open_button)
    panel = person.window.review.labelled
    person.wait(lambda: [patch.path.name for patch in panel.grid.chosen()] == [name])
    panel.field.setText("wool")
    press(person, panel.save)
    assert (studio.labeled_dir / "wool" / name).is_file()
    person.wait(lambda: name not in [card.text.toolTip() for card in page.suspects])
    person.settle()


def test_it_speaks_the_other_language_and_wears_the_other_theme(person: Person, page: ProgressPage) -> None:
    person.window.commands.use_language("zh")
    person.settle()
    assert page.windowTitle() == "进展"
    assert page.lead.text().startswith("版本 v2")
    light = page._charts
    person.window.commands.use_theme("dark")
    person.settle()
    assert page._charts != light
    person.window.commands.use_theme("light")
    person.window.commands.use_language("en")
    person.settle()


def test_the_report_is_saved_in_both_languages(
    person: Person, page: ProgressPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "进展 report"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    press(person, page.save_button)
    text = target.with_suffix(".html").read_text(encoding="utf-8")
    assert "<svg" in text
    assert 'lang="zh-CN"' in text
    assert "进展 report.html" in page.banner.what.text()


def test_opening_it_again_gathers_nothing_while_nothing_changed(person: Person, page: ProgressPage) -> None:
    before = len(person.window.bench.runner.entries)
    page.close()
    person.window.actions_["progress_page"].trigger()
    person.settle()
    assert page.isVisible()
    assert len(person.window.bench.runner.entries) == before


def test_a_studio_without_anything_says_what_to_do_first(make_window: Callable[[Path], Person], tmp_path: Path) -> None:
    save_setting(open_studio(tmp_path / "empty", create=True), "encoder", "dummy")
    person = make_window(tmp_path / "empty")
    person.key(Qt.Key.Key_P, CONTROL)
    page = person.window.pages.progress
    person.wait(lambda: page.progress is not None)
    person.settle()
    assert page.lead.text().startswith("No model is in use yet")
    press(person, page.advice[0].button)
    assert person.window.pages.importing.isVisible(), "the first thing to do is one press away"
