"""The protocols that need nothing but the photographs: same cloth, new samples, new sources, confidence, unknown."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fabric_desktop.evaluation.calibration import expected_calibration_error
from tests.benchmarks.photographs import UNNAMED
from tests.benchmarks.recognition.methods import (
    OURS,
    TEXTBOOK,
    Answers,
    Ranker,
    Split,
    ask,
    our_retrieval,
    ridge_alone,
    textbook_retrieval,
)
from tests.benchmarks.recognition.photos import Photos, in_grey, new_samples, same_cloth, single_swatches, some_single
from tests.benchmarks.recognition.rows import Figure, Row, Rows, by_sample, gain, interval, over

ENOUGH_ANSWERS = 200  # for a calibration error
ENOUGH_SURE = 50  # for how often it is right where it is sure
# A few samples can be dealt to folds in few ways: one collection's figure is the mean over more deals.
DEALS = 16
# Five draws of references differ by more from one another than what is worked at: these show by how much.
FURTHER_DRAWS = range(100, 120)
UNKNOWN_SEEDS = 8
SINGLE_DRAWS = 10
SMALL_LIBRARIES = ((2, 4), (5, 1), (5, 4), (10, 3))  # fabrics, references each
SMALL_DRAWS = 40
HEADS = ("retrieval", "with a head")
Both = dict[str, tuple[list[Answers], list[Answers]]]
"""Method -> answers of the textbook's and of ours."""


def both(photos: Photos, splits: list[Split], labels: np.ndarray, pieces: np.ndarray) -> Both:
    """Retrieval alone and with a head, the textbook's and ours, on the same splits."""

    def answers(rows: np.ndarray, ranker: Ranker) -> list[Answers]:
        return [ask(rows, split, labels, pieces, photos.samples, ranker) for split in splits]

    return {way: (answers(photos.textbook, TEXTBOOK[way]), answers(photos.ours, OURS[way])) for way in HEADS}


def accuracy(protocol: str, found: Both, goals: Mapping[tuple[str, int], float] = {}) -> Rows:  # noqa: B006
    """Top-1, and Top-5 where more than five kinds are told apart; goals by method and by how many come first."""
    for way, (textbook, ours) in found.items():
        for within in (1, 5):
            theirs, mine = by_sample(textbook, within), by_sample(ours, within)
            if within == 1 or min(over(theirs).mean, over(mine).mean) < 1.0:
                goal = goals.get((way, within))
                yield Row(f"{protocol}, {way}", f"Top-{within}", over(theirs), over(mine), goal)


def same(photos: Photos) -> Rows:
    """The same cloth in a new photo: every physical sample a fabric, some of its photos known."""
    for each in (4, 8):
        name = f"same cloth, {each} references"
        rows = photos.dense(each + 2)
        if len(set(photos.samples[rows])) < 2:
            yield Row(name, note=f"cannot be formed: no two samples with {each + 2} photos in one collection")
            continue
        splits = list(same_cloth(photos.samples, rows, each))
        found = both(photos, splits, photos.samples, photos.each_photo)
        goals = {
            4: {HEADS[0]: (0.94, 0.985), HEADS[1]: (0.955, 0.99)},
            8: {HEADS[0]: (0.985, None), HEADS[1]: (0.985, None)},
        }[each]
        named = {
            (way, within): goal
            for way, pair in goals.items()
            for within, goal in zip((1, 5), pair, strict=True)
            if goal is not None
        }
        yield from accuracy(name, found, named)
        if each == 4:
            yield from confidence("confidence, same cloth", found)
            further = list(same_cloth(photos.samples, rows, each, FURTHER_DRAWS))
            yield from accuracy(
                f"  {len(further)} further draws", both(photos, further, photos.samples, photos.each_photo)
            )


