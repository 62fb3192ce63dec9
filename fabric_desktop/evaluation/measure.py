"""How often the right fabric comes first, among three, among five: on patches the scored model was not made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fabric_desktop.encoders.base import Encoder
from fabric_desktop.errors import BadRegion, HeadMissing, UnreadableImage
from fabric_desktop.eval_set import EvalRecord, read_eval_set
from fabric_desktop.fusion import check_top_k
from fabric_desktop.head import load_folds
from fabric_desktop.imaging import content_hash, cut_patch, open_photo, square_around
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import LabeledPatch, list_labeled
from fabric_desktop.notices import Notice
from fabric_desktop.recognizer import Method, Observation, Recognition, Recognizer
from fabric_desktop.studio import Studio

# Candidates looked at beyond top-k: the rank of the right one is wanted wherever it is.
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class EvalError:
    """A record that could not be scored: the picture as written in the set, the reason code, and its line."""

    image: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class FabricScore:
    """Hits on one fabric's patches: shares 0..1 of `samples`."""

    samples: int
    top1: float
    top3: float
    top5: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well one method names an evaluation set.

    `samples` records, of which `processed` were scored; shares 0..1 of those, None when there were none. `confusion`
    lists (right, taken for, how often), most often first. `grouped`: whether every patch's swatch was known, so that
    no piece stood on both sides. `out_of_fold` of the processed patches had trained the head and were scored by a
    head that had not seen their swatch. `not_scored` records have a fabric this method does not know.
    """

    method: Method
    alpha: float
    samples: int
    processed: int
    errors: tuple[EvalError, ...]
    top1: float | None
    top3: float | None
    top5: float | None
    top_k: int
    top_k_hits: float | None
    by_class: dict[str, FabricScore]
    confusion: tuple[tuple[str, str, int], ...]
    encoder: str
    grouped: bool
    out_of_fold: int
    not_scored: int
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One scored record: the right fabric, its place in the ranking (None when it is not there), and the first."""

    label: str
    place: int | None
    first: str
    out_of_fold: bool


def evaluate(
    studio: Studio,
    encoder: Encoder,
    context: JobContext,
    *,
    eval_set: Path | None = None,
    method: Method = "retrieval",
    alpha: float | Literal["auto"] | None = "auto",
    top_k: int = 5,
    mapping: Mapping[str, str] | None = None,
) -> Evaluation:
    """Score one method on an evaluation set (the studio's, unless another is given).

    A reference that is the patch's own source photo, or was cut from it, does not take part in that patch's score.
    Patches that the head in use was trained on are scored out of fold. `mapping`: label -> fabric of the rules, for
    `method="rules"`: labels that are neither in it nor known to the rules are not scored.

    Raises EvalSetMissing, EvalSetDamaged, HeadMissing, BankMissing, BankMismatch, Cancelled; ValueError for alpha or
    top_k out of range.
    """
    check_top_k(top_k)
    records = read_eval_set(studio, eval_set)
    recognizer = Recognizer(studio, encoder)
    if method == "textbook":
        recognizer.textbook_bank(context)
    folds = _Folds(studio, recognizer, method)
    patches = {patch.path.resolve(): patch for patch in list_labeled(studio)}
    outcomes: list[_Outcome] = []
    errors: list[EvalError] = []
    not_scored = 0
    used_alpha = 0.0
    for number, record in enumerate(records):
        context.progress(number, len(records), "job.evaluate", photo=record.image.name)
        label = _label_for(recognizer, record.label, method, mapping)
        if label is None:
            not_scored += 1
            continue
        try:
            recognition, out_of_fold = _recognize(recognizer, record, patches, folds, method, alpha)
        except (UnreadableImage, BadRegion) as error:
            errors.append(EvalError(record.given, str(error.params.get("reason", error.code)), record.line))
            continue
        used_alpha = recognition.alpha
        ranking = [candidate.id for candidate in recognition.candidates]
        place = ranking.index(label) if label in ranking else None
        outcomes.append(_Outcome(label, place, ranking[0] if ranking else "", out_of_fold))
    context.progress(len(records), len(records), "job.evaluate")
    known = [patches.get(record.image.resolve()) for record in records]
    return _summary(
        outcomes,
        errors=errors,
        method=method,
        alpha=used_alpha,
        samples=len(records),
        top_k=top_k,
        encoder=encoder.id,
        grouped=all(patch is not None and patch.swatch_known for patch in known),
        not_scored=not_scored,
    )


