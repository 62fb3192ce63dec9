"""The drawn fabrics: names, colours to dye them in, and how softly each one lies. Drawing itself is elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from .knits import draw_jersey, draw_rib_knit
from .leather import draw_leather
from .openwork import draw_lace
from .piles import draw_corduroy, draw_velvet
from .surface import Colour, Plane, Surface
from .weaves import (
    draw_denim,
    draw_gingham,
    draw_herringbone,
    draw_linen,
    draw_poplin,
    draw_satin,
)

Draw = Callable[[np.random.Generator, Plane, Colour], Surface]


@dataclass(frozen=True, slots=True)
class SampleFabric:
    """One fabric the program can draw.

    colours: sRGB '#rrggbb' to choose from. structure: what is drawn, in the trade's words.
    fold_size, fold_height: soft folds, cloth units. wave: how far threads stray from straight, units.
    freedom: how far the camera may turn and tilt, 1 is usual.
    """

    id: str
    name_zh: str
    name_en: str
    structure: str
    colours: tuple[str, ...]
    draw: Draw
    fold_size: float = 220.0
    fold_height: float = 4.0
    wave: float = 3.0
    freedom: float = 1.0


SAMPLE_FABRICS: Final[tuple[SampleFabric, ...]] = (
    SampleFabric(
        "poplin",
        "府绸",
        "Poplin",
        "plain weave, warp closer than weft",
        ("#8fb3d9", "#e8e6df", "#c65b4e", "#6d8f71", "#3d4a73", "#e3b54f", "#d9a3ae"),
        draw_poplin,
        fold_height=5.0,
    ),
    SampleFabric(
        "gingham",
        "格子布",
        "Gingham",
        "plain weave, dyed and white stripes both ways",
        ("#b3222e", "#26457f", "#2c2c30", "#3f7d4e", "#d08a1d", "#6a86b8", "#c46f8c"),
        draw_gingham,
        fold_height=5.0,
    ),
    SampleFabric(
        "linen",
        "亚麻布",
        "Linen",
        "open plain weave of slub yarns",
        ("#b9a583", "#e2dccd", "#7f9183", "#b3674b", "#5b7390", "#8a8178", "#c9b04e"),
        draw_linen,
        wave=5.0,
    ),
    SampleFabric(
        "denim",
        "牛仔布",
        "Denim",
        "3/1 warp-faced twill",
        ("#263457", "#1a1e2e", "#5d7083", "#2a2c30", "#30485c", "#666a70", "#3c4662"),
        draw_denim,
    ),
    SampleFabric(
        "silk_satin",
        "真丝缎",
        "Silk satin",
        "8-end warp satin",
        ("#0f6a5a", "#d8c2a4", "#7a1f3d", "#2b3f8a", "#c58a93", "#3a3a40", "#c69a3c"),
        draw_satin,
        fold_size=230.0,
        fold_height=26.0,
        wave=5.0,
    ),
    SampleFabric(
        "herringbone",
        "人字呢",
        "Herringbone wool",
        "2/2 twill turned back every ten ends",
        ("#36363a", "#6e4425", "#24406c", "#4d6a3c", "#7d2d38", "#94794a", "#2a5c63"),
        draw_herringbone,
    ),
    SampleFabric(
        "jersey",
        "汗布",
        "Jersey",
        "single knit, face side",
        ("#c9c9cc", "#d8873a", "#27416b", "#a8303a", "#6f8a5b", "#3a3a3e", "#d3a9b4"),
        draw_jersey,
        wave=4.0,
    ),
    SampleFabric(
        "rib_knit",
        "罗纹针织",
        "Rib knit",
        "2x2 rib",
        ("#8a2f3b", "#d9cdb8", "#5d7691", "#41583f", "#2f2f33", "#c98b3c", "#8b7fa3"),
        draw_rib_knit,
        wave=4.0,
    ),
    SampleFabric(
        "corduroy",
        "灯芯绒",
        "Corduroy",
        "cut weft pile in wales",
        ("#9a653a", "#6b4a33", "#5b6048", "#7d2b34", "#2e3e5c", "#c2a77a", "#77777d"),
        draw_corduroy,
    ),
    SampleFabric(
        "velvet",
        "丝绒",
        "Velvet",
        "cut warp pile",
        ("#6a1230", "#173f6b", "#0e5243", "#4b2a68", "#2b2b30", "#9a6a1f", "#a3596b"),
        draw_velvet,
        fold_size=240.0,
        fold_height=30.0,
    ),
    SampleFabric(
        "lace",
        "蕾丝",
        "Lace",
        "hexagonal net with worked motifs",
        ("#efe9dd", "#1f1f24", "#e6cfc4", "#7c2237", "#d7dce2", "#23395b", "#c2a36a"),
        draw_lace,
    ),
    SampleFabric(
        "leather",
        "皮革",
        "Leather",
        "pebbled full grain, no yarns",
        ("#8a4b24", "#26221f", "#5a2018", "#b98a56", "#27384f", "#4c5138", "#9a9488"),
        draw_leather,
        fold_size=200.0,
        fold_height=8.0,
    ),
)
_BY_ID: Final = {fabric.id: fabric for fabric in SAMPLE_FABRICS}


def fabric_by_id(fabric_id: str) -> SampleFabric:
    """The drawn fabric with this id; KeyError names it if there is none."""
    return _BY_ID[fabric_id]


def vary(rng: np.random.Generator, colour: Colour, spread: float = 0.08) -> Colour:
    """The colour of another dye lot: lighter or darker by up to twice the spread, off in hue by up to the spread."""
    shift = rng.uniform(1 - spread, 1 + spread, 3) * rng.uniform(1 - 2 * spread, 1 + 2 * spread)
    grey = float(colour @ np.array((0.2126, 0.7152, 0.0722), dtype=np.float32))
    return np.clip((colour + (grey - colour) * 0.12) * shift, 0.003, 0.92).astype(np.float32)
