"""The head learns from labels, says how well without fooling anybody, and is never read from a pickle."""

from __future__ import annotations

import json
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
from fabric_desktop.encoders.base import unit_rows
from fabric_desktop.errors import HeadMismatch, NoLabels, SaveFailed, TooFewSamples
from fabric_desktop.eval_set import make_eval_set
from fabric_desktop.head import (
    REGULARISATION_C,
    Head,
    TrainReport,
    calibrated,
    cross_validate,
    fit_head,
    load_folds,
    load_head,
    train_head,
)
from fabric_desktop.imaging import content_hash
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.model import load_model
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, current_version, load_version, use_version
from fabric_desktop.studio.files import read_npz, write_npz
from tests.support import CountingEncoder, add_patches, cloth, make_studio, save_photo, tree

PACKAGE = Path(head_module.__file__).parent


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return make_studio(tmp_path / "我的 studio")


def train(studio: Studio, encoder: CountingEncoder | None = None, context: JobContext | None = None) -> TrainReport:
    return train_head(studio, encoder or CountingEncoder(), context or JobContext())


def codes(report: TrainReport) -> dict[str, dict[str, object]]:
    return {notice.code: notice.params for notice in report.warnings}


# ---------------------------------------------------------------- what is needed


def test_without_labels_it_says_so(studio: Studio) -> None:
    with pytest.raises(NoLabels):
        train(studio)


@pytest.mark.parametrize(
    ("counts", "reason"), [((19,), "few"), ((10, 9), "few"), ((25,), "one_fabric"), ((1, 1), "few")]
)
def test_too_few_labels_or_a_single_fabric_are_refused_with_the_counts(
    studio: Studio, counts: tuple[int, ...], reason: str
) -> None:
    for number, count in enumerate(counts):
        add_patches(studio, f"fabric {number}", count)
    before = tree(studio.root)
    with pytest.raises(TooFewSamples) as caught:
        train(studio)
    params = caught.value.params
    assert (params["found"], params["needed"], params["fabrics"]) == (sum(counts), 20, len(counts))
    assert params["reason"] == reason
    assert tree(studio.root) == before


def test_twenty_labels_of_two_fabrics_are_enough(studio: Studio) -> None:
    add_patches(studio, "cotton", 10)
    add_patches(studio, "真丝缎", 10)
    report = train(studio)
    assert report.samples == 20
    assert report.classes == {"cotton": 10, "真丝缎": 10}
    assert report.train_accuracy == 1.0
    assert report.cv_accuracy == 1.0
    assert report.cv_samples == 20
    assert report.grouped
    assert report.version == "v1"
    assert report.warnings == ()
    assert report.path == studio.models_dir / "v1" / "head.npz"
    assert report.bytes == studio.pickle_path.stat().st_size


def test_fabrics_under_five_patches_and_imbalance_are_warned_of(studio: Studio) -> None:
    add_patches(studio, "many", 16)
    add_patches(studio, "few", 4)
    warned = codes(train(studio))
    assert warned["few_patches"] == {"count": 1, "fabrics": "few", "needed": 5}
    assert warned["imbalance"] == {"most": "many", "most_count": 16, "least": "few", "least_count": 4}
    add_patches(studio, "few", 6)
    warned = codes(train(studio))
    assert warned == {}


def test_a_single_piece_of_a_fabric_is_warned_of_and_not_cross_validated(studio: Studio) -> None:
    add_patches(studio, "one piece", 10, pieces=1)
    add_patches(studio, "five pieces", 10, pieces=5)
    report = train(studio)
    assert codes(report)["single_swatch"] == {"count": 1, "fabrics": "one piece"}
    assert report.cv_samples == 10
    add_patches(studio, "five pieces", 10, pieces=1)
    report = train(studio)
    assert (report.cv_accuracy, report.cv_samples) == (None, 0)


