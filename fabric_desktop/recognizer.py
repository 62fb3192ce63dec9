"""Patch -> ranked candidates with confidence and reasons; brings rules, retrieval and head together.

The expensive part (`observe`: embedding and look) is apart from the cheap one (`rank`), so that another alpha or
top-k needs no new encoding.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from fabric_desktop.attributes import Look, measure_look
from fabric_desktop.bank import Bank, Match
from fabric_desktop.errors import BankMissing, EncoderUnavailable, FabricError, HeadMissing
from fabric_desktop.fusion import check_alpha, check_top_k, fuse, to_weights
from fabric_desktop.imaging import from_pil
from fabric_desktop.jobs import JobContext
from fabric_desktop.model import Model, load_model, stamp
from fabric_desktop.names import FabricNames
from fabric_desktop.notices import Notice
from fabric_desktop.rules import RuleScore, load_rules
from fabric_desktop.studio import Settings, Studio, Version, load_settings
from fabric_desktop.textbook import textbook_bank
from fabric_desktop.wording import LANGS, explain

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from fabric_desktop.encoders.base import Encoder

logger = logging.getLogger(__name__)

Method = Literal["fused", "rules", "retrieval", "head", "textbook"]
METHODS: tuple[Method, ...] = ("fused", "rules", "retrieval", "head", "textbook")
AlphaSource = Literal["given", "settings", "measured", "default"]

# Rules are weak evidence: at alpha 0.1 to 0.2 they gain up to a point, at 0.5 they cost up to six (methods measured on
# photographs; `python -m tests.benchmarks.recognition` prints the sweep).
DEFAULT_ALPHA = 0.1
NEAREST = 3
# A confidence is put into words at these bounds; below the second one a patch goes to the review queue.
SURE, LIKELY = 0.9, 0.5


def confidence_word(confidence: float) -> str:
    """The code of a confidence's word: sure (from 0.9), likely (from 0.5), unsure."""
    return "sure" if confidence >= SURE else "likely" if confidence >= LIKELY else "unsure"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fabric with its score, the parts of that score and its confidence.

    `score` is what the candidates are ranked by (for a fused recognition 0..1, `fusion.fuse`). `rules` (0..1),
    `retrieval` (cosine of the nearest reference) and `head` (probability) are None where that side says nothing of
    this fabric. `confidence` is the probability, 0..1, that this is the right one. `parts` says how much of a fused
    score came from rules, retrieval and head (they sum to it; all 0 for a method that is one level alone).
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
    parts: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a patch is taken for a cloth that the library does not hold: a reason code and its parameters."""

    code: str
    params: dict[str, object]


@dataclass(frozen=True, slots=True)
class Recognition:
    """The ranked candidates of one patch, best first, and how they came about.

    `alpha` is the weight of the rules that was used and `alpha_source` who chose it. `calibrated` says whether the
    confidence was fitted on this studio's own answers.
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


@dataclass(frozen=True, slots=True)
class _Sides:
    """The three levels of evidence on one patch: fabric -> score of that level."""

    rules: dict[str, float]
    retrieval: dict[str, float]
    head: dict[str, float]


