"""Where the program's own files are: resources beside the package, and the folder for the person's own state."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def checkout_root() -> Path | None:
    """The checkout this package runs from, or None when it was installed as a wheel."""
    root = _PACKAGE.parent
    return root if (root / "resources" / "messages").is_dir() else None


def resource(*parts: str) -> Path:
    """Path of a shipped resource, in a checkout (`resources/...`) or in an installed wheel (`_resources/...`)."""
    root = checkout_root()
    base = root / "resources" if root is not None else _PACKAGE / "_resources"
    return base.joinpath(*parts)


def home() -> Path:
    """Folder for what belongs to the person and not to one studio: recent folders, encoders, the sample studio, logs.

    `FABRIC_DESKTOP_HOME` puts it elsewhere.
    """
    chosen = os.environ.get("FABRIC_DESKTOP_HOME")
    if chosen:
        return Path(chosen)
    from platformdirs import user_data_path

    return user_data_path("fabric-desktop", appauthor=False)
