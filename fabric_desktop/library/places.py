"""Where photos, their records and the trash of a library lie, and which names are free. Changes nothing.

All paths that leave here are relative to the studio, with forward slashes, as steps of a change want them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from fabric_desktop.errors import FabricMissing
from fabric_desktop.imaging import is_photo_name
from fabric_desktop.studio import Studio
from fabric_desktop.studio.info import INFO_NAME

TRASH = ".trash/fabrics"
_REFUSED = '<>:"/\\|?*'


def fabric_folder(fabric_id: str) -> str:
    """The folder of a fabric's references."""
    return f"fabrics/{fabric_id}"


def label_folder(fabric_id: str) -> str:
    """The folder of a fabric's labelled patches."""
    return f"patches/labeled/{fabric_id}"


def info_path(fabric_id: str) -> str:
    """Where a fabric's declared data are."""
    return f"{fabric_folder(fabric_id)}/{INFO_NAME}"


def require_fabric(studio: Studio, fabric_id: str) -> None:
    """Raise FabricMissing unless the fabric has references, declared data or labelled patches here."""
    if fabric_id not in {*studio.fabric_ids(), *studio.labeled_ids()}:
        raise FabricMissing(fabric=fabric_id)


def record_of(photo: Path) -> Path | None:
    """The .json that belongs to a photo: none where another photo of the same stem may own it."""
    record = photo.with_suffix(".json")
    if not record.is_file():
        return None
    twins = [entry for entry in photo.parent.glob(f"{_literal(photo.stem)}.*") if is_photo_name(entry)]
    return record if len(twins) <= 1 else None


def _literal(text: str) -> str:
    return "".join(f"[{character}]" if character in "[]*?" else character for character in text)


class FreeNames:
    """Gives photos names in one folder that no file there has, whatever the case of letters, nor its record."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._stems = {_folded(Path(name).stem) for name in names}

    @classmethod
    def in_folder(cls, folder: Path) -> FreeNames:
        return cls(entry.name for entry in folder.iterdir()) if folder.is_dir() else cls()

    def take(self, wanted: str) -> str:
        """`wanted` as a file name for every system, with a number where its stem is taken."""
        name = Path(clean_name(wanted))
        stem, number = name.stem, 1
        while _folded(stem) in self._stems:
            number += 1
            stem = f"{name.stem}-{number}"
        self._stems.add(_folded(stem))
        return f"{stem}{name.suffix}"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def clean_name(name: str) -> str:
    """A file's name without what some system refuses; letters of every script stay."""
    text = unicodedata.normalize("NFC", name)
    kept = "".join("_" if c in _REFUSED or unicodedata.category(c)[0] == "C" else c for c in text).strip()
    path = Path(kept.lstrip(".") or "photo")
    # 255 bytes are what common file systems allow a name; a number and the record's ending need room.
    stem = path.stem.encode("utf-8")[:200].decode("utf-8", "ignore").rstrip(" .") or "photo"
    return f"{stem}{path.suffix}"
