"""Light, lens and sensor: from a surface to a picture that could have come out of a camera.

Not for cloth: everything here is the same for every fabric. Light is computed in linear values, y runs down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from .surface import Field, Plane, Planes, Surface, cloud, lowpass

OVERSAMPLE: Final = 1.375
"""Pixels are drawn this much finer than asked for and then brought together, so that fine yarns do not jag."""

_STEPS: Final = 4096


def _tone_table() -> NDArray[np.uint8]:
    """Linear light (0..2 in _STEPS steps) to sRGB bytes, with a soft shoulder above 0.7 as film and cameras have."""
    light = np.linspace(0, 2, _STEPS)
    light = np.where(light > 0.7, 0.7 + 0.3 * np.tanh((light - 0.7) / 0.45), light)
    value = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)
    return np.asarray(np.clip(value * 255 + 0.5, 0, 255), dtype=np.uint8)


_TONE: Final = _tone_table()


@dataclass(frozen=True, slots=True)
class View:
    """How the camera stands over the cloth.

    angle: turn of the cloth, radians. scale: magnification, 1 is one unit a pixel. tilt_x, tilt_y: perspective, the
    relative change of scale from the middle to the edge. shift: cloth units, which part is seen.
    """

    angle: float
    scale: float = 1.0
    tilt_x: float = 0.0
    tilt_y: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Light:
    """One lamp or window, and the room around it.

    azimuth, elevation: where it stands, radians; azimuth 0 is right, pi / 2 is below in the picture.
    colour, fill_colour: linear RGB about 1. power, fill: strength of the lamp and of the room.
    """

    azimuth: float
    elevation: float
    colour: tuple[float, float, float]
    fill_colour: tuple[float, float, float]
    power: float = 1.0
    fill: float = 0.35


@dataclass(frozen=True, slots=True)
class Lens:
    """What the lens and the sensor do.

    vignette: darkening of the corners, share. blur: pixels at the far end of the depth of field.
    focus: (x, y) in 0..1, where it is sharp; grain: noise in 8-bit steps; exposure: factor on the light.
    falloff: how much brighter the right and the lower edge are than the middle, shares.
    """

    vignette: float = 0.12
    blur: float = 1.2
    focus: tuple[float, float] = (0.5, 0.5)
    grain: float = 2.0
    exposure: float = 1.0
    falloff: tuple[float, float] = (0.0, 0.0)


def choose_view(rng: np.random.Generator, freedom: float = 1.0) -> View:
    """A hand-held camera over a swatch: turned by up to some 25 degrees, a little off square."""
    turn = rng.uniform(-0.44, 0.44) * freedom
    tilt = rng.uniform(-0.07, 0.07, 2) * freedom
    shift = rng.uniform(0, 4000, 2)
    return View(
        float(turn), float(rng.uniform(0.93, 1.1)), float(tilt[0]), float(tilt[1]), (float(shift[0]), float(shift[1]))
    )


def choose_light(rng: np.random.Generator) -> Light:
    """Daylight from a window, a warm lamp or a cool sky, never from straight above."""
    warmth = float(rng.uniform(-1, 1))
    colour = (1 + 0.10 * warmth, 1 + 0.015 * warmth, 1 - 0.13 * warmth)
    cool = (1 - 0.06 * warmth, 1.0, 1 + 0.07 * warmth)
    return Light(
        azimuth=float(rng.uniform(0, 2 * np.pi)),
        elevation=float(rng.uniform(0.6, 1.0)),
        colour=colour,
        fill_colour=cool,
        power=float(rng.uniform(0.95, 1.15)),
        fill=float(rng.uniform(0.26, 0.42)),
    )


def choose_lens(rng: np.random.Generator) -> Lens:
    """Small differences of focus, exposure and sensor."""
    focus = rng.uniform(0.3, 0.7, 2)
    return Lens(
        vignette=float(rng.uniform(0.06, 0.2)),
        blur=float(rng.uniform(0.6, 1.6)),
        focus=(float(focus[0]), float(focus[1])),
        grain=float(rng.uniform(1.0, 2.8)),
        exposure=float(rng.uniform(0.86, 1.12)),
    )


def look_at(
    view: View, shape: tuple[int, int], origin: tuple[float, float], middle: tuple[float, float], step: float
) -> Plane:
    """The plane seen by pixels `origin + step * index`; middle is the point of the picture the view turns about.

    Homography of a tilted flat cloth: scale falls linearly across the picture.
    """
    half = np.float32(max(middle))
    y = (origin[1] - middle[1] + np.arange(shape[0], dtype=np.float32) * np.float32(step))[:, None]
    x = (origin[0] - middle[0] + np.arange(shape[1], dtype=np.float32) * np.float32(step))[None, :]
    cos, sin = np.float32(np.cos(view.angle) / view.scale), np.float32(np.sin(view.angle) / view.scale)
    away = 1 / (1 + x * np.float32(view.tilt_x / half) + y * np.float32(view.tilt_y / half))
    u = (x * cos + y * sin) * away + np.float32(view.shift[0])
    v = (y * cos - x * sin) * away + np.float32(view.shift[1])
    return Plane(u.astype(np.float32), v.astype(np.float32), view.angle, step / view.scale)


def wave(rng: np.random.Generator, plane: Plane, reach: float) -> Plane:
    """Cloth is never ruler-straight: shift the threads by up to `reach` units over long waves."""
    du = cloud(rng, plane.shape, 210 / plane.step)
    dv = cloud(rng, plane.shape, 210 / plane.step)
    return replace(plane, u=plane.u + np.float32(reach) * du, v=plane.v + np.float32(reach) * dv)


def folds(rng: np.random.Generator, plane: Plane, size: float, height: float) -> Field:
    """Height of soft folds, units: two trains of long waves that bend and fade; size is from one fold to the next."""
    y = np.arange(plane.shape[0], dtype=np.float32)[:, None] * np.float32(plane.step)
    x = np.arange(plane.shape[1], dtype=np.float32)[None, :] * np.float32(plane.step)
    bend = cloud(rng, plane.shape, 1.6 * size / plane.step)
    out = np.zeros(plane.shape, dtype=np.float32)
    # across the warp, give or take: that is where the sheen of long floats changes most
    heading = plane.angle + np.pi / 2 + float(rng.uniform(-0.7, 0.7))
    for share, turn, spread in ((1.0, 0.0, 1.0), (0.45, 0.5, 0.62)):
        angle, phase = heading + turn, float(rng.uniform(0, 2 * np.pi))
        rate = 2 * np.pi / (size * spread)
        swing = (
            x * np.float32(rate * np.cos(angle)) + y * np.float32(rate * np.sin(angle)) + np.float32(phase) + 1.1 * bend
        )
        out += np.float32(share * height / 2) * np.sin(swing)
    return out


def _slopes(height: Field, step: float) -> tuple[Field, Field]:
    """Slopes of a height along x and y, central differences, units a unit."""
    gx = np.empty_like(height)
    gy = np.empty_like(height)
    inverse = np.float32(0.5 / step)
    np.subtract(height[:, 2:], height[:, :-2], out=gx[:, 1:-1])
    np.subtract(height[2:], height[:-2], out=gy[1:-1])
    gx[:, 0], gx[:, -1] = gx[:, 1], gx[:, -2]
    gy[0], gy[-1] = gy[1], gy[-2]
    gx *= inverse
    gy *= inverse
    return gx, gy


def _shadow(height: Field, light: Light, step: float) -> Field:
    """How much of the lamp is hidden by relief nearby, 0 open .. 1 dark; three samples towards the lamp."""
    rise = np.float32(np.tan(light.elevation))
    hidden = np.zeros_like(height)
    for reach in (1.5, 3.5, 7.0):
        dx, dy = round(reach / step * np.cos(light.azimuth)), round(reach / step * np.sin(light.azimuth))
        over = np.roll(height, (-dy, -dx), axis=(0, 1)) - height - np.float32(reach) * rise
        np.maximum(hidden, over, out=hidden)
    return np.asarray(np.minimum(hidden * np.float32(0.45), 1.0), dtype=np.float32)


def shade(surface: Surface, plane: Plane, light: Light, drape: Field | None = None) -> Planes:
    """The light that leaves the surface, float32 (3, h, w), linear.

    Diffuse light wraps a little round the threads (fibres let it through). Highlights on fibres follow Kajiya and Kay
    (SIGGRAPH 1989): they fall with the angle between the fibre and the half vector. drape: height of soft folds, units.
    """
    gx, gy = _slopes(surface.height, plane.step)
    if drape is not None:
        dx, dy = _slopes(drape, plane.step)
        gx += dx
        gy += dy
    if surface.lean_x is not None and surface.lean_y is not None:
        gx += surface.lean_x
        gy += surface.lean_y
    lz = np.float32(np.sin(light.elevation))
    lx = np.float32(np.cos(light.elevation) * np.cos(light.azimuth))
    ly = np.float32(np.cos(light.elevation) * np.sin(light.azimuth))
    nz = 1 / np.sqrt(1 + gx * gx + gy * gy)
    facing = (lz - gx * lx - gy * ly) * nz
    diffuse = np.maximum(facing * np.float32(0.8) + np.float32(0.2), 0)
    hollow = surface.height - lowpass(surface.height, max(2, round(9 / plane.step)))
    open_sky = np.clip(1 + hollow * np.float32(0.16 * surface.depth), 0.25, 1.25) * (0.5 + 0.5 * nz)
    lit = diffuse * (1 - np.float32(surface.depth) * _shadow(surface.height, light, plane.step))
    norm = np.float32(1 / np.sqrt(2 + 2 * lz))
    hx, hy, hz = lx * norm, ly * norm, (lz + 1) * norm
    if surface.grain_x is not None and surface.grain_y is not None:
        rise = surface.grain_x * gx + surface.grain_y * gy
        along = surface.grain_x * hx + surface.grain_y * hy + rise * hz
        miss = along * along / (1 + rise * rise)
        highlight = np.exp(miss * np.float32(-surface.tightness)) * np.maximum(facing, 0)
    else:
        half = (hz - gx * hx - gy * hy) * nz
        highlight = np.exp((half - 1) * np.float32(surface.tightness * 2)) * np.maximum(facing, 0)
    shine = np.asarray(highlight * surface.gloss, dtype=np.float32)
    graze = 1 - nz * nz
    rim = graze * np.sqrt(graze) * np.float32(surface.fuzz) * (0.3 + lit)
    shine *= np.float32(0.35)
    out = np.empty_like(surface.albedo)
    for plane_out, albedo, lamp, around in zip(out, surface.albedo, light.colour, light.fill_colour, strict=True):
        key, room = np.float32(lamp * light.power), np.float32(around * light.fill)
        root = np.sqrt(albedo)
        np.multiply(albedo, lit * key + open_sky * room, out=plane_out)
        plane_out += shine * (key * (0.22 + 0.78 * root))
        if surface.fuzz:
            plane_out += root * np.sqrt(root) * rim * key
    return out


def metered(light: Planes) -> float:
    """The exposure a camera would choose: part of the way from the cloth's own brightness to a middle grey."""
    return float((0.22 / max(float(light[:, ::7, ::7].mean()), 1e-3)) ** 0.38)


