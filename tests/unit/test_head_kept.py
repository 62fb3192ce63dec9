"""A head on the disk: a version with a copy for other programs, whole or not there, and never read from a pickle."""

from __future__ import annotations

import os
import pickle
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fabric_desktop import head as head_module
from fabric_desktop.bank import build_bank
from fabric_desktop.errors import HeadMismatch, SaveFailed
from fabric_desktop.eval_set import make_eval_set
from fabric_desktop.head import TrainReport, load_folds, load_head
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.model import load_model
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, current_version, load_version, use_version
from fabric_desktop.studio.files import read_npz, write_npz
from tests.support import CountingEncoder, PickleTrap, add_patches, cloth, make_studio, tree
from tests.unit.heads import train

PACKAGE = Path(head_module.__file__).parent


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return make_studio(tmp_path / "我的 studio")


# ---------------------------------------------------------------- versions and the copy for other programs


def two_fabrics(studio: Studio) -> TrainReport:
    add_patches(studio, "cotton", 10)
    add_patches(studio, "真丝缎", 10)
    return train(studio)


def test_a_trained_head_is_in_use_with_the_bank_that_was_there(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "s", {"cotton": 3, "真丝缎": 3})
    build_bank(studio, CountingEncoder(), JobContext())
    two_fabrics(studio)
    version = current_version(studio)
    assert version is not None
    assert version.name == "v2"
    assert set(version.manifest["parts"]) == {"bank", "head"}
    assert version.manifest["parts"]["head"]["samples"] == 20
    encoder = CountingEncoder()
    before = Recognizer(studio, encoder).recognize(cloth("cotton", 7), method="head").candidates
    use_version(studio, "v1")
    assert load_model(studio, encoder.fingerprint).head is None
    use_version(studio, "v2")
    assert Recognizer(studio, encoder).recognize(cloth("cotton", 7), method="head").candidates == before


def test_the_copy_for_other_programs_predicts_the_same(studio: Studio) -> None:
    for fabrics in (("cotton", "真丝缎"), ("cotton", "真丝缎", "wool")):
        for fabric in fabrics:
            add_patches(studio, fabric, 10)
        report = train(studio)
        model = pickle.loads(studio.pickle_path.read_bytes())  # as another program would
        embeddings = CountingEncoder().encode([cloth(fabric, 9) for fabric in fabrics])
        head = load_head(load_version(studio, report.version))
        assert tuple(model.classes_) == head.fabric_ids
        assert np.allclose(model.predict_proba(embeddings), head.predict_proba(embeddings), atol=1e-5)
        assert model.predict(embeddings).tolist() == list(fabrics)


def test_a_planted_pickle_would_act_if_it_were_opened(tmp_path: Path) -> None:
    """Without this, no test that plants one and finds nothing done would mean anything."""
    pickle.loads(pickle.dumps(PickleTrap(tmp_path / "made by the attacker")))
    assert (tmp_path / "made by the attacker").exists()


def test_a_malicious_pickle_in_the_studio_is_never_opened(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "s", {"cotton": 3, "真丝缎": 3})
    target = tmp_path / "made by the attacker"
    encoder = CountingEncoder()
    studio.pickle_path.write_bytes(pickle.dumps(PickleTrap(target)))
    build_bank(studio, encoder, JobContext())
    for method in ("fused", "retrieval", "rules"):
        Recognizer(studio, encoder).recognize(cloth("cotton", 1), method=method)  # type: ignore[arg-type]
    two_fabrics(studio)
    studio.pickle_path.write_bytes(pickle.dumps(PickleTrap(target)))
    recognizer = Recognizer(studio, encoder)
    recognizer.status()
    recognizer.recognize(cloth("cotton", 1), method="head")
    make_eval_set(studio)
    train(studio)
    assert not target.exists()


def test_nothing_in_the_program_can_unpickle() -> None:
    forbidden = re.compile(
        r"pickle\.(load|loads|Unpickler)|\bUnpickler\b|joblib|dill|cloudpickle|shelve|marshal\.load"
        r"|allow_pickle\s*=\s*True|weights_only\s*=\s*False|\b(eval|exec)\(|yaml\.(load|unsafe)"
    )
    found = [
        f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for path in PACKAGE.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if forbidden.search(line) and ".eval()" not in line and "# Qt" not in line
    ]
    # Qt's and torch's methods of that name, and one that is given nothing to run.
    assert [line for line in found if not re.search(r"\.exec\(\)|model\.eval\(\)|: exec\(\"\"\)$", line)] == []


