"""Every file is the old one or the new one, whole, whatever fails; and nothing that is read can run code."""

from __future__ import annotations

import errno
import io
import json
import os
import pickle
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fabric_desktop.errors import SaveFailed
from fabric_desktop.studio.files import npz_bytes, read_json, read_npz, write_bytes, write_json, write_npz, write_text
from tests.support import PickleTrap


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


# Each step of a save that a machine can refuse.
FAULTS: dict[str, tuple[str, int, str]] = {
    "making the new file": ("tempfile.mkstemp", errno.EACCES, "no_permission"),
    "flushing it to the disk": ("os.fsync", errno.ENOSPC, "disk_full"),
    "flushing beyond a quota": ("os.fsync", errno.EDQUOT, "disk_full"),
    "putting it in place": ("pathlib.Path.replace", errno.EROFS, "read_only"),
    "putting it in place on a dead share": ("pathlib.Path.replace", errno.EIO, "other"),
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_save_that_fails_leaves_the_old_file_whole_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    step, number, reason = FAULTS[fault]
    path = tmp_path / "标签.json"
    write_text(path, "old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(step, fail)
    with pytest.raises(SaveFailed) as caught:
        write_text(path, "new")
    monkeypatch.undo()
    assert caught.value.params["reason"] == reason
    assert caught.value.params["path"] == str(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert names_in(tmp_path) == ["标签.json"]


def test_a_write_that_stops_half_way_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bank.npz"
    write_bytes(path, b"old")
    real = os.fdopen

    def half(handle: int, mode: str) -> io.BufferedWriter:
        stream = real(handle, mode)
        whole = stream.write

        def write(data: bytes) -> int:
            whole(data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")

        stream.write = write  # type: ignore[method-assign]
        return stream  # type: ignore[return-value]

    monkeypatch.setattr("os.fdopen", half)
    with pytest.raises(SaveFailed):
        write_bytes(path, b"new" * 1000)
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["bank.npz"]


FULL_DISK = """
import os, sys
from pathlib import Path
from fabric_desktop.errors import SaveFailed
from fabric_desktop.studio.files import write_bytes
folder = Path(sys.argv[1])
write_bytes(folder / "a.bin", b"old" * 1000)
try:
    write_bytes(folder / "a.bin", b"new" * 1_000_000)
except SaveFailed as error:
    print(error.params["reason"], (folder / "a.bin").read_bytes() == b"old" * 1000, sorted(os.listdir(folder)))
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_named_and_the_old_file_stays(tmp_path: Path) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine does not let a test mount a small disk")
    try:
        done = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert done.stdout.strip() == "disk_full True ['a.bin']", done.stderr


def test_a_save_that_a_file_system_cannot_flush_or_give_permissions_to_is_still_a_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.toml"
    real = os.fsync

    def no_folders(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")  # as SMB and FUSE shares say
        real(handle)

    def no_permissions(self: Path, mode: int) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")  # as FAT says

    monkeypatch.setattr("os.fsync", no_folders)
    monkeypatch.setattr(Path, "chmod", no_permissions)
    write_text(path, "new")
    assert path.read_text(encoding="utf-8") == "new"
    assert names_in(tmp_path) == ["settings.toml"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_others_on_a_shared_folder_may_read_what_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {})
    plain = tmp_path / "plain"
    plain.touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda folder: folder / ("n" * 300), "name_too_long"),
        (lambda folder: folder / "a\0b", "other"),
        (lambda folder: folder / "file" / "below", "other"),
        (lambda folder: folder / "folder", "is_folder" if os.name == "posix" else "no_permission"),
    ],
)
def test_a_place_where_no_file_can_be_is_said(tmp_path: Path, make: Callable[[Path], Path], reason: str) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SaveFailed) as caught:
        write_bytes(make(tmp_path), b"data")
    assert caught.value.params["reason"] == reason
    assert names_in(tmp_path) == ["file", "folder"]


def test_missing_folders_are_made_and_long_paths_work(tmp_path: Path) -> None:
    path = tmp_path.joinpath(*["面料 folder"] * 30) / "a.json"
    assert len(str(path)) > 260
    write_json(path, {"面料": "真丝缎 🧵 \"'\n"})
    assert read_json(path) == {"面料": "真丝缎 🧵 \"'\n"}
    assert "真丝缎 🧵" in path.read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are not Unicode")
def test_a_file_name_in_another_encoding_can_be_recorded(tmp_path: Path) -> None:
    name = os.fsdecode("真丝.jpg".encode("gbk"))
    write_json(tmp_path / "index.json", {"photo": name})
    assert read_json(tmp_path / "index.json") == {"photo": name}


# ---------------------------------------------------------------- arrays

KEYS = [
    "file",
    "真丝缎",
    "a/b",
    "../up",
    "'quoted\" \\ id",
    "🧵",
    "x.npy",
    "arr_0",
    "con",
    " ",
    "",
    "k" * 200,
    "UPPER",
    "upper",
]


def test_a_bank_may_hold_any_fabric_id(tmp_path: Path) -> None:
    arrays = {key: np.full((2, 3), number, np.float32) for number, key in enumerate(KEYS)}
    write_npz(tmp_path / "a.npz", arrays)
    read = read_npz(tmp_path / "a.npz")
    assert list(read) == KEYS
    for key in KEYS:
        assert read[key].dtype == np.float32
        assert (read[key] == arrays[key]).all()


def test_other_programs_can_read_a_bank_with_plain_numpy(tmp_path: Path) -> None:
    write_npz(tmp_path / "a.npz", {"file": np.ones((2, 3), np.float32), "真丝缎": np.zeros((1, 3), np.float32)})
    with np.load(tmp_path / "a.npz") as bank:
        assert sorted(bank.files) == ["file", "真丝缎"]
        assert bank["file"].shape == (2, 3)


def test_what_numpy_itself_saves_is_read_alike(tmp_path: Path) -> None:
    arrays = {
        "a": np.arange(6.0).reshape(2, 3),
        "b": np.array(["真丝", "x"]),
        "c": np.asfortranarray(np.eye(3)),
        "d": np.array(5),
    }
    np.savez(tmp_path / "a.npz", **arrays)  # type: ignore[arg-type]
    for key, array in read_npz(tmp_path / "a.npz").items():
        assert array.shape == arrays[key].shape
        assert (array == arrays[key]).all()
        array.flags.writeable  # noqa: B018


def test_the_same_arrays_give_the_same_bytes() -> None:
    arrays = {"真丝": np.arange(12, dtype=np.float32).reshape(3, 4), "b": np.array(["x", "y"])}
    copy = {key: np.asfortranarray(array) if array.ndim == 2 else array.copy() for key, array in arrays.items()}
    assert npz_bytes(arrays) == npz_bytes(copy)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    arrays=st.dictionaries(
        st.text(max_size=12).filter(lambda key: "\0" not in key and key.isprintable()),
        hnp.arrays(st.sampled_from(["<f4", "<f8", "<i8", "<u1", "?", "<U5"]), hnp.array_shapes(min_dims=0, min_side=0)),
        max_size=4,
    )
)
def test_arrays_survive_being_written_and_read(
    tmp_path_factory: pytest.TempPathFactory, arrays: dict[str, np.ndarray]
) -> None:
    path = tmp_path_factory.getbasetemp() / "roundtrip.npz"
    path.write_bytes(npz_bytes(arrays))
    read = read_npz(path)
    assert read.keys() == arrays.keys()
    for key, array in arrays.items():
        assert (read[key].dtype, read[key].shape) == (array.dtype, array.shape)
        assert read[key].tobytes() == array.tobytes()


def zip_of(entries: dict[str, bytes], **options: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", **options) as archive:  # type: ignore[arg-type]
        for name, data in entries.items():
            archive.writestr(name, data)
    return stream.getvalue()


def npy(header: str, body: bytes = b"") -> bytes:
    text = header.encode("latin-1")
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + body


def hostile_archives(target: Path) -> dict[str, bytes]:
    objects = io.BytesIO()
    np.save(objects, np.array([PickleTrap(target)], dtype=object), allow_pickle=True)
    compressed = io.BytesIO()
    np.savez_compressed(compressed, a=np.zeros(10**6))
    encrypted = bytearray(
        zip_of({"a.npy": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}\n", b"\0" * 4)})
    )
    encrypted[6] |= 1
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    huge = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s,)}\n"
    return {
        "a pickle": pickle.dumps(PickleTrap(target)),
        "objects": zip_of({"a.npy": objects.getvalue()}),
        "objects in a field": zip_of(
            {"a.npy": npy("{'descr': [('x', '|O')], 'fortran_order': False, 'shape': (1,)}\n")}
        ),
        "a pickle inside": zip_of({"a.npy": pickle.dumps(PickleTrap(target))}),
        "a pickle beside": zip_of({"a.pkl": pickle.dumps(PickleTrap(target))}),
        "a bomb": compressed.getvalue(),
        "a claim of 4 TB": zip_of({"a.npy": npy(huge % 10**12)}),
        "a claim beyond all": zip_of({"a.npy": npy(huge % 10**30)}),
        "a negative size": zip_of({"a.npy": npy(huge % -4)}),
        "code as header": zip_of({"a.npy": npy("__import__('os').abort()\n")}),
        "a deep header": zip_of({"a.npy": npy("(" * 9000 + "\n")}),
        "a header that does not end": zip_of({"a.npy": b"\x93NUMPY\x01\x00\xff\xff{'descr"}),
        "an unknown version": zip_of({"a.npy": b"\x93NUMPY\x09\x00\x00\x00"}),
        "locked with a password": bytes(encrypted),
        "nothing": b"",
        "text": b"not an archive",
        "half": npz_bytes({"a": np.zeros((50, 50))})[:9000],
    }


@pytest.mark.parametrize("kind", list(hostile_archives(Path("x"))))
def test_no_archive_runs_code_takes_the_memory_or_ends_in_a_traceback(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "made by the attacker"
    path = tmp_path / "bank.npz"
    path.write_bytes(hostile_archives(target)[kind])
    with pytest.raises(ValueError, match="is not an .npz"):
        read_npz(path)
    assert not target.exists()


def test_arrays_of_objects_are_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="objects"):
        write_npz(tmp_path / "a.npz", {"a": np.array([{}], dtype=object)})
    assert names_in(tmp_path) == []


@settings(max_examples=200, deadline=None, derandomize=True)
@given(edits=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_damaged_archive_is_refused_or_read_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int]]
) -> None:
    data = bytearray(npz_bytes({"真丝": np.ones((3, 4), np.float32), "ids": np.array(["x", "y"])}))
    for place, value in edits:
        data[place % len(data)] = value
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    path.write_bytes(bytes(data))
    try:
        read = read_npz(path)
    except ValueError:
        return
    assert all(isinstance(array, np.ndarray) and not array.dtype.hasobject for array in read.values())


# ---------------------------------------------------------------- JSON


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\ufeff", '{"a": ', "nonsense", '"\\ud800' * 3])
def test_json_that_cannot_be_read_is_a_value_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is what callers rely on
        read_json(tmp_path / "a.json")
    (tmp_path / "b.json").write_bytes(b'{"a": "\xff\xfe"}')
    with pytest.raises(ValueError):  # noqa: PT011
        read_json(tmp_path / "b.json")


def test_json_that_an_editor_saved_with_a_mark_at_its_start_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf" + json.dumps({"名": 1}).encode())
    assert read_json(tmp_path / "a.json") == {"名": 1}
