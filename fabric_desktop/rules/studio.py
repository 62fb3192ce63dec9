"""Rules whose ranges come from a studio's own references instead of a file.

Each reference gives its fabric one more look that it can have. Not here: reading the references and measuring them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fabric_desktop.rules.loading import load_rules
from fabric_desktop.rules.model import ATTRIBUTES, Range, RuleBook, RuleFabric

_Numbers = NDArray[np.floating[Any]]

# Half width of a bell at half its height, in standard deviations: sqrt(2 ln 2).
_HALF_WIDTH = math.sqrt(2 * math.log(2))
# Spread of an attribute within a fabric before any reference has been seen, and how many references that guess is
# worth; the floor is what halving or compressing a photograph may change.
_PRIOR_SPREAD, _PRIOR_WEIGHT, _FLOOR = 0.1, 4.0, 0.02
# Kernel width against the spread within a fabric: n^(-1/5) of Silverman's rule (Density Estimation, 1986) for the 5 to
# 40 references that fabrics have.
_BANDWIDTH = 0.6


class HasAttrs(Protocol):
    """A measured look, as `attributes.Look` is."""

    def as_attrs(self) -> dict[str, Any]: ...


def rules_from_references(
    looks_by_fabric: Mapping[str, Sequence[HasAttrs | Mapping[str, Any]]],
    names: Mapping[str, tuple[str, str]] | None = None,
) -> RuleBook:
    """A "studio" rule book: fabric id -> looks (or attrs) of its references; fabrics without one are left out.

    Every reference is a variant: around each of its numbers a bell whose standard deviation is 0.6 of the spread of
    that number within a fabric, pooled over the studio's fabrics and drawn towards 0.1 while there are few. A fabric's
    fit is the mean over its references, a kernel density estimate, so fabrics that come in several looks (a plain and a
    printed cotton) keep them apart. All weights are 1. `names`: fabric id -> (Chinese, English) name; without it, the
    fine rules' names where they know the id, else the id.

    Raises ValueError if there is no look at all.
    """
    return rules_from_numbers(
        {
            fabric: np.array([look_numbers(look) for look in looks])
            for fabric, looks in looks_by_fabric.items()
            if looks
        },
        names,
    )


def rules_from_numbers(values: Mapping[str, _Numbers], names: Mapping[str, tuple[str, str]] | None = None) -> RuleBook:
    """`rules_from_references` for looks that are numbers already: fabric id -> (n, 18) of `look_numbers`, n at least 1.

    Raises ValueError if there is no look at all.
    """
    values = {fabric: np.asarray(own, dtype=np.float64) for fabric, own in values.items()}
    if not values:
        raise ValueError("no reference look to make rules from")
    squares = sum(((own - own.mean(axis=0)) ** 2).sum(axis=0) for own in values.values())
    freedom = sum(len(own) - 1 for own in values.values())
    spread = np.sqrt((squares + _PRIOR_WEIGHT * _PRIOR_SPREAD**2) / (freedom + _PRIOR_WEIGHT))
    half = _HALF_WIDTH * np.maximum(_BANDWIDTH * spread, _FLOOR)
    fabrics = tuple(_fabric(fabric, own, half, names or {}) for fabric, own in values.items())
    return RuleBook(fabrics, MappingProxyType(dict.fromkeys(ATTRIBUTES, 1.0)), "studio")


def look_numbers(look: HasAttrs | Mapping[str, Any]) -> list[float]:
    """The numbers of a look that rules may speak about, in the order of `ATTRIBUTES`."""
    attrs = look if isinstance(look, Mapping) else look.as_attrs()
    visual = attrs.get("visual", attrs)
    return [float(visual["sheen_score"] if name == "sheen" else visual[name]) for name in ATTRIBUTES]


def _fabric(fabric: str, values: Any, half: Any, names: Mapping[str, tuple[str, str]]) -> RuleFabric:
    fine = load_rules("fine")
    known = fine.fabric(fabric) if fabric in fine else None
    zh, en = names.get(fabric) or ((known.name_zh, known.name_en) if known else (fabric, fabric))
    return RuleFabric(
        fabric,
        zh,
        en,
        known.aliases if known else (),
        known.notes_zh if known else "",
        known.notes_en if known else "",
        tuple(
            MappingProxyType(
                {
                    name: Range(float(middle - width), float(middle + width))
                    for name, middle, width in zip(ATTRIBUTES, row, half, strict=True)
                }
            )
            for row in values
        ),
    )
