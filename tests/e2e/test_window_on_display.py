"""The window on a real X display, worked with mouse and keys as a person does: what is on the disk is what they did."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fabric_desktop.bank import build_bank
from fabric_desktop.encoders.registry import load_encoder
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio, save_setting
from tests.e2e.small_checkout import ROOT
from tests.e2e.x_display import x_display
from tests.ui.conftest import make_photo, make_studio

pytestmark = [
    pytest.mark.display,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        shutil.which("Xvfb") is None or shutil.which("xdotool") is None,
        reason="no Xvfb or no xdotool on this computer: the window is not tried on a real display",
    ),
]

_PATIENCE_S = 60.0


@pytest.fixture
def display() -> Iterator[str]:
    """The name of an X display of 1280 x 800 px."""
    with x_display(1280, 800) as name:
        yield name


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = make_studio(tmp_path / "studio 面料")
    save_setting(studio, "review_below", 0.0)
    build_bank(studio, load_encoder("dummy"), JobContext())
    return studio


class OnDisplay:
    """The program on a display, and a hand at its mouse and keys."""

    def __init__(self, display: str, home: Path, studio: Studio, photo: Path) -> None:
        self.environment = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "FABRIC_DESKTOP_HOME": str(home),
            "OMP_NUM_THREADS": "1",
        }
        command = [sys.executable, "-m", "fabric_desktop.app", str(photo), "--studio", str(studio.root)]
        self.program = subprocess.Popen(
            [*command, "--lang", "en", "--size", "1280x800"], env=self.environment, cwd=ROOT, stderr=subprocess.DEVNULL
        )
        found = self.tool("search", "--sync", "--onlyvisible", "--name", photo.name)
        self.window = found.split()[0]
        self.tool("windowmove", self.window, "0", "0")
        self.tool("windowfocus", "--sync", self.window)

    def tool(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], env=self.environment, capture_output=True, text=True, timeout=_PATIENCE_S,
            check=True,
        )
        return done.stdout

    def key(self, keys: str) -> None:
        self.tool("key", "--clearmodifiers", keys)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self.tool("mousemove", str(start[0]), str(start[1]), "mousedown", "1")
        for part in (0.4, 0.8, 1.0):
            x, y = (round(a + (b - a) * part) for a, b in zip(start, end, strict=True))
            self.tool("mousemove", str(x), str(y))
        self.tool("mouseup", "1")

    def until(self, condition: Callable[[], bool], again: str = "") -> None:
        """Wait for what is on the disk; a key that does nothing too early is pressed again meanwhile."""
        end = time.monotonic() + _PATIENCE_S
        while not condition():
            assert self.program.poll() is None, "the program has ended"
            assert time.monotonic() < end, "it did not come"
            if again:
                self.key(again)
            time.sleep(0.25)

    def end(self) -> None:
        """End it whatever it is doing, when a test went wrong."""
        self.program.kill()
        self.program.wait(10)

    def close(self) -> int:
        self.key("ctrl+q")
        return self.program.wait(_PATIENCE_S)


def regions(studio: Studio) -> list[dict[str, object]]:
    """What is remembered of the one photograph."""
    files = list((studio.root / ".cache" / "regions").glob("*.json"))
    return json.loads(files[0].read_text(encoding="utf-8"))["regions"] if files else []  # type: ignore[no-any-return]


def test_a_region_is_drawn_named_undone_redone_and_there_after_a_restart(
    display: str, studio: Studio, tmp_path: Path
) -> None:
    photo = make_photo(tmp_path / "coat.png")
    folder = studio.labeled_dir / "linen"

    def labels() -> list[Path]:
        return sorted(folder.glob("*.png"))

    at_work = OnDisplay(display, tmp_path / "home", studio, photo)
    try:
        at_work.key("b")
        at_work.drag((400, 360), (500, 460))
        at_work.until(lambda: len(regions(studio)) == 1)
        box = regions(studio)[0]["box"]
        assert isinstance(box, list)
        assert abs(box[2] - box[3]) <= 2, "a square on the screen is one on the photograph"
        at_work.until(lambda: len(labels()) == 1, again="Return")
        (label,) = labels()
        at_work.until(lambda: not labels(), again="ctrl+z")
        at_work.key("ctrl+shift+z")
        at_work.until(lambda: labels() == [label])
        at_work.until(lambda: bool(regions(studio)) and bool(regions(studio)[0]["label"]))
        assert at_work.close() == 0
    finally:
        at_work.end()
    again = OnDisplay(display, tmp_path / "home", studio, photo)
    try:
        # The region is there again: it can be chosen and taken off, and its label stays.
        again.key("period")
        again.until(lambda: not regions(studio), again="Delete")
        assert labels() == [label]
        again.key("ctrl+z")
        again.until(lambda: [item["box"] for item in regions(studio)] == [box])
        assert again.close() == 0
    finally:
        again.end()


def test_a_killed_program_has_lost_no_finished_gesture(display: str, studio: Studio, tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "coat.png")
    killed = OnDisplay(display, tmp_path / "home", studio, photo)
    try:
        killed.key("b")
        killed.drag((400, 360), (500, 460))
        killed.until(lambda: len(regions(studio)) == 1)
    finally:
        killed.end()
    kept = regions(studio)
    again = OnDisplay(display, tmp_path / "home", studio, photo)
    try:
        again.key("period")
        again.until(lambda: not regions(studio), again="Delete")
        again.key("ctrl+z")
        again.until(lambda: [item["id"] for item in regions(studio)] == [kept[0]["id"]])
        assert again.close() == 0
    finally:
        again.end()
