"""Folders as people have them, made by hand or by older scripts, and ids that are folder names everywhere."""

from __future__ import annotations

import os
import sys
import unicodedata
from pathlib import Path

import pytest

from fabric_desktop.errors import BadFabricId, NotAStudio, StudioMissing, StudioReadOnly
from fabric_desktop.studio import Studio, check_fabric_id, default_studio_path, open_studio
from fabric_desktop.studio.layout import photos_in, require_writable


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_a_folder_made_by_hand_is_read_as_it_is(tmp_path: Path) -> None:
    fabrics = tmp_path / "my data 面料" / "fabrics"
    for name in ("cotton", "真丝缎", "file", "Silk Satin", "..strange", ".cache", "con"):
        touch(fabrics / name / "1.jpg")
    touch(fabrics / "README.txt")
    touch(fabrics / "loose.jpg")
    studio = open_studio(tmp_path / "my data 面料")
    assert studio.fabric_ids() == ["Silk Satin", "con", "cotton", "file", "真丝缎"]


def test_reference_photos_are_the_pictures_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "fabrics" / "cotton"
    for name in (
        "b.JPG",
        "a b (1).png",
        "正面.Jpeg",
        "README.txt",
        ".hidden.jpg",
        "fabric.toml",
        "a.json",
        "Thumbs.db",
    ):
        touch(folder / name)
    touch(folder / "deeper.jpg" / "c.jpg")
    assert [path.name for path in Studio(tmp_path).reference_photos("cotton")] == ["a b (1).png", "b.JPG", "正面.Jpeg"]


@pytest.mark.skipif(os.name == "nt", reason="making a link needs a right on Windows")
def test_a_link_that_leads_to_itself_is_no_photo_and_hides_none(tmp_path: Path) -> None:
    touch(tmp_path / "fabrics" / "cotton" / "a.jpg")
    for name in ("cotton/b.jpg", "linen"):
        (tmp_path / "fabrics" / name).symlink_to(tmp_path / "fabrics" / name)
    assert Studio(tmp_path).fabric_ids() == ["cotton"]
    assert [path.name for path in Studio(tmp_path).reference_photos("cotton")] == ["a.jpg"]


def test_a_studio_without_its_folders_is_empty_and_no_error(tmp_path: Path) -> None:
    studio = open_studio(tmp_path)
    assert studio.fabric_ids() == []
    assert studio.labeled_ids() == []
    assert studio.reference_photos("nothing") == []
    assert not studio.is_sample
    touch(tmp_path / "fabrics")
    assert studio.fabric_ids() == []


def test_a_folder_that_may_not_be_listed_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "fabrics" / "cotton" / "1.jpg")
    touch(tmp_path / "fabrics" / "secret" / "1.jpg")
    real = os.scandir

    def guarded(path: object) -> object:
        if isinstance(path, Path) and path.name == "secret":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", guarded)
    studio = Studio(tmp_path)
    assert studio.fabric_ids() == ["cotton", "secret"]
    assert studio.reference_photos("secret") == []
    assert len(studio.reference_photos("cotton")) == 1


def test_opening_what_is_not_there_or_no_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudioMissing):
        open_studio(tmp_path / "missing")
    file = touch(tmp_path / "file")
    for path in (file, tmp_path / ("x" * 5000), tmp_path / "nul\0"):
        with pytest.raises(NotAStudio):
            open_studio(path, create=True)
    with pytest.raises((NotAStudio, StudioMissing)):
        open_studio(file / "below")
    with pytest.raises(NotAStudio):
        open_studio(file / "below", create=True)
    touch(tmp_path / "half" / "patches")
    with pytest.raises(NotAStudio):
        open_studio(tmp_path / "half", create=True)


def test_making_a_studio_makes_its_folders_and_touches_nothing_that_is_there(tmp_path: Path) -> None:
    (touch(tmp_path / "新 studio" / "fabrics" / "cotton" / "1.jpg")).write_bytes(b"mine")
    studio = open_studio(tmp_path / "新 studio", create=True)
    assert studio.labeled_dir.is_dir()
    assert studio.unlabeled_dir.is_dir()
    assert (studio.fabrics_dir / "cotton" / "1.jpg").read_bytes() == b"mine"


