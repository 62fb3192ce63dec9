"""Colours are compared as the trade compares them: a wrong formula would name navy black and beige grey."""

from __future__ import annotations

import numpy as np
import pytest

from fabric_desktop.attributes.color import ciede2000, hex_to_rgb, lab_to_hex, lab_to_srgb, srgb_to_lab

# Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula: Implementation Notes, Supplementary Test Data, and
# Mathematical Observations", Color Research and Application 30 (2005) 21-30, table 1.
SHARMA = (
    ((50.0000, 2.6772, -79.7751), (50.0000, 0.0000, -82.7485), 2.0425),
    ((50.0000, 3.1571, -77.2803), (50.0000, 0.0000, -82.7485), 2.8615),
    ((50.0000, 2.8361, -74.0200), (50.0000, 0.0000, -82.7485), 3.4412),
    ((50.0000, -1.3802, -84.2814), (50.0000, 0.0000, -82.7485), 1.0000),
    ((50.0000, -1.1848, -84.8006), (50.0000, 0.0000, -82.7485), 1.0000),
    ((50.0000, -0.9009, -85.5211), (50.0000, 0.0000, -82.7485), 1.0000),
    ((50.0000, 0.0000, 0.0000), (50.0000, -1.0000, 2.0000), 2.3669),
    ((50.0000, -1.0000, 2.0000), (50.0000, 0.0000, 0.0000), 2.3669),
    ((50.0000, 2.4900, -0.0010), (50.0000, -2.4900, 0.0009), 7.1792),
    ((50.0000, 2.4900, -0.0010), (50.0000, -2.4900, 0.0010), 7.1792),
    ((50.0000, 2.4900, -0.0010), (50.0000, -2.4900, 0.0011), 7.2195),
    ((50.0000, 2.4900, -0.0010), (50.0000, -2.4900, 0.0012), 7.2195),
    ((50.0000, -0.0010, 2.4900), (50.0000, 0.0009, -2.4900), 4.8045),
    ((50.0000, -0.0010, 2.4900), (50.0000, 0.0010, -2.4900), 4.8045),
    ((50.0000, -0.0010, 2.4900), (50.0000, 0.0011, -2.4900), 4.7461),
    ((50.0000, 2.5000, 0.0000), (50.0000, 0.0000, -2.5000), 4.3065),
    ((50.0000, 2.5000, 0.0000), (73.0000, 25.0000, -18.0000), 27.1492),
    ((50.0000, 2.5000, 0.0000), (61.0000, -5.0000, 29.0000), 22.8977),
    ((50.0000, 2.5000, 0.0000), (56.0000, -27.0000, -3.0000), 31.9030),
    ((50.0000, 2.5000, 0.0000), (58.0000, 24.0000, 15.0000), 19.4535),
    ((50.0000, 2.5000, 0.0000), (50.0000, 3.1736, 0.5854), 1.0000),
    ((50.0000, 2.5000, 0.0000), (50.0000, 3.2972, 0.0000), 1.0000),
    ((50.0000, 2.5000, 0.0000), (50.0000, 1.8634, 0.5757), 1.0000),
    ((50.0000, 2.5000, 0.0000), (50.0000, 3.2592, 0.3350), 1.0000),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
    ((61.2901, 3.7196, -5.3901), (61.4292, 2.2480, -4.9620), 1.8731),
    ((35.0831, -44.1164, 3.7933), (35.0232, -40.0716, 1.5901), 1.8645),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((36.4612, 47.8580, 18.3852), (36.2715, 50.5065, 21.2231), 1.4146),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 1.5381),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
)


@pytest.mark.parametrize(("first", "second", "expected"), SHARMA)
def test_ciede2000_gives_the_published_difference(
    first: tuple[float, ...], second: tuple[float, ...], expected: float
) -> None:
    assert float(ciede2000(first, second)) == pytest.approx(expected, abs=5e-5)
    assert float(ciede2000(second, first)) == pytest.approx(expected, abs=5e-5)


def test_ciede2000_of_many_pairs_is_that_of_each_pair() -> None:
    one = np.array([pair[0] for pair in SHARMA])
    two = np.array([pair[1] for pair in SHARMA])
    table = ciede2000(one[:, None], two[None, :])
    assert table.shape == (34, 34)
    assert np.diag(table) == pytest.approx([pair[2] for pair in SHARMA], abs=5e-5)


def test_a_color_is_no_distance_from_itself() -> None:
    colors = srgb_to_lab(np.random.default_rng(0).integers(0, 256, (200, 3)))
    assert np.all(ciede2000(colors, colors) == 0)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        # Of the sRGB primaries under D65, as published with the standard's matrix.
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((119, 119, 119), (50.03, 0.0, 0.0)),
    ],
)
def test_lab_of_known_colors(rgb: tuple[int, int, int], lab: tuple[float, float, float]) -> None:
    assert srgb_to_lab(rgb) == pytest.approx(lab, abs=0.02)


def test_greys_are_neutral_so_that_no_grey_cloth_gets_a_tint() -> None:
    greys = srgb_to_lab(np.repeat(np.arange(256)[:, None], 3, axis=1))
    assert np.abs(greys[:, 1:]).max() < 1e-9


def test_the_chip_shown_is_the_color_measured() -> None:
    colors = np.random.default_rng(1).integers(0, 256, (500, 3))
    assert np.array_equal(lab_to_srgb(srgb_to_lab(colors)), colors)
    assert lab_to_hex(srgb_to_lab((30, 44, 80))) == "#1e2c50"
    assert hex_to_rgb("#1e2c50") == (30, 44, 80)


def test_a_color_no_screen_can_show_is_clipped_not_wrapped() -> None:
    red, green, blue = (int(part) for part in lab_to_srgb((60.0, 120.0, 90.0)))
    assert (red, green) == (255, 0)
    assert 0 <= blue <= 255
