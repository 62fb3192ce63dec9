"""How close a patch has to be to a library, or it is called unknown: by references left out, or a usual bound.

Arrays and numbers only.
"""

from __future__ import annotations

import math

import numpy as np

from fabric_desktop.classifier.temperature import ENOUGH_ANSWERS, Array

FALSE_ALARMS = 0.05
"""Share of known cloths that may be called unknown."""
MOST_PIECES = 4
"""Pieces a fabric up to which `usual_bound` is measured; from there on a library's own left-out answers speak."""


def usual_bound(n_fabrics: int, pieces: float) -> float:
    """The closeness under which a cloth is unknown to a library of so many fabrics (two or more) and, in the geometric
    mean, `pieces` of cloth a fabric, before it has left-out answers to measure by.

        b = 0.70 - 0.9 / n_fabrics + (0.16 + 0.30 / n_fabrics) * ln(pieces)

    A question is the closer to its own fabric the more pieces are known of it, and the more fabrics the centre is the
    mean of. Measured on 80 random libraries of each size, of 2 to 20 fabrics with one to four photographs each. Of new
    photographs of the library's own cloth 4 in 100 fall below it where three or four are known, and not 5, since
    another lamp or distance will add to them; up to 10 where one or two are, since 5 would let every second strange
    cloth pass.
    """
    return 0.70 - 0.9 / n_fabrics + (0.16 + 0.30 / n_fabrics) * math.log(min(max(pieces, 1.0), MOST_PIECES))


def calibrated_bound(closeness: Array, usual: float) -> float:
    """The bound of the unknown by how close left-out references (m,) were, drawn to the usual one while there are
    few."""
    if not len(closeness):
        return usual
    own = len(closeness) / (len(closeness) + ENOUGH_ANSWERS)
    return own * float(np.quantile(closeness, FALSE_ALARMS)) + (1.0 - own) * usual
