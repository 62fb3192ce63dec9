"""Moves a studio to another encoder: says what that rebuilds, does bank and head in one job, goes back at once.

Versions made with the old encoder stay as they are, so that going back only names one of them again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fabric_desktop.bank import build_bank, load_bank
from fabric_desktop.encoders.registry import choose_encoder_id, fingerprint_of, load_encoder, require_unlocked
from fabric_desktop.errors import (
    BankMismatch,
    BankMissing,
    EncoderUnavailable,
    NoEmbeddingsCollected,
    UnreadableImage,
)
from fabric_desktop.imaging import content_hash
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import count_by_fabric
from fabric_desktop.library.refresh import made_anew
from fabric_desktop.loop.deploying import deploy
from fabric_desktop.loop.known import has_head, in_use
from fabric_desktop.notices import Notice
from fabric_desktop.studio import Studio, Version, discard_version, list_versions, load_settings, save_setting

if TYPE_CHECKING:
    from fabric_desktop.encoders.base import Encoder


@dataclass(frozen=True, slots=True)
class SwitchPlan:
    """What moving to an encoder means.

    `ready` names a version that this encoder made before, to which going is instant; None: `references` photos are
    embedded anew, and where a head is in use, it is trained anew on `patches` labelled patches. `error` says why the
    encoder cannot be used here.
    """

    before: str
    after: str
    ready: str | None
    references: int
    patches: int
    head: bool
    error: EncoderUnavailable | None = None


@dataclass(frozen=True, slots=True)
class SwitchReport:
    """What moving to an encoder did. `version` is the one in use now (None: the library is empty); `instant` that it
    was there already; `head` whether it holds a head."""

    before: str
    after: str
    version: str | None
    instant: bool
    head: bool
    notices: tuple[Notice, ...] = ()


def switch_plan(studio: Studio, encoder_id: str) -> SwitchPlan:
    """Say what moving to an encoder would rebuild; loads no model and changes nothing."""
    try:
        require_unlocked(studio, encoder_id)
        known = _made_before(studio, fingerprint_of(encoder_id))
        error = None
    except EncoderUnavailable as failure:
        known, error = None, failure
    return SwitchPlan(
        before=choose_encoder_id(studio),
        after=encoder_id,
        ready=known.name if known is not None else None,
        references=sum(len(studio.reference_photos(fabric)) for fabric in studio.fabric_ids()),
        patches=sum(count_by_fabric(studio).values()),
        head=has_head(in_use(studio)),
        error=error,
    )


def switch_encoder(studio: Studio, encoder_id: str, context: JobContext) -> SwitchReport:
    """Move the studio to an encoder, bank and head in one step; the caller holds the studio's lock.

    Where this encoder made a version before, the latest of them is put in use, and its bank is brought up to date if
    the library changed since. Otherwise bank and head are made anew. Until the last step nothing changes: a cancel or
    a failure leaves the old encoder in use. Raises EncoderUnavailable, SaveFailed, EvalSetDamaged, Cancelled.
    """
    before = choose_encoder_id(studio)
    context.progress(0, 0, "job.load_encoder", encoder=encoder_id)
    require_unlocked(studio, encoder_id)
    encoder = load_encoder(encoder_id, context=context)
    context.check_cancelled()
    known = _made_before(studio, encoder.fingerprint)
    if known is not None:
        return _go_back(studio, encoder, context, before, known)
    there = {version.name for version in list_versions(studio)}
    try:
        version, notices = made_anew(studio, encoder, context)
    except NoEmbeddingsCollected:
        save_setting(studio, "encoder", encoder.id)
        return SwitchReport(before, encoder.id, None, instant=False, head=False, notices=(Notice("switch_no_photos"),))
    try:
        _put_in_use(studio, encoder.id, version)
    except Exception:
        if version.name not in there:
            discard_version(studio, version.name)
        raise
    return SwitchReport(before, encoder.id, version.name, instant=False, head=has_head(version), notices=notices)


def _made_before(studio: Studio, fingerprint: str) -> Version | None:
    """The version in use if this encoder made it, else the latest one with a bank that it made."""
    mine = [
        version
        for version in list_versions(studio)
        if version.manifest.get("fingerprint") == fingerprint and "bank" in version.manifest.get("parts", {})
    ]
    current = in_use(studio)
    return next((version for version in mine if current is not None and version.name == current.name), None) or (
        mine[-1] if mine else None
    )


def _go_back(studio: Studio, encoder: Encoder, context: JobContext, before: str, known: Version) -> SwitchReport:
    changed = _library_changed(studio, known, context)
    _put_in_use(studio, encoder.id, known)
    if not changed:
        return SwitchReport(before, encoder.id, known.name, instant=True, head=has_head(known))
    try:
        report = build_bank(studio, encoder, context)
    except NoEmbeddingsCollected:
        notices = (Notice("switch_no_photos"),)
        return SwitchReport(before, encoder.id, known.name, instant=True, head=has_head(known), notices=notices)
    added = Notice("switch_brought_up_to_date", {"count": report.images - report.reused, "total": report.images})
    return SwitchReport(before, encoder.id, report.version, instant=False, head=has_head(known), notices=(added,))


def _library_changed(studio: Studio, version: Version, context: JobContext) -> bool:
    """Whether the library holds other photos than a version's bank was made of."""
    try:
        bank = load_bank(version.path / "bank.npz")
    except (BankMissing, BankMismatch):
        return True
    built = sorted((row.fabric_id, row.content_hash) for row in bank.rows)
    photos = [(fabric, photo) for fabric in studio.fabric_ids() for photo in studio.reference_photos(fabric)]
    present = []
    for number, (fabric, photo) in enumerate(photos):
        context.progress(number, len(photos), "job.read_library", photo=photo.name)
        try:
            present.append((fabric, content_hash(photo)))
        except UnreadableImage:
            continue
    return sorted(present) != built


def _put_in_use(studio: Studio, encoder_id: str, version: Version) -> None:
    """The setting and the version together; if the second cannot be had, the first is put back."""
    chosen = load_settings(studio).encoder
    save_setting(studio, "encoder", encoder_id)
    try:
        deploy(studio, version.name)
    except Exception:
        save_setting(studio, "encoder", chosen)
        raise
