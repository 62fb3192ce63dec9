"""How far confidences lie from how often they are right. Arithmetic only."""

from __future__ import annotations

from collections.abc import Sequence

BINS = 15


def expected_calibration_error(confidences: Sequence[float], rights: Sequence[bool], bins: int = BINS) -> float:
    """Mean distance, 0..1, between confidence and share of right answers, over bins of equally many answers.

        ECE = sum_b n_b / n * |mean confidence in b - share right in b|

    confidences: 0..1, one an answer. rights: whether that answer was right. With fewer answers than bins each answer
    is its own bin, which makes the figure too large: it means something from some fifty answers on. 0.0 for none.
    Raises ValueError for lists of different lengths.
    Source: Guo et al., ICML 2017, with equal-mass bins as in Nguyen and O'Connor, EMNLP 2015.
    """
    n = len(confidences)
    if n != len(rights):
        raise ValueError("as many confidences as answers")
    if n == 0:
        return 0.0
    order = sorted(range(n), key=lambda index: confidences[index])
    edges = [round(number * n / min(bins, n)) for number in range(min(bins, n) + 1)]
    total = 0.0
    for start, end in zip(edges, edges[1:], strict=False):
        inside = order[start:end]
        total += abs(sum(confidences[index] for index in inside) - sum(bool(rights[index]) for index in inside))
    return total / n
