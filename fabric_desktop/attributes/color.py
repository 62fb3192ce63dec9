"""Colour arithmetic on arrays: sRGB to CIE Lab and back, and the CIEDE2000 colour difference.

Not here: which colours a patch has (dominant) and what they are called (naming).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

# IEC 61966-2-1 (sRGB): primaries to CIE XYZ, white D65, 2 degree observer.
_RGB_TO_XYZ: FloatArray = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_XYZ_TO_RGB: FloatArray = np.linalg.inv(_RGB_TO_XYZ).astype(np.float64)
# The white is the sum of the primaries, so that (255, 255, 255) is exactly neutral.
_WHITE: FloatArray = _RGB_TO_XYZ.sum(axis=1)
# CIE 15: the two constants of Lab as the exact fractions of the cube root's joint.
_EPSILON = 216 / 24389
_KAPPA = 24389 / 27


def srgb_to_lab(rgb: ArrayLike) -> FloatArray:
    """CIE Lab (D65) of sRGB values.

    `rgb`: (..., 3), 0..255. Returns (..., 3) float64: L* 0..100, a* and b* about -128..127.
    Formula: IEC 61966-2-1 for the curve and the primaries, CIE 15 for Lab.
    """
    value = np.asarray(rgb, dtype=np.float64) / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    xyz = (linear @ _RGB_TO_XYZ.T) / _WHITE
    f = np.where(xyz > _EPSILON, np.cbrt(xyz), (_KAPPA * xyz + 16) / 116)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])],
        axis=-1,
    )


def lab_to_srgb(lab: ArrayLike) -> NDArray[np.uint8]:
    """The sRGB values, (..., 3) uint8, of CIE Lab colours (..., 3); what no screen can show is clipped."""
    value = np.asarray(lab, dtype=np.float64)
    fy = (value[..., 0] + 16) / 116
    f = np.stack([fy + value[..., 1] / 500, fy, fy - value[..., 2] / 200], axis=-1)
    xyz = np.where(f**3 > _EPSILON, f**3, (116 * f - 16) / _KAPPA) * _WHITE
    linear = np.clip(xyz @ _XYZ_TO_RGB.T, 0.0, 1.0)
    curve = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(curve * 255), dtype=np.uint8)


def lab_to_hex(lab: ArrayLike) -> str:
    """One Lab colour (3,) as "#rrggbb"."""
    red, green, blue = (int(part) for part in lab_to_srgb(lab))
    return f"#{red:02x}{green:02x}{blue:02x}"


def hex_to_rgb(text: str) -> tuple[int, int, int]:
    """ "#rrggbb" as three values 0..255."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def ciede2000(first: ArrayLike, second: ArrayLike) -> FloatArray:
    """CIEDE2000 colour difference of Lab colours (..., 3), broadcast against each other; kL = kC = kH = 1.

    Returns (...) float64 from 0; about 1 is just visible side by side, above 20 is another colour word.
    Formula: CIE 142-2001 in the form of Sharma, Wu and Dalal, Color Research and Application 30 (2005) 21-30.
    """
    one, two = np.broadcast_arrays(np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64))
    mean_chroma = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(two[..., 1], two[..., 2])) / 2
    stretch = 1 + 0.5 * (1 - np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7)))
    a1, a2 = stretch * one[..., 1], stretch * two[..., 1]
    c1, c2 = np.hypot(a1, one[..., 2]), np.hypot(a2, two[..., 2])
    h1 = np.degrees(np.arctan2(one[..., 2], a1)) % 360
    h2 = np.degrees(np.arctan2(two[..., 2], a2)) % 360
    grey = c1 * c2 == 0

    turn = h2 - h1
    turn = np.where(turn > 180, turn - 360, np.where(turn < -180, turn + 360, turn))
    turn = np.where(grey, 0.0, turn)
    lightness_step = two[..., 0] - one[..., 0]
    chroma_step = c2 - c1
    hue_step = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)

    lightness = (one[..., 0] + two[..., 0]) / 2
    chroma = (c1 + c2) / 2
    total = h1 + h2
    hue = np.where(np.abs(h1 - h2) <= 180, total / 2, np.where(total < 360, total / 2 + 180, total / 2 - 180))
    hue = np.where(grey, total, hue)

    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    spread = (lightness - 50) ** 2
    s_lightness = 1 + 0.015 * spread / np.sqrt(20 + spread)
    s_chroma = 1 + 0.045 * chroma
    s_hue = 1 + 0.015 * chroma * t
    rotation = -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    rotation = rotation * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    x, y, z = lightness_step / s_lightness, chroma_step / s_chroma, hue_step / s_hue
    return np.asarray(np.sqrt(np.maximum(x**2 + y**2 + z**2 + rotation * y * z, 0.0)), dtype=np.float64)
