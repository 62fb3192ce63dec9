"""A lasso leaves out what lies outside it, a line over a ruler gives the scale, and both are there again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from fabric_desktop.imaging import Box, content_hash
from fabric_desktop.studio import Studio
from fabric_desktop.ui.cutting import moved_outline, region_patch
from fabric_desktop.ui.region_keeper import load_regions
from tests.ui.conftest import Person, _move_pressed
from tests.ui.hands import UNDO, accept_first

TRIANGLE = ((40, 100), (280, 100), (160, 400))


def draw_line(person: Person, points: tuple[tuple[int, int], ...]) -> None:
    """Draw along these points of the photograph with the mouse held."""
    port, left = person.window.canvas.viewport(), Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    QTest.mousePress(port, left, none, person.at(*points[0]))
    for point in points[1:]:
        _move_pressed(port, person.at(*point), none)
    QTest.mouseRelease(port, left, none, person.at(*points[-1]))


def test_pixels_outside_a_lasso_are_left_out() -> None:
    """Red inside a triangle, blue outside: no blue is left in the patch."""
    image = Image.new("RGB", (400, 400), (0, 0, 255))
    pixels = np.asarray(image).copy()
    pixels[:, :200] = (255, 0, 0)
    patch = region_patch(Image.fromarray(pixels), Box(100, 100, 200, 200), ((100, 100), (199, 100), (150, 299)))
    assert patch.size == (200, 200)
    assert np.asarray(patch)[:, :, 2].max() == 0


def test_a_lasso_follows_its_box() -> None:
    moved = moved_outline(TRIANGLE, Box(40, 100, 240, 300), Box(50, 120, 480, 600))
    assert moved == ((50, 120), (530, 120), (290, 720))


def test_a_lasso_is_recognised_named_and_there_again(
    person_with_bank: Person, studio: Studio, photo: Path
) -> None:
    person = person_with_bank
    person.key(Qt.Key.Key_O)
    draw_line(person, (*TRIANGLE, TRIANGLE[0]))
    region = person.answered()
    assert region.outline is not None
    assert person.first_name() == "Denim"
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: region.label is not None)
    person.settle()
    kept = load_regions(studio, content_hash(photo), (900, 600)).regions
    assert [other.outline for other in kept] == [region.outline]
    person.key(Qt.Key.Key_Right)
    person.wait(lambda: region.box.x > kept[0].box.x)
    assert region.outline[0][0] == kept[0].outline[0][0] + 1  # type: ignore[index]
    person.answered()


def test_a_reference_made_of_a_lasso_holds_no_pixel_from_outside_the_line(
    person_with_bank: Person, studio: Studio
) -> None:
    """The line runs around denim and linen's edge; the box reaches into linen, the reference does not."""
    person = person_with_bank
    corners = ((40, 100), (280, 100), (280, 140), (420, 400), (160, 400))
    person.key(Qt.Key.Key_O)
    draw_line(person, (*corners, corners[0]))
    region = person.answered()
    before = set(studio.reference_photos("denim"))
    person.key(Qt.Key.Key_L)
    person.type("denim")
    person.window.naming.field.completer().popup().hide()
    person.window.canvas.setFocus()
    person.key(Qt.Key.Key_R)
    person.wait(lambda: len(studio.reference_photos("denim")) == len(before) + 1)
    person.settle()
    (new,) = set(studio.reference_photos("denim")) - before
    pixels = np.asarray(Image.open(new).convert("RGB"))
    assert pixels.shape[:2] == (region.box.height, region.box.width)
    inside = Image.new("L", (region.box.width, region.box.height), 0)
    line = [(x - region.box.x, y - region.box.y) for x, y in region.outline or ()]
    ImageDraw.Draw(inside).polygon(line, fill=255)
    colours = {tuple(pixel) for pixel in pixels[np.asarray(inside) > 0].tolist()}
    assert {tuple(pixel) for pixel in pixels.reshape(-1, 3).tolist()} == colours, "beyond the line the cloth goes on"


def test_a_ruler_gives_the_scale_and_patches_keep_it(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.key(Qt.Key.Key_M)
    person.drag((100, 550), (500, 550))
    dialog = person.window.measuring.dialog
    assert dialog is not None
    person.wait(dialog.isVisible)
    dialog.setDoubleValue(8.0)
    dialog.accept()
    person.wait(lambda: "pixels a centimetre" in person.banner())
    document = person.window.bench.document
    assert document is not None
    assert document.px_per_cm is not None
    assert abs(document.px_per_cm - 50) < 1
    # The offscreen platform gives the window back to nobody when a dialog closes.
    person.window.activateWindow()
    person.wait(person.window.isActiveWindow)
    person.key(Qt.Key.Key_P)
    accept_first(person, 150)
    (patch,) = (studio.labeled_dir / "denim").glob("*.json")
    assert json.loads(patch.read_text(encoding="utf-8"))["px_per_cm"] == document.px_per_cm
    person.settle()
    for _ in range(3):
        person.key(*UNDO)
    assert document.px_per_cm is None
