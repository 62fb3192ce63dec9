"""How often the right fabric comes first, among three, among five: on patches the scored model was not made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from fabric_desktop.bank import reference_record
from fabric_desktop.encoders.base import Encoder
from fabric_desktop.errors import BadRegion, UnreadableImage
from fabric_desktop.eval_set import EvalRecord, read_eval_set
from fabric_desktop.evaluation.compare import effective_count, share_interval
from fabric_desktop.evaluation.folds import Folds
from fabric_desktop.evaluation.observing import remembered_patches
from fabric_desktop.fusion import check_top_k
from fabric_desktop.imaging import content_hash, cut_patch, open_photo, square_around
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import LabeledPatch, list_labeled
from fabric_desktop.notices import Notice
from fabric_desktop.recognition import Method, Observation, Recognition
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import RulesSource, Studio, load_settings

# Candidates looked at beyond top-k: the rank of the right one is wanted wherever it is.
_ALL = 1_000_000
# With fewer the interval of a share is 35 points wide and more, and has to be said beside it.
ENOUGH_PIECES = 30
# Methods that look at a patch in another way than the encoder in use.
_OWN_EYES: tuple[Method, ...] = ("rules", "textbook")


@dataclass(frozen=True, slots=True)
class EvalError:
    """A record that could not be scored: the picture as written in the set, the reason code, and its line."""

    image: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class FabricScore:
    """Hits on one fabric's patches: shares 0..1 of `samples`."""

    samples: int
    top1: float
    top3: float
    top5: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well one method names an evaluation set.

    `samples` records, of which `processed` were scored; shares 0..1 of those, None when there were none. `confusion`
    lists (right, taken for, how often), most often first. `grouped`: whether every patch's swatch was known, and no
    piece stood on both sides. `out_of_fold` of the processed patches had trained the head and were scored by a
    head that had not seen their swatch. `not_scored` records have a fabric this method does not know. `rules_source`:
    the rules that spoke, where any did.
    """

    method: Method
    alpha: float
    samples: int
    processed: int
    errors: tuple[EvalError, ...]
    top1: float | None
    top3: float | None
    top5: float | None
    top_k: int
    top_k_hits: float | None
    by_class: dict[str, FabricScore]
    confusion: tuple[tuple[str, str, int], ...]
    encoder: str
    grouped: bool
    out_of_fold: int
    not_scored: int
    notices: tuple[Notice, ...]
    rules_source: RulesSource = "fine"


@dataclass(frozen=True, slots=True)
class Answer:
    """One scored patch (a whole picture, or the square around `coords`): the right fabric, its place in the ranking
    (0 is first, None when it is not there), the fabric that came first with its confidence, and whether the head's
    part was out of fold."""

    image: Path
    coords: tuple[int, int]
    swatch: str
    label: str
    place: int | None
    first: str
    confidence: float
    out_of_fold: bool

    @property
    def right(self) -> bool:
        return self.place == 0


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to an evaluation set, the records that could not be scored, and the alpha that was used.

    `seen_pieces` answers are of patches that the head in use was not trained on, but others of their swatch or
    photograph were; each was given by a head trained without those.
    `notices` are those of the recognitions (such as: no references, so rules alone), each once.
    """

    answers: tuple[Answer, ...]
    errors: tuple[EvalError, ...]
    not_scored: int
    alpha: float
    seen_pieces: int
    notices: tuple[Notice, ...]
    rules_source: RulesSource = "fine"


def evaluate(
    studio: Studio,
    encoder: Encoder,
    context: JobContext,
    *,
    eval_set: Path | None = None,
    method: Method = "retrieval",
    alpha: float | Literal["auto"] | None = "auto",
    top_k: int = 5,
    mapping: Mapping[str, str] | None = None,
    rules_source: RulesSource | None = None,
) -> Evaluation:
    """Score one method on an evaluation set (the studio's, unless another is given).

    A reference that is the patch's own source photo, or was cut from it, does not take part in that patch's score.
    Patches that the head in use was trained on are scored out of fold. `mapping`: label -> fabric of the rules, for
    `method="rules"`: labels that are neither in it nor known to the rules are not scored. `rules_source`: as
    `Recognizer.rank`; the studio's references of a patch's own photo set no range that it is scored by, and of the
    coarse rules the right family is the right answer.

    Raises EvalSetMissing, EvalSetDamaged, HeadMissing, HeadMismatch, BankMissing, BankMismatch, RulesNeedReferences,
    Cancelled; ValueError for alpha or top_k out of range.
    """
    check_top_k(top_k)
    records = read_eval_set(studio, eval_set)
    patches = {patch.path.resolve(): patch for patch in list_labeled(studio)}
    recognizer = Recognizer(studio, encoder)
    if rules_source is not None and method in ("fused", "rules"):
        recognizer.rule_book(rules_source)
    answered = answer_records(
        recognizer,
        records,
        patches,
        context,
        method=method,
        alpha=alpha,
        mapping=mapping,
        remembered=remembered_patches(studio, recognizer.encoder) if method not in _OWN_EYES else None,
        rules_source=rules_source,
    )
    known = [patches.get(record.image.resolve()) for record in records]
    return _summary(
        answered,
        method=method,
        samples=len(records),
        top_k=top_k,
        encoder=encoder.id,
        grouped=all(patch is not None and patch.swatch_known for patch in known),
    )


