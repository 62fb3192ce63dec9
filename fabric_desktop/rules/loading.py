"""Rule files: TOML that a textile person can edit, checked entry by entry when it is read.

`resources/rules/fine.toml` explains the format in both languages. Nothing is guessed: an entry that is not understood
is an error that names its place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, TypeGuard

from fabric_desktop.errors import MappingDamaged, RulesDamaged
from fabric_desktop.palette import BASIC_COLORS, find_color, load_palette
from fabric_desktop.parsing import read_toml
from fabric_desktop.paths import resource
from fabric_desktop.rules.model import ATTRIBUTES, ColorTaste, Range, RuleBook, RuleFabric
from fabric_desktop.rules.scoring import COLOR

SHIPPED = ("fine", "coarse")

# A narrower range would claim more than a photograph can say: the look itself moves by up to 0.05.
MIN_WIDTH = 0.05

_FABRIC_KEYS = {"id", "zh", "en", "aliases", "notes_zh", "notes_en", "look", "variant", "colors", "members"}


def load_rules(source: str | Path | RuleBook = "fine") -> RuleBook:
    """The rule book of a source: "fine", "coarse", a path of a TOML file, or a RuleBook handed through as it is.

    Shipped books are read once. Raises RulesDamaged(path, where, reason[, detail]) for a file that cannot be used,
    ValueError for a name that is neither shipped nor a path of a .toml file. "studio" is no file: its book is made by
    `rules_from_references`.
    """
    if isinstance(source, RuleBook):
        return source
    if isinstance(source, Path):
        return _read(source, str(source))
    if source in SHIPPED:
        return _shipped(source)
    if source.lower().endswith(".toml"):
        return _read(Path(source), source)
    raise ValueError(f"rules_source must be one of {SHIPPED}, a .toml file or a RuleBook, not {source!r}")


@cache
def _shipped(name: str) -> RuleBook:
    return _read(resource("rules", f"{name}.toml"), name)


def load_mapping(path: Path | None = None) -> dict[str, str]:
    """Which fabric of the fine rules each label of a benchmark is (the shipped mapping by default).

    Labels that no fabric of the rules stands for are absent. Raises MappingDamaged(path, reason) for a file that is
    missing, is no text, or is no list of label = "fabric".
    """
    path = resource("rules", "benchmark_mapping.toml") if path is None else path
    try:
        document = read_toml(path)
    except FileNotFoundError as error:
        raise MappingDamaged(path=str(path), reason="missing") from error
    except (OSError, UnicodeDecodeError) as error:
        raise MappingDamaged(path=str(path), reason="not_text") from error
    except ValueError as error:
        raise MappingDamaged(path=str(path), reason="not_pairs") from error
    if not all(isinstance(fabric, str) for fabric in document.values()):
        raise MappingDamaged(path=str(path), reason="not_pairs")
    return document


class _Damage:
    """Raises RulesDamaged for one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, where: str, reason: str, detail: object = "") -> NoReturn:
        raise RulesDamaged(path=str(self._path), where=where, reason=reason, detail=str(detail))


def _read(path: Path, source: str) -> RuleBook:
    damage = _Damage(path)
    try:
        document = read_toml(path)
    except FileNotFoundError:
        damage("-", "missing")
    except (OSError, UnicodeDecodeError) as error:
        damage("-", "not_text", error)
    except ValueError as error:
        damage("-", "not_toml", error)
    for key in document:
        if key not in ("weights", "fabric"):
            damage(key, "unknown_key", key)
    weights = _weights(document.get("weights"), damage)
    entries = document.get("fabric")
    if not isinstance(entries, list) or not entries:
        damage("[[fabric]]", "no_fabric")
    fabrics: list[RuleFabric] = []
    owners: dict[str, str] = {}
    for number, entry in enumerate(entries, 1):
        fabric = _fabric(entry, number, weights, damage)
        if any(fabric.id == other.id for other in fabrics):
            damage(f"[[fabric]] {fabric.id}", "same_id", fabric.id)
        for name in (fabric.name_zh, fabric.name_en, *fabric.aliases):
            if owners.setdefault(name.casefold(), fabric.id) != fabric.id:
                damage(f"[[fabric]] {fabric.id}", "same_name", f"{name} ({owners[name.casefold()]})")
        fabrics.append(fabric)
    return RuleBook(tuple(fabrics), MappingProxyType(weights), source)


