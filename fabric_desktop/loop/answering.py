"""What model versions answer to labelled patches they were not trained on, and two of them side by side.

Each picture is looked at once an encoder, however many versions are asked about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.eval_set import EvalRecord
from fabric_desktop.evaluation.compare import Comparison, Pair, compare
from fabric_desktop.evaluation.measure import Answer, answer_records
from fabric_desktop.evaluation.observing import Observed
from fabric_desktop.imaging import content_hash
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import LabeledPatch
from fabric_desktop.loop.known import Known
from fabric_desktop.loop.scores import ModelScores, scores_of
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, Version

if TYPE_CHECKING:
    from fabric_desktop.encoders.base import Encoder

Place = tuple[Path, tuple[int, int]]

_MOST_CROSS_CHECKED = 400

# The name a comparison gives to what answered before any version was in use.
NO_VERSION = "-"


@dataclass(frozen=True, slots=True)
class Change:
    """A patch that one of two models names rightly and the other does not: the picture, its label, the fabric each
    model put first, and its confidence in that (0..1)."""

    image: Path
    label: str
    old: str
    new: str
    old_confidence: float
    new_confidence: float


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two models on the same patches, which neither was trained on.

    The scores are None where that model could not be asked; `comparison` where there was no patch that both answered.
    `cross_checked`, made where that is too little to tell, compares them on all labelled patches, each answered by a
    head that had not seen the patch's swatch: for those a model was trained on, one of its folds' heads. `better` and
    `worse` are the patches that only the new or only the old model names rightly.
    """

    old_scores: ModelScores | None
    new_scores: ModelScores | None
    comparison: Comparison | None
    cross_checked: Comparison | None
    better: tuple[Change, ...]
    worse: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """A model to be asked: a version, or (None) what answers without one; the encoder; what it was trained on."""

    version: Version | None
    encoder: Encoder
    known: Known
    observed: Observed

    @property
    def name(self) -> str:
        return self.version.name if self.version is not None else NO_VERSION


def records_of(patches: Sequence[LabeledPatch]) -> list[EvalRecord]:
    """Labelled patches as records to be scored whole."""
    return [EvalRecord(0, patch.path, str(patch.path), (0, 0), patch.fabric_id, True) for patch in patches]


def unseen_records(records: Sequence[EvalRecord], patches: Sequence[LabeledPatch], *known: Known) -> list[EvalRecord]:
    """What none of these models was trained on: labelled patches whose swatch it had not seen either, and the
    evaluation set's pictures elsewhere that no training patch was cut from."""
    trained = frozenset().union(*(each.trained for each in known))
    used = [patch for patch in patches if patch.content_hash in trained]
    swatches = frozenset(patch.swatch_id for patch in used).union(*(each.swatches for each in known))
    sources = frozenset(patch.source for patch in used) | trained
    fresh = [
        patch
        for patch in patches
        if patch.content_hash not in sources and patch.swatch_id not in swatches and patch.source not in sources
    ]
    labelled = {patch.path.resolve() for patch in patches}
    elsewhere = [record for record in records if record.image.resolve() not in labelled and not record.whole]
    return records_of(fresh) + [record for record in elsewhere if _digest(record) not in sources]


def _digest(record: EvalRecord) -> str:
    try:
        return content_hash(record.image)
    except UnreadableImage:
        return ""  # answering it will say what is wrong with it


def answers_of(
    studio: Studio, side: Side, records: Sequence[EvalRecord], patches: Sequence[LabeledPatch], context: JobContext
) -> dict[Place, Answer]:
    """What a model answers, fused, to the records that can be scored, by picture and coordinates.

    For a patch its head was trained on, a head that had not seen the patch's swatch speaks (`Answer.out_of_fold`).
    """
    recognizer = Recognizer(studio, side.encoder, pinned=side.version)
    by_path = {patch.path.resolve(): patch for patch in patches}
    answered = answer_records(
        recognizer,
        records,
        by_path,
        context,
        method="fused",
        alpha="auto",
        observed=side.observed.observations,
    )
    return {(answer.image, answer.coords): answer for answer in answered.answers}


def side_by_side(
    studio: Studio,
    old: Side | None,
    new: Side,
    records: Sequence[EvalRecord],
    patches: Sequence[LabeledPatch],
    context: JobContext,
) -> SideBySide:
    """Two models on what neither was trained on; with `old` None the new one is scored alone. Raises Cancelled."""
    fresh = unseen_records(records, patches, new.known, *([old.known] if old is not None else []))
    new_answers = answers_of(studio, new, fresh, patches, context)
    old_answers = answers_of(studio, old, fresh, patches, context) if old is not None else {}
    pairs = [(old_answers[place], answer) for place, answer in new_answers.items() if place in old_answers]
    shown = [answer for _, answer in pairs] if pairs else list(new_answers.values())
    changes = [_change(before, after) for before, after in pairs if before.right != after.right]
    comparison = _compare(pairs)
    cross_checked = None
    if old is not None and (comparison is None or comparison.verdict == "too_little"):
        cross_checked = _cross_check(studio, old, new, patches, context)
    return SideBySide(
        old_scores=scores_of(old.name, [before for before, _ in pairs]) if old is not None and pairs else None,
        new_scores=scores_of(new.name, shown) if shown else None,
        comparison=comparison,
        cross_checked=cross_checked,
        better=tuple(change for change in changes if change.new == change.label),
        worse=tuple(change for change in changes if change.old == change.label),
    )


def _cross_check(
    studio: Studio, old: Side, new: Side, patches: Sequence[LabeledPatch], context: JobContext
) -> Comparison | None:
    # Evenly over all fabrics, which they are sorted by: more would only take longer.
    records = records_of(patches[:: max(1, -(-len(patches) // _MOST_CROSS_CHECKED))])
    before = answers_of(studio, old, records, patches, context)
    after = answers_of(studio, new, records, patches, context)
    return _compare([(before[place], answer) for place, answer in after.items() if place in before])


def _compare(pairs: Sequence[tuple[Answer, Answer]]) -> Comparison | None:
    if not pairs:
        return None
    return compare([Pair(str(new.image), new.swatch, old.right, new.right) for old, new in pairs])


def _change(old: Answer, new: Answer) -> Change:
    return Change(new.image, new.label, old.first, new.first, old.confidence, new.confidence)
