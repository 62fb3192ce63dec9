"""Model versions: immutable folders of everything that predicts, and the one name that says which is in use.

A version has parts (`bank`, `head`), each a few files. What is in them is for `bank` and `head` to know; here they
are only kept whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fabric_desktop.errors import SaveFailed, VersionMissing
from fabric_desktop.studio.files import (
    json_bytes,
    make_folder,
    read_json,
    reason_of,
    write_bytes,
    write_json,
    write_together,
)
from fabric_desktop.studio.history import Use, history_path, history_with, read_history
from fabric_desktop.studio.layout import Studio
from fabric_desktop.studio.renames import (
    BANK_MADE,
    HEAD_RENAMED,
    RENAMED,
    bank_made,
    bank_renamings,
    present_in,
    renamings_since,
    split_since,
)

MANIFEST_NAME = "manifest.json"
PART_FILES = {"bank": ("bank.npz", "bank.json"), "head": ("head.npz", "head_folds.npz")}
# Entries of a manifest that change what a version answers, beside its files.
ALPHA_RULES = "alpha_rules"  # the source of the rules that alpha was measured with
TUNING = ("alpha", ALPHA_RULES, "calibration")
# Entries that belong to a head and go where it goes: how it is used, and the labels there were when it was trained.
_OF_THE_HEAD = (*TUNING, "labels")
_FILE_NAMES = frozenset(name for names in PART_FILES.values() for name in names)
VERSION_NAME = re.compile(r"v([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class Version:
    """One model version: its name (`v1`, `v2`, ...), its folder and its manifest."""

    name: str
    path: Path
    manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return int(self.name[1:])


def list_versions(studio: Studio) -> list[Version]:
    """Whole versions, oldest first; folders that are none or are damaged are passed over."""
    if not studio.models_dir.is_dir():
        return []
    versions = []
    for folder in studio.models_dir.iterdir():
        if VERSION_NAME.fullmatch(folder.name):
            with contextlib.suppress(VersionMissing):
                versions.append(load_version(studio, folder.name))
    return sorted(versions, key=lambda version: version.number)


def load_version(studio: Studio, name: str) -> Version:
    """A version by name. Raises VersionMissing when it is not there, when its manifest does not describe whole parts,
    what is recorded of them makes no sense, or a file differs from its hash there."""
    manifest = read_manifest(studio, name)
    folder = studio.models_dir / name
    try:
        for file_name, expected in manifest["files"].items():
            if file_name not in _FILE_NAMES or _hash(folder / file_name) != expected:
                raise VersionMissing(version=name, path=str(folder / file_name))
    except OSError as error:
        raise VersionMissing(version=name, path=str(folder)) from error
    return Version(name, folder, manifest)


def read_manifest(studio: Studio, name: str) -> dict[str, Any]:
    """What a version's manifest says, its files unseen. Raises VersionMissing when that makes no sense."""
    folder = studio.models_dir / name
    if not VERSION_NAME.fullmatch(name):
        raise VersionMissing(version=name, path=str(folder))
    try:
        manifest = read_json(folder / MANIFEST_NAME)
        for part, facts in manifest["parts"].items():
            for file_name in PART_FILES.get(part, ()):
                if file_name not in manifest["files"] or not isinstance(facts, dict):
                    raise VersionMissing(version=name, path=str(folder / file_name))
        _require_sense(name, manifest)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise VersionMissing(version=name, path=str(folder)) from error
    return dict(manifest)


def _require_sense(name: str, manifest: dict[str, Any]) -> None:
    """Raise ValueError unless what everybody takes for granted of a manifest holds: its parent is an older version,
    its date is one, and what is counted is a number."""
    if not isinstance(manifest["files"], dict):
        raise ValueError("files")
    parent, created = manifest.get("parent"), manifest.get("created")
    if parent is not None and not (VERSION_NAME.fullmatch(parent) and int(parent[1:]) < int(name[1:])):
        raise ValueError("parent")
    if created is not None and datetime.fromisoformat(created).tzinfo is None:
        raise ValueError("created")
    for key in ("encoder", "fingerprint"):
        if not isinstance(manifest.get(key, ""), str):
            raise ValueError(key)
    for facts in manifest["parts"].values():
        counted = [facts.get(key, 0) for key in ("samples", "images", "fabrics")]
        if not all(isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 10**9 for count in counted):
            raise ValueError("parts")


