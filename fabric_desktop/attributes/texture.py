"""Numbers of a patch's texture, from the Fourier power of its lightness on the fixed texture grid.

Everything is relative to the patch: a frequency is in cycles a patch side, never in threads per centimetre. Not here:
colour, and sheen.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fabric_desktop.attributes.analysis import SIDE, blurred
from fabric_desktop.attributes.color import FloatArray

# Octaves in cycles a side. Slower changes are folds and lamps; faster ones are what a halving of 128 px takes away.
_BANDS = ((2.5, 5.0), (5.0, 10.0), (10.0, 18.0))
# Power (L* squared) that counts as nothing: an RMS contrast of 1 L*, about what can just be seen. It keeps the ratios
# below at 0 on a flat patch, where they would otherwise describe the noise of the camera and of JPEG.
_NOISE = 1.0
# Contrasts (RMS, L* units) at which a saturating measure stands at one half: about a plain woven cloth's.
_BAND_HALF = 3.0
_TOTAL_HALF = 6.0
# The same for colour, where JPEG's coarser chroma moves the measured spread by up to 1.2 units.
_MOTTLE_HALF = 14.0
# Squared visibility of a contrast of 0.33 L*, which no eye sees: smooth patches get no direction or fineness from it.
_UNSEEN = 0.01


@dataclass(frozen=True, slots=True)
class Texture:
    """The texture of a patch; every number 0..1 but `direction`, in degrees. `measure_texture` has the formulas."""

    texture_complexity: float
    contrast: float
    fineness: float
    directionality: float
    direction: float
    directionality_coarse: float
    directionality_middle: float
    directionality_fine: float
    crossing: float
    periodicity: float
    periodicity_coarse: float
    periodicity_middle: float
    periodicity_fine: float
    evenness: float
    relief: float
    mottle: float


@dataclass(frozen=True, slots=True)
class _Frequencies:
    """The fixed arrays of the texture grid, each (SIDE, SIDE): exp(2i theta), exp(4i theta), the Hann window (mean
    square 1) and one mask an octave."""

    double: NDArray[np.complex128]
    quadruple: NDArray[np.complex128]
    window: FloatArray
    bands: tuple[FloatArray, ...]


@cache
def _frequencies() -> _Frequencies:
    step = np.fft.fftfreq(SIDE) * SIDE
    radius = np.hypot(step[:, None], step[None, :])
    angle = np.arctan2(step[:, None], step[None, :])
    taper = np.hanning(SIDE + 2)[1:-1]
    window = np.outer(taper, taper)
    window /= np.sqrt((window**2).mean())
    bands = tuple(((radius >= low) & (radius < high)).astype(np.float64) for low, high in _BANDS)
    return _Frequencies(np.exp(2j * angle), np.exp(4j * angle), window, bands)


def measure_texture(lab: FloatArray) -> Texture:
    """The texture of a patch given as Lab on the texture grid, (SIDE, SIDE, 3).

    P is the power spectrum of L* less its blur by an eighth of the side (folds and lamp), under a Hann window, in the
    three octaves 2.5 to 5, 5 to 10 and 10 to 18 cycles a side; theta a frequency's angle; E an octave's sum of P, c its
    square root (RMS contrast in L*), v = c / (c + 3) how visible it is, w = v^2 / (sum v^2 + 0.01) its weight among the
    octaves; n a noise floor of 1 L*^2. Then

    - texture_complexity: mean of v: how much contrast at how many scales. (The spread of lightness follows people's
      ratings of textile complexity: Mirjalili and Hardeberg, J. Imaging 8 (2022); the mean over octaves tells one bold
      stripe from a rich cloth.)
    - contrast: C / (C + 6), C the RMS contrast of the three octaves together.
    - fineness: 0.5 + 0.5 (w of the finest - w of the coarsest octave): 0 all in the coarsest, 1 all in the finest, 0.5
      even or a flat patch.
    - directionality_coarse, _middle, _fine: |sum P exp(2i theta)| / (E + n) of each octave, the coherence of the
      structure tensor (Bigun and Granlund, ICCV 1987) in the Fourier domain: 0 no direction or two crossing alike, 1
      parallel lines. directionality: absolute value of the w-weighted mean of the octaves' complex values. direction:
      the way the lines run, in degrees counter-clockwise from the horizontal, 0 <= d < 180; means nothing at low
      directionality.
    - crossing: of each octave |sum P exp(4i theta)| / (E + n) less what one direction alone gives, the fourth power of
      the octave's directionality (a wrapped normal spread of angles); their mean weighted by w: 1 two equal sets of
      lines at right angles, as warp and weft.
    - periodicity_coarse, _middle, _fine: share of E + n within one step of the octave's strongest frequency, 1 a pure
      repeat. periodicity: their mean weighted by w.
    - evenness: 1 - v / (v + 0.5), v the coefficient of variation of the local contrast: 1 the same everywhere.
    - relief: 0.5 + 0.5 tanh(skewness of the lightness detail): above 0.5 bright points stand out (slubs, glints),
      below it dark pits (holes, gaps between ribs).
    - mottle: d / (d + 14), d the RMS distance of a* and b* (blurred by two grid steps) from their mean: melange,
      prints, coloured yarns.
    """
    f = _frequencies()
    lightness = lab[..., 0]
    detail = lightness - blurred(lightness, SIDE / 8)
    detail = detail - (detail * f.window).sum() / f.window.sum()
    power = np.abs(np.fft.fft2(detail * f.window) / detail.size) ** 2

    by_band = [power * band for band in f.bands]
    energies = [float(part.sum()) for part in by_band]
    energy = sum(energies)
    contrasts = np.sqrt(np.array(energies))

    visible = contrasts / (contrasts + _BAND_HALF)
    weights = visible**2 / (float((visible**2).sum()) + _UNSEEN)
    doubles = [_moment(part, own, f.double) for part, own in zip(by_band, energies, strict=True)]
    quadruples = [_moment(part, own, f.quadruple) for part, own in zip(by_band, energies, strict=True)]
    crossings = [max(0.0, abs(four) - abs(two) ** 4) for two, four in zip(doubles, quadruples, strict=True)]
    repeats = [_strongest(part) / (own + _NOISE) for part, own in zip(by_band, energies, strict=True)]
    mean = complex(np.dot(weights, doubles))
    directionality = abs(mean)
    # Image rows grow downwards, and lines run at right angles to their frequency.
    direction = (90.0 - math.degrees(cmath.phase(mean)) / 2) % 180.0 if directionality > 0 else 0.0

    return Texture(
        texture_complexity=float(visible.mean()),
        contrast=energy**0.5 / (energy**0.5 + _TOTAL_HALF),
        fineness=0.5 + float(np.dot(weights, (-0.5, 0.0, 0.5))),
        directionality=directionality,
        direction=direction,
        directionality_coarse=abs(doubles[0]),
        directionality_middle=abs(doubles[1]),
        directionality_fine=abs(doubles[2]),
        crossing=float(np.dot(weights, crossings)),
        periodicity=float(np.dot(weights, repeats)),
        periodicity_coarse=repeats[0],
        periodicity_middle=repeats[1],
        periodicity_fine=repeats[2],
        evenness=_evenness(blurred(detail, 1.0)),
        relief=_relief(blurred(detail, 1.0)),
        mottle=_mottle(lab),
    )


def _moment(power: FloatArray, energy: float, turn: NDArray[np.complex128]) -> complex:
    """Mean over frequencies of `turn`, weighted by power, drawn to 0 where there is next to none."""
    return complex((power * turn).sum()) / (energy + _NOISE)


def _strongest(power: FloatArray) -> float:
    """Power of the strongest 3 by 3 neighbourhood of frequencies and of its mirror image."""
    rows = power + np.roll(power, 1, 0) + np.roll(power, -1, 0)
    return float(2 * (rows + np.roll(rows, 1, 1) + np.roll(rows, -1, 1)).max())


def _evenness(detail: FloatArray) -> float:
    local = np.sqrt(np.maximum(blurred(detail**2, 4.0), 0.0))
    variation = float(local.std() / (local.mean() + 0.5))
    return 1 - variation / (variation + 0.5)


def _relief(detail: FloatArray) -> float:
    centred = detail - detail.mean()
    spread = float((centred**2).mean()) + _NOISE
    return 0.5 + 0.5 * float(np.tanh((centred**3).mean() / spread**1.5))


def _mottle(lab: FloatArray) -> float:
    spread = math.sqrt(sum(float(blurred(lab[..., axis], 2.0).var()) for axis in (1, 2)))
    return spread / (spread + _MOTTLE_HALF)
