"""The loop in one gesture: retrain, score old and new on the same unseen patches, advise. Deploys nothing by itself.

Nothing is in its place before the last step, so that a cancel leaves the studio as it was, byte for byte.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabric_desktop.bank import Bank, EmbeddedLibrary, embed_library
from fabric_desktop.embeddings import CACHE_DIR
from fabric_desktop.errors import EncoderUnavailable, NoEmbeddingsCollected, NoLabels, TooFewSamples
from fabric_desktop.eval_set import EvalRecord, extend_eval_set
from fabric_desktop.evaluation.observing import Observed, observe_patches
from fabric_desktop.head import TrainedHead, require_enough, train
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import LabeledPatch, list_labeled
from fabric_desktop.loop import known as known_labels
from fabric_desktop.loop import scores as kept_scores
from fabric_desktop.loop.advice import Advice, Reason, judge
from fabric_desktop.loop.answering import Change, Side, SideBySide, side_by_side
from fabric_desktop.loop.calibrating import calibrate
from fabric_desktop.loop.contradicting import alarming, contradicting_labels
from fabric_desktop.loop.known import Known, has_head, in_use, known_to
from fabric_desktop.loop.scores import ModelScores
from fabric_desktop.loop.stopping import Stoppable
from fabric_desktop.loop.tempering import Calibration, calibration_of, temper
from fabric_desktop.notices import Notice
from fabric_desktop.studio import NewPart, Studio, Version, draft_version
from fabric_desktop.studio.files import write_bytes

if TYPE_CHECKING:
    from fabric_desktop.encoders.base import Encoder
    from fabric_desktop.evaluation.compare import Comparison

EncoderOf = Callable[[str], "Encoder"]

EVAL_SHARE = 0.2
EVAL_SEED = 42
COMPARED = "compared"
_SLOW_IMPORTS = ("sklearn.linear_model", "sklearn.model_selection")


@dataclass(frozen=True, slots=True)
class Improvement:
    """A new model beside the one in use (`old`: None where no version is). The new version is whole but not in use
    until `deploy`; where nothing changed it is the old one.

    Scores and comparison are on the same patches that neither was trained on, `SideBySide` says how. `suspicious` are
    new labels that contradict the earlier ones. `advice` and its `reason` say what to do; `grouped` whether every
    patch's swatch was known. `training` is None for a model without a head (`compare_encoders` with few labels).
    """

    old: Version | None
    new: Version
    old_scores: ModelScores | None
    new_scores: ModelScores | None
    comparison: Comparison | None
    cross_checked: Comparison | None
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    suspicious: tuple[Path, ...]
    advice: Advice
    reason: Reason
    training: TrainedHead | None
    grouped: bool
    notices: tuple[Notice, ...]

    @property
    def calibration(self) -> Calibration | None:
        """How the new version's confidence was calibrated, with how far it was off before and after; None where there
        were too few answers."""
        return calibration_of(self.new)

    @property
    def preselected(self) -> Advice:
        """Which answer a question should offer first, "deploy" or "keep": the better one, and with too little data
        the one that looks better, the old one where they look alike."""
        if self.advice != "too_little":
            return self.advice
        return "deploy" if self.comparison is not None and self.comparison.difference > 0 else "keep"


@dataclass(frozen=True)
class _Made:
    """What a new version is made of, before anything of it is written."""

    library: EmbeddedLibrary | None
    trained: TrainedHead | None

    @property
    def parts(self) -> dict[str, NewPart]:
        parts: dict[str, NewPart] = {}
        if self.library is not None:
            parts["bank"] = self.library.part
        if self.trained is not None:
            parts["head"] = self.trained.part
        return parts

    @property
    def bank(self) -> Bank | None:
        return self.library.bank if self.library is not None else None


def improve(
    studio: Studio,
    encoder: Encoder,
    context: JobContext,
    *,
    encoder_of: EncoderOf | None = None,
    note: str = "",
) -> Improvement:
    """Make a new model of everything labelled so far and compare it with the one in use; deploys nothing.

    The evaluation set is made or extended first, from swatches that the model in use has not seen; what changed in
    the library is embedded anew; the head is trained and the weight of the rules measured; old and new answer the same
    patches. Scores, labels and comparison are kept in the new version's manifest. encoder_of: loads an encoder by id,
    to ask a model in use that another encoder made. note: kept in the manifest.

    The caller holds the studio's lock. Raises NoLabels, TooFewSamples (under 20 labelled patches, or one fabric),
    EvalSetDamaged, SaveFailed, Cancelled; the studio is then as it was.
    """
    return _renew(studio, encoder, context, encoder_of, note, needs_head=True)


def compare_encoders(
    studio: Studio,
    encoder: Encoder,
    context: JobContext,
    *,
    encoder_of: EncoderOf,
    note: str = "",
) -> Improvement:
    """What the studio would be with another encoder, beside what it is now; as `improve`, and deploys nothing.

    Bank and head are made anew with `encoder`; under 20 labelled patches without a head. encoder_of: loads the encoder
    of the version in use, to ask it. Raises NoEmbeddingsCollected (neither references nor enough labels),
    EvalSetDamaged, SaveFailed, Cancelled; the studio is then as it was.
    """
    return _renew(studio, encoder, context, encoder_of, note, needs_head=False)


def _renew(
    studio: Studio,
    encoder: Encoder,
    context: JobContext,
    encoder_of: EncoderOf | None,
    note: str,
    *,
    needs_head: bool,
) -> Improvement:
    context.progress(0, 0, "job.check_labels")
    patches = list_labeled(studio)
    if needs_head:
        require_enough(studio, patches)
    _import_apart(context)
    old = in_use(studio)
    with _as_it_was(studio):
        stoppable = Stoppable(encoder, context)
        records = extend_eval_set(studio, split=EVAL_SHARE, seed=EVAL_SEED, seen=known_to(old).trained)
        made = _Made(_library(studio, stoppable, context), _head(studio, stoppable, context, needs_head))
        if not made.parts:
            raise NoEmbeddingsCollected(path=str(studio.fabrics_dir), skipped=0)
        observed = observe_patches(studio, stoppable, patches, context)
        before = _old_side(studio, old, stoppable, observed, patches, context, encoder_of)
        trial = _Trial(studio, stoppable, context, before, records, patches, made, observed)
        version = draft_version(
            studio,
            encoder=encoder.id,
            fingerprint=encoder.fingerprint,
            parts=made.parts,
            notes={"note": note} if note else None,
            measure=trial.measure,
        )
        return trial.improvement(old, version)


def _import_apart(context: JobContext) -> None:
    """Import what training needs beside this thread, so that a cancel does not wait for it: one to two seconds."""
    failed: list[BaseException] = []

    def load() -> None:
        try:
            for name in _SLOW_IMPORTS:
                importlib.import_module(name)
        except BaseException as error:  # told to the job below, whatever it is
            failed.append(error)

    thread = threading.Thread(target=load, name="imports", daemon=True)
    thread.start()
    while thread.is_alive():
        context.check_cancelled()
        thread.join(0.05)
    if failed:
        raise failed[0]


@contextlib.contextmanager
def _as_it_was(studio: Studio) -> Iterator[None]:
    """Whatever stops the work, the evaluation set and what is kept of patches and references end as they began."""
    folder = studio.root / CACHE_DIR
    had_folder = folder.exists()
    before = {path: _content(path) for path in (studio.eval_set_path, *_caches(folder))}
    try:
        yield
    except BaseException:
        for path in {*before, *_caches(folder)}:
            data = before.get(path)
            if data is None:
                path.unlink(missing_ok=True)
            elif _content(path) != data:
                write_bytes(path, data)
        if not had_folder:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _caches(folder: Path) -> list[Path]:
    """What retraining writes into the cache: embeddings of patches, content hashes of references."""
    return [*folder.glob("patches-*"), *folder.glob("hashes-*")]


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _library(studio: Studio, encoder: Encoder, context: JobContext) -> EmbeddedLibrary | None:
    try:
        return embed_library(studio, encoder, context)
    except NoEmbeddingsCollected:
        return None  # the head can do without references


def _head(studio: Studio, encoder: Encoder, context: JobContext, needed: bool) -> TrainedHead | None:
    try:
        return train(studio, encoder, context)
    except (NoLabels, TooFewSamples):
        if needed:
            raise
        return None


def _old_side(
    studio: Studio,
    old: Version | None,
    encoder: Stoppable,
    observed: Observed,
    patches: list[LabeledPatch],
    context: JobContext,
    encoder_of: EncoderOf | None,
) -> Side | None:
    """The model in use, to be asked with the encoder that made it; None where that encoder cannot be had here."""
    if old is None or old.manifest.get("fingerprint") == encoder.fingerprint:
        return Side(old, encoder, known_to(old), observed)
    if encoder_of is None:
        return None
    try:
        own = encoder_of(str(old.manifest.get("encoder")))
    except EncoderUnavailable:
        return None
    if own.fingerprint != old.manifest.get("fingerprint"):
        return None
    stoppable = Stoppable(own, context)
    return Side(old, stoppable, known_to(old), observe_patches(studio, stoppable, patches, context, observed))


class _Trial:
    """Tries a version while it is being built, and remembers what came out."""

    def __init__(
        self,
        studio: Studio,
        encoder: Stoppable,
        context: JobContext,
        old: Side | None,
        records: list[EvalRecord],
        patches: list[LabeledPatch],
        made: _Made,
        observed: Observed,
    ) -> None:
        self._studio, self._encoder, self._context = studio, encoder, context
        self._old, self._records, self._patches = old, records, patches
        self._made, self._observed = made, observed
        self._result: SideBySide | None = None
        self._contradicting: tuple[LabeledPatch, ...] = ()
        self._alarm = False

    def measure(self, building: Version) -> dict[str, Any]:
        """The new version's further entries of the manifest: how to use it, what it was made of, how it did."""
        training = self._made.trained.training if self._made.trained is not None else ()
        labels = known_labels.as_entry(self._patches, training)
        known = Known(
            {patch.content_hash: patch.fabric_id for patch in self._patches},
            frozenset(patch.content_hash for patch in training),
            frozenset(patch.swatch_id for patch in training),
        )
        side = Side(building, self._encoder, known, self._observed)
        tuning = calibrate(self._studio, side, training, self._context)
        tuned = Version(building.name, building.path, building.manifest | tuning)
        side = Side(tuned, self._encoder, known, self._observed)
        tuning |= temper(self._studio, side, training, self._context)
        tuned = Version(building.name, building.path, building.manifest | tuning)
        side = Side(tuned, self._encoder, known, self._observed)
        self._result = side_by_side(self._studio, self._old, side, self._records, self._patches, self._context)
        if self._old is not None:
            compared, self._contradicting = contradicting_labels(
                self._patches, self._observed.embeddings, self._old.known, self._made.bank
            )
            self._alarm = alarming(compared, len(self._contradicting))
        self._context.check_cancelled()
        entries: dict[str, Any] = {known_labels.ENTRY: labels, **tuning}
        if self._result.new_scores is not None:
            entries[kept_scores.ENTRY] = kept_scores.as_entry(self._result.new_scores, _hash_of(self._studio))
        if self._old is not None and self._result.comparison is not None:
            entries[COMPARED] = {"with": self._old.name, **_comparison_entry(self._result.comparison)}
        return entries

    def improvement(self, old: Version | None, new: Version) -> Improvement:
        """What came out, once the version has its name."""
        assert self._result is not None
        result = self._result
        changed = old is None or new.name != old.name
        advice, reason = judge(
            result,
            changed=changed,
            anything_in_use=old is not None or self._studio.bank_path.is_file(),
            head_in_use=has_head(old),
            asked_old=self._old is not None,
            alarm=self._alarm,
        )
        trained = self._made.trained
        return Improvement(
            old=old,
            new=new,
            old_scores=result.old_scores,
            new_scores=_renamed(result.new_scores, new.name),
            comparison=result.comparison,
            cross_checked=result.cross_checked,
            better=result.better,
            worse=result.worse,
            suspicious=tuple(patch.path for patch in self._contradicting),
            advice=advice,
            reason=reason,
            training=trained,
            grouped=all(patch.swatch_known for patch in self._patches),
            notices=trained.warnings if trained is not None else (),
        )


def _renamed(scores: ModelScores | None, name: str) -> ModelScores | None:
    if scores is None or scores.version == name:
        return scores
    values = {field: getattr(scores, field) for field in scores.__dataclass_fields__}
    return ModelScores(**{**values, "version": name})


def _hash_of(studio: Studio) -> str:
    data = _content(studio.eval_set_path)
    return "" if data is None else hashlib.sha256(data).hexdigest()


def _comparison_entry(comparison: Comparison) -> Mapping[str, Any]:
    """A comparison without the pictures' paths, which mean nothing once a studio has moved."""
    entry = asdict(comparison)
    return {**entry, "gained": len(comparison.gained), "lost": len(comparison.lost)}