class _Folds:
    """Out-of-fold probabilities of the head in use, by patch; none where the method does not ask the head."""

    def __init__(self, studio: Studio, recognizer: Recognizer, method: Method) -> None:
        self.head_ids: tuple[str, ...] = ()
        self.trained_on: frozenset[str] = frozenset()
        self.out_of_fold: dict[str, dict[str, float]] = {}
        if method not in ("head", "fused"):
            return
        model = recognizer.model
        if model.head is None or model.version is None:
            if method == "head":
                raise model.head_error or HeadMissing(path=str(studio.models_dir))
            return
        folds = load_folds(model.version)
        self.head_ids = model.head.fabric_ids
        self.trained_on = folds.trained_on
        self.out_of_fold = {
            digest: dict(zip(self.head_ids, map(float, row), strict=True)) for digest, row in folds.out_of_fold.items()
        }


def _recognize(
    recognizer: Recognizer,
    record: EvalRecord,
    patches: Mapping[Path, LabeledPatch],
    folds: _Folds,
    method: Method,
    alpha: float | Literal["auto"] | None,
) -> tuple[Recognition, bool]:
    digest = content_hash(record.image)
    photo = open_photo(record.image)
    patch = photo if record.whole else cut_patch(photo, square_around(*record.coords, photo.size))
    observation: Observation = recognizer.observe(patch, method)
    if observation.error is not None:
        raise observation.error
    labeled = patches.get(record.image.resolve())
    own = frozenset({digest} if labeled is None else {digest, labeled.source})
    head: Mapping[str, float] | None = None
    trained = digest in folds.trained_on
    if trained:
        # A fabric with a single swatch has no out-of-fold answer: without that swatch the head knows nothing of it.
        head = folds.out_of_fold.get(digest, dict.fromkeys(folds.head_ids, 1.0 / len(folds.head_ids)))
    recognition = recognizer.rank(observation, method=method, alpha=alpha, top_k=_ALL, without=own, head=head)
    return recognition, trained


def _label_for(recognizer: Recognizer, label: str, method: Method, mapping: Mapping[str, str] | None) -> str | None:
    """The id under which the right answer would appear, or None when the rules cannot know this fabric."""
    if method != "rules":
        return label
    if mapping and label in mapping:
        return mapping[label]
    return label if recognizer.names.rule_for(label) is not None else None


def _summary(
    outcomes: Sequence[_Outcome],
    *,
    errors: Sequence[EvalError],
    method: Method,
    alpha: float,
    samples: int,
    top_k: int,
    encoder: str,
    grouped: bool,
    not_scored: int,
) -> Evaluation:
    def share(selected: Sequence[_Outcome], within: int) -> float:
        hits = sum(outcome.place is not None and outcome.place < within for outcome in selected)
        return hits / len(selected)

    fabrics = sorted({outcome.label for outcome in outcomes})
    by_class = {}
    for fabric in fabrics:
        own = [outcome for outcome in outcomes if outcome.label == fabric]
        by_class[fabric] = FabricScore(len(own), share(own, 1), share(own, 3), share(own, 5))
    mistakes = Counter((outcome.label, outcome.first) for outcome in outcomes if outcome.place != 0)
    out_of_fold = sum(outcome.out_of_fold for outcome in outcomes)
    notices = []
    if out_of_fold:
        notices.append(Notice("out_of_fold", {"count": out_of_fold, "total": len(outcomes)}))
    if not grouped:
        notices.append(Notice("not_grouped", {}))
    if not_scored:
        notices.append(Notice("not_in_rules", {"count": not_scored}))
    absent = sorted({outcome.label for outcome in outcomes if outcome.place is None})
    if absent and method != "rules":
        notices.append(Notice("labels_not_in_library", {"count": len(absent), "fabrics": ", ".join(absent[:5])}))
    return Evaluation(
        method=method,
        alpha=alpha,
        samples=samples,
        processed=len(outcomes),
        errors=tuple(errors),
        top1=share(outcomes, 1) if outcomes else None,
        top3=share(outcomes, 3) if outcomes else None,
        top5=share(outcomes, 5) if outcomes else None,
        top_k=top_k,
        top_k_hits=share(outcomes, top_k) if outcomes else None,
        by_class=by_class,
        confusion=tuple(
            (right, first, count)
            for (right, first), count in sorted(mistakes.items(), key=lambda item: (-item[1], item[0]))
        ),
        encoder=encoder,
        grouped=grouped,
        out_of_fold=out_of_fold,
        not_scored=not_scored,
        notices=tuple(notices),
    )
