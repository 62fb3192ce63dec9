"""A studio's review queue comes in order, and its doubtful labels with what they look like."""

from __future__ import annotations

from pathlib import Path

import pytest

from fabric_desktop.errors import NoLabels
from fabric_desktop.jobs import JobContext
from fabric_desktop.loop.queue import find_suspects, review_queue
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio
from tests.support import CountingEncoder, cloth, make_studio, save_photo
from tests.unit.loop.scenes import FABRICS, label, trained_studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return trained_studio(tmp_path / "我的 studio")


def queued(studio: Studio, encoder: CountingEncoder) -> list[tuple[str, str]]:
    return [(item.path.name, item.first) for item in review_queue(studio, Recognizer(studio, encoder), JobContext())]


def test_an_empty_queue_is_empty(studio: Studio) -> None:
    assert queued(studio, CountingEncoder()) == []


def test_the_queue_holds_every_patch_with_what_it_is_taken_for_and_broken_ones_last(studio: Studio) -> None:
    for fabric in FABRICS:
        for piece in range(3):
            save_photo(studio.unlabeled_dir / f"{fabric} {piece}.png", cloth(fabric, 900 + piece))
    (studio.unlabeled_dir / "a broken one.png").write_bytes(b"no picture")
    (studio.unlabeled_dir / f"{FABRICS[0]} 0.json").write_text('{"region_id": "r1"}', encoding="utf-8")
    encoder = CountingEncoder()
    found = queued(studio, encoder)
    assert len(found) == 10
    assert found[-1] == ("a broken one.png", "")
    assert all(name.startswith(first) for name, first in found[:-1])
    items = review_queue(studio, Recognizer(studio, encoder), JobContext())
    assert [item.record for item in items if item.path.name == f"{FABRICS[0]} 0.png"] == [{"region_id": "r1"}]
    seen = encoder.pictures
    queued(studio, encoder)
    assert encoder.pictures == seen  # what was looked at once is remembered


def test_a_studio_that_has_nothing_else_orders_its_queue_too(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "s")
    for fabric in FABRICS:
        save_photo(studio.unlabeled_dir / f"{fabric}.png", cloth(fabric))
    assert sorted(queued(studio, CountingEncoder())) == sorted((f"{fabric}.png", "") for fabric in FABRICS)


def test_a_slip_is_found_with_what_it_looks_like(studio: Studio) -> None:
    (slip,) = label(studio, FABRICS[0], FABRICS[1], 1, 800)
    for fabric in FABRICS:
        label(studio, fabric, fabric, 6, 900)
    suspects = find_suspects(studio, CountingEncoder(), JobContext())
    assert suspects[0].path == slip
    assert (suspects[0].label, suspects[0].other) == (FABRICS[1], FABRICS[0])
    assert suspects[0].other_confidence > suspects[0].label_confidence
    assert len(suspects) <= 3


def test_too_few_labels_are_not_judged(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "s")
    with pytest.raises(NoLabels):
        find_suspects(studio, CountingEncoder(), JobContext())
    label(studio, FABRICS[0], FABRICS[1], 5, 0)
    assert find_suspects(studio, CountingEncoder(), JobContext()) == ()
