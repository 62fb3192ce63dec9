"""The loop in one gesture: retrain, score old and new on the same unseen patches, deploy or keep, roll back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fabric_desktop.bank import EmbeddedLibrary, bank_files, embed_library, load_bank
from fabric_desktop.errors import HeadMismatch, NoEmbeddingsCollected, VersionMissing
from fabric_desktop.eval_set import EvalRecord, extend_eval_set
from fabric_desktop.evaluation.compare import Comparison, Pair, compare
from fabric_desktop.evaluation.measure import Answer, FabricScore, answer_records, by_fabric, hit_share
from fabric_desktop.head import TrainedHead, load_folds, load_head, pickled_head, require_enough, train
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import LabeledPatch, list_labeled
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import (
    NewPart,
    Studio,
    Version,
    current_version,
    discard_version,
    draft_version,
    load_version,
    use_version,
)
from fabric_desktop.studio.files import write_bytes

if TYPE_CHECKING:
    from fabric_desktop.encoders.base import Encoder

Advice = Literal["deploy", "keep", "too_little"]

EVAL_SHARE = 0.2
EVAL_SEED = 42


@dataclass(frozen=True, slots=True)
class ModelScores:
    """How one model did on the patches compared: shares 0..1, calibration error 0..1, and each fabric's share."""

    version: str
    patches: int
    top1: float
    top3: float
    top5: float
    calibration_error: float
    fabrics: dict[str, FabricScore]


@dataclass(frozen=True, slots=True)
class Change:
    """A patch that one of two models names rightly and the other does not."""

    image: Path
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Improvement:
    """A new model beside the one in use. `comparison` and the scores are None where there was nothing unseen to
    compare on, `old_scores` also where nothing was in use. The new version is whole but not in use until `deploy`."""

    old: Version | None
    new: Version
    old_scores: ModelScores | None
    new_scores: ModelScores | None
    comparison: Comparison | None
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    advice: Advice
    training: TrainedHead


def improve(studio: Studio, encoder: Encoder, context: JobContext) -> Improvement:
    """Make a new model of everything labelled so far and compare it with the one in use; deploys nothing.

    Both are scored, fused, on the evaluation set's patches that neither was trained on. The set is made or extended
    first, from swatches that the model in use has not seen. A cancel leaves the studio as it was.

    Raises NoLabels, TooFewSamples (under 20 labelled patches), EvalSetDamaged, SaveFailed, Cancelled.
    """
    patches = list_labeled(studio)
    require_enough(studio, patches)
    old = _in_use(studio)
    seen = _trained_on(old)
    before = studio.eval_set_path.read_bytes() if studio.eval_set_path.is_file() else None
    new: Version | None = None
    try:
        records = extend_eval_set(studio, split=EVAL_SHARE, seed=EVAL_SEED, seen=seen)
        library = _library(studio, encoder, context)
        trained = train(studio, encoder, context)
        context.check_cancelled()
        parts: dict[str, NewPart] = {"head": trained.part}
        if library is not None:
            parts["bank"] = library.part
        new = draft_version(studio, encoder=encoder.id, fingerprint=encoder.fingerprint, parts=parts)
        return _compared(studio, encoder, context, old, new, records, patches, trained)
    except BaseException:
        _put_back(studio.eval_set_path, before)
        if new is not None and (old is None or new.name != old.name):
            discard_version(studio, new.name)
        raise


def _put_back(path: Path, before: bytes | None) -> None:
    if before is None:
        path.unlink(missing_ok=True)
    elif path.read_bytes() != before:
        write_bytes(path, before)


def _in_use(studio: Studio) -> Version | None:
    try:
        return current_version(studio)
    except VersionMissing:
        return None


def _trained_on(version: Version | None) -> frozenset[str]:
    if version is None or "head" not in version.manifest.get("parts", {}):
        return frozenset()
    try:
        return load_folds(version).trained_on
    except HeadMismatch:
        return frozenset()


def _library(studio: Studio, encoder: Encoder, context: JobContext) -> EmbeddedLibrary | None:
    try:
        return embed_library(studio, encoder, context)
    except NoEmbeddingsCollected:
        return None


