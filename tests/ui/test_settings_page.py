"""A person changes settings: in force at once, kept, undone, put back; what makes no sense is never saved."""

from __future__ import annotations

from dataclasses import fields

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox

from fabric_desktop.studio import Settings, Studio, load_settings
from fabric_desktop.ui.pages.settings_page import SettingsPage
from tests.ui.conftest import Person, cloth, label_some
from tests.ui.fitting import cut_texts
from tests.ui.hands import CONTROL


@pytest.fixture
def page(person: Person) -> SettingsPage:
    person.key(Qt.Key.Key_Comma, CONTROL)
    person.settle()
    page = person.window.pages.settings
    assert page.isVisible()
    return page


def choose(person: Person, box: QComboBox, steps: int) -> None:
    """Go down a list by the arrow keys."""
    box.setFocus()
    for _ in range(abs(steps)):
        person.bot.keyClick(box, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)
    person.settle()


def type_number(person: Person, page: SettingsPage, key: str, text: str) -> None:
    box = page.rows[key].editor.field
    box.setFocus()
    box.selectAll()  # type: ignore[attr-defined]
    person.bot.keyClicks(box, text)
    person.bot.keyClick(box, Qt.Key.Key_Return)
    person.settle()


def test_every_setting_there_is_has_its_row_with_name_sentence_and_default(page: SettingsPage) -> None:
    assert set(page.rows) == {field.name for field in fields(Settings)}
    for key, row in page.rows.items():
        assert row.title.text(), key
        assert row.about.text().endswith("."), key
        assert "default" in row.reset.toolTip(), key


def test_a_number_is_in_force_at_once_and_kept(person: Person, page: SettingsPage, studio: Studio) -> None:
    type_number(person, page, "top_k", "3")
    assert load_settings(studio).top_k == 3
    assert person.window.bench.answers.top_k == 3
    assert person.window.results.weighing.top_k.currentData() == 3
    type_number(person, page, "review_below", "65")
    assert load_settings(studio).review_below == 0.65
    type_number(person, page, "review_per_photo", "0")
    assert load_settings(studio).review_per_photo == 0
    assert person.window.bench.settings.review_per_photo == 0


