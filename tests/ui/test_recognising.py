"""A person points at cloth and reads the answer: by click, by box, by key; and changes how it is weighed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from fabric_desktop.imaging import Box
from fabric_desktop.studio import Studio, load_settings, save_setting
from fabric_desktop.ui.canvas.shapes import Handle
from fabric_desktop.ui.document import Stage
from fabric_desktop.ui.widgets import ActionButton
from tests.ui.conftest import Person, cloth
from tests.ui.hands import CONTROL, SHIFT


def test_a_click_recognises_the_square_around_it(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    region = person.answered()
    box = region.box
    assert (box.x, box.y) == (pytest.approx(150 - 112, abs=1), pytest.approx(300 - 112, abs=1))
    assert (box.width, box.height) == (224, 224)
    assert region.recognition is not None
    assert region.recognition.candidates[0].id == "denim"
    assert person.first_name() == "Denim"


def test_a_dragged_box_is_recognised(person_with_bank: Person) -> None:
    person = person_with_bank
    person.key(Qt.Key.Key_B)
    person.drag((640, 100), (860, 420))
    region = person.answered()
    box = region.box
    assert (box.x, box.y) == (pytest.approx(640, abs=3), pytest.approx(100, abs=3))
    assert (box.width, box.height) == (pytest.approx(220, abs=4), pytest.approx(320, abs=4))
    assert region.recognition is not None
    assert region.recognition.candidates[0].id == "wool"


def test_shift_keeps_a_box_square(person: Person) -> None:
    person.key(Qt.Key.Key_B)
    person.drag((100, 100), (300, 180), SHIFT)
    assert person.region.box.width == person.region.box.height


def test_the_whole_photograph_is_one_key_away(person: Person) -> None:
    person.key(Qt.Key.Key_W)
    assert person.region.box == Box(0, 0, 900, 600)


def test_a_handle_reshapes_the_region_and_it_is_recognised_again(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    before = person.answered().box
    left, top, right, bottom = before.corners
    person.drag((right, bottom), (right + 20, bottom + 60))
    region = person.region
    assert region.box.corners[:2] == (left, top)
    assert region.box.height == pytest.approx(before.height + 60, abs=4)
    old = region.recognition
    person.wait(lambda: region.stage is Stage.DONE and region.recognition is not old)


def test_dragging_inside_moves_the_region(person: Person) -> None:
    person.click(300, 300)
    before = person.answered().box
    person.drag((300, 300), (350, 320))
    assert (person.region.box.width, person.region.box.height) == (before.width, before.height)
    assert person.region.box.x == pytest.approx(before.x + 50, abs=3)


def test_arrows_nudge_and_one_undo_takes_all_nudges_back(person: Person) -> None:
    person.click(300, 300)
    before = person.answered().box
    for _ in range(3):
        person.key(Qt.Key.Key_Right)
    person.key(Qt.Key.Key_Down, SHIFT)
    assert person.region.box == Box(before.x + 3, before.y + 10, before.width, before.height)
    person.key(Qt.Key.Key_Z, CONTROL)
    assert person.region.box == before


def test_undo_and_redo_take_a_region_away_and_bring_it_back(person: Person) -> None:
    person.click(150, 300)
    region = person.answered()
    person.key(Qt.Key.Key_Z, CONTROL)
    assert person.window.bench.region is None
    assert person.window.canvas.item_of(region.id) is None
    person.key(Qt.Key.Key_Z, CONTROL | SHIFT)
    assert person.region is region
    assert region.stage is Stage.DONE


def test_delete_takes_the_region_off_and_undo_puts_it_back(person: Person) -> None:
    person.click(150, 300)
    first = person.answered()
    person.click(450, 300)
    second = person.answered()
    person.key(Qt.Key.Key_Delete)
    assert person.region is first
    person.key(Qt.Key.Key_Z, CONTROL)
    assert person.region is second


def test_escape_leaves_the_region_and_the_keys_step_through_them(person: Person) -> None:
    for x in (150, 450, 750):
        person.click(x, 300)
        person.answered()
    document = person.window.bench.document
    assert document is not None
    person.key(Qt.Key.Key_Period)
    assert document.number_of(person.region.id) == 1
    person.key(Qt.Key.Key_Comma)
    assert document.number_of(person.region.id) == 3
    person.key(Qt.Key.Key_Escape)
    assert person.window.bench.region is None


def test_escape_closes_the_banner_before_it_leaves_the_region(person: Person, tmp_path: Path) -> None:
    person.click(150, 300)
    region = person.answered()
    person.window.bench.start(person.window.bench.open_photo(tmp_path / "gone.png"))
    person.wait(lambda: bool(person.banner()))
    person.window.canvas.setFocus()
    person.key(Qt.Key.Key_Escape)
    assert not person.banner()
    assert person.region is region


def test_a_banner_moves_nothing_on_the_canvas(person: Person, tmp_path: Path) -> None:
    before = person.at(300, 300)
    person.window.bench.start(person.window.bench.open_photo(tmp_path / "gone.png"))
    person.wait(lambda: bool(person.banner()))
    assert person.at(300, 300) == before


def test_escape_in_a_drag_puts_the_region_back(person: Person) -> None:
    person.click(300, 300)
    before = person.answered().box
    port, canvas = person.window.canvas.viewport(), person.window.canvas
    QTest.mousePress(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, person.at(300, 300))
    canvas.tool.move(person.at(380, 380), Qt.KeyboardModifier.NoModifier)
    person.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, person.at(380, 380))
    assert person.region.box == before


def test_the_first_and_the_brackets_change_what_a_click_takes(person: Person) -> None:
    person.key(Qt.Key.Key_BracketLeft)
    person.click(450, 300)
    smaller = person.answered().box.width
    person.key(Qt.Key.Key_BracketRight)
    person.key(Qt.Key.Key_BracketRight)
    person.click(700, 300)
    assert smaller < 224 < person.answered().box.width


def test_another_weight_of_the_rules_ranks_again_without_encoding(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.click(150, 300)
    region = person.answered()
    observation, before = region.observation, region.recognition
    assert before is not None
    box = person.window.results.weighing.alpha
    box.setCurrentIndex(box.findData(1.0))
    box.activated.emit(box.currentIndex())
    person.wait(lambda: region.recognition is not before)
    assert region.observation is observation
    assert region.recognition is not None
    assert region.recognition.alpha == 1.0
    person.settle()
    assert load_settings(studio).alpha == 1.0


def test_top_k_shows_as_many_candidates(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.click(150, 300)
    region = person.answered()
    before = region.recognition
    box = person.window.results.weighing.top_k
    box.setCurrentIndex(box.findData(3))
    box.activated.emit(box.currentIndex())
    person.wait(lambda: region.recognition is not before)
    assert sum(row.isVisibleTo(person.window) for row in person.window.results.rows) == 3
    person.settle()
    assert load_settings(studio).top_k == 3


def test_the_nearest_references_are_shown_at_the_patchs_scale(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    person.settle()
    swatches = person.window.bench.answers.swatches
    assert len(swatches) == 9
    strip = person.window.results.swatches
    assert "Denim" in strip.caption.text()
    # 240 px references beside a 224 px patch: the same scale, cut to the patch's extent.
    assert {(image.width(), image.height()) for image in swatches.values()} == {(224, 224)}


def test_without_a_bank_the_rules_answer_and_the_way_to_a_bank_is_offered(person: Person) -> None:
    person.click(150, 300)
    region = person.answered()
    assert region.recognition is not None
    assert region.recognition.candidates
    codes = {notice.code for notice in region.recognition.notices}
    assert codes
    buttons = [child for child in person.window.results.findChildren(ActionButton)]
    assert any(button.isVisible() and "Build bank" in button.text() for button in buttons)


def test_wheel_zooms_at_the_cursor(person: Person) -> None:
    canvas = person.window.canvas
    at = canvas.mapFromScene(200, 450)
    before, scale = canvas.mapToScene(at), canvas.scale_now
    event = QWheelEvent(
        QPointF(at), QPointF(canvas.viewport().mapToGlobal(at)), QPoint(), QPoint(0, 240),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )
    QApplication.sendEvent(canvas.viewport(), event)
    after = canvas.mapToScene(at)
    assert canvas.scale_now == pytest.approx(scale * 1.44)
    assert (after.x(), after.y()) == (pytest.approx(before.x(), abs=1.5), pytest.approx(before.y(), abs=1.5))


def test_fit_and_actual_size_by_key(person: Person) -> None:
    canvas = person.window.canvas
    person.key(Qt.Key.Key_1, CONTROL)
    assert canvas.scale_now == pytest.approx(1.0)
    assert person.window.tool_bar.zoom.text() == "100 %"
    person.key(Qt.Key.Key_F)
    assert canvas.viewport().rect().contains(canvas.mapFromScene(0, 0))
    assert canvas.viewport().rect().contains(canvas.mapFromScene(899, 599))


def test_space_and_drag_pans_and_makes_no_region(person: Person) -> None:
    canvas = person.window.canvas
    canvas.setFocus()
    QApplication.sendEvent(
        canvas, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    )
    before = canvas.mapFromScene(450, 300)
    person.drag((450, 300), (500, 330))
    QApplication.sendEvent(
        canvas, QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    )
    after = canvas.mapFromScene(450, 300)
    assert after != before
    assert person.window.bench.region is None


def test_the_middle_button_pans_and_makes_no_region(person: Person) -> None:
    canvas, port = person.window.canvas, person.window.canvas.viewport()
    person.key(Qt.Key.Key_1, CONTROL)
    person.window.canvas.zoom_in()
    middle, none = Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier
    before = canvas.mapFromScene(450, 300)
    QTest.mousePress(port, middle, none, QPoint(300, 300))
    QTest.mouseMove(port, QPoint(260, 280))
    QTest.mouseRelease(port, middle, none, QPoint(260, 280))
    moved = canvas.mapFromScene(450, 300) - before
    assert (moved.x(), moved.y()) == (-40, -20)
    assert person.window.bench.region is None


def test_each_of_the_eight_handles_moves_its_own_sides(person: Person) -> None:
    person.key(Qt.Key.Key_B)
    person.drag((200, 150), (500, 400))
    before = person.region.box
    for handle in Handle:
        x, y = handle.place(before)
        person.drag((x, y), (x + 40, y + 30))
        after, name = person.region.box, handle.name.lower()
        moved = {
            "left": after.x != before.x,
            "right": after.x + after.width != before.x + before.width,
            "top": after.y != before.y,
            "bottom": after.y + after.height != before.y + before.height,
        }
        assert {side for side, now in moved.items() if now} == {side for side in moved if side in name}
        person.key(Qt.Key.Key_Z, CONTROL)
        assert person.region.box == before


# -- the ways in --------------------------------------------------------------------------------------------------


def drop(person: Person, data: QMimeData) -> None:
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(200, 200), copy, data, left, none)
    QApplication.sendEvent(person.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(person.window, QDropEvent(QPointF(200, 200), copy, data, left, none))


def test_a_photograph_is_opened_by_dropping_it(
    make_window: Callable[[Path], Person], studio: Studio, photo: Path
) -> None:
    person = make_window(studio.root)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photo))])
    drop(person, data)
    person.wait(lambda: person.window.bench.document is not None)
    assert person.window.canvas.photo_size == (900, 600)
    assert photo.name in person.window.windowTitle()


def test_a_picture_on_the_clipboard_is_opened_by_pasting(
    make_window: Callable[[Path], Person], studio: Studio
) -> None:
    person = make_window(studio.root)
    picture = cloth("linen", 7, 320)
    image = QImage(picture.tobytes(), 320, 320, 960, QImage.Format.Format_RGB888).copy()
    QApplication.clipboard().setImage(image)
    person.key(Qt.Key.Key_V, CONTROL)
    person.wait(lambda: person.window.bench.document is not None)
    document = person.window.bench.document
    assert document is not None
    assert document.image is not None
    assert document.image.tobytes() == picture.tobytes()


def test_an_empty_clipboard_is_explained(make_window: Callable[[Path], Person], studio: Studio) -> None:
    person = make_window(studio.root)
    QApplication.clipboard().setText("no picture")
    person.key(Qt.Key.Key_V, CONTROL)
    assert "not a picture" in person.banner()


def test_a_text_file_named_jpg_is_explained_and_the_present_photograph_stays(person: Person, tmp_path: Path) -> None:
    liar = tmp_path / "布料.jpg"
    liar.write_text("this is no picture", encoding="utf-8")
    document = person.window.bench.document
    person.window.opening.open_photo(liar)
    person.wait(lambda: bool(person.banner()))
    assert str(liar) in person.banner()
    assert "not a picture" in person.banner()
    assert person.window.bench.document is document
    buttons = [button.text() for button in person.window.banner.findChildren(ActionButton)]
    assert buttons == ["Open photograph"]


def test_regions_are_there_again_when_the_photograph_is_reopened(person: Person, tmp_path: Path) -> None:
    person.click(150, 300)
    region = person.answered()
    other = tmp_path / "other.png"
    cloth("wool", 3, 400).save(other)
    photo = person.window.bench.document.path if person.window.bench.document else None
    assert photo is not None
    person.open(other)
    assert person.window.bench.region is None
    person.open(photo)
    assert person.region is region
    assert person.window.canvas.item_of(region.id) is not None


def test_the_result_is_copied_as_text(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    person.key(Qt.Key.Key_C, CONTROL)
    text = QApplication.clipboard().text()
    assert text.startswith("1. Denim (牛仔布)")
    assert " %" in text


def test_an_encoder_that_cannot_run_leaves_the_rules_and_offers_the_built_in_one(
    make_window: Callable[[Path], Person], studio: Studio, photo: Path
) -> None:
    save_setting(studio, "encoder", "local-dir:/nowhere/model")
    person = make_window(studio.root)
    person.open(photo)
    person.click(150, 300)
    region = person.answered()
    assert region.recognition is not None
    assert region.recognition.candidates
    assert "cannot run here" in person.window.status.encoder.text()
    buttons = [button for button in person.window.results.findChildren(ActionButton) if button.isVisible()]
    assert any("built-in encoder" in button.text() for button in buttons)
