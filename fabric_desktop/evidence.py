"""The three levels of evidence on one patch, and how they are weighed into a score, its parts and a confidence.

Arithmetic only: where the evidence comes from is for `recognizer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fabric_desktop.fusion import pool, to_weights

# At the bound of the unknown 3 % of known cloths fall below it and 51 % of strange ones; of those below, with one cloth
# in three strange, a tenth are known (`python -m tests.benchmarks.recognition`, "as shown").
KNOWN_WHEN_FAR = 0.1
"""The chance that a cloth taken for unknown is in the library after all: what is left of a candidate's confidence."""

VISUAL_LEADS = 0.5
"""Below this alpha the visual side carries the ranking."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What each level says of a patch: fabric -> score of that level. An empty level is silent.

    `rules` 0..1; `retrieval` the cosine of the nearest reference; `bank` the probability that the classifier on the
    references gives; `head` the head's probability.
    """

    rules: dict[str, float] = field(default_factory=dict)
    retrieval: dict[str, float] = field(default_factory=dict)
    bank: dict[str, float] = field(default_factory=dict)
    head: dict[str, float] = field(default_factory=dict)

    @property
    def visual(self) -> dict[str, float]:
        """Probabilities of the visual side: the references alone, the head alone, or the mean of both."""
        if not self.head or not self.bank:
            return self.head or self.bank
        return {
            fabric: (self.bank.get(fabric, 0.0) + self.head.get(fabric, 0.0)) / 2
            for fabric in {**self.bank, **self.head}
        }


def pool_sides(sides: Sides, alpha: float) -> list[tuple[str, float]]:
    """All fabrics of any level with their fused score, best first: `fusion.pool` of the rules' weights and the visual
    side's probabilities.

    Below alpha 1/2 the rules only speak about fabrics that the visual side knows; names that the rules alone know
    follow behind with 0, in the rules' order. Otherwise they would push the library's own fabrics down by a weight of
    next to nothing.
    """
    visual, rules = sides.visual, sides.rules
    if not visual or alpha >= VISUAL_LEADS:
        return pool(to_weights(rules), visual, alpha)
    shared = {fabric: score for fabric, score in rules.items() if fabric in visual}
    behind = sorted((fabric for fabric in rules if fabric not in visual), key=lambda fabric: -rules[fabric])
    return [*pool(to_weights(shared), visual, alpha), *((fabric, 0.0) for fabric in behind)]


def parts_of(sides: Sides, alpha: float) -> dict[str, tuple[float, float, float]]:
    """Fabric -> what rules, references and head gave to its fused score, by the formulas of `pool_sides`."""
    visual = sides.visual
    leads = bool(visual) and alpha < VISUAL_LEADS
    rules = to_weights({fabric: score for fabric, score in sides.rules.items() if not leads or fabric in visual})
    if not visual or not rules:
        alpha = 0.0 if visual else 1.0
    parts = {}
    for fabric in {**sides.rules, **visual}:
        near, named = sides.bank.get(fabric, 0.0), sides.head.get(fabric, 0.0)
        share = near / (near + named) if near + named > 0 else 1.0
        given = (1.0 - alpha) * visual.get(fabric, 0.0)
        parts[fabric] = (alpha * rules.get(fabric, 0.0), given * share, given * (1.0 - share))
    return parts


def confidence_of(
    sides: Sides, pooled: Sequence[tuple[str, float]], alpha: float, *, strange: bool
) -> dict[str, float]:
    """Fabric -> probability 0..1 that it is the right one; a fabric that is not in it has none.

    Below alpha 1/2 the visual side carries the ranking, and its probabilities, which were fitted on left-out answers,
    are the confidence: the rules' few per cent of the pool say nothing of how often an answer is right. From there on
    the pool itself is. strange: the patch is like nothing in the library, so hardly any of it is left.
    """
    probabilities = sides.visual if sides.visual and alpha < VISUAL_LEADS else dict(pooled)
    known = KNOWN_WHEN_FAR if strange else 1.0
    return {fabric: known * value for fabric, value in probabilities.items()}
