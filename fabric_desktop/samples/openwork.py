"""Lace: a net of thread with openings, motifs worked into it, and whatever lies behind seen through the holes."""

from __future__ import annotations

import numpy as np

from .surface import (
    Colour,
    Field,
    Plane,
    Surface,
    blend,
    cloud,
    linear,
    lowpass,
    mix,
    noise_tile,
    paint,
    read_tile,
    smoothstep,
)

NET = 15.0
"""From one mesh of the ground net to the next, units."""


def _net(u: Field, v: Field) -> Field:
    """Distance to the nearest thread of a hexagonal net, as a share of the mesh; 0 on the thread, 0.5 in the hole.

    The border of a hexagon is half a mesh from its centre along one of three directions; the centre is the nearer of
    two interleaved rectangular lattices.
    """
    width, tall = 1.0, float(np.sqrt(3))
    x, y = u / NET, v / NET
    ax, ay = x - np.round(x), y - tall * np.round(y / tall)
    bx, by = x - 0.5 - np.round(x - 0.5), y - tall / 2 - tall * np.round((y - tall / 2) / tall)
    first = ax * ax + ay * ay < bx * bx + by * by
    cx, cy = np.abs(np.where(first, ax, bx)), np.abs(np.where(first, ay, by))
    return np.asarray(width / 2 - np.maximum(cx, cx * 0.5 + cy * (tall / 2)), dtype=np.float32)


def _cord(distance: Field, radius: float) -> Field:
    """A round thread: height 0..1 over its section, 0 beside it; distance and radius in units."""
    part = distance / np.float32(radius)
    return np.asarray(np.sqrt(np.maximum(1 - part * part, 0)), dtype=np.float32)


def _flower(r: Field, theta: Field, size: float, petals: int) -> tuple[Field, Field]:
    """Signed distance to the outline of a flower (negative inside) and distance to the veins of its petals, units."""
    wave = np.abs(np.cos(theta * np.float32(petals / 2)))
    outline = np.float32(size) * (0.58 + 0.42 * np.sqrt(wave))
    vein = np.abs(np.sin(theta * np.float32(petals / 2))) * r * np.float32(2.0 / petals)
    # veins run down the middle of a petal, where the wave is highest
    return r - outline, np.where(wave > 0.5, vein, np.float32(9))


def draw_lace(rng: np.random.Generator, plane: Plane, colour: Colour) -> Surface:
    """Hexagonal net with flowers and leaves in close clothwork, outlined by a thick cord, over a plain ground."""
    drift = 2.2 * cloud(rng, plane.shape, 80 / plane.step)
    u, v = plane.u + drift, plane.v + 2.2 * cloud(rng, plane.shape, 80 / plane.step)
    across, down = float(rng.uniform(168, 190)), float(rng.uniform(150, 168))
    line = np.round(v / down)
    shifted = u + (line.astype(np.int32) & 1).astype(np.float32) * np.float32(across / 2)
    x = shifted - across * np.round(shifted / across)
    y = v - down * line
    r = np.sqrt(x * x + y * y)
    theta = np.arctan2(y, x) + np.float32(0.35)
    petals = int(rng.integers(5, 8))
    edge, vein = _flower(r, theta, 58.0, petals)
    # two leaves lie in the gap beside each flower
    lx, ly = np.abs(x) - np.float32(across / 2 - 8), np.abs(y) - np.float32(14)
    leaf_long, leaf_wide = (lx * 0.35 + ly * 0.94) / 30.0, (lx * 0.94 - ly * 0.35) / 12.0
    leaf = (np.sqrt(leaf_long * leaf_long + leaf_wide * leaf_wide) - 1) * 12.0
    inside = np.minimum(edge, leaf)

    twist = read_tile(noise_tile(4.0, 1.2), u * 1.3, v * 1.3)
    net = _cord(_net(u, v) * np.float32(NET), 1.15)
    weave_u = np.abs(np.cos(u * np.float32(np.pi / 4.0)))
    weave_v = np.abs(np.cos(v * np.float32(np.pi / 4.6)))
    clothwork = 0.45 + 0.55 * np.maximum(weave_u, weave_v) - 0.55 * np.maximum(0, 0.55 - np.maximum(weave_u, weave_v))
    in_motif = 1 - smoothstep(inside, -1.0, 1.0)
    cord = np.maximum(_cord(np.abs(edge), 2.6), _cord(np.abs(leaf), 2.0))
    cord = np.maximum(cord, _cord(np.abs(r - 17.0), 2.2))
    cord = np.maximum(cord, _cord(vein, 1.3) * (r > 20) * (edge < -4))
    cord = np.maximum(cord, _cord(np.abs(leaf_wide * 12.0), 1.1) * (leaf < -1))
    eye = 1 - smoothstep(np.abs(r - 8.0), 3.0, 4.5)
    cloth = clothwork * in_motif * np.where(r < 17, np.float32(0), np.float32(1)) + eye * (r < 17)
    open_net = net * np.where((r < 15), np.float32(0), 1 - in_motif)
    cover = np.maximum(smoothstep(np.maximum(open_net, cord), 0.08, 0.5), smoothstep(cloth, 0.1, 0.95))
    height = open_net * 1.2 + cloth * 1.5 + cord * 2.6 + twist * 0.10 * cover

    under = _ground(rng, colour)
    fall = lowpass(
        np.roll(cover, (round(2.5 / plane.step), round(2.0 / plane.step)), axis=(0, 1)), max(2, round(3 / plane.step))
    )
    felt = read_tile(noise_tile(3.0, 1.5), plane.u * 1.4 + 90, plane.v * 1.4)
    behind = paint(under, (1 - 0.6 * fall) * (1 + 0.04 * felt))
    thread = paint(colour, (0.82 + 0.18 * np.minimum(height / 2.6, 1)) * (1 + 0.05 * twist))
    (ux, uy), _ = plane.directions()
    flat = np.ones(plane.shape, dtype=np.float32)
    return Surface(
        height=height.astype(np.float32),
        albedo=blend(behind, thread, cover),
        gloss=cover * np.float32(0.12),
        tightness=8,
        fuzz=0.05,
        depth=0.5,
        grain_x=flat * np.float32(ux),
        grain_y=flat * np.float32(uy),
    )


def _ground(rng: np.random.Generator, colour: Colour) -> Colour:
    """What the lace lies on: dark under pale lace, pale under dark lace."""
    pale = float(colour.mean()) > 0.25
    choices = ("#2b2d33", "#3d3a38", "#4a5560", "#6b5a4e") if pale else ("#d9d2c6", "#c9ccd0", "#dcc3b4", "#b9c2b4")
    return mix(linear(choices[int(rng.integers(len(choices)))]), colour, 0.05)