def test_labels_whose_piece_nobody_named_are_said(studio: Studio) -> None:
    add_patches(studio, "a", 10, known=False)
    add_patches(studio, "b", 10)
    report = train(studio)
    assert not report.grouped
    assert codes(report)["swatches_unknown"] == {"count": 10}


def test_a_patch_that_cannot_be_read_is_named_and_the_rest_is_trained_on(studio: Studio) -> None:
    add_patches(studio, "a", 12)
    add_patches(studio, "b", 12)[0].write_bytes(b"no picture")
    report = train(studio)
    assert report.samples == 23
    assert codes(report)["patch_skipped"] == {"path": "patches/labeled/b/patch_000.png", "reason": "not_a_picture"}


def test_a_fabric_of_which_no_patch_can_be_read_leaves_too_few(studio: Studio) -> None:
    add_patches(studio, "a", 20)
    for path in add_patches(studio, "b", 2):
        path.write_bytes(b"")
    with pytest.raises(TooFewSamples):
        train(studio)


# ---------------------------------------------------------------- honesty


def swatch_data(seed: int = 0) -> tuple[np.ndarray, list[str], list[str]]:
    """Embeddings that tell the piece and nothing of the fabric: whoever has seen a piece knows its fabric."""
    rng = np.random.default_rng(seed)
    rows, labels, groups = [], [], []
    for piece in range(24):
        centre = rng.normal(size=64)
        for _ in range(6):
            rows.append(centre + 0.05 * rng.normal(size=64))
            labels.append("linen" if piece % 2 else "cotton")
            groups.append(f"piece {piece}")
    return unit_rows(np.array(rows)), labels, groups


def accuracy(proba: np.ndarray, labels: list[str], fabrics: tuple[str, ...]) -> float:
    return float(np.mean([fabrics[i] == label for i, label in zip(proba.argmax(axis=1), labels, strict=True)]))


def test_cross_validation_never_sees_another_patch_of_the_piece_it_judges() -> None:
    embeddings, labels, groups = swatch_data()
    fabrics = ("cotton", "linen")
    grouped = cross_validate(embeddings, labels, groups, fabrics, JobContext())
    each_alone = [str(number) for number in range(len(labels))]
    leaking = cross_validate(embeddings, labels, each_alone, fabrics, JobContext())
    assert accuracy(leaking, labels, fabrics) > 0.95
    assert accuracy(grouped, labels, fabrics) < 0.7  # chance is 0.5


def test_the_reported_accuracy_is_that_of_whole_pieces_left_out(studio: Studio) -> None:
    # Two fabrics whose pieces look nothing like one another: only a piece seen before is recognised.
    for fabric in ("a", "b"):
        for number in range(12):
            piece = number % 4
            path = save_photo(studio.labeled_dir / fabric / f"{number}.png", cloth(f"{fabric} {piece}", 0, number))
            path.with_suffix(".json").write_text(json.dumps({"swatch_id": f"{fabric} {piece}"}), encoding="utf-8")
    known = train(studio)
    for record in studio.labeled_dir.rglob("*.json"):
        record.unlink()
    unknown = train(studio)
    assert known.train_accuracy == unknown.train_accuracy == 1.0
    assert known.cv_accuracy is not None
    assert unknown.cv_accuracy is not None
    assert unknown.cv_accuracy > 0.9
    assert known.cv_accuracy < 0.8
    assert known.grouped
    assert not unknown.grouped


def test_patches_of_the_evaluation_set_and_of_their_pieces_are_not_trained_on(studio: Studio) -> None:
    paths = add_patches(studio, "a", 12, pieces=4) + add_patches(studio, "b", 12, pieces=4)
    chosen = make_eval_set(studio, split=0.25)
    report = train(studio)
    version = current_version(studio)
    assert version is not None
    trained_on = load_folds(version).trained_on
    assert (report.samples, report.held_out, chosen.samples) == (18, 6, 6)
    left_out = {path for path in paths if content_hash(path) not in trained_on}
    pieces = {json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["swatch_id"] for path in left_out}
    assert len(pieces) == 2
    assert codes(report)["held_out"] == {"count": 6}


