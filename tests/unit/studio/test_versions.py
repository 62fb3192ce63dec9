"""Model versions are whole or not there, never changed, and going back gives the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_desktop.errors import SaveFailed, VersionMissing
from fabric_desktop.jobs import Cancelled
from fabric_desktop.studio import (
    NewPart,
    Studio,
    Version,
    create_version,
    current_version,
    draft_version,
    list_versions,
    open_studio,
    use_version,
)
from tests.support import tree


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "面料 studio", create=True)


def part(name: str, text: str, **facts: Any) -> NewPart:
    """A part whose files hold `text`."""

    def write(folder: Path) -> None:
        for file_name in {"bank": ("bank.npz", "bank.json"), "head": ("head.npz", "head_folds.npz")}[name]:
            (folder / file_name).write_text(f"{text} {file_name}", encoding="utf-8")

    return NewPart(write, {"note": text, **facts})


def publish(studio: Studio, *, fingerprint: str = "f1", **parts: str) -> Version:
    """A new version with these parts, put in use."""
    version = draft_version(
        studio, encoder="e", fingerprint=fingerprint, parts={name: part(name, text) for name, text in parts.items()}
    )
    return use_version(studio, version.name)


def texts(version: Version) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(version.path.glob("*.npz"))}


def test_a_studio_without_versions_has_none_in_use(studio: Studio) -> None:
    assert current_version(studio) is None
    assert list_versions(studio) == []


def test_a_new_bank_takes_the_head_of_the_same_encoder_with_it(studio: Studio) -> None:
    publish(studio, bank="first")
    publish(studio, head="trained")
    version = publish(studio, bank="second")
    assert texts(version) == {
        "bank.npz": "second bank.npz",
        "head.npz": "trained head.npz",
        "head_folds.npz": "trained head_folds.npz",
    }
    assert version.manifest["parts"]["head"] == {"note": "trained"}
    assert version.manifest["parent"] == "v2"


def test_a_new_bank_of_another_encoder_leaves_the_head_behind(studio: Studio) -> None:
    publish(studio, bank="first", head="trained")
    version = publish(studio, fingerprint="f2", bank="second")
    assert texts(version) == {"bank.npz": "second bank.npz"}
    assert list(version.manifest["parts"]) == ["bank"]


def test_the_same_files_again_make_no_new_version(studio: Studio) -> None:
    first = publish(studio, bank="same", head="same")
    assert publish(studio, bank="same").name == first.name
    assert [version.name for version in list_versions(studio)] == ["v1"]


def test_going_back_brings_the_same_bytes(studio: Studio) -> None:
    first = publish(studio, bank="one", head="one")
    before = tree(first.path)
    publish(studio, bank="two")
    publish(studio, head="three")
    assert use_version(studio, "v1").name == "v1"
    current = current_version(studio)
    assert current is not None
    assert tree(current.path) == before
    publish(studio, bank="four")  # numbers are never used twice
    assert [version.name for version in list_versions(studio)] == ["v1", "v2", "v3", "v4"]


def test_versions_are_listed_in_their_order_past_nine(studio: Studio) -> None:
    for number in range(11):
        publish(studio, bank=str(number))
    assert [version.number for version in list_versions(studio)] == list(range(1, 12))


@pytest.mark.parametrize(
    "error", [RuntimeError("x"), MemoryError(), SystemExit(), KeyboardInterrupt(), Cancelled(), SaveFailed(path="p")]
)
@pytest.mark.parametrize("half_written", [True, False])
def test_a_version_cut_off_while_being_made_leaves_the_studio_as_it_was(
    studio: Studio, error: BaseException, half_written: bool
) -> None:
    publish(studio, bank="kept")
    before = tree(studio.root)

    def write(folder: Path) -> None:
        if half_written:
            (folder / "bank.npz").write_bytes(b"half")
        raise error

    with pytest.raises(type(error)):
        create_version(studio, write, {"parts": {}})
    assert tree(studio.root) == before
    assert sorted(entry.name for entry in studio.models_dir.iterdir()) == ["current.json", "history.jsonl", "v1"]


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.rename", "pathlib.Path.replace", "pathlib.Path.mkdir"])
def test_a_disk_that_fails_while_a_version_is_made_leaves_the_studio_as_it_was(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    publish(studio, bank="kept", head="kept")
    before = tree(studio.root)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(step, fail)
    with pytest.raises(SaveFailed) as caught:
        publish(studio, bank="new")
    monkeypatch.undo()
    assert caught.value.params["reason"] == "disk_full"
    assert tree(studio.root) == before


BUILD_FOR_EVER = """
import sys, time
from pathlib import Path
from fabric_desktop.studio import Studio, create_version
def write(folder):
    (folder / "bank.npz").write_bytes(b"half")
    print("half", flush=True)
    time.sleep(60)
