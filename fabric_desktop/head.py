"""Labelled patches -> a linear head on the same embeddings -> probabilities. Trains, keeps, loads.

The arithmetic of prediction is here and in numpy, so that a head in use needs no scikit-learn and no pickle.
"""

from __future__ import annotations

import logging
import pickle
import warnings as python_warnings
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabric_desktop.embeddings import embed_cached
from fabric_desktop.errors import HeadMismatch, NoLabels, TooFewSamples
from fabric_desktop.eval_set import held_out_patches
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import LabeledPatch, list_labeled
from fabric_desktop.notices import Notice
from fabric_desktop.studio import NewPart, Studio, Version, publish_version
from fabric_desktop.studio.files import read_npz, write_npz

if TYPE_CHECKING:
    import numpy as np

    from fabric_desktop.encoders.base import Encoder

logger = logging.getLogger(__name__)

MIN_SAMPLES = 20
MIN_PER_FABRIC = 5
IMBALANCE = 3.0
FOLDS = 5
# Inverse L2 strength. On unit-length embeddings the textbook's C = 1 underfits: C near 30 gave 0.93 to 0.95 against
# 0.889 for the same cloth at 4 photos (built-in encoder; `python -m tests.benchmarks.recognition` prints both).
REGULARISATION_C = 30.0
HEAD_NAME = "head.npz"
FOLDS_NAME = "head_folds.npz"


@dataclass(frozen=True)
class Head:
    """A multinomial logistic regression: p = softmax(x W' + b).

    `weights` (n_fabrics, dim) float32, `bias` (n_fabrics,) float32, `fabric_ids` in the same order.
    """

    weights: np.ndarray
    bias: np.ndarray
    fabric_ids: tuple[str, ...]

    def predict_proba(self, embeddings: np.ndarray) -> np.ndarray:
        """(n, n_fabrics) probabilities of embeddings (n, dim); rows sum to 1."""
        import numpy as np

        logits = embeddings @ self.weights.T + self.bias
        logits = logits - logits.max(axis=1, keepdims=True)
        powers = np.exp(logits)
        proba: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
        return proba


@dataclass(frozen=True, slots=True)
class HeadFolds:
    """What a head's training knew: for each patch it was trained on, by content hash, the probabilities
    (n_fabrics,) of a head that was trained without that patch's swatch, in the head's order of fabrics; absent
    where the fabric has a single swatch and nothing can be left out."""

    trained_on: frozenset[str]
    out_of_fold: dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training did. `cv_accuracy` is over `cv_samples` patches, each predicted by a head that saw nothing of
    its swatch; None when no fabric has two swatches. `grouped` says whether every patch's swatch was known."""

    samples: int
    classes: dict[str, int]
    train_accuracy: float
    cv_accuracy: float | None
    cv_samples: int
    grouped: bool
    version: str
    path: Path
    bytes: int
    held_out: int
    warnings: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class TrainedHead:
    """A head that has not been written yet: how it was trained, and what its training knew."""

    head: Head
    folds: dict[str, np.ndarray]
    training: tuple[LabeledPatch, ...]
    held_out: int
    train_accuracy: float
    cv_accuracy: float | None
    cv_samples: int
    warnings: tuple[Notice, ...]

    @property
    def classes(self) -> dict[str, int]:
        return dict(sorted(Counter(patch.fabric_id for patch in self.training).items()))

    @property
    def grouped(self) -> bool:
        return all(patch.swatch_known for patch in self.training)

    @property
    def part(self) -> NewPart:
        """The head as a part of a version."""
        facts = {
            "samples": len(self.training),
            "classes": self.classes,
            "train_accuracy": self.train_accuracy,
            "cv_accuracy": self.cv_accuracy,
            "cv_samples": self.cv_samples,
            "grouped": self.grouped,
            "c": REGULARISATION_C,
        }
        return NewPart(write=lambda folder: _save(folder, self.head, self.folds), facts=facts)


