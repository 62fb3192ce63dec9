"""What an answer says beyond "this very cloth": the types and structures that people declared for the fabrics it may
be, with their probabilities added up. Nothing is read from the picture, and nothing said where nobody declared it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fabric_desktop.names import FabricNames
from fabric_desktop.recognition import Kind


def types_of(names: FabricNames, confidence: Mapping[str, float], lang: str) -> tuple[Kind, ...]:
    """The declared types of the fabrics in an answer, most probable first. `confidence`: every fabric's probability.

    A fabric without a declared type counts for one that others declare if that is its own id or name: the fabric
    "denim" is a denim.
    """
    by_fabric = names.declared_types
    if not by_fabric:
        return ()
    declared = set(by_fabric.values())
    own = {fabric: by_fabric.get(fabric) or names.rule_for(fabric) for fabric in confidence}
    return _summed({f: kind for f, kind in own.items() if kind in declared}, confidence, names.type_names, lang)


def structures_of(names: FabricNames, confidence: Mapping[str, float], lang: str) -> tuple[Kind, ...]:
    """The declared structures of the fabrics in an answer, most probable first."""
    by_fabric = names.declared_structures
    own = {fabric: by_fabric[fabric] for fabric in confidence if fabric in by_fabric} if by_fabric else {}
    return _summed(own, confidence, names.structure_names, lang)


def _summed(
    kinds: Mapping[str, str | None],
    confidence: Mapping[str, float],
    named: Callable[[str], tuple[str, str]],
    lang: str,
) -> tuple[Kind, ...]:
    members: dict[str, list[str]] = {}
    for fabric, kind in kinds.items():
        if kind is not None:
            members.setdefault(kind, []).append(fabric)
    found = []
    for kind, fabrics in members.items():
        zh, en = named(kind)
        name, other = (zh, en) if lang == "zh" else (en, zh)
        ordered = tuple(sorted(fabrics, key=lambda fabric: (-confidence[fabric], fabric)))
        found.append(Kind(kind, name, other, min(1.0, sum(confidence[fabric] for fabric in fabrics)), ordered))
    return tuple(sorted(found, key=lambda kind: (-kind.confidence, kind.id)))
