"""The rows whose protocols are benchmarks of their own: rules alone (`looks`), labels and suspects (`loop`)."""

from __future__ import annotations

import numpy as np

from tests.benchmarks import looks, loop
from tests.benchmarks.recognition.photos import Photos
from tests.benchmarks.recognition.rows import Figure, Row, Rows, interval

SEEDS = 12
GOALS_AT = {20: 0.05}


def rules(photos: Photos) -> Rows:
    """Top-1 and Top-5 of the rules on the kinds that the mapping file names, in colour and all grey."""
    pictures = [looks.Photo(photo.path, photo.kind, photo.sample) for photo in photos.photographs]
    results = looks.rules_alone(pictures, photos.grey_kinds)
    if not results:
        yield Row("rules only", note="cannot be formed: the mapping file names none of the types")
    for name, result in results.items():
        if result["classes"] < 2:
            yield Row(f"rules only, {name}", note="cannot be formed: one type")
            continue
        in_colour = "colour" in name
        goal = (3 * result["chance"] if name.startswith("shipped") else 0.55) if in_colour else None
        low, high = result["interval"]
        note = f"{result['classes']} types, chance {result['chance']:.2f}"
        yield Row(f"rules only, {name}", "Top-1", None, Figure(result["top1"], low, high), goal, note=note)
        if result["classes"] > 5:
            yield Row(f"rules only, {name}", "Top-5", None, Figure(result["top5"]))


def labels(photos: Photos) -> Rows:
    """Accuracy after so many labels, in the program's order and at random, and suspects among swapped labels."""
    rows = photos.named
    photographs = [photos.photographs[row] for row in rows]
    kinds = {str(kind) for kind in photos.kinds[rows]}
    several = [kind for kind in kinds if len(set(photos.samples[rows][photos.kinds[rows] == kind])) > 1]
    if len(several) < 2:
        yield Row("labels needed", note="cannot be formed: no two types with two samples each")
    else:
        months = [loop.month(photos.ours[rows], photographs, seed, days=10) for seed in range(SEEDS)]
        for mark in loop.MARKS:
            told = [one for one in months if mark in one.queue_at]
            if not told:
                yield Row(f"labels needed, {mark} labels", note=f"cannot be formed: {months[0].pool} photos to label")
                continue
            queue = np.array([one.queue_at[mark] for one in told])
            chance = np.array([one.random_at[mark] for one in told])
            name = f"labels needed, {mark} labels"
            yield Row(name, "balanced", interval(chance), interval(queue), note="textbook: at random; over seeds")
            yield Row("  the program's order gains", "points / 100", None, interval(queue - chance), GOALS_AT.get(mark))
    for name, own, named in (
        ("types", rows, photos.kinds),
        ("samples", np.flatnonzero(np.isin(photos.samples, _many(photos))), photos.samples),
    ):
        if len(set(named[own])) < 2:
            yield Row(f"label suspects, {name}", note="cannot be formed")
            continue
        found = np.array([loop.suspects(photos.ours[own], named[own], seed) for seed in range(SEEDS)])
        note = f"a random list: {loop.SWAPPED:.2f}; over seeds"
        yield Row(f"label suspects, {name}", "truly wrong", Figure(loop.SWAPPED), interval(found), 0.7, note=note)


def _many(photos: Photos) -> list[str]:
    names, counts = np.unique(photos.samples, return_counts=True)
    return [str(name) for name in names[counts >= loop.ENOUGH_PHOTOS]]
