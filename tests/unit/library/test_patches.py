"""A person's labels: none may be lost, changed behind their back, or left behind by the evaluation set."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PIL import Image

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.eval_set import read_eval_set
from fabric_desktop.imaging import Box
from fabric_desktop.labels import PatchOrigin, list_labeled, list_unlabeled, save_patch
from fabric_desktop.library.patches import accept, keep_for_review, relabel, trash_patches
from fabric_desktop.recognition import Recognition
from fabric_desktop.studio import Studio, open_studio
from fabric_desktop.studio.changes import undo_change


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "我的 studio", create=True)


def _patch(studio: Studio, fabric: str, shade: int, origin: PatchOrigin | None = None) -> Path:
    return save_patch(studio, Image.new("RGB", (8, 8), (shade, 0, 0)), fabric, origin or PatchOrigin())


def _recognition(confidence: float, unknown: object = None) -> Recognition:
    candidate = SimpleNamespace(id="linen", score=0.3, confidence=confidence)
    look = SimpleNamespace(as_attrs=dict)
    shown: Any = SimpleNamespace(candidates=(candidate,), unknown=unknown, encoder="builtin", look=look)
    return cast("Recognition", shown)


def _files(studio: Studio) -> dict[str, bytes]:
    return {
        path.relative_to(studio.root).as_posix(): path.read_bytes()
        for path in sorted(studio.root.rglob("*"))
        if path.is_file() and ".trash" not in path.parts
    }


def test_relabelling_takes_the_record_and_the_evaluation_entry_along_and_undo_brings_all_back(studio: Studio) -> None:
    path = _patch(studio, "亚麻", 10, PatchOrigin(box=Box(1, 2, 3, 4), photo_hash="abc"))
    other = _patch(studio, "亚麻", 20)
    lines = [
        {"image": f"{studio.root.name}/{studio.relative(p)}", "coords": [1, 1], "label": "亚麻"} for p in (path, other)
    ]
    studio.eval_set_path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    before = _files(studio)
    done = relabel(studio, [path], "cotton")
    records = [json.loads(line) for line in studio.eval_set_path.read_text("utf-8").splitlines()]
    assert [record["label"] for record in records] == ["cotton", "亚麻"]
    moved = next(patch for patch in list_labeled(studio) if patch.fabric_id == "cotton")
    assert records[0]["image"].endswith(studio.relative(moved.path))
    assert moved.record["box"] == [1, 2, 3, 4]
    undo_change(studio, done)
    assert _files(studio) == before


@pytest.mark.parametrize("there", ["Étamine", unicodedata.normalize("NFD", "étamine")], ids=["case", "from a Mac"])
def test_a_patch_goes_to_the_fabric_that_is_there_however_its_name_is_spelt(studio: Studio, there: str) -> None:
    (studio.fabrics_dir / there).mkdir(parents=True)
    relabel(studio, [_patch(studio, "亚麻", 10)], "étamine")
    waiting = studio.unlabeled_dir / "x.png"
    Image.new("RGB", (9, 9), (1, 2, 3)).save(waiting)
    accept(studio, [waiting], "étamine")
    assert studio.labeled_ids() == sorted(["亚麻", there])
    assert len(list((studio.labeled_dir / there).glob("*.png"))) == 2


def test_an_evaluation_entry_follows_whatever_characters_its_path_holds(studio: Studio) -> None:
    """Some of them end a line in other programs' eyes; such a name comes from a photo of a studio that was made so."""
    path = _patch(studio, "亚麻", 10)
    odd = path.rename(path.with_name("a\u2028b\x85c.png"))
    line = {"image": f"{studio.root.name}/{studio.relative(odd)}", "coords": [1, 1], "label": "亚麻"}
    studio.eval_set_path.write_text(json.dumps(line, ensure_ascii=False) + "\n", "utf-8")
    relabel(studio, [odd], "cotton")
    (record,) = read_eval_set(studio)
    assert record.label == "cotton"
    assert record.image.is_file()


def test_deleting_labels_puts_them_in_the_trash_from_where_undo_brings_them_back(studio: Studio) -> None:
    paths = [_patch(studio, "denim", shade) for shade in (1, 2, 3)]
    before = _files(studio)
    done = trash_patches(studio, paths[:2])
    assert [patch.path for patch in list_labeled(studio)] == [paths[2]]
    assert len(list((studio.root / ".trash").rglob("*.png"))) == 2
    undo_change(studio, done)
    assert _files(studio) == before


def test_accepting_a_patch_from_an_older_script_without_a_record_makes_it_a_label(studio: Studio) -> None:
    loose = studio.unlabeled_dir / "Region 1.JPG"
    Image.new("RGB", (8, 8), "red").save(loose, "JPEG")
    accept(studio, [loose], "wool")
    assert [patch.path.name for patch in list_labeled(studio)] == ["Region 1.JPG"]
    assert list_unlabeled(studio) == []


