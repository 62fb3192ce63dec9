"""Training a head on 600 labels of 30 fabrics, with grouped folds, and what reading the labels adds to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from tests.benchmarks.speed import drawn
from tests.benchmarks.speed.frame import Figure, Options, Row, interleaved, peak_mb, repeated
from tests.benchmarks.speed.recognising import DIM

LABELS, FABRICS, PIECES = 600, 30, 4


def train(options: Options) -> Iterator[Row]:
    """The fit and five folds on embeddings; then all of `train_head` with embeddings that are known."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    from fabric_desktop.head import calibrated, cross_validate, fit_head
    from fabric_desktop.jobs import JobContext

    bank = drawn.random_bank(LABELS, FABRICS, DIM)
    labels = [row.fabric_id for row in bank.rows]
    swatches = [f"{label} {number % PIECES}" for number, label in enumerate(labels)]

    def ours() -> None:
        head = fit_head(bank.embeddings, labels)
        out_of_fold = cross_validate(bank.embeddings, labels, swatches, head.fabric_ids, JobContext())
        calibrated(head, out_of_fold, labels, swatches)

    def plain() -> None:
        names, groups = np.array(labels), np.array(swatches)
        LogisticRegression(max_iter=1000).fit(bank.embeddings, names)
        for known, asked in GroupKFold(PIECES).split(bank.embeddings, names, groups):
            LogisticRegression(max_iter=1000).fit(bank.embeddings[known], names[known]).predict_proba(
                bank.embeddings[asked]
            )

    turns = interleaved(ours, plain, runs=5)
    figure = Figure.of(turns.ours)
    yield Row(
        f"training on {LABELS} labels, {FABRICS} fabrics, grouped folds",
        "< 1.5 s",
        "s",
        figure,
        Figure.of(turns.plain),
        Figure.of(turns.ratios),
        figure.value < 1.5,
        peak_mb(),
        "1, plain all",
        "on embeddings that are known; plain way: scikit-learn as it comes (C = 1), the same number of folds",
    )
    yield _whole(options)


def _whole(options: Options) -> Row:
    from fabric_desktop.encoders.dummy import DummyEncoder
    from fabric_desktop.head import train_head
    from fabric_desktop.jobs import JobContext
    from fabric_desktop.studio import open_studio
    from tests.support import cloth, save_photo

    studio = open_studio(options.folder / "studio", create=True)
    for number in range(LABELS):
        fabric = drawn.fabric_name(number % FABRICS)
        path = studio.labeled_dir / fabric / f"patch {number:03}.png"
        save_photo(path, cloth(fabric, number // FABRICS % PIECES, number, side=224))
        record = {"swatch_id": f"{fabric} {number // FABRICS % PIECES}", "coords": [100, 100]}
        path.with_suffix(".json").write_text(json.dumps(record), encoding="utf-8")
    encoder = DummyEncoder()
    figure = Figure.of(repeated(lambda: train_head(studio, encoder, JobContext()), runs=3, warm=1))
    return Row(
        "  all of it: labels read, trained, a version kept and put in use",
        "",
        "s",
        figure,
        peak_mb=peak_mb(),
        threads="1",
        note=f"embeddings known; drawn patches of 224 px seen by the dummy encoder, {encoder.dim} numbers each",
    )


MEASURES: dict[str, Callable[[Options], Iterator[Row]]] = {"train": train}
