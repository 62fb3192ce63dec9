"""What is set before Qt, torch and the hub are imported, and what is said where Qt would just stop the process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fabric_desktop import early
from fabric_desktop.bootstrap import display, hand_over
from fabric_desktop.bootstrap.environment import Checkout
from fabric_desktop.bootstrap.pip_run import Recorder, explain_failure
from fabric_desktop.bootstrap.suite import Outcome, summary
from fabric_desktop.bootstrap.words import SENTENCES, SetupProblem, sentences
from tests.e2e.x_display import x_display

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 and Wayland are Linux matters")


def run_early(*arguments: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    """`prepare_process` in a process of its own, as the window's program begins."""
    kept = {key: value for key, value in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    kept.pop("QT_QPA_PLATFORM", None)
    kept.update({key: value for key, value in environment.items() if value is not None})
    code = (
        "import os, sys; from fabric_desktop.early import prepare_process; prepare_process();"
        "print(sorted(name for name in ('PySide6', 'torch', 'numpy') if name in sys.modules));"
        "print(os.environ.get('QT_QPA_PLATFORM'), os.environ['HF_HUB_OFFLINE'])"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=kept, capture_output=True, encoding="utf-8", check=False
    )


@linux_only
def test_a_missing_display_is_explained_instead_of_an_abort() -> None:
    run = run_early()
    assert run.returncode == 3
    assert "没有显示器" in run.stderr
    assert "There is no display here" in run.stderr
    assert "Traceback" not in run.stderr


@linux_only
def test_a_display_that_does_not_answer_is_explained_instead_of_an_abort() -> None:
    run = run_early(DISPLAY=":7654")
    assert run.returncode == 3
    assert "The display :7654 cannot be reached" in run.stderr
    gone = run_early(WAYLAND_DISPLAY="wayland-gone", XDG_RUNTIME_DIR="/nowhere")
    assert gone.returncode == 3
    assert "wayland-gone" in gone.stderr


def test_a_picture_needs_no_display_and_nothing_heavy_is_loaded() -> None:
    for arguments in (("--screenshot", "out.png"), ("--gallery=folder",)):
        run = run_early(*arguments)
        assert run.returncode == 0, run.stderr
        assert run.stdout.splitlines() == ["[]", "offscreen 1"]


@pytest.fixture
def x_server() -> Iterator[str]:
    """The name of a display that a real X server answers on."""
    with x_display(640, 480) as name:
        yield name


@linux_only
@pytest.mark.display
def test_on_a_desktop_that_answers_the_start_goes_on(x_server: str) -> None:
    run = run_early(DISPLAY=x_server)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    # A dead Wayland session with a living X server is still a desktop.
    assert run_early(DISPLAY=x_server, WAYLAND_DISPLAY="wayland-gone").returncode == 0


@linux_only
def test_every_missing_library_is_named_at_once_with_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(display.FOR_X11, "libfabric-test-missing.so.7", ("libfabric-test7", "fabric-test"))
    missing = display.all_missing_beside("libEGL.so.1", ("xcb",))
    assert missing == ["libEGL.so.1", "libfabric-test-missing.so.7"]
    zh, en = sentences("library_missing", **display.missing_libraries(missing).params)
    for text in (zh, en):
        assert "libEGL.so.1, libfabric-test-missing.so.7" in text
        assert "sudo apt install libegl1" in text
        assert "sudo dnf install libglvnd-egl" in text


@linux_only
def test_a_library_that_nobody_listed_still_gets_a_way_to_find_its_package() -> None:
    _, en = sentences("library_missing", **display.missing_libraries(["libstrange.so.1"]).params)
    assert "apt-file search libstrange.so.1" in en
    assert "dnf install '*/libstrange.so.1'" in en


@linux_only
@pytest.mark.parametrize(
    ("environ", "ways"),
    [
        ({}, ()),
        ({"DISPLAY": ":0"}, ("xcb",)),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, ("wayland", "xcb")),
        ({"QT_QPA_PLATFORM": "offscreen"}, ("offscreen",)),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, ("vnc",)),
        ({"QT_QPA_PLATFORM": "wayland;xcb", "DISPLAY": ":0"}, ("xcb",)),
        ({"QT_QPA_PLATFORM": "xcb"}, ()),
    ],
)
def test_the_displays_that_a_desktop_offers_are_recognised(environ: dict[str, str], ways: tuple[str, ...]) -> None:
    assert display.platforms(environ) == ways


