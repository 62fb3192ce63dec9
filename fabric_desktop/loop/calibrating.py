"""How a new version is to be used: the weight of the rules that measured best on the studio's own labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fabric_desktop.evaluation.measure import answer_records
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import LabeledPatch
from fabric_desktop.loop.answering import Side, records_of
from fabric_desktop.recognizer import DEFAULT_ALPHA, Recognizer
from fabric_desktop.studio import Studio

# Fewer answers than these say too little of the rules' weight: one answer is then worth two points.
ENOUGH_ANSWERS = 50
# Rules are weak evidence (`recognizer.DEFAULT_ALPHA` says how weak); beyond a half they never helped.
ALPHAS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
# More answers than these hardly change the choice, and each costs a ranking for each alpha.
_MOST_ANSWERS = 300


def calibrate(studio: Studio, side: Side, training: Sequence[LabeledPatch], context: JobContext) -> dict[str, Any]:
    """Entries of the manifest that say how to use a version: `alpha`, where there are answers enough to choose it.

    Measured on training patches, each answered by a head that had not seen its swatch and by references of other
    photographs; the evaluation set has no part in it. Among equals the one nearest to the default is taken. Raises
    Cancelled.
    """
    chosen = list(training)[:: max(1, len(training) // _MOST_ANSWERS)] if training else []
    if len(chosen) < ENOUGH_ANSWERS:
        return {}
    recognizer = Recognizer(studio, side.encoder, pinned=side.version)
    by_path = {patch.path.resolve(): patch for patch in chosen}
    right: dict[float, int] = {}
    for alpha in ALPHAS:
        answered = answer_records(
            recognizer,
            records_of(chosen),
            by_path,
            context,
            method="fused",
            alpha=alpha,
            observed=side.observed.observations,
        )
        right[alpha] = sum(answer.right for answer in answered.answers)
    return {"alpha": max(ALPHAS, key=lambda alpha: (right[alpha], -abs(alpha - DEFAULT_ALPHA), -alpha))}
