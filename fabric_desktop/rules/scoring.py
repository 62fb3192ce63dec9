"""How well each fabric of a rule book fits a measured look, and why.

Not here: the ranges (data files, or a studio's references) and the words of the reasons (`notice` messages).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fabric_desktop.palette import NamedColor, find_color
from fabric_desktop.rules.model import ATTRIBUTES, ColorTaste, Reason, RuleBook, RuleFabric, RuleScore

_Array = NDArray[np.float64]

# Share of looks that no range foresees (a fold, a print, a reflection). It bounds how much one attribute can count
# against a fabric: a likelihood ratio of 1/20.
_SURPRISE = 0.05
_LN2 = math.log(2.0)
# A reason is worth saying from a likelihood ratio of 1.25 for, or 0.67 against.
_WORTH_SAYING_FOR, _WORTH_SAYING_AGAINST = math.log(1.25), math.log(0.67)

# Attributes that have words; the others are for the arithmetic alone.
SPOKEN = (
    "sheen",
    "texture_complexity",
    "directionality",
    "crossing",
    "periodicity",
    "evenness",
    "relief",
    "mottle",
)
COLOR = "color"
REASON_CODES = tuple(f"{name}_{verdict}" for name in SPOKEN for verdict in ("fits", "missing", "excess")) + (
    "color_typical",
    "color_unusual",
    "color_unknown",
)


def score_book(book: RuleBook, attrs: Mapping[str, Any]) -> list[RuleScore]:
    """All fabrics of a book with their fit to a look, best first; fabrics of equal score keep the book's order.

    `attrs`: {"visual": {...}} with any of the keys of `Look.as_attrs` (a flat mapping is taken as the inner one). A
    key that is absent or None is left out for every fabric; numbers outside 0..1 count as the nearer end; a colour
    word that the palette does not know is left out and said among the reasons. Raises ValueError for a number that is
    none, or a colour name that is no text.

    For an attribute x with range [low, high], middle m and half width h, the likelihood ratio of "this fabric" against
    "any cloth at all" (uniform on 0..1) is

        r = 0.05 + 0.95 * sqrt(ln 2 / pi) / h * exp(-ln 2 * ((x - m) / h)^2)

    the bell that falls to half its height at the ends of the range. So a narrow range earns more than a wide one where
    it fits, a range over everything says next to nothing, an attribute without range has r = 1, and a single misfit
    counts 1/20 at worst. For a colour: share / base if the fabric usually comes in it, else (1 - share) / (1 - base),
    in the same way held above 0.05. With weights w, a variant's L = sum w ln r; a fabric's is ln of the mean of
    exp(L) over its variants; and

        score = 1 / (1 + exp(-L / sum of w))     over the attributes given,

    0.5 when the look says nothing either way (or nothing was given).
    """
    visual = attrs.get("visual", attrs)
    if not isinstance(visual, Mapping):
        raise ValueError('attrs["visual"] must be a mapping')
    numbers = _numbers(visual)
    color, color_word = _color(visual)
    ranges = _ranges(_Held(book.fabrics))
    used = [name for name in ATTRIBUTES if name in numbers and book.weights.get(name, 0.0) > 0]
    columns = [ATTRIBUTES.index(name) for name in used]
    weights = np.array([book.weights[name] for name in used])
    values = np.array([numbers[name] for name in used])
    # (variants, attributes given)
    ratios = _log_ratios(values, ranges.middle[:, columns], ranges.half[:, columns]) * weights
    fits = ratios.sum(axis=1)
    given, strengths = {name: (place, numbers[name]) for place, name in enumerate(used)}, ratios.tolist()

    color_weight = book.weights.get(COLOR, 0.0) if color is not None else 0.0
    total = float(weights.sum()) + color_weight
    scores: list[RuleScore] = []
    for number, fabric in enumerate(book.fabrics):
        best, end = ranges.start[number], ranges.start[number + 1]
        fit = float(fits[best])
        if end > best + 1:  # most fabrics have one look
            fit, best = _log_mean_exp(fits[best:end]), best + int(np.argmax(fits[best:end]))
        reasons: list[Reason] = []
        if color is not None:
            taste = _log_color_ratio(fabric.colors, color) * color_weight
            fit += taste
            reasons += _color_reasons(taste, color)
        elif color_word is not None and book.weights.get(COLOR, 0.0) > 0:
            reasons.append(Reason("color_unknown", 0.0, {"color": color_word}))
        reasons += _number_reasons(ranges.spoken[best], given, strengths[best])
        reasons.sort(key=lambda reason: -abs(reason.strength))
        scores.append(RuleScore(fabric.id, _squashed(fit / total) if total > 0 else 0.5, tuple(reasons)))
    # sorted() is stable: equal scores keep the book's order.
    return sorted(scores, key=lambda score: -score.score)


def _numbers(visual: Mapping[str, Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in ATTRIBUTES:
        # A look's attrs say "sheen_score", as the workflow does.
        value = visual.get(name, visual.get(f"{name}_score"))
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(f"{name} must be a number from 0 to 1, not {value!r}")
        found[name] = min(max(float(value), 0.0), 1.0)
    return found


def _color(visual: Mapping[str, Any]) -> tuple[NamedColor | None, str | None]:
    word = visual.get("dominant_color_name")
    if word is None or word == "":
        return None, None
    if not isinstance(word, str):
        raise ValueError(f"dominant_color_name must be a colour word, not {word!r}")
    return find_color(word), word


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A variant's range of an attribute that has words: its middle, and its ends as they are said."""

    name: str
    middle: float
    low: float
    high: float


