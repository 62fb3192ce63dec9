"""The state of each encoder on this machine, with the way out of each: what the encoders page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fabric_desktop.encoders import builtin, openclip
from fabric_desktop.encoders.download import last_failure, partial_bytes
from fabric_desktop.encoders.engine import engine_plan
from fabric_desktop.encoders.registry import OFFERS, EncoderInfo, list_encoders
from fabric_desktop.errors import DownloadFailed, EncoderUnavailable, FabricError

State = Literal["ready", "missing", "partial", "failed"]
WayOut = Literal["use", "install_engine", "download", "resume", "retry", "import", "reinstall"]


@dataclass(frozen=True, slots=True)
class EncoderState:
    """One encoder as the page shows it.

    `state`: ready; missing (engine or weights are not here); partial (some of the weights have arrived); failed (the
    last download failed, or what is here is damaged). `error` says why in words; `way_out` is the action that leads
    out (text `encoder_way_out.<way_out>`), `others` further ones. Bytes are of the weights; `total` None: unknown.
    """

    info: EncoderInfo
    state: State
    way_out: WayOut
    others: tuple[WayOut, ...] = ()
    error: FabricError | None = None
    have: int = 0
    total: int | None = None


def encoder_states() -> list[EncoderState]:
    """Every encoder that `registry.list_encoders` lists, in its order. Loads none and asks no server."""
    return [state_of(info) for info in list_encoders()]


def state_of(info: EncoderInfo) -> EncoderState:
    """The state of one encoder."""
    total = None if info.size_mb is None else info.size_mb * 1_000_000
    if info.installed:
        return EncoderState(info, "ready", "use", have=total or 0, total=total)
    offer = next((offer for offer in OFFERS if offer.id == info.id), None)
    have = partial_bytes(offer.repository) if offer is not None else 0
    unavailable = EncoderUnavailable(encoder=info.id, reason=info.state, detail=info.title)
    if info.state == "engine_missing":
        plan = engine_plan()
        state: State = "failed" if plan.failure is not None else "partial" if plan.partial else "missing"
        return EncoderState(info, state, "install_engine", error=plan.failure or unavailable, have=have, total=total)
    if offer is None:
        # Imported from a place that has gone or changed; the built-in one came with the program.
        way: WayOut = "reinstall" if info.id == builtin.ID else "import"
        return EncoderState(info, "failed", way, error=unavailable, total=total)
    if info.state != "weights_missing":
        return EncoderState(info, "failed", "download", ("import",), unavailable, have, total)
    failure: DownloadFailed | None = last_failure(openclip.canonical_id(info.id))
    if failure is not None:
        return EncoderState(info, "failed", "retry", ("import",), failure, have, total)
    if have:
        return EncoderState(info, "partial", "resume", ("import",), unavailable, have, total)
    return EncoderState(info, "missing", "download", ("import",), unavailable, 0, total)
