"""Changes to several files of a studio as one step: journaled, undone as a whole, finished after a kill.

A change is a list of small steps (move, write, make a folder) that are each the same when done twice. Nothing here
knows what a fabric is: `library` plans the steps.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeGuard

from fabric_desktop.errors import ChangeBlocked, SaveFailed
from fabric_desktop.studio.files import (
    TEMP_PREFIX,
    make_folder,
    put_in_place,
    read_json,
    reason_of,
    write_bytes,
    write_json,
)
from fabric_desktop.studio.layout import Studio
from fabric_desktop.studio.renames import renames_path, taken_back
from fabric_desktop.studio.steps import (
    MakeFolder,
    Move,
    Step,
    Write,
    as_json,
    from_json,
    inverse,
    paths_of,
)

logger = logging.getLogger(__name__)

CHANGES, TRASH = ".changes", ".trash"
_FORMAT = 1
_FORWARD, _BACK = "forward", "back"


@dataclass(frozen=True, slots=True)
class Done:
    """A change that was made, and how to take it back. `kind` and `params` say what it was (text `change.<kind>`)."""

    id: str
    kind: str
    params: dict[str, object] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @property
    def fabrics(self) -> frozenset[str]:
        """Fabrics whose folder of references this touched."""
        return self._below("fabrics")

    @property
    def labels(self) -> frozenset[str]:
        """Fabrics whose labelled patches this touched."""
        return self._below("patches/labeled")

    @property
    def eval_set(self) -> bool:
        """Whether the evaluation set was rewritten."""
        return "eval_set.jsonl" in self._paths()

    def _paths(self) -> list[str]:
        return [path for step in self.steps for path in paths_of(step)]

    def _below(self, folder: str) -> frozenset[str]:
        inside = [path.removeprefix(f"{folder}/") for path in self._paths() if path.startswith(f"{folder}/")]
        return frozenset(path.split("/")[0] for path in inside)


@dataclass(frozen=True, slots=True)
class Staging:
    """Where files of a change wait: the change's id, for `make_change`, and the folder."""

    id: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Recovered:
    """A change that a kill had cut off, and what became of it. `left` names files that were no longer where it
    had put them, and were left alone."""

    kind: str
    params: dict[str, object]
    completed: bool
    left: tuple[str, ...] = ()


def changes_dir(studio: Studio) -> Path:
    """Where journals of changes under way lie, and copies that wait to be moved into place."""
    return studio.root / CHANGES


def new_id() -> str:
    """A name for a change or a trash folder: local time and four random characters, so that names sort by time."""
    return f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


@contextlib.contextmanager
def staging(studio: Studio) -> Iterator[Staging]:
    """A place for files of a change that is being prepared. It goes at the end, whatever happened; after a kill,
    `recover` removes it. Raises SaveFailed."""
    change_id = new_id()
    folder = changes_dir(studio) / change_id
    try:
        make_folder(folder)
    except OSError as error:
        raise _as_save_failed(error, folder) from error
    try:
        yield Staging(change_id, folder)
    finally:
        if not _journal(studio, change_id).exists():
            _forget(studio, change_id)


def make_change(
    studio: Studio, kind: str, steps: Sequence[Step], params: Mapping[str, object] | None = None, *, id: str = ""
) -> Done:
    """Do all steps or none of them; the caller holds the studio's lock.

    A journal is on the disk before the first step and goes after the last one, so that a kill in between is completed
    by `recover`. Raises ChangeBlocked (path, reason: missing, taken, changed) before anything has been touched;
    SaveFailed after everything done so far has been taken back.
    """
    done = Done(id or new_id(), kind, dict(params or {}), tuple(steps))
    _require_possible(studio, done.steps)
    if not done.steps:
        return done
    journal = _journal(studio, done.id)
    _write_journal(journal, done, _FORWARD)
    finished: list[Step] = []
    try:
        for step in done.steps:
            _do(studio, step)
            finished.append(step)
    except (OSError, SaveFailed) as error:
        _write_journal(journal, done, _BACK)
        try:
            for step in reversed(finished):
                _do(studio, inverse(step))
        except (OSError, SaveFailed) as second:
            # The journal says which way to go on; the next one to lock the studio does.
            logger.warning("%s could not be taken back yet: %s", kind, second)
        else:
            _forget(studio, done.id)
        raise _as_save_failed(error, studio.root) from error
    _forget(studio, done.id)
    return done


