"""Evaluation sets are read however and wherever they were written; a damaged line is named with its reason."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_desktop.errors import EvalSetDamaged, EvalSetMissing
from fabric_desktop.eval_set import held_out_patches, make_eval_set, read_eval_set, resolve_image
from fabric_desktop.labels import list_labeled
from fabric_desktop.studio import Studio
from tests.support import add_patches, cloth, make_studio, save_photo
from tests.unit.eval_sets import write


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return make_studio(tmp_path / "data")


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


@pytest.mark.parametrize("absolute", [False, True])
def test_a_copy_of_a_studio_is_scored_on_its_own_patches_though_the_original_lies_beside_it(
    studio: Studio, absolute: bool
) -> None:
    """Both would be counted otherwise, and what happens to the original would change the copy's figures."""
    patches = add_patches(studio, "a", 2)
    prefix = studio.root if absolute else studio.root.name
    write(studio, *({"image": f"{prefix}/{studio.relative(path)}", "coords": [1, 1], "label": "a"} for path in patches))
    copy = Studio(shutil.copytree(studio.root, studio.root.parent / "copy of it"))
    records = read_eval_set(copy)
    assert all(record.image.is_relative_to(copy.root) and record.whole for record in records)
    # Asked about the other studio's set, it is the other studio's patches that are meant.
    assert all(record.image.is_relative_to(studio.root) for record in read_eval_set(copy, studio.eval_set_path))
    if not absolute:
        patches[0].with_suffix(".json").unlink()
        (copy.root / studio.relative(patches[0])).unlink()
        assert not read_eval_set(copy)[0].image.exists(), "gone here is gone, whatever the original has"
