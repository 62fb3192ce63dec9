"""Figures a person can trust: nothing scored on what it was made from, every record accounted for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from fabric_desktop.bank import build_bank
from fabric_desktop.errors import (
    BankMismatch,
    BankMissing,
    EvalSetDamaged,
    EvalSetMissing,
    HeadMismatch,
    HeadMissing,
)
from fabric_desktop.eval_set import make_eval_set
from fabric_desktop.evaluation import Evaluation, evaluate
from fabric_desktop.evaluation.folds import Folds
from fabric_desktop.head import train_head
from fabric_desktop.imaging import content_hash, square_around
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.labels import list_labeled
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.rules import load_rules
from fabric_desktop.studio import Studio, current_version
from fabric_desktop.studio.files import read_npz, write_json, write_npz
from tests.support import CountingEncoder, add_patches, cloth, make_studio, save_photo, tree

RULE = load_rules("fine").fabrics[0].id


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = make_studio(tmp_path / "我的 data", {"cotton": 3, "file": 3, "真丝缎": 3})
    build_bank(studio, CountingEncoder(), JobContext())
    return studio


def score(studio: Studio, method: str = "retrieval", **options: Any) -> Evaluation:
    return evaluate(studio, CountingEncoder(), JobContext(), method=method, **options)  # type: ignore[arg-type]


def write(studio: Studio, *records: dict[str, Any]) -> None:
    lines = [json.dumps({"coords": [120, 120], **record}, ensure_ascii=False) for record in records]
    studio.eval_set_path.write_text("\n".join(lines), encoding="utf-8")


def codes(result: Evaluation) -> set[str]:
    return {notice.code for notice in result.notices}


# ---------------------------------------------------------------- counting


def test_every_record_is_scored_or_named(studio: Studio) -> None:
    for fabric in ("cotton", "file", "真丝缎"):
        add_patches(studio, fabric, 5)
    make_eval_set(studio, split=0.4)
    broken, gone = [record for record in sorted((studio.labeled_dir / "file").glob("*.png"))][:2]
    chosen = [json.loads(line) for line in studio.eval_set_path.read_text(encoding="utf-8").splitlines()]
    extra = [
        {"image": f"{studio.root.name}/{studio.relative(path)}", "coords": [0, 0], "label": "file"}
        for path in (broken, gone)
    ]
    kept = [record for record in chosen if record["image"] not in {each["image"] for each in extra}]
    write(studio, *kept, *extra)
    broken.write_bytes(b"no picture")
    gone.unlink()
    result = score(studio)
    assert result.samples == len(kept) + 2
    assert result.processed == len(kept)
    assert [(error.image, error.reason, error.line) for error in result.errors] == [
        (extra[0]["image"], "not_a_picture", len(kept) + 1),
        (extra[1]["image"], "missing", len(kept) + 2),
    ]
    assert (result.top1, result.top3, result.top5) == (1.0, 1.0, 1.0)
    assert sum(each.samples for each in result.by_class.values()) == result.processed
    assert result.encoder == "dummy"
    assert result.confusion == ()


def test_shares_and_confusion_are_counted_by_hand(studio: Studio) -> None:
    right = save_photo(studio.labeled_dir / "cotton" / "right.png", cloth("cotton", 50))
    # Labelled cotton, looks like file: once taken for it, and not among the answers at all as "no such cloth".
    wrong = [save_photo(studio.labeled_dir / "cotton" / f"wrong {n}.png", cloth("file", 50 + n)) for n in range(2)]
    write(
        studio,
        {"image": str(right), "label": "cotton"},
        *({"image": str(path), "label": "cotton"} for path in wrong),
        {"image": str(right), "label": "no such cloth"},
    )
    result = score(studio, top_k=1)
    assert result.processed == 4
    assert result.top1 == result.top_k_hits == 1 / 4
    assert result.top3 == result.top5 == 3 / 4
    assert result.confusion == (("cotton", "file", 2), ("no such cloth", "cotton", 1))
    assert (result.by_class["cotton"].samples, result.by_class["cotton"].top1) == (3, 1 / 3)
    assert result.by_class["no such cloth"].top5 == 0.0
    notice = next(notice for notice in result.notices if notice.code == "labels_not_in_library")
    assert notice.params == {"count": 1, "fabrics": "no such cloth"}


def test_a_set_of_which_nothing_can_be_scored_has_no_figures(studio: Studio) -> None:
    write(studio, {"image": "gone.png", "label": "cotton"})
    result = score(studio)
    assert (result.samples, result.processed, result.top1, result.top5) == (1, 0, None, None)
    assert result.by_class == {}


def test_the_same_evaluation_gives_the_same_result_and_writes_nothing(studio: Studio) -> None:
    for fabric in ("cotton", "file"):
        add_patches(studio, fabric, 8)
    make_eval_set(studio)
    before = tree(studio.root)
    for method in ("retrieval", "fused", "rules"):
        assert score(studio, method) == score(studio, method)
    assert tree(studio.root) == before


# ---------------------------------------------------------------- nothing scored on itself


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


# ---------------------------------------------------------------- where the picture lies


def test_a_patch_is_scored_whole_and_a_photo_around_the_click(studio: Studio, tmp_path: Path) -> None:
    from PIL import Image

    photo = Image.new("RGB", (900, 900), (128, 128, 128))
    box = square_around(700, 200, photo.size)
    photo.paste(cloth("真丝缎", 9, side=box.width), (box.x, box.y))
    elsewhere = save_photo(tmp_path / "shots 照片" / "garment.png", photo)
    inside = save_photo(studio.labeled_dir / "cotton" / "patch.png", cloth("cotton", 9))
    write(
        studio,
        {"image": str(elsewhere), "coords": [700, 200], "label": "真丝缎"},
        {"image": str(inside), "coords": [9999, -5], "label": "cotton"},
    )
    assert score(studio).top1 == 1.0
    save_photo(studio.fabrics_dir / "grey" / "1.png", Image.new("RGB", (240, 240), (128, 128, 128)))
    build_bank(studio, CountingEncoder(), JobContext())
    write(studio, {"image": str(elsewhere), "coords": [200, 700], "label": "grey"})
    assert score(studio).top1 == 1.0


def test_a_click_beside_its_photo_is_an_error_and_no_answer(studio: Studio, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "coat.png", cloth("cotton", 3, side=400))
    write(studio, *({"image": str(photo), "coords": at, "label": "cotton"} for at in ([200, 200], [900, 200], [-1, 3])))
    result = score(studio)
    assert (result.processed, [error.reason for error in result.errors]) == (1, ["point", "point"])


@pytest.mark.parametrize("prefix", ["{name}/", "", "renamed since/"])
def test_a_set_by_an_older_script_is_scored_whatever_its_paths_are_relative_to(studio: Studio, prefix: str) -> None:
    add_patches(studio, "file", 3, known=False)
    name = prefix.format(name=studio.root.name)
    write(studio, *({"image": f"{name}patches/labeled/file/patch_{n:03}.png", "label": "file"} for n in range(3)))
    result = score(studio)
    assert (result.processed, result.top1) == (3, 1.0)
    assert not result.grouped
    assert "not_grouped" in codes(result)


def test_another_set_can_be_named(studio: Studio, tmp_path: Path) -> None:
    add_patches(studio, "file", 1)
    write(studio, {"image": "patches/labeled/file/patch_000.png", "label": "file"})
    other = shutil.move(studio.eval_set_path, tmp_path / "other.jsonl")
    with pytest.raises(EvalSetMissing):
        score(studio)
    assert score(studio, eval_set=Path(other)).processed == 1


# ---------------------------------------------------------------- methods


def test_rules_score_the_fabrics_they_know_and_count_the_others(studio: Studio) -> None:
    for fabric in (RULE, "sample 7"):
        add_patches(studio, fabric, 2)
    records = [
        {"image": f"patches/labeled/{fabric}/patch_00{n}.png", "label": fabric}
        for fabric in (RULE, "sample 7")
        for n in (0, 1)
    ]
    write(studio, *records)
    result = score(studio, "rules")
    assert (result.samples, result.processed, result.not_scored) == (4, 2, 2)
    assert "not_in_rules" in codes(result)
    assert result.alpha == 1.0
    mapped = score(studio, "rules", mapping={"sample 7": RULE})
    assert (mapped.processed, mapped.not_scored) == (4, 0)
    assert set(mapped.by_class) == {RULE}


def test_a_mapped_rule_is_found_under_the_id_that_the_studio_has_for_it(tmp_path: Path) -> None:
    rule = load_rules("fine").fabrics[0]
    studio = make_studio(tmp_path / "s", {rule.name_zh: 1, "sample 7": 1})
    photo = save_photo(tmp_path / "x.png", cloth("x"))
    write(studio, {"image": str(photo), "label": "sample 7"}, {"image": str(photo), "label": rule.name_zh})
    result = score(studio, "rules", mapping={"sample 7": rule.id})
    assert result.processed == 2
    assert "labels_not_in_library" not in codes(result)
    assert result.by_class[rule.id].top5 == result.by_class[rule.name_zh].top5


def test_the_alpha_that_was_used_is_told(studio: Studio) -> None:
    add_patches(studio, "file", 2)
    write(studio, {"image": "patches/labeled/file/patch_000.png", "label": "file"})
    assert score(studio, "fused", alpha=0.25).alpha == 0.25
    assert score(studio, "retrieval", alpha=0.25).alpha == 0.0
    for alpha in (-0.1, 1.5, "most"):
        with pytest.raises(ValueError, match="alpha"):
            score(studio, "fused", alpha=alpha)
    with pytest.raises(ValueError, match="top-k"):
        score(studio, top_k=0)


def test_a_missing_bank_or_head_is_said_and_not_scored_as_nothing(studio: Studio, tmp_path: Path) -> None:
    empty = make_studio(tmp_path / "empty")
    for each in (studio, empty):
        add_patches(each, "file", 2)
        write(each, {"image": "patches/labeled/file/patch_000.png", "label": "file"})
    with pytest.raises(BankMissing):
        score(empty)
    with pytest.raises(HeadMissing):
        score(studio, "head")
    with pytest.raises(BankMismatch):
        evaluate(studio, CountingEncoder("another"), JobContext(), method="retrieval")
    studio.eval_set_path.write_text("{", encoding="utf-8")
    with pytest.raises(EvalSetDamaged):
        score(studio)


def test_fused_without_a_bank_says_that_rules_answered_alone(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "s")
    add_patches(studio, RULE, 1)
    write(studio, {"image": f"patches/labeled/{RULE}/patch_000.png", "label": RULE})
    result = score(studio, "fused")
    assert result.processed == 1
    assert result.alpha == 1.0
    assert "visual_failed" in codes(result)


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


# ---------------------------------------------------------------- as a job


def test_progress_names_the_photos_and_a_cancel_is_heeded(studio: Studio) -> None:
    add_patches(studio, "file", 4)
    write(studio, *({"image": f"patches/labeled/file/patch_00{n}.png", "label": "file"} for n in range(4)))
    told: list[Progress] = []
    evaluate(studio, CountingEncoder(), JobContext(told.append), method="retrieval")
    assert [progress.done for progress in told] == [0, 1, 2, 3, 4]
    assert {progress.code for progress in told} == {"job.evaluate"}
    context = JobContext(lambda progress: context.cancel() if progress.done == 2 else None)
    with pytest.raises(Cancelled):
        evaluate(studio, CountingEncoder(), context, method="retrieval")
