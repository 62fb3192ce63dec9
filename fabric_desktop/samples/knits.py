"""Knitted cloth from its loops: the legs that show on the face and the heads that show on the back of a stitch."""

from __future__ import annotations

import numpy as np

from .surface import (
    Colour,
    Field,
    Plane,
    Planes,
    Surface,
    blend,
    cloud,
    fraction,
    noise_tile,
    paint,
    read_tile,
    smoothstep,
    stray_fibres,
)


def _fibres(across: Field, along: Field, key: Field) -> Field:
    """Fibre streaks along a yarn; key sets one yarn apart from the next."""
    return read_tile(noise_tile(9.0, 0.7), across * 5 + key * 19 + 40, along * 1.4 + across * 5 + key * 71)


def _face_legs(x: Field, t: Field, row: Field, course: float) -> tuple[Field, Field, Field]:
    """The two legs of each face loop, as height (-1..1 tubes), position across and position along.

    x: -0.5..0.5 across the wale. A leg starts at the middle of the wale, leans outward and passes under the next loop;
    each reaches 1.45 courses, so two loops compete for every pixel and the higher one is seen.
    """
    side = np.abs(x)
    best = across = along = None
    for offset in (0.0, 1.0):
        s = (t + offset) / 1.45
        centre = 0.085 + 0.16 * s + 0.16 * smoothstep(s, 0.0, 1.0)
        width = 0.09 + 0.07 * smoothstep(s, 0.0, 0.4) - 0.05 * smoothstep(s, 0.65, 1.0)
        offside = (side - centre) / width
        dome = np.where(s < 1, 1 - offside * offside, np.float32(0))
        tube = np.sqrt(np.maximum(dome, 0)) + 0.35 - 0.9 * s
        tube = np.where(dome > 0, tube, np.float32(-0.85))
        place = s * (1.45 * course) + row * 5.0 - offset * 5.0
        if best is None or across is None or along is None:
            best, across, along = tube, offside, place
        else:
            over = tube > best
            best = np.where(over, tube, best)
            across = np.where(over, offside, across)
            along = np.where(over, place, along)
    assert best is not None
    assert across is not None
    assert along is not None
    return best, across, along


def draw_jersey(rng: np.random.Generator, plane: Plane, colour: Colour) -> Surface:
    """Plain jersey, face side: columns of V's, each the two legs of a loop."""
    wale, course = 17.0, 12.2
    drift = cloud(rng, plane.shape, 60 / plane.step)
    column, fx = fraction(plane.u / wale + 0.06 * drift)
    row, t = fraction(plane.v / course + 0.06 * cloud(rng, plane.shape, 60 / plane.step))
    x, rowf = fx - 0.5, row.astype(np.float32)
    legs, across, along = _face_legs(x, t, rowf, course)
    key = (column * 2 + (x > 0)).astype(np.float32)
    tone = 1 + 0.1 * _fibres(across, along, key + rowf * 7)
    table = rng.standard_normal(1024, dtype=np.float32)
    tone = tone * (1 + 0.04 * table.take((row * 3) & 1023) + 0.03 * table.take(column & 1023))
    twist = np.cos((along * 0.22 + across * 0.5) * np.float32(2 * np.pi))
    tone = tone * (1 + 0.06 * twist) * smoothstep(legs, -1.3, -0.2)
    hair = stray_fibres(rng, plane, 7, 16)
    albedo = paint(colour, np.maximum(tone, 0.12))
    albedo = blend(albedo, np.minimum(colour * 1.4 + 0.03, 0.95), hair * np.float32(0.3))
    return _leg_surface(plane, legs * 3.6 + hair * 0.4, albedo, x, gloss=0.07, fuzz=0.1)


def _leg_surface(plane: Plane, height: Field, albedo: Planes, x: Field, gloss: float, fuzz: float) -> Surface:
    """Fibres of a face leg lean outward from the middle of the wale by some 25 degrees."""
    (ux, uy), (vx, vy) = plane.directions()
    lean = np.where(x > 0, np.float32(0.42), np.float32(-0.42))
    return Surface(
        height=np.asarray(height, dtype=np.float32),
        albedo=albedo,
        gloss=gloss,
        tightness=9,
        fuzz=fuzz,
        depth=0.8,
        grain_x=np.float32(vx * 0.907) + lean * np.float32(ux),
        grain_y=np.float32(vy * 0.907) + lean * np.float32(uy),
    )


def _wrapped(value: Field) -> Field:
    """The value less the nearest whole number: -0.5..0.5."""
    return value - np.round(value)


def draw_rib_knit(rng: np.random.Generator, plane: Plane, colour: Colour) -> Surface:
    """2x2 rib: two wales of face loops stand proud, two of reverse loops sink back and show their heads as bars."""
    wale, course = 16.0, 11.6
    drift = cloud(rng, plane.shape, 80 / plane.step)
    u = plane.u / wale + 0.08 * drift
    column, fx = fraction(u)
    row, t = fraction(plane.v / course + 0.07 * cloud(rng, plane.shape, 70 / plane.step))
    rowf = row.astype(np.float32)
    x = fx - 0.5
    legs, across, along = _face_legs(x, t, rowf, course)
    # reverse side: interlocking arcs, heads curving up in the middle of a wale and feet curving down between
    bow = np.cos(x * np.float32(2 * np.pi))
    head = _wrapped(t - 0.28 + 0.2 * bow) / 0.3
    foot = _wrapped(t - 0.78 - 0.2 * bow) / 0.3
    heads = (
        np.sqrt(np.maximum(1 - head * head, 0))
        + 0.4 * bow
        - np.where(np.abs(head) < 1, np.float32(0.2), np.float32(1.2))
    )
    feet = (
        np.sqrt(np.maximum(1 - foot * foot, 0))
        - 0.4 * bow
        - np.where(np.abs(foot) < 1, np.float32(0.2), np.float32(1.2))
    )
    bars = np.maximum(heads, feet)
    arc = np.where(heads > feet, head, foot)
    phase = np.cos((u * 0.25 - 0.25) * np.float32(2 * np.pi))
    face = (column & 3) < 2
    swell = smoothstep(phase, -0.75, 0.75)
    tube = np.where(face, legs, bars)
    across = np.where(face, across, arc)
    along = np.where(face, along, u * wale)
    key = np.where(face, column * 2 + (x > 0), row * 3).astype(np.float32)
    tone = 1 + 0.1 * _fibres(across, along, key + rowf * 7)
    tone = tone * (1 + 0.05 * np.cos((along * 0.2 + across * 0.5) * np.float32(2 * np.pi)))
    tone = tone * (0.4 + 0.6 * smoothstep(tube, -0.9, 0.7)) * (1 - 0.3 * across * across) * (0.55 + 0.45 * swell)
    hair = stray_fibres(rng, plane, 6, 18)
    albedo = paint(colour, np.maximum(tone, 0.1))
    albedo = blend(albedo, np.minimum(colour * 1.4 + 0.03, 0.95), hair * np.float32(0.3) * swell)
    height = tube * 2.8 + swell * 11.0 + hair * 0.4
    return _leg_surface(plane, height, albedo, x, gloss=0.07, fuzz=0.1)
