"""The doctor's look at one studio: its settings, library, model, versions, lock, and whether it can be written.

Opens no photograph: what is wrong with those says `fabric-desktop check`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.errors import BankMissing, FabricError, FileTrouble
from fabric_desktop.studio import Studio, load_settings, open_studio
from fabric_desktop.studio.changes import pending_changes
from fabric_desktop.studio.holder import holder_of
from fabric_desktop.studio.layout import require_writable
from fabric_desktop.studio.versions import VERSION_NAME, list_versions
from fabric_desktop.support.findings import Finding

if TYPE_CHECKING:
    from fabric_desktop.model import Model


def opened(path: Path, *, asked_for: bool) -> tuple[Studio | None, Finding]:
    """The studio at a folder, and what to say of it. One that nobody asked for may well not be there yet."""
    if not asked_for and not path.expanduser().exists():
        return None, Finding("studio", "warning", "none_yet", {"path": str(path)})
    try:
        studio = open_studio(path)
        fabrics = studio.fabric_ids()
        photos = sum(len(studio.reference_photos(fabric)) for fabric in fabrics)
    except FabricError as error:
        return None, Finding("studio", "fault", "error", error=error)
    params = {"path": str(studio.root), "fabrics": len(fabrics), "photos": photos}
    return studio, Finding("studio", "ok" if photos else "warning", "good" if photos else "empty", params)


def settings(studio: Studio) -> Iterator[Finding]:
    load_settings(studio)
    yield Finding("settings", "ok", "good")


def model(studio: Studio) -> Iterator[Finding]:
    """The encoder in use and why, the bank and the head that fit it, and versions that are not whole."""
    from fabric_desktop.encoders.registry import choose_encoder_id, fingerprint_of, require_unlocked
    from fabric_desktop.model import load_model

    encoder_id = choose_encoder_id(studio)
    yield from _encoder(encoder_id)
    require_unlocked(studio, encoder_id)
    yield from _parts(load_model(studio, fingerprint_of(encoder_id)))
    whole = {version.name for version in list_versions(studio)}
    folders = list(studio.models_dir.iterdir()) if studio.models_dir.is_dir() else []
    damaged = sorted(entry.name for entry in folders if VERSION_NAME.fullmatch(entry.name) and entry.name not in whole)
    if damaged:
        yield Finding("versions", "warning", "damaged", {"names": ", ".join(damaged)})
    else:
        yield Finding("versions", "ok", "good", {"count": len(whole)})


def _encoder(encoder_id: str) -> Iterator[Finding]:
    """Which encoder, on which device and why."""
    if not encoder_id.startswith(("openclip:", "local-dir:")):
        yield Finding("device", "ok", "only_cpu", {"encoder": encoder_id})
        return
    from fabric_desktop.encoders.openclip import choose_device, engine_installed
    from fabric_desktop.encoders.registry import list_encoders
    from fabric_desktop.encoders.runner_words import runs_on

    if not engine_installed():
        return  # the fingerprint that is asked for next says so
    import torch

    device, reason = choose_device(torch)
    yield Finding("device", "ok", reason, {"encoder": encoder_id, "device": device, "version": torch.__version__})
    graph = next((info.graph for info in list_encoders() if info.id == encoder_id), None)
    if graph is not None:
        yield Finding(
            "runner", "ok", "how", {"encoder": encoder_id, "how": (runs_on(graph, "zh"), runs_on(graph, "en"))}
        )


def _parts(found: Model) -> Iterator[Finding]:
    if found.bank is not None:
        params = {"fabrics": len(found.bank.fabric_ids), "references": len(found.bank.rows)}
        yield Finding("bank", "ok", "good", params)
    elif isinstance(found.bank_error, BankMissing):
        yield Finding("bank", "warning", "error", error=found.bank_error)
    elif found.bank_error is not None:
        yield Finding("bank", "fault", "error", error=found.bank_error)
    if found.head is not None:
        yield Finding("head", "ok", "good", {"fabrics": len(found.head.fabric_ids)})
    elif found.head_error is not None:
        yield Finding("head", "fault", "error", error=found.head_error)
    else:
        yield Finding("head", "ok", "none")


def changes(studio: Studio) -> Iterator[Finding]:
    """Changes that a kill cut off: finished by whoever next takes the lock."""
    cut_off = pending_changes(studio)
    if cut_off:
        yield Finding("changes", "warning", "cut_off", {"count": len(cut_off)})
    else:
        yield Finding("changes", "ok", "good")


def lock(studio: Studio) -> Iterator[Finding]:
    """Who is changing the studio now, and what somebody left who ended suddenly."""
    holding, owner = holder_of(studio)
    yield Finding("lock", "ok" if holding in ("free", "ours") else "warning", holding, {"owner": owner})


def writable(studio: Studio) -> Iterator[Finding]:
    try:
        require_writable(studio)
    except FileTrouble:
        raise
    except FabricError as error:
        yield Finding("writable", "fault", "error", error=error)
    else:
        yield Finding("writable", "ok", "good", {"path": str(studio.root)})
