"""Uncertain photos of a batch wait for review only when a person says so, each once, and all at once taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fabric_desktop.batch.exporting import export_batch
from fabric_desktop.batch.labelling import REPLACED, label_photos
from fabric_desktop.batch.offering import keep_photos, uncertain
from fabric_desktop.batch.results import BatchReport, NamedFabric, PhotoResult
from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import content_hash
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.labels import list_labeled, list_unlabeled
from fabric_desktop.studio import Studio, open_studio
from fabric_desktop.studio.changes import undo_change
from fabric_desktop.wording import explain
from tests.support import cloth, save_photo


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "工作 室", create=True)


def result(path: Path, confidence: float, unknown: str = "") -> PhotoResult:
    first, second = NamedFabric("silk", 0.9, confidence), NamedFabric("wool", 0.1, 0.01)
    return PhotoResult(path, content_hash(path), (160, 160), (first, second), unknown=unknown)


@pytest.fixture
def results(tmp_path: Path) -> list[PhotoResult]:
    photos = [save_photo(tmp_path / "来样" / f"{number}.png", cloth("silk", number)) for number in range(4)]
    sure, unsure, strange, less = (0.95, ""), (0.45, ""), (0.6, "far"), (0.2, "")
    found = [result(photo, *how) for photo, how in zip(photos, (sure, unsure, strange, less), strict=True)]
    return [*found, PhotoResult(tmp_path / "gone.jpg", error="missing")]


def test_the_uncertain_ones_are_named_the_least_certain_first(results: list[PhotoResult]) -> None:
    assert [item.photo.name for item in uncertain(results, 0.5)] == ["3.png", "1.png", "2.png"]
    assert [item.photo.name for item in uncertain(results, 0.96)] == ["3.png", "1.png", "2.png", "0.png"]


def test_they_are_kept_once_with_what_was_said_and_taken_back_in_one_step(
    studio: Studio, results: list[PhotoResult]
) -> None:
    done = keep_photos(studio, uncertain(results, 0.5), JobContext(), "builtin")
    assert (done.kept, done.known) == (3, 0)
    kept = list_unlabeled(studio)
    assert len(kept) == 3
    record = json.loads(kept[0].with_suffix(".json").read_text(encoding="utf-8"))
    assert record["topk"][0] == {"id": "silk", "score": 0.9, "confidence": 0.45}
    assert record["box"] == [0, 0, 240, 240]
    again = keep_photos(studio, uncertain(results, 0.5), JobContext(), "builtin")
    assert (again.kept, again.known) == (0, 3)
    undo_change(studio, done.change)
    assert list_unlabeled(studio) == []


def test_a_photo_that_was_replaced_since_is_not_kept_with_what_was_said_of_the_other(
    studio: Studio, results: list[PhotoResult]
) -> None:
    replaced = results[1].photo
    save_photo(replaced, cloth("wool", 9))
    done = keep_photos(studio, results, JobContext(), "builtin")
    assert [(item.path, item.reason) for item in done.skipped] == [(replaced, REPLACED)]
    assert done.kept == 3
    for path in list_unlabeled(studio):
        record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert record["source_hash"] == content_hash(studio.root / record["source_photo"]), "its own picture's answer"
    for lang in ("en", "zh"):
        assert explain(UnreadableImage(path=str(replaced), reason=REPLACED), lang).what


def test_a_photo_that_was_replaced_since_is_not_named_either(studio: Studio, results: list[PhotoResult]) -> None:
    save_photo(results[1].photo, cloth("wool", 9))
    done = label_photos(studio, results, "silk", JobContext(), "builtin")
    assert [(item.path.name, item.reason) for item in done.skipped] == [("1.png", REPLACED), ("gone.jpg", "missing")]
    assert done.labelled == len(list_labeled(studio)) == 3


def test_a_photo_that_could_not_be_read_then_and_can_now_takes_the_name_a_person_gives_it(
    studio: Studio, results: list[PhotoResult]
) -> None:
    save_photo(results[-1].photo, cloth("silk", 9))
    done = label_photos(studio, results[-1:], "silk", JobContext())
    assert (done.labelled, done.skipped) == (1, ())
    assert list_labeled(studio)[0].source == content_hash(results[-1].photo)


def test_of_two_files_with_one_picture_one_is_kept_and_the_other_counted_as_waiting(
    studio: Studio, results: list[PhotoResult]
) -> None:
    copy = results[1].photo.with_name("copy.png")
    copy.write_bytes(results[1].photo.read_bytes())
    wanted = [results[1], result(copy, 0.45), results[2]]
    done = keep_photos(studio, wanted, JobContext())
    assert (done.kept, done.known, done.skipped) == (2, 1, ())
    again = keep_photos(studio, wanted, JobContext())
    assert (again.kept, again.known, again.skipped) == (0, 3, ())
    assert not again.change.steps, "there is nothing to take back"


def test_a_cancel_keeps_none(studio: Studio, results: list[PhotoResult]) -> None:
    context = JobContext()
    context.cancel()
    with pytest.raises(Cancelled):
        keep_photos(studio, uncertain(results, 0.5), context)
    assert list_unlabeled(studio) == []


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "html"])
def test_a_file_of_an_unfinished_run_says_how_many_of_how_many(
    studio: Studio, results: list[PhotoResult], tmp_path: Path, ending: str
) -> None:
    report = BatchReport(tmp_path, tuple(results[:2]), "fused", 0.1, "builtin", "v1", True, 1.0, total=5)
    target = tmp_path / f"part.{ending}"
    assert export_batch(report, target, studio, "en", JobContext()) > 0
    if ending == "json":
        value = json.loads(target.read_text(encoding="utf-8"))
        assert (value["photos"], value["photos_in_folder"], value["finished"]) == (2, 5, False)
    if ending == "html":
        assert "2 of 5, the run is not finished" in target.read_text(encoding="utf-8")
