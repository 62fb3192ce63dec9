"""What is known of a photograph's regions is what lies on the disk now, and no record is read twice for it."""

from __future__ import annotations

import json
import os
import time
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from fabric_desktop import touched
from fabric_desktop.imaging import Box
from fabric_desktop.labels import PatchOrigin, list_labeled, list_unlabeled, save_patch
from fabric_desktop.library import photo_regions
from fabric_desktop.library.patches import accept, keep_for_review, trash_patches
from fabric_desktop.library.photo_regions import PhotoRegions
from fabric_desktop.studio import Studio, open_studio
from fabric_desktop.studio.changes import undo_change

_HOUR_NS = 3_600_000_000_000


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "工作 室", create=True)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the records that were read."""
    names: list[str] = []
    real = photo_regions.read_json

    def noting(path: Path) -> Any:
        names.append(path.name)
        return real(path)

    monkeypatch.setattr(photo_regions, "read_json", noting)
    return names


def label(studio: Studio, x: int, photo: str = "photo", fabric: str = "linen") -> Path:
    origin = PatchOrigin(photo=Path("衬衫 1.jpg"), photo_hash=photo, box=Box(x, 0, 10, 20))
    return save_patch(studio, Image.new("RGB", (8, 8), (x, 0, 0)), fabric, origin)


@pytest.fixture
def settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long after every change as it takes until the folders' stamps are relied on; `tick` is to part changes."""
    monkeypatch.setattr(touched, "_SETTLED_NS", -_HOUR_NS)


def tick(studio: Studio, number: int) -> None:
    """The clock of the file system goes on: what was changed before has another stamp than what is changed now."""
    then = time.time_ns() + number * 10_000_000
    for folder in (studio.unlabeled_dir, *studio.labeled_dir.iterdir()):
        os.utime(folder, ns=(then, then))


@pytest.mark.usefixtures("settled_at_once")
def test_a_record_is_read_once_however_many_answers_there_are(studio: Studio, read: list[str]) -> None:
    for x in range(30):
        label(studio, x, fabric=f"fabric {x % 3}")
    regions = PhotoRegions(studio)
    assert len(regions.labelled("photo")) == 30
    assert len(read) == 30
    for number in range(30):
        tick(studio, number)
        assert len(regions.labelled("photo")) == 30 + number
        label(studio, 100 + number)
    assert len(read) == 30 + 29


@pytest.mark.usefixtures("settled_at_once")
def test_what_is_kept_named_taken_back_and_put_in_the_trash_is_followed(studio: Studio) -> None:
    regions, image, times = PhotoRegions(studio), Image.new("RGB", (8, 8)), count()

    def keep(box: Box) -> bool:
        tick(studio, next(times))
        origin = PatchOrigin(photo=Path("a.jpg"), photo_hash="photo", box=box)
        look = SimpleNamespace(as_attrs=dict)
        answer: Any = SimpleNamespace(candidates=(), unknown=None, encoder="builtin", look=look)
        return keep_for_review(studio, image, origin, answer, below=0.5, per_photo=2, regions=regions) is not None

    assert keep(Box(0, 0, 100, 100))
    assert not keep(Box(0, 0, 100, 100))
    done = accept(studio, list_unlabeled(studio), "linen")
    assert not keep(Box(0, 0, 100, 100)), "it has a label"
    undo_change(studio, done)
    assert not keep(Box(0, 0, 100, 100)), "it waits again"
    trash_patches(studio, list_unlabeled(studio))
    assert keep(Box(0, 0, 100, 100)), "it is gone"
    assert keep(Box(200, 0, 100, 100))
    assert not keep(Box(400, 0, 100, 100)), "two of a photograph are enough"


