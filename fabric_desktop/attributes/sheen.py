"""How much a patch shines, as lit in this photograph.

Gloss cannot be told from one picture for certain: people agree with each other about it but not with physics. A bold
two-tone print or a lamp's reflection can look like sheen; a satin in flat light can look matt.
"""

from __future__ import annotations

import numpy as np

from fabric_desktop.attributes.analysis import blurred
from fabric_desktop.attributes.color import FloatArray

_TAIL = 20  # the brightest and darkest twentieth of the patch


def measure_sheen(lab: FloatArray) -> float:
    """Sheen 0..1 of a patch given as Lab on the texture grid, (n, n, 3): share and spread of highlights.

    L* is blurred by 1.5 grid steps (single bright yarns are texture, not sheen) and normalised against its median m:
    z = (L* - m) / (m + 16), which is (Y / Y_m)^(1/3) - 1, a ratio of luminances, so dark and light cloth compare. With
    u the mean z of the brightest twentieth, d that of the darkest (negated), and s the share of the patch above u / 2,
    softly counted:

        sheen = u / (u + 0.35)  *  (1 - smoothstep(0.12, 0.38, s))  *  clip(2 u / (u + d + 0.02) - 0.3, 0, 1.2) / 1.2

    that is: how far the highlights rise, whether they are few (a highlight is a minority; half a patch of white is a
    print), and whether the lightness leans to the bright side (skewness as a cue to gloss: Motoyoshi, Nishida, Sharan
    and Adelson, Nature 447 (2007) 206-209). Evenly lit matt weaves measured 0 to 0.2, drawn satins 0.2 to 0.8.
    """
    lightness = blurred(lab[..., 0], 1.5)
    median = float(np.median(lightness))
    z = (lightness - median) / (median + 16)
    ranked = np.sort(z, axis=None)
    tail = max(1, ranked.size // _TAIL)
    up = max(0.0, float(ranked[-tail:].mean()))
    down = max(0.0, -float(ranked[:tail].mean()))
    share = float((1 / (1 + np.exp(-(z - up / 2) / (0.15 * up + 0.02)))).mean())
    step = min(max((share - 0.12) / 0.26, 0.0), 1.0)
    few = 1 - step * step * (3 - 2 * step)
    lean = min(max(2 * up / (up + down + 0.02) - 0.3, 0.0), 1.2) / 1.2
    return up / (up + 0.35) * few * lean