def _as_save_failed(error: OSError | SaveFailed, where: Path) -> SaveFailed:
    if isinstance(error, SaveFailed):
        return error
    return SaveFailed(path=str(error.filename or where), reason=reason_of(error), detail=str(error))


def undo_change(studio: Studio, done: Done) -> Done:
    """Take a change back as one step, itself a change: undoing the result does it again.

    Files that the change brought into the studio go to the trash. Raises ChangeBlocked when a file is no longer as
    the change left it, SaveFailed; the studio is then as it was.
    """
    kind = done.kind.removeprefix("undo_") if done.kind.startswith("undo_") else f"undo_{done.kind}"
    trash = new_id()
    steps = [
        Move(step.target, trashed(step.target, trash)) if _brought_in(step) else _inverse(studio, step)
        for step in reversed(done.steps)
    ]
    return make_change(studio, kind, steps, done.params)


def _inverse(studio: Studio, step: Step) -> Step:
    if isinstance(step, Write) and studio.root / step.path == renames_path(studio.models_dir):
        return taken_back(studio, step)
    return inverse(step)


def trashed(path: str, trash_id: str) -> str:
    """Where a file of the studio lies in the trash: `fabrics/mian/a.jpg` in `.trash/fabrics/<trash id>/mian/a.jpg`."""
    room, _, rest = path.partition("/")
    return f"{TRASH}/{room}/{trash_id}/{rest}"


def _brought_in(step: Step) -> TypeGuard[Move]:
    return isinstance(step, Move) and step.source.startswith(f"{CHANGES}/")


def pending_changes(studio: Studio) -> list[str]:
    """Ids of changes that were cut off and not yet finished."""
    return sorted(path.stem for path in _entries(studio) if path.suffix == ".json")


def recover(studio: Studio) -> list[Recovered]:
    """Finish what a kill cut off: a change that had begun is completed, one that was being taken back is taken back.

    Copies of a change that never began are removed. Called by `StudioLock.acquire`, whose holder is alone here.
    Raises SaveFailed when a step still cannot be done; the journal then stays for the next time.
    """
    found: list[Recovered] = []
    for path in sorted(entry for entry in _entries(studio) if entry.suffix == ".json"):
        try:
            done, direction = _read_journal(path)
        except OSError as error:
            # A share that does not answer now may later: what the journal says is not lost.
            raise _as_save_failed(error, path) from error
        except (ValueError, LookupError, TypeError) as error:
            logger.warning("a journal that says nothing was set aside: %s: %s", path.name, error)
            path.rename(path.with_suffix(".damaged"))
            continue
        forward = direction == _FORWARD
        steps = done.steps if forward else tuple(inverse(step) for step in reversed(done.steps))
        left: list[str] = []
        for step in steps:
            try:
                left += _do_again(studio, step)
            except OSError as error:
                raise _as_save_failed(error, path) from error
        _forget(studio, done.id)
        logger.warning(
            "%s %s was cut off and has been %s", done.kind, done.params, "completed" if forward else "undone"
        )
        found.append(Recovered(done.kind, done.params, forward, tuple(left)))
    for entry in _entries(studio):
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name.startswith(TEMP_PREFIX):  # a journal that was not written to its end: nothing had begun
            entry.unlink(missing_ok=True)
    _drop_changes_dir(studio)
    return found


def _drop_changes_dir(studio: Studio) -> None:
    with contextlib.suppress(OSError):
        changes_dir(studio).rmdir()  # only when nothing else is in it


def _entries(studio: Studio) -> list[Path]:
    folder = changes_dir(studio)
    return list(folder.iterdir()) if folder.is_dir() else []


def _journal(studio: Studio, change_id: str) -> Path:
    return changes_dir(studio) / f"{change_id}.json"


def _forget(studio: Studio, change_id: str) -> None:
    _journal(studio, change_id).unlink(missing_ok=True)
    shutil.rmtree(changes_dir(studio) / change_id, ignore_errors=True)
    _drop_changes_dir(studio)


