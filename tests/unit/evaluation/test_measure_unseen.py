"""Nothing is scored on what it was made from: not by its own photo, nor by a head that learnt its piece."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fabric_desktop.bank import build_bank
from fabric_desktop.errors import HeadMismatch
from fabric_desktop.eval_set import make_eval_set
from fabric_desktop.evaluation.folds import Folds
from fabric_desktop.head import train_head
from fabric_desktop.imaging import content_hash
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import list_labeled
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, current_version
from fabric_desktop.studio.files import read_npz, write_json, write_npz
from tests.support import CountingEncoder, add_patches, cloth, make_studio, save_photo
from tests.unit.evaluation.scored import codes, score, write


def test_a_reference_that_is_the_patchs_own_photo_does_not_speak_for_it(studio: Studio) -> None:
    # One stray reference under "file" that is pixel for pixel the query: it must not decide the answer.
    query = save_photo(studio.labeled_dir / "cotton" / "query.png", cloth("cotton", 77))
    shutil.copy(query, studio.fabrics_dir / "file" / "same photo.png")
    build_bank(studio, CountingEncoder(), JobContext())
    write(studio, {"image": str(query), "label": "cotton"})
    assert score(studio).top1 == 1.0


@pytest.mark.parametrize("where", ["labelled", "elsewhere"])
def test_references_cut_from_the_same_photo_do_not_speak_for_it(studio: Studio, tmp_path: Path, where: str) -> None:
    folder = studio.labeled_dir / "cotton" if where == "labelled" else tmp_path / "shots"
    query = save_photo(folder / "query.png", cloth("cotton", 77))
    write_json(query.with_suffix(".json"), {"source_hash": "the photo"})
    sibling = save_photo(studio.fabrics_dir / "file" / "cut.png", cloth("cotton", 77, 1))
    write_json(sibling.with_suffix(".json"), {"source_hash": "the photo"})
    build_bank(studio, CountingEncoder(), JobContext())
    write(studio, {"image": str(query), "label": "cotton"})
    assert score(studio).top1 == 1.0
    write_json(sibling.with_suffix(".json"), {"source_hash": "another photo"})
    build_bank(studio, CountingEncoder(), JobContext())
    assert score(studio).top1 == 0.0


def test_the_only_reference_of_a_fabric_being_the_query_itself_is_a_miss(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "s", {"cotton": 3})
    photo = save_photo(studio.fabrics_dir / "alone" / "1.png", cloth("alone"))
    build_bank(studio, CountingEncoder(), JobContext())
    write(studio, {"image": str(photo), "label": "alone"})
    result = score(studio)
    assert (result.top1, result.top5) == (0.0, 0.0)


def trained(studio: Studio, count: int = 12, pieces: int = 4) -> None:
    for fabric in ("cotton", "file"):
        add_patches(studio, fabric, count, pieces=pieces)
    train_head(studio, CountingEncoder(), JobContext())


@pytest.mark.parametrize("method", ["head", "fused"])
def test_patches_trained_on_are_scored_out_of_fold_and_counted(studio: Studio, method: str) -> None:
    trained(studio)
    make_eval_set(studio, split=0.25)  # afterwards, as the workflow does
    result = score(studio, method)
    assert (result.processed, result.out_of_fold) == (6, 6)
    notice = next(notice for notice in result.notices if notice.code == "out_of_fold")
    assert notice.params == {"count": 6, "total": 6}


def test_out_of_fold_scores_do_not_flatter_a_head_that_learnt_pieces_by_heart(studio: Studio) -> None:
    # Pieces of one fabric look nothing like one another: only a piece seen before could be recognised.
    for fabric in ("cotton", "file"):
        for number in range(12):
            path = save_photo(studio.labeled_dir / fabric / f"{number}.png", cloth(f"{fabric} {number % 4}", 0, number))
            write_json(path.with_suffix(".json"), {"swatch_id": f"{fabric} {number % 4}"})
    report = train_head(studio, CountingEncoder(), JobContext())
    make_eval_set(studio, split=0.99)
    result = score(studio, "head")
    assert report.train_accuracy == 1.0
    assert result.out_of_fold == result.processed == 18
    assert result.top1 is not None
    assert result.top1 < 0.8


def test_patches_never_trained_on_are_scored_by_the_head_itself(studio: Studio) -> None:
    for fabric in ("cotton", "file"):
        add_patches(studio, fabric, 12, pieces=4)
    make_eval_set(studio, split=0.25)
    train_head(studio, CountingEncoder(), JobContext())
    result = score(studio, "head")
    assert (result.processed, result.out_of_fold, result.top1) == (6, 0, 1.0)
    assert result.grouped


def test_a_single_piece_trained_on_is_not_taken_for_knowledge(studio: Studio) -> None:
    add_patches(studio, "cotton", 10, pieces=1)
    add_patches(studio, "file", 10, pieces=5)
    train_head(studio, CountingEncoder(), JobContext())
    write(studio, {"image": "patches/labeled/cotton/patch_000.png", "label": "cotton"})
    result = score(studio, "head")
    assert result.out_of_fold == 1
    assert result.top1 == 0.0  # a head that never saw the piece knows nothing of cotton, whatever comes first by id


def test_a_new_patch_of_a_piece_trained_on_is_judged_by_a_head_that_never_saw_the_piece(studio: Studio) -> None:
    trained(studio)
    new = save_photo(studio.labeled_dir / "cotton" / "new.png", cloth("cotton", 100, 99))
    write_json(new.with_suffix(".json"), {"swatch_id": "cotton-100"})
    other = save_photo(studio.labeled_dir / "cotton" / "other.png", cloth("cotton", 555))
    write_json(other.with_suffix(".json"), {"swatch_id": "a piece of its own"})
    write(studio, {"image": str(new), "label": "cotton"}, {"image": str(other), "label": "cotton"})
    result = score(studio, "head")
    assert result.grouped  # no piece stands on both sides any more
    assert result.out_of_fold == 0
    notice = next(notice for notice in result.notices if notice.code == "seen_pieces")
    assert notice.params == {"count": 1}
    assert "seen_pieces" not in codes(score(studio, "retrieval"))
    assert score(studio, "retrieval").grouped


def test_a_head_knows_nothing_of_a_fabric_whose_only_piece_is_the_one_asked_about(studio: Studio) -> None:
    add_patches(studio, "cotton", 10, pieces=1)
    add_patches(studio, "file", 10, pieces=5)
    train_head(studio, CountingEncoder(), JobContext())
    new = save_photo(studio.labeled_dir / "cotton" / "new.png", cloth("cotton", 100, 99))
    write_json(new.with_suffix(".json"), {"swatch_id": "cotton-100"})
    write(studio, {"image": str(new), "label": "cotton"})
    assert score(studio, "head").top1 == 0.0
    in_use = Recognizer(studio, CountingEncoder()).recognize(cloth("cotton", 100, 99), method="head")
    assert in_use.candidates[0].id == "cotton"  # from memory


def test_a_photo_whose_patches_trained_the_head_is_judged_without_them(studio: Studio, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "coat.png", cloth("cotton", 100, side=600))
    add_patches(studio, "file", 10, pieces=5)
    for path in add_patches(studio, "cotton", 10, pieces=1):
        write_json(path.with_suffix(".json"), {"swatch_id": "cotton-100", "source_hash": content_hash(photo)})
    train_head(studio, CountingEncoder(), JobContext())
    write(studio, {"image": str(photo), "coords": [300, 300], "label": "cotton"})
    result = score(studio, "head")
    assert (result.processed, result.top1) == (1, 0.0)
    assert next(notice for notice in result.notices if notice.code == "seen_pieces").params == {"count": 1}


def test_the_head_that_stands_in_is_as_sure_as_the_one_in_use(studio: Studio) -> None:
    trained(studio)
    recognizer = Recognizer(studio, CountingEncoder())
    patches = list_labeled(studio)
    folds = Folds(recognizer, "head", patches, JobContext())
    embedding = recognizer.encoder.encode([cloth("cotton", 777)])[0]
    head = recognizer.model.head
    assert head is not None
    in_use = dict(zip(head.fabric_ids, head.predict_proba(embedding[None])[0].tolist(), strict=True))
    # Nothing left out: the same patches, the same temperature, the same answer.
    assert folds.without(frozenset(), "cotton", embedding) == pytest.approx(in_use, abs=1e-3)


def test_folds_of_another_head_are_refused(studio: Studio) -> None:
    trained(studio)
    make_eval_set(studio)
    version = current_version(studio)
    assert version is not None
    folds = read_npz(version.path / "head_folds.npz")
    write_npz(version.path / "head_folds.npz", folds | {"out_of_fold": folds["out_of_fold"][:, :1]})
    manifest = json.loads((version.path / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["head_folds.npz"] = content_hash(version.path / "head_folds.npz")
    write_json(version.path / "manifest.json", manifest)
    with pytest.raises(HeadMismatch):
        score(studio, "head")