def _compared(
    studio: Studio,
    encoder: Encoder,
    context: JobContext,
    old: Version | None,
    new: Version,
    records: list[EvalRecord],
    patches: list[LabeledPatch],
    trained: TrainedHead,
) -> Improvement:
    known = {patch.path.resolve(): patch for patch in patches}
    seen = _trained_on(old) | _trained_on(new)
    unseen = [
        record
        for record in records
        if (patch := known.get(record.image.resolve())) is None or patch.content_hash not in seen
    ]
    new_answers = answers_of(studio, encoder, context, new, unseen, known)
    comparable = old is not None and old.manifest.get("fingerprint") == encoder.fingerprint and old.name != new.name
    old_answers = answers_of(studio, encoder, context, old, unseen, known) if comparable else {}
    both = [image for image in new_answers if image in old_answers]
    comparison = compare([_pair(old_answers[image], new_answers[image]) for image in both]) if both else None
    changes = [
        Change(image, new_answers[image].label, old_answers[image].first, new_answers[image].first)
        for image in both
        if old_answers[image].right != new_answers[image].right
    ]
    return Improvement(
        old=old,
        new=new,
        old_scores=scores_of(old.name, [old_answers[i] for i in both]) if old is not None and both else None,
        new_scores=scores_of(new.name, list(new_answers.values())) if new_answers else None,
        comparison=comparison,
        better=tuple(change for change in changes if change.new == change.label),
        worse=tuple(change for change in changes if change.old == change.label),
        advice=_advice(old, comparison),
        training=trained,
    )


def answers_of(
    studio: Studio,
    encoder: Encoder,
    context: JobContext,
    version: Version | None,
    records: list[EvalRecord],
    patches: dict[Path, LabeledPatch],
) -> dict[Path, Answer]:
    """What a version (None: whatever is in use) answers, fused, to the records that can be scored, by picture."""
    recognizer = Recognizer(studio, encoder, pinned=version)
    answered = answer_records(recognizer, records, patches, context, method="fused", alpha="auto")
    return {answer.image: answer for answer in answered.answers}


def _pair(old: Answer, new: Answer) -> Pair:
    return Pair(str(new.image), new.swatch, old.right, new.right)


def scores_of(version: str, answers: list[Answer]) -> ModelScores:
    """Summary of one model's answers (at least one)."""
    from fabric_desktop.scoring import expected_calibration_error

    return ModelScores(
        version=version,
        patches=len(answers),
        top1=hit_share(answers, 1) or 0.0,
        top3=hit_share(answers, 3) or 0.0,
        top5=hit_share(answers, 5) or 0.0,
        calibration_error=expected_calibration_error(
            [answer.confidence for answer in answers], [answer.right for answer in answers]
        ),
        fabrics=by_fabric(answers),
    )


def _advice(old: Version | None, comparison: Comparison | None) -> Advice:
    """Deploy what is better or has nothing to lose against, keep what is in use where the new one is worse.

    With too little data to tell, more wrong than right changes still advise to keep: nobody should deploy what looks
    worse because it is not yet proven to be.
    """
    if old is None or "head" not in old.manifest.get("parts", {}):
        return "deploy" if comparison is None or comparison.difference >= 0 else "keep"
    if comparison is None:
        return "too_little"
    if comparison.verdict == "better":
        return "deploy"
    if comparison.verdict == "worse" or comparison.difference < 0:
        return "keep"
    return "too_little"


def deploy(studio: Studio, name: str) -> Version:
    """Put a version in use, forwards or back, and rewrite the copies for other programs (bank, clip_model.pkl).

    The version's files are not touched, so going back gives the same predictions, byte for byte. Raises
    VersionMissing, BankMismatch, HeadMismatch, SaveFailed; until the last step nothing has changed.
    """
    version = load_version(studio, name)
    parts = version.manifest.get("parts", {})
    copies: dict[Path, bytes] = {}
    if "bank" in parts:
        copies |= bank_files(load_bank(version.path / "bank.npz"), studio.bank_path)
    if "head" in parts:
        copies[studio.pickle_path] = pickled_head(load_head(version))
    return use_version(studio, name, copies)


def as_dict(result: Improvement) -> dict[str, Any]:
    """The comparison as plain values, for JSON and for a version's notes."""
    return {
        "old": result.old.name if result.old is not None else None,
        "new": result.new.name,
        "old_scores": None if result.old_scores is None else asdict(result.old_scores),
        "new_scores": None if result.new_scores is None else asdict(result.new_scores),
        "comparison": None if result.comparison is None else asdict(result.comparison),
        "better": [change.image.name for change in result.better],
        "worse": [change.image.name for change in result.worse],
        "advice": result.advice,
    }
