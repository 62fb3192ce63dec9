"""How sure a new version may be: one temperature for the confidence it shows, from answers it was not trained on.

References and head are calibrated each by itself; what a studio sees is both pooled, and on its own cloth. This
measures that, corrects it where it is off, and keeps what it was before and after beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.evaluation.calibration import expected_calibration_error
from fabric_desktop.evaluation.folds import Folds
from fabric_desktop.evaluation.measure import recognize_record
from fabric_desktop.evidence import VISUAL_LEADS, tempered
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import LabeledPatch
from fabric_desktop.loop.answering import Side, records_of
from fabric_desktop.model import CALIBRATION, COLDEST, HOTTEST
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, Version

if TYPE_CHECKING:
    import numpy as np

# Fewer answers than these say nothing of a calibration: with one bin for each of them, chance alone is off by much.
ENOUGH_ANSWERS = 50
# More answers than these hardly change one number.
_MOST_ANSWERS = 300
# So many swatches' worth of belief that the confidence is right as it is: a studio with few is corrected a little.
_PRIOR_SWATCHES = 25
_FOLDS = 5
_LEAST = 1e-9  # no answer is taken for impossible


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a version's manifest says of its confidence. `before` and `after` are the expected calibration error 0..1 on
    `answers` patches of `swatches` pieces, each answered by a head that had not seen its swatch; after means at a
    temperature that was fitted without that swatch. `temperature` above 1 makes less sure, 1 changes nothing."""

    temperature: float
    answers: int
    swatches: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer: the confidences shown, the right fabric, and the swatch it was of."""

    confidences: Mapping[str, float]
    right: str
    swatch: str


def temper(studio: Studio, side: Side, training: Sequence[LabeledPatch], context: JobContext) -> dict[str, Any]:
    """The entry `calibration` of a manifest; none where there are too few answers, or where the rules lead, of whose
    confidence no temperature is asked (`evidence.confidence_of`). The evaluation set has no part in it. Raises
    Cancelled."""
    if side.version is not None and side.version.manifest.get("alpha", 0.0) >= VISUAL_LEADS:
        return {}
    chosen = list(training)[:: -(-len(training) // _MOST_ANSWERS)] if training else []
    if len(chosen) < ENOUGH_ANSWERS:
        return {}
    answers = _answers(studio, side, chosen, context)
    if len(answers) < ENOUGH_ANSWERS or len({answer.swatch for answer in answers}) < _FOLDS:
        return {}
    found = fit(answers)
    entry = {name: getattr(found, name) for name in Calibration.__dataclass_fields__}
    return {CALIBRATION: entry}


def _answers(studio: Studio, side: Side, chosen: Sequence[LabeledPatch], context: JobContext) -> list[Shown]:
    recognizer = Recognizer(studio, side.encoder, pinned=side.version)
    folds = Folds(recognizer, "fused", chosen, context)
    found = []
    for number, (patch, record) in enumerate(zip(chosen, records_of(chosen), strict=True)):
        context.progress(number, len(chosen), "job.calibrate", photo=patch.path.name)
        if not folds.left_out(patch.content_hash):
            continue  # the only swatch of its fabric: nothing could be left out
        seen = side.observed.observations.get(patch.path)
        try:
            recognition = recognize_record(recognizer, record, patch, folds, "fused", "auto", seen).recognition
        except UnreadableImage:
            continue
        shown = {candidate.id: candidate.confidence for candidate in recognition.candidates}
        found.append(Shown(shown, patch.fabric_id, patch.swatch_id))
    return found


def fit(answers: Sequence[Shown]) -> Calibration:
    """The temperature of these answers and what it does, measured on swatches that it was not fitted on.

    Where it does not make the answers given likelier on those, it is 1: a correction that does not carry over is none.
    A right fabric that was given nothing counts as given next to nothing: else such an answer would cost the same at
    every temperature, and only those that are right already would be heard.
    """
    answers = [replace(answer, confidences=_with_right(answer)) for answer in answers]
    grid = _Grid(answers)
    temperature = grid.best(range(len(answers)))
    swatches = sorted({answer.swatch for answer in answers})
    fold_of = {swatch: number % _FOLDS for number, swatch in enumerate(swatches)}
    corrected: list[Mapping[str, float]] = [{}] * len(answers)
    for fold in range(_FOLDS):
        inside = [fold_of[answer.swatch] == fold for answer in answers]
        own = grid.best([place for place, held_out in enumerate(inside) if not held_out])
        for place, held_out in enumerate(inside):
            if held_out:
                corrected[place] = tempered(answers[place].confidences, own)
    plain = [answer.confidences for answer in answers]
    if _loss(corrected, answers) >= _loss(plain, answers):
        temperature, corrected = 1.0, plain
    return Calibration(
        temperature=round(temperature, 4),
        answers=len(answers),
        swatches=len(swatches),
        before=round(_off_by(plain, answers), 4),
        after=round(_off_by(corrected, answers), 4),
    )


class _Grid:
    """How likely each answer's right fabric is at each temperature of a grid, worked out once."""

    def __init__(self, answers: Sequence[Shown]) -> None:
        import numpy as np

        self._temperatures = np.exp(np.linspace(np.log(COLDEST), np.log(HOTTEST), 61))
        self._losses = np.stack([_losses(answer, self._temperatures) for answer in answers])
        self._swatches = [answer.swatch for answer in answers]

    def best(self, places: Sequence[int]) -> float:
        """The temperature at which the right fabrics of these answers are likeliest, every swatch counting once, drawn
        towards 1 by `_PRIOR_SWATCHES`. Guo et al., ICML 2017, on a grid; the likelihood is smooth in it."""
        import numpy as np

        by_swatch: dict[str, list[int]] = {}
        for place in places:
            by_swatch.setdefault(self._swatches[place], []).append(place)
        losses = np.stack([self._losses[rows].mean(axis=0) for rows in by_swatch.values()]).mean(axis=0)
        share = len(by_swatch) / (len(by_swatch) + _PRIOR_SWATCHES)
        return float(np.exp(share * np.log(self._temperatures[int(losses.argmin())])))


