"""Models that were swapped, damaged or planted: refused with the reason and the way to make them again, never run."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from fabric_desktop.bank import index_path_of
from fabric_desktop.cli import main
from fabric_desktop.encoders import graph
from fabric_desktop.encoders.builtin import BuiltinEncoder
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.errors import EncoderUnavailable, FabricError, VersionMissing
from fabric_desktop.imaging import open_photo
from fabric_desktop.library.edit import remove_fabric
from fabric_desktop.recognition import Recognition
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, current_version, load_version
from fabric_desktop.studio.files import npz_bytes, read_npz
from fabric_desktop.wording import LANGS, explain
from tests.faults.scene import Scene, make_scene
from tests.support import PickleTrap, cloth
from tests.ui.conftest import Person

Forge = Callable[["Model"], None]


@dataclass
class Model:
    """The version in use, for somebody who changes its files and makes the hashes fit again."""

    studio: Studio

    @property
    def folder(self) -> Path:
        version = current_version(self.studio)
        assert version is not None
        return version.path

    def swap(self, name: str, data: bytes) -> None:
        """Another file in place of one, known to the manifest by its new hash."""
        folder = self.folder
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        (folder / name).write_bytes(data)
        manifest["files"][name] = hashlib.sha256(data).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    def describe(self, **entries: Any) -> None:
        """Other entries in the manifest."""
        path = self.folder / "manifest.json"
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | entries), encoding="utf-8")

    def bank(self, change: Callable[[np.ndarray], np.ndarray]) -> None:
        """A bank whose arrays are changed, its index fitting."""
        arrays = {name: change(array) for name, array in read_npz(self.folder / "bank.npz").items()}
        self.bank_file(npz_bytes(arrays), dim=next(iter(arrays.values())).shape[1])

    def bank_file(self, data: bytes, **entries: Any) -> None:
        index = json.loads(index_path_of(self.folder / "bank.npz").read_text(encoding="utf-8"))
        index |= {"sha256": hashlib.sha256(data).hexdigest()} | entries
        self.swap("bank.npz", data)
        self.swap("bank.json", json.dumps(index).encode())

    def head(self, **arrays: np.ndarray) -> None:
        self.swap("head.npz", npz_bytes(read_npz(self.folder / "head.npz") | arrays))


def objects() -> bytes:
    stream = io.BytesIO()
    array = io.BytesIO()
    np.save(array, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("file.npy", array.getvalue())
    return stream.getvalue()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return make_scene(tmp_path)


def answer(studio: Studio, method: Any = "fused") -> Recognition:
    return Recognizer(studio, DummyEncoder()).recognize(cloth("棉布", 0), method=method)


def _of_another_encoder(model: Model) -> None:
    model.bank_file((model.folder / "bank.npz").read_bytes(), fingerprint="0" * 32)


BANKS: dict[str, tuple[Forge, str]] = {
    "another encoder's": (_of_another_encoder, "other_encoder"),
    "wrong length": (lambda model: model.bank(lambda rows: rows[:, :7]), "damaged"),
    "not a number": (lambda model: model.bank(lambda rows: rows * np.float32("nan")), "damaged"),
    "endless": (lambda model: model.bank(lambda rows: rows + np.float32("inf")), "damaged"),
    "doubles": (lambda model: model.bank(lambda rows: rows.astype(np.float64)), "damaged"),
    "objects": (lambda model: model.bank_file(objects()), "damaged"),
    "a pickle": (lambda model: model.bank_file(pickle.dumps({"棉布": [1, 2]})), "damaged"),
    "nothing": (lambda model: model.bank_file(b""), "damaged"),
    "a lost index": (lambda model: model.swap("bank.json", b"{}"), "no_index"),
}


@pytest.mark.parametrize("kind", list(BANKS))
def test_a_bank_that_must_not_be_used_is_refused_and_the_rest_still_answers(scene: Scene, kind: str) -> None:
    forge, reason = BANKS[kind]
    forge(Model(scene.studio))
    found = answer(scene.studio)
    (notice,) = [notice for notice in found.notices if isinstance(notice.params.get("error"), FabricError)]
    error: Any = notice.params["error"]
    assert (error.code, error.params["reason"]) == ("bank_mismatch", reason)
    assert found.candidates
    assert all(candidate.retrieval is None for candidate in found.candidates)
    assert "build-bank" in explain(error, "en").do
    with pytest.raises(FabricError) as alone:
        answer(scene.studio, "retrieval")
    assert alone.value.params["reason"] == reason


HEADS: dict[str, tuple[Forge, str]] = {
    "another encoder's": (lambda model: model.describe(fingerprint="0" * 32), "other_encoder"),
    "wrong length": (lambda model: model.head(weights=np.ones((2, 7), np.float32)), "damaged"),
    "not a number": (lambda model: model.head(bias=np.full(2, np.nan, np.float32)), "damaged"),
    "words": (lambda model: model.head(weights=np.array([["a", "b"], ["c", "d"]])), "damaged"),
    "one fabric twice": (lambda model: model.head(fabric_ids=np.array(["file", "file"])), "damaged"),
    "unknown fabrics": (lambda model: model.head(fabric_ids=np.array(["vicuña", "file"])), "unknown_fabrics"),
    "fabrics outside": (lambda model: model.head(fabric_ids=np.array(["../../etc", "file"])), "unknown_fabrics"),
    "objects": (lambda model: model.swap("head.npz", objects()), "damaged"),
    "a pickle": (lambda model: model.swap("head.npz", pickle.dumps([1])), "damaged"),
}


@pytest.mark.parametrize("kind", list(HEADS))
def test_a_head_that_must_not_be_used_is_refused_and_the_references_still_answer(scene: Scene, kind: str) -> None:
    forge, reason = HEADS[kind]
    forge(Model(scene.studio))
    found = answer(scene.studio)
    errors: list[Any] = [notice.params.get("error") for notice in found.notices]
    error = next(error for error in errors if isinstance(error, FabricError) and error.code == "head_mismatch")
    assert error.params["reason"] == reason
    assert found.candidates[0].id == "棉布"
    assert all(candidate.head is None for candidate in found.candidates)
    assert "train-head" in explain(error, "en").do


def test_a_head_whose_fabric_was_thrown_away_is_refused_once_the_bank_has_forgotten_it(scene: Scene) -> None:
    remove_fabric(scene.studio, "棉布")
    assert answer(scene.studio).candidates[0].id == "棉布"  # the model in use is one whole
    shutil.rmtree(scene.studio.labeled_dir / "棉布")
    assert main(["build-bank", "--studio", str(scene.studio.root)]) == 0
    with pytest.raises(FabricError) as refused:
        answer(scene.studio, "head")
    assert refused.value.params["reason"] == "unknown_fabrics"
    assert "棉布" in explain(refused.value, "zh").what


@pytest.mark.parametrize(
    "entries",
    [
        {"files": {"../../../secret.npz": "0" * 64}},
        {"files": {"/etc/passwd": "0" * 64}},
        {"files": {"bank.npz": "0" * 64}},
        {"files": ["bank.npz"]},
        {"parts": {"bank": "../bank"}},
        {"parts": {"head": {"samples": "many"}}},
        {"parent": "../../elsewhere"},
        {"parent": "v2"},
        {"parent": "v99"},
        {"created": "yesterday"},
        {"created": "2026-01-01T00:00:00"},
        {"encoder": 7},
    ],
    ids=lambda entries: json.dumps(entries)[:40],
)
def test_a_manifest_that_points_elsewhere_or_makes_no_sense_is_refused(
    scene: Scene, entries: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    model = Model(scene.studio)
    assert model.folder.name == "v2"
    model.describe(**entries)
    with pytest.raises(VersionMissing) as refused:
        load_version(scene.studio, "v2")
    for lang in LANGS:
        assert explain(refused.value, lang).do
    # The bank at the studio's root still answers, and a new build makes all well.
    found = answer(scene.studio)
    assert found.candidates[0].id == "棉布"
    assert main(["build-bank", "--studio", str(scene.studio.root)]) == 0
    assert current_version(scene.studio) is not None
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../v2", "/etc", "v2/../../x", "v0", "V2", "v2\0", "", "v1.bak"])
def test_a_version_in_use_outside_the_studio_is_refused(scene: Scene, name: str) -> None:
    scene.studio.current_path.write_text(json.dumps({"version": name, "since": "x"}), encoding="utf-8")
    with pytest.raises(VersionMissing):
        current_version(scene.studio)
    assert answer(scene.studio).candidates[0].id == "棉布"


@pytest.mark.parametrize("data", [b"", b"not a graph", b"\x08\x07" * 500, pickle.dumps([1]), b"\0" * 4096])
def test_a_graph_that_is_none_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(data)
    monkeypatch.setattr(graph, "graph_path", lambda: broken)
    with pytest.raises(EncoderUnavailable) as refused:
        BuiltinEncoder()
    assert refused.value.params["reason"] == "own_files"
    for lang in LANGS:
        assert explain(refused.value, lang).do
    # Recognising goes on by the rules, and says why.
    scene = make_scene(tmp_path)
    scene.studio.bank_index_path.unlink()
    scene.studio.settings_path.write_text('encoder = "builtin"\n', encoding="utf-8")
    photo = scene.studio.reference_photos("棉布")[0]
    found = Recognizer(scene.studio).recognize(open_photo(photo))
    assert found.candidates
    assert isinstance(found.notices[0].params["error"], EncoderUnavailable)
    assert "Traceback" not in capfd.readouterr().err


def test_a_planted_pickle_is_never_opened_whatever_is_done_in_the_studio(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "made by the attacker"
    planted = pickle.dumps(PickleTrap(target))

    def opened(*_: object, **__: object) -> Any:
        raise AssertionError("something was unpickled")

    monkeypatch.setattr(pickle, "loads", opened)
    monkeypatch.setattr(pickle, "load", opened)
    monkeypatch.setattr(pickle, "Unpickler", opened)
    studio = scene.studio
    photo = str(studio.reference_photos("棉布")[0])
    for path in (studio.pickle_path, studio.root / "clip_model.joblib", studio.models_dir / "v2" / "model.pkl"):
        path.write_bytes(planted)
    for command in (
        ["recognize", photo],
        ["evaluate"],
        ["check"],
        ["build-bank"],
        ["label", photo, "--as", "棉布"],
        ["make-eval-set"],
        ["train-head"],
        ["encoders", "list"],
    ):
        studio.pickle_path.write_bytes(planted)
        assert main([*command, "--studio", str(studio.root)]) in (0, 3), command
        assert not target.exists(), command
    # Also under the names of files that are read.
    for path in (studio.bank_path, studio.models_dir / "v2" / "bank.npz", studio.models_dir / "v2" / "head.npz"):
        path.write_bytes(planted)
    answer(studio)
    assert main(["recognize", photo, "--studio", str(studio.root)]) == 0
    assert not target.exists()


def test_the_window_names_a_refused_model_and_offers_to_build_it_again(
    make_window: Callable[[Path], Person], scene: Scene, photo: Path, qtbot: QtBot
) -> None:
    Model(scene.studio).bank_file(objects())
    scene.studio.bank_path.unlink()
    person = make_window(scene.studio.root)
    person.open(photo)
    person.click(150, 300)
    person.answered()
    texts = [label.text() for label in person.window.results.findChildren(type(person.window.banner.what))]
    buttons = person.window.results.findChildren(type(person.window.sample_button))
    build = person.window.actions_["build_bank"]
    assert build.text().replace("&", "") in [button.text() for button in buttons]
    assert any("damaged" in text for text in texts), texts
    build.trigger()
    person.wait(lambda: not person.window.bench.runner.busy)
    person.settle()
    person.answered()
    found = person.region.recognition
    assert found is not None
    assert found.candidates[0].nearest