def train_head(studio: Studio, encoder: Encoder, context: JobContext) -> TrainReport:
    """Train a head on the labelled patches, keep it as a new version and put it in use.

    `clip_model.pkl` is written for other programs. Raises what `train` raises, and SaveFailed.
    """
    trained = train(studio, encoder, context)
    context.check_cancelled()
    pickled = pickled_head(trained.head)
    version = publish_version(
        studio,
        encoder=encoder.id,
        fingerprint=encoder.fingerprint,
        parts={"head": trained.part},
        copies={studio.pickle_path: pickled},
    )
    return TrainReport(
        samples=len(trained.training),
        classes=trained.classes,
        train_accuracy=trained.train_accuracy,
        cv_accuracy=trained.cv_accuracy,
        cv_samples=trained.cv_samples,
        grouped=trained.grouped,
        version=version.name,
        path=version.path / HEAD_NAME,
        bytes=len(pickled),
        held_out=trained.held_out,
        warnings=trained.warnings,
    )


def train(studio: Studio, encoder: Encoder, context: JobContext) -> TrainedHead:
    """Train a head on the labelled patches; writes nothing.

    Patches of the evaluation set, and patches that share a swatch with one, are left out. Unreadable patches are
    skipped and named in the warnings. Raises NoLabels, TooFewSamples (under 20 labelled patches, or fewer than two
    fabrics), EvalSetDamaged, Cancelled.
    """
    import numpy as np

    patches = list_labeled(studio)
    require_enough(studio, patches)
    held_out = held_out_patches(studio, patches)
    training = [patch for patch in patches if patch.content_hash not in held_out]
    paths = [patch.path for patch in training]
    embedded, skipped = embed_cached(studio, "patches", paths, encoder, context, "job.train_head", some=True)
    by_path = {item.path: item for item in embedded}
    training = [patch for patch in training if patch.path in by_path]
    if len({patch.fabric_id for patch in training}) < 2:
        raise TooFewSamples(found=len(training), needed=MIN_SAMPLES, fabrics=1, reason="one_fabric")
    embeddings = np.stack([by_path[patch.path].embedding for patch in training])
    labels = [patch.fabric_id for patch in training]
    context.progress(len(training), len(training), "job.fit_head")
    head = fit_head(embeddings, labels)
    context.check_cancelled()
    groups = [patch.swatch_id for patch in training]
    out_of_fold = cross_validate(embeddings, labels, groups, head.fabric_ids, context)
    head, out_of_fold = calibrated(head, out_of_fold, labels, groups)
    checked = np.flatnonzero(np.isfinite(out_of_fold).all(axis=1))
    cv_accuracy = None
    if len(checked):
        cv_accuracy = _accuracy(out_of_fold[checked], [labels[i] for i in checked], head.fabric_ids)
    return TrainedHead(
        head=head,
        folds={patch.content_hash: out_of_fold[i] for i, patch in enumerate(training)},
        training=tuple(training),
        held_out=len(held_out),
        train_accuracy=_accuracy(head.predict_proba(embeddings), labels, head.fabric_ids),
        cv_accuracy=cv_accuracy,
        cv_samples=len(checked),
        warnings=_warnings(training, skipped, held_out, studio),
    )


def require_enough(studio: Studio, patches: Sequence[LabeledPatch]) -> None:
    """Raise NoLabels or TooFewSamples unless there are 20 labelled patches of at least two fabrics."""
    if not patches:
        raise NoLabels(path=str(studio.labeled_dir))
    fabrics = len({patch.fabric_id for patch in patches})
    if len(patches) < MIN_SAMPLES or fabrics < 2:
        reason = "few" if len(patches) < MIN_SAMPLES else "one_fabric"
        raise TooFewSamples(found=len(patches), needed=MIN_SAMPLES, fabrics=fabrics, reason=reason)


