"""The measured look of a patch: its colours, sheen and texture as numbers that rules and people can read.

It says how the cloth looks in this photograph, never what it is made of.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from PIL import Image

from fabric_desktop.attributes.analysis import bounded, texture_lab
from fabric_desktop.attributes.dominant import ColorShare, dominant_colors
from fabric_desktop.attributes.sheen import measure_sheen
from fabric_desktop.attributes.texture import Texture, measure_texture
from fabric_desktop.one_thread import one_thread

# To be raised when a number of a look comes out otherwise than before: looks that were kept are then measured anew.
LOOK_MEASURE = 1

# Chroma of the strongest dyes on cloth; more counts as 1.
_FULL_CHROMA = 60.0
# Bounds between the words. Matt weaves and knits measured up to 0.2, drawn satins from 0.25 up.
_SHEEN_SATIN, _SHEEN_SHINY = 0.25, 0.5
_TEXTURE_MEDIUM, _TEXTURE_RICH = 0.3, 0.55
_DIRECTION_SOME, _DIRECTION_STRONG = 0.2, 0.5


@dataclass(frozen=True, slots=True)
class Look:
    """The look of a patch. Numbers are 0..1 but `direction` (degrees, 0..180, counter-clockwise from horizontal).

    `colors` 1 to 4, largest share first (`dominant.dominant_colors`); `sheen` (`sheen.measure_sheen`);
    `lightness` mean L* / 100; `chroma` chroma of the mean colour / 60; the rest is `texture.measure_texture`.
    A halved photograph (from 128 px a side) or its JPEG of quality 60 changes none of the 0..1 numbers by more than
    0.05.
    """

    colors: tuple[ColorShare, ...]
    sheen: float
    texture_complexity: float
    directionality: float
    direction: float
    contrast: float
    fineness: float
    crossing: float
    periodicity: float
    evenness: float
    relief: float
    mottle: float
    directionality_coarse: float
    directionality_middle: float
    directionality_fine: float
    periodicity_coarse: float
    periodicity_middle: float
    periodicity_fine: float
    lightness: float
    chroma: float

    def as_attrs(self) -> dict[str, Any]:
        """{"visual": {...}} as the rules take it and a label's json keeps it: plain numbers, strings and lists."""
        first = self.colors[0]
        visual: dict[str, Any] = {
            "dominant_color_name": first.name,
            "dominant_color_lab": list(first.lab),
            "colors": [
                {"name": color.name, "share": color.share, "lab": list(color.lab), "hex": color.hex}
                for color in self.colors
            ],
            "sheen_score": self.sheen,
        }
        for field in fields(self):
            if field.name not in ("colors", "sheen"):
                visual[field.name] = getattr(self, field.name)
        return {"visual": visual}

    def named_shares(self) -> list[tuple[ColorShare, float]]:
        """The colours with those of one name put together, largest first: what a person wants to read."""
        first: dict[str, ColorShare] = {}
        shares: dict[str, float] = {}
        for color in self.colors:
            first.setdefault(color.name, color)
            shares[color.name] = shares.get(color.name, 0.0) + color.share
        return sorted(((first[name], share) for name, share in shares.items()), key=lambda pair: -pair[1])


def measure_look(image: Image.Image) -> Look:
    """The look of a patch (any size from 1 x 1; a mode other than RGB is converted).

    Sheen and texture are measured on the central square at 64 x 64, colours on the whole patch.
    """
    rgb = bounded(image if image.mode == "RGB" else image.convert("RGB"))
    with one_thread():
        return _measured(rgb)


def _measured(rgb: Image.Image) -> Look:
    lab = texture_lab(rgb)
    texture = measure_texture(lab)
    mean = lab.reshape(-1, 3).mean(axis=0)
    numbers = {
        field.name: _rounded(getattr(texture, field.name)) for field in fields(Texture) if field.name != "direction"
    }
    return Look(
        colors=dominant_colors(rgb),
        sheen=_rounded(measure_sheen(lab)),
        direction=round(texture.direction, 1) % 180.0,
        lightness=_rounded(float(mean[0]) / 100),
        chroma=_rounded(float(np.hypot(mean[1], mean[2])) / _FULL_CHROMA),
        **numbers,
    )


def _rounded(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 4)


def sheen_level(sheen: float) -> str:
    """ "matt", "satin" or "shiny": all that one photograph can honestly say, and only as lit in it."""
    return "matt" if sheen < _SHEEN_SATIN else "satin" if sheen < _SHEEN_SHINY else "shiny"


def texture_level(complexity: float) -> str:
    """ "plain", "medium" or "rich"."""
    return "plain" if complexity < _TEXTURE_MEDIUM else "medium" if complexity < _TEXTURE_RICH else "rich"


def direction_level(directionality: float) -> str:
    """ "none", "some" or "strong"."""
    return "none" if directionality < _DIRECTION_SOME else "some" if directionality < _DIRECTION_STRONG else "strong"