class Recognizer:
    """Names the fabric of patches with what a studio knows.

    Model files are loaded at first use and again when they change. Not thread-safe: one thread owns it.
    """

    def __init__(self, studio: Studio, encoder: Encoder | None = None, *, pinned: Version | None = None) -> None:
        """`pinned`: answer with this version, whatever is in use."""
        self.studio = studio
        self._pinned = pinned
        self._encoder = encoder
        self._model: Model | None = None
        self._model_stamp: tuple[object, ...] = ()
        self._names: FabricNames | None = None
        self._textbook: tuple[Bank, Bank] | None = None

    @property
    def encoder(self) -> Encoder:
        """The encoder, loaded at first use. Raises EncoderUnavailable."""
        if self._encoder is None:
            from fabric_desktop.encoders.registry import choose_encoder_id, load_encoder

            self._encoder = load_encoder(choose_encoder_id(self.studio))
        return self._encoder

    @property
    def encoder_id(self) -> str:
        """The id of the encoder in use, without loading it."""
        if self._encoder is not None:
            return self._encoder.id
        from fabric_desktop.encoders.registry import choose_encoder_id

        return choose_encoder_id(self.studio)

    @property
    def names(self) -> FabricNames:
        if self._names is None:
            self._names = FabricNames(self.studio)
        return self._names

    @property
    def model(self) -> Model:
        """Bank and head in use, loaded again when their files have changed. Raises EncoderUnavailable."""
        mark = stamp(self.studio)
        if self._model is None or mark != self._model_stamp:
            self._model = load_model(self.studio, self.encoder.fingerprint, self._pinned, dim=self.encoder.dim)
            self._model_stamp = mark
            self._names = None
        return self._model

    def forget_names(self) -> None:
        """Read the names again at the next recognition: fabrics were added or renamed."""
        self._names = None

    def status(self) -> ModelStatus:
        """What is in use now; loads the model files, and the encoder if it had not been."""
        try:
            model = self.model
        except EncoderUnavailable:
            return ModelStatus(self.encoder_id, "", "", 0, 0, None, None, "mismatch")
        bank = model.bank
        state: Literal["ready", "missing", "mismatch"] = "ready"
        if bank is None:
            state = "missing" if isinstance(model.bank_error, BankMissing) else "mismatch"
        samples = model.facts.get("head", {}).get("samples") if model.head is not None else None
        return ModelStatus(
            encoder_id=self.encoder.id,
            device=self.encoder.device,
            device_reason=self.encoder.device_reason,
            fabrics=0 if bank is None else len(bank.fabric_ids),
            references=0 if bank is None else len(bank.rows),
            version=model.version.name if model.version is not None else None,
            head_samples=samples if isinstance(samples, int) else None,
            bank_state=state,
        )

    def recognize(
        self,
        patch: Image,
        *,
        method: Method = "fused",
        alpha: float | Literal["auto"] | None = None,
        top_k: int | None = None,
        lang: str = "en",
    ) -> Recognition:
        """Name the fabric of a patch (a Pillow picture of any mode and size); `rank` says what the parameters mean."""
        return self.rank(self.observe(patch, method), method=method, alpha=alpha, top_k=top_k, lang=lang)

    def observe(self, patch: Image, method: Method = "fused") -> Observation:
        """Measure the look and compute what `method` needs of the embeddings."""
        image = from_pil(patch)
        look = measure_look(image)
        if method == "rules":
            return Observation(look, None)
        try:
            if method == "textbook":
                return Observation(look, None, self.encoder.encode_textbook([image])[0])
            return Observation(look, self.encoder.encode([image])[0])
        except EncoderUnavailable as error:
            return Observation(look, None, None, error)

    def rank(
        self,
        observation: Observation,
        *,
        method: Method = "fused",
        alpha: float | Literal["auto"] | None = None,
        top_k: int | None = None,
        lang: str = "en",
        without: frozenset[str] = frozenset(),
        head: Mapping[str, float] | None = None,
    ) -> Recognition:
        """Rank the fabrics for what was observed.

        method: "fused", or one level alone. alpha: weight of the rules in a fused answer, 0..1; "auto" is what
        measured best here, or the program's default before that; None is the studio's setting. top_k: how many
        candidates, at least 1; None is the studio's setting. lang: "zh" or "en". without: content hashes of
        photographs whose references must not speak (the query's own source). head: probabilities to take instead of
        the head's own (an evaluation's out-of-fold ones).

        If the visual side cannot speak in a fused answer, the rules' answer comes back with a notice. Raises
        ValueError for values out of range; the error of the side itself when it was asked for alone.
        """
        if method not in METHODS:
            raise ValueError(f"method must be one of {METHODS}, not {method!r}")
        if lang not in LANGS:
            raise ValueError(f"lang must be one of {LANGS}, not {lang!r}")
        settings = load_settings(self.studio)
        top_k = settings.top_k if top_k is None else check_top_k(top_k)
        weight, source = self._alpha(alpha, settings, method)
        rule_scores = self._rule_scores(observation.look) if method in ("fused", "rules") else {}
        sides, notices = self._sides(observation, method, rule_scores, without, head, lang)
        if method == "rules" or (method == "fused" and not (sides.retrieval or sides.head)):
            weight = 1.0
        elif method != "fused":
            weight = 0.0
        visual = _visual(sides)
        if method == "fused":
            ranked = fuse(sides.rules, visual, weight)
        else:
            alone = sides.rules if method == "rules" else visual
            ranked = sorted(alone.items(), key=lambda item: (-item[1], item[0]))
        confidence = self._confidence(sides, visual, weight)
        parts = _parts(sides, visual, weight) if method == "fused" else {}
        references = self.model.bank if sides.retrieval and observation.embedding is not None else None
        references = None if references is None else references.without(without)
        candidates = tuple(
            replace(
                self._candidate(fabric, score, sides, confidence[fabric], rule_scores, observation, references, lang),
                parts=parts.get(fabric, (0.0, 0.0, 0.0)),
            )
            for fabric, score in ranked[:top_k]
        )
        return Recognition(
            candidates=candidates,
            look=observation.look,
            encoder=self.encoder_id,
            device=self._encoder.device if self._encoder is not None else "",
            method=method,
            alpha=weight,
            alpha_source=source,
            calibrated=False,
            notices=notices,
        )

    def textbook_bank(self, context: JobContext) -> Bank:
        """The bank of `method="textbook"`, made at first use. Raises BankMissing, BankMismatch, Cancelled."""
        model = self.model
        if model.bank is None:
            assert model.bank_error is not None
            raise model.bank_error
        if self._textbook is None or self._textbook[0] is not model.bank:
            self._textbook = (model.bank, textbook_bank(self.studio, model.bank, self.encoder, context))
        return self._textbook[1]

    def _alpha(
        self, alpha: float | Literal["auto"] | None, settings: Settings, method: Method
    ) -> tuple[float, AlphaSource]:
        if alpha is None and settings.alpha != "auto":
            return check_alpha(settings.alpha), "settings"
        if alpha is None or alpha == "auto":
            measured = self._measured_alpha() if method == "fused" else None
            return (DEFAULT_ALPHA, "default") if measured is None else (measured, "measured")
        return check_alpha(alpha), "given"

    def _measured_alpha(self) -> float | None:
        try:
            return self.model.alpha
        except EncoderUnavailable:
            return None  # the rules will answer alone, whatever alpha

    def _rule_scores(self, look: Look) -> dict[str, RuleScore]:
        """Rule scores under the studio's own ids; fabrics of the rules that the studio does not have keep theirs."""
        scores = {score.fabric_id: score for score in load_rules("fine").score(look.as_attrs())}
        mine = {fabric: rule for fabric in self.names.studio_ids if (rule := self.names.rule_for(fabric)) is not None}
        taken = set(mine.values())
        return {fabric: scores[rule] for fabric, rule in mine.items()} | {
            rule: score for rule, score in scores.items() if rule not in taken
        }

    def _sides(
        self,
        observation: Observation,
        method: Method,
        rule_scores: Mapping[str, RuleScore],
        without: frozenset[str],
        given_head: Mapping[str, float] | None,
        lang: str,
    ) -> tuple[_Sides, tuple[Notice, ...]]:
        rules = {fabric: score.score for fabric, score in rule_scores.items()}
        if method == "rules":
            return _Sides(rules, {}, {}), ()
        head = dict(given_head) if given_head is not None else {}
        if method in ("fused", "head") and not head:
            head = self._head(observation)
        if method == "head":
            if observation.error is not None:
                raise observation.error
            if not head:
                raise self.model.head_error or HeadMissing(path=str(self.studio.models_dir))
            return _Sides(rules, {}, head), ()
        lacking = self._head_notice(observation, head, lang) if method == "fused" else ()
        try:
            return _Sides(rules, self._retrieval(observation, without), head), lacking
        except FabricError as error:
            if method != "fused":
                raise
            # The rules, and the head if there is one, still speak; the answer says what is lacking.
            logger.warning("no retrieval: %s", error)
            code = "retrieval_failed" if head else "visual_failed"
            notice = Notice(code, {"error": error, "what": explain(error, lang).what})
            return _Sides(rules, {}, head), (notice, *lacking)

    def _head_notice(self, observation: Observation, head: Mapping[str, float], lang: str) -> tuple[Notice, ...]:
        """Says that a head which was in use cannot take part; nothing where there is none."""
        error = self.model.head_error if observation.embedding is not None and not head else None
        return () if error is None else (Notice("head_failed", {"error": error, "what": explain(error, lang).what}),)

    def _retrieval(self, observation: Observation, without: frozenset[str]) -> dict[str, float]:
        if observation.error is not None:
            raise observation.error
        model = self.model
        if model.bank is None:
            assert model.bank_error is not None
            raise model.bank_error
        bank, query = model.bank, observation.embedding
        if observation.textbook is not None:
            bank, query = self.textbook_bank(JobContext()), observation.textbook
        assert query is not None
        bank = bank.without(without)
        best = bank.best_by_fabric(query[None])[0]
        return {fabric: float(best[i]) for i, fabric in enumerate(bank.fabric_ids)}

    def _head(self, observation: Observation) -> dict[str, float]:
        if observation.embedding is None or self.model.head is None:
            return {}
        head = self.model.head
        proba = head.predict_proba(observation.embedding[None])[0]
        return {fabric: float(proba[i]) for i, fabric in enumerate(head.fabric_ids)}

    def _confidence(self, sides: _Sides, visual: Mapping[str, float], alpha: float) -> dict[str, float]:
        temperature = self._encoder.temperature if self._encoder is not None else 1.0
        seen, ruled = to_weights(visual, temperature), to_weights(sides.rules)
        return {
            fabric: alpha * ruled.get(fabric, 0.0) + (1.0 - alpha) * seen.get(fabric, 0.0)
            for fabric in {**sides.rules, **visual}
        }

    def _candidate(
        self,
        fabric: str,
        score: float,
        sides: _Sides,
        confidence: float,
        rule_scores: Mapping[str, RuleScore],
        observation: Observation,
        references: Bank | None,
        lang: str,
    ) -> Candidate:
        nearest: tuple[Match, ...] = ()
        if fabric in sides.retrieval and references is not None and observation.embedding is not None:
            nearest = references.matches(observation.embedding, NEAREST, fabric)
        zh, en = self.names.both(fabric)
        rule = rule_scores.get(fabric)
        return Candidate(
            id=fabric,
            name=zh if lang == "zh" else en,
            other_name=en if lang == "zh" else zh,
            score=float(score),
            rules=sides.rules.get(fabric),
            retrieval=sides.retrieval.get(fabric),
            head=sides.head.get(fabric),
            confidence=confidence,
            nearest=nearest,
            notes=self.names.notes(fabric, lang),
            reasons=() if rule is None else tuple(Notice(r.code, dict(r.params)) for r in rule.reasons),
        )


