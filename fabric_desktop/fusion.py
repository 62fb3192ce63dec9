"""Rules and visual evidence on one scale, fused by alpha. Arithmetic only; what the sides are is for `recognizer`."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabric_desktop.rules import RankedFabric

if TYPE_CHECKING:
    from PIL.Image import Image

logger = logging.getLogger(__name__)


def check_alpha(alpha: object) -> float:
    """`alpha` as a float, if it is a number (of numpy's too) in 0..1; ValueError otherwise."""
    if isinstance(alpha, bool) or not isinstance(alpha, Real) or not 0.0 <= float(alpha) <= 1.0:
        raise ValueError(f"alpha must be a number in 0..1, not {alpha!r}")
    return float(alpha)


def check_top_k(top_k: object) -> int:
    """`top_k` if it is a whole number (of numpy's too) of at least 1; ValueError otherwise."""
    if isinstance(top_k, bool) or not isinstance(top_k, Integral) or int(top_k) < 1:
        raise ValueError(f"top-k must be a whole number of at least 1, not {top_k!r}")
    return int(top_k)


def to_weights(scores: Mapping[str, float]) -> dict[str, float]:
    """One side's scores as weights that sum to 1: softmax of the standardised scores.

        z_f = (s_f - mean) / sd,   w_f = exp(z_f) / sum_g exp(z_g)

    with mean and (population) standard deviation over the fabrics that the side scored; all equal scores give equal
    weights. The order is kept, and neither the unit nor the offset of the scores matters: cosines near 0.8, rule
    scores in 0..1 and probabilities come out on one scale. An empty side gives no weights.
    """
    if not scores:
        return {}
    values = list(scores.values())
    mean = math.fsum(values) / len(values)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))
    if deviation < 1e-12:
        return dict.fromkeys(scores, 1.0 / len(values))
    powers = {fabric: math.exp((value - mean) / deviation) for fabric, value in scores.items()}
    total = math.fsum(powers.values())
    return {fabric: power / total for fabric, power in powers.items()}


def fuse(rules: Mapping[str, float], visual: Mapping[str, float], alpha: float) -> list[tuple[str, float]]:
    """All fabrics of either side with their fused score, best first: `pool` of both sides' `to_weights`.

    rules, visual: fabric -> score, on any scale. alpha: weight of the rules, 0..1.
    """
    return pool(to_weights(rules), to_weights(visual), alpha)


def pool(rules: Mapping[str, float], visual: Mapping[str, float], alpha: float) -> list[tuple[str, float]]:
    """All fabrics of either side with their pooled weight, best first.

        score_f = alpha * W_rules(f) + (1 - alpha) * W_visual(f)

    where each side's weights sum to 1 and are 0 for a fabric the side did not score: a linear opinion pool (Stone,
    Ann. Math. Stat. 32, 1961). If a side is empty the other one's weights stand alone, whatever alpha. Hence alpha 1
    is exactly the order of the rules and alpha 0 exactly the visual order. Ties follow the order in which the heavier
    side lists its fabrics by weight, then the other side's, then the id.
    """
    alpha = check_alpha(alpha)
    if not visual:
        alpha = 1.0
    elif not rules:
        alpha = 0.0
    heavy, light = (rules, visual) if alpha >= 0.5 else (visual, rules)
    heavy_place, light_place = _places(heavy), _places(light)
    last = len(heavy) + len(light)
    pooled = {
        fabric: alpha * rules.get(fabric, 0.0) + (1.0 - alpha) * visual.get(fabric, 0.0)
        for fabric in {**rules, **visual}
    }
    return sorted(
        pooled.items(),
        key=lambda item: (-item[1], heavy_place.get(item[0], last), light_place.get(item[0], last), item[0]),
    )


def _places(scores: Mapping[str, float]) -> dict[str, int]:
    return {fabric: place for place, fabric in enumerate(sorted(scores, key=lambda fabric: -scores[fabric]))}


def fuse_with_clip(
    patch_img: Image,
    base_results: Sequence[tuple[str, float, str, str] | RankedFabric],
    lang: str = "zh",
    alpha: float = 0.7,
    topk: int = 5,
    bank_path: Path | str = "data/fabric_bank.npz",
) -> list[RankedFabric]:
    """Fuse the rules' answer with retrieval from the reference bank; `fuse` says by which formula.

    patch_img: a Pillow picture. base_results: what `recommend_fabrics_localized` returned, rows of (fabric id, score,
    display name, notes). lang: "zh" or "en", for fabrics that only the bank knows. alpha: weight of the rules, 0..1.
    topk: at least 1. bank_path: the reference bank; names of its fabrics are read from the studio around it.

    Returns rows of (fabric id, fused score 0..1, display name, notes), best first. If the visual side fails (no bank,
    another encoder's bank, no model), the rules' answer is returned with that said at the head of each row's notes.
    Raises ValueError for alpha, topk or lang out of range.
    """
    from fabric_desktop.errors import FabricError
    from fabric_desktop.names import FabricNames
    from fabric_desktop.retrieval import rank_by_retrieval
    from fabric_desktop.studio import Studio
    from fabric_desktop.wording import LANGS, explain, say

    alpha, topk = check_alpha(alpha), check_top_k(topk)
    if lang not in LANGS:
        raise ValueError(f"lang must be one of {LANGS}, not {lang!r}")
    base: dict[str, Any] = {row[0]: row for row in base_results}
    rules = {fabric: float(row[1]) for fabric, row in base.items()}
    remark = ""
    try:
        matches = rank_by_retrieval(patch_img, topk=1_000_000, bank_path=bank_path)
        visual = {match["id"]: match["score"] for match in matches}
    except FabricError as error:
        logger.warning("rules only: %s", error)
        visual = {}
        remark = say("notice.visual_failed", lang, what=explain(error, lang).what)
    names = FabricNames(Studio(Path(bank_path).resolve().parent))
    rows = []
    for fabric, score in fuse(rules, visual, alpha)[:topk]:
        known = base.get(fabric)
        display = known[2] if known is not None else names.display(fabric, lang)
        notes = known[3] if known is not None else names.notes(fabric, lang)
        rows.append(RankedFabric(fabric, score, display, f"{remark} {notes}".strip()))
    return rows
