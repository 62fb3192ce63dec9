"""A look must not depend on the copy of the photo: halved or saved as JPEG 60, no number moves by more than 0.05."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from PIL import Image

from fabric_desktop.attributes import Look, measure_look
from tests.unit.attributes.cloths import as_jpeg, drawn_cloths, halved

LIMIT = 0.05
NUMBERS = [field.name for field in fields(Look) if field.name not in ("colors", "direction")]
# What holds for every photograph; the finer numbers, which only rules read, may break it once in 200.
PROMISED = ("sheen", "texture_complexity", "directionality", "contrast", "mottle", "lightness", "chroma")
HALVINGS = (Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, Image.Resampling.BILINEAR)


def copies(image: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    for how in HALVINGS:
        yield f"halved ({how.name.lower()})", halved(image, how)
    yield "JPEG of quality 60", as_jpeg(image)


def moved(before: Look, after: Look) -> dict[str, float]:
    found = {name: abs(getattr(before, name) - getattr(after, name)) for name in NUMBERS}
    return found | {"share of the first color": abs(before.colors[0].share - after.colors[0].share)}


@pytest.mark.parametrize(
    ("name", "cloth"), list(drawn_cloths()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_copy_of_a_drawn_cloth_has_the_same_look(name: str, cloth: Image.Image) -> None:
    look = measure_look(cloth)
    for how, copy in copies(cloth):
        other = measure_look(copy)
        worst = {number: value for number, value in moved(look, other).items() if value > LIMIT}
        assert worst == {}, how
        if look.directionality > 0.2:
            assert abs((other.direction - look.direction + 90) % 180 - 90) < 5, how
        assert other.colors[0].basic == look.colors[0].basic or look.colors[0].share < 0.6, how


@pytest.mark.photos
def test_a_copy_of_a_real_photograph_has_the_same_look(fabric_photos: Path) -> None:
    paths = sorted(path for path in fabric_photos.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    photos = [Image.open(path).convert("RGB") for path in paths[:: max(1, len(paths) // 120)]]
    # Below 128 px a side half of the photograph is less than the grid that is measured on.
    photos = [photo for photo in photos if min(photo.size) >= 128]
    assert photos, "no photograph of 128 px or more"
    over: dict[str, int] = {}
    worst: dict[str, float] = {}
    total = 0
    for photo in photos:
        look = measure_look(photo)
        for how in (halved(photo), halved(photo, Image.Resampling.BICUBIC), as_jpeg(photo)):
            total += 1
            for number, value in moved(look, measure_look(how)).items():
                worst[number] = max(worst.get(number, 0.0), value)
                over[number] = over.get(number, 0) + (value > LIMIT)
    assert {number: round(worst[number], 3) for number in PROMISED if worst[number] > LIMIT} == {}
    assert {number: count for number, count in over.items() if count > total / 200} == {}