# ---------------------------------------------------------------- arithmetic


@pytest.mark.parametrize("fabrics", [2, 3, 5])
def test_probabilities_are_those_of_scikit_learn(fabrics: int) -> None:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(fabrics)
    labels = [f"f{number % fabrics}" for number in range(60)]
    embeddings = unit_rows(rng.normal(size=(60, 8)) + np.array([[float(label[1:])] for label in labels]))
    head = fit_head(embeddings, labels)
    theirs = LogisticRegression(C=REGULARISATION_C, class_weight="balanced", max_iter=1000).fit(embeddings, labels)
    queries = unit_rows(rng.normal(size=(7, 8)))
    assert head.fabric_ids == tuple(theirs.classes_)
    assert np.allclose(head.predict_proba(queries), theirs.predict_proba(queries), atol=1e-5)
    assert np.allclose(head.predict_proba(queries).sum(axis=1), 1)


def test_the_same_labels_give_the_same_head_byte_for_byte(studio: Studio) -> None:
    add_patches(studio, "a", 10)
    add_patches(studio, "b", 10)
    first = train(studio)
    assert train(studio).version == first.version == "v1"


def test_extreme_logits_stay_probabilities() -> None:
    head = Head(np.array([[1e4, 0], [0, 1e4], [-1e4, 0]], np.float32), np.zeros(3, np.float32), ("a", "b", "c"))
    proba = head.predict_proba(np.array([[1, 0], [0, 1], [-1, 0]], np.float32))
    assert np.isfinite(proba).all()
    assert proba.argmax(axis=1).tolist() == [0, 1, 2]


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


class Malicious:
    """Unpickled, it would make a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.target,))


def test_a_malicious_pickle_in_the_studio_is_never_opened(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "s", {"cotton": 3, "真丝缎": 3})
    target = tmp_path / "made by the attacker"
    encoder = CountingEncoder()
    studio.pickle_path.write_bytes(pickle.dumps(Malicious(target)))
    build_bank(studio, encoder, JobContext())
    for method in ("fused", "retrieval", "rules"):
        Recognizer(studio, encoder).recognize(cloth("cotton", 1), method=method)  # type: ignore[arg-type]
    two_fabrics(studio)
    studio.pickle_path.write_bytes(pickle.dumps(Malicious(target)))
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
    assert [line for line in found if not re.search(r"\.exec\(\)|model\.eval\(\)", line)] == []


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


def test_a_modest_head_says_after_calibration_how_often_it_is_right() -> None:
    draw = np.random.default_rng(3)
    truth = draw.integers(0, 3, 600)
    logits = np.eye(3)[truth] * 2.0 + draw.normal(size=(600, 3))
    right = np.exp(logits * 2.0)
    modest = np.exp(logits * 0.2)
    modest, right = modest / modest.sum(axis=1, keepdims=True), right / right.sum(axis=1, keepdims=True)
    labels = [f"f{i}" for i in truth]
    head = Head(np.eye(3, dtype=np.float32), np.zeros(3, np.float32), ("f0", "f1", "f2"))
    sharpened, told = calibrated(head, modest, labels, [str(i) for i in range(600)])
    hits = told.argmax(axis=1) == truth
    assert (told.argmax(axis=1) == modest.argmax(axis=1)).all()
    assert abs(told.max(axis=1).mean() - hits.mean()) < 0.05 < abs(modest.max(axis=1).mean() - hits.mean())
    assert (sharpened.weights > head.weights - 1e-6).all()


def test_a_head_without_answers_left_out_stays_as_it_was_fitted() -> None:
    head = Head(np.eye(2, dtype=np.float32), np.zeros(2, np.float32), ("a", "b"))
    nothing = np.full((4, 2), np.nan)
    same, told = calibrated(head, nothing, ["a", "b", "a", "b"], ["1", "2", "3", "4"])
    assert same is head
    assert np.isnan(told).all()
