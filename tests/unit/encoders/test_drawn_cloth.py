"""Drawn cloth: what an encoder is asked about, so that nothing but what is meant to change may change."""

from __future__ import annotations

import numpy as np

from fabric_desktop.encoders.drawn_cloth import draw_cloth, draw_dyed


def test_the_same_seed_draws_the_same_cloth() -> None:
    first, again = (draw_cloth(np.random.default_rng(5)) for _ in range(2))
    assert first.tobytes() == again.tobytes()


def test_another_dye_leaves_the_weave_where_it_is() -> None:
    """Otherwise what is taken out of an embedding as colour would be weave."""
    rng = np.random.default_rng(6)
    for _ in range(4):
        greys = [np.asarray(picture.convert("L"), float) for picture in draw_dyed(rng, 2)]
        cloths = [np.asarray(picture.convert("L"), float) for picture in (draw_cloth(rng), draw_cloth(rng))]
        same, other = (abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) for one, two in (greys, cloths))
        assert same > 0.6
        assert other < 0.3


def test_dyes_differ() -> None:
    pictures = draw_dyed(np.random.default_rng(7), 4)
    colours = {tuple(np.asarray(picture, float).mean(axis=(0, 1)).round().tolist()) for picture in pictures}
    assert len(colours) == 4