def types(photos: Photos) -> Rows:
    """New samples of known kinds: whole samples left out."""
    rows = photos.named
    splits = new_samples(photos.kinds, photos.samples, rows)
    if not splits:
        yield Row("new sample of a type", note="cannot be formed: no two types with two samples each")
        return
    found = both(photos, splits, photos.kinds, photos.samples)
    yield from accuracy("new sample of a type", found)
    for way, (textbook, ours) in found.items():
        difference = gain(by_sample(ours, 1), by_sample(textbook, 1))
        yield Row(f"  gain over the textbook, {way}", "Top-1", None, difference, 0.08)
    yield from confidence("confidence, new sample of a type", found)
    single = both(
        photos, single_swatches(photos.kinds, photos.samples, rows, SINGLE_DRAWS), photos.kinds, photos.samples
    )
    single.pop(HEADS[1])
    yield from accuracy("one swatch a type", single)
    uncalibrated = "no swatch can be left out: shown as not calibrated"
    yield from confidence("confidence, one swatch a type", single, goals=False, note=uncalibrated)
    halves = some_single(photos.kinds, photos.samples, rows, SINGLE_DRAWS)
    mixed = both(photos, halves, photos.kinds, photos.samples)
    mixed.pop(HEADS[1])
    yield from accuracy("one swatch of half the types", mixed)
    for name, splits_of in (("one swatch of half the types", halves), ("new sample of a type", splits)):
        alone = [ask(photos.ours, one, photos.kinds, photos.samples, photos.samples, ridge_alone) for one in splits_of]
        for within in (1, 5):
            note = "ours without the discriminant"
            yield Row(f"  {name}, ridge", f"Top-{within}", None, over(by_sample(alone, within)), note=note)
    yield from confidence("confidence, one swatch of half", mixed, goals=False, note="as most libraries begin")
    for place in sorted(set(photos.places[rows])):
        own = rows[photos.places[rows] == place]
        deals = new_samples(photos.kinds, photos.samples, own, DEALS)
        if deals and len(set(photos.places[rows])) > 1:
            yield from accuracy(f"  {place}", both(photos, deals, photos.kinds, photos.samples))
    if photos.grey_kinds:
        grey = in_grey(photos)
        every = np.flatnonzero(photos.kinds != UNNAMED)
        deals = new_samples(photos.kinds, photos.samples, every)
        note = f"every photo turned grey, so that {', '.join(sorted(photos.grey_kinds))} may take part"
        for row in accuracy("  all in grey", both(grey, deals, photos.kinds, photos.samples)):
            yield Row(row.protocol, row.measure, row.textbook, row.ours, note=note)


def sources(photos: Photos) -> Rows:
    """Types learned in one collection, asked in the others: of denim and corduroy, and of any types they share."""
    pairs = {"new source, denim and corduroy": ["denim", "corduroy"], "new source, any shared types": None}
    for name, wanted in pairs.items():
        rows = photos.named if wanted is None else photos.named[np.isin(photos.kinds[photos.named], wanted)]
        splits = []
        for place in sorted(set(photos.places[rows])):
            here = photos.places[rows] == place
            shared = set(photos.kinds[rows[here]]) & set(photos.kinds[rows[~here]])
            if len(shared) > 1:
                use = rows[np.isin(photos.kinds[rows], list(shared))]
                inside = photos.places[use] == place
                splits.append(Split(use[inside], use[~inside]))
        if not splits:
            yield Row(name, note="cannot be formed: no collection shares two types with the others")
            continue
        found = both(photos, splits, photos.kinds, photos.samples)
        yield from accuracy(name, found)
        for way, (textbook, ours) in found.items():
            difference = gain(by_sample(ours, 1), by_sample(textbook, 1))
            asked = len(by_sample(ours, 1))
            yield Row(
                f"  gain over the textbook, {way}",
                "Top-1",
                None,
                difference,
                0.10 if wanted is not None else None,
                note=f"{asked} samples asked",
            )
        yield from confidence("  how sure there", {HEADS[0]: found[HEADS[0]]}, goals=False)


def confidence(protocol: str, found: Both, *, goals: bool = True, note: str = "") -> Rows:
    """Calibration error of the figure shown, and how often it is right where it says over 0.5 and over 0.9."""
    for way, pair in found.items():
        shown = [np.concatenate([part.confidence for part in answers]) for answers in pair]
        right = [np.concatenate([part.place == 0 for part in answers]) for answers in pair]
        name = f"{protocol}, {way}"
        if len(shown[0]) < ENOUGH_ANSWERS:
            yield Row(name, "ECE", note=f"{len(shown[0])} answers: fewer than the {ENOUGH_ANSWERS} that a figure needs")
        else:
            errors = [
                Figure(expected_calibration_error(sure.tolist(), hit.tolist()))
                for sure, hit in zip(shown, right, strict=True)
            ]
            yield Row(name, "ECE", errors[0], errors[1], 0.05 if goals else None, True, note)
        for bound in (0.5, 0.9):
            sure = [one > bound for one in shown]
            figures = [
                Figure(float(hit[one].mean())) if one.sum() >= ENOUGH_SURE else None
                for one, hit in zip(sure, right, strict=True)
            ]
            said = f"said of {sure[1].mean():.2f} of the answers (textbook {sure[0].mean():.2f})"
            if figures[1] is None:
                said = f"{sure[1].sum()} answers: fewer than the {ENOUGH_SURE} that a figure needs"
            goal = 0.95 if goals and bound == 0.9 else None
            yield Row(name, f"right over {bound}", figures[0], figures[1], goal, note=said)


