"""Searching a bank: one query against one matrix-vector product of the same size, many queries as one product, and the
plain way's loop over the references."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tests.benchmarks.speed import baseline, drawn
from tests.benchmarks.speed.frame import Options, Row, against_plain, interleaved
from tests.benchmarks.speed.recognising import DIM

if TYPE_CHECKING:
    import numpy as np

    from fabric_desktop.references import Bank

SIZES = ((5_000, 300), (100_000, 2_000))
QUERIES = 64
GOAL = 1.3


def search(options: Options) -> Iterator[Row]:
    """Best reference of each fabric, nearest references, all that the references say; then many queries, and a loop."""
    import numpy as np

    from fabric_desktop.fitted import fit_on
    from fabric_desktop.one_thread import one_thread

    with one_thread():
        for references, fabrics in SIZES:
            bank = drawn.random_bank(references, fabrics, DIM)
            queries = np.ascontiguousarray(drawn.random_bank(QUERIES, 1, DIM, seed=1).embeddings)
            query, fitted, runs = queries[0], fit_on(bank), 41

            def product(points: np.ndarray = bank.embeddings, query: np.ndarray = query) -> np.ndarray:
                found: np.ndarray = points @ query
                return found

            for what, function in (
                ("the best of each fabric", lambda b=bank, q=query: b.best_by_fabric(q[None])),
                ("the five nearest", lambda b=bank, q=query: b.matches(q, 5)),
                ("cosines, probabilities, closeness", lambda f=fitted, q=query: f.say(q)),
            ):
                turns = interleaved(function, product, runs=runs)
                yield against_plain(
                    f"search {references:,} references: {what}",
                    f"<= {GOAL} x one product",
                    turns,
                    at_most=GOAL,
                    threads="1",
                )

            def one_by_one(bank: Bank = bank, queries: np.ndarray = queries) -> None:
                for row in queries:
                    bank.best_by_fabric(row[None])

            turns = interleaved(lambda b=bank, q=queries: b.best_by_fabric(q), one_by_one, runs=5)
            yield against_plain(
                f"search {references:,} references: {QUERIES} queries as one product",
                "< 1 x one by one",
                turns,
                at_most=1.0,
                threads="1",
                note="plain way here: the same queries one after another",
            )
        small = drawn.random_bank(*SIZES[0], DIM)
        query = queries[0]
        path = options.folder / "plain.npz"
        arrays = {f: small.embeddings[small.fabric_index == i] for i, f in enumerate(small.fabric_ids)}
        baseline.write_bank(path, arrays)
        yield against_plain(
            f"search {SIZES[0][0]:,} references beside the plain way",
            "",
            interleaved(lambda: small.best_by_fabric(query[None]), lambda: baseline.rank(query, path), runs=11),
            threads="1",
            note="plain way: the bank file is read, and the references are gone through in a Python loop",
        )


MEASURES: dict[str, Callable[[Options], Iterator[Row]]] = {"search": search}
