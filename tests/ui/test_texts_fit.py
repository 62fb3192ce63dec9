"""No text of the window is cut off or elided, in either language, in its typical states; and the gallery draws them."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QListView,
    QListWidget,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.batch.scan import PhotoEntry
from fabric_desktop.studio import Studio
from fabric_desktop.ui.pages.photo_list import PhotoDelegate, PhotoList
from tests.ui.conftest import Person
from tests.ui.fitting import cut_texts
from tests.ui.hands import SHIFT
from tests.ui.watchdog import Watchdog

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_text_is_cut_in_the_windows_states(person_with_bank: Person, studio: Studio, lang: str) -> None:
    person = person_with_bank
    person.window.commands.use_language(lang)
    states: dict[str, list[str]] = {}

    def look(state: str, window: QWidget = person.window) -> None:
        person.settle()
        QTest.qWait(30)
        states[state] = cut_texts(window)

    look("no region")
    for x in (150, 450):
        person.click(x, 300)
        person.answered()
    look("many regions")
    person.key(Qt.Key.Key_U)
    person.wait(lambda: person.region.kept is not None)
    person.key(Qt.Key.Key_F5)
    person.wait(lambda: person.window.review.queue.grid.count() == 1)
    look("queue")
    person.key(Qt.Key.Key_F5)
    person.key(Qt.Key.Key_F5, SHIFT)
    look("labelled patches")
    person.key(Qt.Key.Key_F5, SHIFT)
    person.key(Qt.Key.Key_C)
    person.wait(lambda: person.window.comparing.window is not None and person.window.comparing.window.isVisible())
    assert person.window.comparing.window is not None
    look("comparison", person.window.comparing.window)
    person.window.comparing.window.close()
    person.window.opening.open_photo(Path("no-such-photograph.jpg"))
    person.wait(lambda: bool(person.banner()))
    look("error")
    assert not any(states.values()), "\n".join(f"{state}: {text}" for state, cut in states.items() for text in cut)


def test_the_watchdog_sees_a_window_that_stands_still(qapp: QApplication) -> None:
    """0.3 s of work between two beats is noticed; a wait in which nothing is done is none."""
    dog = Watchdog()
    with dog.watching("nothing"):
        QTest.qWait(100)
    assert dog.longest is None or dog.longest.milliseconds < 100
    with dog.watching("work"):
        until = time.thread_time() + 0.3
        QTimer.singleShot(0, lambda: _work_until(until))
        QTest.qWait(50)
    assert dog.longest is not None
    assert dog.longest.doing == "work"
    assert dog.longest.milliseconds >= 200


def test_the_watchdog_counts_what_the_window_does_and_not_what_python_tidies_up_after_other_tests(
    qapp: QApplication,
) -> None:
    left_behind = [[number] for number in range(2_000_000)]
    for collections in (True, False):
        dog = Watchdog(collections=collections)
        with dog.watching("work"):
            QTimer.singleShot(0, gc.collect)
            QTest.qWait(30)
        longest = dog.longest.milliseconds if dog.longest is not None else 0.0
        assert (longest > 40) == collections, longest
    assert not [heard for heard in gc.callbacks if "Watchdog" in repr(heard)]
    assert left_behind


def _work_until(until: float) -> None:
    while time.thread_time() < until:
        pass


PICTURES = (
    *("empty", "one-region", "many-regions", "photos", "find", "queue", "labelled", "comparison", "keys"),
    *("recovered", "error", "first-steps", "swatches-source", "swatches-names", "swatches-plan"),
    *("swatches-unreadable", "swatches-to-know", "library", "library-doubtful", "library-rename", "library-merge"),
    *("library-new", "batch", "batch-results", "encoders", "improvement", "versions", "evaluation", "scale", "about"),
    "progress",
    *("settings", "settings-changed", "can-tell", "doctor", "doctor-troubles", "report", "report-picture"),
    *("tour", "tour-words"),
)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("scale", [100, 200])
def test_the_gallery_draws_every_state_and_page_and_no_text_in_it_is_cut(tmp_path: Path, scale: int) -> None:
    out = tmp_path / "pictures"
    environment = {
        **os.environ,
        "FABRIC_DESKTOP_HOME": str(tmp_path / "home"),
        "OMP_NUM_THREADS": "1",
        "QT_SCALE_FACTOR": str(scale // 100),
        "PYTHONPATH": str(ROOT),
    }
    # Where a text is cut does not depend on the theme: the second time one is enough.
    themes = ("light", "dark") if scale == 100 else ("dark",)
    command = [sys.executable, "-m", "tests.ui.gallery_texts", str(out)]
    command += ["--theme", "dark"] if themes == ("dark",) else []
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    names = {path.stem for path in out.glob("*.png")}
    wanted = {
        f"{state}-{lang}-{theme}-{scale}" for state in PICTURES for lang in ("zh", "en") for theme in themes
    }
    assert names == wanted
    with Image.open(out / f"empty-en-dark-{scale}.png") as picture:
        assert picture.width == 1280 * scale // 100
    assert not done.stdout, done.stdout


def test_the_check_sees_what_is_cut_in_tables_lists_trees_headings_and_tabs(qapp: QApplication) -> None:
    """Each view is given a text that it has no room for; a view with room for it is passed."""
    long = "a name that is much too long for its place"
    window = QWidget()
    column = QVBoxLayout(window)
    table, listed, tree, tabs = QTableWidget(1, 2), QListWidget(), QTreeWidget(), QTabWidget()
    table.setItem(0, 0, QTableWidgetItem(long))
    table.setHorizontalHeaderLabels(["here", "there"])
    listed.setViewMode(QListWidget.ViewMode.IconMode)
    listed.setGridSize(QSize(60, 30))
    listed.addItem(long)
    tree.setColumnCount(2)
    tree.setHeaderLabels(["short", "heading that is too long for it"])
    tree.header().setStretchLastSection(False)
    tree.header().resizeSection(1, 30)
    tree.addTopLevelItem(QTreeWidgetItem([long, ""]))
    for name in ("one", "two", long, long):
        tabs.addTab(QWidget(), name)
    for view in (table, listed, tree, tabs):
        column.addWidget(view)
    window.resize(260, 560)
    window.show()
    QTest.qWaitForWindowExposed(window)
    found = cut_texts(window)
    for kind in ("QTableWidget", "QListWidget", "QTreeWidget", "heading", "tab"):
        assert any(text.startswith(kind) for text in found), (kind, found)
    table.resizeColumnsToContents()
    window.resize(1200, 560)
    QTest.qWait(20)
    assert not any(text.startswith("QTableWidget") for text in cut_texts(window))
    window.close()


def test_the_check_sees_what_a_delegate_of_ours_shortens(qapp: QApplication) -> None:
    strip = QListView()
    entries = [PhotoEntry(Path("/photos/a photo with a name that no strip has room for, ever.jpg"), "new")]
    model = PhotoList(_NoThumbs(), strip)  # type: ignore[arg-type]
    model.add(entries)
    strip.setModel(model)
    strip.setItemDelegate(PhotoDelegate(strip))
    strip.resize(220, 120)
    strip.show()
    QTest.qWaitForWindowExposed(strip)
    assert any("delegate shortened" in text for text in cut_texts(strip))
    strip.close()


class _NoThumbs(QObject):
    """Pictures that are never made."""

    loaded = Signal(object)

    def picture(self, photo: Path) -> None:
        return None
