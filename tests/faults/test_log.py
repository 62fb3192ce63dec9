"""The log tells what happened and with which versions, and could be sent to anybody."""

from __future__ import annotations

import base64
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from fabric_desktop import __version__, logs
from fabric_desktop.cli import main, run
from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import open_photo
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import open_studio
from fabric_desktop.ui.problems import BugReporter
from tests.faults.scene import OPERATIONS, make_scene, told
from tests.faults.test_kill import child_environment
from tests.ui.conftest import Person

PRIVATE = "李 雷 private"


@pytest.fixture
def log(fabric_home: Path) -> Iterator[Callable[[], str]]:
    """The window's log, written as the program writes it; what stands in it."""
    handler = logs.file_handler("window.log", level=logging.INFO, max_bytes=20_000, kept=3)
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    yield lambda: "".join(path.read_text(encoding="utf-8") for path in sorted(logs.folder().iterdir()))
    root.removeHandler(handler)
    root.setLevel(before)
    handler.close()


def test_every_file_begins_with_the_versions_and_old_ones_go(log: Callable[[], str]) -> None:
    for number in range(2000):
        logging.getLogger("fabric_desktop.test").info("something happened %d", number)
    files = sorted(logs.folder().iterdir())
    assert [path.name for path in files] == ["window.log", "window.log.1", "window.log.2", "window.log.3"]
    for path in files:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert f"fabric-desktop {__version__}" in first
        for name in ("Python 3.", "PySide6", "numpy ", "pillow ", "onnxruntime "):
            assert name in first
        assert path.stat().st_size < 22_000
    assert "something happened 1999" in log()


def test_an_unexpected_error_is_there_with_its_traceback(log: Callable[[], str], qtbot: QtBot) -> None:
    reporter = BugReporter()
    try:
        open_photo(Path("nowhere") / "a.jpg")
    except UnreadableImage as error:
        try:
            raise ZeroDivisionError("threads by zero") from error
        except ZeroDivisionError as bug:
            reporter.report(bug)
    text = log()
    assert "ZeroDivisionError: threads by zero" in text
    assert "Traceback (most recent call last)" in text
    assert "program/fabric_desktop/imaging.py" in text  # where in the program, and not where on the disk


# ---------------------------------------------------------------- nothing private


PATHS = (
    f"/home/{PRIVATE}/wedding/IMG 1.jpg",
    f"/Volumes/{PRIVATE}/a.png",
    f"C:\\Users\\{PRIVATE}\\Pictures\\a b.jpg",
    f"\\\\server\\{PRIVATE}\\b.tif",
)


@pytest.mark.parametrize("path", PATHS)
def test_no_path_outside_the_studio_is_written_however_it_comes(log: Callable[[], str], path: str) -> None:
    logger = logging.getLogger("fabric_desktop.test")
    logger.warning("not read: %s", path)
    logger.warning("not read: %r and then %s", path, Path(path))
    logger.warning("%s", UnreadableImage(path=path, reason="missing"))
    logger.warning("%s", OSError(2, "No such file or directory", path))
    try:
        try:
            raise FileNotFoundError(2, "No such file or directory", path)
        except FileNotFoundError as error:
            raise RuntimeError(f"cannot go on with '{path}'") from error
    except RuntimeError:
        logger.exception("a job failed for %s", path)
    text = log()
    assert PRIVATE not in text
    assert "李" not in text
    assert text.count("not read: ") == 2
    assert path.replace("\\", "/").rsplit("/", 1)[1] in text  # the name alone says enough to look for it


@pytest.mark.parametrize(
    "said",
    [
        "the proxy http://li:s3cretword@10.0.0.1:8080 refused",
        "not fetched: https://hf.example/a.bin?X-Amz-Signature=s3cretword&x=1",
        "Authorization: Bearer s3cretword",
        "token hf_s3cretwordABC is not known",
        "cannot open file:///home/s3cretword/a.jpg",
    ],
)
def test_no_password_token_or_signed_address_is_written(log: Callable[[], str], said: str) -> None:
    logging.getLogger("fabric_desktop.test").warning("%s", said)
    assert "s3cretword" not in log()


def test_paths_inside_the_studio_are_written_from_the_studio_on(log: Callable[[], str], tmp_path: Path) -> None:
    studio = open_studio(tmp_path / PRIVATE / "studio", create=True)
    photo = studio.fabrics_dir / "棉布" / "a b.jpg"
    logging.getLogger("fabric_desktop.test").warning("not read: %s, %r", photo, str(photo))
    assert "not read: studio/fabrics/棉布/a b.jpg, 'studio/fabrics/棉布/a b.jpg'" in log()
    assert PRIVATE not in log()


