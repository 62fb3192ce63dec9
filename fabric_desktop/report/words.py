"""The figures of a studio's progress in sentences, the same on paper and in the window. Plain text, no HTML."""

from __future__ import annotations

from fabric_desktop.loop.queue import Suspect
from fabric_desktop.names import FabricNames
from fabric_desktop.report.progress import Confusion, Step, StudioProgress
from fabric_desktop.wording import listed, per_cent, say

_NAMED = 6


def lead_text(progress: StudioProgress, lang: str) -> str:
    """How often the version in use is right, with its interval; or that none is in use or was scored."""
    used = progress.in_use
    if used is None:
        return say("report.no_version", lang)
    scores = used.scores
    if scores is None:
        return say("report.not_scored", lang, version=used.name)
    return say(
        "report.lead",
        lang,
        version=used.name,
        right=round(scores.top1 * scores.patches),
        patches=scores.patches,
        share=percent(scores.top1, lang),
        low=percent(scores.low, lang),
        high=percent(scores.high, lang),
    )


def counts_text(progress: StudioProgress, lang: str) -> str:
    """How many fabrics, references and labels there are, and what waits."""
    return say(
        "report.counts",
        lang,
        fabrics=len(progress.counts),
        references=progress.references,
        labels=progress.labels,
        queue=progress.queue,
        new=progress.nudge.new,
    )


def confusion_text(pair: Confusion, names: FabricNames, lang: str) -> str:
    """What is taken for what, how often, and what helps."""
    other = names.name(pair.other, lang) if pair.other else say("report.nothing", lang)
    right = names.name(pair.right, lang)
    return say(f"report.confusion_{pair.advice}", lang, right=right, other=other, count=pair.count, asked=pair.asked)


def suspect_text(suspect: Suspect, names: FabricNames, lang: str) -> str:
    """What a patch is labelled, and what it looks like."""
    return say(
        "report.suspect", lang, label=names.name(suspect.label, lang), other=names.name(suspect.other, lang)
    )


def step_text(step: Step, names: FabricNames, lang: str) -> str:
    """A next step, its fabrics by name, the first few of them."""
    shown = [names.name(fabric, lang) for fabric in step.fabrics[:_NAMED]]
    named = listed(shown, lang)
    if len(step.fabrics) > _NAMED:
        named += say("report.and_more", lang, count=len(step.fabrics) - _NAMED)
    pair = dict(zip(("first", "second"), shown, strict=False))
    return say(f"report.step_{step.code}", lang, fabrics=named, **pair, **step.params)


def percent(share: float, lang: str) -> str:
    """A share from 0 to 1 in whole per cent, not to be broken over two lines."""
    return per_cent(share, lang).replace(" ", "\N{NO-BREAK SPACE}")
