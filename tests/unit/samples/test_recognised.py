"""Drawn cloth is of use only if the program can tell it apart: held-out drawings against the drawn library."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.encoders.base import Encoder
from fabric_desktop.encoders.registry import load_encoder
from fabric_desktop.imaging import cut_patch, open_photo
from fabric_desktop.samples import SAMPLE_FABRICS, draw_patch, sample_regions
from fabric_desktop.studio import Studio

HELD_OUT = range(90_000, 90_005)
"""Seeds far from every reference's: other colours, angles, lights and yarns."""

Library = tuple[Encoder, np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def library(drawn_studio: Studio) -> Library:
    encoder = load_encoder("builtin", threads=1)
    photos = [
        (fabric_id, path)
        for fabric_id in drawn_studio.fabric_ids()
        for path in drawn_studio.reference_photos(fabric_id)
    ]
    rows = encoder.encode([open_photo(path) for _, path in photos])
    return encoder, rows, np.array([fabric_id for fabric_id, _ in photos])


def nearest(library: Library, patches: list[Image.Image]) -> list[str]:
    encoder, rows, fabric_of_row = library
    return [str(fabric_of_row[row]) for row in (encoder.encode(patches) @ rows.T).argmax(axis=1)]


def test_held_out_drawings_are_named_nine_times_in_ten(library: Library) -> None:
    truth = [fabric.id for fabric in SAMPLE_FABRICS for _ in HELD_OUT]
    patches = [draw_patch(fabric.id, seed) for fabric in SAMPLE_FABRICS for seed in HELD_OUT]
    named = nearest(library, patches)
    hits = {fabric.id: [] for fabric in SAMPLE_FABRICS}
    for true, got in zip(truth, named, strict=True):
        hits[true].append(got == true)
    assert np.mean([hit for fabric in hits.values() for hit in fabric]) >= 0.9
    assert all(np.mean(fabric) >= 0.6 for fabric in hits.values()), hits


def test_cloth_in_the_sample_photographs_is_named(drawn_studio: Studio, library: Library) -> None:
    known = [
        (fabric_id, cut_patch(open_photo(photo), box))
        for photo, regions in sample_regions(drawn_studio).items()
        for fabric_id, box in regions.values()
    ]
    named = nearest(library, [patch for _, patch in known])
    assert np.mean([fabric_id == got for (fabric_id, _), got in zip(known, named, strict=True)]) >= 0.9
