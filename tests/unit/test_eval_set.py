"""Evaluation sets: whole pieces set aside, the same ones for the same seed, and read however they were written."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_desktop.errors import EvalSetDamaged, EvalSetMissing, NoLabels, SaveFailed
from fabric_desktop.eval_set import extend_eval_set, held_out_patches, make_eval_set, read_eval_set, resolve_image
from fabric_desktop.imaging import content_hash
from fabric_desktop.labels import list_labeled
from fabric_desktop.studio import Studio
from tests.support import add_patches, cloth, make_studio, save_photo


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return make_studio(tmp_path / "data")


def write(studio: Studio, *lines: object) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    studio.eval_set_path.write_text(text + "\n", encoding="utf-8")
    return studio.eval_set_path


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


# ---------------------------------------------------------------- reading


def test_paths_are_found_however_they_were_written(studio: Studio, tmp_path: Path) -> None:
    (patch,) = add_patches(studio, "真丝缎", 1)
    photo = save_photo(studio.fabrics_dir / "cotton" / "1.jpg", cloth("cotton"))
    outside = save_photo(tmp_path / "elsewhere" / "x.png", cloth("x"))
    forms = {
        "data/patches/labeled/真丝缎/patch_000.png": patch,
        "patches/labeled/真丝缎/patch_000.png": patch,
        "./patches/labeled/真丝缎/patch_000.png": patch,
        "data\\patches\\labeled\\真丝缎\\patch_000.png": patch,
        "an older name/patches/labeled/真丝缎/patch_000.png": patch,
        "D:\\work\\data\\patches\\labeled\\真丝缎\\patch_000.png": patch,
        "/home/other/patches/data/patches/labeled/真丝缎/patch_000.png": patch,
        str(patch): patch,
        "fabrics/cotton/1.jpg": photo,
        "data/fabrics/cotton/1.jpg": photo,
        "elsewhere/x.png": outside,
        str(outside): outside,
    }
    write(studio, *({"image": form, "coords": [1, 2], "label": "x"} for form in forms))
    records = read_eval_set(studio)
    assert [record.given for record in records] == list(forms)
    for record, path in zip(records, forms.values(), strict=True):
        assert record.image.resolve() == path.resolve(), record.given
        assert record.whole == (path == patch)


def test_a_set_made_here_is_found_after_the_studio_was_renamed_and_moved(studio: Studio, tmp_path: Path) -> None:
    add_patches(studio, "a", 10)
    make_eval_set(studio)
    moved = tmp_path / "other place" / "面料库"
    moved.parent.mkdir()
    shutil.move(studio.root, moved)
    records = read_eval_set(Studio(moved))
    assert len(records) == 2
    assert all(record.image.is_file() and record.whole for record in records)


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
@pytest.mark.parametrize("linked", ["patches", "patches/labeled", "patches/labeled/a"])
def test_a_set_of_a_studio_whose_patches_are_a_link_is_scored_whole(
    studio: Studio, tmp_path: Path, linked: str
) -> None:
    add_patches(studio, "a", 10)
    elsewhere = tmp_path / "drive" / "moved here"
    elsewhere.parent.mkdir()
    shutil.move(studio.root / linked, elsewhere)
    (studio.root / linked).symlink_to(elsewhere, target_is_directory=True)
    make_eval_set(studio)
    assert all(record.whole and record.image.is_file() for record in read_eval_set(studio))
    assert len(held_out_patches(studio, list_labeled(studio))) == 2


@pytest.mark.skipif(os.name != "posix", reason="no such names on Windows")
@pytest.mark.parametrize("fabric", ["a\\b", "line\u2028separator", "form\x0cfeed", "next\x85line", 'q"uote'])
def test_a_set_of_fabrics_with_odd_names_can_be_read_again(studio: Studio, fabric: str) -> None:
    add_patches(studio, fabric, 10)
    make_eval_set(studio)
    records = read_eval_set(studio)
    assert [record.label for record in records] == [fabric] * 2
    assert all(record.image.is_file() for record in records)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are not Unicode")
def test_a_set_of_a_fabric_named_in_another_encoding_can_be_read_again(studio: Studio) -> None:
    add_patches(studio, os.fsdecode("真丝".encode("gbk")), 10, known=False)
    make_eval_set(studio)
    assert all(record.image.is_file() for record in read_eval_set(studio))


def test_a_set_from_windows_notepad_with_empty_lines_is_read(studio: Studio) -> None:
    first = '{"image": "data/x.png", "coords": [1, 2], "label": "a"}'
    second = '{"image": "data/y.png", "coords": [1.6, 2], "label": "b"}'
    studio.eval_set_path.write_bytes(f"\ufeff{first}\r\n\r\n  \r\n{second}".encode())
    records = read_eval_set(studio)
    assert [(record.line, record.label, record.coords) for record in records] == [(1, "a", (1, 2)), (4, "b", (2, 2))]


def test_no_set_and_an_empty_one_are_said(studio: Studio, tmp_path: Path) -> None:
    with pytest.raises(EvalSetMissing):
        read_eval_set(studio)
    write(studio, "", "  ")
    with pytest.raises(EvalSetDamaged) as caught:
        read_eval_set(studio)
    assert caught.value.params["reason"] == "empty"
    studio.eval_set_path.write_bytes("{}".encode("utf-16"))
    with pytest.raises(EvalSetDamaged) as caught:
        read_eval_set(studio)
    assert caught.value.params["reason"] == "unreadable"
    with pytest.raises(EvalSetDamaged):
        read_eval_set(studio, tmp_path)


GOOD = {"image": "data/x.png", "coords": [1, 2], "label": "a"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "json"),
        ("[1]", "json"),
        ("null", "json"),
        ("[" * 100_000, "json"),
        (GOOD | {"image": None}, "image"),
        (GOOD | {"image": ""}, "image"),
        (GOOD | {"image": "a\0b"}, "image"),
        ({"coords": [1, 2], "label": "a"}, "image"),
        (GOOD | {"label": ""}, "label"),
        (GOOD | {"label": 5}, "label"),
        (GOOD | {"coords": [1]}, "coords"),
        (GOOD | {"coords": ["1", "2"]}, "coords"),
        (GOOD | {"coords": [True, False]}, "coords"),
        ('{"image": "data/x.png", "coords": [1e999, 0], "label": "a"}', "coords"),
        ('{"image": "data/x.png", "coords": [NaN, 0], "label": "a"}', "coords"),
        (f'{{"image": "data/x.png", "coords": [{"9" * 400}, 0], "label": "a"}}', "coords"),
        ({"image": "data/x.png", "label": "a"}, "coords"),
    ],
)
def test_a_damaged_line_is_named_with_the_reason(studio: Studio, line: object, reason: str) -> None:
    write(studio, GOOD, line, GOOD)
    with pytest.raises(EvalSetDamaged) as caught:
        read_eval_set(studio)
    assert (caught.value.params["line"], caught.value.params["reason"]) == (2, reason)


def test_a_whole_patch_needs_no_coordinates(studio: Studio) -> None:
    add_patches(studio, "a", 1)
    write(studio, {"image": "data/patches/labeled/a/patch_000.png", "label": "a"})
    (record,) = read_eval_set(studio)
    assert record.whole


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    lines=st.lists(
        st.text(max_size=30)
        | st.fixed_dictionaries(
            {
                "image": st.text(max_size=8) | st.just("n" * 5000) | st.integers(),
                "coords": st.lists(st.integers() | st.floats() | st.none(), max_size=3) | st.none(),
                "label": st.text(max_size=5) | st.none(),
            }
        ).map(json.dumps),
        max_size=3,
    )
)
def test_any_lines_are_records_or_a_reason(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    studio = Studio(tmp_path_factory.getbasetemp())
    studio.eval_set_path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    try:
        records = read_eval_set(studio)
    except EvalSetDamaged as error:
        reason = error.params["reason"]
    else:
        reason = "records" if records else "none"
    assert reason in ("records", "json", "image", "label", "coords", "unreadable", "empty")


def test_a_picture_that_is_nowhere_is_looked_for_in_the_studio(studio: Studio) -> None:
    assert resolve_image(studio, "data/nowhere.png") == studio.root / "data" / "nowhere.png"
    assert resolve_image(studio, "/nowhere/x.png") == Path("/nowhere/x.png")


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
