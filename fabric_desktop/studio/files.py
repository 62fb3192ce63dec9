"""Writing so that a file is either the old one or the new one, whole; reading arrays so that nothing can run code."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import math
import os
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabric_desktop.errors import FileTrouble, SaveFailed
from fabric_desktop.parsing import read_json as read_json

if TYPE_CHECKING:
    import numpy as np

TEMP_PREFIX = ".writing-"
_CHUNK = 2**20
# A virus scanner or indexer may hold a file for a moment on Windows (errors 5, 32, 33); mypy and labelme wait likewise.
_WINDOWS_PATIENCE_S = 2.0


def write_bytes(path: Path, data: bytes) -> None:
    """Put `data` at `path`: written beside it, flushed to the disk, then moved into place.

    Raises SaveFailed(path, reason: disk_full, read_only, no_permission, name_too_long, other); the old file is whole.
    """
    write_together({path: data})


def write_together(files: Mapping[Path, bytes]) -> None:
    """`write_bytes` for files that belong together: none is moved into place before all are on the disk.

    A full or failing disk therefore leaves all the old ones. Only the moves themselves, which need no room, come one
    after the other, in the order given. Raises SaveFailed for the first file that cannot be written.
    """
    waiting: dict[Path, Path] = {}
    path = Path()
    try:
        for path, data in files.items():
            if "\0" in str(path):
                raise SaveFailed(path=str(path), reason="other", detail="NUL in the name")
            _write_beside(path, data, waiting)
        for path in files:
            put_in_place(waiting[path], path)
            del waiting[path]
            _sync_folder(path.parent)
    except OSError as error:
        raise SaveFailed(path=str(path), reason=reason_of(error), detail=str(error)) from error
    finally:
        for temporary in waiting.values():
            with contextlib.suppress(OSError):
                temporary.unlink()


_studios: set[Path] = set()


def remember_studio(root: Path) -> None:
    """From now on `make_folder` takes this folder for one that is there, or has gone away."""
    _studios.add(root)


def known_studios() -> frozenset[Path]:
    """The studios that this process was given."""
    return frozenset(_studios)


def make_folder(folder: Path) -> None:
    """A folder with what is lacking above it, but never a studio itself: one that is not there any more is on a drive
    that was pulled out or a share that went away, and what was written into a folder made in its place would not be
    found again. Raises OSError."""
    root = next((root for root in (folder, *folder.parents) if root in _studios), None)
    if root is None:
        folder.mkdir(parents=True, exist_ok=True)
        return
    below = folder.relative_to(root).parts
    for depth in range(1, len(below) + 1):
        root.joinpath(*below[:depth]).mkdir(exist_ok=True)


def _write_beside(path: Path, data: bytes, waiting: dict[Path, Path]) -> None:
    make_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=TEMP_PREFIX, dir=path.parent)
    waiting[path] = Path(name)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    # mkstemp makes files only their owner may read; a studio on a shared folder needs the usual permissions.
    if os.name == "posix":
        with contextlib.suppress(OSError):  # FAT and some network shares have no permissions to give
            waiting[path].chmod(0o666 & ~_umask())


def _umask() -> int:
    """The process's umask; reading it means setting it, so it is read once."""
    global _UMASK
    if _UMASK is None:
        _UMASK = os.umask(0o022)
        os.umask(_UMASK)
    return _UMASK


_UMASK: int | None = None


def put_in_place(source: Path, target: Path) -> None:
    """`os.replace` that on Windows waits for a scanner to let go of a file. OSError when it cannot be done."""
    deadline = time.monotonic() + _WINDOWS_PATIENCE_S
    while True:
        try:
            source.replace(target)
            return
        except PermissionError:
            if os.name != "nt" or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _sync_folder(folder: Path) -> None:
    """Make the move itself survive a power cut, where the system can: the new file is in place already, and Windows
    and some network shares do not let a folder be flushed."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def reason_of(error: OSError) -> str:
    """The reason code of SaveFailed behind an error of the system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk_full"
    if error.errno == errno.EROFS:
        return "read_only"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "no_permission"
    if error.errno == errno.ENAMETOOLONG:
        return "name_too_long"
    if error.errno == errno.EISDIR:
        return "is_folder"
    return "other"