def test_what_another_program_does_to_the_folders_is_seen(studio: Studio) -> None:
    path, other = label(studio, 1), label(studio, 2)
    regions = PhotoRegions(studio)
    assert sorted(regions.labelled("photo")) == [(1, 0, 10, 20), (2, 0, 10, 20)]
    beside = path.with_suffix(".json")
    path.rename(studio.unlabeled_dir / path.name)
    beside.rename(studio.unlabeled_dir / beside.name)
    assert regions.labelled("photo") == [(2, 0, 10, 20)]
    assert regions.waiting("photo") == [(1, 0, 10, 20)]
    (studio.unlabeled_dir / path.name).unlink()
    assert regions.waiting("photo") == [], "a record without its picture is nothing that waits"
    other.parent.rename(studio.labeled_dir / "亚麻 2")
    assert regions.labelled("photo") == [(2, 0, 10, 20)]
    label(studio, 3, fabric="亚麻 2")
    assert sorted(regions.labelled("photo")) == [(2, 0, 10, 20), (3, 0, 10, 20)]
    for left in (studio.labeled_dir / "亚麻 2").iterdir():
        left.unlink()
    (studio.labeled_dir / "亚麻 2").rmdir()
    assert regions.labelled("photo") == []


@pytest.fixture
def coarse_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders are stamped as on a memory card, whose clock ticks every two seconds: most changes leave no mark."""

    def stamp(path: Path) -> touched.Stamp | None:
        fine = touched.stamp_of(path)
        return None if fine is None else (fine[0], *(time_ns - time_ns % 2_000_000_000 for time_ns in fine[1:]))

    monkeypatch.setattr(photo_regions, "stamp_of", stamp)


@pytest.mark.usefixtures("coarse_clock")
@pytest.mark.parametrize("jump_s", [-7200, -2, 0])
def test_labels_within_one_tick_of_the_clock_are_all_seen_also_where_it_jumps_back(
    studio: Studio, jump_s: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    label(studio, 1)
    regions, real = PhotoRegions(studio), time.time_ns
    assert len(regions.labelled("photo")) == 1
    monkeypatch.setattr(time, "time_ns", lambda: real() + jump_s * 1_000_000_000)
    for x in range(2, 12):
        label(studio, x)
        assert len(regions.labelled("photo")) == x


@pytest.mark.parametrize("jump_s", [2, 7200])
def test_a_clock_that_jumps_ahead_hides_no_label(
    studio: Studio, jump_s: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = label(studio, 1).parent
    regions, real = PhotoRegions(studio), time.time_ns
    assert len(regions.labelled("photo")) == 1
    monkeypatch.setattr(time, "time_ns", lambda: real() + jump_s * 1_000_000_000)
    for x in range(2, 6):
        # The file system's own clock goes on between two labels.
        os.utime(folder, ns=(x, x))
        assert len(regions.labelled("photo")) == x - 1
        label(studio, x)
        assert len(regions.labelled("photo")) == x


def test_a_record_that_is_written_over_in_place_is_seen_within_a_minute(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder's stamp says nothing of it, nor of anything where a drive stamps no folders."""
    path = label(studio, 1).with_suffix(".json")
    monkeypatch.setattr(touched, "_SETTLED_NS", -_HOUR_NS)
    regions = PhotoRegions(studio)
    assert len(regions.labelled("photo")) == 1
    record = json.loads(path.read_text(encoding="utf-8")) | {"source_hash": "another"}
    path.write_text(json.dumps(record), encoding="utf-8")
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 61)
    assert regions.labelled("photo") == []
    assert len(regions.labelled("another")) == 1


def test_odd_records_say_nothing_and_hide_nothing(studio: Studio) -> None:
    label(studio, 1)
    folder = list_labeled(studio)[0].path.parent
    for number, text in enumerate(("", "{", "[1]", "null", '{"source_hash": ["photo"]}', '{"source_hash": 7}')):
        (folder / f"{number}.json").write_text(text, encoding="utf-8")
    (folder / "box.json").write_text('{"source_hash": "photo", "box": [0, "a", null, 9]}', encoding="utf-8")
    (folder / "folder.json").mkdir()
    found = PhotoRegions(studio).labelled("photo")
    assert sorted(found, key=str) == [(1, 0, 10, 20), None]