def test_the_hub_is_asked_nothing_unless_the_person_asks_for_a_download() -> None:
    environ: dict[str, str] = {}
    early.keep_hub_quiet(environ)
    assert environ["HF_HUB_OFFLINE"] == "1"
    assert environ["HF_HUB_DISABLE_TELEMETRY"] == "1"
    child = early.environment_for_download(environ, endpoint="https://mirror.example")
    assert "HF_HUB_OFFLINE" not in child
    assert child["HF_ENDPOINT"] == "https://mirror.example"


def test_what_the_person_set_for_the_hub_is_kept() -> None:
    environ = {"HF_HUB_OFFLINE": "1", "HF_ENDPOINT": "https://own.example"}
    early.keep_hub_quiet(environ)
    child = early.environment_for_download(environ, endpoint="https://mirror.example")
    assert child["HF_HUB_OFFLINE"] == "1", "a person who works offline was taken online"
    assert child["HF_ENDPOINT"] == "https://own.example"


def test_torch_libraries_are_preloaded_on_windows_only() -> None:
    assert early.preload_torch_libraries("linux") is None


def dll(folder: Path, name: str, version: tuple[int, int, int, int]) -> Path:
    """A file with the version block that Microsoft's linker writes, among other bytes."""
    major, minor, build, revision = (number.to_bytes(2, "little") for number in version)
    folder.mkdir(parents=True, exist_ok=True)
    block = b"\xbd\x04\xef\xfe" + bytes(4) + minor + major + revision + build
    (folder / name).write_bytes(b"MZ" + bytes(100) + block + bytes(50))
    return folder / name


@pytest.mark.parametrize(
    ("in_system", "with_qt", "first"),
    [
        ((14, 29, 30040, 0), (14, 44, 35211, 0), "qt"),
        ((14, 50, 1, 0), (14, 44, 35211, 0), "system"),
        (None, (14, 44, 35211, 0), "qt"),
        ((14, 44, 35211, 0), (14, 44, 35211, 0), "system"),
    ],
)
def test_on_windows_the_newer_of_two_runtimes_serves_qt_and_the_engine(
    in_system: tuple[int, int, int, int] | None,
    with_qt: tuple[int, int, int, int],
    first: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SYSTEMROOT", str(tmp_path / "Windows"))
    monkeypatch.setattr(early, "_folders_of", lambda package: [tmp_path / package])
    system, qt = tmp_path / "Windows" / "System32", tmp_path / "PySide6"
    for name in early.RUNTIME:
        if in_system is not None:
            dll(system, name, in_system)
        dll(qt, name, with_qt)
    tried: list[str] = []
    chosen = {"system": system, "qt": qt}[first]
    assert early.preload_runtime("win32", tried.append) == [chosen / name for name in early.RUNTIME]
    assert tried == [str(chosen / name) for name in early.RUNTIME]

    def unfit(library: str) -> None:
        if library.startswith(str(chosen)):
            raise OSError(193, "not a valid Win32 application")

    others = [path for path in (system, qt) if path != chosen and path.is_dir()]
    assert [path.parent for path in early.preload_runtime("win32", unfit)] == [*others, *others]
    assert early.preload_runtime("linux", tried.append) == []


def test_a_start_without_console_can_still_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    early.give_missing_streams()
    sys.stderr.write("面料")
    sys.stderr.close()


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_the_console_closes_once_the_window_is_up(tmp_path: Path) -> None:
    open_window, closed = tmp_path / "open", tmp_path / "closed"
    open_window.touch()
    code = (
        "from fabric_desktop.early import window_is_up; import pathlib, sys, time; window_is_up()\n"
        "while pathlib.Path(sys.argv[1]).exists(): time.sleep(0.02)\n"
        "pathlib.Path(sys.argv[2]).touch()"
    )
    assert hand_over.start_and_watch([sys.executable, "-c", code, str(open_window), str(closed)]) == 0
    assert not closed.exists(), "the console stays as long as the window"
    open_window.unlink()
    while not closed.exists():
        time.sleep(0.02)


def test_a_window_that_fails_to_start_says_why_on_the_console(capsys: pytest.CaptureFixture[str]) -> None:
    code = "import sys; sys.stderr.write('面料 broke'); sys.exit(9)"
    assert hand_over.start_and_watch([sys.executable, "-c", code]) == 9
    assert "面料 broke" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk_full"),
        ("OSError: [WinError 112] There is not enough space on the disk", "disk_full"),
        ("WARNING: Retrying after connection broken by 'NewConnectionError(...)'", "no_network"),
        ("socket.gaierror: [Errno -3] Temporary failure in name resolution", "no_network"),
        ("ReadTimeoutError: HTTPSConnectionPool(host='files', port=443): Read timed out.", "no_network"),
        (
            "SSLError(SSLCertVerificationError(1, 'certificate verify failed: CERTIFICATE_VERIFY_FAILED'",
            "bad_certificate",
        ),
        (
            "Could not fetch URL https://pypi.org/simple/numpy/: There was a problem confirming the ssl certificate: "
            "HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded (Caused by SSLError(SSLEOFError(8, "
            "'[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol (_ssl.c:1000)'))) - skipping",
            "no_network",
        ),
        ("Could not fetch URL: There was a problem confirming the ssl certificate", "bad_certificate"),
        (
            "WARNING: The repository located at mirror.example is not a trusted or secure host and is being ignored.",
            "index_refused",
        ),
        (
            "HINT: This error might have occurred since this system does not have Windows Long Path support enabled.",
            "path_too_long",
        ),
        ("OSError: [WinError 206] 文件名或扩展名太长。", "path_too_long"),
        ("ERROR: Could not install packages due to an OSError: [WinError 32] 另一个程序正在使用此文件", "not_writable"),
        ("ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/x'", "not_writable"),
        ("ERROR: No matching distribution found for onnxruntime>=1.20", "no_package"),
        ("ERROR: Something nobody foresaw.", "pip_failed"),
    ],
)
def test_pips_failures_are_told_apart(printed: str, code: str, tmp_path: Path) -> None:
    problem = explain_failure(["Collecting numpy", printed], Checkout(tmp_path))
    assert problem.code == code
    assert all(sentences(problem.code, **problem.params))


