"""The texture numbers say what their names say: direction, crossing threads, repeat, fineness, relief."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.attributes import measure_look
from tests.unit.attributes.cloths import checks, flat, grain, halved, lines, weave


@pytest.mark.parametrize("angle", [0, 20, 45, 70, 90, 115, 135, 160])
def test_lines_have_a_direction_and_it_is_the_one_they_run_in(angle: int) -> None:
    look = measure_look(lines(angle))
    assert look.directionality > 0.8
    assert abs((look.direction - angle + 90) % 180 - 90) < 2


def test_grain_has_no_direction() -> None:
    for seed in range(5):
        assert measure_look(grain(seed)).directionality < 0.2


def test_crossing_threads_cancel_to_no_direction_but_are_seen_as_crossing() -> None:
    look = measure_look(checks())
    assert look.directionality < 0.1
    assert look.crossing > 0.8
    assert measure_look(weave(threads=10)).crossing > 0.3


def test_parallel_lines_are_not_taken_for_crossing_threads() -> None:
    assert measure_look(lines(30)).crossing < 0.1


def test_a_repeat_is_periodic_and_grain_is_not() -> None:
    assert measure_look(lines(30)).periodicity > 0.8
    assert measure_look(grain()).periodicity < 0.3


def test_complexity_rises_with_contrast_and_with_the_number_of_scales() -> None:
    quiet, bold = measure_look(grain(depth=0.02)), measure_look(grain(depth=0.15))
    assert quiet.texture_complexity < bold.texture_complexity
    # As much contrast in one scale alone is less complex.
    stripe = measure_look(lines(0, 8, depth=0.2))
    assert stripe.contrast > bold.contrast * 0.9
    assert stripe.texture_complexity < bold.texture_complexity


def test_fineness_orders_coarse_and_fine() -> None:
    coarse, middle, fine = (measure_look(lines(20, cycles)).fineness for cycles in (3.5, 7, 14))
    assert coarse < 0.35 < middle < 0.65 < fine


def test_each_scale_has_its_own_direction() -> None:
    x, y = np.meshgrid(np.arange(256) / 256, np.arange(256) / 256)
    pixels = (
        0.5 + 0.15 * np.sin(2 * np.pi * 3.7 * y) + 0.15 * np.sin(2 * np.pi * 14 * x) + 0.1 * np.sin(2 * np.pi * 14 * y)
    )
    look = measure_look(Image.fromarray(np.asarray(pixels * 255, dtype=np.uint8)).convert("RGB"))
    assert look.directionality_coarse > 0.7
    assert look.directionality_fine < 0.6


def test_bright_points_and_dark_pits_lean_to_opposite_sides() -> None:
    random = np.random.default_rng(0)
    spots = np.zeros((256, 256), dtype=np.uint8)
    for x, y in random.integers(8, 248, (60, 2)):
        spots[y - 3 : y + 3, x - 3 : x + 3] = 110
    bright = measure_look(Image.fromarray(90 + spots).convert("RGB"))
    dark = measure_look(Image.fromarray(200 - spots).convert("RGB"))
    assert bright.relief > 0.7
    assert dark.relief < 0.3


def test_one_corner_of_texture_is_less_even_than_texture_everywhere() -> None:
    cornered = flat((128, 128, 128))
    cornered.paste(grain().crop((0, 0, 100, 100)), (0, 0))
    assert measure_look(cornered).evenness < measure_look(grain()).evenness - 0.1


def test_coloured_yarns_are_mottled_and_grey_grain_is_not() -> None:
    assert measure_look(grain()).mottle < 0.02
    dots = Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8))
    assert measure_look(dots.resize((256, 256), Image.Resampling.BICUBIC)).mottle > 0.3


def test_a_flat_patch_has_no_texture_at_all() -> None:
    look = measure_look(flat())
    assert look.texture_complexity == look.directionality == look.crossing == look.periodicity == look.contrast == 0
    assert look.relief == 0.5


def test_camera_noise_on_a_flat_patch_is_not_taken_for_texture() -> None:
    noise = np.random.default_rng(0).normal(128, 4, (512, 512, 3))
    look = measure_look(Image.fromarray(np.asarray(np.clip(noise, 0, 255), dtype=np.uint8)))
    assert look.texture_complexity < 0.05
    assert look.directionality < 0.05
    assert look.periodicity < 0.05


def test_folds_and_lamp_are_not_texture() -> None:
    x, y = np.meshgrid(np.arange(300) / 300, np.arange(300) / 300)
    shading = np.asarray((0.3 + 0.4 * x + 0.1 * np.sin(2 * np.pi * 0.7 * y)) * 255, dtype=np.uint8)
    look = measure_look(Image.fromarray(shading).convert("RGB"))
    assert look.texture_complexity < 0.1


def test_turning_the_photo_turns_the_direction_and_nothing_else() -> None:
    cloth = lines(25, 6)
    cloth = Image.blend(cloth, grain(1), 0.4)
    before, after = measure_look(cloth), measure_look(cloth.transpose(Image.Transpose.ROTATE_90))
    assert abs((after.direction - before.direction - 90 + 90) % 180 - 90) < 0.2
    for name in ("sheen", "texture_complexity", "directionality", "crossing", "periodicity", "fineness", "evenness"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), abs=0.005)


def test_the_direction_survives_halving() -> None:
    for angle in (10, 55, 100, 155):
        cloth = lines(angle, 10, 128)
        assert abs((measure_look(halved(cloth)).direction - angle + 90) % 180 - 90) < 2
