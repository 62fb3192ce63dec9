"""A bank in memory: the references' embeddings, where each comes from, and the nearest of them to a query.

Files and building are in `bank`; what the nearest say beyond the plain cosine is in `fitted`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fabric_desktop.one_thread import one_thread

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """Where one row of a bank comes from. `photo` is relative to the studio; `source` is the hash of the photograph
    it was cut from (its own content hash when it was not cut); `swatch_id` names the physical piece."""

    fabric_id: str
    photo: str
    content_hash: str
    source: str
    swatch_id: str


@dataclass(frozen=True, slots=True)
class Match:
    """A reference with its cosine similarity to a patch, -1..1."""

    fabric_id: str
    photo: str
    similarity: float
    swatch_id: str


@dataclass(frozen=True)
class Bank:
    """The references' embeddings: `embeddings` (n_images, dim) float32 with L2-normalised rows, described by `rows`.

    Rows of one fabric stand together, fabrics sorted by id. `looks` (n_images, 18): the numbers of each reference's
    look (`rules.look_numbers`); None in a bank made before they were kept, or when they were measured otherwise.
    """

    embeddings: np.ndarray
    rows: tuple[ReferenceRow, ...]
    fingerprint: str
    encoder_id: str
    looks: np.ndarray | None = None

    @cached_property
    def fabric_ids(self) -> tuple[str, ...]:
        """The fabrics, sorted."""
        return tuple(sorted({row.fabric_id for row in self.rows}))

    @cached_property
    def fabric_index(self) -> np.ndarray:
        """(n_images,) int: position in `fabric_ids` of each row's fabric."""
        import numpy as np

        position = {fabric: index for index, fabric in enumerate(self.fabric_ids)}
        return np.array([position[row.fabric_id] for row in self.rows], dtype=np.intp)

    @cached_property
    def starts(self) -> np.ndarray:
        """(n_fabrics,) int: the first row of each fabric."""
        import numpy as np

        return np.flatnonzero(np.diff(self.fabric_index, prepend=-1))

    @cached_property
    def _rows_of(self) -> dict[str, slice]:
        ends = [*self.starts.tolist(), len(self.rows)]
        return {fabric: slice(*ends[i : i + 2]) for i, fabric in enumerate(self.fabric_ids)}

    def cosines(self, queries: np.ndarray) -> np.ndarray:
        """(q, n_images) float32 cosines of queries (q, dim) with rows of length 1 to every reference."""
        result: np.ndarray = queries @ self.embeddings.T
        return result

    def best_of(self, cosines: np.ndarray) -> np.ndarray:
        """(q, n_fabrics) the highest of `cosines` (q, n_images) of each fabric."""
        import numpy as np

        if not len(self.starts):
            return np.empty((len(cosines), 0), np.float32)
        best: np.ndarray = np.maximum.reduceat(cosines, self.starts, axis=1)
        return best

    def best_by_fabric(self, queries: np.ndarray) -> np.ndarray:
        """(q, n_fabrics) the highest cosine between each query (q, dim) and a reference of each fabric."""
        with one_thread():
            return self.best_of(self.cosines(queries))

    def matches(self, query: np.ndarray, count: int, fabric_id: str | None = None) -> tuple[Match, ...]:
        """The `count` references nearest to a query (dim,), best first; of one fabric if it is given."""
        import numpy as np

        own = slice(0, len(self.rows)) if fabric_id is None else self._rows_of.get(fabric_id, slice(0, 0))
        with one_thread():
            cosines = self.embeddings[own] @ query
        near = np.arange(len(cosines))
        if len(cosines) > 2 * count > 0:
            # Only those that can be among the first: sorting 100,000 takes a third of the time of comparing them.
            near = np.flatnonzero(cosines >= np.partition(cosines, -count)[-count])
        best = near[np.argsort(-cosines[near], kind="stable")[:count]].tolist()
        nearest = [(self.rows[own.start + i], float(cosines[i])) for i in best]
        return tuple(Match(row.fabric_id, row.photo, cosine, row.swatch_id) for row, cosine in nearest)

    def without(self, sources: frozenset[str]) -> Bank:
        """The bank less the references that are, or were cut from, one of these photographs (content hashes)."""
        if not sources:
            return self
        keep = [i for i, row in enumerate(self.rows) if row.source not in sources and row.content_hash not in sources]
        if len(keep) == len(self.rows):
            return self
        looks = None if self.looks is None else self.looks[keep]
        rows = tuple(self.rows[i] for i in keep)
        return Bank(self.embeddings[keep], rows, self.fingerprint, self.encoder_id, looks)
