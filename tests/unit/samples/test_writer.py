"""The sample studio on the disk: whole, marked as drawn, resumable, and never among a person's own work."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from fabric_desktop.errors import NotAStudio
from fabric_desktop.imaging import cut_patch, open_photo
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.samples import SAMPLE_FABRICS, create_sample_studio, is_drawn, sample_regions
from fabric_desktop.studio import Studio, load_info, open_studio
from fabric_desktop.wording import LANGS, explain, say

IDS = sorted(fabric.id for fabric in SAMPLE_FABRICS)


def contents(root: Path) -> dict[str, str]:
    """Hash of every file below a folder, by its relative name."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_a_fresh_machine_gets_a_whole_library(drawn_studio: Studio) -> None:
    assert drawn_studio.fabric_ids() == IDS
    for fabric_id in IDS:
        photos = drawn_studio.reference_photos(fabric_id)
        assert len(photos) >= 4
        assert {open_photo(photo).size for photo in photos} == {(384, 384)}
        info = load_info(drawn_studio, fabric_id)
        assert info.name_zh
        assert info.name_en
        assert "not photographed" in info.notes
        assert not info.fibre, "fibre cannot be known of a drawing"


def test_everything_drawn_says_so(drawn_studio: Studio) -> None:
    assert drawn_studio.is_sample
    assert json.loads((drawn_studio.root / "sample_studio.json").read_text(encoding="utf-8"))["drawn"] is True
    pictures = sorted(drawn_studio.root.rglob("*.jpg"))
    assert len(pictures) >= 4 * len(IDS) + 2
    for path in pictures:
        assert is_drawn(path)
        with Image.open(path) as picture:
            assert picture.info["comment"].startswith(b"Drawn, not a photograph")
            assert str(picture.getexif()[0x010E]).startswith("Drawn, not a photograph")
    readme = (drawn_studio.root / "README.txt").read_text(encoding="utf-8")
    assert "不是照片" in readme
    assert "open your own folder" in readme


def test_the_photographs_come_with_regions_to_try(drawn_studio: Studio) -> None:
    known = sample_regions(drawn_studio)
    assert sorted(known) == sorted((drawn_studio.root / "photos").glob("*.jpg"))
    for photo, regions in known.items():
        picture = open_photo(photo)
        assert len(regions) >= 4
        for fabric_id, box in regions.values():
            assert fabric_id in IDS
            assert cut_patch(picture, box).size == (box.width, box.height)


def test_a_studio_that_is_none_or_damaged_has_no_sample_regions(tmp_path: Path, copied_studio: Studio) -> None:
    assert sample_regions(open_studio(tmp_path / "own", create=True)) == {}
    for text in ("{", "[]", '{"photographs": {"photos/jacket.jpg": {"body": {"box": [1, 2]}}}}'):
        (copied_studio.root / "sample_studio.json").write_text(text, encoding="utf-8")
        assert sample_regions(copied_studio) == {}


def test_opening_it_again_changes_nothing_a_person_did(copied_studio: Studio) -> None:
    copied_studio.reference_photos("denim")[0].unlink()
    label = copied_studio.labeled_dir / "denim" / "mine.png"
    label.parent.mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(label)
    before = contents(copied_studio.root)
    assert create_sample_studio(copied_studio.root) == copied_studio
    assert contents(copied_studio.root) == before


def test_an_interrupted_drawing_is_no_sample_studio_yet_and_goes_on_where_it_stopped(
    drawn_studio: Studio, tmp_path: Path
) -> None:
    seen: list[Progress] = []

    def stop_soon(progress: Progress) -> None:
        seen.append(progress)
        if progress.done == 9:
            context.cancel()

    context = JobContext(stop_soon)
    with pytest.raises(Cancelled):
        create_sample_studio(tmp_path, context)
    assert not Studio(tmp_path).is_sample
    first = sorted((tmp_path / "fabrics").rglob("*.jpg"))
    assert 0 < len(first) < 4 * len(IDS)
    first[2].unlink()
    times = {path: path.stat().st_mtime_ns for path in first if path.exists()}

    studio = create_sample_studio(tmp_path)

    assert studio.is_sample
    assert contents(tmp_path) == contents(drawn_studio.root)
    assert {path: path.stat().st_mtime_ns for path in times} == times, "drawn twice"
    assert all(progress.total == seen[0].total for progress in seen)
    for lang in LANGS:
        assert seen[0].params["photo"] in say(seen[0].code, lang, **seen[0].params)  # type: ignore[operator]


def test_an_older_generators_drawings_are_renewed_and_other_hands_files_are_not(copied_studio: Studio) -> None:
    fresh = contents(copied_studio.root)
    own = copied_studio.fabrics_dir / "denim" / "ref_02.jpg"
    Image.new("RGB", (300, 300), (10, 20, 30)).save(own)
    own_bytes = own.read_bytes()
    mark = copied_studio.root / "sample_studio.json"
    mark.write_text(json.dumps({"drawn": True, "generator": "fabric_desktop.samples 0", "seed": 1}), encoding="utf-8")
    old = copied_studio.fabrics_dir / "linen" / "ref_01.jpg"
    Image.new("RGB", (384, 384)).save(old, comment=b"Drawn, not a photograph: fabric_desktop.samples 0")

    create_sample_studio(copied_studio.root)

    assert own.read_bytes() == own_bytes
    now = contents(copied_studio.root)
    now.pop("fabrics/denim/ref_02.jpg")
    fresh.pop("fabrics/denim/ref_02.jpg")
    assert now == fresh


@pytest.mark.parametrize("place", ["fabrics/cotton/一 张.JPG", "patches/labeled/cotton/p.png", "photos/holiday.jpg"])
def test_a_persons_own_studio_is_never_turned_into_the_sample_studio(tmp_path: Path, place: str) -> None:
    own = tmp_path / place
    own.parent.mkdir(parents=True)
    Image.new("RGB", (300, 300), (120, 90, 60)).save(own, "PNG")
    before = contents(tmp_path)
    with pytest.raises(NotAStudio) as caught:
        create_sample_studio(tmp_path)
    assert contents(tmp_path) == before
    assert not Studio(tmp_path).is_sample
    for lang in LANGS:
        words = explain(caught.value, lang)
        assert own.name in words.what
        assert words.do != say("error.not_a_studio.do", lang)