def test_no_picture_is_written(log: Callable[[], str], tmp_path: Path) -> None:
    data = os.urandom(4000)
    logger = logging.getLogger("fabric_desktop.test")
    logger.warning("got %r", data)
    logger.warning("got %s", base64.b64encode(data).decode())
    logger.warning("%s", "x, " * 100_000)
    assert "characters of data" in log()
    assert re.search(r"(?:\\x[0-9a-f]{2}){8}", log()) is None
    assert base64.b64encode(data).decode()[:60] not in log()
    assert len(log()) < 30_000


def test_a_persons_day_leaves_nothing_private(log: Callable[[], str], tmp_path: Path) -> None:
    """Work that goes well, work that fails, and photos from elsewhere."""
    scene = make_scene(tmp_path / PRIVATE / "work", beside=tmp_path / PRIVATE / "elsewhere")
    for number, name in enumerate(OPERATIONS):
        assert told(scene, name, number) is None
    (scene.swatches / "棉布" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    for path in [*scene.swatches.rglob("*.*"), tmp_path / PRIVATE / "gone.jpg"]:
        for command in (["recognize", str(path)], ["label", str(path), "--as", "棉布"]):
            assert main([*command, "--studio", str(scene.studio.root)]) in (0, 3)
    (scene.studio.fabrics_dir / "棉布" / "fabric.toml").write_bytes(b"\xff")
    scene.studio.settings_path.write_text("alpha = ", encoding="utf-8")
    assert main(["recognize", str(scene.swatches / "棉布" / "old 0.png"), "--studio", str(scene.studio.root)]) == 3
    text = log()
    assert PRIVATE not in text
    assert str(tmp_path) not in text
    assert len(text) > 500


# ---------------------------------------------------------------- never in the way


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_takes_the_log_away_and_prints_nothing(
    fabric_home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.folder().mkdir()
    (logs.folder() / "window.log").symlink_to("/dev/full")
    handler = logs.file_handler("window.log", level=logging.INFO, max_bytes=10_000, kept=2)
    record = logging.makeLogRecord({"msg": "lost", "levelno": logging.ERROR, "levelname": "ERROR"})
    for _ in range(5):
        handler.handle(record)
    handler.close()
    told_to_person = capfd.readouterr()
    assert (told_to_person.out, told_to_person.err) == ("", "")


def test_a_fault_in_a_command_is_one_sentence_and_its_traceback_is_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise LookupError(f"no thread in {tmp_path / PRIVATE / 'a.jpg'}")

    monkeypatch.setattr(run, "_command", lambda options: broken)
    assert main(["encoders", "list", "--lang", "en"]) == 1
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert str(logs.folder() / "commands.log") in err
    text = (logs.folder() / "commands.log").read_text(encoding="utf-8")
    assert "LookupError" in text
    assert "Traceback" in text
    assert PRIVATE not in text
    assert __version__ in text.splitlines()[0]


def test_two_windows_write_into_one_log(fabric_home: Path) -> None:
    code = (
        "import logging, sys\n"
        "from fabric_desktop import logs\n"
        "handler = logs.file_handler('window.log', level=20, max_bytes=30_000, kept=3)\n"
        "for n in range(600):\n"
        "    handler.handle(logging.makeLogRecord({'msg': f'{sys.argv[1]} {n}', 'levelno': 30, 'levelname': 'W'}))\n"
    )
    environment = child_environment() | {"FABRIC_DESKTOP_HOME": str(fabric_home)}
    children = [
        subprocess.Popen([sys.executable, "-c", code, name], env=environment, stderr=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    for child in children:
        _, err = child.communicate(timeout=60)
        assert (child.returncode, err) == (0, "")
    assert sum(path.stat().st_size for path in logs.folder().iterdir()) < 250_000


def test_a_bug_is_shown_once_with_a_button_that_copies_it_and_the_window_goes_on(
    person: Person, log: Callable[[], str], qtbot: QtBot
) -> None:
    def broken(context: JobContext) -> None:
        raise ArithmeticError("warp and weft disagree")

    for _ in range(3):
        person.window.bench.start(person.window.bench.runner.run("Evaluate", broken))
    person.wait(lambda: "warp and weft" in person.banner())
    person.settle()
    assert len(person.bugs) == 1
    assert log().count("ArithmeticError: warp and weft disagree") >= 3  # each is in the log
    (copy,) = [tool for tool in person.window.banner.findChildren(QPushButton) if tool.text() == "Copy details"]
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "Traceback (most recent call last)" in copied
    assert copied.rstrip().endswith("ArithmeticError: warp and weft disagree")
    person.click(150, 300)
    assert person.answered().recognition is not None
    person.bugs.clear()
