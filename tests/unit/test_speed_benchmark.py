"""A benchmark that would print another figure than it measured, or leave a measure out without a word."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.benchmarks.speed.__main__ import chosen, measures
from tests.benchmarks.speed.frame import (
    ROOT,
    Figure,
    Row,
    against_plain,
    exponent,
    interleaved,
    row_from_json,
    rows_to_json,
)
from tests.benchmarks.speed.table import table


def test_both_ways_come_first_as_often_and_only_counted_runs_count() -> None:
    calls: list[str] = []
    turns = interleaved(lambda: calls.append("ours"), lambda: calls.append("plain"), runs=4, warm=1)
    assert calls == ["plain", "ours", "plain", "ours", "ours", "plain", "plain", "ours", "ours", "plain"]
    assert len(turns.ours) == len(turns.plain) == 4


def test_a_row_says_whether_its_goal_was_met_and_comes_back_from_json_as_it_was() -> None:
    ticks = iter([0.0, 2.0, 2.0, 3.0] * 10)
    turns = interleaved(lambda: None, lambda: None, runs=3, warm=0, clock=lambda: next(ticks))
    row = against_plain("search", "<= 1.3", turns, at_most=1.3, threads="1", note="as it was")
    assert row.ratio is not None
    assert row.met is (row.ratio.value <= 1.3)
    assert [row_from_json(entry) for entry in rows_to_json([row])] == [row]


def test_a_missed_goal_is_told_apart_from_none_and_notes_are_printed() -> None:
    figure = Figure.of([1.0, 2.0, 3.0])
    rows = [
        Row("a", "< 1", "s", figure, met=False, note="the disk"),
        Row("b", "", "s", figure),
        Row("c", "", "s", figure, met=True),
    ]
    lines = table(rows).splitlines()
    assert [line.split()[-1] for line in lines if line.startswith(("a", "b", "c"))] == ["NO", "-", "yes"]
    assert "    the disk" in lines
    assert "2 (1.5-2.5) s" in lines[2]


def test_the_exponent_is_the_power_by_which_a_figure_grows() -> None:
    assert exponent([10, 100, 1000], [3 * n**1.5 for n in (10, 100, 1000)]) == pytest.approx(1.5)


def test_a_measure_is_chosen_by_its_own_name_or_its_modules_and_an_unknown_one_ends_it() -> None:
    known = measures()
    assert {"first", "warm", "again", "build", "search", "train", "sizes"} <= set(known)
    assert set(chosen(["recognising"])) == {name for name, module in known.items() if module == "recognising"}
    assert chosen([]) == known
    with pytest.raises(SystemExit, match="no measure nothing"):
        chosen(["nothing"])


def test_naming_the_measures_loads_nothing_heavy() -> None:
    code = (
        "import sys; from tests.benchmarks.speed.__main__ import measures; measures();"
        "print([n for n in ('torch', 'onnxruntime', 'sklearn', 'scipy', 'PySide6', 'open_clip') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
