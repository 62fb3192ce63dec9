"""The three levels of evidence on one patch, and how they are weighed into a score, its parts and a confidence.

Arithmetic only: where the evidence comes from is for `recognizer`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fabric_desktop.fusion import pool, to_weights

# At the bound of the unknown 4 % of known cloths fall below it and 59 % of strange ones; of those below, with one cloth
# in three strange, a tenth are known (`python -m tests.benchmarks.recognition`, "as the program says it").
KNOWN_WHEN_FAR = 0.1
"""The chance that a cloth taken for unknown is in the library after all: what is left of a candidate's confidence."""

# No figure stands behind this yet: CLIP's weights could not be had where it was chosen. Small enough that names never
# turn over what references and head agree on, large enough to order what those leave open.
TEXT_WEIGHT = 0.05
"""Unmeasured: the share of the visual side that goes to the names of fabrics (zero-shot) beside references or head."""

# CLIP names 44 to 67 of 100 textures rightly by their words alone (DTD, 47 textures, as published with the models), and
# its softmax is far surer than that.
TEXT_TRUST = 0.5
"""Unmeasured: the share of the probabilities by names alone that is shown as confidence where nothing else speaks."""

HEAD_SHARE = 0.2
"""Weight of the head in the visual side's probabilities, where references speak too.

Chosen on other draws than the benchmark's. Where the labels are the photos that are the references already, the head
knows nothing that they do not: from 0.3 on it costs the same cloth and a second sample of a type, at 0.2 no protocol
is under the better of both sides by more than 0.1 point. A head that is surer than the references still decides: it is
a pool of probabilities. The weight that fits left-out answers best, drawn anew in each studio, did no better.
"""

VISUAL_LEADS = 0.5
"""Below this alpha the visual side carries the ranking."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What each level says of a patch: fabric -> score of that level. An empty level is silent.

    `rules` 0..1; `retrieval` the cosine of the nearest reference; `bank` the probability that the classifier on the
    references gives; `head` the head's probability; `text` the probability by the fabrics' names (zero-shot).
    """

    rules: dict[str, float] = field(default_factory=dict)
    retrieval: dict[str, float] = field(default_factory=dict)
    bank: dict[str, float] = field(default_factory=dict)
    head: dict[str, float] = field(default_factory=dict)
    text: dict[str, float] = field(default_factory=dict)

    @property
    def visual(self) -> dict[str, float]:
        """Probabilities of the visual side: what references and head have `seen`, with a little of the names' where
        they speak too; the names' alone where nothing else does."""
        seen = self.seen
        if not self.text or not seen:
            return seen or self.text
        return {
            fabric: (1.0 - TEXT_WEIGHT) * seen.get(fabric, 0.0) + TEXT_WEIGHT * self.text.get(fabric, 0.0)
            for fabric in {**seen, **self.text}
        }

    @property
    def seen(self) -> dict[str, float]:
        """Probabilities by the references alone, the head alone, or both pooled by HEAD_SHARE."""
        if not self.head or not self.bank:
            return self.head or self.bank
        return {fabric: sum(self.seen_parts(fabric)) for fabric in {**self.bank, **self.head}}

    def seen_parts(self, fabric: str) -> tuple[float, float]:
        """What references and head give to what was seen of a fabric."""
        share = HEAD_SHARE if self.head and self.bank else float(bool(self.head))
        return (1.0 - share) * self.bank.get(fabric, 0.0), share * self.head.get(fabric, 0.0)


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


Parts = tuple[float, float, float, float]
"""What rules, references, head and names gave to a fused score."""
NO_PARTS: Parts = (0.0, 0.0, 0.0, 0.0)