create_version(Studio(Path(sys.argv[1])), write, {"parts": {}})
"""


def test_a_process_killed_while_making_a_version_costs_nothing(studio: Studio) -> None:
    publish(studio, bank="kept")
    with subprocess.Popen(
        [sys.executable, "-c", BUILD_FOR_EVER, str(studio.root)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "half"
        process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    current = current_version(studio)
    assert current is not None
    assert texts(current) == {"bank.npz": "kept bank.npz"}
    assert [version.name for version in list_versions(studio)] == ["v1"]
    assert publish(studio, bank="next").name == "v2"
    assert sorted(entry.name for entry in studio.models_dir.iterdir()) == ["current.json", "history.jsonl", "v1", "v2"]


# ---------------------------------------------------------------- damage


def tamper_with_file(version: Version) -> None:
    (version.path / "bank.npz").write_text("changed", encoding="utf-8")


def lose_file(version: Version) -> None:
    (version.path / "bank.json").unlink()


def lose_manifest(version: Version) -> None:
    (version.path / "manifest.json").unlink()


def edit(version: Version, **changes: Any) -> None:
    manifest = json.loads((version.path / "manifest.json").read_text(encoding="utf-8")) | changes
    (version.path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def names_outside(version: Version) -> None:
    (version.path.parent.parent / "secret.npz").write_text("secret", encoding="utf-8")
    edit(version, files=dict(version.manifest["files"]) | {"../../secret.npz": "0" * 64})


def names_absolute(version: Version) -> None:
    edit(version, files={"/etc/passwd": "0" * 64})


def names_no_file(version: Version) -> None:
    edit(version, files={})


def parts_are_no_table(version: Version) -> None:
    edit(version, parts=["bank"])


def part_is_no_table(version: Version) -> None:
    edit(version, parts={"bank": "yes"})


def manifest_is_a_list(version: Version) -> None:
    (version.path / "manifest.json").write_text("[]", encoding="utf-8")


def manifest_is_nested(version: Version) -> None:
    (version.path / "manifest.json").write_text("[" * 100_000, encoding="utf-8")


DAMAGE = [
    tamper_with_file,
    lose_file,
    lose_manifest,
    names_outside,
    names_absolute,
    names_no_file,
    parts_are_no_table,
    part_is_no_table,
    manifest_is_a_list,
    manifest_is_nested,
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_version_that_is_not_whole_is_refused_and_a_new_one_can_be_made(studio: Studio, damage: Any) -> None:
    publish(studio, bank="good")
    bad = publish(studio, bank="bad")
    damage(bad)
    with pytest.raises(VersionMissing):
        current_version(studio)
    with pytest.raises(VersionMissing):
        use_version(studio, bad.name)
    assert [version.name for version in list_versions(studio)] == ["v1"]
    assert publish(studio, bank="new").name == "v3"
    assert use_version(studio, "v1").name == "v1"


@pytest.mark.parametrize(
    "name", ["../x", "v1/../../x", "v0", "v01", "V1", "v", "", "v1 ", "v9999999999", "v١", "/etc", "v2"]
)
def test_a_name_that_is_no_version_is_refused(studio: Studio, name: str) -> None:
    publish(studio, bank="good")
    shutil.copytree(studio.models_dir / "v1", studio.root / "x")
    with pytest.raises(VersionMissing):
        use_version(studio, name)
    current = current_version(studio)
    assert current is not None
    assert current.name == "v1"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 1}', '{"version": "../x"}', '{"version": "v7"}', "[" * 99_999]
)
def test_a_damaged_word_of_what_is_in_use_is_refused_and_can_be_put_right(studio: Studio, text: str) -> None:
    publish(studio, bank="good")
    studio.current_path.write_text(text, encoding="utf-8")
    with pytest.raises(VersionMissing):
        current_version(studio)
    use_version(studio, "v1")
    current = current_version(studio)
    assert current is not None
    assert texts(current) == {"bank.npz": "good bank.npz"}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["files", "parts", "bank", "bank.npz", "head", "x"]), inner, max_size=4)
        ),
        max_leaves=10,
    )
)
def test_any_manifest_is_whole_or_refused(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    studio = Studio(tmp_path_factory.getbasetemp() / "any manifest")
    folder = studio.models_dir / "v1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(value), encoding="utf-8")
    try:
        version = use_version(studio, "v1")
    except VersionMissing:
        return
    assert version.manifest["files"] == {}


def test_a_clock_that_jumps_back_changes_nothing_in_the_order(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(studio, bank="one")
    later = time.time() + 10**8
    os.utime(studio.models_dir / "v1", (later, later))
    assert publish(studio, bank="two").name == "v2"
    assert [version.name for version in list_versions(studio)] == ["v1", "v2"]
