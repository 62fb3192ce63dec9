"""The table of the recognition benchmark: a goal called reached that was not, or a folder that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.photographs import Photograph, read_manifest
from tests.benchmarks.recognition import protocols
from tests.benchmarks.recognition.garments import garments
from tests.benchmarks.recognition.methods import Answers
from tests.benchmarks.recognition.photos import Photos, new_samples, single_swatches
from tests.benchmarks.recognition.rows import Figure, Row, Rows, by_sample, over
from tests.support import CountingEncoder, cloth, save_photo


def _photos(kinds: int, samples: int, each: int, collections: int = 1) -> Photos:
    """Rows of random embeddings around one centre a sample; no picture is opened."""
    draw = np.random.default_rng(0)
    photographs = [
        Photograph(Path(f"{kind} {sample} {number}.png"), f"k{kind}", f"k{kind} s{sample}", f"c{sample % collections}")
        for kind in range(kinds)
        for sample in range(samples)
        for number in range(each)
    ]
    centres = np.repeat(draw.normal(size=(kinds * samples, 24)), each, axis=0)
    rows = centres + 0.3 * draw.normal(size=centres.shape)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    photos = Photos(photographs, CountingEncoder(), rows.astype(np.float32), rows.astype(np.float32))
    photos.__dict__["grey_kinds"] = frozenset()
    return photos


def test_a_goal_is_reached_by_the_figure_and_not_by_its_rounding() -> None:
    assert Row("p", "m", None, Figure(0.985), 0.985).reached
    short = Row("p", "m", None, Figure(0.9846), 0.985)
    assert not short.reached
    assert "0.9846" in str(short)
    assert "NOT reached" in str(short)
    assert Row("p", "m", None, Figure(0.04), 0.05, at_most=True).reached
    assert Row("p", "m", None, Figure(0.4)).reached is None
    assert Row("p", note="cannot be formed", goal=0.9).reached is None


def test_every_sample_counts_once_however_many_photos_it_has() -> None:
    place = np.array([0] * 9 + [3, -1])
    answers = Answers(place, np.zeros(11), np.zeros(11), 0.0, np.array(["a"] * 9 + ["b", "b"]))
    assert by_sample([answers], 1) == {"a": 1.0, "b": 0.0}
    assert by_sample([answers], 5) == {"a": 1.0, "b": 0.5}
    figure = over(by_sample([answers], 1))
    assert figure.mean == 0.5
    assert (figure.low, figure.high) == (0.0, 1.0)


def test_no_sample_stands_on_both_sides() -> None:
    photos = _photos(4, 3, 4)
    rows = np.arange(len(photos.samples))
    for split in (
        *new_samples(photos.kinds, photos.samples, rows),
        *single_swatches(photos.kinds, photos.samples, rows, 3),
    ):
        assert not set(photos.samples[split.known]) & set(photos.samples[split.asked])
        assert set(photos.kinds[split.asked]) <= set(photos.kinds[split.known])


@pytest.mark.parametrize(
    ("run", "counts"),
    [
        (protocols.same, (3, 1, 3)),
        (protocols.types, (3, 1, 4)),
        (protocols.sources, (3, 2, 4)),
        (protocols.unknown, (2, 2, 7)),
    ],
    ids=["same cloth", "types", "sources", "unknown"],
)
def test_what_a_folder_cannot_show_is_said(run: Callable[[Photos], Rows], counts: tuple[int, int, int]) -> None:
    rows = list(run(_photos(*counts)))
    assert all("cannot be formed" in row.note and row.ours is None and row.reached is None for row in rows)


def test_without_garments_that_is_said(tmp_path: Path) -> None:
    (row,) = garments(_photos(2, 2, 4), tmp_path)
    assert "no labelled regions" in row.note


def test_the_protocols_of_a_small_folder_have_figures_beside_their_goals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocols, "DEALS", 1)
    monkeypatch.setattr(protocols, "SINGLE_DRAWS", 1)
    photos = _photos(3, 3, 7, collections=2)
    rows = [*protocols.same(photos), *protocols.types(photos), *protocols.sources(photos), *protocols.unknown(photos)]
    goals = [row for row in rows if row.goal is not None]
    assert len(goals) >= 6
    assert all(row.reached is not None or "fewer than" in row.note for row in goals)
    assert any("any shared types" in row.protocol and row.ours is not None for row in rows)


def test_a_manifest_may_lack_classes_samples_and_folders(tmp_path: Path) -> None:
    save_photo(tmp_path / "a.png", cloth("a", 0))
    save_photo(tmp_path / "in" / "b.png", cloth("b", 0))
    (tmp_path / "manifest.csv").write_text("path,class\na.png,linen\nsome/where/in/b.png,\ngone.png,x\n", "utf-8")
    first, second = read_manifest(tmp_path)
    assert (first.kind, first.sample, first.collection) == ("linen", "a.png", "")
    assert (second.kind, second.sample, second.collection) == ("unlabelled", "in/b.png", "in")