def fit_head(embeddings: np.ndarray, labels: Sequence[str], c: float = REGULARISATION_C) -> Head:
    """Fit on embeddings (n, dim) and their fabrics (at least two).

    L2 logistic regression, fabrics weighted by the inverse of their count. BLAS runs on one thread: on two cores it
    took 22 ms against 600 ms with two (the barrier costs more than it gains).
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=c, class_weight="balanced", max_iter=1000)
    with threadpool_limits(limits=1), python_warnings.catch_warnings():
        # A fit stopped at the limit is as good as one step later; it is logged, and nothing a person can act on.
        python_warnings.simplefilter("ignore")
        model.fit(embeddings, np.array(labels))
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        # scikit-learn keeps one row for two fabrics; softmax over (-row / 2, row / 2) is the same function.
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    fabric_ids = tuple(str(fabric) for fabric in model.classes_)
    return Head(weights.astype(np.float32), bias.astype(np.float32), fabric_ids)


def cross_validate(
    embeddings: np.ndarray,
    labels: Sequence[str],
    groups: Sequence[str],
    fabric_ids: Sequence[str],
    context: JobContext,
) -> np.ndarray:
    """(n, n_fabrics) probabilities of each patch by a head that saw no patch of its swatch, columns as `fabric_ids`.

    Rows of fabrics with a single swatch are NaN: leaving it out would leave nothing to recognise it by. Those fabrics
    stay in every fold's training, so that the others are always judged against them too.
    """
    import numpy as np
    from sklearn.model_selection import StratifiedGroupKFold

    result = np.full((len(labels), len(fabric_ids)), np.nan)
    label_array, group_array = np.array(labels), np.array(groups)
    swatches = {fabric: len(set(group_array[label_array == fabric])) for fabric in fabric_ids}
    judged = np.flatnonzero([swatches[label] > 1 for label in labels])
    if not len(judged):
        return result
    splitter = StratifiedGroupKFold(n_splits=min(FOLDS, max(swatches.values())), shuffle=True, random_state=0)
    column = {fabric: i for i, fabric in enumerate(fabric_ids)}
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore", UserWarning)  # fewer members than folds: NaN rows and a notice say it
        splits = list(splitter.split(embeddings[judged], label_array[judged], group_array[judged]))
    for number, (_, chosen) in enumerate(splits):
        context.progress(number, len(splits), "job.cross_validate")
        left_out = judged[chosen]
        kept = np.flatnonzero(~np.isin(group_array, group_array[left_out]))
        if len(set(label_array[kept])) < 2:
            continue
        head = fit_head(embeddings[kept], label_array[kept].tolist())
        proba = head.predict_proba(embeddings[left_out])
        for row, index in enumerate(left_out):
            if label_array[index] in head.fabric_ids:
                result[index] = 0.0
                result[index, [column[fabric] for fabric in head.fabric_ids]] = proba[row]
    return result


def calibrated(
    head: Head, out_of_fold: np.ndarray, labels: Sequence[str], groups: Sequence[str]
) -> tuple[Head, np.ndarray]:
    """The head and its out-of-fold probabilities (n, n_fabrics) at the one temperature that fits those answers best.

    A weakly regularised logistic regression on unit-length embeddings is too modest or too bold by a factor that
    depends on the studio; one temperature keeps the order. `groups` are the patches' swatches, of which each counts
    once. Rows of NaN take no part, and with few answers the temperature stays near 1.
    """
    import numpy as np

    from fabric_desktop.classifier.temperature import LeftOut, drawn_to_default, fit_temperature, softmax

    rows = np.flatnonzero(np.isfinite(out_of_fold).all(axis=1))
    if not len(rows):
        return head, out_of_fold
    column = {fabric: i for i, fabric in enumerate(head.fabric_ids)}
    truth = np.array([column[labels[i]] for i in rows.tolist()])
    logits = np.log(np.clip(out_of_fold, 1e-12, None))
    pieces = np.unique([groups[i] for i in rows.tolist()], return_inverse=True)[1]
    answers = LeftOut(logits[rows], truth, pieces)
    temperature = drawn_to_default(fit_temperature(answers), 1.0, answers.pieces)
    scaled = np.full_like(out_of_fold, np.nan)
    scaled[rows] = softmax(logits[rows] / temperature)
    sharpened = Head(
        (head.weights / temperature).astype(np.float32), (head.bias / temperature).astype(np.float32), head.fabric_ids
    )
    return sharpened, scaled


def _accuracy(proba: np.ndarray, labels: Sequence[str], fabric_ids: Sequence[str]) -> float:
    chosen: list[int] = proba.argmax(axis=1).tolist()
    return sum(fabric_ids[i] == label for i, label in zip(chosen, labels, strict=True)) / len(labels)


def _warnings(
    training: Sequence[LabeledPatch], skipped: Sequence[Any], held_out: frozenset[str], studio: Studio
) -> tuple[Notice, ...]:
    counts = Counter(patch.fabric_id for patch in training)
    notices = []
    few = sorted(fabric for fabric, count in counts.items() if count < MIN_PER_FABRIC)
    if few:
        notices.append(Notice("few_patches", {"count": len(few), "fabrics": ", ".join(few), "needed": MIN_PER_FABRIC}))
    most, least = counts.most_common()[0], counts.most_common()[-1]
    if most[1] > IMBALANCE * least[1]:
        notices.append(
            Notice("imbalance", {"most": most[0], "most_count": most[1], "least": least[0], "least_count": least[1]})
        )
    swatches: dict[str, set[str]] = {}
    for patch in training:
        swatches.setdefault(patch.fabric_id, set()).add(patch.swatch_id)
    single = sorted(fabric for fabric, pieces in swatches.items() if len(pieces) < 2)
    if single:
        notices.append(Notice("single_swatch", {"count": len(single), "fabrics": ", ".join(single)}))
    if not all(patch.swatch_known for patch in training):
        notices.append(Notice("swatches_unknown", {"count": sum(not patch.swatch_known for patch in training)}))
    for item in skipped:
        notices.append(Notice("patch_skipped", {"path": studio.relative(item.path), "reason": item.reason}))
    if held_out:
        notices.append(Notice("held_out", {"count": len(held_out)}))
    return tuple(notices)


def _save(folder: Path, head: Head, folds: dict[str, np.ndarray]) -> None:
    import numpy as np

    write_npz(folder / HEAD_NAME, {"weights": head.weights, "bias": head.bias, "fabric_ids": np.array(head.fabric_ids)})
    write_npz(
        folder / FOLDS_NAME,
        {
            "hashes": np.array(list(folds)),
            "out_of_fold": np.stack(list(folds.values())).astype(np.float32),
        },
    )


def pickled_head(head: Head) -> bytes:
    """The head as a pickled scikit-learn LogisticRegression that predicts the same, for other programs."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    weights, bias = head.weights.astype(np.float64), head.bias.astype(np.float64)
    if len(head.fabric_ids) == 2:
        weights, bias = weights[1:] - weights[:1], bias[1:] - bias[:1]
    model = LogisticRegression(C=REGULARISATION_C, class_weight="balanced")
    model.coef_, model.intercept_ = weights, bias
    model.classes_, model.n_features_in_ = np.array(head.fabric_ids), weights.shape[1]
    model.n_iter_ = np.array([0], dtype=np.int32)
    return pickle.dumps(model)


