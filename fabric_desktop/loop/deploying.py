"""Putting a version in use, forwards or back; deleting one; the notes people write beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fabric_desktop.bank import bank_files, load_bank
from fabric_desktop.errors import HeadMismatch, SaveFailed, VersionInUse, VersionMissing
from fabric_desktop.head import load_head, pickled_head
from fabric_desktop.loop.known import has_head, in_use
from fabric_desktop.present_names import bank_as_named, head_as_named
from fabric_desktop.studio import Studio, Version, load_version, use_version
from fabric_desktop.studio.changes import Done, make_change, new_id
from fabric_desktop.studio.files import read_json, write_json
from fabric_desktop.studio.steps import Move
from fabric_desktop.studio.versions import VERSION_NAME, current_name

_NOTES_NAME = "notes.json"
_TRASH = ".trash/models"


def deploy(studio: Studio, name: str) -> Version:
    """Put a version in use, forwards or back, and rewrite the copies for other programs (bank, clip_model.pkl).

    The version's files are not touched, so going back gives the same predictions, byte for byte. A version without a
    head takes away the clip_model.pkl that was written for the one before it. The caller holds the studio's lock.
    Raises VersionMissing, BankMissing, BankMismatch, HeadMismatch, SaveFailed; until the last step nothing has changed.
    """
    version = load_version(studio, name)
    copies: dict[Path, bytes] = {}
    if "bank" in version.manifest["parts"]:
        bank = bank_as_named(load_bank(version.path / "bank.npz"), version)
        copies |= bank_files(bank, studio.bank_path)
    if has_head(version):
        copies[studio.pickle_path] = pickled_head(head_as_named(load_head(version), version))
        return use_version(studio, name, copies)
    stale = _is_copy_of(studio, in_use(studio))
    used = use_version(studio, name, copies)
    if stale:
        try:
            studio.pickle_path.unlink(missing_ok=True)
        except OSError as error:
            raise SaveFailed(path=str(studio.pickle_path), reason="other", detail=str(error)) from error
    return used


def _is_copy_of(studio: Studio, version: Version | None) -> bool:
    """Whether clip_model.pkl is what was written for this version: one that another program made is not ours to take
    away. Compared as bytes, never read as a pickle."""
    if version is None or not has_head(version):
        return False
    try:
        return studio.pickle_path.read_bytes() == pickled_head(head_as_named(load_head(version), version))
    except (OSError, HeadMismatch):
        return False


def delete_version(studio: Studio, name: str) -> Done:
    """Move a version that is not in use to the trash, as a change that `undo_change` takes back; the caller holds the
    studio's lock. Raises VersionMissing, VersionInUse, SaveFailed, ChangeBlocked."""
    folder = studio.models_dir / name
    if not VERSION_NAME.fullmatch(name) or not folder.is_dir():
        raise VersionMissing(version=name, path=str(folder))
    if current_name(studio) == name:
        raise VersionInUse(version=name, path=str(folder))
    source = studio.relative(folder)
    return make_change(studio, "delete_version", [Move(source, f"{_TRASH}/{new_id()}/{name}")], {"version": name})


def restore_version(studio: Studio, name: str) -> Done:
    """Bring a deleted version back from the trash, the one deleted last where there are several of its name; the caller
    holds the studio's lock. Raises VersionMissing, SaveFailed, ChangeBlocked (another of that name is there)."""
    trash = studio.root / _TRASH
    found = [folder / name for folder in trash.iterdir()] if trash.is_dir() and VERSION_NAME.fullmatch(name) else []
    found = [folder for folder in found if folder.is_dir()]
    if not found:
        raise VersionMissing(version=name, path=str(trash))
    # A folder is changed when something is moved into it: when the version was deleted.
    latest = max(found, key=lambda folder: folder.parent.stat().st_mtime_ns)
    target = studio.relative(studio.models_dir / name)
    return make_change(studio, "undo_delete_version", [Move(studio.relative(latest), target)], {"version": name})


def read_notes(studio: Studio) -> dict[str, str]:
    """What people wrote beside versions: name -> text. A file that says nothing usable has no notes."""
    try:
        value: Any = read_json(studio.models_dir / _NOTES_NAME)
    except (OSError, ValueError):
        return {}
    return {str(name): text for name, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}


def write_note(studio: Studio, name: str, text: str) -> None:
    """Write a note beside a version; an empty one takes it away. Raises VersionMissing, SaveFailed."""
    load_version(studio, name)
    notes = read_notes(studio)
    notes.pop(name, None)
    if text.strip():
        notes[name] = text.strip()
    write_json(studio.models_dir / _NOTES_NAME, notes)
