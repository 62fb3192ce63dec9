"""Patch -> ranked candidates with confidence and reasons; brings rules, retrieval and head together.

The expensive part (`observe`: embedding and look) is apart from the cheap one (`rank`), so that another alpha or
top-k needs no new encoding. What is loaded is in `loaded`, what each level says in `levels`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from operator import is_
from typing import TYPE_CHECKING, Literal

from fabric_desktop.attributes import Look, measure_look
from fabric_desktop.bank import Bank, Match
from fabric_desktop.encoders.beside import encode_beside
from fabric_desktop.errors import BankMissing, EncoderUnavailable, to_keep
from fabric_desktop.evidence import NO_PARTS, VISUAL_LEADS, confidence_of, parts_of, pool_sides
from fabric_desktop.fusion import check_alpha, check_top_k
from fabric_desktop.imaging import to_look_at
from fabric_desktop.jobs import JobContext
from fabric_desktop.kinds import structures_of, types_of
from fabric_desktop.levels import Heard, Question, hear
from fabric_desktop.loaded import Loaded
from fabric_desktop.model import Model
from fabric_desktop.names import FabricNames
from fabric_desktop.notices import Notice
from fabric_desktop.recognition import (
    METHODS,
    AlphaSource,
    Candidate,
    Method,
    ModelStatus,
    Observation,
    Recognition,
)
from fabric_desktop.rules import RuleBook
from fabric_desktop.studio import RULES_SOURCES, RulesSource, Settings, Studio, Version, load_settings
from fabric_desktop.wording import LANGS

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from fabric_desktop.encoders.base import Encoder

# Rules are weak evidence. Fused with earlier visual sides they gained up to a point at alpha 0.1 to 0.2 and cost up to
# six at 0.5; with today's, on seven types in colour, `python -m tests.benchmarks.recognition` prints 0.820 without
# them, 0.843 at 0.7 and 0.672 alone. Other cloths need not be as kind: the default stays low, and a studio with labels
# measures its own.
DEFAULT_ALPHA = 0.1
NEAREST = 3


class Recognizer:
    """Names the fabric of patches with what a studio knows.

    Model files are loaded at first use and again when they change. Not thread-safe: one thread owns it.
    """

    def __init__(self, studio: Studio, encoder: Encoder | None = None, *, pinned: Version | None = None) -> None:
        """`pinned`: answer with this version, whatever is in use."""
        self.studio = studio
        self._loaded = Loaded(studio, encoder, pinned)
        self._kept: tuple[tuple[object, ...], Question, Heard] | None = None

    @property
    def encoder(self) -> Encoder:
        """The encoder, loaded at first use. Raises EncoderUnavailable."""
        return self._loaded.encoder

    @property
    def encoder_id(self) -> str:
        """The id of the encoder in use, without loading it."""
        return self._loaded.encoder_id

    @property
    def names(self) -> FabricNames:
        """What the studio and the rules call their fabrics, read once until `forget_names`."""
        return self._loaded.names

    @property
    def model(self) -> Model:
        """Bank and head in use, loaded again when their files have changed. Raises EncoderUnavailable."""
        return self._loaded.model

    def forget_names(self) -> None:
        """Read the names again: fabrics were added or renamed."""
        self._loaded.forget_names()

    def rule_book(self, source: RulesSource) -> RuleBook:
        """The rules of a source, as a recognition asks them. Raises RulesNeedReferences where "studio" has too few
        references to set its ranges from."""
        return self._loaded.rule_book(source)

    def textbook_bank(self, context: JobContext) -> Bank:
        """The bank of `method="textbook"`, made at first use. Raises BankMissing, BankMismatch, Cancelled."""
        return self._loaded.textbook_bank(context)

    def bank_probabilities(self, embeddings: np.ndarray) -> tuple[tuple[str, ...], np.ndarray] | None:
        """The bank's fabrics and (n, n_fabrics) their probabilities by the references, for embeddings (n, dim) with
        rows of length 1; None without a bank."""
        bank = self.model.bank
        return None if bank is None else (bank.fabric_ids, self._loaded.fitted(bank).probabilities(embeddings))

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
        rules_source: RulesSource | None = None,
    ) -> Recognition:
        """Name the fabric of a patch (a Pillow picture of any mode and size); `rank` says what the parameters mean."""
        seen = self.observe(patch, method)
        return self.rank(seen, method=method, alpha=alpha, top_k=top_k, lang=lang, rules_source=rules_source)

    def observe(self, patch: Image, method: Method = "fused") -> Observation:
        """Measure the look and compute what `method` needs of the embeddings."""
        image = to_look_at(patch)
        if method == "rules":
            return Observation(measure_look(image), None)
        plain = method == "textbook"
        try:
            row, look = encode_beside(self.encoder, image, partial(self._looked_at, image), textbook=plain)
        except EncoderUnavailable as error:
            return Observation(measure_look(image), None, error=to_keep(error))
        return Observation(look, None if plain else row, row if plain else None)

    def _looked_at(self, image: Image) -> Look:
        """The look; the shipped rules are asked about it too, if they were the ones asked last, so that `rank` need not
        wait for them after the network has run."""
        look = measure_look(image)
        source = "fine" if self._kept is None else self._kept[1].rules_source
        if source != "studio":
            self._loaded.rule_scores(self._loaded.rule_book(source), look)
        return look

    def rank(
        self,
        observation: Observation,
        *,
        method: Method = "fused",
        alpha: float | Literal["auto"] | None = None,
        top_k: int | None = None,
        lang: str = "en",
        rules_source: RulesSource | None = None,
        without: frozenset[str] = frozenset(),
        head: Mapping[str, float] | None = None,
    ) -> Recognition:
        """Rank the fabrics for what was observed.

        method: "fused", or one level alone. alpha: weight of the rules in a fused answer, 0..1; "auto" is what
        measured best here, or the program's default before that; None is the studio's setting. top_k: how many
        candidates, at least 1; None is the studio's setting. lang: "zh" or "en". rules_source: "fine" or "coarse" for
        the shipped rules, "studio" for ranges set from the studio's own references; None is the studio's setting.
        without: content hashes of photographs whose references must not speak (the query's own source). head:
        probabilities to take instead of the head's own (an evaluation's out-of-fold ones).

        If the visual side cannot speak in a fused answer, the rules' answer comes back with a notice; and the shipped
        fine rules with one where the studio's references are too few to set ranges from. Raises ValueError for values
        out of range; the error of the side itself when it was asked for alone.
        """
        if method not in METHODS:
            raise ValueError(f"method must be one of {METHODS}, not {method!r}")
        if lang not in LANGS:
            raise ValueError(f"lang must be one of {LANGS}, not {lang!r}")
        if rules_source is not None and rules_source not in RULES_SOURCES:
            raise ValueError(f"rules_source must be one of {RULES_SOURCES}, not {rules_source!r}")
        settings = load_settings(self.studio)
        top_k = settings.top_k if top_k is None else check_top_k(top_k)
        with self._loaded.steady():
            asked = Question(method, rules_source or settings.rules_source, without, head, lang)
            heard = self._hear(observation, asked)
            sides, notices = heard.sides, heard.notices
            weight, source = self._alpha(alpha, settings, method, heard.rules_source)
            if source == "default" and sides.rules and sides.visual and self._measured_alpha() is not None:
                notices += (Notice("alpha_of_other_rules", {"alpha": f"{weight:g}"}),)
            if method == "rules" or (method == "fused" and not sides.visual):
                weight = 1.0
            elif method != "fused":
                weight = 0.0
            ranked = pooled = pool_sides(sides, weight)
            if method in ("rules", "textbook"):
                ranked = sorted((sides.rules or sides.visual).items(), key=lambda item: (-item[1], item[0]))
            strange = heard.unknown is not None
            confidence = confidence_of(sides, pooled, weight, strange=strange, temperature=self._temperature(method))
            parts = parts_of(sides, weight, [fabric for fabric, _ in ranked[:top_k]]) if method == "fused" else {}
            references = self.model.bank if sides.retrieval and observation.embedding is not None else None
            references = None if references is None else references.without(without)
            # The textbook's figures are cosines, and adding those up says nothing.
            probable = confidence if method != "textbook" else {}
            candidates = tuple(
                replace(
                    self._candidate(fabric, score, heard, observation, references, lang),
                    confidence=confidence.get(fabric, 0.0),
                    parts=parts.get(fabric, NO_PARTS),
                )
                for fabric, score in ranked[:top_k]
            )
            return Recognition(
                candidates=candidates,
                look=observation.look,
                encoder=self.encoder_id,
                device=self._loaded.device,
                method=method,
                alpha=weight,
                alpha_source=source,
                rules_source=heard.rules_source,
                calibrated=heard.calibrated and weight < VISUAL_LEADS,
                notices=notices,
                unknown=heard.unknown,
                types=types_of(self.names, probable, lang),
                structures=structures_of(self.names, probable, lang),
            )

    def _hear(self, observation: Observation, question: Question) -> Heard:
        """What the levels say. That of the observation last asked about is kept: another alpha or top-k weighs the same
        evidence anew."""
        model = None
        if question.method != "rules" or question.rules_source == "studio":
            with contextlib.suppress(EncoderUnavailable):  # the observation says so
                model = self.model
        sources = (observation, model, self.names)
        if self._kept is None or self._kept[1] != question or not all(map(is_, self._kept[0], sources)):
            self._kept = (sources, question, hear(self._loaded, observation, question))
        return self._kept[2]

    def _alpha(
        self, alpha: float | Literal["auto"] | None, settings: Settings, method: Method, rules: RulesSource
    ) -> tuple[float, AlphaSource]:
        """The weight of the rules and who chose it. What was measured with rules of another source says nothing of
        these, and is not taken."""
        if alpha is None and settings.alpha != "auto":
            return check_alpha(settings.alpha), "settings"
        if alpha is None or alpha == "auto":
            measured = self._measured_alpha() if method == "fused" and self._alpha_rules() == rules else None
            return (DEFAULT_ALPHA, "default") if measured is None else (measured, "measured")
        return check_alpha(alpha), "given"

    def _temperature(self, method: Method) -> float:
        """What the model in use was calibrated to; fused answers alone were measured."""
        try:
            return self.model.temperature if method == "fused" else 1.0
        except EncoderUnavailable:
            return 1.0

    def _measured_alpha(self) -> float | None:
        try:
            return self.model.alpha
        except EncoderUnavailable:
            return None  # the rules will answer alone, whatever alpha

    def _alpha_rules(self) -> str | None:
        try:
            return self.model.alpha_rules
        except EncoderUnavailable:
            return None

    def _candidate(
        self,
        fabric: str,
        score: float,
        heard: Heard,
        observation: Observation,
        references: Bank | None,
        lang: str,
    ) -> Candidate:
        sides = heard.sides
        nearest: tuple[Match, ...] = ()
        if fabric in sides.retrieval and references is not None and observation.embedding is not None:
            nearest = references.matches(observation.embedding, NEAREST, fabric)
        zh, en = self.names.both(fabric)
        rule = heard.rule_scores.get(fabric)
        reasons = rule.reasons if rule is not None else ()
        return Candidate(
            id=fabric,
            name=zh if lang == "zh" else en,
            other_name=en if lang == "zh" else zh,
            score=float(score),
            rules=sides.rules.get(fabric),
            retrieval=sides.retrieval.get(fabric),
            head=sides.head.get(fabric),
            text=sides.text.get(fabric),
            confidence=0.0,
            nearest=nearest,
            notes=self.names.notes(fabric, lang),
            reasons=tuple(Notice(reason.code, dict(reason.params)) for reason in reasons),
            contradictions=tuple(Notice(r.code, dict(r.params)) for r in reasons if r.contradicts),
        )
