"""The model made anew from library and labels as they are now: after fabrics were renamed, merged or removed.

Pictures that did not change are not embedded again, so this takes about as long as reading them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fabric_desktop.bank import embed_library
from fabric_desktop.errors import NoLabels, TooFewSamples
from fabric_desktop.head import train
from fabric_desktop.jobs import JobContext
from fabric_desktop.loop.deploying import deploy
from fabric_desktop.loop.known import has_head, in_use
from fabric_desktop.notices import Notice
from fabric_desktop.studio import (
    NewPart,
    Studio,
    Version,
    discard_version,
    draft_version,
    list_versions,
)

if TYPE_CHECKING:
    from fabric_desktop.encoders.base import Encoder


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """The version that is in use now, and whether it holds a head."""

    version: str
    head: bool
    notices: tuple[Notice, ...] = ()


def made_anew(studio: Studio, encoder: Encoder, context: JobContext) -> tuple[Version, tuple[Notice, ...]]:
    """A version of bank, and head where one is in use, made of what is there now; it is not put in use.

    Raises NoEmbeddingsCollected, EvalSetDamaged, SaveFailed, Cancelled; nothing is left behind then.
    """
    parts: dict[str, NewPart] = {"bank": embed_library(studio, encoder, context).part}
    notices: list[Notice] = []
    if has_head(in_use(studio)):
        try:
            parts["head"] = train(studio, encoder, context).part
        except (NoLabels, TooFewSamples) as error:
            # The labels that the old head was trained on have gone since; the references still answer.
            notices.append(Notice("switch_without_head", {"error": error}))
    context.check_cancelled()
    version = draft_version(studio, encoder=encoder.id, fingerprint=encoder.fingerprint, parts=parts)
    return version, tuple(notices)


def refresh_model(studio: Studio, encoder: Encoder, context: JobContext) -> RefreshReport:
    """Make bank and head anew in one version and put it in use; the caller holds the studio's lock.

    The answers then know fabrics by their new ids. A cancel or a failure leaves the old version in use. Raises as
    `made_anew`.
    """
    there = {version.name for version in list_versions(studio)}
    version, notices = made_anew(studio, encoder, context)
    try:
        deploy(studio, version.name)
    except Exception:
        if version.name not in there:
            discard_version(studio, version.name)
        raise
    return RefreshReport(version.name, has_head(version), notices)
