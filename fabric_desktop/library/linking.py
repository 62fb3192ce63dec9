"""Photos in the library without a second copy on the disk: hard links, and why one cannot be made.

Never symbolic links: `docs/adr/0010-linked-references-are-hard-links.md` says why.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from fabric_desktop.errors import LinkRefused, SaveFailed, UnreadableImage
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import reason_of


def link_refusal(studio: Studio, photo: Path) -> str | None:
    """Why a photo cannot be linked into the library (a reason of LinkRefused), as far as a look can tell; or None."""
    try:
        here = studio.root.stat().st_dev
        folder = studio.fabrics_dir.stat().st_dev if studio.fabrics_dir.is_dir() else here
        return None if here == folder == photo.stat().st_dev else "other_drive"
    except OSError:
        return None  # the import itself says what is wrong with the file


def stage_link(source: Path, target: Path) -> None:
    """A second name for the same file. Raises LinkRefused, UnreadableImage, SaveFailed."""
    try:
        os.link(source.resolve(), target)
    except OSError as error:
        if error.errno == errno.EXDEV or getattr(error, "winerror", None) == 17:
            raise LinkRefused(path=str(source), reason="other_drive") from error
        if not source.is_file():
            raise UnreadableImage(path=str(source), reason="missing") from error
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise SaveFailed(path=str(target), reason=reason_of(error), detail=str(error)) from error
        raise LinkRefused(path=str(source), reason="not_supported", detail=error.strerror or str(error)) from error
