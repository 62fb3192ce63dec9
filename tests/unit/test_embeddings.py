"""Pictures become embeddings in order, once, within memory; what cannot be read is named; a cancel is heeded."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fabric_desktop import embeddings, imaging
from fabric_desktop.embeddings import EmbeddingCache, embed_cached, embed_files
from fabric_desktop.imaging import content_hash, open_photo
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.studio import Studio, open_studio
from tests.support import CountingEncoder, cloth, save_photo, tree


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    return [
        save_photo(
            tmp_path / "photos" / f"照片 {number:02}.png",
            cloth("a", number),
        )
        for number in range(20)
    ]


def ignore(done: int, path: Path) -> None:
    """A report nobody reads."""


def test_the_order_is_that_of_the_files_and_each_is_its_own(photos: list[Path]) -> None:
    encoder = CountingEncoder()
    embedded, skipped = embed_files(photos, encoder, JobContext(), known={}, report=ignore)
    assert [item.path for item in embedded] == photos
    assert skipped == []
    alone = np.stack([encoder.encode([open_photo(path)])[0] for path in photos])
    assert np.stack([item.embedding for item in embedded]).tobytes() == alone.tobytes()
    assert all(item.size == (240, 240) and not item.reused for item in embedded)
    assert [item.content_hash for item in embedded] == [content_hash(path) for path in photos]


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(photos: list[Path]) -> None:
    photos[3].write_bytes(b"")
    photos[7].write_text("no picture", encoding="utf-8")
    photos[11].unlink()
    photos[19].write_bytes(photos[18].read_bytes()[:300])
    encoder = CountingEncoder()
    embedded, skipped = embed_files(photos, encoder, JobContext(), known={}, report=ignore)
    assert [(item.path, item.reason) for item in skipped] == [
        (photos[3], "empty"),
        (photos[7], "not_a_picture"),
        (photos[11], "missing"),
        (photos[19], "truncated"),
    ]
    assert len(embedded) == encoder.pictures == 16


def test_pictures_already_known_are_not_opened_again(photos: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    known = {content_hash(path): np.full(3, number, np.float32) for number, path in enumerate(photos)}
    encoder = CountingEncoder()

    def never(path: Path, *_: object) -> Image.Image:
        raise AssertionError(f"{path} was opened")

    monkeypatch.setattr(imaging, "_picture", never)
    embedded, _ = embed_files(photos, encoder, JobContext(), known=known, report=ignore)
    assert encoder.pictures == 0
    assert all(item.reused for item in embedded)
    assert [int(item.embedding[0]) for item in embedded] == list(range(20))


def test_the_count_goes_up_to_the_number_of_files_and_names_each_once(photos: list[Path]) -> None:
    photos[5].write_bytes(b"")
    told: list[tuple[int, Path]] = []
    embed_files(photos, CountingEncoder(), JobContext(), known={}, report=lambda done, path: told.append((done, path)))
    assert [done for done, _ in told] == list(range(1, 21))
    assert {path for _, path in told} == set(photos)


@pytest.mark.parametrize("after", [0, 1, 7, 8, 9, 15])
def test_a_cancel_ends_it_and_leaves_no_thread(photos: list[Path], after: int) -> None:
    context = JobContext()

    def report(done: int, path: Path) -> None:
        if done == after:
            context.cancel()

    if after == 0:
        context.cancel()
    before = threading.active_count()
    with pytest.raises(Cancelled):
        embed_files(photos, CountingEncoder(), context, known={}, report=report)
    assert threading.active_count() == before


def test_an_encoder_that_fails_is_not_swallowed_and_leaves_no_thread(photos: list[Path]) -> None:
    class Failing(CountingEncoder):
        def encode(self, images: Any) -> Any:
            raise RuntimeError("the model broke")

    before = threading.active_count()
    with pytest.raises(RuntimeError, match="the model broke"):
        embed_files(photos, Failing(), JobContext(), known={}, report=ignore)
    assert threading.active_count() == before


@pytest.mark.parametrize(("budget", "most"), [(240 * 240, 4), (240 * 240 * 3, 8), (10**9, 17)])
def test_decoded_pictures_held_at_a_time_stay_within_the_budget(
    photos: list[Path], monkeypatch: pytest.MonkeyPatch, budget: int, most: int
) -> None:
    monkeypatch.setattr(embeddings, "PIXEL_BUDGET", budget)
    guard, state = threading.Lock(), {"open": 0, "most": 0}
    real = embeddings.open_unknown

    def counted(path: Path, known: Any, **options: Any) -> Any:
        with guard:
            state["open"] += 1
            state["most"] = max(state["most"], state["open"])
        return real(path, known, **options)

    class Freeing(CountingEncoder):
        def encode(self, images: Any) -> Any:
            rows = super().encode(images)
            with guard:
                state["open"] -= len(images)
            return rows

    monkeypatch.setattr(embeddings, "open_unknown", counted)
    encoder = Freeing()
    embed_files(photos, encoder, JobContext(), known={}, report=ignore)
    assert encoder.pictures == 20
    assert state["most"] <= most


def test_nothing_to_do_is_done(tmp_path: Path) -> None:
    assert embed_files([], CountingEncoder(), JobContext(), known={}, report=ignore) == ([], [])


# ---------------------------------------------------------------- the cache


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "面料", create=True)


def run(studio: Studio, photos: list[Path], encoder: CountingEncoder, purpose: str = "patches") -> int:
    """How many pictures had to be encoded."""
    before = encoder.pictures
    embedded, _ = embed_cached(studio, purpose, photos, encoder, JobContext(), "job.evaluate")
    assert [item.path for item in embedded] == photos
    return encoder.pictures - before


def test_a_second_run_encodes_nothing_and_a_changed_picture_only(studio: Studio, photos: list[Path]) -> None:
    encoder = CountingEncoder()
    assert run(studio, photos, encoder) == 20
    assert run(studio, photos, encoder) == 0
    save_photo(photos[4], cloth("b"))
    assert run(studio, photos, encoder) == 1
    assert run(studio, photos, CountingEncoder("another model")) == 20
    assert run(studio, photos, encoder, "textbook") == 20
    assert run(studio, photos, encoder) == 0


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:500]),
        lambda path: np.savez(path, hashes=np.array("x"), embeddings=np.zeros((2, 3), np.float32)),
        lambda path: np.savez(path, hashes=np.array(["x"]), embeddings=np.full((1, 3), np.nan, np.float32)),
        lambda path: np.savez(path, hashes=np.array(["x"]), embeddings=np.array([["text"]])),
        lambda path: np.savez(path, hashes=np.array(["x", "y"]), embeddings=np.zeros((1, 3), np.float32)),
        lambda path: np.savez(path, other=np.zeros(3)),
        lambda path: (path.unlink(), path.mkdir()),
    ],
)
def test_a_damaged_cache_costs_time_and_nothing_else(studio: Studio, photos: list[Path], damage: Any) -> None:
    encoder = CountingEncoder()
    run(studio, photos, encoder)
    (path,) = (studio.root / ".cache").iterdir()
    damage(path)
    assert run(studio, photos, encoder) == 20


def test_a_studio_that_cannot_be_written_to_can_still_be_worked_with(
    studio: Studio, photos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    assert run(studio, photos, CountingEncoder()) == 20
    assert tree(studio.root) == {}


def test_the_cache_can_be_deleted_at_any_time_and_is_kept_out_of_sight(studio: Studio, photos: list[Path]) -> None:
    encoder = CountingEncoder()
    run(studio, photos, encoder)
    assert [entry.name for entry in studio.root.iterdir() if entry.name.startswith(".")] == [".cache"]
    shutil.rmtree(studio.root / ".cache")
    assert run(studio, photos, encoder) == 20
    assert EmbeddingCache(studio, "patches", encoder.fingerprint).load().keys() == {content_hash(p) for p in photos}


def test_progress_names_the_pictures(studio: Studio, photos: list[Path]) -> None:
    told: list[Progress] = []
    embed_cached(studio, "patches", photos, CountingEncoder(), JobContext(told.append), "job.train_head")
    assert {progress.code for progress in told} == {"job.train_head"}
    assert [progress.done for progress in told] == list(range(1, 21))
    assert {progress.total for progress in told} == {20}
    assert {progress.params["photo"] for progress in told} == {path.name for path in photos}


@pytest.mark.skipif(os.name != "posix", reason="pipes are POSIX")
def test_a_pipe_among_the_photos_does_not_hang_the_build(photos: list[Path]) -> None:
    photos[2].unlink()
    os.mkfifo(photos[2])
    _, skipped = embed_files(photos, CountingEncoder(), JobContext(), known={}, report=ignore)
    assert [item.path for item in skipped] == [photos[2]]
