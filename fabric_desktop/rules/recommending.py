"""The rules' ranked answer in a person's language: the part of the public Python API that needs no photograph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fabric_desktop.rules.loading import load_rules
from fabric_desktop.rules.model import RankedFabric, RuleBook
from fabric_desktop.rules.studio import HasAttrs, rules_from_references


def recommend_fabrics_localized(
    attrs: Mapping[str, Any],
    lang: str = "zh",
    top_k: int = 10,
    rules_source: str | Path | RuleBook = "fine",
    *,
    references: Mapping[str, Sequence[HasAttrs | Mapping[str, Any]]] | None = None,
) -> list[RankedFabric]:
    """The `top_k` fabrics whose rules fit a look best, by rules alone: rows of (id, score 0..1, name to show, notes).

    `attrs`: {"visual": {"dominant_color_name": "blue", "sheen_score": 0.6, "texture_complexity": 0.4}} or any more of
    a `Look.as_attrs()`; what is absent plays no part; colour words in English or Chinese. `lang` "zh" shows
    "棉布 Cotton", "en" shows "Cotton". `rules_source`: "fine", "coarse", a .toml file, a RuleBook, or "studio", which
    makes its ranges from `references` (fabric id -> looks of its reference photos). The score's formula is
    `scoring.score_book`'s.

    Raises ValueError for another language, top_k below 1, an unknown source, "studio" without references, or an
    attribute that is no number; RulesDamaged for a rules file that cannot be used.
    """
    if lang not in ("zh", "en"):
        raise ValueError(f'lang must be "zh" or "en", not {lang!r}')
    if isinstance(top_k, bool) or top_k < 1:
        raise ValueError(f"top_k must be 1 or more, not {top_k!r}")
    if rules_source == "studio":
        if not references:
            raise ValueError('rules_source="studio" needs the looks of the studio\'s references')
        book = rules_from_references(references)
    else:
        book = load_rules(rules_source)
    rows: list[RankedFabric] = []
    for score in book.score(attrs)[:top_k]:
        fabric = book.fabric(score.fabric_id)
        rows.append(RankedFabric(fabric.id, score.score, fabric.display_name(lang), fabric.notes(lang)))
    return rows
