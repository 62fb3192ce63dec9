"""What to label next, and which labels to look at again: pure functions of embeddings and probabilities.

They read no files and know no fabrics; `queue` brings a studio's patches to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# While there are fewer labels than these, only typical patches are asked for: a margin then says little. Measured on
# photographs of ten types, whole samples held out: 51.6 % right at 20 labels against 38.8 % at random, and 43.2 % with
# margins from the tenth on (`python -m tests.benchmarks.loop` prints the comparison).
TYPICAL_UNTIL = 20
# Afterwards three in ten are typical, the others those with the smallest margin, of one predicted fabric at most so
# many in a batch. Margins alone pile up on one pair of fabrics.
TYPICAL_SHARE = 0.3
BATCH = 8
CAP = 3
# Similarity falls off as exp(SHARPNESS * (cosine - 1)). 2 to 8 do nearly as well; with cosines themselves the first
# picks lie between the groups instead of inside them.
SHARPNESS = 4.0
# Picks that are planned one by one, and patches looked at in planning: more than anybody labels in a sitting. What
# comes after is in order of margin.
PLANNED = 200
_MOST_POINTS = 2000
SUSPECT_SHARE = 0.05


def order_queue(
    embeddings: np.ndarray,
    probabilities: np.ndarray | None = None,
    labelled: np.ndarray | None = None,
    *,
    batch: int = BATCH,
    cap: int = CAP,
) -> list[int]:
    """The rows of a review queue, the most useful one to label first; each row once.

    embeddings: (n, dim) of the queue's patches, rows of length 1. probabilities: (n, fabrics), what the model in use
    says of them; None where there is none. labelled: (m, dim) of the patches labelled already. batch: how many are
    labelled at a sitting; cap: how many of one predicted fabric may stand among them.

    While few are labelled, each next patch is the one that stands for most of the queue that no label stands for yet:
    greedy facility location, which is never further than 1 - 1/e from the best choice (Nemhauser et al., Math.
    Programming 14, 1978). "Typical first" follows Hacohen et al., ICML 2022; smallest margin with a cap afterwards,
    Scheffer et al., IDA 2001. The same input gives the same order.
    """
    import numpy as np

    count = len(embeddings)
    if count == 0:
        return []
    known = 0 if labelled is None else len(labelled)
    uncertain = _by_margin(probabilities, count)
    predicted = [0] * count if probabilities is None else np.asarray(probabilities).argmax(axis=1).tolist()
    typical = _Typical(embeddings, labelled)
    order: list[int] = []
    left = set(range(count))
    in_batch: Counter[int] = Counter()
    for place in range(min(count, PLANNED)):
        if place % batch == 0:
            in_batch.clear()
        few = known + place < TYPICAL_UNTIL
        if few or probabilities is None or _is_typical_turn(place):
            row = typical.next(left)
        else:
            waiting = [row for row in uncertain if row in left]
            row = next((row for row in waiting if in_batch[predicted[row]] < cap), waiting[0])
        order.append(row)
        left.discard(row)
        typical.covered_by(row)
        in_batch[predicted[row]] += 1
    return order + [row for row in uncertain if row in left]


def _is_typical_turn(place: int) -> bool:
    """Spreads the typical ones evenly among the others."""
    return int((place + 1) * TYPICAL_SHARE) > int(place * TYPICAL_SHARE)


def _by_margin(probabilities: np.ndarray | None, count: int) -> list[int]:
    """Rows by the distance of their two largest probabilities, smallest first; as they come where there are none."""
    import numpy as np

    if probabilities is None or probabilities.shape[1] < 2:
        return list(range(count))
    best = np.sort(probabilities, axis=1)
    rows: list[int] = np.argsort(best[:, -1] - best[:, -2], kind="stable").tolist()
    return rows


class _Typical:
    """Finds the row that stands for most of what nothing stands for yet."""

    def __init__(self, embeddings: np.ndarray, labelled: np.ndarray | None) -> None:
        import numpy as np

        count = len(embeddings)
        points = np.unique(np.linspace(0, count - 1, min(count, _MOST_POINTS)).round().astype(int))
        candidates = np.asarray(embeddings, np.float32)
        # Common to all patches is mostly the camera; what tells cloths apart is the rest.
        centre = candidates.mean(axis=0) if count > 1 else np.zeros(candidates.shape[1], np.float32)
        rows = _unit(candidates - centre)
        self._near = np.exp(SHARPNESS * (rows[points] @ rows.T - 1.0))
        self._covered = np.zeros(len(points), np.float32)
        if labelled is not None and len(labelled):
            others = _unit(np.asarray(labelled, np.float32) - centre)
            self._covered = np.exp(SHARPNESS * (rows[points] @ others.T - 1.0)).max(axis=1)

    def next(self, left: set[int]) -> int:
        import numpy as np

        rows = np.array(sorted(left))
        gain = np.maximum(self._near[:, rows] - self._covered[:, None], 0.0).sum(axis=0)
        return int(rows[int(gain.argmax())])

    def covered_by(self, row: int) -> None:
        import numpy as np

        self._covered = np.maximum(self._covered, self._near[:, row])


def _unit(rows: np.ndarray) -> np.ndarray:
    import numpy as np

    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: np.ndarray = rows / np.where(lengths > 0, lengths, 1.0)
    return scaled


def label_suspects(
    probabilities: np.ndarray, labels: Sequence[str], fabric_ids: Sequence[str], share: float = SUSPECT_SHARE
) -> list[int]:
    """Labels that look wrong, the most doubtful first: at most `share` of them, and only where another fabric is
    likelier.

    probabilities: (n, fabrics) of each patch by a head that was not trained on that patch, columns as `fabric_ids`;
    rows of NaN say nothing. labels: the fabric a person gave each. Source: the lowest self-confidence, as in Northcutt
    et al., JAIR 70 (2021).
    """
    import numpy as np

    column = {fabric: number for number, fabric in enumerate(fabric_ids)}
    own = np.array([column.get(label, -1) for label in labels], dtype=int)
    told = np.flatnonzero((own >= 0) & np.isfinite(probabilities).all(axis=1))
    doubtful = told[probabilities[told].argmax(axis=1) != own[told]]
    order = doubtful[np.argsort(probabilities[doubtful, own[doubtful]], kind="stable")]
    rows: list[int] = order[: int(share * len(labels) + 0.5)].tolist()
    return rows
