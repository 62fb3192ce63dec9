"""What keeps the program from starting is said in a plain sentence, in Chinese and English, with exit code 3.

Each problem is really brought about; none is faked inside the program.
"""

from __future__ import annotations

import ast
import http.server
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.small_checkout import BASE_PYTHON, ROOT, Outcome, SmallCheckout, lay_out, started_once, write_wheel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="provokes problems as they are on POSIX")


@pytest.fixture
def ready(tmp_path: Path) -> SmallCheckout:
    return started_once()[0].twin(tmp_path / "面料 ready")


@pytest.fixture
def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def assert_explained(outcome: Outcome, *words: str) -> None:
    """One sentence a language, no traceback, exit code 3, no window."""
    assert outcome.code == 3, outcome.err
    assert outcome.window is None
    assert "Traceback" not in outcome.err
    assert re.search(r"[\u4e00-\u9fff]", outcome.err), "nothing in Chinese"
    for word in words:
        assert word in outcome.err, outcome.err


def test_without_network_the_person_is_told_and_the_next_start_goes_on(ready: SmallCheckout, closed_port: int) -> None:
    outcome = ready.start(
        "--with-clip", PIP_NO_INDEX=None, PIP_FIND_LINKS=None, PIP_INDEX_URL=f"http://127.0.0.1:{closed_port}/simple"
    )
    assert_explained(outcome, "连不上软件包服务器", "The package server cannot be reached", "PIP_INDEX_URL")
    assert f"{BASE_PYTHON} -m pip config set" in outcome.err
    assert ready.start("--with-clip").code == 0


