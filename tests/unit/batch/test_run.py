"""A folder recognised as one job: every photo answered once, nothing lost by a cancel or a kill, no stale answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from fabric_desktop.bank import build_bank
from fabric_desktop.batch.journal import Journal, cache_dir
from fabric_desktop.batch.labelling import label_photos
from fabric_desktop.batch.results import PhotoResult
from fabric_desktop.batch.run import BatchOptions, model_key, recognise_folder, recognise_photos
from fabric_desktop.batch.scan import PhotoStates, scan
from fabric_desktop.encoders.base import Float32Array
from fabric_desktop.errors import NoPhotos, SaveFailed
from fabric_desktop.imaging import content_hash
from fabric_desktop.jobs import Cancelled, JobContext, Progress, clock
from fabric_desktop.labels import list_labeled
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio
from fabric_desktop.studio.changes import undo_change
from fabric_desktop.studio.files import read_json, write_json
from tests.support import CountingEncoder, cloth, make_studio, save_photo

FABRICS = ("cotton", "silk", "wool")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = make_studio(tmp_path / "工作室", dict.fromkeys(FABRICS, 3))
    build_bank(studio, CountingEncoder(), JobContext())
    return studio


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nine photos in two folders, one that is broken, and things that are no photos."""
    root = tmp_path / "照片 photos"
    for number in range(9):
        save_photo(root / ("more" if number > 5 else "") / f"IMG_{number}.png", cloth(FABRICS[number % 3], 50, number))
    (root / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (root / "notes.txt").write_text("x", encoding="utf-8")
    (root / ".hidden.png").write_bytes(b"x")
    return root


def run(studio: Studio, folder: Path, encoder: CountingEncoder | None = None, **more: object):  # type: ignore[no-untyped-def]
    recognizer = Recognizer(studio, encoder or CountingEncoder())
    return recognise_folder(recognizer, folder, JobContext(), **more)  # type: ignore[arg-type]


def named(results: Sequence[PhotoResult]) -> list[tuple[str, str]]:
    return [(result.photo.name, result.first.id if result.first else result.error) for result in results]


def test_every_photo_is_answered_in_order_and_a_broken_one_stops_nothing(studio: Studio, folder: Path) -> None:
    report = run(studio, folder)
    assert named(report.results) == [
        ("broken.jpg", "truncated"),
        *((f"IMG_{number}.png", FABRICS[number % 3]) for number in range(9)),
    ]
    assert (report.resumed, report.version, report.encoder) == (0, "v1", "dummy")
    assert report.counts()["failed"] == 1
    assert report.by_fabric() == {"cotton": 3, "silk": 3, "wool": 3}


def test_a_photo_has_the_same_answer_as_when_it_is_asked_alone(studio: Studio, folder: Path) -> None:
    report = run(studio, folder)
    alone = Recognizer(studio, CountingEncoder()).recognize(Image.open(folder / "IMG_0.png"))
    first = report.results[1].candidates[0]
    assert (first.id, first.score, first.confidence) == (
        alone.candidates[0].id,
        alone.candidates[0].score,
        alone.candidates[0].confidence,
    )
    assert first.nearest == alone.candidates[0].nearest[0].photo
    assert report.alpha == alone.alpha


def test_a_second_run_opens_nothing_and_says_the_same(studio: Studio, folder: Path) -> None:
    first = run(studio, folder)
    encoder = CountingEncoder()
    second = run(studio, folder, encoder)
    assert encoder.pictures == 0
    assert second.resumed == 9
    assert named(second.results) == named(first.results)
    assert [result.candidates for result in second.results] == [result.candidates for result in first.results]
    assert (second.alpha, second.calibrated) == (first.alpha, first.calibrated)


def test_a_cancelled_run_goes_on_where_it_was(studio: Studio, folder: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 4:
            context.cancel()

    context = JobContext(stop)
    with pytest.raises(Cancelled):
        recognise_folder(Recognizer(studio, CountingEncoder()), folder, context)
    encoder = CountingEncoder()
    report = run(studio, folder, encoder)
    assert report.resumed + encoder.pictures == 9
    assert report.resumed >= 3
    assert len(report.results) == 10


def test_a_line_that_a_kill_cut_off_costs_one_photo_only(studio: Studio, folder: Path) -> None:
    run(studio, folder)
    (path,) = (cache_dir(studio) / "batch").glob("*.jsonl")
    path.write_bytes(path.read_bytes()[:-30])
    encoder = CountingEncoder()
    assert run(studio, folder, encoder).resumed == 8
    assert encoder.pictures == 1
    assert run(studio, folder).resumed == 9


def test_a_photo_that_was_edited_is_recognised_again_and_one_that_was_renamed_is_not(
    studio: Studio, folder: Path
) -> None:
    run(studio, folder)
    save_photo(folder / "IMG_0.png", cloth("wool", 60))
    (folder / "IMG_1.png").rename(folder / "renamed.png")
    encoder = CountingEncoder()
    report = run(studio, folder, encoder)
    assert encoder.pictures == 1
    assert dict(named(report.results))["IMG_0.png"] == "wool"
    assert dict(named(report.results))["renamed.png"] == "silk"


def test_a_new_model_other_options_or_a_fresh_start_never_take_old_answers(studio: Studio, folder: Path) -> None:
    run(studio, folder)
    for more in (
        {"options": BatchOptions(method="retrieval")},
        {"options": BatchOptions(alpha=0.5)},
        {"resume": False},
    ):
        encoder = CountingEncoder()
        assert run(studio, folder, encoder, **more).resumed == 0
        assert encoder.pictures == 9
    save_photo(studio.fabrics_dir / "linen" / "l.png", cloth("linen"))
    build_bank(studio, CountingEncoder(), JobContext())
    encoder = CountingEncoder()
    assert run(studio, folder, encoder).resumed == 0


def test_a_version_that_weighs_otherwise_is_another_model_though_its_files_are_the_same(studio: Studio) -> None:
    manifest = studio.models_dir / "v1" / "manifest.json"
    keys = set()
    for entries in ({}, {"alpha": 0.3, "alpha_rules": "fine"}, {"alpha": 0.3, "alpha_rules": "studio"}):
        write_json(manifest, read_json(manifest) | entries)
        keys.add(model_key(Recognizer(studio, CountingEncoder()), BatchOptions()))
    assert len(keys) == 3


def test_a_fabric_that_the_rules_now_know_by_its_type_is_judged_again(studio: Studio) -> None:
    (studio.fabrics_dir / "A-1204").mkdir()
    before = model_key(Recognizer(studio, CountingEncoder()), BatchOptions())
    (studio.fabrics_dir / "A-1204" / "fabric.toml").write_text('type = "denim"', encoding="utf-8")
    assert model_key(Recognizer(studio, CountingEncoder()), BatchOptions()) != before


def test_time_left_is_told_once_the_pace_is_known(studio: Studio, folder: Path) -> None:
    seen: list[Progress] = []
    recognise_folder(Recognizer(studio, CountingEncoder()), folder, JobContext(seen.append))
    assert [progress.done for progress in seen] == list(range(1, 11))
    assert seen[0].code == "job.batch"
    assert seen[-1].code == "job.batch_left"
    assert seen[-1].params["left"] == "0:00"
    assert [clock(seconds) for seconds in (5, 125, 3725)] == ["0:05", "2:05", "1:02:05"]


def test_results_arrive_one_by_one_for_a_table_that_fills(studio: Studio, folder: Path) -> None:
    seen: list[PhotoResult] = []
    report = run(studio, folder, on_result=seen.append)
    assert named(seen) == named(report.results)


def test_a_studio_that_cannot_be_written_to_is_recognised_all_the_same(
    studio: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch, fabric_home: Path
) -> None:
    monkeypatch.setattr("fabric_desktop.batch.journal.os.access", lambda path, mode: False)
    assert len(run(studio, folder).results) == 10
    assert not (studio.root / ".cache" / "batch").exists()
    assert cache_dir(studio).is_relative_to(fabric_home)
    assert run(studio, folder).resumed == 9


def test_a_folder_without_photos_says_so(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place, reason in ((tmp_path / "empty", "empty"), (tmp_path / "none", "missing")):
        with pytest.raises(NoPhotos) as none:
            run(studio, place)
        assert none.value.params["reason"] == reason


def test_a_journal_full_of_nonsense_is_as_good_as_none(studio: Studio, folder: Path) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    with Journal(studio, model_key(recognizer, BatchOptions())) as journal:
        journal.path.parent.mkdir(parents=True, exist_ok=True)
        journal.path.write_bytes(b'[]\n{"photo": 1}\n\xff\xfe\nnull\n{"photo": "x", "stamp": "?"}\n')
    assert run(studio, folder).resumed == 0
    assert run(studio, folder).resumed == 9


class FailingEncoder(CountingEncoder):
    """Runs out of memory at the fourth photo."""

    def encode(self, images: Sequence[Image.Image]) -> Float32Array:
        if self.pictures >= 3:
            raise MemoryError
        return super().encode(images)


def test_what_was_found_before_a_crash_is_kept(studio: Studio, folder: Path) -> None:
    with pytest.raises(MemoryError):
        run(studio, folder, FailingEncoder())
    assert run(studio, folder).resumed == 3


class TestStates:
    def test_the_strip_shows_what_is_new_recognised_uncertain_and_labelled(self, studio: Studio, folder: Path) -> None:
        assert {entry.state for entry in scan(studio, folder)} == {"new"}
        report = run(studio, folder)
        states = {entry.path.name: entry for entry in scan(studio, folder)}
        for result in report.results:
            expected = {"sure": "recognised", "likely": "recognised", "failed": "new"}.get(result.word, "uncertain")
            assert states[result.photo.name].state == expected
        label_photos(studio, [folder / "IMG_3.png"], "cotton", JobContext())
        entry = PhotoStates(studio).of(folder / "IMG_3.png")
        assert (entry.state, entry.fabric_id) == ("labelled", "cotton")

    def test_a_labelled_photo_stays_labelled_when_it_is_renamed(self, studio: Studio, folder: Path) -> None:
        run(studio, folder)
        label_photos(studio, [folder / "IMG_3.png"], "cotton", JobContext())
        (folder / "IMG_3.png").rename(folder / "other.png")
        run(studio, folder)
        assert PhotoStates(studio).of(folder / "other.png").state == "labelled"

    def test_an_edited_photo_is_new_again(self, studio: Studio, folder: Path) -> None:
        run(studio, folder)
        save_photo(folder / "IMG_0.png", cloth("wool", 61))
        assert PhotoStates(studio).of(folder / "IMG_0.png").state == "new"

    def test_thousands_of_photos_are_scanned_as_they_are_found(self, studio: Studio, tmp_path: Path) -> None:
        many = tmp_path / "many"
        for part in range(4):
            (many / str(part)).mkdir(parents=True)
            for number in range(250):
                (many / str(part) / f"{number}.jpg").touch()
        entries = scan(studio, many)
        assert next(entries).path.name == "0.jpg"
        assert [entry.path.name for entry in entries][:11] == [f"{number}.jpg" for number in range(1, 12)]


class TestLabelMany:
    def test_many_photos_get_one_label_as_one_step_with_what_the_program_had_said(
        self, studio: Studio, folder: Path
    ) -> None:
        report = run(studio, folder)
        done = label_photos(studio, report.results, "新 fabric", JobContext(), encoder="dummy")
        assert (done.labelled, [(s.path.name, s.reason) for s in done.skipped]) == (9, [("broken.jpg", "truncated")])
        patches = list_labeled(studio)
        assert {patch.fabric_id for patch in patches} == {"新 fabric"}
        assert {patch.source for patch in patches} == {content_hash(path) for path in folder.rglob("IMG_*.png")}
        assert all(patch.record["topk"] for patch in patches)
        undo_change(studio, done.change)
        assert list_labeled(studio) == []
        assert studio.labeled_ids() == []

    @pytest.mark.parametrize("how", ["cancel", "disk"])
    def test_a_cancel_or_a_full_disk_leaves_no_label(
        self, studio: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        def stop(progress: Progress) -> None:
            if how == "cancel" and progress.done == 3:
                context.cancel()

        def full(path: Path, data: bytes) -> None:
            if how == "disk":
                raise SaveFailed(path=str(path), reason="disk_full")

        context = JobContext(stop)
        if how == "disk":
            monkeypatch.setattr("fabric_desktop.batch.labelling.write_bytes", full)
        photos = [path for path in sorted(folder.rglob("IMG_*.png"))]
        with pytest.raises(Cancelled if how == "cancel" else SaveFailed):
            label_photos(studio, photos, "cotton", context)
        assert list_labeled(studio) == []
        assert not (studio.root / ".changes").exists()


def test_an_order_given_by_the_person_is_kept(studio: Studio, folder: Path) -> None:
    photos = [folder / "IMG_2.png", folder / "IMG_0.png"]
    report = recognise_photos(Recognizer(studio, CountingEncoder()), photos, JobContext())
    assert [result.photo for result in report.results] == photos
