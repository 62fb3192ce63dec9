"""Small pictures of photos, made once and kept on the disk, for strips and tables of thousands.

Safe from any thread.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import threading
from hashlib import sha256
from pathlib import Path

from fabric_desktop.batch.journal import cache_dir, stamp_of
from fabric_desktop.errors import UnreadableImage
from fabric_desktop.glance import glance
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import make_folder

logger = logging.getLogger(__name__)

SIDE = 256
_QUALITY = 82


class Thumbnails:
    """JPEG thumbnails of at most `side` px, upright and in sRGB, kept in the studio's `.cache`.

    A thumbnail belongs to a file's path, time of change and length: a photo that was edited gets a new one.
    """

    def __init__(self, studio: Studio, side: int = SIDE) -> None:
        self._folder = cache_dir(studio) / "thumbnails"
        self._side = side

    def find(self, photo: Path) -> Path | None:
        """The thumbnail's file if it has been made; costs two looks at the file system. Never raises for a photo."""
        try:
            path = self._place(photo)
        except UnreadableImage:
            return None
        return path if path.is_file() else None

    def data(self, photo: Path) -> bytes:
        """The thumbnail as JPEG bytes, made now if it has not been. Raises UnreadableImage.

        A disk that cannot keep it costs time, not the picture.
        """
        path = self._place(photo)
        with contextlib.suppress(OSError):
            data = path.read_bytes()
            if data.startswith(b"\xff\xd8") and data.endswith(b"\xff\xd9"):
                return data
        data = thumbnail(photo, self._side)
        try:
            _write(path, data)
        except OSError as error:
            logger.info("a thumbnail is not kept: %s", error)
        return data

    def prune(self, keep: int) -> int:
        """Delete the thumbnails made longest ago until at most `keep` bytes are left; returns how many went."""
        files = []
        for path in self._folder.glob("*/*.jpg"):
            with contextlib.suppress(OSError):
                status = path.stat()
                files.append((status.st_mtime_ns, status.st_size, path))
        total, gone = sum(size for _, size, _ in files), 0
        for _, size, path in sorted(files):
            if total <= keep:
                break
            with contextlib.suppress(OSError):
                path.unlink()
                total, gone = total - size, gone + 1
        return gone

    def _place(self, photo: Path) -> Path:
        try:
            stamp = stamp_of(photo)
        except (OSError, ValueError) as error:
            raise UnreadableImage(path=str(photo), reason="missing") from error
        text = f"{os.path.abspath(photo)}\0{stamp[0]}\0{stamp[1]}\0{self._side}"
        key = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return self._folder / key[:2] / f"{key}.jpg"


def thumbnail(photo: Path, side: int, quality: int = _QUALITY) -> bytes:
    """A photo as a small JPEG of at most `side` px. Raises UnreadableImage."""
    stream = io.BytesIO()
    glance(photo, side).small.save(stream, "JPEG", quality=quality, optimize=True)
    return stream.getvalue()


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, but without waiting for the disk: a thumbnail that a power cut takes is made again."""
    make_folder(path.parent)
    beside = path.with_name(f".writing-{os.getpid()}-{threading.get_ident()}-{path.name}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
