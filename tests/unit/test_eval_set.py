"""Evaluation sets: whole pieces set aside, the same ones for the same seed, and kept from training as labels grow."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from fabric_desktop.errors import EvalSetDamaged, NoLabels, SaveFailed
from fabric_desktop.eval_set import extend_eval_set, held_out_patches, make_eval_set, read_eval_set
from fabric_desktop.imaging import content_hash
from fabric_desktop.labels import list_labeled
from fabric_desktop.studio import Studio
from tests.support import add_patches, cloth, make_studio, save_photo
from tests.unit.eval_sets import write


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return make_studio(tmp_path / "data")


def pieces_in_set(studio: Studio) -> set[str]:
    patches = {patch.path: patch.swatch_id for patch in list_labeled(studio)}
    return {patches[record.image] for record in read_eval_set(studio)}


# ---------------------------------------------------------------- making


def test_a_set_has_the_form_of_the_workflow(studio: Studio) -> None:
    add_patches(studio, "cotton", 10)
    report = make_eval_set(studio, split=0.2)
    lines = [json.loads(line) for line in studio.eval_set_path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == report.samples == 2
    for line in lines:
        assert list(line) == ["image", "coords", "label"]
        assert line["image"].startswith("data/patches/labeled/cotton/")
        assert line["coords"] == [120, 120]
        assert line["label"] == "cotton"
    assert report.bytes == studio.eval_set_path.stat().st_size
    assert [json.loads(example) for example in report.examples] == lines


@pytest.mark.parametrize(
    ("split", "per_fabric", "wanted"),
    [(0.2, 10, 2), (0.2, 5, 1), (0.2, 2, 1), (0.5, 10, 5), (0.01, 50, 1), (0.99, 10, 9), (0.25, 8, 2), (0.3, 7, 2)],
)
def test_each_fabric_gives_its_share_and_keeps_a_piece(
    studio: Studio, split: float, per_fabric: int, wanted: int
) -> None:
    for fabric in ("cotton", "真丝缎"):
        add_patches(studio, fabric, per_fabric)
    report = make_eval_set(studio, split=split)
    assert report.classes == {"cotton": wanted, "真丝缎": wanted}
    assert report.totals == {"cotton": per_fabric, "真丝缎": per_fabric}
    assert report.grouped


def test_a_piece_is_never_on_both_sides(studio: Studio) -> None:
    for fabric in ("a", "b", "c"):
        add_patches(studio, fabric, 20, pieces=5)
    for seed in range(8):
        make_eval_set(studio, split=0.3, seed=seed)
        chosen = {record.image for record in read_eval_set(studio)}
        inside, outside = pieces_in_set(studio), {p.swatch_id for p in list_labeled(studio) if p.path not in chosen}
        assert inside.isdisjoint(outside)
        assert Counter(record.label for record in read_eval_set(studio)).keys() == {"a", "b", "c"}


def test_the_same_seed_gives_the_same_set_and_another_another(studio: Studio) -> None:
    add_patches(studio, "a", 30)
    make_eval_set(studio)
    first = studio.eval_set_path.read_bytes()
    make_eval_set(studio)
    assert studio.eval_set_path.read_bytes() == first
    make_eval_set(studio, seed=7)
    assert studio.eval_set_path.read_bytes() != first


def test_new_labels_of_one_fabric_do_not_change_the_choice_in_another(studio: Studio) -> None:
    add_patches(studio, "a", 12)
    add_patches(studio, "b", 12)
    make_eval_set(studio)
    before = {record.image for record in read_eval_set(studio) if record.label == "a"}
    add_patches(studio, "b", 40)
    make_eval_set(studio)
    assert {record.image for record in read_eval_set(studio) if record.label == "a"} == before


def test_a_fabric_with_a_single_piece_keeps_it_and_is_named(studio: Studio) -> None:
    add_patches(studio, "one piece", 9, pieces=1)
    add_patches(studio, "more", 9, pieces=3)
    report = make_eval_set(studio)
    assert report.classes == {"more": 3}
    (warning,) = report.warnings
    assert (warning.code, warning.params) == ("eval_single_swatch", {"count": 1, "fabrics": "one piece"})


def test_nothing_that_could_be_set_aside_is_said(studio: Studio) -> None:
    with pytest.raises(NoLabels):
        make_eval_set(studio)
    add_patches(studio, "one", 9, pieces=1)
    with pytest.raises(NoLabels) as caught:
        make_eval_set(studio)
    assert caught.value.params["reason"] == "single_swatches"
    assert not studio.eval_set_path.exists()


def test_pieces_nobody_named_are_said(studio: Studio) -> None:
    add_patches(studio, "a", 10)
    assert make_eval_set(studio).grouped
    add_patches(studio, "b", 10, known=False)
    assert not make_eval_set(studio).grouped


@pytest.mark.parametrize("split", [0.0, 1.0, -0.2, 2, float("nan")])
def test_a_share_out_of_range_is_refused(studio: Studio, split: float) -> None:
    with pytest.raises(ValueError, match="split"):
        make_eval_set(studio, split=split)


def test_another_place_can_be_named_and_a_failed_save_leaves_the_old_set(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_patches(studio, "a", 10)
    place = tmp_path / "sets 评估" / "mine.jsonl"
    assert make_eval_set(studio, output=place).path == place
    assert not studio.eval_set_path.exists()
    before = place.read_bytes()

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(SaveFailed):
        make_eval_set(studio, output=place, seed=1)
    assert place.read_bytes() == before


@pytest.mark.parametrize(
    "coords", ['"here"', "[1]", '["a", "b"]', "[null, null]", "[1e999, 2]", "{}", "[true, false]", "[" * 9000]
)
def test_a_record_with_unusable_coordinates_does_not_spoil_the_set(studio: Studio, coords: str) -> None:
    for path in add_patches(studio, "a", 6):
        path.with_suffix(".json").write_text(f'{{"coords": {coords}, "click_xy": [3, 4]}}', encoding="utf-8")
    make_eval_set(studio)
    for record in read_eval_set(studio):
        assert record.coords in ((3, 4), (120, 120))


# ---------------------------------------------------------------- what training must not see


def test_held_out_are_the_patches_of_the_set_and_of_their_pieces(studio: Studio) -> None:
    paths = add_patches(studio, "a", 6, pieces=3) + add_patches(studio, "b", 6, pieces=3)
    assert held_out_patches(studio, list_labeled(studio)) == frozenset()
    write(studio, {"image": "data/patches/labeled/a/patch_000.png", "coords": [0, 0], "label": "a"})
    held = held_out_patches(studio, list_labeled(studio))
    assert held == {content_hash(paths[0]), content_hash(paths[3])}


def test_a_copy_of_a_patch_in_the_set_is_held_out_too(studio: Studio) -> None:
    paths = add_patches(studio, "a", 4, known=False)
    copy = shutil.copy(paths[0], studio.labeled_dir / "a" / "copy.png")
    write(studio, {"image": "data/patches/labeled/a/patch_000.png", "coords": [0, 0], "label": "a"})
    assert held_out_patches(studio, list_labeled(studio)) == {content_hash(copy)}


def test_patches_cut_from_a_photo_in_the_set_are_held_out(studio: Studio, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "photo.png", cloth("a", side=500))
    (path, other) = add_patches(studio, "a", 2, known=False)
    path.with_suffix(".json").write_text(
        json.dumps({"source_hash": content_hash(photo), "swatch_id": "s"}), encoding="utf-8"
    )
    write(studio, {"image": str(photo), "coords": [250, 250], "label": "a"})
    assert held_out_patches(studio, list_labeled(studio)) == {content_hash(path)}
    assert content_hash(other) not in held_out_patches(studio, list_labeled(studio))


def test_a_set_naming_pictures_that_are_gone_does_not_stop_training(studio: Studio) -> None:
    add_patches(studio, "a", 2)
    write(studio, {"image": "data/patches/labeled/a/gone.png", "coords": [0, 0], "label": "a"})
    assert held_out_patches(studio, list_labeled(studio)) == frozenset()


# ---------------------------------------------------------------- bringing it up to date


def extend(studio: Studio, seen: frozenset[str] = frozenset()) -> dict[str, str]:
    """Picture name -> label of the set, brought up to date."""
    return {record.image.name: record.label for record in extend_eval_set(studio, split=0.2, seed=42, seen=seen)}


def test_a_set_grows_with_the_labels_and_keeps_what_it_had(studio: Studio) -> None:
    add_patches(studio, "a", 10)
    first = extend(studio)
    assert len(first) == 2
    assert extend(studio) == first
    data = studio.eval_set_path.read_bytes()
    add_patches(studio, "a", 20)
    add_patches(studio, "真丝缎", 10)
    grown = {record.image: record.label for record in extend_eval_set(studio, split=0.2, seed=42, seen=frozenset())}
    assert sorted(grown.values()) == ["a"] * 4 + ["真丝缎"] * 2
    assert {json.loads(line)["image"] for line in data.decode().splitlines()} <= {
        f"data/{studio.relative(path)}" for path in grown
    }


def test_pieces_that_a_model_was_trained_on_are_not_taken_for_unseen(studio: Studio) -> None:
    paths = add_patches(studio, "a", 12, pieces=4)
    seen = frozenset(content_hash(path) for path in paths[:2])  # one patch of each of two pieces
    extend(studio, seen)
    chosen = pieces_in_set(studio)
    seen_pieces = {patch.swatch_id for patch in list_labeled(studio) if patch.content_hash in seen}
    assert chosen
    assert chosen.isdisjoint(seen_pieces)
    everything = frozenset(patch.content_hash for patch in list_labeled(studio))
    studio.eval_set_path.unlink()
    assert extend(studio, everything) == {}
    assert not studio.eval_set_path.exists()


def test_a_relabelled_patch_is_followed_and_a_deleted_one_is_dropped(studio: Studio) -> None:
    add_patches(studio, "a", 10)
    add_patches(studio, "b", 10)
    chosen = [record for record in extend_eval_set(studio, split=0.2, seed=42, seen=frozenset()) if record.label == "a"]
    relabelled, deleted = (record.image for record in chosen)
    moved = relabelled.with_name("a piece of its own.png")
    relabelled.rename(moved)
    extended = {record.image: record.label for record in extend_eval_set(studio, split=0.2, seed=42, seen=frozenset())}
    assert relabelled not in extended
    target = studio.labeled_dir / "b" / moved.name
    studio.eval_set_path.write_text(
        json.dumps({"image": f"data/{studio.relative(moved)}", "coords": [0, 0], "label": "a"}) + "\n", encoding="utf-8"
    )
    moved.rename(target)
    deleted.unlink()
    extended = {record.image: record.label for record in extend_eval_set(studio, split=0.2, seed=42, seen=frozenset())}
    assert extended[target] == "b"
    assert deleted not in extended


def test_pictures_outside_the_labels_stay_in_the_set_as_they_were(studio: Studio, tmp_path: Path) -> None:
    add_patches(studio, "a", 10)
    foreign = {"image": str(tmp_path / "garment.jpg"), "coords": [5, 6], "label": "a"}
    write(studio, foreign)
    extend(studio)
    assert foreign in [json.loads(line) for line in studio.eval_set_path.read_text(encoding="utf-8").splitlines()]


def test_a_damaged_set_is_not_written_over(studio: Studio) -> None:
    add_patches(studio, "a", 10)
    studio.eval_set_path.write_text("{", encoding="utf-8")
    with pytest.raises(EvalSetDamaged):
        extend(studio)
    assert studio.eval_set_path.read_text(encoding="utf-8") == "{"


def test_a_fabric_always_keeps_a_piece_to_learn_from(studio: Studio) -> None:
    for fabric, pieces in (("one", 1), ("two", 2), ("three", 3)):
        add_patches(studio, fabric, 12, pieces=pieces)
    for _ in range(3):
        extend(studio)
        inside = {record.image for record in read_eval_set(studio)}
        left = Counter(patch.fabric_id for patch in list_labeled(studio) if patch.path not in inside)
        assert set(left) == {"one", "two", "three"}
