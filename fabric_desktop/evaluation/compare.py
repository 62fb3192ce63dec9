"""Two models on the same patches: which is better, and whether there is enough to tell. Statistics only."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["better", "worse", "too_little"]

# The usual level of an exact test; below it the difference is hardly chance.
SIGNIFICANCE = 0.05
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Pair:
    """One patch as two models answered it: whether each was right, and the swatch it belongs to."""

    patch: str
    swatch: str
    old_right: bool
    new_right: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Old against new on the same patches.

    `gained` patches only the new model names rightly, `lost` only the old one. `difference` is new minus old in
    share of right answers, `low` and `high` its 95 % interval over swatches; `p_value` of the exact paired test.
    `verdict` says better or worse only where the test does; "too_little" is an answer.
    """

    patches: int
    swatches: int
    old: float
    new: float
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    difference: float
    low: float
    high: float
    p_value: float
    verdict: Verdict


def exact_paired_p(gained: int, lost: int) -> float:
    """Two-sided p of the exact McNemar test: as many or more one-sided changes by a fair coin.

        p = min(1, 2 * sum_{k <= min(gained, lost)} C(n, k) / 2^n),   n = gained + lost

    Source: McNemar, Psychometrika 12 (1947), in its exact binomial form. 1.0 when nothing changed.
    """
    n = gained + lost
    if n == 0:
        return 1.0
    tail = sum(math.comb(n, k) for k in range(min(gained, lost) + 1))
    # Whole numbers divided as such: as floats they overflow from a thousand changes on.
    return min(1.0, 2 * tail / (1 << n))


def compare(pairs: Sequence[Pair]) -> Comparison:
    """Compare two models by their answers to the same patches (at least one; ValueError otherwise)."""
    if not pairs:
        raise ValueError("nothing to compare")
    gained = tuple(pair.patch for pair in pairs if pair.new_right and not pair.old_right)
    lost = tuple(pair.patch for pair in pairs if pair.old_right and not pair.new_right)
    p_value = exact_paired_p(len(gained), len(lost))
    low, high = _interval(pairs)
    verdict: Verdict = "too_little"
    if p_value <= SIGNIFICANCE:
        verdict = "better" if len(gained) > len(lost) else "worse"
    return Comparison(
        patches=len(pairs),
        swatches=len({pair.swatch for pair in pairs}),
        old=sum(pair.old_right for pair in pairs) / len(pairs),
        new=sum(pair.new_right for pair in pairs) / len(pairs),
        gained=gained,
        lost=lost,
        difference=(len(gained) - len(lost)) / len(pairs),
        low=low,
        high=high,
        p_value=p_value,
        verdict=verdict,
    )


def _interval(pairs: Sequence[Pair]) -> tuple[float, float]:
    """95 % percentile interval of the difference, resampling whole swatches (their patches are not independent)."""
    by_swatch: dict[str, list[int]] = defaultdict(list)
    for pair in pairs:
        by_swatch[pair.swatch].append(int(pair.new_right) - int(pair.old_right))
    pieces = [(sum(changes), len(changes)) for _, changes in sorted(by_swatch.items())]
    draw = random.Random(0)
    differences = []
    for _ in range(RESAMPLES):
        chosen = draw.choices(pieces, k=len(pieces))
        differences.append(sum(change for change, _ in chosen) / sum(count for _, count in chosen))
    differences.sort()
    return differences[int(0.025 * RESAMPLES)], differences[int(0.975 * RESAMPLES) - 1]
