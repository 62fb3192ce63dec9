"""What a recognition is made of: candidates, their parts and confidence, and what was observed. Data only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from fabric_desktop.attributes import Look
from fabric_desktop.bank import Match
from fabric_desktop.errors import FabricError
from fabric_desktop.evidence import NO_PARTS, Parts
from fabric_desktop.notices import Notice
from fabric_desktop.studio import RulesSource

if TYPE_CHECKING:
    import numpy as np

Method = Literal["fused", "rules", "retrieval", "head", "text", "textbook"]
METHODS: tuple[Method, ...] = ("fused", "rules", "retrieval", "head", "text", "textbook")
AlphaSource = Literal["given", "settings", "measured", "default"]

# A confidence is put into words at these bounds; below the second one a patch goes to the review queue.
SURE, LIKELY = 0.9, 0.5


def confidence_word(confidence: float) -> str:
    """The code of a confidence's word: sure (from 0.9), likely (from 0.5), unsure."""
    return "sure" if confidence >= SURE else "likely" if confidence >= LIKELY else "unsure"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fabric with its score, the parts of that score and its confidence.

    `score` is what the candidates are ranked by (for a fused recognition 0..1, `fusion.fuse`). `rules` (0..1),
    `retrieval` (cosine of the nearest reference), `head` (probability) and `text` (probability by the fabrics' names,
    zero-shot) are None where that side says nothing of this fabric. `confidence` is the probability, 0..1, that this is
    the right one. `parts` says how much of a fused score came from rules, retrieval, head and text (they sum to it; all
    0 for a method that is one level alone). `reasons` are the rules', for and against, strongest first;
    `contradictions` are those among them that speak strongly against this fabric wherever it is ranked.
    """

    id: str
    name: str
    other_name: str
    score: float
    rules: float | None
    retrieval: float | None
    head: float | None
    confidence: float
    nearest: tuple[Match, ...]
    notes: str
    reasons: tuple[Notice, ...] = ()
    parts: Parts = NO_PARTS
    text: float | None = None
    contradictions: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a patch is taken for a cloth that the library does not hold: a reason code and its parameters."""

    code: str
    params: dict[str, object]


@dataclass(frozen=True, slots=True)
class Kind:
    """A type or structure that people declared for `fabrics` (ids, the most probable first): its id and names, and the
    probability 0..1 that the patch is one of these fabrics."""

    id: str
    name: str
    other_name: str
    confidence: float
    fabrics: tuple[str, ...]


def worth_saying(kinds: Sequence[Kind]) -> Kind | None:
    """The most probable type or structure, if it is likelier than not."""
    return kinds[0] if kinds and kinds[0].confidence >= LIKELY else None


@dataclass(frozen=True, slots=True)
class Recognition:
    """The ranked candidates of one patch, best first, and how they came about.

    `alpha` is the weight of the rules that was used and `alpha_source` who chose it; `rules_source` is where the rules
    that spoke came from. `calibrated` says whether the confidence was fitted on this studio's own answers;
    it was not where the rules lead (`evidence.VISUAL_LEADS`).
    `types` and `structures` sum the confidence of all fabrics, shown or not, over what people declared of them, most
    probable first; empty where nobody declared any.
    """

    candidates: tuple[Candidate, ...]
    look: Look
    encoder: str
    device: str
    method: Method
    alpha: float
    alpha_source: AlphaSource
    calibrated: bool
    notices: tuple[Notice, ...]
    unknown: Unknown | None = None
    rules_source: RulesSource = "fine"
    types: tuple[Kind, ...] = ()
    structures: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """What the program sees of a patch: its look, its embedding (dim,), and the textbook embedding where it was asked
    for. An embedding is None when the encoder cannot run, and `error` says why."""

    look: Look
    embedding: np.ndarray | None
    textbook: np.ndarray | None = None
    error: FabricError | None = None


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What a status bar says: encoder and device (empty until it has been loaded), library, head and bank."""

    encoder_id: str
    device: str
    device_reason: str
    fabrics: int
    references: int
    version: str | None
    head_samples: int | None
    bank_state: Literal["ready", "missing", "mismatch"]
