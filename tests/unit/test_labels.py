"""A label is the work of a person's hand: kept whole, never written over, never lost to a fault beside it."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fabric_desktop.errors import BadFabricId, SaveFailed
from fabric_desktop.imaging import Box, content_hash, open_photo
from fabric_desktop.labels import (
    PatchOrigin,
    count_by_fabric,
    list_labeled,
    list_unlabeled,
    save_patch,
)
from fabric_desktop.studio import Studio, open_studio
from tests.support import add_patches, cloth, make_studio, save_photo, tree


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "我的 studio", create=True)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save_photo(tmp_path / "照片 photos" / "正面 (1).jpg", cloth("silk", side=600))


def record_of(path: Path) -> dict[str, Any]:
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_a_label_keeps_the_pixels_and_says_where_they_came_from(studio: Studio, photo: Path) -> None:
    patch = cloth("silk", 3, side=100)
    origin = PatchOrigin(photo=photo, box=Box(10, 20, 100, 60), px_per_cm=118.1, region_id="r1")
    path = save_patch(studio, patch, "真丝缎", origin, encoder="builtin", topk=[{"id": "cotton", "score": 0.4}])
    assert path.parent == studio.labeled_dir / "真丝缎"
    assert (np.asarray(open_photo(path)) == np.asarray(patch)).all()
    record = record_of(path)
    assert record.pop("saved_at").endswith("+00:00")
    assert record == {
        "source_photo": photo.resolve().as_posix(),
        "source_hash": content_hash(photo),
        "box": [10, 20, 100, 60],
        "coords": [60, 50],
        "region_id": "r1",
        "swatch_id": content_hash(photo),
        "px_per_cm": 118.1,
        "encoder": "builtin",
        "topk": [{"id": "cotton", "score": 0.4}],
    }


def test_what_the_person_said_of_click_and_piece_is_kept(studio: Studio, photo: Path) -> None:
    origin = PatchOrigin(photo=photo, box=Box(0, 0, 50, 50), click=(7, 8), swatch_id="piece 12")
    record = record_of(save_patch(studio, cloth("a"), "cotton", origin))
    assert (record["coords"], record["swatch_id"], record["source_hash"]) == ([7, 8], "piece 12", content_hash(photo))


def test_a_photo_of_the_studio_is_named_relative_to_it(studio: Studio) -> None:
    inside = save_photo(studio.fabrics_dir / "cotton" / "1.png", cloth("cotton"))
    record = record_of(save_patch(studio, cloth("cotton"), "cotton", PatchOrigin(photo=inside)))
    assert record["source_photo"] == "fabrics/cotton/1.png"


def test_a_patch_from_the_clipboard_needs_no_photo(studio: Studio) -> None:
    path = save_patch(studio, cloth("a"), "cotton", PatchOrigin())
    assert path.name.startswith("patch_")
    (patch,) = list_labeled(studio)
    assert patch.swatch_id == patch.source == patch.content_hash
    assert not patch.swatch_known


def test_labelling_the_same_patch_again_and_again_keeps_every_label(studio: Studio, photo: Path) -> None:
    paths = {save_patch(studio, cloth("a"), "cotton", PatchOrigin(photo=photo)) for _ in range(50)}
    assert len(paths) == 50
    assert all(path.is_file() and path.with_suffix(".json").is_file() for path in paths)
    assert count_by_fabric(studio) == {"cotton": 50}


def test_a_source_photo_that_has_gone_away_does_not_cost_the_label(studio: Studio, photo: Path) -> None:
    photo.unlink()
    path = save_patch(studio, cloth("a"), "cotton", PatchOrigin(photo=photo, box=Box(0, 0, 5, 5)))
    record = record_of(path)
    assert record["source_photo"] == photo.resolve().as_posix()
    assert "source_hash" not in record
    assert len(list_labeled(studio)) == 1


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "RGBA", "F", "I;16", "1"])
def test_a_patch_of_any_mode_can_be_labelled(studio: Studio, mode: str) -> None:
    patch = cloth("a", side=30)
    patch = patch.convert("L").convert(mode) if mode == "I;16" else patch.convert(mode)
    assert open_photo(save_patch(studio, patch, "cotton", PatchOrigin())).size == (30, 30)


@pytest.mark.parametrize(
    "stem",
    ["a" * 250, "𠀀" * 60, "丝" * 80, "a?b*c", " ", "...", "🧵", "con", 'q"uote', "new\nline"]
    if sys.platform != "win32"
    else ["a"],
)
def test_whatever_the_photo_is_called_its_label_has_a_name(studio: Studio, tmp_path: Path, stem: str) -> None:
    path = save_patch(studio, cloth("a"), "cotton", PatchOrigin(photo=tmp_path / f"{stem}.jpg", photo_hash="h"))
    assert path.is_file()
    assert len(path.name.encode()) <= 255
    assert not set(path.name) & set('<>:"/\\|?*\n')


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are not Unicode")
def test_a_photo_named_in_another_encoding_can_be_labelled(studio: Studio, tmp_path: Path) -> None:
    photo = tmp_path / os.fsdecode("真丝.png".encode("gbk"))
    save_photo(photo, cloth("a"))
    path = save_patch(studio, cloth("a"), "silk", PatchOrigin(photo=photo))
    assert record_of(path)["source_photo"] == photo.resolve().as_posix()


@pytest.mark.parametrize("fabric", ["", "..", "../up", "a/b", "con", ".x", "n" * 260])
def test_a_name_that_cannot_be_a_folder_is_refused_and_nothing_is_written(studio: Studio, fabric: str) -> None:
    before = tree(studio.root.parent)
    with pytest.raises(BadFabricId):
        save_patch(studio, cloth("a"), fabric, PatchOrigin())
    assert tree(studio.root.parent) == before


def test_two_ways_of_typing_an_accent_go_into_the_folder_that_is_there(studio: Studio) -> None:
    typed = unicodedata.normalize("NFC", "crêpe")
    from_a_mac = unicodedata.normalize("NFD", "crêpe")
    assert save_patch(studio, cloth("a"), from_a_mac, PatchOrigin()).parent.name == typed
    (studio.fabrics_dir / unicodedata.normalize("NFD", "étamine")).mkdir(parents=True)
    (library_id,) = studio.fabric_ids()
    assert save_patch(studio, cloth("a"), library_id, PatchOrigin()).parent.name == library_id
    as_typed = unicodedata.normalize("NFC", "étamine")
    assert save_patch(studio, cloth("b"), as_typed, PatchOrigin()).parent.name == library_id


def test_another_case_of_letters_is_no_second_fabric(studio: Studio) -> None:
    """On Windows and macOS it would be the same folder; elsewhere a part of the labels would lie in another one."""
    (studio.fabrics_dir / "denim").mkdir(parents=True)
    assert save_patch(studio, cloth("a"), "Denim", PatchOrigin()).parent.name == "denim"
    # Two that are there already, as an older copy of a studio may have, stay two.
    (studio.fabrics_dir / "Denim").mkdir()
    assert save_patch(studio, cloth("a"), "Denim", PatchOrigin()).parent.name == "Denim"
    assert save_patch(studio, cloth("a"), "denim", PatchOrigin()).parent.name == "denim"


@pytest.mark.parametrize("step", ["os.fsync", "tempfile.mkstemp", "pathlib.Path.replace", "pathlib.Path.mkdir"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_label_that_cannot_be_saved_leaves_no_half(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    save_patch(studio, cloth("b"), "cotton", PatchOrigin())
    before = tree(studio.root)
    owner, name = step.rsplit(".", 1)
    target: Any = {"os": os, "tempfile": __import__("tempfile"), "pathlib.Path": Path}[owner]
    real, calls = getattr(target, name), [0]

    def failing(*args: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] >= number:
            raise OSError(28, "No space left on device")
        return real(*args, **options)

    monkeypatch.setattr(target, name, failing)
    with pytest.raises(SaveFailed) as caught:
        save_patch(studio, cloth("a"), "cotton", PatchOrigin())
    monkeypatch.undo()
    assert caught.value.params["reason"] == "disk_full"
    assert tree(studio.root) == before


# ---------------------------------------------------------------- reading


def test_patches_made_by_hand_or_by_older_scripts_count_as_labels(studio: Studio) -> None:
    folder = studio.labeled_dir / "silk satin"
    for name in ("a.jpg", "B.PNG", "c.jpeg"):
        save_photo(folder / name, cloth(name))
    (folder / "README.txt").write_text("x", encoding="utf-8")
    (folder / "a.json").write_text('{"click_xy": [3, 4], "features": {}, "saved_at": "2024"}', encoding="utf-8")
    (studio.labeled_dir / "loose.png").write_bytes(b"")
    patches = list_labeled(studio)
    assert [(patch.fabric_id, patch.path.name) for patch in patches] == [
        ("silk satin", "B.PNG"),
        ("silk satin", "a.jpg"),
        ("silk satin", "c.jpeg"),
    ]
    assert patches[1].record["click_xy"] == [3, 4]
    assert not any(patch.swatch_known for patch in patches)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 99_999, '{"swatch_id": null}', "\ufffe"])
def test_a_record_that_cannot_be_read_does_not_cost_the_label(studio: Studio, text: str) -> None:
    (path,) = add_patches(studio, "cotton", 1)
    path.with_suffix(".json").write_text(text, encoding="utf-8")
    (patch,) = list_labeled(studio)
    assert patch.swatch_id == patch.content_hash
    assert not patch.swatch_known


def test_the_piece_is_the_named_one_else_the_photo_else_the_patch_itself(studio: Studio) -> None:
    named, cut, plain = add_patches(studio, "cotton", 3, known=False)
    named.with_suffix(".json").write_text('{"swatch_id": 12, "source_hash": "photo"}', encoding="utf-8")
    cut.with_suffix(".json").write_text('{"source_hash": "photo"}', encoding="utf-8")
    patches = {patch.path: patch for patch in list_labeled(studio)}
    assert (patches[named].swatch_id, patches[named].swatch_known, patches[named].source) == ("12", True, "photo")
    assert (patches[cut].swatch_id, patches[cut].swatch_known, patches[cut].source) == ("photo", False, "photo")
    assert patches[plain].swatch_id == patches[plain].source == patches[plain].content_hash


def test_counts_leave_out_fabrics_without_a_patch(studio: Studio) -> None:
    add_patches(studio, "cotton", 2)
    (studio.labeled_dir / "empty").mkdir()
    assert count_by_fabric(studio) == {"cotton": 2}
    assert list_unlabeled(studio) == []
    save_photo(studio.unlabeled_dir / "later.png", cloth("x"))
    assert [path.name for path in list_unlabeled(studio)] == ["later.png"]


# ---------------------------------------------------------------- moving


def test_a_folder_of_patches_that_is_a_link_is_read_as_the_studios(tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("links need rights on Windows")
    drive = make_studio(tmp_path / "drive")
    add_patches(drive, "cotton", 2)
    root = tmp_path / "data"
    root.mkdir()
    (root / "patches").symlink_to(drive.root / "patches", target_is_directory=True)
    studio = Studio(root)
    assert [studio.relative(patch.path) for patch in list_labeled(studio)] == [
        "patches/labeled/cotton/patch_000.png",
        "patches/labeled/cotton/patch_001.png",
    ]
