"""The health marks of a library: each fault is found, named with its file and a way out, and good photos are not."""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from fabric_desktop.bank import build_bank
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.jobs import JobContext
from fabric_desktop.library import facts as facts_module
from fabric_desktop.library.check import CheckReport, Finding, check_library
from fabric_desktop.library.facts import look_at, print_rows, time_in_name
from fabric_desktop.studio import Studio, open_studio
from fabric_desktop.wording import LANGS, say


def weave(seed: int, side: int = 256) -> Image.Image:
    """A woven-looking picture with detail at every scale, in focus, different for each seed."""
    noise = np.random.default_rng(seed)
    coarse = Image.fromarray(noise.integers(60, 200, (side // 16, side // 16), dtype=np.uint8))
    base = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float32)
    threads = 30 * np.sin(np.arange(side) * (1.1 + seed % 7 / 10))[None, :]
    picture = base + threads + noise.normal(0, 12, (side, side))
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).convert("RGB")


def save(path: Path, image: Image.Image, taken: datetime | None = None, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if taken is not None:
        exif = Image.Exif()
        exif[0x0132] = taken.strftime("%Y:%m:%d %H:%M:%S")
        options["exif"] = exif
    image.save(path, **options)  # type: ignore[arg-type]
    return path


@pytest.fixture(scope="module")
def good_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    for number, fabric in enumerate(("denim", "真丝 缎")):
        for photo in range(4):
            save(folder / fabric / f"ref {photo}.png", weave(10 * number + photo))
    return folder


@pytest.fixture
def studio(tmp_path: Path, good_library: Path) -> Studio:
    """A library with nothing wrong in it."""
    studio = open_studio(tmp_path / "库 studio", create=True)
    shutil.copytree(good_library, studio.fabrics_dir, dirs_exist_ok=True)
    return studio


def check(studio: Studio) -> CheckReport:
    return check_library(studio, JobContext())


def codes(studio: Studio) -> list[tuple[str, str]]:
    return [(finding.code, finding.fabric_id) for finding in check(studio).findings]


def only(studio: Studio, code: str) -> Finding:
    (finding,) = [finding for finding in check(studio).findings if finding.code == code]
    return finding


def test_a_good_library_has_no_marks(studio: Studio) -> None:
    report = check(studio)
    assert report.findings == ()
    assert (report.fabrics, report.photos, report.patches) == (2, 8, 0)


def test_a_fabric_with_under_three_photos_is_marked(studio: Studio) -> None:
    for number in (0, 1):
        (studio.fabrics_dir / "denim" / f"ref {number}.png").unlink()
    assert only(studio, "few_photos").params == {"count": 2, "needed": 3}


def test_a_fabric_without_a_photo_is_marked(studio: Studio) -> None:
    (studio.fabrics_dir / "empty").mkdir()
    (studio.fabrics_dir / "empty" / "README.txt").write_text("later", encoding="utf-8")
    assert codes(studio) == [("no_photo", "empty")]


def test_a_photo_under_224_px_is_marked(studio: Studio) -> None:
    save(studio.fabrics_dir / "denim" / "small.png", weave(50, 220))
    finding = only(studio, "small_photo")
    assert finding.paths == ("fabrics/denim/small.png",)
    assert finding.params["width"] == 220


@pytest.mark.parametrize("fabric", ["denim", "lone"])
def test_a_blurred_photo_is_marked_beside_its_fabric_or_the_library(studio: Studio, fabric: str) -> None:
    save(studio.fabrics_dir / fabric / "shaken.png", weave(60).filter(ImageFilter.GaussianBlur(3)))
    assert only(studio, "blurred").paths == (f"fabrics/{fabric}/shaken.png",)


def test_a_dark_photo_in_focus_is_not_called_blurred(studio: Studio) -> None:
    save(studio.fabrics_dir / "denim" / "dark.png", Image.eval(weave(61), lambda value: value // 3))
    assert codes(studio) == []


@pytest.mark.parametrize("how", ["copy", "half", "jpeg", "brighter"])
def test_the_same_picture_saved_again_is_found(studio: Studio, how: str) -> None:
    image = weave(0)
    if how == "half":
        image = image.resize((230, 230))
    if how == "brighter":
        image = Image.eval(image, lambda value: min(255, value + 25))
    name = "again.jpg" if how == "jpeg" else "again.png"
    save(studio.fabrics_dir / "denim" / name, image, **({"quality": 60} if how == "jpeg" else {}))
    finding = only(studio, "near_duplicate")
    assert set(finding.paths) == {"fabrics/denim/ref 0.png", f"fabrics/denim/{name}"}


def test_the_same_picture_under_two_fabrics_is_an_error(studio: Studio) -> None:
    save(studio.fabrics_dir / "真丝 缎" / "again.jpg", weave(0), quality=90)
    finding = only(studio, "two_fabrics")
    assert finding.severity == "error"
    assert {finding.fabric_id, finding.params["other_fabric"]} == {"denim", "真丝 缎"}


def test_plain_white_pictures_are_doubles_only_when_they_are_the_same_file(studio: Studio) -> None:
    for number, size in enumerate(((300, 300), (300, 300), (301, 300))):
        save(studio.fabrics_dir / "denim" / f"white {number}.png", Image.new("RGB", size, "white"))
    doubles = [finding for finding in check(studio).findings if finding.code == "near_duplicate"]
    assert [set(finding.paths) for finding in doubles] == [{"fabrics/denim/white 0.png", "fabrics/denim/white 1.png"}]


@pytest.mark.parametrize("kind", ["truncated", "not_a_picture", "empty", "missing"])
def test_a_photo_that_cannot_be_read_is_marked_with_the_reason(studio: Studio, kind: str) -> None:
    path = studio.fabrics_dir / "denim" / "bad.jpg"
    if kind == "missing":
        path.symlink_to(studio.root / "gone.jpg")
    else:
        whole = save(studio.root / "whole.jpg", weave(1)).read_bytes()
        path.write_bytes({"truncated": whole[: len(whole) // 2], "not_a_picture": b"hello", "empty": b""}[kind])
    assert only(studio, "unreadable").params == {"reason": kind}


def sessions(studio: Studio, times: list[datetime | None], names: list[str]) -> None:
    for number, (taken, name) in enumerate(zip(times, names, strict=True)):
        save(studio.fabrics_dir / "wool" / name, weave(200 + number), taken)


NOON = datetime(2025, 3, 1, 12)


@pytest.mark.parametrize(
    ("minutes", "names", "basis"),
    [
        ([0, 3, 9], ["a.jpg", "b.jpg", "c.jpg"], "exif"),
        ([0, 3, 900], ["a.jpg", "b.jpg", "c.jpg"], ""),
        ([None] * 3, ["IMG_20250301_120000.png", "IMG_20250301_120130.png", "IMG_20250301_120500.png"], "name"),
        ([None] * 3, ["IMG_20250301_120000.png", "IMG_20250302_120130.png", "IMG_20250301_120500.png"], ""),
        ([None] * 3, ["IMG_0817.png", "IMG_0818.png", "IMG_0820.png"], "name"),
        ([None] * 3, ["IMG_0817.png", "IMG_0818.png", "IMG_2820.png"], ""),
        ([None] * 3, ["ref_01.png", "ref_02.png", "ref_03.png"], ""),
        ([0, None, 2], ["a.jpg", "b.jpg", "c.jpg"], ""),
    ],
)
def test_photos_of_one_session_are_told_by_camera_time_or_name(
    studio: Studio, minutes: list[int | None], names: list[str], basis: str
) -> None:
    sessions(studio, [None if m is None else NOON + timedelta(minutes=m) for m in minutes], names)
    found = [finding for finding in check(studio).findings if finding.code == "one_session"]
    assert [finding.params["basis"] for finding in found] == ([basis] if basis else [])


def test_a_time_that_cannot_be_is_no_time() -> None:
    assert time_in_name("IMG_20251301_120000.jpg") is None
    assert time_in_name("2025-03-01 12.00.05.jpg") == datetime(2025, 3, 1, 12, 0, 5)


def test_labels_without_a_fabric_and_fabrics_without_labels_are_marked(studio: Studio) -> None:
    save(studio.labeled_dir / "denim" / "p.png", weave(70))
    save(studio.labeled_dir / "velvet" / "p.png", weave(71))
    assert codes(studio) == [("label_without_fabric", "velvet"), ("fabric_without_label", "真丝 缎")]


def test_labels_that_teach_nothing_or_two_things_are_marked(studio: Studio) -> None:
    """They would be passed over, or trained on, without a word."""
    folders = [studio.labeled_dir / fabric for fabric in ("denim", "真丝 缎")]
    for number, folder in enumerate(folders):
        save(folder / "good.png", weave(70 + number))
    (folders[0] / "empty.png").write_bytes(b"")
    (folders[1] / "cut.png").write_bytes((folders[1] / "good.png").read_bytes()[:200])
    shutil.copyfile(folders[0] / "good.png", folders[1] / "copied.png")
    found = {(finding.code, finding.paths[0].rsplit("/", 1)[1]) for finding in check(studio).findings}
    assert found == {("label_unreadable", "empty.png"), ("label_unreadable", "cut.png"), ("label_twice", "copied.png")}
    assert only(studio, "label_twice").params["other_fabric"] in ("denim", "真丝 缎")


def test_a_data_sheet_that_cannot_be_read_is_marked(studio: Studio) -> None:
    (studio.fabrics_dir / "denim" / "fabric.toml").write_text("fibre = 98 %", encoding="utf-8")
    assert only(studio, "bad_sheet").paths == ("fabrics/denim/fabric.toml",)


def test_pictures_of_a_kind_that_is_never_read_are_marked(studio: Studio) -> None:
    (studio.fabrics_dir / "denim" / "scan.AVIF").write_bytes(b"x")
    assert only(studio, "unread_kind").params == {"count": 1, "example": "scan.AVIF"}


def test_photos_that_the_bank_does_not_know_yet_are_marked(studio: Studio) -> None:
    build_bank(studio, DummyEncoder(), JobContext())
    assert codes(studio) == []
    save(studio.fabrics_dir / "denim" / "new.png", weave(80))
    (studio.fabrics_dir / "真丝 缎" / "ref 0.png").unlink()
    assert codes(studio) == [("not_in_bank", "denim"), ("gone_from_library", "真丝 缎")]
    build_bank(studio, DummyEncoder(), JobContext())
    assert codes(studio) == []


def test_a_change_that_could_not_be_finished_is_an_error(studio: Studio) -> None:
    (studio.root / ".changes").mkdir()
    (studio.root / ".changes" / "20250101-000000-aaaa.json").write_text("{}", encoding="utf-8")
    assert only(studio, "pending_change").severity == "error"


def test_errors_come_first_and_marks_are_found_by_fabric_and_photo(studio: Studio) -> None:
    save(studio.fabrics_dir / "denim" / "small.png", weave(50, 200))
    (studio.fabrics_dir / "真丝 缎" / "bad.jpg").write_bytes(b"")
    report = check(studio)
    assert [finding.severity for finding in report.findings] == ["error", "warning"]
    assert [finding.code for finding in report.of_fabric("denim")] == ["small_photo"]
    assert [finding.code for finding in report.of_photo("fabrics/真丝 缎/bad.jpg")] == ["unreadable"]


def test_every_finding_has_its_words_and_its_way_out(studio: Studio) -> None:
    for lang in LANGS:
        for finding in (
            *check(studio).findings,
            *(Finding(code, "hint", fix) for code, fix in (("blurred", "replace"), ("two_fabrics", "choose_fabric"))),
            *(Finding(code, "error", "open_folder") for code in ("label_unreadable", "label_twice")),
        ):
            assert say(f"check.{finding.code}.what", lang)
            assert say(f"check.{finding.code}.do", lang)
            assert say(f"check_fix.{finding.fix}", lang)
            assert say(f"check_kind.{finding.code}", lang)


def test_a_second_check_opens_only_what_changed(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    check(studio)
    opened: list[str] = []

    def look(path: Path, place: str) -> facts_module.PhotoFacts:
        opened.append(place)
        return look_at(path, place)

    monkeypatch.setattr(facts_module, "look_at", look)
    changed = save(studio.fabrics_dir / "denim" / "ref 1.png", weave(99))
    os.utime(changed, ns=(1, 1))
    assert check(studio).findings == ()
    assert opened == ["fabrics/denim/ref 1.png"]
    (studio.root / ".cache" / "photo_facts.json").write_text('{"format": 1, "photos": [{}]}', encoding="utf-8")
    assert check(studio).findings == ()


class TestAdvice:
    def test_many_photos_of_one_piece_ask_for_another_piece(self, studio: Studio) -> None:
        for photo in studio.reference_photos("denim"):
            photo.with_suffix(".json").write_text('{"swatch_id": "jeans 1"}', encoding="utf-8")
        (advice,) = check(studio).advice
        assert (advice.code, advice.fabric_ids) == ("more_swatches", ("denim",))

    def test_fabrics_asked_about_on_garments_want_references_from_garments(self, studio: Studio) -> None:
        for number in range(3):
            path = save(studio.labeled_dir / "denim" / f"{number}.png", weave(300 + number))
            path.with_suffix(".json").write_text(json.dumps({"box": [40, 50, 90, 90]}), encoding="utf-8")
        (advice,) = check(studio).advice
        assert (advice.code, advice.fabric_ids) == ("distance", ("denim",))
        reference = studio.reference_photos("denim")[0]
        reference.with_suffix(".json").write_text('{"source_hash": "abc", "box": [1, 2, 3, 4]}', encoding="utf-8")
        assert check(studio).advice == ()


@pytest.mark.photos
def test_different_real_photographs_are_never_taken_for_one(studio: Studio, fabric_photos: Path) -> None:
    photos = sorted((fabric_photos / "micro_fabrics").rglob("*.jpg"))[:300]
    facts = [look_at(photo, str(photo)) for photo in photos]
    rows = print_rows(facts)
    alike = rows @ rows.T
    np.fill_diagonal(alike, 0)
    assert alike.max() < 0.92