def _weights(table: Any, damage: _Damage) -> dict[str, float]:
    if not isinstance(table, dict) or not table:
        damage("[weights]", "no_weights")
    for name, weight in table.items():
        if name not in ATTRIBUTES and name != COLOR:
            damage("[weights]", "unknown_attribute", name)
        if not _is_number(weight) or not 0 <= weight <= 1:
            damage(f"[weights] {name}", "bad_weight", weight)
    return {name: float(weight) for name, weight in table.items()}


def _fabric(entry: Any, number: int, weights: Mapping[str, float], damage: _Damage) -> RuleFabric:
    where = f"[[fabric]] {number}"
    if not isinstance(entry, dict):
        damage(where, "not_a_table")
    where = f"[[fabric]] {entry.get('id') or number}"
    for key in entry:
        if key not in _FABRIC_KEYS:
            damage(where, "unknown_key", key)
    texts = {key: _text(entry, key, where, damage) for key in ("id", "zh", "en", "notes_zh", "notes_en")}
    aliases, members = (_texts(entry, key, where, damage) for key in ("aliases", "members"))
    look = _ranges(entry.get("look", {}), f"{where} look", weights, damage)
    others = entry.get("variant", [])
    if not isinstance(others, list):
        damage(where, "bad_list", "variant")
    variants = [look] + [
        look | _ranges(other, f"{where} variant {place}", weights, damage) for place, other in enumerate(others, 1)
    ]
    if not all(variants):
        damage(where, "no_range")
    return RuleFabric(
        texts["id"],
        texts["zh"],
        texts["en"],
        aliases,
        texts["notes_zh"],
        texts["notes_en"],
        tuple(MappingProxyType(variant) for variant in variants),
        _colors(entry.get("colors"), f"{where} colors", damage),
        frozenset(members),
    )


def _texts(entry: Mapping[str, Any], key: str, where: str, damage: _Damage) -> tuple[str, ...]:
    values = entry.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
        damage(where, "bad_list", key)
    return tuple(value.strip() for value in values)


def _text(entry: Mapping[str, Any], key: str, where: str, damage: _Damage) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        damage(where, "missing_text", key)
    return value.strip()


def _ranges(table: Any, where: str, weights: Mapping[str, float], damage: _Damage) -> dict[str, Range]:
    if not isinstance(table, dict):
        damage(where, "not_a_table")
    found: dict[str, Range] = {}
    for name, pair in table.items():
        if name not in ATTRIBUTES:
            damage(where, "unknown_attribute", name)
        if name not in weights:
            damage(where, "no_weight", name)
        if not isinstance(pair, list) or len(pair) != 2 or not all(_is_number(end) for end in pair):
            damage(f"{where}.{name}", "not_a_pair")
        low, high = float(pair[0]), float(pair[1])
        if not 0 <= low < high <= 1 or high - low < MIN_WIDTH - 1e-9:
            damage(f"{where}.{name}", "bad_range", f"[{low:g}, {high:g}]")
        found[name] = Range(low, high)
    return found


def _colors(table: Any, where: str, damage: _Damage) -> ColorTaste | None:
    if table is None:
        return None
    if not isinstance(table, dict):
        damage(where, "not_a_table")
    for key in table:
        if key not in ("usual", "share"):
            damage(where, "unknown_key", key)
    usual, share = table.get("usual"), table.get("share")
    if not isinstance(usual, list) or not usual or not all(isinstance(word, str) for word in usual):
        damage(where, "bad_list", "usual")
    if not _is_number(share) or not 0 < share < 1:
        damage(where, "bad_share", share)
    names: set[str] = set()
    for word in usual:
        color = find_color(word)
        if color is None:
            damage(where, "unknown_color", word)
        # A basic word speaks for its whole family, a trade word for itself.
        family = (
            {other.id for other in load_palette() if other.basic == color.id} if color.id in BASIC_COLORS else set()
        )
        names |= {color.id} | family
    base = len(names) / len(load_palette())
    if base >= 1:
        damage(where, "all_colors")
    return ColorTaste(frozenset(names), float(share), base)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
