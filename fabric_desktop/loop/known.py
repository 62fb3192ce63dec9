"""What a model version knew: which patches it was made of, and hence which are new to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fabric_desktop.errors import HeadMismatch, VersionMissing
from fabric_desktop.head import load_folds
from fabric_desktop.labels import LabeledPatch
from fabric_desktop.present_names import present_ids
from fabric_desktop.studio import Studio, Version, current_version, load_version
from fabric_desktop.studio.versions import VERSION_NAME

ENTRY = "labels"


@dataclass(frozen=True, slots=True)
class Known:
    """The labels there were when a version was made: content hash -> fabric, for those `trained` on and all (`labels`);
    and the swatches of those trained on. A version made by `train-head` tells only what it was trained on, with
    empty fabrics."""

    labels: dict[str, str]
    trained: frozenset[str]
    swatches: frozenset[str]

    def is_new(self, patch: LabeledPatch) -> bool:
        """Whether this patch was labelled, or given another label, since."""
        label = self.labels.get(patch.content_hash)
        return label is None or (label != "" and label != patch.fabric_id)


NOTHING = Known({}, frozenset(), frozenset())


def as_entry(patches: Sequence[LabeledPatch], trained: Iterable[LabeledPatch]) -> dict[str, Any]:
    """What `known_to` reads, as an entry of a manifest: every labelled patch by content hash, and every one trained on,
    which may have been put into its folder while the others were being looked at."""
    trained = list(trained)
    used = {patch.content_hash for patch in trained}
    return {
        patch.content_hash: {
            "fabric": patch.fabric_id,
            "swatch": patch.swatch_id,
            "trained": patch.content_hash in used,
        }
        for patch in (*patches, *trained)
    }


def known_to(version: Version | None) -> Known:
    """What a version was made of; nothing for None and for one without a head. A damaged record counts as nothing
    known, and the head's own record of its training is taken instead. Fabrics that were renamed since have their
    present ids: a new name is no new label."""
    if version is None or not has_head(version):
        return NOTHING
    entry = version.manifest.get(ENTRY)
    try:
        if isinstance(entry, Mapping) and entry:
            ids = present_ids(version, of_head=True)
            used = {digest: row for digest, row in entry.items() if row["trained"]}
            return Known(
                {str(digest): ids.get(str(row["fabric"]), str(row["fabric"])) for digest, row in entry.items()},
                frozenset(used),
                frozenset(str(row["swatch"]) for row in used.values()),
            )
        trained = load_folds(version).trained_on
        return Known(dict.fromkeys(trained, ""), trained, frozenset())
    except (HeadMismatch, KeyError, TypeError):
        return NOTHING


def has_head(version: Version | None) -> bool:
    """Whether a version holds a head."""
    return version is not None and "head" in version.manifest.get("parts", {})


def in_use(studio: Studio) -> Version | None:
    """The version in use; None where there is none, or it is not whole (then the bank at the root answers)."""
    try:
        return current_version(studio)
    except VersionMissing:
        return None


def last_trained(studio: Studio) -> Version | None:
    """The newest version with a head, in use or not: what the labels since the last training are counted from."""
    if not studio.models_dir.is_dir():
        return None
    names = [entry.name for entry in studio.models_dir.iterdir()]
    for number in sorted((int(name[1:]) for name in names if VERSION_NAME.fullmatch(name)), reverse=True):
        with contextlib.suppress(VersionMissing):
            version = load_version(studio, f"v{number}")
            if has_head(version):
                return version
    return None
