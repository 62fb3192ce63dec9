"""The queue asks first for what teaches most, and points at labels that are likely slips."""

from __future__ import annotations

import numpy as np

from fabric_desktop.encoders.base import unit_rows
from fabric_desktop.loop.ordering import BATCH, CAP, PLANNED, TYPICAL_UNTIL, label_suspects, order_queue


def groups(sizes: list[int], dim: int = 16, seed: int = 0, spread: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Rows around so many centres, and each row's centre."""
    chance = np.random.default_rng(seed)
    centres = np.eye(dim)[: len(sizes)]
    rows = np.vstack(
        [centre + spread * chance.normal(size=(size, dim)) for centre, size in zip(centres, sizes, strict=True)]
    )
    return unit_rows(rows), np.repeat(np.arange(len(sizes)), sizes)


def sharp(group: np.ndarray, fabrics: int, doubt: np.ndarray) -> np.ndarray:
    """Probabilities of the right group, less sure by `doubt`."""
    proba = np.full((len(group), fabrics), 0.0)
    proba[np.arange(len(group)), group] = 1 - doubt
    proba[np.arange(len(group)), (group + 1) % fabrics] = doubt
    return proba


def test_an_empty_queue_and_one_patch_are_no_trouble() -> None:
    assert order_queue(np.empty((0, 4))) == []
    assert order_queue(np.ones((1, 4)) / 2) == [0]
    assert sorted(order_queue(np.zeros((3, 4)))) == [0, 1, 2]


def test_every_patch_is_asked_about_once_also_in_a_long_queue() -> None:
    rows, group = groups([150, 90])
    proba = sharp(group, 2, np.linspace(0, 0.5, len(rows)))
    assert len(rows) > PLANNED
    assert sorted(order_queue(rows, proba)) == list(range(len(rows)))
    assert sorted(order_queue(rows)) == list(range(len(rows)))


def test_the_first_patches_are_one_of_each_kind_of_cloth_there_is() -> None:
    rows, group = groups([30, 20, 10, 10])
    assert set(group[order_queue(rows)[:4]]) == {0, 1, 2, 3}


def test_cloth_that_is_labelled_already_waits() -> None:
    rows, group = groups([20, 20, 20])
    labelled = rows[group != 2]
    assert group[order_queue(rows, None, labelled)[0]] == 2


def test_with_labels_enough_the_least_decided_come_first() -> None:
    rows, group = groups([30, 30, 30])
    doubt = np.full(len(rows), 0.01)
    doubt[[5, 40, 70]] = (0.48, 0.49, 0.47)
    labelled = np.tile(rows[:1], (TYPICAL_UNTIL, 1))
    first = order_queue(rows, sharp(group, 3, doubt), labelled)[:BATCH]
    assert {5, 40, 70} <= set(first)


def test_no_fabric_fills_a_batch() -> None:
    rows, group = groups([40, 40, 40])
    doubt = np.where(group == 1, 0.45, 0.05)
    labelled = np.tile(rows[:1], (TYPICAL_UNTIL, 1))
    first = order_queue(rows, sharp(group, 3, doubt), labelled)[:BATCH]
    # Three in ten are typical ones, of any fabric.
    assert np.count_nonzero(group[first] == 1) <= CAP + 2


def test_one_fabric_alone_is_asked_about_all_the_same() -> None:
    rows, group = groups([30])
    labelled = np.tile(rows[:1], (TYPICAL_UNTIL, 1))
    proba = np.hstack([np.full((30, 1), 0.7), np.full((30, 1), 0.3)])
    assert sorted(order_queue(rows, proba, labelled)) == list(range(30))


def test_the_order_is_the_same_each_time() -> None:
    rows, group = groups([25, 25, 25])
    proba = sharp(group, 3, np.random.default_rng(1).uniform(0, 0.5, len(rows)))
    assert order_queue(rows, proba, rows[:5]) == order_queue(rows.copy(), proba.copy(), rows[:5].copy())


def test_the_least_likely_labels_are_listed_and_no_more_than_one_in_twenty() -> None:
    proba = np.full((100, 2), 0.5)
    proba[:, 0], proba[:, 1] = 0.9, 0.1
    labels = ["a"] * 100
    for place, likely in ((3, 0.2), (50, 0.01), (77, 0.1), (80, 0.3), (81, 0.4), (82, 0.45), (83, 0.49)):
        proba[place] = (likely, 1 - likely)
    assert label_suspects(proba, labels, ["a", "b"]) == [50, 77, 3, 80, 81]


def test_labels_that_fit_are_never_listed_nor_those_nothing_is_known_of() -> None:
    proba = np.array([[0.6, 0.4], [0.51, 0.49], [np.nan, np.nan], [0.1, 0.9]] * 10)
    labels = ["a", "a", "a", "z"] * 10
    assert label_suspects(proba, labels, ["a", "b"], share=1.0) == []
