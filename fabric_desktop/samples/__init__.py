"""The sample studio: cloth drawn from its structure, so that a fresh machine has something to look at.

Nothing here is a photograph, and every file written says so. numpy and Pillow load on first use of a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fabric_desktop.samples.catalogue import SAMPLE_FABRICS, SampleFabric
    from fabric_desktop.samples.patch import draw_patch
    from fabric_desktop.samples.photographs import draw_garment_photo
    from fabric_desktop.samples.writer import create_sample_studio, is_drawn, is_finished, sample_regions

__all__ = [
    "SAMPLE_FABRICS",
    "SampleFabric",
    "create_sample_studio",
    "draw_garment_photo",
    "draw_patch",
    "is_drawn",
    "is_finished",
    "sample_regions",
]
_HOMES = {
    "SAMPLE_FABRICS": "catalogue",
    "SampleFabric": "catalogue",
    "draw_patch": "patch",
    "draw_garment_photo": "photographs",
    "create_sample_studio": "writer",
    "is_drawn": "writer",
    "is_finished": "writer",
    "sample_regions": "writer",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