# What a share says that is gone, a stick that was pulled out, a disk that is failing.
_GONE = {
    getattr(errno, name)
    for name in (
        *("EIO", "ENXIO", "ENODEV", "ESTALE", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH"),
        *("ETIMEDOUT", "ECONNABORTED", "ECONNRESET", "EREMOTEIO"),
    )
    if hasattr(errno, name)
}


def trouble_of(error: OSError) -> FileTrouble:
    """The error that tells a person what the system said, for where nothing more particular is known."""
    reason = reason_of(error)
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        reason = "missing"
    elif error.errno in _GONE:
        reason = "unreachable"
    return FileTrouble(path=os.fsdecode(error.filename or "?"), reason=reason, detail=error.strerror or str(error))


def write_text(path: Path, text: str) -> None:
    """`write_bytes` for text, as UTF-8."""
    write_bytes(path, text.encode("utf-8"))


def json_bytes(value: Any) -> bytes:
    """JSON as UTF-8, indented, readable in any script, a newline at the end.

    A file name that is not valid Unicode (from an archive in another encoding, on Linux) has lone surrogates in
    Python; they are written as JSON escapes, which read back as the same name.
    """
    return json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n"


def write_json(path: Path, value: Any) -> None:
    """`write_bytes` for JSON, as `json_bytes` has it."""
    write_bytes(path, json_bytes(value))


def npz_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The bytes of an uncompressed .npz with one array a key.

    Any key works, `file` and keys in any script among them, which `numpy.savez(**arrays)` cannot do. The same arrays
    give the same bytes: entries are dated 1980-01-01 as zip's earliest date. Raises ValueError for an array of objects.
    """
    import numpy as np

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for key, array in arrays.items():
            if array.dtype.hasobject:
                raise ValueError(f"array {key!r} holds objects")
            entry = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            with archive.open(entry, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array, order="C"), allow_pickle=False)
    return stream.getvalue()


def write_npz(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """`write_bytes` for arrays."""
    write_bytes(path, npz_bytes(arrays))


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an uncompressed .npz, never unpickling.

    OSError when the file cannot be read, ValueError when it is no .npz of ours: damaged, encrypted, compressed, or
    with an array that claims another size than it has (nothing is allocated by such a claim).
    """
    try:
        room = path.stat().st_size
        with zipfile.ZipFile(path) as archive:
            return {
                entry.filename.removesuffix(".npy"): _read_entry(archive, entry, room) for entry in archive.infolist()
            }
    except OSError:
        raise
    except Exception as error:  # zipfile and numpy raise nearly anything on damaged data
        raise ValueError(f"{path.name} is not an .npz: {error!r}") from error


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> np.ndarray:
    """One array. `room`: bytes of the whole file, which no entry of an uncompressed one can exceed."""
    import numpy as np

    plain = entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & 1
    if not entry.filename.endswith(".npy") or not plain or entry.file_size > room:
        raise ValueError(f"{entry.filename!r} is not a plain array")
    with archive.open(entry) as stream:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"{entry.filename!r} has format {version}")
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran_order, dtype = read_header(stream)
        if dtype.hasobject:
            raise ValueError(f"{entry.filename!r} holds objects")
        size = math.prod(shape) * dtype.itemsize
        if min(shape, default=0) < 0 or size != entry.file_size - stream.tell():
            raise ValueError(f"{entry.filename!r} is not as large as it says")
        data = np.empty(size, np.uint8)
        for place in range(0, size, _CHUNK):
            part = stream.read(min(_CHUNK, size - place))
            data[place : place + len(part)] = np.frombuffer(part, np.uint8)
            if len(part) < min(_CHUNK, size - place):
                raise ValueError(f"{entry.filename!r} is cut off")
    array = data.view(dtype) if size else np.empty(0, dtype)
    return array.reshape(shape, order="F" if fortran_order else "C")