def parts_of(sides: Sides, alpha: float, fabrics: Iterable[str] | None = None) -> dict[str, Parts]:
    """Fabric -> what each level gave to its fused score, by the formulas of `pool_sides`; of all fabrics or of some."""
    visual, seen = sides.visual, sides.seen
    said = 0.0 if not sides.text else TEXT_WEIGHT if seen else 1.0
    leads = bool(visual) and alpha < VISUAL_LEADS
    rules = to_weights({fabric: score for fabric, score in sides.rules.items() if not leads or fabric in visual})
    if not visual or not rules:
        alpha = 0.0 if visual else 1.0
    parts = {}
    for fabric in {**sides.rules, **visual} if fabrics is None else fabrics:
        near, named = sides.seen_parts(fabric)
        share = near / (near + named) if near + named > 0 else 1.0
        given = (1.0 - alpha) * (1.0 - said) * seen.get(fabric, 0.0)
        words = (1.0 - alpha) * said * sides.text.get(fabric, 0.0)
        parts[fabric] = (alpha * rules.get(fabric, 0.0), given * share, given * (1.0 - share), words)
    return parts


def confidence_of(
    sides: Sides, pooled: Sequence[tuple[str, float]], alpha: float, *, strange: bool, temperature: float = 1.0
) -> dict[str, float]:
    """Fabric -> probability 0..1 that it is the right one; a fabric that is not in it has none.

    Below alpha 1/2 the visual side carries the ranking, and its probabilities, which were fitted on left-out answers,
    are the confidence: the rules' few per cent of the pool say nothing of how often an answer is right. From there on
    the pool itself is. What names say is no measured figure: it never moves the probabilities that references and head
    share out, except for what it gives to fabrics that they do not know; where names speak alone, only `TEXT_TRUST` of
    it is confidence. The figures of references and head follow the order (`in_order`). strange: the patch is like
    nothing in the library, so hardly any of it is left. temperature: of the visual side, as the model in use was
    calibrated on its studio's labels (`loop.tempering`).
    """
    if sides.visual and alpha < VISUAL_LEADS:
        seen = sides.seen
        probabilities = tempered(_probabilities(sides), temperature)
        probabilities = in_order(probabilities, [fabric for fabric, _ in pooled if fabric in seen])
    else:
        probabilities = dict(pooled)
    known = KNOWN_WHEN_FAR if strange else 1.0
    return {fabric: known * value for fabric, value in probabilities.items()}


def tempered(confidences: Mapping[str, float], temperature: float) -> dict[str, float]:
    """Confidences at another temperature: p^(1/T), brought back to the sum they had. Above 1 they draw together, under
    1 apart; their order never changes, and 1 leaves them as they are."""
    total = sum(confidences.values())
    if temperature == 1.0 or total <= 0:
        return dict(confidences)
    powers = {fabric: (max(value, 0.0) / total) ** (1.0 / temperature) for fabric, value in confidences.items()}
    whole = sum(powers.values())
    return {fabric: total * power / whole for fabric, power in powers.items()}


def in_order(confidences: Mapping[str, float], order: Iterable[str]) -> dict[str, float]:
    """Confidences that never rise along an order: neighbours in it that do share evenly what they have together.

    The rules turn over what the visual side holds nearly alike, and "1 %" under "0 %" reads as a mistake. Least squares
    under that order, by pooling adjacent violators (Ayer et al. 1955), so that the sum stays. Fabrics that are not in
    the order keep theirs.
    """
    fabrics = [fabric for fabric in order if fabric in confidences]
    blocks: list[tuple[float, int]] = []  # mean, how many fabrics
    for fabric in fabrics:
        mean, count = confidences[fabric], 1
        while blocks and blocks[-1][0] < mean:
            above, many = blocks.pop()
            mean, count = (above * many + mean * count) / (many + count), many + count
        blocks.append((mean, count))
    shown = (mean for mean, count in blocks for _ in range(count))
    return {**confidences, **dict(zip(fabrics, shown, strict=True))}


def _probabilities(sides: Sides) -> dict[str, float]:
    """The visual side's probabilities as confidence."""
    seen = sides.seen
    if not seen:
        return {fabric: TEXT_TRUST * value for fabric, value in sides.text.items()}
    named = {fabric: TEXT_WEIGHT * value for fabric, value in sides.text.items() if fabric not in seen}
    left = 1.0 - sum(named.values())
    return {fabric: left * value for fabric, value in seen.items()} | named
