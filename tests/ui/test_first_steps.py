"""A person starts the program for the first time: what to begin with and what it costs, once, and skippable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from fabric_desktop.studio import Studio
from tests.ui.conftest import Person


def test_the_first_steps_come_once_and_are_skipped_with_one_key(
    make_window: Callable[[Path], Person], studio: Studio
) -> None:
    person = make_window(studio.root)
    pages = person.window.pages
    pages.welcome_once()
    person.settle()
    steps = pages.first_page
    assert steps is not None
    assert steps.isVisible()
    assert not steps.isModal()
    assert "606 MB" in steps.costs["clip"].text()
    person.bot.keyClick(steps, Qt.Key.Key_Escape)
    assert not steps.isVisible()
    pages.welcome_once()
    person.settle()
    assert not steps.isVisible()


def test_each_way_leads_where_it_says(person: Person) -> None:
    pages = person.window.pages
    for way, page in (("swatches", lambda: pages.importing), ("clip", lambda: pages.encoders)):
        person.window.actions_["first_steps"].trigger()
        person.settle()
        steps = pages.first_page
        assert steps is not None
        person.bot.mouseClick(steps.buttons[way], Qt.MouseButton.LeftButton)
        person.settle()
        assert page().isVisible()
        assert not steps.isVisible()
        page().close()
    assert QApplication.activeModalWidget() is None
