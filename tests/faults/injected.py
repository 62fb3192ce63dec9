"""A file system that fails: the nth call that touches a folder raises, once or for good.

Works below pathlib, tempfile, shutil and zipfile, which all ask `os` and `open`.
"""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

# Every way in which a file or folder is reached; each with a path or a descriptor first.
CALLS = (
    "open", "stat", "lstat", "scandir", "listdir", "mkdir", "rmdir", "unlink", "remove", "rename", "replace", "link",
    "fsync", "chmod",
)  # fmt: skip


# The moments at which a file is the new one not yet, or not for good.
AT = {"write": ("fdopen",), "flush": ("fsync",), "rename": ("rename", "replace", "link")}


class Disk:
    """Counts the calls that touch a folder, and raises at the one of a given number."""

    def __init__(self, folder: Path, fails_at: int, number: int, *, for_good: bool) -> None:
        self._folder = os.fspath(folder)
        self._fails_at = fails_at
        self._errno = number
        self._for_good = for_good
        self.calls = 0
        self.failed: list[str] = []

    def _concerns(self, what: object) -> bool:
        if isinstance(what, int):
            try:
                what = os.readlink(f"/proc/self/fd/{what}")
            except OSError:
                return False
        try:
            path = os.fsdecode(what)  # type: ignore[arg-type]
        except TypeError:
            return False
        return path == self._folder or path.startswith(self._folder + os.sep)

    def wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def touch(what: object, *args: Any, **kwargs: Any) -> Any:
            if self._concerns(what) or (args and isinstance(args[0], str) and self._concerns(args[0])):
                self.calls += 1
                if self.calls == self._fails_at or (self._for_good and self.calls > self._fails_at):
                    self.failed.append(name)
                    path = None if isinstance(what, int) else os.fspath(what)  # type: ignore[call-overload]
                    raise OSError(self._errno, os.strerror(self._errno), path)
            return call(what, *args, **kwargs)

        return touch

    def half_written(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """`os.fdopen` whose file takes only the first half of what is written, once its turn has come."""

        def touch(handle: int, *args: Any, **kwargs: Any) -> Any:
            stream = call(handle, *args, **kwargs)
            if not self._concerns(handle) or not stream.writable():
                return stream
            self.calls += 1
            if self.calls != self._fails_at:
                return stream
            self.failed.append("write")
            return _Half(stream, self._errno)

        return touch


class _Half:
    """A file whose disk is full half-way."""

    def __init__(self, stream: Any, number: int) -> None:
        self._stream, self._errno = stream, number

    def write(self, data: bytes) -> int:
        self._stream.write(data[: len(data) // 2])
        self._stream.flush()
        raise OSError(self._errno, os.strerror(self._errno))

    def __enter__(self) -> _Half:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def failing(
    folder: Path, fails_at: int, number: int, *, for_good: bool = False, calls: tuple[str, ...] = CALLS
) -> Iterator[Disk]:
    """While it lasts, call `fails_at` (from 1) of `calls` that touches `folder` raises OSError(number), and with
    `for_good` every one after it too, as a share does that is gone. `fdopen` fails by writing a half."""
    disk = Disk(folder, fails_at, number, for_good=for_good)
    opened = disk.wrapped("open", builtins.open) if "open" in calls else builtins.open
    with patch.object(builtins, "open", opened), patch.object(io, "open", opened):
        undo = {name: getattr(os, name) for name in calls}
        for name, call in undo.items():
            setattr(os, name, disk.half_written(call) if name == "fdopen" else disk.wrapped(name, call))
        try:
            yield disk
        finally:
            for name, call in undo.items():
                setattr(os, name, call)
