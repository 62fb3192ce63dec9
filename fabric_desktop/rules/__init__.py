"""From a measured look to a score for every fabric, by ranges that a person can read and edit. No photographs here.

Rules are weak evidence: they say what a look speaks for and against, and carry the fabrics' names and notes.
"""

from fabric_desktop.rules.loading import load_mapping, load_rules
from fabric_desktop.rules.model import (
    ATTRIBUTES,
    ColorTaste,
    Range,
    RankedFabric,
    Reason,
    RuleBook,
    RuleFabric,
    RuleScore,
)
from fabric_desktop.rules.recommending import recommend_fabrics_localized
from fabric_desktop.rules.scoring import REASON_CODES
from fabric_desktop.rules.structures import Structure, find_structure, load_structures
from fabric_desktop.rules.studio import look_numbers, rules_from_numbers, rules_from_references

__all__ = [
    "ATTRIBUTES",
    "REASON_CODES",
    "ColorTaste",
    "Range",
    "RankedFabric",
    "Reason",
    "RuleBook",
    "RuleFabric",
    "RuleScore",
    "Structure",
    "find_structure",
    "load_mapping",
    "load_rules",
    "load_structures",
    "look_numbers",
    "recommend_fabrics_localized",
    "rules_from_numbers",
    "rules_from_references",
]