def _require_possible(studio: Studio, steps: Sequence[Step]) -> None:
    """Raise ChangeBlocked unless every step finds what it needs, counting what the steps before it do."""
    moves: list[Move] = []

    def now_at(path: str) -> Path | None:
        """Where what the steps so far would put at `path` lies before the first of them; None: nowhere."""
        for move in reversed(moves):
            if _within(path, move.target):
                path = move.source + path[len(move.target) :]
            elif _within(path, move.source):
                return None
        return studio.root / path

    for step in steps:
        if isinstance(step, Move):
            source, target = now_at(step.source), now_at(step.target)
            if source is None or not _exists(source):
                raise ChangeBlocked(path=str(studio.root / step.source), reason="missing")
            if target is not None and _exists(target) and not _same_name(source, target):
                raise ChangeBlocked(path=str(studio.root / step.target), reason="taken")
            moves.append(step)
        elif isinstance(step, Write):
            place = now_at(step.path)
            if (None if place is None else _content(place)) != step.before:
                raise ChangeBlocked(path=str(studio.root / step.path), reason="changed")


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _exists(path: Path) -> bool:
    return os.path.lexists(path)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _do(studio: Studio, step: Step) -> None:
    """One step. OSError or SaveFailed when it cannot be done."""
    if isinstance(step, Move):
        source, target = studio.root / step.source, studio.root / step.target
        make_folder(target.parent)
        if _exists(target) and not _same_name(source, target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        try:
            put_in_place(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _carry_over(source, target)
    elif isinstance(step, Write):
        if step.after is None:
            (studio.root / step.path).unlink(missing_ok=True)
        else:
            write_bytes(studio.root / step.path, step.after)
    elif isinstance(step, MakeFolder):
        make_folder(studio.root / step.path)
    else:
        with contextlib.suppress(OSError):
            (studio.root / step.path).rmdir()


def _carry_over(source: Path, target: Path) -> None:
    """A move to another drive (a part of the studio may be a link to one): copied whole, put in place, then removed."""
    beside = target.with_name(f"{TEMP_PREFIX}{target.name}")
    if source.is_dir() and not source.is_symlink():
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(source, beside, symlinks=True)
        put_in_place(beside, target)
        shutil.rmtree(source)
    else:
        shutil.copy2(source, beside, follow_symlinks=False)
        put_in_place(beside, target)
        source.unlink()


def _same_name(source: Path, target: Path) -> bool:
    """Whether two spellings mean one folder entry, as `Cotton` and `cotton` do on Windows and macOS."""
    return (
        source.parent == target.parent and source.name.casefold() == target.name.casefold() and source.samefile(target)
    )


def _do_again(studio: Studio, step: Step) -> list[str]:
    """One step of a change that was cut off, which may have been done already; what has to be left alone."""
    if isinstance(step, Move):
        source, target = studio.root / step.source, studio.root / step.target
        if not _exists(source):
            return [] if _exists(target) else [step.target]
        if _exists(target) and not _same_name(source, target):
            if not (source.is_file() and _content(source) == _content(target)):
                return [step.source]
            source.unlink()  # it was being carried over to another drive, and had arrived
            return []
    _do(studio, step)
    return []


def _write_journal(path: Path, done: Done, direction: str) -> None:
    write_json(
        path,
        {
            "format": _FORMAT,
            "id": done.id,
            "direction": direction,
            "kind": done.kind,
            "params": {
                key: value if isinstance(value, (int, float)) else str(value) for key, value in done.params.items()
            },
            "steps": [as_json(step) for step in done.steps],
        },
    )


def _read_journal(path: Path) -> tuple[Done, str]:
    value = read_json(path)
    if value["format"] != _FORMAT or value["direction"] not in (_FORWARD, _BACK):
        raise ValueError("another format")
    steps = tuple(from_json(entry) for entry in value["steps"])
    for step in steps:
        for place in paths_of(step):
            parts = place.split("/")
            if ".." in parts or "" in parts or "\\" in place or ":" in parts[0] or "\0" in place:
                raise ValueError(f"{place!r} leads out of the studio")
    return Done(path.stem, str(value["kind"]), dict(value["params"]), steps), value["direction"]
