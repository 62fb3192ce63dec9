"""What comes from somebody else is refused before a byte of it is unpacked, with the reason and the file at fault."""

from __future__ import annotations

import io
import json
import stat
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fabric_desktop.errors import ShareRefused
from fabric_desktop.sharing.contents import CONTENTS_NAME, belongs, read_contents, sound_name
from fabric_desktop.studio import Studio
from tests.unit.loop.scenes import trained_studio
from tests.unit.sharing.shared_files import adding, shared, tampered


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return trained_studio(tmp_path_factory.mktemp("home") / "我的 studio")


@pytest.fixture(scope="module")
def sound(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shared(studio, tmp_path_factory.mktemp("sent") / "studio.zip")


def reason(path: Path) -> tuple[str, str]:
    with pytest.raises(ShareRefused) as refused:
        read_contents(path)
    return str(refused.value.params["reason"]), str(refused.value.params["entry"])


def test_a_sound_file_says_what_it_holds(sound: Path) -> None:
    contents = read_contents(sound)
    assert (contents.kind, contents.encoder, contents.version) == ("studio", "dummy", "v2")
    assert "fabrics/亚麻/ref 0.png" in contents.files
    assert "eval_set.jsonl" in contents.files
    assert not any("models/v1/" in name for name in contents.files)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/etc/passwd", "absolute_path"),
        ("C:/Windows/win.ini", "absolute_path"),
        ("\\\\server\\share\\a.png", "absolute_path"),
        ("../outside.png", "parent_path"),
        ("fabrics/file/../../../a.png", "parent_path"),
        ("fabrics\\file\\..\\a.png", "parent_path"),
        ("fabrics/file/run.exe", "foreign_file"),
        ("fabrics/file/deep/er/a.png", "foreign_file"),
        ("clip_model.pkl", "foreign_file"),
        ("models/v2/head.pkl", "foreign_file"),
        ("models/v9/bank.npz", "foreign_file"),
        ("models/current.json", "foreign_file"),
        (".studio.lock", "foreign_file"),
        ("fabrics/con/a.png", "foreign_file"),
        ("fabrics/file/aux.png", "foreign_file"),
        ("fabrics/file/a.png:hidden.png", "foreign_file"),
        ("fabrics/file/tab\there.png", "foreign_file"),
        ("fabrics//a.png", "foreign_file"),
        ("patches/labeled/file/", "foreign_file"),
        ("settings.toml ", "foreign_file"),
    ],
)
def test_a_file_in_a_place_where_none_belongs_is_refused(sound: Path, tmp_path: Path, name: str, expected: str) -> None:
    path = tampered(sound, tmp_path / "x.zip", adding(name))
    assert reason(path)[0] == expected


def test_a_file_nobody_listed_is_refused(sound: Path, tmp_path: Path) -> None:
    path = tampered(sound, tmp_path / "x.zip", adding("fabrics/file/extra.png"), listed=False)
    assert reason(path) == ("foreign_file", "fabrics/file/extra.png")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(sound: Path, tmp_path: Path, kind: int) -> None:
    path = tampered(sound, tmp_path / "x.zip", adding("fabrics/file/link.png", b"/etc/passwd"))
    data = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            if entry.filename.endswith("link.png"):
                entry.external_attr = (kind | 0o777) << 16
            new.writestr(entry, old.read(entry.filename))
    assert reason(path) == ("link", "fabrics/file/link.png")


def test_a_bomb_is_refused_by_what_it_claims(sound: Path, tmp_path: Path) -> None:
    def zeros(entries: dict[str, bytes], contents: dict[str, Any]) -> None:
        entries["fabrics/file/bomb.json"] = bytes(3_000_000)

    path = tampered(sound, tmp_path / "x.zip", zeros)
    with zipfile.ZipFile(path) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in entries.items():
            new.writestr(name, data)
    assert reason(path) == ("bomb", "fabrics/file/bomb.json")


def test_a_list_of_contents_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(CONTENTS_NAME, b" " * 20_000_000)
    assert reason(path) == ("bomb", CONTENTS_NAME)


def test_two_files_of_one_name_are_refused_also_where_only_the_case_differs(sound: Path, tmp_path: Path) -> None:
    path = tampered(sound, tmp_path / "x.zip", adding("fabrics/FILE/REF 0.PNG"))
    assert reason(path)[0] == "duplicate"
    path = tmp_path / "y.zip"
    path.write_bytes(sound.read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile says so too
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("settings.toml", b"")
            archive.writestr("settings.toml", b"")
    assert reason(path)[0] in ("duplicate", "foreign_file")


def test_a_missing_file_and_one_of_another_size_are_refused(sound: Path, tmp_path: Path) -> None:
    def lose(entries: dict[str, bytes], contents: dict[str, Any]) -> None:
        del entries["fabrics/file/ref 0.png"]

    assert reason(tampered(sound, tmp_path / "x.zip", lose, listed=False)) == ("missing_file", "fabrics/file/ref 0.png")

    def longer(entries: dict[str, bytes], contents: dict[str, Any]) -> None:
        entries["fabrics/file/ref 0.png"] += b"more"

    assert reason(tampered(sound, tmp_path / "y.zip", longer, listed=False))[0] == "bomb"


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"kind": "program"},
        {"version": "../../v1"},
        {"version": "current.json"},
        {"version": 3},
        {"encoder": None},
        {"files": []},
        {"files": {"settings.toml": {"sha256": 1, "bytes": 2}}},
        {"files": {"settings.toml": {"sha256": "0", "bytes": -2}}},
    ],
)
def test_a_list_of_contents_that_is_none_is_refused(sound: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    with zipfile.ZipFile(sound) as archive:
        contents = json.loads(archive.read(CONTENTS_NAME)) | change
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(CONTENTS_NAME, json.dumps(contents))
    assert reason(path)[0] == "not_a_share"


def test_a_model_without_a_model_is_refused(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    value = {"format": 1, "kind": "model", "encoder": "", "fingerprint": "", "version": None, "files": {}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(CONTENTS_NAME, json.dumps(value))
    assert reason(path)[0] == "no_model"


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip at all", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_zip_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    assert reason(path) == ("not_a_share", "")
    assert reason(tmp_path / "is not there.zip") == ("not_a_share", "")


def test_contents_nested_beyond_measure_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(CONTENTS_NAME, b"[" * 200_000)
    assert reason(path)[0] == "not_a_share"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_a_refusal_and_never_a_fault(sound: Path, tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(sound.read_bytes())
    tail = len(whole) - 20_000  # where the list of contents and the zip's own directory stand
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(tail, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([0, 0, 0, 1, 10, 500]))
    path = tmp_path / "x.zip"
    path.write_bytes(bytes(whole[: len(whole) - cut]))
    try:
        contents = read_contents(path)
    except ShareRefused:
        return
    assert all(belongs(name, contents.kind, contents.version) for name in contents.files)


@settings(max_examples=300, deadline=None)
@given(name=st.text(max_size=40))
def test_whatever_a_name_is_it_stays_inside_the_studio(name: str) -> None:
    if belongs(name, "studio", "v1"):
        parts = name.split("/")
        assert ".." not in parts
        assert not name.startswith("/")
        assert all(map(sound_name, parts))
