"""The head learns from labels, says what it lacks, and tells how well it does without fooling anybody."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fabric_desktop.encoders.base import unit_rows
from fabric_desktop.errors import NoLabels, TooFewSamples
from fabric_desktop.eval_set import make_eval_set
from fabric_desktop.head import REGULARISATION_C, Head, TrainReport, calibrated, cross_validate, fit_head, load_folds
from fabric_desktop.imaging import content_hash
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio, current_version
from tests.support import add_patches, cloth, make_studio, save_photo, tree
from tests.unit.heads import train


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return make_studio(tmp_path / "我的 studio")


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