def load_head(version: Version) -> Head:
    """The head of a version. Raises HeadMismatch(reason damaged) when its arrays do not fit together."""
    import numpy as np

    path = version.path / HEAD_NAME
    try:
        arrays = read_npz(path)
        weights, bias = arrays["weights"], arrays["bias"]
        fabric_ids = tuple(str(fabric) for fabric in arrays["fabric_ids"])
        count = len(fabric_ids)
        fits = weights.ndim == 2 and len(weights) == len(set(fabric_ids)) == count > 1 and bias.shape == (count,)
        numbers = weights.dtype.kind == bias.dtype.kind == "f"
        if not (fits and numbers and np.isfinite(weights).all() and np.isfinite(bias).all()):
            raise ValueError("arrays do not fit")
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise HeadMismatch(path=str(path), reason="damaged") from error
    return Head(weights.astype(np.float32), bias.astype(np.float32), fabric_ids)


def load_folds(version: Version) -> HeadFolds:
    """What the head of a version was trained on. Raises HeadMismatch(reason damaged)."""
    import numpy as np

    path = version.path / FOLDS_NAME
    try:
        arrays = read_npz(path)
        hashes, rows = [str(digest) for digest in arrays["hashes"]], arrays["out_of_fold"]
        known = {digest: row for digest, row in zip(hashes, rows, strict=True) if np.isfinite(row).all()}
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise HeadMismatch(path=str(path), reason="damaged") from error
    return HeadFolds(frozenset(hashes), known)
