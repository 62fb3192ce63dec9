"""A photograph of 108 megapixels: zoomed and panned without a stall, and what is cut from it has every pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt

from fabric_desktop.imaging import cut_patch, open_photo
from tests.ui.conftest import Person, cloth
from tests.ui.hands import CONTROL

WIDTH, HEIGHT = 12_000, 9_000


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Cloth of many small tiles, so that it is quickly made; a JPEG, as cameras make them."""
    tile = np.asarray(cloth("denim", 3, 600))
    path = tmp_path / "大图 12000 x 9000.jpg"
    Image.fromarray(np.tile(tile, (HEIGHT // 600, WIDTH // 600, 1))).save(path, quality=88)
    return path


@pytest.mark.timeout(180)
def test_a_photograph_of_108_megapixels_is_smooth_and_its_patches_have_every_pixel(
    person_with_bank: Person, large: Path
) -> None:
    person = person_with_bank
    canvas = person.window.canvas
    with person.watched("open"):
        person.open(large)
    assert canvas.photo_size == (WIDTH, HEIGHT)
    middle = canvas.viewport().rect().center()
    for direction in (1, -1):
        for _ in range(12):
            with person.watched("zoom"):
                canvas._zoom_to(canvas.scale_now * 1.3**direction, middle + QPoint(120, -60))
                person.bot.wait(5)
    person.key(Qt.Key.Key_1, CONTROL)
    for step in range(20):
        with person.watched("pan"):
            canvas._pan(QPoint(60, 40 if step % 2 else -20))
            person.bot.wait(5)
    person.bot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    box = person.answered().box
    document = person.window.bench.document
    assert document is not None
    assert document.image is not None
    person.settle()
    # The picture shown is scaled down; what is compared is not.
    assert cut_patch(document.image, box).size == (box.width, box.height)
    assert (box.width, box.height) == (HEIGHT // 4, HEIGHT // 4)
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: person.region.label is not None)
    label = person.region.label
    assert label is not None
    with Image.open(label.path) as saved:
        assert saved.size == (box.width, box.height)
        kept = np.asarray(saved.convert("RGB"))
    assert np.array_equal(kept, np.asarray(cut_patch(open_photo(large), box)))
