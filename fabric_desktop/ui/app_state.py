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


@dataclass(slots=True)
class AppState:
    """Read once at start, written when something changed. A damaged file only costs the memory, never the start."""

    last_studio: str = ""
    lang: str = ""
    theme: str = ""
    layouts: dict[str, list[str]] = field(default_factory=dict)
    keeps: bool = True

    def layout_of(self, studio: Path) -> tuple[bytes, bytes] | None:
        """Geometry and dock state of the window for a studio, or None."""
        stored = self.layouts.get(str(studio))
        if not stored or len(stored) != 2:
            return None
        try:
            return base64.b64decode(stored[0], validate=True), base64.b64decode(stored[1], validate=True)
        except (binascii.Error, ValueError):
            return None

    def keep_layout(self, studio: Path, geometry: bytes, docks: bytes) -> None:
        self.layouts.pop(str(studio), None)
        self.layouts[str(studio)] = [base64.b64encode(geometry).decode(), base64.b64encode(docks).decode()]
        for old in list(self.layouts)[:-_KEPT_STUDIOS]:
            del self.layouts[old]

    def save(self) -> None:
        """Write it, if this start may leave traces. What cannot be kept is logged: nothing of value is lost."""
        if not self.keeps:
            return
        record = {
            "last_studio": self.last_studio,
            "lang": self.lang,
            "theme": self.theme,
            "layouts": self.layouts,
        }
        try:
            write_json(paths.home() / _NAME, record)
        except SaveFailed as error:
            log.warning("the window's state was not kept: %s", error)


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
    texts = {key: value for key in ("last_studio", "lang", "theme") if isinstance(value := record.get(key), str)}
    layouts = record.get("layouts")
    kept = {
        key: value
        for key, value in (layouts.items() if isinstance(layouts, dict) else ())
        if isinstance(value, list) and all(isinstance(part, str) for part in value)
    }
    return AppState(
        last_studio=texts.get("last_studio", ""),
        lang=texts.get("lang", ""),
        theme=texts.get("theme", ""),
        layouts=kept,
    )