def test_answers_in_sight_follow_the_number_of_candidates(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    person.key(Qt.Key.Key_Comma, CONTROL)
    person.settle()
    type_number(person, person.window.pages.settings, "top_k", "1")
    assert person.region.recognition is not None
    assert len(person.region.recognition.candidates) == 1


def test_the_rules_weight_is_a_share_or_automatic(person: Person, page: SettingsPage, studio: Studio) -> None:
    type_number(person, page, "alpha", "0.35")
    assert load_settings(studio).alpha == 0.35
    assert person.window.bench.answers.alpha == 0.35
    person.bot.mouseClick(page.rows["alpha"].reset, Qt.MouseButton.LeftButton)
    person.settle()
    assert load_settings(studio).alpha == "auto"
    assert "alpha" not in studio.settings_path.read_text("utf-8")
    assert not page.rows["alpha"].reset.isVisible()


def test_language_and_theme_change_at_once_and_are_kept(person: Person, page: SettingsPage, studio: Studio) -> None:
    box = page.rows["lang"].editor.field
    assert isinstance(box, QComboBox)
    choose(person, box, 1)
    assert person.window.language.current == "zh"
    assert page.rows["top_k"].title.text() == "候选数"
    assert load_settings(studio).lang == "zh"
    theme = page.rows["theme"].editor.field
    assert isinstance(theme, QComboBox)
    choose(person, theme, 2)
    assert person.window.theme.current == "dark"
    assert load_settings(studio).theme == "dark"
    person.bot.mouseClick(page.rows["lang"].reset, Qt.MouseButton.LeftButton)
    person.settle()
    assert load_settings(studio).lang is None
    assert person.window.state.lang == "", "the next start follows the system again"


def test_the_reminder_to_retrain_follows_its_number(person: Person, page: SettingsPage, studio: Studio) -> None:
    label_some(studio, 7)
    person.window.bench.start(person.window.flows.train_head())
    person.settle()
    for number in range(3):
        cloth("wool", 800 + number).save(studio.labeled_dir / "wool" / f"later {number}.png")
    person.window.bench.start(person.window.bench.refresh_facts())
    person.settle()
    assert not person.window.naming.retrain.isVisible()
    type_number(person, page, "nudge_at", "3")
    assert load_settings(studio).nudge_at == 3
    assert person.window.naming.retrain.isVisible()


def test_the_rules_in_use_are_chosen_and_the_answer_follows(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    person.key(Qt.Key.Key_Comma, CONTROL)
    person.settle()
    box = person.window.pages.settings.rows["rules_source"].editor.field
    assert isinstance(box, QComboBox)
    choose(person, box, 1)
    assert load_settings(studio).rules_source == "coarse"
    assert person.region.recognition is not None
    assert person.region.recognition.rules_source == "coarse"


def test_rules_that_cannot_be_had_are_refused_and_the_page_shows_what_holds(
    person: Person, page: SettingsPage, studio: Studio
) -> None:
    """From the own references, where no bank has been built of them."""
    box = page.rows["rules_source"].editor.field
    assert isinstance(box, QComboBox)
    choose(person, box, 1)
    choose(person, box, 1)
    assert load_settings(studio).rules_source == "coarse"
    assert box.currentData() == "coarse"
    assert page.banner.isVisible()


def test_undo_and_redo_go_through_the_changes(person: Person, page: SettingsPage, studio: Studio) -> None:
    type_number(person, page, "top_k", "8")
    type_number(person, page, "review_per_photo", "9")
    undo, redo = person.window.actions_["undo"], person.window.actions_["redo"]
    assert person.window.bench.undo_group.activeStack() is page.undo_stack
    undo.trigger()
    person.settle()
    assert load_settings(studio).review_per_photo == Settings().review_per_photo
    assert load_settings(studio).top_k == 8
    undo.trigger()
    person.settle()
    assert load_settings(studio).top_k == Settings().top_k
    assert page.rows["top_k"].editor.field.value() == Settings().top_k  # type: ignore[attr-defined]
    redo.trigger()
    person.settle()
    assert load_settings(studio).top_k == 8


def test_held_arrow_keys_are_undone_as_one_change(person: Person, page: SettingsPage, studio: Studio) -> None:
    box = page.rows["nudge_at"].editor.field
    box.setFocus()
    for _ in range(5):
        person.bot.keyClick(box, Qt.Key.Key_Up)
    person.settle()
    assert load_settings(studio).nudge_at == Settings().nudge_at + 5
    assert page.undo_stack is not None
    assert page.undo_stack.count() == 1


def test_what_is_no_address_is_marked_and_not_saved(person: Person, page: SettingsPage, studio: Studio) -> None:
    row = page.rows["mirror"]
    row.editor.field.setFocus()
    person.bot.keyClicks(row.editor.field, "not an address")
    person.bot.keyClick(row.editor.field, Qt.Key.Key_Return)
    person.settle()
    assert row.trouble.isVisible()
    assert load_settings(studio).mirror is None
    row.editor.field.selectAll()  # type: ignore[attr-defined]
    person.bot.keyClicks(row.editor.field, "hf-mirror.example")
    person.bot.keyClick(row.editor.field, Qt.Key.Key_Return)
    person.settle()
    assert not row.trouble.isVisible()
    assert load_settings(studio).mirror == "https://hf-mirror.example"


def test_numbers_out_of_range_cannot_be_typed(person: Person, page: SettingsPage, studio: Studio) -> None:
    type_number(person, page, "top_k", "0")
    assert 1 <= load_settings(studio).top_k <= 100
    type_number(person, page, "review_below", "900")
    assert 0 <= load_settings(studio).review_below <= 1


def test_comments_and_settings_of_a_later_version_stay_in_the_file(
    person: Person, page: SettingsPage, studio: Studio
) -> None:
    written = studio.settings_path.read_text("utf-8")
    studio.settings_path.write_text(f'# 我的设置\n{written}someday = "later"\n', encoding="utf-8")
    type_number(person, page, "top_k", "4")
    text = studio.settings_path.read_text("utf-8")
    assert "# 我的设置" in text
    assert 'someday = "later"' in text
    assert "top_k = 4" in text


def test_a_change_made_elsewhere_is_shown(person: Person, page: SettingsPage) -> None:
    person.window.bench.answers.set_top_k(10)
    person.settle()
    assert page.rows["top_k"].editor.field.value() == 10  # type: ignore[attr-defined]


def test_the_encoder_is_chosen_on_its_own_page(person: Person, page: SettingsPage) -> None:
    person.bot.mouseClick(page.rows["encoder"].editor.field, Qt.MouseButton.LeftButton)
    person.settle()
    assert person.window.pages.encoders.isVisible()
    assert "dummy" in page.rows["encoder"].editor.text.text()  # type: ignore[attr-defined]


def test_a_wheel_on_its_way_down_the_page_changes_nothing(person: Person, page: SettingsPage, studio: Studio) -> None:
    box = page.rows["top_k"].editor.field
    page.rows["lang"].editor.field.setFocus()
    middle = QPointF(box.rect().center())
    wheel = QWheelEvent(
        middle,
        QPointF(box.mapToGlobal(middle)),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, wheel)
    person.settle()
    assert load_settings(studio).top_k == Settings().top_k


def test_the_page_is_found_by_typing_what_it_is_called(person: Person) -> None:
    found = [find.text for find in person.window.finding.gather()]
    assert "Settings" in found


def test_a_theme_of_the_studio_is_worn_when_it_is_opened(person: Person, page: SettingsPage, studio: Studio) -> None:
    theme = page.rows["theme"].editor.field
    assert isinstance(theme, QComboBox)
    choose(person, theme, 2)
    person.window.theme.use("light")
    person.window.studio_wanted.emit(studio.root, False)
    person.settle()
    assert person.window.theme.current == "dark"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_of_the_page_is_cut(person: Person, page: SettingsPage, lang: str) -> None:
    person.window.commands.use_language(lang)
    person.settle()
    QTest.qWait(30)
    assert not cut_texts(page)
