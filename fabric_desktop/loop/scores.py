"""How one model did on a set of patches, in figures that can be kept in its manifest and read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fabric_desktop.evaluation.calibration import expected_calibration_error
from fabric_desktop.evaluation.compare import effective_count, share_interval
from fabric_desktop.evaluation.measure import Answer, FabricScore, by_fabric, hit_share
from fabric_desktop.present_names import present_ids
from fabric_desktop.studio import Version

ENTRY = "evaluation"


@dataclass(frozen=True, slots=True)
class ModelScores:
    """How one model did on some patches it was not trained on: shares 0..1 of `patches`, from `swatches` pieces.

    `low` and `high` are the 95 % interval of `top1`, which counts swatches. `calibration_error` 0..1 is the expected
    calibration error of the confidence shown. `confusion` lists (right fabric, taken for, how often), most often first.
    """

    version: str
    patches: int
    swatches: int
    top1: float
    top3: float
    top5: float
    low: float
    high: float
    calibration_error: float
    fabrics: dict[str, FabricScore]
    confusion: tuple[tuple[str, str, int], ...]


def scores_of(version: str, answers: Sequence[Answer]) -> ModelScores:
    """Summary of one model's answers (at least one; ValueError otherwise)."""
    if not answers:
        raise ValueError("no answers to summarise")
    swatches = [answer.swatch for answer in answers]
    top1 = hit_share(answers, 1) or 0.0
    low, high = share_interval(top1, effective_count(swatches))
    mistakes = Counter((answer.label, answer.first) for answer in answers if not answer.right)
    return ModelScores(
        version=version,
        patches=len(answers),
        swatches=len(set(swatches)),
        top1=top1,
        top3=hit_share(answers, 3) or 0.0,
        top5=hit_share(answers, 5) or 0.0,
        low=low,
        high=high,
        calibration_error=expected_calibration_error(
            [answer.confidence for answer in answers], [answer.right for answer in answers]
        ),
        fabrics=by_fabric(answers),
        confusion=tuple(
            (right, first, count)
            for (right, first), count in sorted(mistakes.items(), key=lambda item: (-item[1], item[0]))
        ),
    )


def as_entry(scores: ModelScores, eval_set: str) -> dict[str, Any]:
    """The scores as an entry of a manifest. eval_set: SHA-256 of the evaluation set's file."""
    entry = asdict(scores)
    del entry["version"]
    return {"set": eval_set, **entry}


def stored_scores(version: Version) -> ModelScores | None:
    """The scores a version's manifest carries; None for one that was never scored, or says nothing usable."""
    entry = version.manifest.get(ENTRY)
    ids = present_ids(version)
    if not isinstance(entry, Mapping):
        return None
    try:
        return ModelScores(
            version=version.name,
            patches=int(entry["patches"]),
            swatches=int(entry["swatches"]),
            top1=float(entry["top1"]),
            top3=float(entry["top3"]),
            top5=float(entry["top5"]),
            low=float(entry["low"]),
            high=float(entry["high"]),
            calibration_error=float(entry["calibration_error"]),
            fabrics={
                ids.get(str(fabric), str(fabric)): FabricScore(
                    int(own["samples"]), float(own["top1"]), float(own["top3"]), float(own["top5"])
                )
                for fabric, own in entry["fabrics"].items()
            },
            confusion=tuple(
                (ids.get(str(right), str(right)), ids.get(str(first), str(first)), int(count))
                for right, first, count in entry["confusion"]
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
