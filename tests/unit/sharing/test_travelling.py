"""A studio arrives as it left; a refused one changes nothing; a model never comes in use by itself."""

from __future__ import annotations

import errno
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fabric_desktop.encoders.dummy import dummy_fingerprint
from fabric_desktop.errors import SaveFailed, ShareRefused, VersionMissing
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.labels import list_labeled
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.sharing import export_share, import_model, import_studio, read_contents
from fabric_desktop.studio import FabricInfo, Studio, list_versions, load_info, save_info, save_setting
from fabric_desktop.studio.versions import current_name
from tests.support import CountingEncoder, StoppingContext, cloth, make_studio, save_photo, tree
from tests.unit.loop.scenes import FABRICS, trained_studio
from tests.unit.sharing.shared_files import adding, shared, tampered

FINGERPRINT = dummy_fingerprint()


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    made = trained_studio(tmp_path / "我的 studio")
    save_info(made, FabricInfo(id=FABRICS[0], name_en="Linen", name_zh="亚麻布"))
    save_setting(made, "top_k", 3)
    save_photo(made.unlabeled_dir / "waiting.png", cloth("file", 5))
    return made


@pytest.fixture
def empty(tmp_path: Path) -> Studio:
    return make_studio(tmp_path / "another studio")


def predictions(studio: Studio) -> str:
    return repr(Recognizer(studio, CountingEncoder()).recognize(cloth(FABRICS[1], 31)).candidates)


def test_a_studio_arrives_whole_and_answers_the_same(studio: Studio, tmp_path: Path) -> None:
    path = shared(studio, tmp_path / "sent.zip")
    arrived = import_studio(path, tmp_path / "new" / "到了", JobContext())
    assert predictions(arrived) == predictions(studio)
    kept = ("fabrics/", "patches/", "eval_set.jsonl", "settings.toml", "models/v2/", "fabric_bank", "clip_model")
    mine, theirs = tree(studio.root), tree(arrived.root)
    assert {n: d for n, d in theirs.items() if n.startswith(kept)} == {
        n: d for n, d in mine.items() if n.startswith(kept)
    }
    assert [patch.swatch_id for patch in list_labeled(arrived)] == [patch.swatch_id for patch in list_labeled(studio)]
    assert current_name(arrived) == "v2"
    assert load_info(arrived, FABRICS[0]).name_zh == "亚麻布"
    assert list(tmp_path.joinpath("new").iterdir()) == [arrived.root]


def test_the_same_studio_gives_the_same_file(studio: Studio, tmp_path: Path) -> None:
    assert shared(studio, tmp_path / "a.zip").read_bytes() == shared(studio, tmp_path / "b.zip").read_bytes()


def test_only_the_model_and_the_names_travel_when_asked(studio: Studio, empty: Studio, tmp_path: Path) -> None:
    path = shared(studio, tmp_path / "model.zip", "model")
    assert not any(name.endswith(".png") for name in read_contents(path).files)
    version = import_model(path, empty, FINGERPRINT, JobContext())
    assert (version.name, current_name(empty)) == ("v1", None)
    assert version.manifest["parts"]["head"]["samples"] == 18
    assert version.manifest["imported_from"] == "model.zip"
    assert load_info(empty, FABRICS[0]).name_en == "Linen"


def test_own_names_are_not_written_over(studio: Studio, empty: Studio, tmp_path: Path) -> None:
    save_info(empty, FabricInfo(id=FABRICS[0], name_en="My linen"))
    import_model(shared(studio, tmp_path / "model.zip", "model"), empty, FINGERPRINT, JobContext())
    assert load_info(empty, FABRICS[0]).name_en == "My linen"


def test_an_older_version_can_be_sent(studio: Studio, tmp_path: Path) -> None:
    oldest = list_versions(studio)[0]
    report = export_share(studio, tmp_path / "v1.zip", JobContext(), kind="model", version=oldest)
    assert read_contents(report.path).version == "v1"


def test_a_model_of_a_studio_without_one_cannot_be_sent(empty: Studio, tmp_path: Path) -> None:
    with pytest.raises(VersionMissing):
        export_share(empty, tmp_path / "m.zip", JobContext(), kind="model")
    assert not (tmp_path / "m.zip").exists()