def _hash(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def current_version(studio: Studio) -> Version | None:
    """The version in use, or None when none has been put in use. Raises VersionMissing when it is not whole."""
    name = current_name(studio)
    return None if name is None else load_version(studio, name)


def current_name(studio: Studio) -> str | None:
    """The name in models/current.json. Raises VersionMissing when that file says nothing usable."""
    try:
        name = read_json(studio.current_path)["version"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VersionMissing(version="?", path=str(studio.current_path)) from error
    if not isinstance(name, str) or not VERSION_NAME.fullmatch(name):
        raise VersionMissing(version=str(name), path=str(studio.current_path))
    return name


Measure = Callable[[Version], Mapping[str, Any]]


def create_version(
    studio: Studio, write: Callable[[Path], None], manifest: dict[str, Any], measure: Measure | None = None
) -> Version:
    """Make the next version: `write` fills a folder, which is then named and never changed again.

    The manifest gains `created` (UTC, ISO 8601) and `files` (SHA-256 of each). `measure` is handed the version while
    it is still being built, to try it, and returns further entries of the manifest. Until the folder has its name
    nothing refers to it, so an interruption leaves the studio as it was. Raises SaveFailed, and what `measure` raises.
    """
    made_folder = not studio.models_dir.exists()
    try:
        make_folder(studio.models_dir)
        # A name that was in use once is not given again: the history would speak of two versions.
        names = [entry.name for entry in studio.models_dir.iterdir()] + [use.version for use in read_history(studio)]
        taken = [int(match[1]) for entry in names if (match := VERSION_NAME.fullmatch(entry))]
        name = f"v{max(taken, default=0) + 1}"
        building = studio.models_dir / f".building-{name}"
        if building.exists():
            shutil.rmtree(building)
        building.mkdir()
    except OSError as error:
        raise SaveFailed(path=str(studio.models_dir), reason=reason_of(error), detail=str(error)) from error
    try:
        write(building)
        record = {
            "version": name,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            **manifest,
            "files": {entry.name: _hash(entry) for entry in sorted(building.iterdir())},
        }
        if measure is not None:
            record |= measure(Version(name, building, record))
        write_json(building / MANIFEST_NAME, record)
        final = studio.models_dir / name
        building.rename(final)
    except OSError as error:
        raise SaveFailed(path=str(building), reason=reason_of(error), detail=str(error)) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
        if made_folder:
            with contextlib.suppress(OSError):
                studio.models_dir.rmdir()  # only when nothing came of it
    return Version(name, final, record)


def use_version(studio: Studio, name: str, copies: Mapping[Path, bytes] | None = None) -> Version:
    """Put a version in use, after checking that it is whole. Raises VersionMissing, SaveFailed.

    `copies` are files for other programs that go with it (the bank at the root, clip_model.pkl): they, the line in
    the history and the name are put in place together, or on a failing disk none of them.
    """
    version = load_version(studio, name)
    since = datetime.now(UTC).isoformat(timespec="seconds")
    history = {history_path(studio): history_with(studio, Use(name, since))}
    current = {studio.current_path: json_bytes({"version": name, "since": since})}
    write_together({**(copies or {}), **history, **current})
    return version


@dataclass(frozen=True, slots=True)
class NewPart:
    """A part of a version to be: `write` puts its files into a folder, `facts` describe it in the manifest."""

    write: Callable[[Path], None]
    facts: dict[str, Any]


def draft_version(
    studio: Studio,
    *,
    encoder: str,
    fingerprint: str,
    parts: dict[str, NewPart],
    notes: dict[str, Any] | None = None,
    measure: Measure | None = None,
) -> Version:
    """Make a version with these parts new; it is not put in use.

    Parts that are not given are carried over from the version in use, if that was made with the same encoder
    fingerprint. Where everything that predicts comes out as in the version in use, or as in another, that version is
    returned and none is made. `notes` are further entries of the manifest, and `measure` is `create_version`'s.
    Raises SaveFailed, and what `measure` raises.
    """
    try:
        parent = current_version(studio)
    except VersionMissing:
        parent = None
    described: dict[str, Any] = {name: part.facts for name, part in parts.items()}
    carried: list[Path] = []
    remembered: dict[str, Any] = {}
    if parent is not None and parent.manifest.get("fingerprint") == fingerprint:
        for name, facts in parent.manifest.get("parts", {}).items():
            if name not in parts and name in PART_FILES and not (name == "head" and _was_split(studio, parent)):
                described[name] = facts
                carried += [parent.path / file_name for file_name in PART_FILES[name]]
                if name == "head":
                    remembered |= {key: parent.manifest[key] for key in _OF_THE_HEAD if key in parent.manifest}
                    # Its ids are those of when it was trained.
                    renamed = present_in(studio.models_dir, parent.manifest, of_head=True)
                    remembered |= {HEAD_RENAMED: renamed} if renamed else {}
                if name == "bank":
                    remembered = _ids_of_bank(studio, parent) | remembered

    def fill(folder: Path) -> None:
        for part in parts.values():
            part.write(folder)
        for source in carried:
            write_bytes(folder / source.name, source.read_bytes())

    manifest = {
        "encoder": encoder,
        "fingerprint": fingerprint,
        "parent": parent.name if parent is not None else None,
        "parts": described,
        **remembered,
        **(notes or {}),
    }
    version = create_version(studio, fill, manifest, measure)
    same = _same_as(studio, version, parent)
    if same is not None:
        shutil.rmtree(version.path, ignore_errors=True)
        return same
    return version


def _ids_of_bank(studio: Studio, parent: Version) -> dict[str, Any]:
    """Entries for a version with the bank of an older one: its ids, and where its photos lay, are those of when it was
    made. A head made new knows the ids of now."""
    entries: dict[str, Any] = {}
    if bank_renamings(studio.models_dir, parent.manifest):
        entries[BANK_MADE] = bank_made(parent.manifest)
    if parent.manifest.get(RENAMED):
        entries |= {RENAMED: parent.manifest[RENAMED], HEAD_RENAMED: {}}
    return entries


def _was_split(studio: Studio, version: Version) -> bool:
    """Whether a version knows two fabrics as one that are two again; it is left behind rather than carried on."""
    return bool(split_since(studio.models_dir, version.manifest))


def _same_as(studio: Studio, version: Version, parent: Version | None) -> Version | None:
    """Another version that answers as this one does, the parent before the newest; only what its manifest says to be
    the same is read to see that it is whole."""
    names = [entry.name for entry in studio.models_dir.iterdir() if VERSION_NAME.fullmatch(entry.name)]
    names.sort(key=lambda name: int(name[1:]), reverse=True)
    for name in ([parent.name] if parent is not None else []) + names:
        with contextlib.suppress(VersionMissing):
            described = Version(name, studio.models_dir / name, read_manifest(studio, name))
            if name != version.name and _predicts_alike(described, version):
                return load_version(studio, name)
    return None


def _predicts_alike(one: Version, other: Version) -> bool:
    """Whether two versions are the same for everything but their description. One that has had fabrics renamed since it
    was made speaks of them otherwise than one with the same files that has not."""
    keys = ("files", "fingerprint", *TUNING, RENAMED, HEAD_RENAMED, BANK_MADE)
    named = [
        renamings_since(version.path.parent, version.manifest.get("created"), version.name) for version in (one, other)
    ]
    return named[0] == named[1] and all(one.manifest.get(key) == other.manifest.get(key) for key in keys)


def publish_version(
    studio: Studio, *, encoder: str, fingerprint: str, parts: dict[str, NewPart], copies: Mapping[Path, bytes]
) -> Version:
    """`draft_version`, then `use_version` with these copies; on a failing disk the studio is as it was before.

    Raises SaveFailed.
    """
    before = {entry.name for entry in studio.models_dir.iterdir()} if studio.models_dir.is_dir() else set()
    version = draft_version(studio, encoder=encoder, fingerprint=fingerprint, parts=parts)
    try:
        return use_version(studio, version.name, copies)
    except SaveFailed:
        if version.name not in before:
            shutil.rmtree(version.path, ignore_errors=True)
        raise


def discard_version(studio: Studio, name: str) -> None:
    """Delete a version that is not in use. Raises VersionMissing (also for the one in use), SaveFailed."""
    if not VERSION_NAME.fullmatch(name) or current_name(studio) == name or not (studio.models_dir / name).is_dir():
        raise VersionMissing(version=name, path=str(studio.models_dir / name))
    doomed = studio.models_dir / f".discarded-{name}"
    try:
        # Out of the way by one move first, so that an interruption never leaves half a version under its name.
        (studio.models_dir / name).rename(doomed)
    except OSError as error:
        raise SaveFailed(path=str(studio.models_dir / name), reason=reason_of(error), detail=str(error)) from error
    shutil.rmtree(doomed, ignore_errors=True)
