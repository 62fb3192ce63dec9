"""The methods that are compared, each as a function from known and asked embeddings to scores and confidences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fabric_desktop.classifier.like_with_like import fit_like_with_like
from fabric_desktop.classifier.ridge import fit
from fabric_desktop.evidence import HEAD_SHARE
from fabric_desktop.head import calibrated, cross_validate, fit_head
from fabric_desktop.jobs import JobContext


@dataclass(frozen=True)
class Split:
    """Rows to know and rows to ask."""

    known: np.ndarray
    asked: np.ndarray


@dataclass(frozen=True)
class Answers:
    """Answers to the rows asked: place of the right label (-1: not known), confidence of the first, closeness to the
    library and the bound under which it is called unknown, and the physical sample of each row."""

    place: np.ndarray
    confidence: np.ndarray
    closeness: np.ndarray
    below: float
    samples: np.ndarray


Ranked = tuple[np.ndarray, np.ndarray, np.ndarray, float]
"""Scores, confidences, how close each row is to the library, and the closeness below which it is called unknown."""

Ranker = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int], Ranked]
"""Known rows, their labels and pieces as numbers, rows asked, how many labels."""


def textbook_retrieval(
    known: np.ndarray, labels: np.ndarray, pieces: np.ndarray, asked: np.ndarray, count: int
) -> Ranked:
    """Highest cosine to a reference, shown as if it were a confidence."""
    cosines = asked @ known.T
    scores = np.stack([cosines[:, labels == fabric].max(axis=1) for fabric in range(count)], axis=1)
    return scores, scores, scores.max(axis=1), -1.0


def textbook_head(known: np.ndarray, labels: np.ndarray, pieces: np.ndarray, asked: np.ndarray, count: int) -> Ranked:
    """LogisticRegression with C = 1."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        model = LogisticRegression(C=1.0, max_iter=1000).fit(known, labels)
    proba = model.predict_proba(asked)
    return proba, proba, proba.max(axis=1), -1.0


def our_retrieval(known: np.ndarray, labels: np.ndarray, pieces: np.ndarray, asked: np.ndarray, count: int) -> Ranked:
    """The classifier on the bank."""
    classifier = fit(known, labels, pieces, count)
    probabilities, closeness = classifier.ask(asked)
    return probabilities, probabilities, closeness, classifier.unknown_below


def ridge_alone(known: np.ndarray, labels: np.ndarray, pieces: np.ndarray, asked: np.ndarray, count: int) -> Ranked:
    """The ridge fit without its discriminant: its ranking, and no confidence."""
    classifier = fit(known, labels, pieces, count)
    scores = classifier.scores(asked)
    return scores, scores, scores.max(axis=1), -1.0


def our_head(known: np.ndarray, labels: np.ndarray, pieces: np.ndarray, asked: np.ndarray, count: int) -> Ranked:
    """The classifier on the bank with the head, pooled as `evidence.Sides.seen` does."""
    return _with_head(our_retrieval(known, labels, pieces, asked, count), known, labels, pieces, asked)


def like_with_like(taken: np.ndarray, head: bool = False) -> Ranker:
    """The classifier on a bank whose rows say how they were taken; with a head on the same rows, or alone."""

    def ranker(known: np.ndarray, labels: np.ndarray, pieces: np.ndarray, asked: np.ndarray, count: int) -> Ranked:
        classifier = fit_like_with_like(known, labels, pieces, count, taken)
        probabilities, closeness = classifier.ask(asked)
        ranked = probabilities, probabilities, closeness, classifier.unknown_below
        return _with_head(ranked, known, labels, pieces, asked) if head else ranked

    return ranker


def _with_head(ranked: Ranked, known: np.ndarray, labels: np.ndarray, pieces: np.ndarray, asked: np.ndarray) -> Ranked:
    names, groups = [f"{label:06d}" for label in labels], [str(piece) for piece in pieces]
    head = fit_head(known, names)
    out_of_fold = cross_validate(known, names, groups, head.fabric_ids, JobContext())
    head, _ = calibrated(head, out_of_fold, names, groups)
    both = (1.0 - HEAD_SHARE) * ranked[1] + HEAD_SHARE * head.predict_proba(asked)
    return both, both, ranked[2], ranked[3]


TEXTBOOK = {"retrieval": textbook_retrieval, "with a head": textbook_head}
OURS = {"retrieval": our_retrieval, "with a head": our_head}


def ask(
    rows: np.ndarray, split: Split, labels: np.ndarray, pieces: np.ndarray, samples: np.ndarray, ranker: Ranker
) -> Answers:
    """Answers of one method to one split. `pieces` is what counts as one piece of cloth among the known: the sample
    where new samples are asked, the photo where new photos of the same sample are."""
    order = np.argsort(labels[split.known], kind="stable")  # as a bank keeps them, fabric by fabric
    known = split.known[order]
    names, known_labels = np.unique(labels[known], return_inverse=True)
    _, known_pieces = np.unique(pieces[known], return_inverse=True)
    scores, confidence, closeness, below = ranker(
        rows[known], known_labels, known_pieces, rows[split.asked], len(names)
    )
    column = {name: i for i, name in enumerate(names)}
    place = np.full(len(split.asked), -1)
    for row, index in enumerate(split.asked):
        if labels[index] in column:
            place[row] = int((scores[row] > scores[row, column[labels[index]]]).sum())
    return Answers(place, np.clip(confidence.max(axis=1), 0.0, 1.0), closeness, below, samples[split.asked])
