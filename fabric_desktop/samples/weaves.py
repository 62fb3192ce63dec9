"""Woven cloth from its draft: which yarn lies on top, how it bends over its neighbour, and what its fibres do.

A draft is a small 0/1 table, True where the warp lies over the weft; the fabrics differ by draft and yarns alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .surface import (
    Colour,
    Field,
    Plane,
    Surface,
    blend,
    cloud,
    fraction,
    linear,
    mix,
    noise_tile,
    read_tile,
    smoothstep,
    stray_fibres,
)

Draft = NDArray[np.bool_]

PLAIN: Draft = np.array([[1, 0], [0, 1]], dtype=np.bool_)


def twill(over: int, under: int) -> Draft:
    """A right-hand twill: each pick steps one end to the side. Rows are ends (warp), columns picks (weft)."""
    period = over + under
    ends, picks = np.indices((period, period))
    return np.asarray((ends + picks) % period < over, dtype=np.bool_)


def satin(ends: int, step: int) -> Draft:
    """A warp-faced satin of so many ends; step is prime to it, and binding points never touch."""
    draft = np.ones((ends, ends), dtype=np.bool_)
    for end in range(ends):
        draft[end, (end * step) % ends] = False
    return draft


def herringbone(over: int, under: int, width: int) -> Draft:
    """A twill that turns back every `width` ends, broken by one step at the turn so that no float grows longer."""
    period = over + under
    there = [end % period for end in range(width)]
    back = [(there[-1] + period // 2 - end) % period for end in range(width)]
    picks = np.arange(period)
    return np.array([(start + picks) % period < over for start in there + back], dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Yarn:
    """One system of yarns. Lengths in cloth units, shares of the pitch, or shares of brightness.

    pitch: from one yarn to the next. cover: yarn width as a share of the pitch. crimp: how high it rides over.
    roundness: 1 a round section, below that flatter. twist: turns of the ply a unit length, 0 for filament.
    slub: thick and thin places, share of width. tone: deviation of brightness from yarn to yarn.
    fibre: strength of the fibre noise in brightness. wander: sideways drift, share of the pitch.
    frayed: how ragged loose fibres make the yarn's edge, share of the half width.
    shade: how dark the edge of its section is.
    """

    pitch: float
    cover: float = 1.0
    crimp: float = 1.0
    roundness: float = 1.0
    twist: float = 0.0
    slub: float = 0.0
    tone: float = 0.05
    fibre: float = 0.1
    wander: float = 0.05
    frayed: float = 0.0
    shade: float = 0.3


@dataclass(frozen=True, slots=True)
class Interlacing:
    """The pixels of a weave: what lies on top and where on that yarn. All (h, w)."""

    warp_up: NDArray[np.bool_]
    height: Field
    across: Field
    along: Field
    end: NDArray[np.int32]
    pick: NDArray[np.int32]
    gap: Field


def interlace(rng: np.random.Generator, plane: Plane, draft: Draft, warp: Yarn, weft: Yarn) -> Interlacing:
    """Lay the two systems over each other.

    A yarn's centre line rises to +crimp where the draft puts it on top, falls to -crimp where not, by a cubic between
    crossings; its section is an ellipse. The visible yarn is the higher one. gap is 1 where neither covers the pixel.
    """
    h, w = plane.shape
    drift = cloud(rng, (h, w), 70 / plane.step)
    u = plane.u + warp.wander * warp.pitch * drift
    v = plane.v + weft.wander * weft.pitch * cloud(rng, (h, w), 70 / plane.step)
    end, fu = fraction(u / warp.pitch)
    pick, fv = fraction(v / weft.pitch)
    ends, picks = draft.shape
    rises = np.where(draft, np.float32(1), np.float32(-1))
    flat = rises.ravel()

    def rise(e: NDArray[np.int32], p: NDArray[np.int32]) -> Field:
        return np.asarray(flat.take((e % ends) * picks + p % picks), dtype=np.float32)

    here = rise(end, pick)
    # the crossing before or after this one, whichever side of the middle the pixel lies on
    beside_pick = rise(end, pick + np.where(fv < 0.5, np.int32(-1), np.int32(1)))
    beside_end = rise(end + np.where(fu < 0.5, np.int32(-1), np.int32(1)), pick)
    toward_pick = smoothstep(np.abs(fv - 0.5), 0.1, 0.9)
    toward_end = smoothstep(np.abs(fu - 0.5), 0.1, 0.9)
    warp_line = (here + (beside_pick - here) * toward_pick) * np.float32(warp.crimp)
    weft_line = -(here + (beside_end - here) * toward_end) * np.float32(weft.crimp)
    su = fu * 2 - 1
    sv = fv * 2 - 1
    # a yarn wider than its pitch leans over its neighbours and squeezes what comes up between them to an oval
    if warp.cover > 1:
        weft_line -= (7 * (warp.cover - 1)) * su * su
    if weft.cover > 1:
        warp_line -= (7 * (weft.cover - 1)) * sv * sv

    warp_x = su / np.float32(warp.cover)
    weft_y = sv / np.float32(weft.cover)
    end_key, pick_key = end.astype(np.float32), pick.astype(np.float32)
    if warp.slub or weft.slub:
        thick, start = noise_tile(26.0, 0.4), rng.uniform(0, 1 << 14, 4).astype(np.float32)
        warp_x = warp_x / (1 + warp.slub * read_tile(thick, end_key * 5 + start[0], v * 0.5 + start[1]))
        weft_y = weft_y / (1 + weft.slub * read_tile(thick, pick_key * 5 + start[2], u * 0.5 + start[3]))
    if warp.frayed or weft.frayed:
        ragged = noise_tile(5.0, 0.8)
        warp_x = warp_x * (1 + warp.frayed * read_tile(ragged, su * 4 + end_key * 23, v * 1.6))
        weft_y = weft_y * (1 + weft.frayed * read_tile(ragged, sv * 4 + pick_key * 23, u * 1.6))
    warp_dome = 1 - warp_x * warp_x
    weft_dome = 1 - weft_y * weft_y
    warp_high = warp_line + np.sqrt(np.maximum(warp_dome, 0)) * (warp.roundness * warp.pitch * 0.5)
    weft_high = weft_line + np.sqrt(np.maximum(weft_dome, 0)) * (weft.roundness * weft.pitch * 0.5)
    floor = np.float32(-1.6 * max(warp.crimp, weft.crimp, 0.6))
    warp_high = np.where(warp_dome > 0, warp_high, floor)
    weft_high = np.where(weft_dome > 0, weft_high, floor)
    warp_up = warp_high >= weft_high
    height = np.maximum(warp_high, weft_high)
    return Interlacing(
        warp_up,
        height,
        np.where(warp_up, warp_x, weft_y),
        np.where(warp_up, v, u),
        end,
        pick,
        ((warp_dome <= 0) & (weft_dome <= 0)).astype(np.float32),
    )


def yarn_tone(rng: np.random.Generator, laid: Interlacing, warp: Yarn, weft: Yarn) -> Field:
    """Brightness of the visible yarn around 1: from yarn to yarn, along its fibres, and across its twist."""
    up = laid.warp_up
    spread = rng.standard_normal(2048, dtype=np.float32)
    table = np.concatenate([1 + warp.tone * spread[:1024], 1 + weft.tone * spread[1024:]])
    number = np.where(up, laid.end & 1023, (laid.pick & 1023) + 1024)
    tone: Field = table.take(number)
    key = number.astype(np.float32)
    fibre = noise_tile(9.0, 0.7)
    lean = np.where(up, np.float32(warp.twist), np.float32(weft.twist))
    # fibres follow the twist: reading the tile along a slanted line tilts its streaks
    along = laid.along * 1.3 + laid.across * (6 * np.sign(lean)) + key * 61
    streak = read_tile(fibre, laid.across * 4 + 8 + key * 17, along)
    tone = tone * (1 + np.where(up, np.float32(warp.fibre), np.float32(weft.fibre)) * streak)
    # light dies between yarns: the section of each darkens towards its edge
    tone = tone * (1 - np.where(up, np.float32(warp.shade), np.float32(weft.shade)) * laid.across * laid.across)
    if warp.twist or weft.twist:
        turn = np.cos((laid.along * lean + laid.across * (0.35 * np.sign(lean))) * np.float32(2 * np.pi))
        tone = tone * (1 + np.where(lean == 0, np.float32(0), np.float32(0.11)) * turn)
    return np.maximum(tone, 0.05)


def cloth(
    plane: Plane,
    laid: Interlacing,
    tone: Field,
    warp_colours: NDArray[np.float32],
    weft_colours: NDArray[np.float32],
    *,
    behind: Colour,
    gloss: float,
    tightness: float,
    fuzz: float = 0.0,
    depth: float = 0.7,
) -> Surface:
    """The surface of laid yarns; the colour tables (n, 3) repeat over ends and picks."""
    up = laid.warp_up
    both = np.concatenate([warp_colours, weft_colours])
    number = np.where(up, laid.end % len(warp_colours), laid.pick % len(weft_colours) + len(warp_colours))
    albedo = np.stack([plane_of.take(number) * tone for plane_of in both.T])
    if laid.gap.any():
        albedo = blend(albedo, behind, laid.gap)
    (ux, uy), (vx, vy) = plane.directions()
    return Surface(
        height=laid.height,
        albedo=albedo,
        gloss=(1 - laid.gap) * np.float32(gloss),
        tightness=tightness,
        fuzz=fuzz,
        depth=depth,
        grain_x=np.where(up, np.float32(vx), np.float32(ux)),
        grain_y=np.where(up, np.float32(vy), np.float32(uy)),
    )


def blended(surface: Surface, share: Field, colour: Colour) -> Surface:
    """The surface with some of another colour worked in."""
    return replace(surface, albedo=blend(surface.albedo, colour, share))


def fuzzed(surface: Surface, hair: Field, colour: Colour, strength: float) -> Surface:
    """The surface with loose fibres on top."""
    return replace(
        blended(surface, hair * np.float32(strength), colour), height=surface.height + hair * np.float32(0.5)
    )


def draw_poplin(rng: np.random.Generator, plane: Plane, colour: Colour) -> Surface:
    """Plain weave, fine combed cotton; the warp is closer than the weft, which gives poplin its fine crosswise rib."""
    warp = Yarn(4.3, cover=1.0, crimp=0.8, twist=0.14, tone=0.03, fibre=0.06, wander=0.05, slub=0.05)
    weft = Yarn(5.5, cover=1.02, crimp=0.6, twist=0.12, tone=0.03, fibre=0.06, wander=0.05, slub=0.06)
    laid = interlace(rng, plane, PLAIN, warp, weft)
    tone = yarn_tone(rng, laid, warp, weft)
    one = colour[None, :]
    return cloth(
        plane, laid, tone, one, one * np.float32(0.97), behind=colour * np.float32(0.35), gloss=0.1, tightness=14
    )


def draw_gingham(rng: np.random.Generator, plane: Plane, colour: Colour) -> Surface:
    """Plain weave with white and coloured stripes in both systems: full colour, half colour and white checks."""
    warp = Yarn(5.4, cover=1.0, crimp=0.9, twist=0.12, tone=0.03, fibre=0.06, slub=0.05)
    weft = Yarn(5.8, cover=1.0, crimp=0.9, twist=0.1, tone=0.03, fibre=0.06, slub=0.06)
    laid = interlace(rng, plane, PLAIN, warp, weft)
    tone = yarn_tone(rng, laid, warp, weft)
    white = linear("#efece4")
    band = int(rng.integers(7, 10))
    stripe = np.stack([white] * band + [colour] * band).astype(np.float32)
    return cloth(
        plane, laid, tone, stripe, stripe, behind=mix(white, colour, 0.5) * np.float32(0.4), gloss=0.08, tightness=14
    )


def draw_linen(rng: np.random.Generator, plane: Plane, colour: Colour) -> Surface:
    """Plain weave, open, of slub yarns: thick and thin places, uneven spacing, stiff stray fibres."""
    warp = Yarn(9.0, cover=0.84, crimp=1.5, frayed=0.1, twist=0.06, slub=0.2, tone=0.11, fibre=0.13, wander=0.22)
    weft = Yarn(9.6, cover=0.86, crimp=1.5, frayed=0.1, twist=0.05, slub=0.26, tone=0.12, fibre=0.13, wander=0.22)
    laid = interlace(rng, plane, PLAIN, warp, weft)
    tone = yarn_tone(rng, laid, warp, weft)
    one = colour[None, :]
    surface = cloth(
        plane,
        laid,
        tone,
        one,
        one * np.float32(1.04),
        behind=colour * np.float32(0.16),
        gloss=0.13,
        tightness=18,
        fuzz=0.05,
    )
    return fuzzed(surface, stray_fibres(rng, plane, 5, 34), np.minimum(colour * np.float32(1.25), 0.95), 0.5)


def draw_denim(rng: np.random.Generator, plane: Plane, colour: Colour) -> Surface:
    """3/1 warp-faced twill: rope-dyed warp whose white core shows where it is worn, undyed weft between."""
    warp = Yarn(
        6.6, cover=1.3, crimp=1.5, twist=0.12, slub=0.13, tone=0.2, fibre=0.22, wander=0.14, frayed=0.14, shade=0.5
    )
    weft = Yarn(
        7.6, cover=0.72, crimp=0.9, twist=0.1, slub=0.2, tone=0.16, fibre=0.2, wander=0.1, frayed=0.2, shade=0.6
    )
    laid = interlace(rng, plane, twill(3, 1), warp, weft)
    tone = yarn_tone(rng, laid, warp, weft)
    undyed = mix(linear("#b9bab8"), colour, 0.25)
    # indigo stays on the outside of the yarn: the crests, rubbed most, turn pale
    patchy = 0.5 + 0.5 * np.tanh(cloud(rng, plane.shape, 120 / plane.step))
    crest = smoothstep(laid.height, 2.6, 5.4) * laid.warp_up
    streak = read_tile(noise_tile(6.0, 0.8), laid.across * 5 + laid.end.astype(np.float32) * 23, laid.along * 1.3)
    worn = np.clip(crest * (0.05 + 0.16 * patchy) * (0.7 + 0.8 * streak), 0, 0.6)
    surface = cloth(
        plane, laid, tone, colour[None, :], undyed[None, :],
        behind=colour * np.float32(0.2), gloss=0.06, tightness=12, fuzz=0.06,
    )  # fmt: skip
    surface = blended(surface, worn, undyed)
    return fuzzed(surface, stray_fibres(rng, plane, 4, 20), mix(colour, undyed, 0.4), 0.35)


def draw_satin(rng: np.random.Generator, plane: Plane, colour: Colour) -> Surface:
    """8-end warp satin of filament silk: long floats lie side by side, so the light runs along soft folds."""
    warp = Yarn(2.7, cover=1.3, crimp=0.2, roundness=0.35, tone=0.05, fibre=0.06, wander=0.05, shade=0.12)
    weft = Yarn(3.4, cover=0.6, crimp=0.16, roundness=0.3, tone=0.03, fibre=0.04, wander=0.05, shade=0.1)
    laid = interlace(rng, plane, satin(8, 3), warp, weft)
    tone = yarn_tone(rng, laid, warp, weft)
    one = colour[None, :]
    surface = cloth(
        plane, laid, tone, one, one,
        behind=colour * np.float32(0.8), gloss=1.5, tightness=46, depth=0.1,
    )  # fmt: skip
    # binding points sink between the floats: they dull the sheen a little, they do not cross it
    (vx, vy) = plane.directions()[1]
    dull = np.where(laid.warp_up, np.float32(1.7), np.float32(1.35))
    level = np.full(plane.shape, 1, dtype=np.float32)
    return replace(
        surface,
        height=laid.height * np.float32(0.4),
        gloss=dull,
        grain_x=level * np.float32(vx),
        grain_y=level * np.float32(vy),
    )


def draw_herringbone(rng: np.random.Generator, plane: Plane, colour: Colour) -> Surface:
    """2/2 twill turned back every ten ends, light warp and dark weft, in carded wool with its haze of fibres."""
    wool = Yarn(
        6.4, cover=1.12, crimp=1.3, twist=0.08, slub=0.16, tone=0.12, fibre=0.26, wander=0.16, frayed=0.28, shade=0.42
    )
    laid = interlace(rng, plane, herringbone(2, 2, 10), wool, wool)
    tone = yarn_tone(rng, laid, wool, wool)
    pale = mix(colour, linear("#dcd6c8"), 0.5)
    # wool is dyed in the fibre: every yarn carries flecks of the other shade
    fleck = smoothstep(read_tile(noise_tile(4.0, 0.9), plane.u * 1.3, plane.v * 1.3), 0.7, 2.0) * np.float32(0.4)
    surface = cloth(
        plane, laid, tone, pale[None, :], colour[None, :],
        behind=colour * np.float32(0.3), gloss=0.03, tightness=8, fuzz=0.2,
    )  # fmt: skip
    surface = blended(surface, fleck, mix(colour, pale, 0.5))
    surface = fuzzed(surface, stray_fibres(rng, plane, 26, 22), mix(colour, pale, 0.75), 0.45)
    return fuzzed(surface, stray_fibres(rng, plane, 12, 26), colour * np.float32(0.8), 0.45)
