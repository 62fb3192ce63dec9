"""New labels that contradict the earlier ones: cloth that looks as a fabric usually does here, labelled as another.

Only asks for a second look; a label is a person's and is never changed here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.bank import Bank
from fabric_desktop.labels import LabeledPatch
from fabric_desktop.loop.known import Known

if TYPE_CHECKING:
    import numpy as np

# So many, and so large a share of the new labels, put a new model in doubt. Hard patches, which the review queue is
# full of, contradict now and then; a folder labelled wrongly does so mostly. `python -m tests.benchmarks.loop` prints
# how often there is an alarm for either.
ALARM_COUNT, ALARM_SHARE = 5, 0.4
# "As near as cloth of one fabric usually is": three in four of the nearest neighbours within one fabric are nearer.
_USUAL = 0.25
_BLOCK = 1024


@dataclass(frozen=True)
class Named:
    """Patches or references with their fabrics: `rows` (n, dim) of length 1, and for each row the fabric and the
    photograph it was cut from (which says nothing about its other patches)."""

    rows: np.ndarray
    fabrics: Sequence[str]
    sources: Sequence[str]


def contradicting_labels(
    patches: Sequence[LabeledPatch], embeddings: Mapping[Path, np.ndarray], known: Known, bank: Bank | None
) -> tuple[int, tuple[LabeledPatch, ...]]:
    """How many labels are new to a model and could be compared, and which of them contradict.

    Trusted are the references in `bank` and the patches whose label the model knew. embeddings: path -> (dim,). The
    very same picture under two names contradicts whatever it looks like.
    """
    import numpy as np

    names = defaultdict(set)
    for patch in patches:
        names[patch.content_hash].add(patch.fabric_id)
    twice = {patch.path for patch in patches if known.is_new(patch) and len(names[patch.content_hash]) > 1}
    at_hand = [patch for patch in patches if patch.path in embeddings]
    trusted = [patch for patch in at_hand if not known.is_new(patch)]
    references = () if bank is None else bank.rows
    fabrics = [patch.fabric_id for patch in trusted] + [row.fabric_id for row in references]
    new = [patch for patch in at_hand if known.is_new(patch) and patch.fabric_id in set(fabrics)]
    if not new or len(set(fabrics)) < 2:
        return len(twice), tuple(patch for patch in patches if patch.path in twice)
    rows = [embeddings[patch.path] for patch in trusted] + ([] if bank is None else list(bank.embeddings))
    sources = [patch.source for patch in trusted] + [row.source for row in references]
    asked = Named(
        np.stack([embeddings[patch.path] for patch in new]),
        [patch.fabric_id for patch in new],
        [patch.source for patch in new],
    )
    found = contradictions(asked, Named(np.stack(rows), fabrics, sources))
    contradicting = twice | {patch.path for patch, contradicts in zip(new, found, strict=True) if contradicts}
    compared = twice | {patch.path for patch in new}
    return len(compared), tuple(patch for patch in patches if patch.path in contradicting)


def contradictions(new: Named, trusted: Named) -> list[bool]:
    """For each new label, whether it contradicts the trusted ones.

    It does where the nearest trusted neighbour is of another fabric and is as near as the nearest neighbours within
    one fabric usually are. The caller leaves out fabrics that none of the trusted has.
    """
    import numpy as np

    named, cut = np.array(trusted.fabrics), np.array(trusted.sources)
    inside = _nearest_inside(trusted.rows, named, cut)
    if not len(inside):
        return [False] * len(new.fabrics)
    near_enough = float(np.quantile(inside, _USUAL))
    found = []
    for row, fabric, source in zip(new.rows, new.fabrics, new.sources, strict=True):
        cosines = np.where(cut == source, -np.inf, trusted.rows @ row)
        nearest = int(cosines.argmax())
        found.append(bool(named[nearest] != fabric and cosines[nearest] >= near_enough))
    return found


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
