"""What the window remembers from one start to the next, in the person's own folder: the last studio, its places."""

from __future__ import annotations

import base64
import binascii
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fabric_desktop import paths
from fabric_desktop.errors import SaveFailed
from fabric_desktop.studio.files import read_json, write_json

log = logging.getLogger(__name__)

_NAME = "window.json"
_KEPT_STUDIOS = 20
_TEXTS = ("last_studio", "lang", "theme", "geometry", "welcomed")


@dataclass(slots=True)
class AppState:
    """Read once at start, written when something changed. A damaged file only costs the memory, never the start."""

    last_studio: str = ""
    lang: str = ""
    theme: str = ""
    geometry: str = ""
    welcomed: str = ""  # the version whose first steps were shown
    docks: dict[str, str] = field(default_factory=dict)
    keeps: bool = True

    def place_of_window(self) -> bytes:
        """Where the window was, as Qt saved it; empty when that is not known."""
        return _decoded(self.geometry)

    def docks_of(self, studio: Path) -> bytes:
        """How the docks stood in a studio; empty when that is not known."""
        return _decoded(self.docks.get(str(studio), ""))

    def keep_layout(self, studio: Path, geometry: bytes, docks: bytes) -> None:
        self.geometry = base64.b64encode(geometry).decode()
        self.docks.pop(str(studio), None)
        self.docks[str(studio)] = base64.b64encode(docks).decode()
        for old in list(self.docks)[:-_KEPT_STUDIOS]:
            del self.docks[old]

    def save(self) -> None:
        """Write it, if this start may leave traces. What cannot be kept is logged: nothing of value is lost."""
        if not self.keeps:
            return
        record = {
            "last_studio": self.last_studio,
            "lang": self.lang,
            "theme": self.theme,
            "geometry": self.geometry,
            "welcomed": self.welcomed,
            "docks": self.docks,
        }
        try:
            write_json(paths.home() / _NAME, record)
        except SaveFailed as error:
            log.warning("the window's state was not kept: %s", error)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def load_state() -> AppState:
    """The remembered state; a fresh one when there is none or it cannot be used."""
    try:
        record: Any = read_json(paths.home() / _NAME)
    except FileNotFoundError:
        return AppState()
    except (OSError, ValueError) as error:
        log.warning("the window's state is not readable: %s", error)
        return AppState()
    if not isinstance(record, dict):
        return AppState()
    texts = {key: value for key in _TEXTS if isinstance(value := record.get(key), str)}
    docks = record.get("docks")
    kept = {key: value for key, value in docks.items() if isinstance(value, str)} if isinstance(docks, dict) else {}
    return AppState(
        last_studio=texts.get("last_studio", ""),
        lang=texts.get("lang", ""),
        theme=texts.get("theme", ""),
        geometry=texts.get("geometry", ""),
        welcomed=texts.get("welcomed", ""),
        docks=kept,
    )
