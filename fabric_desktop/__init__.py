"""Public Python API: names a fabric from a patch of a photograph.

Importing this package loads nothing heavy: each name below is fetched from its module at first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fabric_desktop.fusion import fuse_with_clip as fuse_with_clip
    from fabric_desktop.recognizer import Recognizer as Recognizer
    from fabric_desktop.retrieval import rank_by_retrieval as rank_by_retrieval
    from fabric_desktop.rules import recommend_fabrics_localized as recommend_fabrics_localized
    from fabric_desktop.studio import Studio as Studio
    from fabric_desktop.studio import open_studio as open_studio

__version__ = "0.1.0"

_HOME_OF = {
    "rank_by_retrieval": "fabric_desktop.retrieval",
    "fuse_with_clip": "fabric_desktop.fusion",
    "Recognizer": "fabric_desktop.recognizer",
    "recommend_fabrics_localized": "fabric_desktop.rules",
    "Studio": "fabric_desktop.studio",
    "open_studio": "fabric_desktop.studio",
}

__all__ = [
    "Recognizer",
    "Studio",
    "__version__",
    "fuse_with_clip",
    "open_studio",
    "rank_by_retrieval",
    "recommend_fabrics_localized",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(import_module(_HOME_OF[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
