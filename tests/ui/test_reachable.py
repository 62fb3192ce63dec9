"""Who uses no mouse, or a screen reader, reaches everything: each widget that can have the focus has a name and is
reached by Tab, in the order of the eye, in the window, on every page and in every dialog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QRadioButton, QTabBar, QWidget

from tests.ui.conftest import Person, label_some, make_photo

PAGES = {
    "library": "library_page",
    "swatches": "import_page",
    "batch": "recognise_folder",
    "encoders": "encoders_page",
    "settings": "settings_page",
    "progress": "progress_page",
    "versions": "versions",
    "first steps": "first_steps",
    "tour": "tour",
    "doctor": "doctor",
    "report": "report_problem",
    "about": "about",
}


def focusable(window: QWidget) -> list[QWidget]:
    """What can have the focus now: seen, possible, and meant to be reached by Tab."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.window() is window
        and widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and not widget.visibleRegion().isEmpty()
    ]


def told(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName() or name_of(widget)!r} in {type(widget.parent()).__name__}"


def name_of(widget: QWidget) -> str:
    """What a screen reader says of a widget."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return "" if interface is None else interface.text(QAccessible.Text.Name).strip()


def walk(window: QWidget) -> list[QWidget]:
    """The widgets that Tab leads to, in their order, beginning with the one that has the focus."""
    seen: list[QWidget] = []
    for _ in range(400):
        now = window.focusWidget()
        if now is None or now in seen:
            break
        seen.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    return seen


def check(window: QWidget) -> list[str]:
    """What is wrong with a window for who uses the keyboard or a screen reader."""
    window.activateWindow()
    QTest.qWait(20)
    wanted = focusable(window)
    wrong = [f"without a name: {told(widget)}" for widget in wanted if not name_of(widget)]
    if wanted and window.focusWidget() is None:
        wanted[0].setFocus(Qt.FocusReason.TabFocusReason)
    reached = walk(window)
    missed = [widget for widget in wanted if widget not in reached and not _beside(widget)]
    wrong += [f"not reached by Tab: {told(widget)}" for widget in missed]
    return wrong + against_the_eye(reached, window)


def _beside(widget: QWidget) -> bool:
    """Of radio buttons of one group Tab reaches the one that is on; arrows lead to the others."""
    return isinstance(widget, QRadioButton) and not widget.isChecked()


def against_the_eye(reached: list[QWidget], window: QWidget) -> list[str]:
    """Steps of Tab that lead up again, within one part of the window and not into its next column."""
    wrong = []
    for first, second in zip(reached, reached[1:], strict=False):
        if second.parent() is not first.parent() or isinstance(second, QTabBar):
            continue
        here, there = _place(first, window), _place(second, window)
        if there.bottom() <= here.top() and there.left() < here.right():
            wrong.append(f"Tab leads up from {told(first)} to {told(second)}")
    return wrong


def _place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def test_the_check_sees_what_has_no_name_and_what_tab_passes_by(qapp: QApplication) -> None:
    window = QWidget()
    upper, lower, caught = QLineEdit(window), QLineEdit(window), _Catching(window)
    for place, field in enumerate((upper, lower, caught)):
        field.setGeometry(8, 8 + 40 * place, 100, 30)
    upper.setAccessibleName("upper")
    QWidget.setTabOrder(lower, upper)
    QWidget.setTabOrder(upper, caught)
    window.show()
    QTest.qWaitForWindowExposed(window)
    lower.setFocus()
    wrong = check(window)
    assert sum("without a name" in text for text in wrong) == 2
    assert any("leads up" in text for text in wrong)
    caught.setFocus()
    assert any(text.startswith("not reached by Tab") for text in check(window))
    window.close()


class _Catching(QLineEdit):
    """Keeps Tab for itself."""

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab:
            return True
        return super().event(event)


def test_everything_in_the_window_has_a_name_and_is_reached_by_tab(person_with_bank: Person) -> None:
    person = person_with_bank
    for x in (150, 450):
        person.click(x, 300)
        person.answered()
    person.key(Qt.Key.Key_U)
    person.wait(lambda: person.region.kept is not None)
    person.window.pages.strip.show_folder(Path(str(person.window.bench.document.path)).parent, open_first=False)  # type: ignore[union-attr]
    for action in ("photos_panel", "queue_panel", "labelled_panel"):
        person.window.actions_[action].trigger()
    person.settle()
    person.window.opening.open_photo(Path("no-such-photograph.jpg"))
    person.wait(lambda: bool(person.banner()))
    wrong = check(person.window)
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(180)
def test_everything_on_every_page_has_a_name_and_is_reached_by_tab(person_with_bank: Person, tmp_path: Path) -> None:
    person = person_with_bank
    assert person.window.bench.studio is not None
    label_some(person.window.bench.studio, 2)
    folder = tmp_path / "asked"
    folder.mkdir()
    make_photo(folder / "one.png")
    person.window.pages.strip.show_folder(folder, open_first=False)
    states: dict[str, Callable[[], object]] = {
        "batch": lambda: person.window.pages.batch._begin(),
        "swatches": lambda: _bring(person, tmp_path),
    }
    wrong: dict[str, list[str]] = {}
    for page, action in PAGES.items():
        before = {widget for widget in QApplication.topLevelWidgets() if widget.isVisible()}
        person.window.actions_[action].trigger()
        person.settle()
        opened = _opened(before)
        opened.resize(opened.size().expandedTo(getattr(opened, "wished", opened.size())))
        wrong[page] = check(opened)
        if page in states:
            states[page]()
            person.settle()
            wrong[page] += check(opened)
        opened.close()
    assert not any(wrong.values()), "\n".join(f"{page}: {text}" for page, found in wrong.items() for text in found)


def _opened(before: set[QWidget]) -> QWidget:
    """The window that an action has opened."""
    found = [other for other in QApplication.topLevelWidgets() if other.isVisible() and other not in before]
    assert len(found) == 1, found
    return found[0]


def _bring(person: Person, tmp_path: Path) -> None:
    root = tmp_path / "swatches" / "denim 2"
    root.mkdir(parents=True)
    make_photo(root / "a.png")
    page = person.window.pages.importing
    page.source.path.setText(str(root.parent))
    person.window.bench.start(page._make_plan())