def unknown(photos: Photos) -> Rows:
    """A third of the cloths left out of the library, four references of each of the others."""
    rows = photos.dense(6)
    if len(set(photos.samples[rows])) < 9:
        yield Row("unknown cloth", note="cannot be formed: under nine samples with six photos in one collection")
        return
    figures: dict[str, list[tuple[float, float]]] = {"textbook": [], "ours": []}
    told: list[tuple[float, float]] = []
    for seed in range(UNKNOWN_SEEDS):
        draw = np.random.default_rng(500 + seed)
        order = draw.permutation(sorted(set(photos.samples[rows])))
        inside = set(order[: 2 * len(order) // 3])
        known, asked, strange = [], [], []
        for sample in order:
            own = draw.permutation(rows[photos.samples[rows] == sample])
            if sample in inside:
                known += own[:4].tolist()
                asked += own[4:].tolist()
            else:
                strange += own[4:].tolist()
        split = Split(np.array(known), np.array(asked + strange))
        for name, embedded, ranker in (
            ("textbook", photos.textbook, textbook_retrieval),
            ("ours", photos.ours, our_retrieval),
        ):
            answers = ask(embedded, split, photos.samples, photos.each_photo, photos.samples, ranker)
            a, b = answers.closeness[: len(asked)], answers.closeness[len(asked) :]
            figures[name].append((auroc(a, b), float((b < np.quantile(a, 0.05)).mean())))
            if name == "ours":
                told.append((float((a < answers.below).mean()), float((b < answers.below).mean())))
    for place, measure, goal in ((0, "AUROC", 0.92), (1, "caught at 5 %", None)):
        theirs, ours = (interval(np.array([one[place] for one in figures[name]])) for name in ("textbook", "ours"))
        yield Row("unknown cloth, a third left out", measure, theirs, ours, goal, note="interval over draws")
    shown = [interval(np.array(values)) for values in zip(*told, strict=True)]
    yield Row("  as the program says it", "false alarms", None, shown[0])
    yield Row("  as the program says it", "caught", None, shown[1])
    yield from _small_libraries(photos, rows)


def _small_libraries(photos: Photos, rows: np.ndarray) -> Rows:
    """What a studio is told that has just begun: a few cloths of one collection known, by one to four references each;
    asked are new photos of them, and as many of its other cloths."""
    for fabrics, each in SMALL_LIBRARIES:
        told = []
        for seed in range(SMALL_DRAWS):
            draw = np.random.default_rng(1200 + seed)
            place = draw.choice(sorted(set(photos.places[rows])))
            own = rows[photos.places[rows] == place]
            order = draw.permutation(sorted(set(photos.samples[own])))
            if len(order) < 2 * fabrics:
                continue
            known: list[int] = []
            asked: list[int] = []
            for sample in order[:fabrics]:
                turned = draw.permutation(own[photos.samples[own] == sample])
                known += turned[:each].tolist()
                asked += turned[each:].tolist()
            others = draw.permutation(own[np.isin(photos.samples[own], order[fabrics:])])[: len(asked)]
            split = Split(np.array(known), np.concatenate([asked, others]))
            answers = ask(photos.ours, split, photos.samples, photos.each_photo, photos.samples, our_retrieval)
            below = answers.closeness < answers.below
            told.append((float(below[: len(asked)].mean()), float(below[len(asked) :].mean())))
        if told:
            alarms, caught = (interval(np.array(values)) for values in zip(*told, strict=True))
            yield Row(f"  {fabrics} fabrics, {each} references each", "false alarms", None, alarms)
            yield Row(f"  {fabrics} fabrics, {each} references each", "caught", None, caught)


def auroc(known: np.ndarray, strange: np.ndarray) -> float:
    """Chance that a known cloth is closer than a strange one."""
    order = np.concatenate([known, strange]).argsort().argsort() + 1.0
    n, m = len(known), len(strange)
    return float((order[:n].sum() - n * (n + 1) / 2) / (n * m))
