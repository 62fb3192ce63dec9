"""What each level of evidence says of a patch (rules, references, head, the fabrics' names), and what lacks.

Weighing them against each other is for `evidence`, naming and ranking for `recognizer`.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from fabric_desktop.attributes import Look
from fabric_desktop.encoders.zero_shot import zero_shot_scores
from fabric_desktop.errors import EncoderUnavailable, FabricError, HeadMissing, RulesNeedReferences, to_keep
from fabric_desktop.evidence import Sides
from fabric_desktop.jobs import JobContext
from fabric_desktop.loaded import Loaded
from fabric_desktop.notices import Notice
from fabric_desktop.recognition import SURE, Method, Observation, Unknown
from fabric_desktop.rules import RuleScore
from fabric_desktop.studio import RulesSource
from fabric_desktop.wording import explain

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of an observation: `recognizer.Recognizer.rank` says what each means."""

    method: Method
    rules_source: RulesSource
    without: frozenset[str]
    head: Mapping[str, float] | None
    lang: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The evidence on a patch, what is to be said of it, and whether the patch is like nothing in the library.

    `rule_scores` are the rules' with their reasons, by fabric; `rules_source` is where they came from. `calibrated`:
    whether the references' probabilities were fitted on this studio's own left-out answers.
    """

    sides: Sides
    rule_scores: Mapping[str, RuleScore] = field(default_factory=dict)
    rules_source: RulesSource = "fine"
    notices: tuple[Notice, ...] = ()
    unknown: Unknown | None = None
    calibrated: bool = False


@dataclass(frozen=True, slots=True)
class _References:
    """Fabric -> cosine of the nearest reference, fabric -> probability by the references, and what they say beside."""

    cosines: dict[str, float] = field(default_factory=dict)
    probabilities: dict[str, float] = field(default_factory=dict)
    unknown: Unknown | None = None
    calibrated: bool = False


def hear(loaded: Loaded, observation: Observation, question: Question) -> Heard:
    """Ask the levels that a method has. In a fused answer a level that cannot speak is a notice, and the others speak;
    asked for alone, its error is raised."""
    method = question.method
    scores: dict[str, RuleScore] = {}
    source = question.rules_source
    notices: tuple[Notice, ...] = ()
    if method in ("fused", "rules"):
        scores, source, notices = _rules(loaded, observation.look, question)
    rules = {fabric: score.score for fabric, score in scores.items()}
    if method == "rules":
        return Heard(Sides(rules), scores, source)
    if method in ("head", "text"):
        return Heard(_one_side(loaded, observation, question))
    head: dict[str, float] = {}
    if method == "fused":
        head = dict(question.head or {}) or _head(loaded, observation)
        notices += _head_notice(loaded, observation, head, question.lang)
    found, lacking = _References(), None
    try:
        found = _references(loaded, observation, question.without)
    except FabricError as error:
        if method != "fused":
            raise
        # The rules, and the head if there is one, still speak; the answer says what is lacking.
        logger.warning("no retrieval: %s", error)
        lacking = error
    text: dict[str, float] = {}
    if method == "fused":
        text, silent = _heard_names(loaded, observation, {**found.probabilities, **head}, question.lang)
        notices += silent
    if lacking is not None:
        code = "retrieval_failed" if head else "text_alone" if text else "visual_failed"
        notices = (_said(code, lacking, question.lang), *notices)
    unknown = found.unknown
    if unknown is not None and max(head.values(), default=0.0) >= SURE:
        unknown = None  # like nothing in the library, but like patches that were labelled
    sides = Sides(rules, found.cosines, found.probabilities, head, text)
    return Heard(sides, scores, source, notices, unknown, found.calibrated)


def _one_side(loaded: Loaded, observation: Observation, question: Question) -> Sides:
    """The head alone, or the names alone. Raises what keeps them from speaking."""
    if observation.error is not None:
        raise observation.error
    if question.method == "text":
        return Sides(text=_names(loaded, observation, {}))
    head = dict(question.head or {}) or _head(loaded, observation)
    if not head:
        raise loaded.model.head_error or HeadMissing(path=str(loaded.studio.models_dir))
    return Sides(head=head)


def _said(code: str, error: FabricError, lang: str) -> Notice:
    return Notice(code, {"error": to_keep(error), "what": explain(error, lang).what})


def _rules(
    loaded: Loaded, look: Look, question: Question
) -> tuple[dict[str, RuleScore], RulesSource, tuple[Notice, ...]]:
    """Rule scores under the studio's own ids, the source they came from, and a notice where it is not the one asked
    for. Fabrics of the shipped rules that the studio does not have keep their id."""
    source = question.rules_source
    notices: tuple[Notice, ...] = ()
    try:
        book = loaded.rule_book(source, question.without)
    except RulesNeedReferences as error:
        if question.method == "rules":
            raise
        source, notices = "fine", (_said("studio_rules_failed", error, question.lang),)
        book = loaded.rule_book(source)
    scores = {score.fabric_id: score for score in loaded.rule_scores(book, look)}
    if source == "studio":
        return scores, source, notices
    names = loaded.names
    mine = {
        fabric: rule for fabric in names.studio_ids if (rule := book.stands_for(names.rule_for(fabric))) is not None
    }
    taken = set(mine.values())
    own = {fabric: scores[rule] for fabric, rule in mine.items()}
    return own | {rule: score for rule, score in scores.items() if rule not in taken}, source, notices


def _head(loaded: Loaded, observation: Observation) -> dict[str, float]:
    if observation.embedding is None or loaded.model.head is None:
        return {}
    head = loaded.model.head
    proba = head.predict_proba(observation.embedding[None])[0]
    return {fabric: float(proba[i]) for i, fabric in enumerate(head.fabric_ids)}


def _head_notice(loaded: Loaded, observation: Observation, head: Mapping[str, float], lang: str) -> tuple[Notice, ...]:
    """Says that a head which was in use cannot take part; nothing where there is none."""
    error = loaded.model.head_error if observation.embedding is not None and not head else None
    return () if error is None else (_said("head_failed", error, lang),)


def _references(loaded: Loaded, observation: Observation, without: frozenset[str]) -> _References:
    if observation.error is not None:
        raise observation.error
    if observation.textbook is not None:
        bank = loaded.textbook_bank(JobContext()).without(without)
        best = bank.best_by_fabric(observation.textbook[None])[0]
        cosines = {fabric: float(best[i]) for i, fabric in enumerate(bank.fabric_ids)}
        # The textbook shows its cosine as if it were a confidence.
        return _References(cosines, {fabric: max(cosine, 0.0) for fabric, cosine in cosines.items()})
    assert observation.embedding is not None
    bank = loaded.bank.without(without)
    if not bank.rows:
        return _References()
    fitted = loaded.fitted(bank)
    said, below, unknown = fitted.say(observation.embedding), fitted.classifier.unknown_below, None
    if said.closeness < below:
        unknown = Unknown("far", {"score": said.closeness, "below": below})
    return _References(said.cosines, said.probabilities, unknown, fitted.classifier.calibrated)


def _heard_names(
    loaded: Loaded, observation: Observation, seen: Mapping[str, float], lang: str
) -> tuple[dict[str, float], tuple[Notice, ...]]:
    """What the fabrics' names say, and a notice where they should and cannot; nothing of an encoder without words."""
    if observation.embedding is None or not loaded.speaks:
        return {}, ()
    try:
        return _names(loaded, observation, seen), ()
    except EncoderUnavailable as error:
        logger.warning("no zero-shot: %s", error)
        return {}, (_said("text_failed", error, lang),)


def _names(loaded: Loaded, observation: Observation, seen: Mapping[str, float]) -> dict[str, float]:
    """Fabric -> probability by its English name. Asked of the fabrics that were `seen` and the studio's own; where
    nothing was seen, of those that the rules know too. Fabrics of one name share what it is given."""
    names = loaded.names
    fabrics = list(dict.fromkeys([*sorted(seen), *names.studio_ids]))
    if not seen:
        taken = {names.rule_for(fabric) for fabric in fabrics}
        fabrics += [rule.id for rule in loaded.rule_book("fine").fabrics if rule.id not in taken]
    english = {fabric: name for fabric in fabrics if (name := names.english(fabric)) is not None}
    if not english:
        return {}
    assert observation.embedding is not None
    shared = Counter(english.values())
    texts = loaded.texts({name: name for name in shared})
    scores = zero_shot_scores(observation.embedding, texts.embeddings, texts.logit_scale)
    given = dict(zip(texts.fabrics, scores.tolist(), strict=True))
    return {fabric: given[name] / shared[name] for fabric, name in english.items()}