def test_a_studio_without_a_model_travels_too(empty: Studio, tmp_path: Path) -> None:
    save_photo(empty.fabrics_dir / "麻" / "a.png", cloth("麻"))
    arrived = import_studio(shared(empty, tmp_path / "s.zip"), tmp_path / "there", JobContext())
    assert arrived.fabric_ids() == ["麻"]
    assert current_name(arrived) is None


def test_files_whose_name_cannot_be_written_everywhere_stay_at_home_and_are_named(
    studio: Studio, tmp_path: Path
) -> None:
    save_photo(studio.fabrics_dir / "file" / "a: b?.png", cloth("file"))
    save_photo(studio.fabrics_dir / "file" / "REF 0.png", cloth("file"))
    (studio.fabrics_dir / "file" / "README.txt").write_text("x", encoding="utf-8")
    report = export_share(studio, tmp_path / "s.zip", JobContext())
    assert set(report.left_out) == {"fabrics/file/a: b?.png", "fabrics/file/ref 0.png"}
    import_studio(report.path, tmp_path / "there", JobContext())


# ---------------------------------------------------------------- refusals change nothing


def refused(path: Path, studio: Studio, base: Path) -> str:
    """Why a shared file is not taken in, either way; fails if anything on the disk changed."""
    before = tree(base)
    folders = sorted(p for p in base.rglob("*") if p.is_dir())
    reasons = set()
    with pytest.raises(ShareRefused) as error:
        import_model(path, studio, FINGERPRINT, JobContext())
    reasons.add(str(error.value.params["reason"]))
    with pytest.raises(ShareRefused) as error:
        import_studio(path, base / "new" / "deep" / "studio", JobContext())
    reasons.add(str(error.value.params["reason"]))
    assert tree(base) == before
    assert sorted(p for p in base.rglob("*") if p.is_dir()) == folders
    assert len(reasons) == 1, reasons
    return reasons.pop()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("../a.png", "parent_path"), ("/a.png", "absolute_path"), ("virus.exe", "foreign_file")],
)
def test_a_file_that_would_leave_the_studio_changes_nothing(
    studio: Studio, empty: Studio, tmp_path: Path, name: str, expected: str
) -> None:
    path = tampered(shared(studio, tmp_path / "s.zip"), tmp_path / "x.zip", adding(name))
    assert refused(path, empty, tmp_path) == expected


def test_content_that_does_not_fit_its_checksum_changes_nothing(studio: Studio, empty: Studio, tmp_path: Path) -> None:
    def flip(entries: dict[str, bytes], contents: dict[str, Any]) -> None:
        name = "fabrics/file/ref 0.png"
        entries[name] = entries[name][:-1] + bytes([entries[name][-1] ^ 1])

    path = tampered(shared(studio, tmp_path / "s.zip"), tmp_path / "x.zip", flip, listed=False)
    assert refused(path, empty, tmp_path) == "wrong_hash"


def test_a_stream_that_breaks_off_changes_nothing(studio: Studio, empty: Studio, tmp_path: Path) -> None:
    path = shared(studio, tmp_path / "s.zip")
    data = bytearray(path.read_bytes())
    start = data.index(b"fabrics/file/ref 0.png") + 200
    data[start : start + 50] = bytes(50)
    path.write_bytes(data)
    assert refused(path, empty, tmp_path) == "wrong_hash"


def test_a_foreign_fingerprint_changes_nothing(studio: Studio, empty: Studio, tmp_path: Path) -> None:
    def foreign(entries: dict[str, bytes], contents: dict[str, Any]) -> None:
        contents["fingerprint"] = "somebody else's"

    path = tampered(shared(studio, tmp_path / "s.zip"), tmp_path / "x.zip", foreign)
    assert refused(path, empty, tmp_path) == "foreign_fingerprint"


def test_a_fingerprint_that_only_the_list_claims_changes_nothing(studio: Studio, empty: Studio, tmp_path: Path) -> None:
    def lie(entries: dict[str, bytes], contents: dict[str, Any]) -> None:
        manifest = json.loads(entries["models/v2/manifest.json"])
        manifest["fingerprint"] = "somebody else's"
        entries["models/v2/manifest.json"] = json.dumps(manifest).encode()

    path = tampered(shared(studio, tmp_path / "s.zip"), tmp_path / "x.zip", lie)
    assert refused(path, empty, tmp_path) == "foreign_fingerprint"