def _losses(answer: Shown, temperatures: np.ndarray) -> np.ndarray:
    """(temperatures,) the negative log of what `tempered` gives the right fabric at each of them."""
    import numpy as np

    total = sum(answer.confidences.values())
    shares = np.array([max(value, _LEAST) / total for value in answer.confidences.values()])
    right = list(answer.confidences).index(answer.right)
    logits = np.log(shares)[None, :] / temperatures[:, None]
    logits -= logits.max(axis=1, keepdims=True)
    powers = np.exp(logits)
    given: np.ndarray = -np.log(total * powers[:, right] / powers.sum(axis=1) + _LEAST)
    return given


def _loss(shown: Sequence[Mapping[str, float]], answers: Sequence[Shown]) -> float:
    import math

    given = [_given(confidences, answer) for confidences, answer in zip(shown, answers, strict=True)]
    return sum(-math.log(value + _LEAST) for value in given)


def _with_right(answer: Shown) -> dict[str, float]:
    """The confidences with something for the right fabric."""
    return {**answer.confidences, answer.right: max(_given(answer.confidences, answer), _LEAST)}


def _given(confidences: Mapping[str, float], answer: Shown) -> float:
    """What the right fabric was given."""
    return confidences.get(answer.right, 0.0)


def _off_by(shown: Sequence[Mapping[str, float]], answers: Sequence[Shown]) -> float:
    firsts = [max(confidences.items(), key=lambda item: item[1], default=("", 0.0)) for confidences in shown]
    rights = [fabric == answer.right for (fabric, _), answer in zip(firsts, answers, strict=True)]
    return expected_calibration_error([confidence for _, confidence in firsts], rights)


def calibration_of(version: Version) -> Calibration | None:
    """What a version's manifest says of its calibration; None for one that was not calibrated."""
    entry: Any = version.manifest.get(CALIBRATION)
    try:
        return Calibration(
            float(entry["temperature"]),
            int(entry["answers"]),
            int(entry["swatches"]),
            float(entry["before"]),
            float(entry["after"]),
        )
    except (TypeError, KeyError, ValueError):
        return None