def test_a_long_download_shows_how_far_it_is_and_the_record_keeps_the_rest(tmp_path: Path) -> None:
    out = io.StringIO()
    recorder = Recorder(out, tmp_path / "set-up.log")
    for line in (
        "Collecting torch>=2.6 (from fabric-desktop==0.1.0)",
        "  Downloading torch-2.14.1-cp311-cp311-manylinux_2_28_x86_64.whl.metadata (30 kB)",
        "Downloading torch-2.14.1-cp311-cp311-manylinux_2_28_x86_64.whl (900.1 MB)",
        *(f"Progress {part}0000000 of 900000000" for part in range(0, 91, 5)),
        "WARNING: Retrying (Retry(total=4)) after connection broken by 'ReadTimeoutError'",
        "  Using cached pillow-13.0.0-cp311-cp311-manylinux.whl (7.1 MB)",
        "Installing collected packages: pillow, torch",
    ):
        recorder.pip_line(line)
    assert out.getvalue().splitlines() == [
        "    torch 2.14.1  900.1 MB",
        "    torch 2.14.1  25 %",
        "    torch 2.14.1  50 %",
        "    torch 2.14.1  75 %",
        "    网络不稳，正在重试 / the network stumbled, trying again",
        "    pillow 13.0.0  7.1 MB",
        "    正在安装 2 个组件 / installing 2 packages",
    ]
    record = (tmp_path / "set-up.log").read_text(encoding="utf-8")
    assert "Collecting torch" in record
    assert "Progress" not in record


def test_every_sentence_is_said_in_chinese_and_english() -> None:
    for code, (zh, en) in SENTENCES.items():
        assert zh != en, code
        assert any("\u4e00" <= letter <= "\u9fff" for letter in zh), code
        assert en.isascii(), code


def test_the_closing_block_names_what_failed() -> None:
    text = summary([Outcome("pytest", 0, 61.2), Outcome("mypy", 2, 8.0)])
    assert "pytest         passed  61 s" in text
    assert text.endswith("failed: mypy")


def test_a_problem_keeps_its_code_for_whoever_handles_it() -> None:
    problem = SetupProblem("disk_small", folder="x", needed="1.5", free="0.1")
    assert problem.code == "disk_small"
    assert "1.5 GB" in sentences(problem.code, **problem.params)[1]