def answer_records(
    recognizer: Recognizer,
    records: Sequence[EvalRecord],
    patches: Mapping[Path, LabeledPatch],
    context: JobContext,
    *,
    method: Method,
    alpha: float | Literal["auto"] | None = "auto",
    mapping: Mapping[str, str] | None = None,
    observed: Mapping[Path, Observation] | None = None,
    remembered: Mapping[str, Observation] | None = None,
    rules_source: RulesSource | None = None,
) -> Answers:
    """What a recognizer says to each record of an evaluation set; `evaluate` says how. `patches`: the labelled patches
    by resolved path, for their swatches and sources. `observed`: what the recognizer's encoder sees of whole pictures,
    by path, where that is known already (for methods other than the textbook's); `remembered`: the same by content
    hash."""
    if method == "textbook":
        recognizer.textbook_bank(context)
    folds = Folds(recognizer, method, patches.values(), context)
    rules = rules_used = rules_source or load_settings(recognizer.studio).rules_source
    seen_pieces = 0
    notices: dict[str, Notice] = {}
    answers: list[Answer] = []
    errors: list[EvalError] = []
    not_scored = 0
    used_alpha = 0.0
    for number, record in enumerate(records):
        context.progress(number, len(records), "job.evaluate", photo=record.image.name)
        right = _right_ids(recognizer, record.label, method, mapping, rules)
        if not right:
            not_scored += 1
            continue
        labeled = patches.get(record.image.resolve())
        try:
            seen = observed.get(record.image) if observed is not None and record.whole else None
            asked = recognize_record(recognizer, record, labeled, folds, method, alpha, seen, rules, remembered or {})
        except (UnreadableImage, BadRegion) as error:
            errors.append(EvalError(record.given, str(error.params.get("reason", error.code)), record.line))
            continue
        recognition = asked.recognition
        used_alpha = recognition.alpha
        rules_used = recognition.rules_source
        notices |= {notice.code: notice for notice in recognition.notices}
        seen_pieces += asked.piece_trained
        ranking = [candidate.id for candidate in recognition.candidates]
        answers.append(
            Answer(
                image=record.image,
                coords=record.coords,
                swatch=asked.digest if labeled is None else labeled.swatch_id,
                label=(mapping or {}).get(record.label, record.label) if method == "rules" else record.label,
                place=next((place for place, fabric in enumerate(ranking) if fabric in right), None),
                first=ranking[0] if ranking else "",
                confidence=recognition.candidates[0].confidence if ranking else 0.0,
                out_of_fold=asked.trained,
            )
        )
    context.progress(len(records), len(records), "job.evaluate")
    said = tuple(notices.values())
    return Answers(tuple(answers), tuple(errors), not_scored, used_alpha, seen_pieces, said, rules_used)


@dataclass(frozen=True, slots=True)
class Asked:
    """A record's whole ranking, the picture's content hash, and whether the head in use had been trained on this patch,
    or on others of its piece of cloth or photograph; then a head that had not seen them spoke in its place."""

    recognition: Recognition
    digest: str
    trained: bool
    piece_trained: bool


def recognize_record(
    recognizer: Recognizer,
    record: EvalRecord,
    labeled: LabeledPatch | None,
    folds: Folds,
    method: Method,
    alpha: float | Literal["auto"] | None,
    observation: Observation | None,
    rules_source: RulesSource | None = None,
    remembered: Mapping[str, Observation] = MappingProxyType({}),
) -> Asked:
    """The whole ranking for one record; `observation` or `remembered` (by content hash) say what is seen of it, where
    that is known. Raises UnreadableImage, BadRegion, and what the recognizer raises."""
    digest = content_hash(record.image)
    if observation is None and record.whole:
        observation = remembered.get(digest)
    if observation is None:
        photo = open_photo(record.image)
        patch = photo if record.whole else cut_patch(photo, square_around(*record.coords, photo.size))
        observation = recognizer.observe(patch, method)
    if observation.error is not None:
        raise observation.error
    source = labeled.source if labeled is not None else str(reference_record(record.image).get("source_hash") or digest)
    own = frozenset({digest, source})
    head: Mapping[str, float] | None = None
    trained = digest in folds.trained_on
    siblings: frozenset[str] = frozenset()
    if trained:
        head = folds.of_trained(digest, record.label)
    elif observation.embedding is not None:
        siblings = folds.siblings(labeled.swatch_id if labeled is not None else digest, own)
        if siblings:
            head = folds.without(siblings, record.label, observation.embedding)
    recognition = recognizer.rank(
        observation,
        method=method,
        alpha=alpha,
        top_k=_ALL,
        rules_source=rules_source,
        without=own,
        head=head,
    )
    return Asked(recognition, digest, trained, bool(siblings))


