"""New labels that contradict the earlier ones: cloth that looks as a fabric usually does here, labelled as another.

Only asks for a second look; a label is a person's and is never changed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.bank import Bank
from fabric_desktop.labels import LabeledPatch
from fabric_desktop.loop.known import Known

if TYPE_CHECKING:
    import numpy as np

# So many, and so large a share of the new labels, put a new model in doubt. Hard patches, which the review queue is
# full of, contradict now and then; a folder labelled wrongly does so nearly always.
ALARM_COUNT, ALARM_SHARE = 5, 0.25
_BLOCK = 1024


def contradicting_labels(
    patches: Sequence[LabeledPatch], embeddings: Mapping[Path, np.ndarray], known: Known, bank: Bank | None
) -> tuple[int, tuple[LabeledPatch, ...]]:
    """How many labels are new to a model and could be compared, and which of them contradict.

    Trusted are the references in `bank` and the patches whose label the model knew. A new label contradicts where the
    nearest trusted neighbour is of another fabric, though the label's own fabric is among the trusted ones, and is as
    near as the nearest neighbours within one fabric usually are (their median cosine). embeddings: path -> (dim,).
    """
    import numpy as np

    at_hand = [patch for patch in patches if patch.path in embeddings]
    trusted = [patch for patch in at_hand if not known.is_new(patch)]
    new = [patch for patch in at_hand if known.is_new(patch)]
    rows = [embeddings[patch.path] for patch in trusted] + ([] if bank is None else list(bank.embeddings))
    fabrics = [patch.fabric_id for patch in trusted] + ([] if bank is None else [row.fabric_id for row in bank.rows])
    sources = [patch.source for patch in trusted] + ([] if bank is None else [row.source for row in bank.rows])
    if not new or len(set(fabrics)) < 2:
        return 0, ()
    matrix, named, cut = np.stack(rows), np.array(fabrics), np.array(sources)
    usual = _nearest_inside(matrix, named, cut)
    if not len(usual):
        return 0, ()
    near_enough = float(np.median(usual))
    compared = [patch for patch in new if patch.fabric_id in set(fabrics)]
    found = []
    for patch in compared:
        cosines = np.where(cut == patch.source, -np.inf, matrix @ embeddings[patch.path])
        nearest = int(cosines.argmax())
        if named[nearest] != patch.fabric_id and cosines[nearest] >= near_enough:
            found.append(patch)
    return len(compared), tuple(found)


def _nearest_inside(matrix: np.ndarray, fabrics: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Cosine of each row's nearest neighbour of the same fabric from another photograph, where there is one."""
    import numpy as np

    found = []
    for start in range(0, len(matrix), _BLOCK):
        block = slice(start, start + _BLOCK)
        cosines = matrix[block] @ matrix.T
        others = (fabrics[block, None] != fabrics[None, :]) | (sources[block, None] == sources[None, :])
        found.append(np.where(others, -np.inf, cosines).max(axis=1))
    nearest: np.ndarray = np.concatenate(found)
    usual: np.ndarray = nearest[np.isfinite(nearest)]
    return usual


def alarming(compared: int, contradicting: int) -> bool:
    """Whether so many new labels contradict that a model made of them should not be put in use unseen."""
    return contradicting >= ALARM_COUNT and contradicting >= ALARM_SHARE * compared
