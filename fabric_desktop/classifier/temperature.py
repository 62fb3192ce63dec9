"""How sure an answer may be: the temperature at which left-out answers are as often right as they say.

Arrays only. What is left out, and how, is for `left_out` and `head`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# Half of the say is the default's while there are so many pieces of cloth among the answers.
ENOUGH_PIECES = 10
# Before this many left-out answers a studio's own temperature is drawn towards the default.
ENOUGH_ANSWERS = 50
# Scores that a temperature is fitted on, rows times fabrics: the search takes well under a second then. Of more answers
# evenly chosen ones are taken.
MAX_SCORES = 1_000_000
_LEAST = 50
# Every so many of the temperatures tried are looked at first.
_COARSE = 8


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Answers to references by a fit without their swatch: `scores` (m, n_fabrics), `truth` (m,) the right columns,
    `swatches` (m,) the piece of cloth of each."""

    scores: Array
    truth: npt.NDArray[np.integer]
    swatches: npt.NDArray[np.integer]

    def __len__(self) -> int:
        return len(self.scores)

    def thinned(self) -> LeftOut:
        """These answers, or evenly chosen ones where there are too many."""
        most = max(_LEAST, MAX_SCORES // max(1, self.scores.shape[1]))
        if len(self) <= most:
            return self
        taken = np.unique(np.linspace(0, len(self) - 1, most).astype(np.intp))
        return LeftOut(self.scores[taken], self.truth[taken], self.swatches[taken])

    @property
    def pieces(self) -> int:
        """How many pieces of cloth the answers are of."""
        return len(np.unique(self.swatches))


def fit_temperature(usual: LeftOut, alone: LeftOut | None = None, share: float = 0.0) -> float:
    """The temperature at which softmax(scores / T) is the most likely to have given the right answers.

    Every piece of cloth counts once, since photos of one piece are right or wrong together. `usual` are answers with
    the other swatches of the fabric still there; `alone` those with one swatch of the fabric left, which are wrong far
    more often; `share` (0..1) of the fabrics have one swatch, and so much weight has `alone`: a new sample of such a
    fabric is asked of one swatch, and leaving that out would leave nothing to measure by.

    One-dimensional search over 0.005..5 on a logarithmic grid (one temperature: Guo et al., ICML 2017).
    """
    usual, alone = usual.thinned(), None if alone is None else alone.thinned()

    def losses(grid: Array) -> Array:
        found = _losses(usual, grid)
        if alone is not None and len(alone) and share > 0.0:
            found = (1.0 - share) * found + share * _losses(alone, grid)
        return found

    # The likelihood has one valley, since it is convex in 1 / T: a coarse look, then a fine one around the best.
    grid = np.exp(np.linspace(np.log(0.005), np.log(5.0), 121))
    best = int(np.argmin(losses(grid[::_COARSE]))) * _COARSE
    fine = grid[max(0, best - _COARSE + 1) : best + _COARSE]
    return float(fine[int(np.argmin(losses(fine)))])


def drawn_to_default(own: float, default: float, pieces: int) -> float:
    """A temperature fitted on answers of so many pieces, drawn (on the logarithmic scale) to the default while few."""
    say = pieces / (pieces + ENOUGH_PIECES)
    return float(np.exp(say * np.log(own) + (1.0 - say) * np.log(default)))


def calibrated_temperature(
    answers: LeftOut, default: float, alone: LeftOut | None = None, share: float = 0.0
) -> float:
    """The temperature by left-out answers, drawn to the default while there are few; parameters as for
    `fit_temperature`."""
    if not len(answers):
        return default
    return drawn_to_default(fit_temperature(answers, alone, share), default, answers.pieces)


def is_enough(answers: int, pieces: int) -> bool:
    """Whether a temperature fitted on so many answers of so many pieces is a studio's own at least as much as the
    default."""
    return answers >= ENOUGH_ANSWERS and pieces >= ENOUGH_PIECES


def softmax(logits: Array) -> Array:
    """Rows of (n, k) as probabilities."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Array = powers / powers.sum(axis=1, keepdims=True)
    return result


def _losses(answers: LeftOut, grid: Array) -> Array:
    """The mean over pieces of the negative log likelihood of the right answers, at each temperature; with one piece
    more, of which the best of the others would have been right (Laplace's rule of succession): answers that were all
    right so far are no certainty."""
    _, piece = np.unique(answers.swatches, return_inverse=True)
    weights = 1.0 / np.bincount(piece)[piece]
    count = weights.sum()
    rows = np.arange(len(answers))
    below = answers.scores - answers.scores.max(axis=1, keepdims=True)
    right = below[rows, answers.truth]
    others = below.copy()
    others[rows, answers.truth] = -np.inf
    other: Array = others.max(axis=1)
    losses, powers = np.empty(len(grid)), np.empty_like(below)
    for place, temperature in enumerate(grid.tolist()):
        np.exp(np.divide(below, temperature, out=powers), out=powers)
        total = np.log(powers.sum(axis=1))
        losses[place] = weights @ (total - right / temperature) + weights @ (total - other / temperature) / count
    result: Array = losses / (count + 1.0)
    return result
