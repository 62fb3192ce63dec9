"""Fixtures for every test: nothing of the person's is touched, nothing is fetched, nothing is left running.

Not for fixtures of one room: those stand beside the tests that use them.
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.", "::1", "localhost", "::ffff:127.")
# Python on Windows has no other way to make a pair of sockets than to connect to itself; elsewhere this process
# connects to nothing but in a test that says so.
MAY_CONNECT_HERE = os.name == "nt"
# Threads that live as long as the process by design, by the start of their name.
LASTING_THREADS = ("pytest_timeout", "execnet", "pytest-xdist")
THREAD_PATIENCE_S = 3.0

# One throw-away place a test process, chosen before any library reads where its caches are.
_SCRATCH = Path(tempfile.mkdtemp(prefix="fabric-tests-"))
atexit.register(shutil.rmtree, _SCRATCH, ignore_errors=True)


def _redirected(base: Path) -> dict[str, str]:
    """Variables that lead every store of settings, data and caches below `base`."""
    return {
        "HOME": str(base),
        "USERPROFILE": str(base),
        "APPDATA": str(base / "AppData" / "Roaming"),
        "LOCALAPPDATA": str(base / "AppData" / "Local"),
        "XDG_CONFIG_HOME": str(base / ".config"),
        "XDG_DATA_HOME": str(base / ".local" / "share"),
        "XDG_STATE_HOME": str(base / ".local" / "state"),
        "XDG_CACHE_HOME": str(base / ".cache"),
        "HF_HOME": str(base / ".cache" / "huggingface"),
        "TORCH_HOME": str(base / ".cache" / "torch"),
        "FABRIC_DESKTOP_HOME": str(base / "fabric-desktop"),
    }


os.environ.update(_redirected(_SCRATCH))
os.environ.update(
    QT_QPA_PLATFORM="offscreen",
    HF_HUB_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    # What a child process asks of the network ends at a closed port of this machine.
    HTTP_PROXY="http://127.0.0.1:9",
    HTTPS_PROXY="http://127.0.0.1:9",
    http_proxy="http://127.0.0.1:9",
    https_proxy="http://127.0.0.1:9",
    NO_PROXY="localhost,127.0.0.1,::1",
    no_proxy="localhost,127.0.0.1,::1",
)
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell ignores Ctrl+C for what it starts in the background, and children inherit that: the programs under test
# could then not be stopped by it, however right they are.
if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class NetworkRefused(RuntimeError):
    """A test asked for another machine."""


class _NetworkGuard:
    """Watches every address that Python code in this process connects to or looks up."""

    def __init__(self) -> None:
        self.open = False
        self.loopback = MAY_CONNECT_HERE
        sys.addaudithook(self._watch)

    def _watch(self, event: str, args: tuple[Any, ...]) -> None:
        if self.open:
            return
        if event in {"socket.connect", "socket.sendto"}:
            address = args[1]
            if isinstance(address, tuple) and not (self.loopback and str(address[0]).startswith(LOOPBACK)):
                raise NetworkRefused(f"a test may not reach {address[0]}")
        elif event == "socket.getaddrinfo":
            host = args[0]
            name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
            if name and not name.startswith(LOOPBACK) and name != "0.0.0.0":
                raise NetworkRefused(f"a test may not look up {name}")


_GUARD = _NetworkGuard()


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest) -> Iterator[None]:
    _GUARD.open = request.node.get_closest_marker("network") is not None
    _GUARD.loopback = MAY_CONNECT_HERE or request.node.get_closest_marker("loopback") is not None
    yield
    _GUARD.open, _GUARD.loopback = False, MAY_CONNECT_HERE


@pytest.fixture(autouse=True)
def fabric_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh, empty place for what the program keeps for a person; its path has Chinese and a space in it."""
    home = tmp_path_factory.mktemp("家 home")
    monkeypatch.setenv("FABRIC_DESKTOP_HOME", str(home))
    return home


def _running_threads(with_qt: bool) -> dict[int, str]:
    """Python's threads that run, by identity; with `with_qt` also the QThreads, which Python cannot see end."""
    threads: dict[int, str] = {}
    for thread in threading.enumerate():
        kind = type(thread).__name__
        if kind in {"_DummyThread", "TMonitor"} or thread.name.startswith(LASTING_THREADS):
            continue
        threads[id(thread)] = thread.name
    if with_qt:
        from PySide6.QtCore import QThread
        from shiboken6 import isValid

        main = QThread.currentThread()
        for thing in gc.get_objects():
            if issubclass(type(thing), QThread) and isValid(thing) and thing is not main and thing.isRunning():
                threads[id(thing)] = thing.objectName() or type(thing).__name__
    return threads


@pytest.fixture(autouse=True)
def _no_thread_left(request: pytest.FixtureRequest) -> Iterator[None]:
    with_qt = not {"qtbot", "qapp"}.isdisjoint(request.fixturenames)
    before = _running_threads(with_qt)
    yield
    deadline = time.monotonic() + THREAD_PATIENCE_S
    while True:
        left = {key: name for key, name in _running_threads(with_qt).items() if key not in before}
        if not left:
            return
        # An import cannot be interrupted and ends by itself; on a busy machine it takes as long as it takes.
        if time.monotonic() > deadline and set(left.values()) != {"imports"}:
            break
        time.sleep(0.02)
    pytest.fail(f"{request.node.name} left threads running: {', '.join(sorted(left.values()))}", pytrace=False)


def photographs_folder() -> Path | None:
    """The folder of real photographs, if this machine has it: FABRIC_PHOTOS, else `../shared/fabrics`."""
    chosen = os.environ.get("FABRIC_PHOTOS")
    folder = Path(chosen) if chosen else ROOT.parent / "shared" / "fabrics"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def fabric_photos() -> Path:
    """Folder of real photographs; the test is skipped, saying so, where there is none."""
    folder = photographs_folder()
    if folder is None:
        pytest.skip("no real photographs here: set FABRIC_PHOTOS to their folder")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Real photographs and a real network are used where they are, and their absence is said."""
    for item in items:
        if item.get_closest_marker("photos") and photographs_folder() is None:
            item.add_marker(pytest.mark.skip(reason="no real photographs here: set FABRIC_PHOTOS to their folder"))
        if item.get_closest_marker("network") and not os.environ.get("FABRIC_TEST_NETWORK"):
            item.add_marker(pytest.mark.skip(reason="needs the network: set FABRIC_TEST_NETWORK=1 to run it"))
        if item.get_closest_marker("display") and shutil.which("Xvfb") is None:
            item.add_marker(pytest.mark.skip(reason="needs an X server: Xvfb is not installed"))