def test_a_model_that_is_not_whole_changes_nothing(studio: Studio, empty: Studio, tmp_path: Path) -> None:
    def break_head(entries: dict[str, bytes], contents: dict[str, Any]) -> None:
        entries["models/v2/head.npz"] = b"no head"

    path = tampered(shared(studio, tmp_path / "s.zip"), tmp_path / "x.zip", break_head)
    assert refused(path, empty, tmp_path) == "no_model"


@pytest.mark.parametrize("name", ["settings.toml", f"fabrics/{FABRICS[0]}/fabric.toml"])
def test_settings_and_names_that_cannot_be_read_change_nothing(
    studio: Studio, empty: Studio, tmp_path: Path, name: str
) -> None:
    path = tampered(shared(studio, tmp_path / "s.zip"), tmp_path / "x.zip", adding(name, b"this = is [no toml"))
    assert refused(path, empty, tmp_path) == "damaged_file"


def test_photos_and_labels_can_come_without_a_foreign_model(studio: Studio, tmp_path: Path) -> None:
    def foreign(entries: dict[str, bytes], contents: dict[str, Any]) -> None:
        contents["encoder"], contents["fingerprint"] = "openclip:Nowhere/none", "somebody else's"

    path = tampered(shared(studio, tmp_path / "s.zip"), tmp_path / "x.zip", foreign)
    arrived = import_studio(path, tmp_path / "there", JobContext(), without_model=True)
    assert len(list_labeled(arrived)) == 24
    assert list_versions(arrived) == []
    assert not arrived.bank_path.exists()


def test_a_folder_that_is_not_empty_and_a_mere_model_are_refused(studio: Studio, tmp_path: Path) -> None:
    path = shared(studio, tmp_path / "s.zip")
    with pytest.raises(ShareRefused) as error:
        import_studio(path, studio.root, JobContext())
    assert error.value.params["reason"] == "target_exists"
    with pytest.raises(ShareRefused) as error:
        import_studio(shared(studio, tmp_path / "m.zip", "model"), tmp_path / "there", JobContext())
    assert error.value.params["reason"] == "wrong_kind"
    assert not (tmp_path / "there").exists()
    (tmp_path / "there").mkdir()
    assert import_studio(path, tmp_path / "there", JobContext()).fabric_ids() == sorted(FABRICS)


def test_a_share_larger_than_the_disk_is_refused(
    studio: Studio, empty: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil
    from collections import namedtuple

    path = shared(studio, tmp_path / "s.zip")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 10, 10))
    assert refused(path, empty, tmp_path) == "no_space"


# ---------------------------------------------------------------- stopping and full disks


@pytest.mark.parametrize("stop_at", [1, 5, 20, 40])
def test_a_cancel_leaves_neither_half_a_file_nor_half_a_studio(
    studio: Studio, empty: Studio, tmp_path: Path, stop_at: int
) -> None:
    path = shared(studio, tmp_path / "s.zip")
    before = tree(tmp_path)
    with pytest.raises(Cancelled):
        export_share(studio, path, StoppingContext(stop_at))
    with pytest.raises(Cancelled):
        import_studio(path, tmp_path / "there", StoppingContext(stop_at))
    with pytest.raises(Cancelled):
        import_model(path, empty, FINGERPRINT, StoppingContext(stop_at))
    assert tree(tmp_path) == before
    assert not (tmp_path / "there").exists()


def test_a_full_disk_leaves_the_older_shared_file_and_the_studio(
    studio: Studio, empty: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shared(studio, tmp_path / "s.zip")
    before = tree(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "writestr", full)
        with pytest.raises(SaveFailed) as error:
            export_share(studio, path, JobContext())
        assert error.value.params["reason"] == "disk_full"
    with monkeypatch.context() as patch:
        patch.setattr("fabric_desktop.sharing.importing.write_together", _save_failed)
        with pytest.raises(SaveFailed):
            import_model(path, empty, FINGERPRINT, JobContext())
    assert list_versions(empty) == []
    assert tree(tmp_path) == before


def _save_failed(files: dict[Path, bytes]) -> None:
    raise SaveFailed(path="fabric.toml", reason="disk_full")
