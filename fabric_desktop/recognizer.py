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
from fabric_desktop.evidence import Sides, confidence_of, parts_of, pool_sides
from fabric_desktop.fusion import check_alpha, check_top_k
from fabric_desktop.imaging import from_pil
from fabric_desktop.jobs import JobContext
from fabric_desktop.model import Model, load_model, stamp
from fabric_desktop.names import FabricNames
from fabric_desktop.notices import Notice
from fabric_desktop.recognition import (
    METHODS,
    SURE,
    AlphaSource,
    Candidate,
    Method,
    ModelStatus,
    Observation,
    Recognition,
    Unknown,
)
from fabric_desktop.rules import RuleScore, load_rules
from fabric_desktop.studio import Settings, Studio, Version, load_settings
from fabric_desktop.textbook import textbook_bank
from fabric_desktop.wording import LANGS, explain

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from fabric_desktop.encoders.base import Encoder
    from fabric_desktop.like_with_like import Classifier

logger = logging.getLogger(__name__)

# Rules are weak evidence: at alpha 0.1 to 0.2 they gain up to a point, at 0.5 they cost up to six (methods measured on
# photographs; `python -m tests.benchmarks.recognition` prints the sweep).
DEFAULT_ALPHA = 0.1
NEAREST = 3
FABRICS_FOR_UNKNOWN = 3  # with two, a fifth and more of known cloths would be called unknown


