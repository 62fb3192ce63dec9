"""Figures a person can trust: every record accounted for, each picture where it lies, each method as it was asked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fabric_desktop.bank import build_bank
from fabric_desktop.errors import BankMismatch, BankMissing, EvalSetDamaged, EvalSetMissing, HeadMissing
from fabric_desktop.eval_set import make_eval_set
from fabric_desktop.evaluation import evaluate
from fabric_desktop.imaging import square_around
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.rules import load_rules
from fabric_desktop.studio import Studio
from tests.support import CountingEncoder, add_patches, cloth, make_studio, save_photo, tree
from tests.unit.evaluation.scored import codes, score, write

RULE = load_rules("fine").fabrics[0].id


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


def test_a_set_that_is_too_small_to_tell_says_so(studio: Studio) -> None:
    """All of two right is no hundred per cent."""
    paths = [save_photo(studio.labeled_dir / "cotton" / f"{n}.png", cloth("cotton", 50 + n)) for n in range(2)]
    write(studio, *({"image": str(path), "label": "cotton"} for path in paths))
    result = score(studio)
    assert result.top1 == 1.0
    said = {notice.code: notice.params for notice in result.notices}
    assert said["one_fabric_scored"] == {"fabric": "cotton"}
    assert said["few_scored"] == {"count": 2, "low": "34", "high": "100"}


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
