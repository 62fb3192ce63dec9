"""What stands in sight at 1280 x 800 without scrolling: the candidates with what they rest on, and the look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from fabric_desktop.bank import build_bank
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio
from fabric_desktop.ui.candidate_row import BADGE
from tests.ui.conftest import Person, cloth, label_some


@pytest.fixture
def five(make_window: Callable[..., Person], studio: Studio, photo: Path) -> Person:
    """A person at a studio of five fabrics, the denim declared a twill, with labels that fill the panel beneath."""
    for fabric, like in (("chambray", "denim"), ("canvas", "linen")):
        folder = studio.fabrics_dir / fabric
        folder.mkdir()
        for number in range(2):
            cloth(like, 70 + number).point(lambda value: min(255, value + 22)).save(folder / f"{number}.png")
    (studio.fabrics_dir / "denim" / "fabric.toml").write_text('structure = "twill"\n', encoding="utf-8")
    label_some(studio, 1)
    build_bank(studio, DummyEncoder(), JobContext())
    person = make_window(studio.root)
    person.open(photo)
    return person


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_five_candidates_and_the_beginning_of_the_look_are_seen_without_scrolling(five: Person, lang: str) -> None:
    five.window.commands.use_language(lang)
    five.click(150, 300)
    five.answered()
    five.settle()
    results = five.window.results
    answer = five.region.recognition
    assert answer is not None
    assert answer.structures
    # What the rules hold against the first is the exception, and may push the rest down.
    first = replace(answer.candidates[0], contradictions=())
    five.region.recognition = replace(answer, candidates=(first, *answer.candidates[1:]))
    results.refresh()
    QTest.qWait(50)
    shown = [row for row in results.rows if row.isVisible()]
    assert len(shown) == 5
    assert results.legend.note.isVisible()
    room = results._scroll.viewport().height()

    def foot(widget: QWidget) -> int:
        return widget.mapTo(results.content, QPoint(0, widget.height())).y()

    look = results.look
    beginning = look.mapTo(results.content, look._chips.geometry().bottomLeft()).y()
    assert foot(shown[-1]) < foot(results.legend) < beginning <= room, "the look begins below the fold"
    assert BADGE >= 24
    assert all(row.badge.height() >= 24 for row in shown), "too small to be hit"


def test_what_has_no_room_in_the_row_of_colours_stands_in_the_next_and_nothing_is_cut(five: Person) -> None:
    five.click(150, 300)
    five.answered()
    legend = five.window.results.legend
    for parts in ((0.1, 0.9, 0.0, 0.0), (0.1, 0.2, 0.3, 0.4)):
        legend.show_parts([parts], "not yet calibrated", "why")
        QTest.qWait(50)
        shown = [widget for widget in (*legend._parts, legend.note) if widget.isVisible()]
        assert len(shown) == 1 + sum(part > 0 for part in parts)
        for widget in shown:
            assert widget.width() >= widget.sizeHint().width()
            assert legend.rect().contains(widget.geometry())
        colors = [widget for widget in legend._parts if widget.isVisible()]
        assert all(widget.width() == widget.sizeHint().width() for widget in colors), "a row is pulled apart"
        rows = {widget.geometry().center().y() // 4 for widget in shown}
        assert (len(rows) > 1) == (parts[3] > 0)