def test_a_relative_studio_stays_where_it_was_when_the_working_folder_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    studio = open_studio("data", create=True)
    monkeypatch.chdir("/")
    assert studio.fabrics_dir.is_dir()
    assert studio.root == tmp_path / "data"


def test_a_studio_that_cannot_be_written_to_is_known_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = open_studio(tmp_path / "studio", create=True)
    before = sorted(tmp_path.rglob("*"))
    require_writable(studio)
    assert sorted(tmp_path.rglob("*")) == before

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(StudioReadOnly):
        require_writable(studio)
    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(StudioReadOnly):
        open_studio(tmp_path / "other", create=True)


def test_the_studio_is_the_one_the_person_named_else_the_checkouts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FABRIC_STUDIO", str(tmp_path / "mine"))
    assert default_studio_path() == tmp_path / "mine"
    monkeypatch.delenv("FABRIC_STUDIO")
    assert default_studio_path().name == "data"


def test_records_name_files_relative_to_the_studio_with_forward_slashes(tmp_path: Path) -> None:
    studio = open_studio(tmp_path / "data", create=True)
    inside = studio.labeled_dir / "真丝" / "a b.png"
    assert studio.relative(inside) == "patches/labeled/真丝/a b.png"
    assert studio.relative(studio.root / "fabrics" / ".." / "x.jpg") == "x.jpg"
    outside = tmp_path / "photos" / "x.jpg"
    assert studio.relative(outside) == outside.resolve().as_posix()


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_library_that_is_a_link_to_another_drive_is_still_inside_the_studio(tmp_path: Path) -> None:
    drive = tmp_path / "drive" / "cloth"
    touch(drive / "cotton" / "1.jpg")
    root = tmp_path / "data"
    root.mkdir()
    (root / "fabrics").symlink_to(drive, target_is_directory=True)
    studio = open_studio(root)
    (photo,) = studio.reference_photos("cotton")
    assert studio.relative(photo) == "fabrics/cotton/1.jpg"


# ---------------------------------------------------------------- ids


@pytest.mark.parametrize(
    "fabric",
    [
        "cotton",
        "silk_satin",
        "真丝缎",
        "file",
        "a b",
        "10-oz denim",
        "Ткань",
        "🧵",
        "👩‍🎨",
        "x.y",
        "l'eau",
        "100%",
        "می‌خواهم",
    ],
)
def test_ids_of_any_script_are_folder_names(tmp_path: Path, fabric: str) -> None:
    assert check_fabric_id(fabric) == fabric
    (tmp_path / fabric).mkdir()


@pytest.mark.parametrize(
    ("fabric", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("..", "characters"),
        (".", "characters"),
        ("../up", "characters"),
        ("a/b", "characters"),
        ("a\\b", "characters"),
        ("c:cotton", "characters"),
        ("a\nb", "characters"),
        ("a\tb", "characters"),
        ("nul\0", "characters"),
        ('"quoted"', "characters"),
        ("what?", "characters"),
        ("line\u2028separator", "characters"),
        ("turned\u202eround", "characters"),
        ("half\ud800", "characters"),
        (".hidden", "dot"),
        ("cotton.", "dot"),
        ("...", "dot"),
        ("con", "reserved"),
        ("CON", "reserved"),
        ("nul.txt", "reserved"),
        ("Lpt1", "reserved"),
        ("com¹", "reserved"),
        ("aux .x", "reserved"),
        ("n" * 260, "too_long"),
        ("丝" * 100, "too_long"),
    ],
)
def test_ids_that_some_system_refuses_are_refused_everywhere(fabric: str, reason: str) -> None:
    with pytest.raises(BadFabricId) as caught:
        check_fabric_id(fabric)
    assert caught.value.params["reason"] == reason


def test_two_ways_of_typing_an_accent_are_one_fabric() -> None:
    composed = unicodedata.normalize("NFC", "crêpe")
    assert check_fabric_id(unicodedata.normalize("NFD", "crêpe")) == composed
    assert check_fabric_id("  cotton ") == "cotton"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are not Unicode")
def test_folders_named_in_another_encoding_do_not_stop_the_studio(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "fabrics") + b"/" + "真丝".encode("gbk")
    os.makedirs(folder)
    with open(folder + b"/1.jpg", "wb"):
        pass
    studio = Studio(tmp_path)
    (fabric,) = studio.fabric_ids()
    assert len(photos_in(studio.fabrics_dir / fabric)) == 1
