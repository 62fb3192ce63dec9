"""What a training saw of the labelled patches is not looked at again: a day's labels cost their own time once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fabric_desktop.attributes import measure_look
from fabric_desktop.bank import build_bank
from fabric_desktop.eval_set import make_eval_set
from fabric_desktop.evaluation import observing
from fabric_desktop.evaluation.measure import evaluate
from fabric_desktop.evaluation.observing import KeptLooks, as_plain, from_plain, observe_patches, remembered_patches
from fabric_desktop.head import train
from fabric_desktop.imaging import content_hash, open_photo
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import list_labeled
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import read_json, write_json
from tests.support import CountingEncoder, add_patches, cloth, make_studio, save_photo

PATCHES = 24


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = make_studio(tmp_path / "工作 室")
    for fabric in ("cotton", "真丝缎"):
        add_patches(studio, fabric, PATCHES // 2, pieces=6)
    return studio


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each look that was measured."""
    looks: list[object] = []
    real = observing.measure_look
    monkeypatch.setattr(observing, "measure_look", lambda image: looks.append(image) or real(image))
    return looks


def test_a_training_forgets_no_embedding_of_the_patches_that_it_leaves_out(studio: Studio) -> None:
    """They are asked for at every retraining: forgotten each time, each of them would be encoded each time."""
    encoder = CountingEncoder()
    make_eval_set(studio)
    observe_patches(studio, encoder, list_labeled(studio), JobContext())
    assert encoder.pictures == PATCHES
    save_photo(studio.labeled_dir / "cotton" / "new.png", cloth("cotton", 900))
    train(studio, encoder, JobContext())
    observe_patches(studio, encoder, list_labeled(studio), JobContext())
    assert encoder.pictures == PATCHES + 1, "the new one alone"


def test_a_look_is_measured_once_and_comes_back_to_the_last_digit(studio: Studio, measured: list[object]) -> None:
    patches, encoder = list_labeled(studio), CountingEncoder()
    first = observe_patches(studio, encoder, patches, JobContext())
    assert len(measured) == PATCHES
    again = observe_patches(studio, encoder, patches, JobContext())
    assert len(measured) == PATCHES
    for patch in patches:
        one, other = first.observations[patch.path], again.observations[patch.path]
        assert one.look == other.look == measure_look(open_photo(patch.path))
        assert np.array_equal(first.embeddings[patch.path], again.embeddings[patch.path])
    save_photo(patches[0].path, cloth("wool", 1))
    changed = observe_patches(studio, encoder, list_labeled(studio), JobContext())
    assert len(measured) == PATCHES + 1
    assert changed.observations[patches[0].path].look == measure_look(open_photo(patches[0].path))


def test_an_evaluation_looks_at_nothing_that_the_training_saw_and_says_the_same(studio: Studio) -> None:
    for fabric in ("cotton", "真丝缎"):
        save_photo(studio.fabrics_dir / fabric / "ref.png", cloth(fabric, 1))
    make_eval_set(studio)
    encoder = CountingEncoder()
    build_bank(studio, encoder, JobContext())
    plain = evaluate(studio, encoder, JobContext(), method="rules")
    by_eye = evaluate(studio, encoder, JobContext(), method="fused")
    observe_patches(studio, encoder, list_labeled(studio), JobContext())
    seen = encoder.pictures
    assert evaluate(studio, encoder, JobContext(), method="fused") == by_eye
    assert evaluate(studio, encoder, JobContext(), method="rules") == plain
    assert encoder.pictures == seen


def test_a_patch_that_changed_is_looked_at_anew_in_an_evaluation(studio: Studio) -> None:
    make_eval_set(studio)
    encoder = CountingEncoder()
    observe_patches(studio, encoder, list_labeled(studio), JobContext())
    seen = encoder.pictures
    line = json.loads(studio.eval_set_path.read_text(encoding="utf-8").splitlines()[0])
    save_photo(studio.root.parent / line["image"], cloth("cotton", 77))
    evaluate(studio, encoder, JobContext(), method="fused")
    assert encoder.pictures == seen + 1


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"null", b'{"measured": 3}', b"\xff\xfe"],
    ids=["empty", "cut off", "a list", "null", "another number", "no text"],
)
def test_looks_that_cannot_be_read_are_measured_again(studio: Studio, damage: bytes, measured: list[object]) -> None:
    patches, encoder = list_labeled(studio)[:3], CountingEncoder()
    observe_patches(studio, encoder, patches, JobContext())
    (studio.root / ".cache" / "patches-looks.json").write_bytes(damage)
    assert remembered_patches(studio, encoder) == {}
    observe_patches(studio, encoder, patches, JobContext())
    assert len(measured) == 6
    assert remembered_patches(studio, encoder).keys() == {patch.content_hash for patch in patches}


def test_looks_measured_in_another_way_or_named_by_another_palette_are_measured_again(
    studio: Studio, measured: list[object]
) -> None:
    patches, encoder = list_labeled(studio)[:3], CountingEncoder()
    observe_patches(studio, encoder, patches, JobContext())
    kept = studio.root / ".cache" / "patches-looks.json"
    write_json(kept, read_json(kept) | {"measured": "0 other"})
    assert remembered_patches(studio, encoder) == {}
    observe_patches(studio, encoder, patches, JobContext())
    assert len(measured) == 6
    assert remembered_patches(studio, encoder).keys() == {patch.content_hash for patch in patches}


def test_numbers_that_no_measurement_gives_are_not_taken_for_a_look(studio: Studio) -> None:
    path = list_labeled(studio)[0].path
    look = measure_look(open_photo(path))
    plain = json.loads(json.dumps(as_plain(look)))
    assert from_plain(plain) == look
    for key, value in (("sheen", True), ("sheen", "0.5"), ("sheen", float("nan")), ("colors", []), ("colors", None)):
        with pytest.raises((ValueError, TypeError)):
            from_plain(plain | {key: value})
    with pytest.raises(KeyError):
        from_plain({key: value for key, value in plain.items() if key != "chroma"})


def test_a_studio_that_cannot_be_written_to_is_only_slower(studio: Studio, measured: list[object]) -> None:
    path = list_labeled(studio)[0].path
    (studio.root / ".cache").write_text("a file where the folder should be", encoding="utf-8")
    looks = KeptLooks(studio)
    looks.of(path, content_hash(path))
    looks.save({content_hash(path)})
    assert KeptLooks(studio).known == {}
    assert len(measured) == 1