def _right_ids(
    recognizer: Recognizer, label: str, method: Method, mapping: Mapping[str, str] | None, source: RulesSource
) -> frozenset[str]:
    """The ids under which the right answer may appear; none when the rules cannot know this fabric.

    A fabric of the rules appears under the ids of the studio's own fabrics that are of it, where there are any.
    """
    if method != "rules":
        return frozenset({label})
    names, book = recognizer.names, recognizer.rule_book(source)
    if source == "studio":
        return frozenset({label} if label in book else ())
    mapped = (mapping or {}).get(label)
    if source == "fine" and mapped is None and label in names.studio_ids:
        return frozenset({label} if names.rule_for(label) is not None else ())
    rule = book.stands_for(mapped or names.rule_for(label))
    if rule is None:
        return frozenset()
    own = frozenset(fabric for fabric in names.studio_ids if book.stands_for(names.rule_for(fabric)) == rule)
    return own or frozenset({rule})


def _summary(answered: Answers, *, method: Method, samples: int, top_k: int, encoder: str, grouped: bool) -> Evaluation:
    answers = answered.answers
    mistakes = Counter((answer.label, answer.first) for answer in answers if not answer.right)
    out_of_fold = sum(answer.out_of_fold for answer in answers)
    notices = []
    if out_of_fold:
        notices.append(Notice("out_of_fold", {"count": out_of_fold, "total": len(answers)}))
    if not grouped:
        notices.append(Notice("not_grouped", {}))
    notices += _too_little(answers)
    if answered.seen_pieces:
        notices.append(Notice("seen_pieces", {"count": answered.seen_pieces}))
    notices += answered.notices
    if answered.not_scored:
        notices.append(Notice("not_in_rules", {"count": answered.not_scored}))
    absent = sorted({answer.label for answer in answers if answer.place is None})
    if absent and method != "rules":
        notices.append(Notice("labels_not_in_library", {"count": len(absent), "fabrics": ", ".join(absent[:5])}))
    return Evaluation(
        method=method,
        alpha=answered.alpha,
        samples=samples,
        processed=len(answers),
        errors=answered.errors,
        top1=hit_share(answers, 1),
        top3=hit_share(answers, 3),
        top5=hit_share(answers, 5),
        top_k=top_k,
        top_k_hits=hit_share(answers, top_k),
        by_class=by_fabric(answers),
        confusion=tuple(
            (right, first, count)
            for (right, first), count in sorted(mistakes.items(), key=lambda item: (-item[1], item[0]))
        ),
        encoder=encoder,
        grouped=grouped,
        out_of_fold=out_of_fold,
        not_scored=answered.not_scored,
        notices=tuple(notices),
        rules_source=answered.rules_source,
    )


def _too_little(answers: Sequence[Answer]) -> list[Notice]:
    """What keeps these answers from saying how good the method is: a single fabric, or too few pieces of cloth."""
    if not answers:
        return []
    fabrics = {answer.label for answer in answers}
    said = [Notice("one_fabric_scored", {"fabric": fabrics.pop()})] if len(fabrics) == 1 else []
    count, share = effective_count([answer.swatch for answer in answers]), hit_share(answers, 1)
    if share is not None and count < ENOUGH_PIECES:
        low, high = share_interval(share, count)
        bounds = {"low": f"{100 * low:.0f}", "high": f"{100 * high:.0f}"}
        said.append(Notice("few_scored", {"count": len(answers), **bounds}))
    return said


def hit_share(answers: Sequence[Answer], within: int) -> float | None:
    """Share 0..1 of the answers whose right fabric is among the first `within`; None when there are no answers."""
    if not answers:
        return None
    return sum(answer.place is not None and answer.place < within for answer in answers) / len(answers)


def by_fabric(answers: Sequence[Answer]) -> dict[str, FabricScore]:
    """Hits a fabric, sorted by id."""
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(answer.label, []).append(answer)
    return {
        fabric: FabricScore(len(own), *(hit_share(own, within) or 0.0 for within in (1, 3, 5)))
        for fabric, own in sorted(groups.items())
    }
