"""From the command line to the first answer: which studio, what is drawn, and what is said when nothing can be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget

from fabric_desktop import app, paths
from fabric_desktop.errors import StudioLocked
from fabric_desktop.imaging import Box
from fabric_desktop.studio import Studio, StudioLock, save_setting
from fabric_desktop.ui.app_state import AppState, load_state
from fabric_desktop.ui.start import Start, choose_studio, sample_root
from tests.conftest import ROOT
from tests.ui.conftest import Person, make_photo, make_studio

# For a whole program with a bank to build on a busy machine; alone it takes seconds.
_PATIENCE_S = 500
pytestmark = pytest.mark.timeout(_PATIENCE_S + 100)


def run(*arguments: str, home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"FABRIC_DESKTOP_HOME": str(home), "FABRIC_DESKTOP_ALLOW_DUMMY": "1"} | variables
    return subprocess.run(
        [sys.executable, "-m", "fabric_desktop.app", *arguments],
        capture_output=True, text=True, encoding="utf-8", env=environment, timeout=_PATIENCE_S, check=False,
    )


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.slow
def test_a_picture_of_the_window_shows_a_recognised_sample_on_a_fresh_machine(tmp_path: Path) -> None:
    out = tmp_path / "窗口 out.png"
    done = run("--screenshot", str(out), home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    with Image.open(out) as picture:
        assert picture.size == (1280, 800)
        # Cloth has many colours, an empty window a few dozen.
        assert len(picture.convert("RGB").resize((320, 200)).getcolors(64000) or []) > 2000
    assert (tmp_path / "home" / "sample-studio" / "fabric_bank.npz").exists()
    assert not (tmp_path / "home" / "window.json").exists()


def test_a_picture_of_ones_own_studio_changes_nothing_in_it(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "studio")
    photo = make_photo(tmp_path / "coat.png")
    before = files_below(tmp_path)
    out = tmp_path / "out.png"
    done = run(
        "--screenshot", str(out), "--photo", str(photo), "--box", "20", "30", "200", "200", "--lang", "zh",
        "--theme", "dark", "--size", "1000x700", "--studio", str(studio.root), home=tmp_path / "home",
    )
    assert done.returncode == 0, done.stderr
    with Image.open(out) as picture:
        assert picture.size == (1000, 700)
    assert files_below(tmp_path) - before <= {"out.png", "home"}


def test_an_unreadable_photo_gives_a_plain_sentence_and_no_picture(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "studio")
    liar = tmp_path / "cloth.jpg"
    liar.write_text("no picture", encoding="utf-8")
    out = tmp_path / "out.png"
    done = run("--screenshot", str(out), "--photo", str(liar), "--studio", str(studio.root), home=tmp_path / "home")
    assert done.returncode == 3
    assert not out.exists()
    assert str(liar) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_picture_of_a_studio_that_is_not_there_makes_no_folder(tmp_path: Path) -> None:
    """A mistyped path, asked for by somebody who may write anywhere."""
    missing = tmp_path / "studi" / "one"
    done = run("--screenshot", str(tmp_path / "o.png"), "--studio", str(missing), home=tmp_path / "home")
    assert done.returncode == 3
    assert str(missing) in done.stderr
    assert "Traceback" not in done.stderr
    assert files_below(tmp_path) == set()


def test_a_box_beside_the_photo_is_explained(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "studio")
    photo = make_photo(tmp_path / "coat.png")
    done = run(
        "--screenshot", str(tmp_path / "o.png"), "--photo", str(photo), "--box", "5000", "0", "10", "10",
        "--studio", str(studio.root), home=tmp_path / "home",
    )
    assert done.returncode == 3
    assert "900 x 600" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--box", "1", "2", "3", "4"],
        ["--photo", "a.jpg", "--box", "1", "2", "0", "4"],
        ["--size", "12"],
        ["--lang", "fr"],
        ["a.jpg", "--photo", "b.jpg"],
        ["--nonsense"],
    ],
)
def test_wrong_usage_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        app.parse(arguments)
    assert left.value.code == 2


def test_arguments_are_understood() -> None:
    options = app.parse(["p.jpg", "--box", "1", "2", "30", "40", "--lang", "zh", "--size", "1280x800"])
    assert options.photo == Path("p.jpg")
    assert options.box == Box(1, 2, 30, 40)
    assert options.size == (1280, 800)
    assert options.screenshot is None


def test_the_last_studio_comes_before_the_default_one_and_that_before_the_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FABRIC_STUDIO", str(tmp_path / "data"))
    assert choose_studio(None, AppState()) == sample_root()
    (tmp_path / "data" / "fabrics" / "cotton").mkdir(parents=True)
    assert choose_studio(None, AppState()) == tmp_path / "data"
    last = tmp_path / "last"
    last.mkdir()
    assert choose_studio(None, AppState(last_studio=str(last))) == last
    assert choose_studio(tmp_path / "given", AppState(last_studio=str(last))) == tmp_path / "given"
    last.rmdir()
    assert choose_studio(None, AppState(last_studio=str(last))) == tmp_path / "data"


def test_the_window_remembers_its_studio_and_language(make_window: Callable[..., Person], studio: Studio) -> None:
    person = make_window(studio.root)
    person.window.commands.use_language("zh")
    person.window.remember_layout()
    state = load_state()
    assert state.last_studio == str(studio.root)
    assert state.lang == "zh"
    assert state.docks_of(studio.root)
    assert state.place_of_window()


def test_the_language_and_colours_asked_for_at_the_start_go_before_a_studios_own(
    make_window: Callable[..., Person], studio: Studio, tmp_path: Path
) -> None:
    person = make_window(studio.root)
    other = make_studio(tmp_path / "another")
    save_setting(other, "lang", "zh")
    save_setting(other, "theme", "dark")
    window = person.window
    told = Start(window, window.bench, window.state, keep_lang=True, keep_theme=True)
    window.bench.start(told.go_to(other.root, show_sample=False))
    person.settle()
    assert (window.language.current, window.theme.current) == ("en", "light")
    window.bench.start(Start(window, window.bench, window.state).go_to(other.root, show_sample=False))
    person.settle()
    assert (window.language.current, window.theme.current) == ("zh", "dark")


def test_docks_are_moved_by_their_grip_and_stand_there_again(
    make_window: Callable[..., Person], studio: Studio
) -> None:
    person = make_window(studio.root)
    window = person.window
    for dock in (window.result_dock, window.naming_dock):
        grip = dock.titleBarWidget()
        assert grip.height() >= 8, "there has to be something to take hold of"
        assert dock.features() & QDockWidget.DockWidgetFeature.DockWidgetMovable
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.result_dock)
    window.remember_layout()
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, window.result_dock)
    window._on_studio_changed()
    assert window.dockWidgetArea(window.result_dock) == Qt.DockWidgetArea.LeftDockWidgetArea


def test_a_damaged_memory_of_the_window_costs_nothing_but_the_memory() -> None:
    for text in ("", "{", "[]", '{"last_studio": 3, "docks": [1], "geometry": "%%"}'):
        paths.home().mkdir(parents=True, exist_ok=True)
        (paths.home() / "window.json").write_text(text, encoding="utf-8")
        state = load_state()
        assert state.last_studio == ""
        assert state.docks == {}
        assert state.place_of_window() == b""


def test_a_folder_without_a_library_is_offered_to_become_one(
    make_window: Callable[..., Person], studio: Studio, tmp_path: Path
) -> None:
    person = make_window(studio.root)
    plain = tmp_path / "照片"
    plain.mkdir()
    person.window.opening.open_folder(plain)
    assert "holds no fabrics yet" in person.banner()
    assert list(plain.iterdir()) == []
    assert person.window.bench.studio == studio


def test_a_folder_and_a_list_can_be_named_at_the_start_or_dropped_as_a_photograph_can(
    make_window: Callable[..., Person], studio: Studio, tmp_path: Path
) -> None:
    person = make_window(studio.root)
    start = Start(person.window, person.window.bench, person.window.state)
    photos = tmp_path / "照片"
    photos.mkdir()
    make_photo(photos / "coat.png")
    person.window.bench.start(start._first(photos, None, studio.root))
    person.wait(lambda: "holds no fabrics yet" in person.banner())
    listed = tmp_path / "清单.xlsx"
    listed.write_bytes(b"")
    person.window.opening.open_place(listed)
    page = person.window.pages.importing
    person.wait(page.isVisible)
    assert (page.source.kind, page.source.folder) == ("list", listed)
    person.settle()


def test_a_studio_that_is_gone_is_explained_and_the_present_one_stays(
    make_window: Callable[..., Person], studio: Studio, tmp_path: Path
) -> None:
    person = make_window(studio.root)
    person.window.studio_wanted.emit(tmp_path / "gone", False)
    person.wait(lambda: bool(person.banner()))
    assert str(tmp_path / "gone") in person.banner()
    assert person.window.bench.studio == studio


def test_a_double_click_comes_to_a_painted_window_before_anything_heavy_is_loaded(tmp_path: Path) -> None:
    """The program itself, as it is started, up to its first painting; `python -m tests.benchmarks.speed --only start`
    times it."""
    code = "import json; from tests.benchmarks.speed.starting import painted; print(json.dumps(painted()))"
    environment = os.environ | {"FABRIC_DESKTOP_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["heavy"] == []
    assert found["modules"] > 100  # it did look at what is imported


def test_showing_the_window_loads_no_heavy_library(tmp_path: Path) -> None:
    """They cost seconds each, between the double click and the window."""
    studio = make_studio(tmp_path / "studio")
    code = f"""
