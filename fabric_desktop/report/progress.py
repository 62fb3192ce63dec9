"""How a studio is getting on: accuracy by version, labels by fabric, what is confused, what to do next. Figures only.

`page` puts them on paper, the window on its progress page; both draw with `charts`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from fabric_desktop.errors import EncoderUnavailable, HeadMismatch, NoLabels
from fabric_desktop.head import MIN_PER_FABRIC, load_folds, load_head
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import LabeledPatch, list_labeled, list_unlabeled
from fabric_desktop.loop.known import has_head
from fabric_desktop.loop.queue import Suspect, find_suspects
from fabric_desktop.loop.scores import stored_scores
from fabric_desktop.loop.versions import Nudge, VersionRow, new_labels_since_training, version_rows
from fabric_desktop.names import FabricNames
from fabric_desktop.present_names import head_as_named
from fabric_desktop.report.charts import PAPER, Band, Bar, ChartColors, Line, bar_chart, line_chart
from fabric_desktop.studio import Studio, Version
from fabric_desktop.wording import say

if TYPE_CHECKING:
    from fabric_desktop.encoders.base import Encoder

# The workflow's own marks: 3 to 5 reference photos a fabric, 5 to 10 labelled patches.
ENOUGH_REFERENCES, ENOUGH_LABELS = 3, MIN_PER_FABRIC
PLENTY_OF_LABELS = 10
MOST_PAIRS = 8


@dataclass(frozen=True, slots=True)
class FabricCount:
    """A fabric's reference photos, labelled patches, and the pieces of cloth those are of."""

    fabric: str
    references: int
    labels: int
    swatches: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """`right` was taken for `other` `count` times out of `asked` patches of `right`. `advice` is the code of what
    helps (text `report.confusion_<advice>`): add_references, add_labels, side_by_side."""

    right: str
    other: str
    count: int
    asked: int
    advice: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next (text `report.step_<code>`), with the fabrics it is about."""

    code: str
    fabrics: tuple[str, ...] = ()
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StudioProgress:
    """Everything the progress page shows. `suspects` is None where labels could not be checked (no encoder)."""

    rows: tuple[VersionRow, ...]
    counts: tuple[FabricCount, ...]
    confusions: tuple[Confusion, ...]
    suspects: tuple[Suspect, ...] | None
    steps: tuple[Step, ...]
    nudge: Nudge
    queue: int
    grouped: bool

    @property
    def in_use(self) -> VersionRow | None:
        return next((row for row in self.rows if row.in_use), None)

    @property
    def labels(self) -> int:
        return sum(count.labels for count in self.counts)

    @property
    def references(self) -> int:
        return sum(count.references for count in self.counts)


def gather_progress(studio: Studio, encoder: Encoder | None, context: JobContext) -> StudioProgress:
    """Gather the figures. encoder: to look for suspect labels; None leaves that out. Raises Cancelled."""
    context.progress(0, 0, "job.gather_progress")
    patches = list_labeled(studio)
    rows = version_rows(studio)
    counts = _counts(studio, patches)
    used = next((row for row in rows if row.in_use), None)
    confusions = _confusions(used.version if used is not None else None, patches, {c.fabric: c for c in counts})
    suspects: tuple[Suspect, ...] | None = None
    if encoder is not None:
        try:
            suspects = find_suspects(studio, encoder, context)
        except NoLabels:
            suspects = ()
        except EncoderUnavailable:
            suspects = None
    nudge, queue = new_labels_since_training(studio), len(list_unlabeled(studio))
    return StudioProgress(
        rows=rows,
        counts=counts,
        confusions=confusions,
        suspects=suspects,
        steps=_steps(counts, confusions, suspects or (), nudge, queue),
        nudge=nudge,
        queue=queue,
        grouped=all(patch.swatch_known for patch in patches),
    )


def _counts(studio: Studio, patches: Sequence[LabeledPatch]) -> tuple[FabricCount, ...]:
    labels = Counter(patch.fabric_id for patch in patches)
    swatches: dict[str, set[str]] = {}
    for patch in patches:
        swatches.setdefault(patch.fabric_id, set()).add(patch.swatch_id)
    found = [
        FabricCount(fabric, len(studio.reference_photos(fabric)), labels[fabric], len(swatches.get(fabric, ())))
        for fabric in {*studio.fabric_ids(), *labels}
    ]
    return tuple(sorted(found, key=lambda count: (-count.labels, count.fabric)))


def _confusions(
    version: Version | None, patches: Sequence[LabeledPatch], counts: Mapping[str, FabricCount]
) -> tuple[Confusion, ...]:
    """What the version in use confuses on cloth it was not trained on: its evaluation, and its training patches as
    judged by a head that had not seen their swatch."""
    if version is None:
        return ()
    asked: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    scores = stored_scores(version)
    if scores is not None:
        asked.update({fabric: own.samples for fabric, own in scores.fabrics.items()})
        pairs.update({(right, other): count for right, other, count in scores.confusion})
    if has_head(version):
        for right, other in _out_of_fold(version, patches):
            asked[right] += 1
            if right != other:
                pairs[right, other] += 1
    order = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Confusion(right, other, count, asked[right], _advice(counts.get(right)))
        for (right, other), count in order[:MOST_PAIRS]
        if count > 1 or len(order) <= MOST_PAIRS
    )


def _out_of_fold(version: Version, patches: Sequence[LabeledPatch]) -> list[tuple[str, str]]:
    try:
        folds, fabric_ids = load_folds(version), head_as_named(load_head(version), version).fabric_ids
    except HeadMismatch:
        return []
    return [
        (patch.fabric_id, fabric_ids[int(folds.out_of_fold[patch.content_hash].argmax())])
        for patch in patches
        if patch.content_hash in folds.out_of_fold
    ]


def _advice(count: FabricCount | None) -> str:
    if count is None or count.references < ENOUGH_REFERENCES:
        return "add_references"
    return "add_labels" if count.labels < PLENTY_OF_LABELS else "side_by_side"


def _steps(
    counts: Sequence[FabricCount],
    confusions: Sequence[Confusion],
    suspects: Sequence[Suspect],
    nudge: Nudge,
    queue: int,
) -> tuple[Step, ...]:
    """What helps most first: wrong labels spoil everything after them, then what is missing, then what is thin."""
    found = []
    if suspects:
        found.append(Step("check_suspects", params={"count": len(suspects)}))
    if nudge.due:
        found.append(Step("retrain", params={"count": nudge.new}))
    bare = tuple(count.fabric for count in counts if count.references == 0)
    if bare:
        found.append(Step("no_references", bare))
    few = tuple(count.fabric for count in counts if 0 < count.references < ENOUGH_REFERENCES)
    if few:
        found.append(Step("few_references", few, {"needed": ENOUGH_REFERENCES}))
    if confusions:
        worst = confusions[0]
        found.append(Step("confused", (worst.right, worst.other), {"count": worst.count}))
    if queue:
        found.append(Step("queue", params={"count": queue}))
    thin = tuple(count.fabric for count in reversed(counts) if count.labels < ENOUGH_LABELS)
    if thin:
        found.append(Step("few_labels", thin, {"needed": ENOUGH_LABELS}))
    single = tuple(count.fabric for count in counts if count.labels >= ENOUGH_LABELS and count.swatches == 1)
    if single:
        found.append(Step("one_swatch", single))
    return tuple(found)


def accuracy_chart(
    progress: StudioProgress, lang: str, *, heading: bool = True, colors: ChartColors = PAPER, width: int = 720
) -> str | None:
    """`versions_chart` of the studio's versions."""
    return versions_chart(progress.rows, lang, heading=heading, colors=colors, width=width)


