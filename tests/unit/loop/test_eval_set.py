"""The evaluation set grows with the labels, keeps what it has, and never shares a piece of cloth with training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fabric_desktop.eval_set import EvalRecord, extend_eval_set, held_out_patches, read_eval_set
from fabric_desktop.imaging import content_hash
from fabric_desktop.labels import list_labeled
from fabric_desktop.studio import Studio
from tests.support import add_patches, cloth, make_studio, save_photo


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    made = make_studio(tmp_path / "我的 studio")
    for fabric in ("麻", "file"):
        add_patches(made, fabric, 12, pieces=6)
    return made


def extended(studio: Studio, seen: frozenset[str] = frozenset(), split: float = 0.25) -> list[EvalRecord]:
    return extend_eval_set(studio, split=split, seed=1, seen=seen)


def names(records: list[EvalRecord]) -> set[str]:
    return {f"{record.label}/{record.image.name}" for record in records}


def test_a_set_is_made_of_whole_pieces_where_there_is_none(studio: Studio) -> None:
    records = extended(studio)
    assert len(records) == 2 * 2  # one piece of two patches, or two of four, is as near to three patches a fabric
    held_out = held_out_patches(studio, list_labeled(studio))
    assert held_out == {content_hash(record.image) for record in records}


def test_the_same_labels_give_the_same_set_and_new_ones_leave_the_old_in_it(studio: Studio) -> None:
    first = names(extended(studio))
    assert names(extended(studio)) == first
    add_patches(studio, "新", 8, pieces=4)
    second = names(extended(studio))
    assert first < second


def test_what_a_model_was_trained_on_is_never_added_nor_other_patches_of_its_pieces(studio: Studio) -> None:
    seen = frozenset(patch.content_hash for patch in list_labeled(studio) if patch.path.name < "patch_006.png")
    assert extended(studio, seen) == []  # every piece has a patch among them


def test_a_new_patch_of_a_piece_in_the_set_joins_it(studio: Studio) -> None:
    record = extended(studio)[0]
    again = save_photo(record.image.with_name("again.png"), cloth(record.label, 5000))
    again.with_suffix(".json").write_bytes(record.image.with_suffix(".json").read_bytes())
    assert f"{record.label}/again.png" in names(extended(studio))


def test_a_patch_that_was_moved_by_hand_is_followed_and_one_that_is_gone_goes(studio: Studio) -> None:
    first, second, *_ = extended(studio)
    target = studio.labeled_dir / "moved" / first.image.name
    target.parent.mkdir()
    name = "unmistakable.png"
    first.image.rename(target.with_name(name))
    text = studio.eval_set_path.read_text(encoding="utf-8").replace(first.image.name, name, 1)
    studio.eval_set_path.write_text(text, encoding="utf-8")
    second.image.unlink()
    after = names(extended(studio))
    assert f"moved/{name}" in after
    assert f"{second.label}/{second.image.name}" not in after


def test_pictures_elsewhere_stay_in_the_set_as_they_were_written(studio: Studio, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "elsewhere.png", cloth("麻"))
    line = json.dumps({"image": str(photo), "coords": [10, 20], "label": "麻"}, ensure_ascii=False)
    studio.eval_set_path.write_text(line + "\n", encoding="utf-8")
    records = extended(studio)
    assert (records[0].image, records[0].coords) == (photo, (10, 20))
    assert len(records) > 1
    assert read_eval_set(studio) == records


def test_a_piece_that_was_given_two_names_is_set_aside_under_both(studio: Studio) -> None:
    for number, path in enumerate(sorted((studio.labeled_dir / "麻").glob("*.png"))):
        twin = save_photo(
            studio.labeled_dir / "file" / f"twin {number}.png", cloth("麻", 100 + number % 6, 70 + number)
        )
        twin.with_suffix(".json").write_bytes(path.with_suffix(".json").read_bytes())
    first = extended(studio)
    held_out = held_out_patches(studio, list_labeled(studio))
    assert held_out == {content_hash(record.image) for record in first}
    assert extended(studio) == first