def test_the_persons_own_package_index_is_used(ready: SmallCheckout) -> None:
    index = ready.root / "index" / "simple" / "tiny-clip"
    index.mkdir(parents=True)
    shutil.copy(ready.wheels / "tiny_clip-1.0-py3-none-any.whl", index)
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=str(ready.root / "index")))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        outcome = ready.start(
            "--with-clip",
            PIP_NO_INDEX=None,
            PIP_FIND_LINKS=None,
            PIP_INDEX_URL=f"http://127.0.0.1:{server.server_port}/simple",
        )
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert outcome.code == 0, outcome.err
    assert "tiny_clip 1.0" in outcome.err
    assert (ready.site_packages / "tiny_clip").is_dir()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_fills_up_is_told_and_the_next_start_goes_on(ready: SmallCheckout) -> None:
    (ready.root / "full").touch()
    outcome = ready.start("--with-clip")
    assert_explained(outcome, "磁盘已满", "The disk is full", str(ready.venv))
    (ready.root / "full").unlink()
    assert ready.start("--with-clip").code == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB, where this machine lets a test make one."""
    folder = tmp_path / "small disk"
    folder.mkdir()
    made = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if not made or made.returncode != 0:
        pytest.skip("no right to make a small disk here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_too_small_is_told_before_anything_is_fetched(small_disk: Path) -> None:
    checkout = lay_out(small_disk)
    outcome = checkout.start()
    assert_explained(outcome, "磁盘空间不够", "Too little space", "GB")
    assert not checkout.venv.exists()


def test_a_folder_that_may_not_be_written_is_told(small_disk: Path) -> None:
    checkout = lay_out(small_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    outcome = checkout.start()
    assert_explained(outcome, "无法写入", "cannot be written")


def test_a_python_without_ensurepip_is_told_with_the_package_to_install(tmp_path: Path) -> None:
    checkout = lay_out(tmp_path)
    # What Debian's python3 is like without python3-venv.
    stub = tmp_path / "stub"
    stub.mkdir()
    (stub / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n", encoding="utf-8")
    outcome = checkout.start(PYTHONPATH=str(stub))
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert_explained(outcome, "缺少 ensurepip", "sudo apt install python3-venv", f"python{version}-venv")
    assert not checkout.venv.exists()


def test_an_old_python_is_told_which_one_is_needed() -> None:
    source = (ROOT / "main.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 4))
    assert 'u"需要' in source, "Python 2 would fail to encode its own message"
    told = told_by_a_python_where("sys.version_info = (3, 10, 4, 'final', 0)")
    assert "需要 Python 3.11" in told
    assert "Python 3.11 to 3.14, 64-bit, is needed, and this is 3.10" in told


def told_by_a_python_where(this_is_so: str) -> str:
    """What main.py says when it refuses a Python of which this is true."""
    code = f"import runpy, sys; {this_is_so}; runpy.run_path({str(ROOT / 'main.py')!r}, run_name='__main__')"
    run = subprocess.run([BASE_PYTHON, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 3
    assert "Traceback" not in run.stderr
    return run.stderr


def test_without_a_display_nothing_is_installed_first(tmp_path: Path) -> None:
    checkout = lay_out(tmp_path)
    outcome = checkout.start(DISPLAY=None, WAYLAND_DISPLAY=None)
    assert_explained(outcome, "没有显示器", "There is no display here")
    assert not checkout.venv.exists()


def test_a_32_bit_python_is_told_that_it_is_one() -> None:
    told = told_by_a_python_where("sys.maxsize = 2**31 - 1")
    assert "32 位" in told
    assert "this is a 32-bit" in told


def test_main_py_taken_out_of_its_zip_alone_says_to_unpack_all(tmp_path: Path) -> None:
    shutil.copy(ROOT / "main.py", tmp_path)
    run = subprocess.run([BASE_PYTHON, tmp_path / "main.py"], capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 3
    assert "全部解压" in run.stderr
    assert "unpack all of it" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_python_that_no_package_fits_gives_way_to_the_one_that_was_advised(
    ready: SmallCheckout, tmp_path: Path
) -> None:
    (tmp_path / "nothing").mkdir()
    assert ready.start("--with-clip", PIP_FIND_LINKS=str(tmp_path / "nothing")).code == 3
    record = ready.venv / "pyvenv.cfg"
    version = re.compile(r"^version = .*$", re.MULTILINE)
    record.write_text(version.sub("version = 3.99.0", record.read_text(encoding="utf-8")), encoding="utf-8")
    again = ready.start("--with-clip")
    assert again.code == 0, again.err
    assert "version = 3.99" not in record.read_text(encoding="utf-8"), "the other Python was kept"


def test_a_missing_windows_runtime_is_named_and_nothing_fetched_again(ready: SmallCheckout) -> None:
    stamp = ready.venv / "fabric-desktop.json"
    stamp.write_text(stamp.read_text(encoding="utf-8").replace('"checked": true', '"checked": false'), "utf-8")
    module = ready.site_packages / "PySide6" / "QtWidgets.py"
    module.write_text("raise ImportError('DLL load failed while importing QtWidgets: 找不到指定的模块。')\n", "utf-8")
    assert_explained(ready.start(), "Visual C++ 运行库", "Redistributable", "找不到指定的模块")
    module.write_text("", encoding="utf-8")
    before = ready.log
    again = ready.start()
    assert again.code == 0
    assert "pip install" not in ready.log.removeprefix(before), "the packages were fetched a second time"


def test_a_missing_system_library_is_named_with_its_packages_and_found_once_it_is_there(ready: SmallCheckout) -> None:
    stamp = ready.venv / "fabric-desktop.json"
    stamp.write_text(stamp.read_text(encoding="utf-8").replace('"checked": true', '"checked": false'), "utf-8")
    module = ready.site_packages / "PySide6" / "QtWidgets.py"
    missing = "libxcb-cursor.so.0: cannot open shared object file: No such file or directory"
    module.write_text(f"raise ImportError({missing!r})\n", encoding="utf-8")
    outcome = ready.start()
    assert_explained(outcome, "libxcb-cursor.so.0", "sudo apt install", "libxcb-cursor0", "xcb-util-cursor")
    module.write_text("", encoding="utf-8")
    before = ready.log
    again = ready.start()
    assert again.code == 0
    assert again.window is not None
    assert "pip install" not in ready.log.removeprefix(before), "the packages were fetched a second time"


def test_packages_that_cannot_be_loaded_are_installed_anew_at_the_next_start(ready: SmallCheckout) -> None:
    stamp = ready.venv / "fabric-desktop.json"
    stamp.write_text(stamp.read_text(encoding="utf-8").replace('"checked": true', '"checked": false'), "utf-8")
    (ready.site_packages / "PySide6" / "QtWidgets.py").write_text("broken(", encoding="utf-8")
    assert_explained(ready.start(), "无法使用", "does not work", "SyntaxError", "set-up.log")
    again = ready.start()
    assert again.code == 0, again.err
    assert again.window is not None


def test_a_package_that_the_index_lacks_is_named(ready: SmallCheckout, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    outcome = ready.start("--with-clip", PIP_FIND_LINKS=str(tmp_path / "nothing"))
    assert_explained(outcome, "tiny-clip", "The package server has no", "没有适合这个 Python")


def test_any_other_failure_of_pip_names_its_last_error_and_the_record(ready: SmallCheckout) -> None:
    write_wheel(ready.wheels, "tiny_clip", "9.0", {"tiny_clip/__init__.py": ""})
    wheel = ready.wheels / "tiny_clip-9.0-py3-none-any.whl"
    try:
        wheel.write_bytes(b"not a wheel")
        outcome = ready.start("--with-clip")
    finally:
        wheel.unlink()
    assert_explained(outcome, "tiny", "set-up.log", "The packages could not be installed")


def test_a_damaged_download_of_the_program_is_told(ready: SmallCheckout) -> None:
    (ready.root / "pyproject.toml").write_text("[project\n", encoding="utf-8")
    assert_explained(ready.start(), "pyproject.toml", "cannot be read", "重新下载")


def test_a_bug_in_the_set_up_leaves_a_record_and_no_traceback_on_the_screen(ready: SmallCheckout) -> None:
    module = ready.root / "fabric_desktop" / "bootstrap" / "hand_over.py"
    module.write_text("raise RuntimeError('a bug')\n", encoding="utf-8")
    outcome = ready.start()
    assert outcome.code == 1
    assert "Traceback" not in outcome.err
    assert "a bug" in outcome.err
    assert "RuntimeError: a bug" in ready.log


def test_help_is_given_by_any_python_before_anything_is_installed(tmp_path: Path) -> None:
    checkout = lay_out(tmp_path)
    for option in ("--help", "-h"):
        outcome = checkout.start(option, DISPLAY=None)
        assert outcome.code == 0
        assert "--screenshot OUT.png" in outcome.out
        assert "打开窗口" in outcome.out
    assert not checkout.venv.exists()
    assert os.listdir(checkout.root.parent) == [checkout.root.name]
