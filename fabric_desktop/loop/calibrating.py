"""How a new version is to be used: the weight of the rules that measured best on the studio's own labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.evaluation.folds import Folds
from fabric_desktop.evaluation.measure import recognize_record
from fabric_desktop.evidence import Sides, pool_sides
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import LabeledPatch
from fabric_desktop.loop.answering import Side, records_of
from fabric_desktop.recognition import Recognition
from fabric_desktop.recognizer import DEFAULT_ALPHA, Recognizer
from fabric_desktop.studio import RulesSource, Studio, load_settings
from fabric_desktop.studio.versions import ALPHA_RULES

# Fewer answers than these say too little of the rules' weight: one answer is then worth two points.
ENOUGH_ANSWERS = 50
# Rules are weak evidence (`recognizer.DEFAULT_ALPHA` says how weak); from a half on they lead the ranking, and name
# fabrics that the library does not hold (`evidence.pool_sides`).
ALPHAS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
# More answers than these hardly change the choice.
_MOST_ANSWERS = 300
# At this weight both sides can be read off a fused answer.
_HALF = 0.5


def calibrate(studio: Studio, side: Side, training: Sequence[LabeledPatch], context: JobContext) -> dict[str, Any]:
    """Entries of the manifest that say how to use a version: `alpha`, where there are answers enough to choose it, and
    `alpha_rules`, the source of the rules it was chosen with.

    Measured on training patches, each answered by a head that had not seen its swatch and by references of other
    photographs; the evaluation set has no part in it. Raises Cancelled.
    """
    chosen = list(training)[:: -(-len(training) // _MOST_ANSWERS)] if training else []
    if len(chosen) < ENOUGH_ANSWERS:
        return {}
    answers, rules = _answers(studio, side, chosen, context)
    return {"alpha": best_alpha(answers), ALPHA_RULES: rules}


def best_alpha(answers: Iterable[tuple[Sides, str]]) -> float:
    """The weight of the rules, of `ALPHAS`, that names most answers rightly: what each side said, and the right fabric.

    Among equals the one nearest to the default.
    """
    right = dict.fromkeys(ALPHAS, 0)
    for sides, fabric in answers:
        for alpha in ALPHAS:
            right[alpha] += first_of(sides, alpha) == fabric
    return max(ALPHAS, key=lambda alpha: (right[alpha], -abs(alpha - DEFAULT_ALPHA), -alpha))


def first_of(sides: Sides, alpha: float) -> str:
    """The fabric that comes first at a weight of the rules; "" where nobody said anything."""
    pooled = pool_sides(sides, alpha)
    return pooled[0][0] if pooled else ""


def _answers(
    studio: Studio, side: Side, chosen: Sequence[LabeledPatch], context: JobContext
) -> tuple[list[tuple[Sides, str]], RulesSource]:
    """What each side says of the patches that can be read, and their fabrics; and which rules spoke."""
    recognizer = Recognizer(studio, side.encoder, pinned=side.version)
    folds = Folds(recognizer, "fused", chosen, context)
    found: list[tuple[Sides, str]] = []
    rules: RulesSource = load_settings(studio).rules_source
    for number, (patch, record) in enumerate(zip(chosen, records_of(chosen), strict=True)):
        context.progress(number, len(chosen), "job.weigh_rules", photo=patch.path.name)
        seen = side.observed.observations.get(patch.path)
        try:
            recognition = recognize_record(recognizer, record, patch, folds, "fused", _HALF, seen).recognition
        except UnreadableImage:
            continue
        rules = recognition.rules_source
        found.append((_sides(recognition), patch.fabric_id))
    return found, rules


def _sides(recognition: Recognition) -> Sides:
    """What each side said, read off the candidates of a fused answer at half weight."""
    rules = {candidate.id: candidate.rules for candidate in recognition.candidates if candidate.rules is not None}
    visual = {
        candidate.id: sum(candidate.parts[1:]) / (1.0 - _HALF)
        for candidate in recognition.candidates
        if not (candidate.retrieval is candidate.head is candidate.text is None)
    }
    return Sides(rules=rules, bank=visual)
