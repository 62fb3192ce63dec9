"""One writer a studio: a lock file that names its owner. Reading needs no lock."""

from __future__ import annotations

import contextlib
import getpass
import logging
import os
import platform
import time
import weakref
from pathlib import Path
from types import TracebackType

from fabric_desktop.errors import FileTrouble, SaveFailed, StudioLocked, StudioMissing, StudioReadOnly
from fabric_desktop.studio.changes import Recovered, recover
from fabric_desktop.studio.files import read_json, trouble_of, write_json
from fabric_desktop.studio.layout import Studio
from fabric_desktop.studio.leftovers import has_leftovers, remove_leftovers

logger = logging.getLogger(__name__)

LOCK_NAME = ".studio.lock"
OWNER_NAME = ".studio.owner.json"
_LOOKS, _LOOK_S = 5, 0.04

# A window keeps its studio's lock as long as it shows it; the jobs it starts come in under that one.
_kept: weakref.WeakValueDictionary[tuple[Path, str], StudioLock] = weakref.WeakValueDictionary()


class StudioLock:
    """Holds the right to change a studio until released; the system frees it when the process dies.

    Whoever gets it first finishes what a kill had cut off (`changes.recover`); `recovered` says what that was, and
    `cut_off` since when (seconds since the epoch) a window of this studio had worked that ended without leaving.
    `acquire` raises StudioLocked with the owner's name when somebody else holds it, StudioReadOnly when the lock
    cannot be written at all.

    `keep`: held for a whole sitting. Further locks of this process for the same studio and the same `what` are then
    granted at once; they are the same person's. It may be released by another thread than the one that acquired it.
    """

    def __init__(self, studio: Studio, what: str = "", *, keep: bool = False) -> None:
        from filelock import FileLock

        self._studio = studio
        self._what = what
        self._keep = keep
        self._under: StudioLock | None = None
        self._mark: tuple[int, int] | None = None
        self._lock = FileLock(studio.root / LOCK_NAME, timeout=0, thread_local=False)
        self.recovered: list[Recovered] = []
        self.cut_off: float | None = None

    @property
    def held(self) -> bool:
        """Whether this process has the studio, by this lock or by the window's that it came in under."""
        return bool(self._lock.is_locked) or (self._under is not None and self._under.held)

    @property
    def _key(self) -> tuple[Path, str]:
        return self._studio.root, self._what

    def acquire(self) -> StudioLock:
        """Take the studio, or come in under the window's own lock; what a kill cut off is finished first.

        Raises StudioLocked, naming who has it; StudioMissing, StudioReadOnly, or FileTrouble where a share went away.
        """
        kept = _kept.get(self._key)
        if not self._keep and kept is not None and kept.held:
            kept.require_there()
            self._under = kept
            return self
        self._take()
        if self._keep:
            _kept[self._key] = self
            self._mark = self._identity()
        return self

    def _take(self) -> None:
        from filelock import Timeout

        place = self._studio.root / LOCK_NAME
        try:
            # Made here, since the lock itself would make a studio anew that has gone.
            handle = os.open(place, os.O_RDWR | os.O_CREAT, 0o666)
            status = os.fstat(handle)
            os.close(handle)
            self._lock.acquire()
        except Timeout:
            raise StudioLocked(path=str(self._studio.root), owner=_owner_by_now(self._studio)) from None
        except (FileNotFoundError, NotADirectoryError) as error:
            raise StudioMissing(path=str(self._studio.root)) from error
        except OSError as error:
            raise StudioReadOnly(path=str(self._studio.root)) from error
        try:
            self._require_same(place, (status.st_dev, status.st_ino))
            self._move_in()
        except BaseException:
            self.release()
            raise

    def _require_same(self, place: Path, mark: tuple[int, int]) -> None:
        """Raise StudioMissing when the studio went between the two looks at its lock, and a folder was made there."""
        if os.path.lexists(place) and self._identity() == mark:
            return
        self._lock.release(force=True)
        with contextlib.suppress(OSError):
            if os.listdir(self._studio.root) == [LOCK_NAME]:
                place.unlink()
                self._studio.root.rmdir()
        raise StudioMissing(path=str(self._studio.root))

    def require_there(self) -> None:
        """Raise FileTrouble when the studio is no longer where it was: moved, deleted, or on a share that went away.

        What is written there now would lie in a folder of the same name that nobody looks into later. A studio that
        is there again is locked again; StudioLocked when somebody else was first.
        """
        try:
            now = self._identity()
        except OSError as error:
            trouble = trouble_of(error)
            raise FileTrouble(**(trouble.params | {"path": str(self._studio.root)})) from error
        if now != self._mark:
            self._lock.release(force=True)
            self._take()
            self._mark = self._identity()

    def _identity(self) -> tuple[int, int]:
        status = (self._studio.root / LOCK_NAME).stat()
        return status.st_dev, status.st_ino

    def _move_in(self) -> None:
        owner = self._studio.root / OWNER_NAME
        # Whoever leaves takes their name along; a kill while it was being written leaves it half-written.
        killed = os.path.lexists(owner) or has_leftovers(self._studio)
        self.cut_off = _since_when(owner)
        # The name is a courtesy to the second person; the lock itself is what protects.
        with contextlib.suppress(SaveFailed):
            write_json(owner, {"owner": _me(), "pid": os.getpid(), "what": self._what})
        try:
            self.recovered = recover(self._studio)
        except (OSError, SaveFailed) as error:
            # Not this job's trouble: the journal stays for the next one, and `fabric-desktop check` shows it.
            logger.warning("a change that was cut off could not be finished: %s", error)
        if killed:
            remove_leftovers(self._studio)

    def release(self) -> None:
        """Let the studio go; nothing where it was not held."""
        self._under = None
        if self._lock.is_locked:
            if _kept.get(self._key) is self:
                del _kept[self._key]
            with contextlib.suppress(OSError):
                (self._studio.root / OWNER_NAME).unlink()
            self._lock.release()

    def __enter__(self) -> StudioLock:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _me() -> str:
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        name = "?"
    return f"{name}@{platform.node()}"


def owner_of(studio: Studio) -> str:
    """Who holds the lock, as far as the file beside it says: `name@computer (window)`."""
    try:
        record = read_json(studio.root / OWNER_NAME)
        owner, what = str(record["owner"]), str(record.get("what", ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "?"
    return f"{owner} ({what})" if what else owner


def _owner_by_now(studio: Studio) -> str:
    """Whoever has just taken the lock is about to write their name beside it."""
    for _ in range(_LOOKS):
        owner = owner_of(studio)
        if owner != "?":
            break
        time.sleep(_LOOK_S)
    return owner


def _since_when(owner: Path) -> float | None:
    """When the window began whose name is still there though nobody holds the lock; None where there was none."""
    try:
        record = read_json(owner)
        return owner.stat().st_mtime if isinstance(record, dict) and record.get("what") == "window" else None
    except (OSError, ValueError):
        return None
