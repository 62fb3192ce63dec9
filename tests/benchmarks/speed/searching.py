"""Searching a bank: one query against one matrix-vector product of the same size, and many queries at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.benchmarks.speed.frame import Options, Row, against_plain, interleaved

DIM = 1248  # of the built-in encoder
SIZES = ((5_000, 300), (100_000, 2_000))
QUERIES = 64


def search(options: Options) -> Iterator[Row]:
    """Best reference of each fabric, and the nearest references."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    from tests.benchmarks.speed.drawn import random_bank

    with threadpool_limits(limits=1):
        for references, fabrics in SIZES:
            bank = random_bank(references, fabrics, DIM)
            queries = random_bank(QUERIES, 1, DIM, seed=1).embeddings
            query = np.ascontiguousarray(queries[0])
            turns = interleaved(
                lambda b=bank, q=query: b.best_by_fabric(q[None]), lambda b=bank, q=query: b.embeddings @ q, runs=41
            )
            yield against_plain(
                f"search {references:,} references", "<= 1.3 x one product", turns, at_most=1.3, threads="1"
            )


MEASURES: dict[str, Callable[[Options], Iterator[Row]]] = {"search": search}