def _visual(sides: _Sides) -> dict[str, float]:
    """Retrieval alone, head alone, or the mean of both as weights (`fusion.to_weights` brings them to one scale)."""
    if not sides.head:
        return sides.retrieval
    if not sides.retrieval:
        return sides.head
    retrieval = to_weights(sides.retrieval)
    return {
        fabric: (retrieval.get(fabric, 0.0) + sides.head.get(fabric, 0.0)) / 2
        for fabric in {**sides.retrieval, **sides.head}
    }


def _parts(sides: _Sides, visual: Mapping[str, float], alpha: float) -> dict[str, tuple[float, float, float]]:
    """Fabric -> what rules, retrieval and head gave to its fused score, by the formulas of `fuse` and `_visual`."""
    rules, seen, retrieval = to_weights(sides.rules), to_weights(visual), to_weights(sides.retrieval)
    if not visual or not sides.rules:
        alpha = 0.0 if visual else 1.0
    parts = {}
    for fabric in {**sides.rules, **visual}:
        near, named = retrieval.get(fabric, 0.0), sides.head.get(fabric, 0.0)
        share = near / (near + named) if near + named > 0 else 0.0
        given = (1.0 - alpha) * seen.get(fabric, 0.0)
        parts[fabric] = (alpha * rules.get(fabric, 0.0), given * share, given * (1.0 - share))
    return parts
