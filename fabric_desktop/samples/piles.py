"""Cloth with a cut pile: corduroy, whose pile stands in wales, and velvet, whose pile leans as one."""

from __future__ import annotations

import numpy as np

from .surface import Colour, Plane, Surface, cloud, fraction, noise_tile, paint, read_tile, smoothstep


def draw_corduroy(rng: np.random.Generator, plane: Plane, colour: Colour) -> Surface:
    """Cut weft pile: rounded wales of fibre tips, furrows where the ground weave shows, faint rows of tufts."""
    wale = float(rng.uniform(25, 31))
    u = plane.u + 1.6 * cloud(rng, plane.shape, 90 / plane.step)
    column, fx = fraction(u / wale)
    x = fx * 2 - 1
    tip = read_tile(noise_tile(2.2, 1.0), plane.u * 1.5, plane.v * 1.5)
    clump = read_tile(noise_tile(5.0, 2.2), plane.u * 1.1 + column.astype(np.float32) * 37, plane.v * 1.1)
    edge = np.abs(x) + 0.05 * clump + 0.03 * tip
    ridge = 1 - smoothstep(edge, 0.30, 0.98)
    # tufts: each wale is a row of them, out of step with its neighbour
    table = rng.uniform(0, 1, 256).astype(np.float32)
    tuft = np.cos((plane.v / 6.2 + table.take(column & 255) + 0.12 * clump) * np.float32(2 * np.pi))
    ground = np.cos(plane.u * np.float32(2 * np.pi / 5.0)) * np.cos(plane.v * np.float32(2 * np.pi / 6.2))
    furrow = 1 - smoothstep(ridge, 0.02, 0.3)
    height = ridge * 7.5 + ridge * (tip * 0.42 + clump * 0.4 + tuft * 0.22) + furrow * ground * 0.35
    tone = (0.42 + 0.58 * smoothstep(ridge, 0.0, 0.75)) * (1 + 0.06 * tuft * ridge + 0.08 * tip + 0.05 * clump)
    brushed = cloud(rng, plane.shape, 130 / plane.step)
    tone = tone * (1 + 0.05 * brushed)
    (ux, uy), _ = plane.directions()
    splay = x * ridge * np.float32(-0.15) + tip * np.float32(0.10)
    return Surface(
        height=height.astype(np.float32),
        albedo=paint(colour, np.maximum(tone, 0.1)),
        gloss=0.03,
        tightness=6,
        fuzz=0.25,
        depth=0.85,
        lean_x=splay * np.float32(ux),
        lean_y=splay * np.float32(uy) + brushed * np.float32(0.05),
    )


def draw_velvet(rng: np.random.Generator, plane: Plane, colour: Colour) -> Surface:
    """Short dense pile: dark where it points at the viewer, pale where it leans away; strokes of a hand stay in it."""
    shape = plane.shape
    broad = cloud(rng, shape, 150 / plane.step)
    stroke = cloud(rng, shape, 52 / plane.step)
    # a stroke has an edge: the pile lies one way on this side of it and another way on that
    brushed = np.tanh(2.6 * (broad + 0.45 * stroke))
    tip = read_tile(noise_tile(1.1, 1.1), plane.u * 1.8, plane.v * 1.8)
    tuft = read_tile(noise_tile(3.2, 3.2), plane.u * 1.5 + 130, plane.v * 1.5)
    turn = np.float32(rng.uniform(0, 2 * np.pi)) + 0.7 * brushed
    reach = 0.36 + 0.34 * brushed + 0.05 * stroke
    pit = smoothstep(tip, 0.6, 2.2)
    tone = (1 - 0.3 * pit) * (1 + 0.09 * tip + 0.06 * tuft)
    return Surface(
        height=(tip * 0.24 + tuft * 0.2).astype(np.float32),
        albedo=paint(colour * np.float32(0.55), np.maximum(tone, 0.1)),
        gloss=0.02,
        tightness=5,
        fuzz=1.3,
        depth=0.6,
        lean_x=(reach * np.cos(turn)).astype(np.float32),
        lean_y=(reach * np.sin(turn)).astype(np.float32),
    )