class _Ranges:
    """All variants of a book as arrays: `middle` and `half` (variants, attributes), half infinite where a variant has
    no range; the variants of fabric i are rows start[i] to start[i + 1]. `spoken`: of each variant, those with words.
    """

    def __init__(self, fabrics: tuple[RuleFabric, ...]) -> None:
        variants = [variant for fabric in fabrics for variant in fabric.variants]
        self.middle: _Array = np.zeros((len(variants), len(ATTRIBUTES)))
        self.half: _Array = np.full((len(variants), len(ATTRIBUTES)), np.inf)
        for row, variant in enumerate(variants):
            for name, span in variant.items():
                column = ATTRIBUTES.index(name)
                self.middle[row, column], self.half[row, column] = span.middle, span.half
        self.spoken = [
            [
                _Spoken(name, variant[name].middle, round(variant[name].low, 2), round(variant[name].high, 2))
                for name in SPOKEN
                if name in variant
            ]
            for variant in variants
        ]
        self.start = [0]
        for fabric in fabrics:
            self.start.append(self.start[-1] + len(fabric.variants))


class _Held:
    """Fabrics as a cache key by identity: their mappings cannot be hashed, and books are never changed."""

    def __init__(self, fabrics: tuple[RuleFabric, ...]) -> None:
        self.fabrics = fabrics

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.fabrics is other.fabrics

    def __hash__(self) -> int:
        return id(self.fabrics)


@lru_cache(maxsize=8)
def _ranges(held: _Held) -> _Ranges:
    return _Ranges(held.fabrics)


def _log_ratios(values: _Array, middle: _Array, half: _Array) -> _Array:
    """ln r of `values` (attributes,) under ranges (variants, attributes); 0 where there is no range."""
    known = np.isfinite(half)
    width = np.where(known, half, 1.0)
    bell = math.sqrt(_LN2 / math.pi) / width * np.exp(-_LN2 * ((values - middle) / width) ** 2)
    return np.where(known, np.log(_SURPRISE + (1 - _SURPRISE) * bell), 0.0)


def _log_color_ratio(taste: ColorTaste | None, color: NamedColor) -> float:
    if taste is None:
        return 0.0
    usual = color.id in taste.names
    ratio = taste.share / taste.base if usual else (1 - taste.share) / (1 - taste.base)
    return math.log(_SURPRISE + (1 - _SURPRISE) * ratio)


def _log_mean_exp(values: _Array) -> float:
    top = float(values.max())
    return top + math.log(float(np.exp(values - top).mean()))


def _squashed(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _number_reasons(
    spoken: list[_Spoken], given: Mapping[str, tuple[int, float]], strengths: list[float]
) -> list[Reason]:
    """`given`: of each attribute its place among a variant's `strengths`, and its value."""
    found: list[Reason] = []
    for span in spoken:
        place, value = given.get(span.name, (-1, 0.0))
        if place < 0 or _WORTH_SAYING_AGAINST < strengths[place] < _WORTH_SAYING_FOR:
            continue
        verdict = "fits" if strengths[place] > 0 else "missing" if value < span.middle else "excess"
        params: dict[str, object] = {"value": round(value, 2), "low": span.low, "high": span.high}
        found.append(Reason(f"{span.name}_{verdict}", strengths[place], params))
    return found


def _color_reasons(strength: float, color: NamedColor) -> list[Reason]:
    params: dict[str, object] = {"color": color.id}
    if strength >= _WORTH_SAYING_FOR:
        return [Reason("color_typical", strength, params)]
    if strength <= _WORTH_SAYING_AGAINST:
        return [Reason("color_unusual", strength, params)]
    return []
