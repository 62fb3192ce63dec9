"""Which colour word is nearest to a measured colour, by CIEDE2000.

The words themselves are `fabric_desktop.palette`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from fabric_desktop.attributes.color import FloatArray, ciede2000, hex_to_rgb, srgb_to_lab
from fabric_desktop.palette import NamedColor, load_palette


@cache
def _palette_lab() -> FloatArray:
    return srgb_to_lab(np.array([hex_to_rgb(color.hex) for color in load_palette()], dtype=np.float64))


def nearest_color(lab: ArrayLike) -> NamedColor:
    """The colour word nearest to one Lab colour (3,). Among equals the palette's earlier entry."""
    return load_palette()[int(np.argmin(ciede2000(np.asarray(lab), _palette_lab())))]