def test_a_patch_of_a_taken_name_never_replaces_the_one_that_is_there(studio: Studio) -> None:
    first = _patch(studio, "wool", 1)
    loose = studio.unlabeled_dir / first.name
    Image.new("RGB", (8, 8), "blue").save(loose)
    content = first.read_bytes()
    accept(studio, [loose], "wool")
    assert first.read_bytes() == content
    assert len(list_labeled(studio)) == 2


def test_the_name_that_a_patch_has_already_is_no_change_to_take_back(studio: Studio) -> None:
    path = _patch(studio, "wool", 1)
    before = _files(studio)
    assert relabel(studio, [path], "wool").steps == ()
    assert relabel(studio, [], "silk").steps == ()
    assert _files(studio) == before
    assert not (studio.labeled_dir / "silk").exists()


def test_a_patch_that_is_gone_is_said_and_the_others_stay_where_they_are(studio: Studio) -> None:
    path = _patch(studio, "wool", 1)
    before = _files(studio)
    with pytest.raises(UnreadableImage):
        relabel(studio, [path, studio.labeled_dir / "wool" / "gone.png"], "linen")
    assert _files(studio) == before


def test_an_unsure_region_is_kept_once_and_no_more_than_so_many_a_photo(studio: Studio) -> None:
    image = Image.new("RGB", (8, 8))

    def keep(x: int, confidence: float = 0.3, digest: str = "photo") -> bool:
        origin = PatchOrigin(photo=Path("衬衫 1.jpg"), photo_hash=digest, box=Box(x, 0, 100, 100))
        return keep_for_review(studio, image, origin, _recognition(confidence), below=0.5, per_photo=2) is not None

    assert keep(0)
    assert not keep(10)
    assert keep(60)
    assert not keep(500)
    assert keep(0, digest="another photo")
    assert not keep(0, confidence=0.5, digest="a third")
    assert len(list_unlabeled(studio)) == 3
    record = json.loads(list_unlabeled(studio)[0].with_suffix(".json").read_text("utf-8"))
    assert record["topk"] == [{"id": "linen", "score": 0.3, "confidence": 0.3}]


def test_regions_that_share_half_are_two_and_more_than_half_are_one(studio: Studio) -> None:
    def keep(box: Box) -> bool:
        origin = PatchOrigin(photo=Path("a.jpg"), photo_hash="photo", box=box)
        made = keep_for_review(studio, Image.new("RGB", (8, 8)), origin, _recognition(0.1), below=0.5, per_photo=9)
        return made is not None

    assert keep(Box(0, 0, 100, 100))
    assert keep(Box(50, 0, 100, 100)), "half of it is new"
    assert not keep(Box(0, 49, 100, 100)), "more than half is known"
    assert not keep(Box(10, 10, 20, 20)), "all of the smaller one lies in a larger one"
    assert not keep(Box(0, 0, 400, 400)), "the smaller one counts, whichever came first"


def test_a_review_folder_filled_by_hand_or_by_older_scripts_is_taken_as_it_is(studio: Studio) -> None:
    """Pictures without a record, records that say nothing or something odd, and files that are no pictures."""
    folder = studio.unlabeled_dir
    folder.mkdir(parents=True, exist_ok=True)
    records = {"by hand": None, "list": "[1, 2]", "broken": "{", "old": '{"click_xy": [3, 4], "topk": ["linen"]}'}
    odd = '{"source_hash": "photo", "box": [0, "a", null, 9]}'
    for number, (stem, text) in enumerate((records | {"真丝 odd": odd}).items()):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / f"{stem}.PNG")
        if text is not None:
            (folder / f"{stem}.json").write_text(text, encoding="utf-8")
    (folder / "README.txt").write_text("for review", encoding="utf-8")
    before = _files(studio)
    origin = PatchOrigin(photo=Path("a.jpg"), photo_hash="photo", box=Box(0, 0, 100, 100))
    kept = keep_for_review(studio, Image.new("RGB", (8, 8)), origin, _recognition(0.1), below=0.5, per_photo=2)
    assert kept is not None, "one of this photograph waits, and two may"
    assert len(list_unlabeled(studio)) == 6
    undo_change(studio, kept)
    assert _files(studio) == before
    done = accept(studio, list_unlabeled(studio), "真丝缎")
    assert len(list_labeled(studio)) == 5
    undo_change(studio, done)
    assert _files(studio) == before


def test_a_region_that_was_labelled_already_is_not_asked_about_again(studio: Studio) -> None:
    origin = PatchOrigin(photo=Path("a.jpg"), photo_hash="photo", box=Box(0, 0, 100, 100))
    _patch(studio, "linen", 1, origin)
    assert keep_for_review(studio, Image.new("RGB", (8, 8)), origin, _recognition(0.1), below=0.5, per_photo=5) is None


def test_a_cloth_taken_for_unknown_is_kept_however_sure_the_first_candidate_looks(studio: Studio) -> None:
    origin = PatchOrigin(photo=Path("a.jpg"), photo_hash="photo", box=Box(0, 0, 100, 100))
    image = Image.new("RGB", (8, 8))
    assert keep_for_review(studio, image, origin, _recognition(0.9, unknown="far"), below=0.5, per_photo=5) is not None