def expose(light: Planes, exposure: float) -> Image.Image:
    """Linear light (3, h, w) as an RGB image in sRGB."""
    index = np.clip(light * np.float32(exposure * (_STEPS - 1) / 2), 0, _STEPS - 1).astype(np.int16)
    return Image.merge("RGB", [Image.fromarray(plane) for plane in _TONE.take(index)])


def develop(picture: Image.Image, lens: Lens, rng: np.random.Generator) -> Image.Image:
    """What lens and sensor add: blur away from the focus, darker corners, and noise. Returns an RGB image."""
    w, h = picture.size
    y = np.linspace(0, 1, h, dtype=np.float32)[:, None]
    x = np.linspace(0, 1, w, dtype=np.float32)[None, :]
    if lens.blur > 0:
        away = (x - lens.focus[0]) ** 2 + (y - lens.focus[1]) ** 2
        mask = Image.fromarray((np.clip(away * 2.6 - 0.12, 0, 1) * 255).astype(np.uint8))
        picture = Image.composite(picture.filter(ImageFilter.BoxBlur(lens.blur)), picture, mask)
    dim = 1 - np.float32(2 * lens.vignette) * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
    dim = dim + (2 * x - 1) * np.float32(lens.falloff[0]) + (2 * y - 1) * np.float32(lens.falloff[1])
    bright = rng.standard_normal((h, w), dtype=np.float32) * np.float32(lens.grain) + np.float32(0.5)
    hue = rng.standard_normal((h, w), dtype=np.float32) * np.float32(lens.grain * 0.5)
    planes = []
    for band, noise in zip(picture.split(), (bright + hue, bright, bright - hue), strict=True):
        value = np.asarray(band) * dim + noise
        planes.append(Image.fromarray(np.clip(value, 0, 255).astype(np.uint8)))
    return Image.merge("RGB", planes)
