"""Drawn cloth and drawn photographs: repeatable, varied, and honest about what lies where."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fabric_desktop.jobs import Cancelled
from fabric_desktop.samples import SAMPLE_FABRICS, draw_garment_photo, draw_patch

IDS = [fabric.id for fabric in SAMPLE_FABRICS]
ROOT = Path(__file__).resolve().parents[3]


def digest(image: object) -> str:
    return hashlib.sha256(np.asarray(image).tobytes()).hexdigest()


def test_there_are_enough_kinds_of_cloth_to_look_at() -> None:
    assert len(set(IDS)) == len(IDS) >= 8
    assert all(fabric.name_zh and fabric.name_en and len(fabric.colours) >= 5 for fabric in SAMPLE_FABRICS)


@pytest.mark.parametrize("fabric_id", IDS)
def test_the_same_seed_draws_the_same_cloth_and_another_seed_another(fabric_id: str) -> None:
    first = draw_patch(fabric_id, 4, side=96)
    assert first.mode == "RGB"
    assert first.size == (96, 96)
    assert digest(draw_patch(fabric_id, 4, side=96)) == digest(first)
    assert digest(draw_patch(fabric_id, 5, side=96)) != digest(first)


def test_a_second_run_of_the_program_draws_the_same_bytes() -> None:
    program = (
        "import hashlib, numpy\n"
        "from fabric_desktop.samples import draw_patch\n"
        "print(hashlib.sha256(numpy.asarray(draw_patch('denim', 11, side=96)).tobytes()).hexdigest())\n"
    )
    environment = os.environ | {"PYTHONHASHSEED": "77", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == digest(draw_patch("denim", 11, side=96))


@pytest.mark.parametrize("fabric_id", IDS)
def test_one_cloth_comes_in_several_colours_so_that_colour_alone_names_nothing(fabric_id: str) -> None:
    means = [np.asarray(draw_patch(fabric_id, seed, side=96), dtype=float).mean(axis=(0, 1)) for seed in range(4)]
    apart = [np.abs(a - b).max() for number, a in enumerate(means) for b in means[:number]]
    assert sum(distance > 20 for distance in apart) >= 3


@pytest.mark.parametrize("fabric_id", IDS)
def test_cloth_is_neither_black_nor_burnt_out_nor_flat(fabric_id: str) -> None:
    for seed in range(3):
        grey = np.asarray(draw_patch(fabric_id, seed, side=192).convert("L"), dtype=float)
        assert 25 < grey.mean() < 225
        assert grey.std() > 3
        assert (grey > 253).mean() < 0.05


def test_an_unknown_fabric_is_named_in_the_error() -> None:
    with pytest.raises(KeyError, match="tweed"):
        draw_patch("tweed", 1)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_sample_photograph_says_where_which_cloth_lies(seed: int) -> None:
    picture, regions = draw_garment_photo(seed)
    assert picture.size == (1600, 1200)
    assert len(regions) >= 4
    for fabric_id, box in regions.values():
        assert fabric_id in IDS
        assert min(box.width, box.height) >= 200
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= 1600
        assert box.y + box.height <= 1200


def test_a_sample_photograph_repeats_and_comes_in_any_size() -> None:
    first, regions = draw_garment_photo(3, (640, 480))
    again, same_regions = draw_garment_photo(3, (640, 480))
    assert first.size == (640, 480)
    assert digest(first) == digest(again)
    assert regions == same_regions
    assert digest(draw_garment_photo(5, (640, 480))[0]) != digest(first)
    with pytest.raises(ValueError, match="200"):
        draw_garment_photo(1, (100, 100))


def test_a_photograph_half_drawn_can_be_stopped() -> None:
    laid: list[int] = []

    def stop_at_the_third() -> None:
        laid.append(1)
        if len(laid) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        draw_garment_photo(1, (640, 480), check=stop_at_the_third)
    assert len(laid) == 3


def test_naming_the_package_draws_and_loads_nothing() -> None:
    program = "import sys, fabric_desktop.samples; print('numpy' in sys.modules, 'PIL' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.split() == ["False", "False"]