import asyncio, os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop
app = QApplication([])
from fabric_desktop.ui.app_state import AppState
from fabric_desktop.ui.i18n import Language
from fabric_desktop.ui.main_window import MainWindow
from fabric_desktop.ui.runner import JobRunner
from fabric_desktop.ui.theme import Theme
from fabric_desktop.ui.workbench import Workbench
loop = QEventLoop(app)
runner = JobRunner()
window = MainWindow(Workbench(runner, "en"), Language("en"), Theme("light"), AppState(keeps=False))
async def show():
    window.show()
    await window.bench.use_studio(__import__("pathlib").Path({str(studio.root)!r}))
with loop:
    loop.run_until_complete(show())
    runner.close()
heavy = {{"torch", "torchvision", "open_clip", "timm", "sklearn", "scipy", "skimage", "onnxruntime"}} & set(sys.modules)
print(sorted(heavy))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_a_second_window_on_a_studio_is_read_only_and_says_who_works_there(
    make_window: Callable[..., Person], studio: Studio
) -> None:
    with StudioLock(studio, "another window"):
        person = make_window(studio.root)
        assert "another window" in person.banner()
        assert not person.window.bench.writable
        assert "read-only" in person.window.actions_["build_bank"].toolTip()


def test_the_window_lets_go_of_a_studio_it_leaves(
    make_window: Callable[..., Person], studio: Studio, tmp_path: Path
) -> None:
    other = make_studio(tmp_path / "other")
    person = make_window(studio.root)
    with pytest.raises(StudioLocked):
        StudioLock(studio, "command").acquire()
    person.window.studio_wanted.emit(other.root, False)
    person.wait(lambda: person.window.bench.studio == other)
    with StudioLock(studio, "command"):
        pass
