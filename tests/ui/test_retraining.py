"""A person retrains, sees the new model beside the old one, and decides; and can always go back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from fabric_desktop.bank import build_bank
from fabric_desktop.encoders.registry import load_encoder
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio, current_version, save_setting
from tests.ui.conftest import Person, cloth, label_some
from tests.ui.hands import CONTROL, SHIFT


@pytest.fixture
def person_with_labels(make_window: Callable[[Path], Person], studio: Studio) -> Person:
    build_bank(studio, load_encoder("dummy"), JobContext())
    label_some(studio, 8)
    return make_window(studio.root)


def test_retraining_asks_before_anything_is_deployed_and_goes_back(person_with_labels: Person, studio: Studio) -> None:
    person = person_with_labels
    before = current_version(studio)
    assert before is not None
    assert person.window.naming.retrain.isVisible(), "24 new labels: retraining is suggested"
    person.key(Qt.Key.Key_T, CONTROL | SHIFT)
    retraining = person.window.retraining
    person.wait(lambda: retraining.question is not None and retraining.question.isVisible())
    question = retraining.question
    assert question is not None
    person.settle()
    assert current_version(studio) == before, "nothing is in use before the person says so"
    assert question.figures.rowCount() >= 3
    assert question.deploy.isDefault(), "a first head that does no worse is offered"
    person.bot.mouseClick(question.deploy, Qt.MouseButton.LeftButton)
    person.wait(lambda: current_version(studio) != before)
    person.settle()
    assert "is in use now" in person.banner()
    retraining.show_versions()
    person.wait(lambda: retraining.versions is not None and retraining.versions.isVisible())
    table = retraining.versions
    assert table is not None
    assert table.table.rowCount() == 2
    table.table.selectRow(1)
    assert table.use.isEnabled()
    person.bot.mouseClick(table.use, Qt.MouseButton.LeftButton)
    person.wait(lambda: current_version(studio) == before)
    person.settle()
    table.table.selectAll()
    person.bot.mouseClick(table.compare, Qt.MouseButton.LeftButton)
    person.wait(lambda: retraining.question is not question)
    assert retraining.question is not None
    assert not retraining.question.deploy.isVisible()
    # The first one is gone: in half a day of training they would be dozens.
    person.wait(lambda: len(person.window.findChildren(type(question))) == 1)
    retraining.question.close()
    table.close()
    person.settle()


def test_a_change_of_the_encoder_shows_before_beside_after_and_goes_back(
    make_window: Callable[[Path], Person], studio: Studio
) -> None:
    build_bank(studio, load_encoder("dummy"), JobContext())
    label_some(studio, 3)
    person = make_window(studio.root)
    before = current_version(studio)
    person.window.actions_["use_builtin"].trigger()
    retraining = person.window.retraining
    person.wait(lambda: retraining.question is not None and retraining.question.isVisible())
    person.settle()
    question = retraining.question
    assert question is not None
    assert current_version(studio) != before
    assert [question.figures.horizontalHeaderItem(place).text() for place in (1, 2)] == ["v1", "v2"]
    assert "exact paired test" in question.sure.text()
    assert "Built-in encoder" in question.advice.text()
    assert question.keep.text() == "Keep Built-in encoder"
    person.window.commands.use_language("zh")
    person.settle()
    assert question.keep.text() == "保留 内置编码器"
    assert "Built-in" not in question.advice.text()
    person.window.commands.use_language("en")
    person.settle()
    person.bot.mouseClick(question.deploy, Qt.MouseButton.LeftButton)
    person.wait(lambda: current_version(studio) == before)
    person.settle()
    assert person.window.bench.settings.encoder in ("dummy", "builtin")
    assert "dummy is in use now" in person.banner()


def test_who_keeps_the_old_model_is_not_asked_again_until_enough_is_new(
    person_with_labels: Person, studio: Studio
) -> None:
    person = person_with_labels
    save_setting(studio, "nudge_at", 3)
    assert person.window.naming.retrain.isVisible()
    person.window.actions_["retrain"].trigger()
    retraining = person.window.retraining
    person.wait(lambda: retraining.question is not None and retraining.question.isVisible())
    assert retraining.question is not None
    person.settle()
    person.bot.mouseClick(retraining.question.keep, Qt.MouseButton.LeftButton)
    person.settle()
    assert not person.window.naming.retrain.isVisible(), "no nag"
    for number in range(3):
        # Copied in by hand, with the dates of long ago.
        path = studio.labeled_dir / "wool" / f"later {number}.png"
        cloth("wool", 800 + number).save(path)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    person.window.bench.start(person.window.bench.refresh_facts())
    person.settle()
    assert person.window.naming.retrain.isVisible(), "three are new, and three were asked for"
