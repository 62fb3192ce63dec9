"""The versions of a studio as a table: what is in each, how it did, how long it was in use; any two compared.

Reading the table opens no picture and loads no encoder; comparing does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fabric_desktop.errors import EncoderUnavailable, EvalSetMissing
from fabric_desktop.eval_set import EvalRecord, read_eval_set
from fabric_desktop.evaluation.observing import Observed, observe_patches
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import LabeledPatch, list_labeled
from fabric_desktop.loop.answering import Side, SideBySide, answers_of, records_of, side_by_side
from fabric_desktop.loop.deploying import read_notes
from fabric_desktop.loop.known import in_use, known_to, last_trained
from fabric_desktop.loop.scores import ModelScores, scores_of, stored_scores
from fabric_desktop.loop.stopping import Stoppable
from fabric_desktop.studio import Studio, Version, list_versions, load_settings, load_version
from fabric_desktop.studio.history import moment, read_history

if TYPE_CHECKING:
    from fabric_desktop.encoders.base import Encoder

EncoderOf = Callable[[str], "Encoder"]


@dataclass(frozen=True, slots=True)
class Period:
    """A time a version was in use; `until` is None while it is."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One line of the table of versions.

    `scores` are those of the day it was made, on the evaluation set of that day; None for a version that was never
    scored. `labelled_since` counts the patches labelled, or given another label, since it was made: None for one
    without a head, which was made of no labels. `samples` is how many patches its head was trained on.
    """

    version: Version
    created: datetime | None
    encoder: str
    in_use: bool
    fabrics: int
    references: int
    samples: int | None
    scores: ModelScores | None
    note: str
    periods: tuple[Period, ...]
    labelled_since: int | None

    @property
    def name(self) -> str:
        return self.version.name

    def time_in_use(self, now: datetime) -> timedelta:
        """How long it has been in use altogether."""
        return sum(((period.until or now) - period.since for period in self.periods), timedelta())


def version_rows(studio: Studio) -> tuple[VersionRow, ...]:
    """All whole versions, oldest first. Reads labelled patches for their content hashes, and nothing else of them."""
    patches = list_labeled(studio)
    current, notes, periods = in_use(studio), read_notes(studio), _periods(studio)
    return tuple(
        _row(version, current, notes.get(version.name, ""), periods.get(version.name, ()), patches)
        for version in list_versions(studio)
    )


def _row(
    version: Version, current: Version | None, note: str, periods: tuple[Period, ...], patches: Sequence[LabeledPatch]
) -> VersionRow:
    parts = version.manifest["parts"]
    bank, head = parts.get("bank", {}), parts.get("head")
    known = known_to(version)
    made_with = version.manifest.get("note")
    return VersionRow(
        version=version,
        created=moment(version.manifest.get("created")),
        encoder=str(version.manifest.get("encoder", "")),
        in_use=current is not None and version.name == current.name,
        fabrics=_whole(bank.get("fabrics")),
        references=_whole(bank.get("images")),
        samples=None if head is None else _whole(head.get("samples")),
        scores=stored_scores(version),
        note=note or (made_with if isinstance(made_with, str) else ""),
        periods=periods,
        labelled_since=None if head is None else sum(known.is_new(patch) for patch in patches),
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _periods(studio: Studio) -> dict[str, tuple[Period, ...]]:
    uses = [(use.version, since) for use in read_history(studio) if (since := moment(use.since)) is not None]
    found: dict[str, list[Period]] = defaultdict(list)
    for number, (name, since) in enumerate(uses):
        until = uses[number + 1][1] if number + 1 < len(uses) else None
        found[name].append(Period(since, until))
    return {name: tuple(periods) for name, periods in found.items()}


def compare_versions(studio: Studio, old: str, new: str, context: JobContext, *, encoder_of: EncoderOf) -> SideBySide:
    """Any two versions on the labelled patches, and the evaluation set's pictures, that neither was trained on.

    encoder_of: loads an encoder by id; each version is asked with the encoder that made it. Raises VersionMissing,
    EncoderUnavailable, EvalSetDamaged, Cancelled. Changes nothing but the cache of embeddings.
    """
    versions = [load_version(studio, name) for name in (old, new)]
    patches = list_labeled(studio)
    encoders: dict[str, Encoder] = {}
    observed: dict[str, Observed] = {}
    sides = []
    for version in versions:
        encoder = _encoder_for(version, encoder_of, encoders)
        stoppable = Stoppable(encoder, context)
        if encoder.fingerprint not in observed:
            seen = next(iter(observed.values()), None)
            observed[encoder.fingerprint] = observe_patches(studio, stoppable, patches, context, seen)
        sides.append(Side(version, stoppable, known_to(version), observed[encoder.fingerprint]))
    return side_by_side(studio, sides[0], sides[1], _records(studio), patches, context)


def _encoder_for(version: Version, encoder_of: EncoderOf, loaded: dict[str, Encoder]) -> Encoder:
    """The encoder that made a version. Raises EncoderUnavailable, also when its weights are no longer the same."""
    encoder_id = str(version.manifest.get("encoder"))
    if encoder_id not in loaded:
        loaded[encoder_id] = encoder_of(encoder_id)
    encoder = loaded[encoder_id]
    if encoder.fingerprint != version.manifest.get("fingerprint"):
        raise EncoderUnavailable(encoder=encoder_id, reason="other_weights", detail=version.name)
    return encoder


def _records(studio: Studio) -> list[EvalRecord]:
    try:
        return read_eval_set(studio)
    except EvalSetMissing:
        return []


def score_since(studio: Studio, name: str, context: JobContext, *, encoder_of: EncoderOf) -> ModelScores | None:
    """How a version does on what was labelled since it was made, on cloth it was not trained on; None where that is
    nothing. Raises VersionMissing, EncoderUnavailable, Cancelled. Changes nothing but the cache of embeddings."""
    return _Since(studio, context, encoder_of).of(load_version(studio, name))


def scores_since(studio: Studio, context: JobContext, *, encoder_of: EncoderOf) -> dict[str, ModelScores | None]:
    """`score_since` of every version with a head; None also for one whose encoder is not here. Each patch is looked at
    once an encoder. Raises Cancelled."""
    since = _Since(studio, context, encoder_of)
    found: dict[str, ModelScores | None] = {}
    for version in list_versions(studio):
        if "head" not in version.manifest["parts"]:
            continue
        try:
            found[version.name] = since.of(version)
        except EncoderUnavailable:
            found[version.name] = None
    return found


class _Since:
    """Answers what was labelled after a version was made."""

    def __init__(self, studio: Studio, context: JobContext, encoder_of: EncoderOf) -> None:
        self._studio, self._context, self._encoder_of = studio, context, encoder_of
        self._labelled = list_labeled(studio)
        self._encoders: dict[str, Encoder] = {}
        self._observed: dict[str, Observed] = {}

    def of(self, version: Version) -> ModelScores | None:
        known = known_to(version)
        used = {patch.swatch_id for patch in self._labelled if patch.content_hash in known.trained}
        seen = used | known.swatches
        fresh = [patch for patch in self._labelled if known.is_new(patch) and patch.swatch_id not in seen]
        if not fresh:
            return None
        encoder = Stoppable(_encoder_for(version, self._encoder_of, self._encoders), self._context)
        observed = self._look(encoder)
        side = Side(version, encoder, known, observed)
        answers = answers_of(self._studio, side, records_of(fresh), self._labelled, self._context)
        return scores_of(version.name, list(answers.values())) if answers else None

    def _look(self, encoder: Stoppable) -> Observed:
        if encoder.fingerprint not in self._observed:
            seen = next(iter(self._observed.values()), None)
            found = observe_patches(self._studio, encoder, self._labelled, self._context, seen)
            self._observed[encoder.fingerprint] = found
        return self._observed[encoder.fingerprint]


@dataclass(frozen=True, slots=True)
class Nudge:
    """`new` labels since the last training, of `needed` from which on retraining is suggested."""

    new: int
    needed: int

    @property
    def due(self) -> bool:
        return self.new >= self.needed


def new_labels_since_training(studio: Studio) -> Nudge:
    """How many patches were labelled, or given another label, since the newest head was trained, whether that is in
    use or was not wanted: a person who has just kept the old model is not asked again. Raises SettingsDamaged."""
    known = known_to(last_trained(studio))
    new = sum(known.is_new(patch) for patch in list_labeled(studio))
    return Nudge(new, load_settings(studio).nudge_at)


def require_version(studio: Studio, name: str) -> Version:
    """A version as people name it: `v3`, `V3` or `3`. Raises VersionMissing."""
    text = name.strip().lower()
    return load_version(studio, text if text.startswith("v") else f"v{text}")


__all__ = [
    "Nudge",
    "Period",
    "VersionRow",
    "compare_versions",
    "new_labels_since_training",
    "require_version",
    "score_since",
    "scores_since",
    "version_rows",
]