@pytest.mark.parametrize("number", [1, 2, 3, 5, 6, 7, 8, 9])
def test_a_disk_that_fails_while_training_leaves_the_studio_as_it_was(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    two_fabrics(studio)
    add_patches(studio, "wool", 10)
    train_again = CountingEncoder()
    embedded = {path: path.read_bytes() for path in (studio.root / ".cache").iterdir()}
    before = {name: data for name, data in tree(studio.root).items() if not name.startswith(".cache")}
    real, calls = os.fsync, [0]

    def failing(handle: int) -> None:
        calls[0] += 1
        if calls[0] >= number:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr("os.fsync", failing)
    with pytest.raises(SaveFailed):
        train(studio, train_again)
    monkeypatch.undo()
    assert {name: data for name, data in tree(studio.root).items() if not name.startswith(".cache")} == before
    assert embedded.keys() == {path for path in (studio.root / ".cache").iterdir() if not path.name.startswith(".")}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has folder names that are not Unicode")
def test_a_fabric_named_in_another_encoding_does_not_stop_the_training(studio: Studio) -> None:
    fabric = os.fsdecode("麻".encode("gbk"))
    add_patches(studio, fabric, 10, known=False)
    add_patches(studio, "cotton", 10)
    train(studio)
    assert set(load_head(load_version(studio, "v1")).fabric_ids) == {fabric, "cotton"}
    assert Recognizer(studio, CountingEncoder()).recognize(cloth(fabric, 100, 0), method="head").candidates


@pytest.mark.parametrize("step", ["job.train_head", "job.fit_head", "job.cross_validate"])
def test_a_cancelled_training_leaves_the_model_in_use(studio: Studio, step: str) -> None:
    two_fabrics(studio)
    before = tree(studio.models_dir)
    add_patches(studio, "wool", 10)
    context = JobContext(lambda progress: context.cancel() if progress.code == step else None)
    with pytest.raises(Cancelled):
        train(studio, context=context)
    assert tree(studio.models_dir) == before


def test_training_again_encodes_only_new_patches(studio: Studio) -> None:
    encoder = CountingEncoder()
    add_patches(studio, "a", 10)
    add_patches(studio, "b", 10)
    train(studio, encoder)
    add_patches(studio, "b", 12)
    train(studio, encoder)
    assert encoder.pictures == 22


# ---------------------------------------------------------------- refusing


def edit_head(studio: Studio, name: str, **changes: Any) -> Any:
    """The version in use, with arrays of one of its files changed and its manifest not looked at."""
    version = current_version(studio)
    assert version is not None
    arrays = read_npz(version.path / name)
    arrays |= {key: value(arrays[key]) for key, value in changes.items()}
    write_npz(version.path / name, arrays)
    return version


@pytest.mark.parametrize(
    "changes",
    [
        {"weights": lambda a: a * np.nan},
        {"weights": lambda a: a[:1]},
        {"weights": lambda a: a[0]},
        {"weights": lambda a: a.astype(str)},
        {"bias": lambda a: a[:1]},
        {"bias": lambda a: a + np.inf},
        {"fabric_ids": lambda a: a[:1]},
        {"fabric_ids": lambda a: np.array("x")},
    ],
)
def test_a_head_whose_arrays_do_not_fit_is_refused(studio: Studio, changes: dict[str, Any]) -> None:
    two_fabrics(studio)
    with pytest.raises(HeadMismatch) as caught:
        load_head(edit_head(studio, "head.npz", **changes))
    assert caught.value.params["reason"] == "damaged"


@pytest.mark.parametrize(
    "changes",
    [{"hashes": lambda a: a[:3]}, {"hashes": lambda a: np.array(1)}, {"out_of_fold": lambda a: a.astype(str)}],
)
def test_folds_that_do_not_fit_are_refused(studio: Studio, changes: dict[str, Any]) -> None:
    two_fabrics(studio)
    with pytest.raises(HeadMismatch):
        load_folds(edit_head(studio, "head_folds.npz", **changes))


def test_a_head_of_another_encoder_is_not_used_and_the_reason_is_kept(studio: Studio) -> None:
    two_fabrics(studio)
    model = load_model(studio, "another encoder")
    assert model.head is None
    assert isinstance(model.head_error, HeadMismatch)
    assert model.head_error.params["reason"] == "other_encoder"
    assert Counter(load_head(load_version(studio, "v1")).fabric_ids) == Counter(["cotton", "真丝缎"])