def versions_chart(
    rows: Sequence[VersionRow], lang: str, *, heading: bool = True, colors: ChartColors = PAPER, width: int = 720
) -> str | None:
    """How often the versions were right at once, with the interval, and among the first three, in the order they were
    made and with the day of each, as SVG text; None where no version was scored."""
    scored = [(row, row.scores) for row in rows if row.scores is not None]
    if not scored:
        return None
    lines = [
        Line(
            say("figure.top1", lang),
            [scores.top1 for _, scores in scored],
            [Band(scores.low, scores.high) for _, scores in scored],
        ),
        Line(say("figure.top3", lang), [scores.top3 for _, scores in scored]),
    ]
    return line_chart(
        lines,
        [_when(row) for row, _ in scored],
        title=say("report.accuracy", lang),
        lang=lang,
        heading=heading,
        colors=colors,
        width=width,
    )


def _when(row: VersionRow) -> str:
    return row.name if row.created is None else f"{row.name}  {row.created.astimezone():%m-%d}"


def labels_chart(
    progress: StudioProgress,
    names: FabricNames,
    lang: str,
    *,
    heading: bool = True,
    colors: ChartColors = PAPER,
    width: int = 720,
) -> str | None:
    """Labelled patches by fabric, those with too few marked out, as SVG text; None where there is no fabric."""
    if not progress.counts:
        return None
    bars = [Bar(names.name(c.fabric, lang), c.labels, c.labels < ENOUGH_LABELS) for c in progress.counts]
    return bar_chart(bars, title=say("report.labels", lang), heading=heading, colors=colors, width=width)


def days_in_use(row: VersionRow, now: datetime) -> int | None:
    """Whole days a version was in use; None for one that never was."""
    return row.time_in_use(now).days if row.periods else None
