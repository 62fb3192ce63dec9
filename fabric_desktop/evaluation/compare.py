"""Two models on the same patches: which is better, and whether there is enough to tell. Statistics only.

Patches of one swatch are not independent, so intervals and the test count swatches.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["better", "worse", "too_little"]

# The usual level of an exact test; below it the difference is hardly chance.
SIGNIFICANCE = 0.05
# Two-sided 95 % of the normal distribution.
_Z = 1.959964


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
    share of right answers, `low` and `high` its 95 % interval; `p_value` of the exact paired test. `verdict` says
    better or worse only where the test does; "too_little" is an answer.
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


def share_interval(share: float, count: float) -> tuple[float, float]:
    """95 % interval of a share 0..1 seen in `count` independent trials (need not be whole; ValueError from 0 down).

    Wilson's score interval (Wilson, J. Am. Stat. Assoc. 22, 1927): never empty, also for 5 right of 5.
    """
    if count <= 0:
        raise ValueError(f"an interval needs trials, not {count!r}")
    z2 = _Z * _Z
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = _Z / (1 + z2 / count) * math.sqrt(share * (1 - share) / count + z2 / (4 * count * count))
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def effective_count(swatches: Sequence[str]) -> float:
    """How many independent patches these are worth, given the swatch of each: (sum n)^2 / sum n^2 over swatches.

    The number of swatches where all have as many patches; one big swatch hardly counts. Source: Kish, Survey Sampling
    (1965), for patches of one swatch that all behave alike, which is the cautious case.
    """
    sizes: dict[str, int] = defaultdict(int)
    for swatch in swatches:
        sizes[swatch] += 1
    return len(swatches) ** 2 / sum(size * size for size in sizes.values()) if sizes else 0.0


def compare(pairs: Sequence[Pair]) -> Comparison:
    """Compare two models by their answers to the same patches (at least one; ValueError otherwise).

    The test is the exact paired one over swatches: each swatch on which one model gets more patches right than the
    other counts once.
    """
    if not pairs:
        raise ValueError("nothing to compare")
    gained = tuple(pair.patch for pair in pairs if pair.new_right and not pair.old_right)
    lost = tuple(pair.patch for pair in pairs if pair.old_right and not pair.new_right)
    balance: dict[str, int] = defaultdict(int)
    for pair in pairs:
        balance[pair.swatch] += int(pair.new_right) - int(pair.old_right)
    for_new, for_old = sum(net > 0 for net in balance.values()), sum(net < 0 for net in balance.values())
    p_value = exact_paired_p(for_new, for_old)
    low, high = _difference_interval(pairs)
    verdict: Verdict = "too_little"
    if p_value <= SIGNIFICANCE:
        verdict = "better" if for_new > for_old else "worse"
    return Comparison(
        patches=len(pairs),
        swatches=len(balance),
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


def _difference_interval(pairs: Sequence[Pair]) -> tuple[float, float]:
    """95 % interval of new minus old: Newcombe's hybrid score interval for paired shares with his correction of phi
    (Statistics in Medicine 17, 1998, 2635, method 10), with `effective_count` for the number of patches.

    Unlike a bootstrap it does not shrink to nothing where both models agree on a handful of patches.
    """
    count = effective_count([pair.swatch for pair in pairs])
    share = count / len(pairs)
    both = share * sum(pair.old_right and pair.new_right for pair in pairs)
    gained = share * sum(pair.new_right and not pair.old_right for pair in pairs)
    lost = share * sum(pair.old_right and not pair.new_right for pair in pairs)
    neither = share * sum(not pair.old_right and not pair.new_right for pair in pairs)
    new, old = (both + gained) / count, (both + lost) / count
    new_low, new_high = share_interval(new, count)
    old_low, old_high = share_interval(old, count)
    phi = _corrected_phi(both, gained, lost, neither)

    def width(one: float, other: float) -> float:
        return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))

    low = new - old - width(new - new_low, old_high - old)
    high = new - old + width(new_high - new, old - old_low)
    return max(-1.0, low), min(1.0, high)


def _corrected_phi(both: float, gained: float, lost: float, neither: float) -> float:
    """How far the two models agree, -1..1, by the counts of the four outcomes; drawn towards 0 where they agree."""
    spread = (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
    if spread <= 0:
        return 0.0
    product = both * neither - gained * lost
    if product > 0:
        product = max(product - (both + gained + lost + neither) / 2, 0.0)
    return product / math.sqrt(spread)