@dataclass(frozen=True, slots=True)
class _Heard:
    """The evidence on a patch, what is to be said of it, and whether the patch is like nothing in the library."""

    sides: Sides
    notices: tuple[Notice, ...] = ()
    unknown: Unknown | None = None


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
        self._fitted: tuple[Bank, Classifier] | None = None
        self._calibrated = False

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
        """Read the names again: fabrics were added or renamed."""
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
        heard = self._sides(observation, method, rule_scores, without, head, lang)
        sides = heard.sides
        if method == "rules" or (method == "fused" and not (sides.retrieval or sides.head)):
            weight = 1.0
        elif method != "fused":
            weight = 0.0
        visual = sides.visual
        ranked = pooled = pool_sides(sides, weight)
        if method in ("rules", "textbook"):
            ranked = sorted((sides.rules or visual).items(), key=lambda item: (-item[1], item[0]))
        confidence = confidence_of(sides, pooled, weight, strange=heard.unknown is not None)
        parts = parts_of(sides, weight) if method == "fused" else {}
        references = self.model.bank if sides.retrieval and observation.embedding is not None else None
        references = None if references is None else references.without(without)
        candidates = tuple(
            replace(
                self._candidate(fabric, score, sides, rule_scores, observation, references, lang),
                confidence=confidence.get(fabric, 0.0),
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
            calibrated=self._calibrated and bool(sides.bank) and method != "textbook",
            notices=heard.notices,
            unknown=heard.unknown,
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
    ) -> _Heard:
        rules = {fabric: score.score for fabric, score in rule_scores.items()}
        if method == "rules":
            return _Heard(Sides(rules))
        head = dict(given_head) if given_head is not None else {}
        if method in ("fused", "head") and not head:
            head = self._head(observation)
        if method == "head":
            if observation.error is not None:
                raise observation.error
            if not head:
                raise self.model.head_error or HeadMissing(path=str(self.studio.models_dir))
            return _Heard(Sides(rules, head=head))
        lacking = self._head_notice(observation, head, lang) if method == "fused" else ()
        try:
            retrieval, bank, unknown = self._retrieval(observation, without)
        except FabricError as error:
            if method != "fused":
                raise
            # The rules, and the head if there is one, still speak; the answer says what is lacking.
            logger.warning("no retrieval: %s", error)
            code = "retrieval_failed" if head else "visual_failed"
            notice = Notice(code, {"error": error, "what": explain(error, lang).what})
            return _Heard(Sides(rules, head=head), (notice, *lacking))
        if unknown is not None and max(head.values(), default=0.0) >= SURE:
            unknown = None  # like nothing in the library, but like patches that were labelled
        return _Heard(Sides(rules, retrieval, bank, head), lacking, unknown)

    def _head_notice(self, observation: Observation, head: Mapping[str, float], lang: str) -> tuple[Notice, ...]:
        """Says that a head which was in use cannot take part; nothing where there is none."""
        error = self.model.head_error if observation.embedding is not None and not head else None
        return () if error is None else (Notice("head_failed", {"error": error, "what": explain(error, lang).what}),)

    def _retrieval(
        self, observation: Observation, without: frozenset[str]
    ) -> tuple[dict[str, float], dict[str, float], Unknown | None]:
        """Cosine of the nearest reference and probability by the references, fabric by fabric; and whether the patch is
        like nothing in the library."""
        if observation.error is not None:
            raise observation.error
        model = self.model
        if model.bank is None:
            assert model.bank_error is not None
            raise model.bank_error
        if observation.textbook is not None:
            bank = self.textbook_bank(JobContext()).without(without)
            best = bank.best_by_fabric(observation.textbook[None])[0]
            cosines = {fabric: float(best[i]) for i, fabric in enumerate(bank.fabric_ids)}
            # The textbook shows its cosine as if it were a confidence.
            return cosines, {fabric: max(cosine, 0.0) for fabric, cosine in cosines.items()}, None
        assert observation.embedding is not None
        bank = model.bank.without(without)
        if not bank.rows:
            return {}, {}, None
        query = observation.embedding[None]
        best, classifier = bank.best_by_fabric(query)[0], self._classifier(bank)
        scores = classifier.scores(query)
        probabilities = classifier.probabilities(scores)[0]
        self._calibrated = classifier.calibrated
        unknown = None
        closeness = float(classifier.closeness(query, scores)[0])
        if closeness < classifier.unknown_below and len(bank.fabric_ids) >= FABRICS_FOR_UNKNOWN:
            unknown = Unknown("far", {"score": closeness, "below": classifier.unknown_below})
        fabrics = list(enumerate(bank.fabric_ids))
        return {f: float(best[i]) for i, f in fabrics}, {f: float(probabilities[i]) for i, f in fabrics}, unknown

    def bank_probabilities(self, embeddings: np.ndarray) -> tuple[tuple[str, ...], np.ndarray] | None:
        """The bank's fabrics and (n, n_fabrics) their probabilities by the references, for embeddings (n, dim) with
        rows of length 1; None without a bank."""
        bank = self.model.bank
        if bank is None:
            return None
        classifier = self._classifier(bank)
        return bank.fabric_ids, classifier.probabilities(classifier.scores(embeddings))

    def _classifier(self, bank: Bank) -> Classifier:
        if self._fitted is None or self._fitted[0] is not bank:
            import numpy as np

            from fabric_desktop.like_with_like import fit_like_with_like

            pieces = np.unique([row.swatch_id for row in bank.rows], return_inverse=True)[1]
            # A region cut from a photograph shows its cloth from further away than a photo taken of the cloth.
            cut = np.array([row.source != row.content_hash for row in bank.rows], dtype=int)
            classifier = fit_like_with_like(bank.embeddings, bank.fabric_index, pieces, len(bank.fabric_ids), cut)
            if bank is not (self._model.bank if self._model is not None else None):
                return classifier  # of one evaluation query, whose own photo was taken out
            self._fitted = (bank, classifier)
        return self._fitted[1]

    def _head(self, observation: Observation) -> dict[str, float]:
        if observation.embedding is None or self.model.head is None:
            return {}
        head = self.model.head
        proba = head.predict_proba(observation.embedding[None])[0]
        return {fabric: float(proba[i]) for i, fabric in enumerate(head.fabric_ids)}

    def _candidate(
        self,
        fabric: str,
        score: float,
        sides: Sides,
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
            confidence=0.0,
            nearest=nearest,
            notes=self.names.notes(fabric, lang),
            reasons=() if rule is None else tuple(Notice(r.code, dict(r.params)) for r in rule.reasons),
        )
