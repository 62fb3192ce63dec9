"""What the window says about a studio as a whole, gathered in one job: counts, names, what is in use. No widgets."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fabric_desktop.errors import FabricError, SettingsDamaged, StudioReadOnly, VersionMissing
from fabric_desktop.head import HEAD_NAME, MIN_SAMPLES
from fabric_desktop.imaging import Box
from fabric_desktop.labels import count_by_fabric, list_unlabeled
from fabric_desktop.loop.known import known_to, last_trained
from fabric_desktop.names import FabricNames
from fabric_desktop.recognition import ModelStatus
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, current_version, load_settings
from fabric_desktop.studio.layout import photos_in, require_writable
from fabric_desktop.studio.versions import read_manifest


@dataclass(frozen=True, slots=True)
class SamplePhoto:
    """A drawn photograph and the places on it that show one cloth each."""

    path: Path
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class StudioFacts:
    """A studio at a glance.

    `fabrics` and `references` count the library's folders and photos, not the bank; `labels` is patches a fabric.
    `recent` are the fabrics of the newest labelled patches, the newest first; `queued` counts patches kept for review.
    `new_labels` counts patches labelled since the newest head was trained, in use or not: who has just kept the old one
    is not asked again. From `needed_labels` of them on (the setting `nudge_at`; 20 before the first) retraining is
    suggested. `head_created` is when the head in use was trained (ISO 8601).
    """

    fabrics: int
    references: int
    labels: dict[str, int]
    new_labels: int
    needed_labels: int
    writable: bool
    names: FabricNames
    status: ModelStatus | None = None
    head_version: str | None = None
    head_created: str | None = None
    problem: FabricError | None = None
    sample_photos: tuple[SamplePhoto, ...] = ()
    recent: tuple[str, ...] = ()
    queued: int = 0

    @property
    def label_count(self) -> int:
        return sum(self.labels.values())


def gather(studio: Studio, recognizer: Recognizer, *, with_model: bool, writable: bool | None = None) -> StudioFacts:
    """Read a studio's facts; with `with_model` the encoder is loaded as well, which takes a while the first time.

    `writable` spares the probing when it is known.
    """
    if writable is None:
        try:
            require_writable(studio)
            writable = True
        except StudioReadOnly:
            writable = False
    labels = count_by_fabric(studio)
    status, problem = None, None
    if with_model:
        try:
            status = recognizer.status()
        except FabricError as error:
            problem = error
    version, created = _head_in_use(studio)
    saved = _times_of_labels(studio)
    new, needed = _new_labels(studio, saved)
    references = {fabric: len(studio.reference_photos(fabric)) for fabric in studio.fabric_ids()}
    return StudioFacts(
        fabrics=sum(1 for count in references.values() if count),
        references=sum(references.values()),
        labels=labels,
        new_labels=new,
        needed_labels=needed,
        writable=writable,
        names=FabricNames(studio),
        status=status,
        head_version=version,
        head_created=created,
        problem=problem,
        sample_photos=sample_photographs(studio),
        recent=tuple(sorted(saved, key=lambda fabric: -max(saved[fabric]))),
        queued=len(list_unlabeled(studio)),
    )


def _head_in_use(studio: Studio) -> tuple[str | None, str | None]:
    """Name and date of the version that brought the head in use; a later build of the bank carries it over."""
    try:
        version = current_version(studio)
    except VersionMissing:
        return None, None
    if version is None or "head" not in version.manifest.get("parts", {}):
        return None, None
    name, manifest = version.name, version.manifest
    head_hash = manifest.get("files", {}).get(HEAD_NAME)
    while (parent := manifest.get("parent")) is not None:
        try:
            older = read_manifest(studio, parent)
        except VersionMissing:
            break
        if older["files"].get(HEAD_NAME) != head_hash:
            break
        name, manifest = parent, older
    created = manifest.get("created")
    return name, created if isinstance(created, str) else None


def _new_labels(studio: Studio, saved: dict[str, list[float]]) -> tuple[int, int]:
    """How many labels are new since the last training, and from how many on to suggest the next. By the files' times,
    and by their number for those that were copied in with older ones; opens no picture."""
    trained = last_trained(studio)
    times = [time for own in saved.values() for time in own]
    if trained is None:
        return len(times), MIN_SAMPLES
    try:
        since = datetime.fromisoformat(str(trained.manifest.get("created"))).timestamp()
    except ValueError:
        since = float("inf")  # it does not say when; their number still does
    known = len(known_to(trained).labels)
    try:
        needed = load_settings(studio).nudge_at
    except SettingsDamaged:
        needed = MIN_SAMPLES  # whoever opens the studio is told of the file
    # A version's date has no fractions of a second; what was labelled in that same one went into it.
    return max(sum(int(time) > since for time in times), len(times) - known), needed


def _times_of_labels(studio: Studio) -> dict[str, list[float]]:
    """When the labelled patches of each fabric were saved, in seconds since the epoch; fabrics without any left out."""
    times: dict[str, list[float]] = {}
    for fabric in studio.labeled_ids():
        for photo in photos_in(studio.labeled_dir / fabric):
            with contextlib.suppress(OSError):
                times.setdefault(fabric, []).append(photo.stat().st_mtime)
    return times


def sample_photographs(studio: Studio) -> tuple[SamplePhoto, ...]:
    """The drawn photographs of the sample studio to try the program with; none in a studio of one's own."""
    if not studio.is_sample:
        return ()
    from fabric_desktop.samples import sample_regions

    return tuple(
        SamplePhoto(path, tuple(box for _, box in regions.values())) for path, regions in sample_regions(studio).items()
    )
