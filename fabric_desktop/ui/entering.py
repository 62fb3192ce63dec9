"""Going into a studio: its settings, its recognizer and its lock, read on the job thread. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fabric_desktop.errors import StudioLocked, StudioReadOnly
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Settings, Studio, StudioLock, load_settings, open_studio
from fabric_desktop.ui.resuming import Resumed, resumed


@dataclass(frozen=True, slots=True)
class Place:
    """A studio that was entered. `lock` is held while the window works in it; `locked` says who else holds it."""

    studio: Studio
    recognizer: Recognizer
    settings: Settings
    lock: StudioLock | None
    locked: StudioLocked | None
    resumed: Resumed | None = None  # what a kill had cut off and is there again


def enter(path: Path, *, create: bool, keep: bool, held: StudioLock | None, held_root: Path | None) -> Place:
    studio = open_studio(path, create=create)
    settings = load_settings(studio)
    lock, locked, found = held, None, None
    if keep and (held is None or held_root != studio.root):
        lock = StudioLock(studio, "window", keep=True)
        try:
            lock.acquire()
            found = resumed(studio, lock)
        except StudioLocked as error:
            lock, locked = None, StudioLocked(**(error.params | {"reason": "opened_read_only"}))
        except StudioReadOnly:
            lock = None
    return Place(studio, Recognizer(studio), settings, lock, locked, found)
