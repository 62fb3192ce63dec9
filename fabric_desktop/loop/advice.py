"""What to do with a new model: deploy, keep what is in use, or too little to tell; and the one reason for it."""

from __future__ import annotations

from typing import Literal

from fabric_desktop.loop.answering import SideBySide

Advice = Literal["deploy", "keep", "too_little"]
Reason = Literal[
    "nothing_changed",
    "labels_contradict",
    "first_head",
    "nothing_in_use",
    "worse",
    "better",
    "better_cross_checked",
    "worse_cross_checked",
    "looks_worse",
    "no_unseen",
    "too_little",
    "other_encoder",
]
"""Each has its sentence under `advice_reason.<reason>`."""


def judge(
    result: SideBySide,
    *,
    changed: bool,
    anything_in_use: bool,
    head_in_use: bool,
    asked_old: bool,
    alarm: bool,
) -> tuple[Advice, Reason]:
    """The advice and its reason.

    changed: the new model predicts by other means than the one in use. anything_in_use: something but the rules
    answers now; head_in_use: a head among it. asked_old: the model in use could be asked (its encoder is here).
    alarm: the new labels contradict the earlier ones (`contradicting`).

    With too little data a difference to the worse still advises to keep: nobody should deploy what looks worse because
    it is not yet proven to be. A first head needs no proof, only not to look worse: it is the labels' first word.
    """
    unseen, crossed = result.comparison, result.cross_checked
    if not changed:
        return "keep", "nothing_changed"
    if alarm:
        return "keep", "labels_contradict"
    if not asked_old:
        return "too_little", "other_encoder"
    if unseen is not None and unseen.verdict == "worse":
        return "keep", "worse"
    if unseen is not None and unseen.verdict == "better":
        return "deploy", "better"
    if unseen is not None and unseen.difference < 0:
        return "keep", "looks_worse"
    if crossed is not None and crossed.verdict == "worse":
        return "keep", "worse_cross_checked"
    if not anything_in_use:
        return "deploy", "nothing_in_use"
    if not head_in_use:
        return "deploy", "first_head"
    if crossed is not None and crossed.verdict == "better":
        return "deploy", "better_cross_checked"
    return "too_little", "no_unseen" if unseen is None else "too_little"
