"""What a rule book holds and what scoring gives back. The arithmetic is in `scoring`, the files in `loading`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

# The numbers of a look that a rule may speak about (`attributes.look.Look`), each 0..1.
ATTRIBUTES = (
    "sheen",
    "texture_complexity",
    "contrast",
    "directionality",
    "crossing",
    "periodicity",
    "fineness",
    "evenness",
    "relief",
    "mottle",
    "directionality_coarse",
    "directionality_middle",
    "directionality_fine",
    "periodicity_coarse",
    "periodicity_middle",
    "periodicity_fine",
    "lightness",
    "chroma",
)


# Strength against a fabric from which a reason is a contradiction. On photographs of seven types 3 in 100 of the right
# fabrics are contradicted so strongly and one in four of the wrong ones (`python -m tests.benchmarks.looks` prints it).
CONTRADICTION = 2.0


@dataclass(frozen=True, slots=True)
class Range:
    """Where an attribute usually lies: best at the middle, half as good at either end."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2

    @property
    def half(self) -> float:
        """Half the width."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class ColorTaste:
    """Colours that a fabric usually comes in. `names`: palette ids; `share` 0..1 of such cloths in one of them;
    `base` 0..1 of all cloths that would be in one of them by chance (the listed part of the palette)."""

    names: frozenset[str]
    share: float
    base: float


@dataclass(frozen=True, slots=True)
class RuleFabric:
    """One fabric of a rule book: names, notes on what to look for, and the looks it can have.

    `variants`: one or more sets of ranges by attribute; the fabric fits as its variants together do. `members`: ids of
    the fabrics that this one is the family of.
    """

    id: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...] = ()
    notes_zh: str = ""
    notes_en: str = ""
    variants: tuple[Mapping[str, Range], ...] = (MappingProxyType({}),)
    colors: ColorTaste | None = None
    members: frozenset[str] = frozenset()

    def name(self, lang: str) -> str:
        return self.name_zh if lang == "zh" else self.name_en

    def notes(self, lang: str) -> str:
        return self.notes_zh if lang == "zh" else self.notes_en

    def display_name(self, lang: str) -> str:
        """As the workflow prints it: "棉布 Cotton" in Chinese, "Cotton" in English."""
        if lang == "zh" and self.name_zh != self.name_en:
            return f"{self.name_zh} {self.name_en}"
        return self.name(lang)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a rule likes or dislikes a look: a stable code (`scoring.REASON_CODES`) and its parameters.

    The sentence stands under `notice.<code>`. `strength` is the logarithm of the likelihood ratio times its weight:
    above 0 for, below 0 against.
    """

    code: str
    strength: float
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def contradicts(self) -> bool:
        """Whether this speaks so strongly against the fabric that it is said beside a ranking."""
        return self.strength <= -CONTRADICTION


@dataclass(frozen=True, slots=True)
class RuleScore:
    """How well a fabric fits a look: `score` 0..1 (0.5 neither for nor against), reasons strongest first."""

    fabric_id: str
    score: float
    reasons: tuple[Reason, ...]


class RankedFabric(NamedTuple):
    """A row of an answer: fabric id, score 0..1, the name to show, notes on what to look for."""

    name: str
    score: float
    display_name: str
    notes: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Fabrics with their ranges, and the weight of each attribute (0 to 1; colour under "color").

    `source`: "fine", "coarse", "studio", or the path of the file. Fabrics of equal score keep the book's order.
    """

    fabrics: tuple[RuleFabric, ...]
    weights: Mapping[str, float]
    source: str

    def __contains__(self, fabric_id: object) -> bool:
        return any(fabric.id == fabric_id for fabric in self.fabrics)

    def fabric(self, fabric_id: str) -> RuleFabric:
        """KeyError for a fabric that the book does not have."""
        for fabric in self.fabrics:
            if fabric.id == fabric_id:
                return fabric
        raise KeyError(fabric_id)

    def stands_for(self, fabric_id: str | None) -> str | None:
        """The id under which the book speaks about a fabric of the fine rules: its own, or its family's."""
        if fabric_id is None or fabric_id in self:
            return fabric_id
        return next((fabric.id for fabric in self.fabrics if fabric_id in fabric.members), None)

    def only(self, fabric_ids: Collection[str]) -> RuleBook:
        """The book with these fabrics alone, in its own order. KeyError for one that it does not have."""
        missing = set(fabric_ids) - {fabric.id for fabric in self.fabrics}
        if missing:
            raise KeyError(", ".join(sorted(missing)))
        kept = tuple(fabric for fabric in self.fabrics if fabric.id in fabric_ids)
        return RuleBook(kept, self.weights, self.source)

    def score(self, attrs: Mapping[str, Any]) -> list[RuleScore]:
        """All fabrics with their fit to a look, best first; `scoring.score_book` has the formula."""
        from fabric_desktop.rules.scoring import score_book

        return score_book(self, attrs)
