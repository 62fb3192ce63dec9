"""The first lines of the window's program: what must be set before Qt, torch or huggingface_hub is imported.

Standard library only. Not for anything that needs a studio or a window.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from fabric_desktop.bootstrap.hand_over import READY_FILE_VARIABLE
from fabric_desktop.bootstrap.start import DRAWING, EXIT_PROBLEM
from fabric_desktop.bootstrap.words import SetupProblem, explain, let_any_text_through

# Says that HF_HUB_OFFLINE was set here and not by the person, so that a download they ask for may lift it.
OFFLINE_BY_US = "FABRIC_DESKTOP_OFFLINE_BY_DEFAULT"
# What ONNX Runtime and torch need beyond what Python itself brings along.
RUNTIME = ("msvcp140.dll", "msvcp140_1.dll")


def prepare_process(arguments: Sequence[str] | None = None, *, window: bool = True) -> None:
    """Readies this process; call it first of all, before anything imports Qt, torch or huggingface_hub.

    `arguments` (default: the command line's) decide whether pictures are drawn without a display. With `window`, a
    machine on which Qt could not open one is explained on standard error, in Chinese and English, and the process ends
    with exit code 3. Raises SystemExit then, and nothing else.
    """
    given = sys.argv[1:] if arguments is None else arguments
    give_missing_streams()
    let_any_text_through()
    keep_hub_quiet(os.environ)
    preload_runtime()
    preload_torch_libraries()
    if any(argument.partition("=")[0] in DRAWING for argument in given):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if window:
        from fabric_desktop.bootstrap.display import require_window

        try:
            require_window(os.environ)
        except SetupProblem as problem:
            explain(problem)
            raise SystemExit(EXIT_PROBLEM) from problem


def give_missing_streams() -> None:
    """A program started without a console has None for its streams, and libraries that write there would raise."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # lives as long as we do


def keep_hub_quiet(environ: MutableMapping[str, str]) -> None:
    """No telemetry, and no request that nobody asked for; what the person has set is kept.

    huggingface_hub reads these variables once, when it is imported.
    """
    environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    environ.setdefault("DO_NOT_TRACK", "1")
    if "HF_HUB_OFFLINE" not in environ:
        environ["HF_HUB_OFFLINE"] = "1"
        environ[OFFLINE_BY_US] = "1"


def environment_for_download(environ: MutableMapping[str, str], endpoint: str | None = None) -> dict[str, str]:
    """Variables for a child process that fetches weights because the person asked for it.

    Lifts our own HF_HUB_OFFLINE, never theirs; `endpoint` is a mirror they chose and yields to their HF_ENDPOINT.
    """
    child = dict(environ)
    if child.pop(OFFLINE_BY_US, None) is not None:
        child.pop("HF_HUB_OFFLINE", None)
    if endpoint:
        child.setdefault("HF_ENDPOINT", endpoint)
    return child


def preload_runtime(platform: str = sys.platform, load: Callable[[str], object] | None = None) -> list[Path]:
    """On Windows, loads the newest of Microsoft's C++ runtime libraries that are here; returns what was loaded.

    The first one loaded serves the whole process. Qt's package brings its own: loaded before ONNX Runtime or torch, an
    older one keeps those from starting (labelme issue 1564, onnxruntime issues 16116 and 26127), and so does an old
    one in the system for the commands, which load no Qt. A fresh Windows has none in the system at all.
    """
    if platform != "win32":
        return []
    system = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"
    if load is None:
        import ctypes

        load = ctypes.CDLL
    loaded = []
    for name in RUNTIME:
        for library in newest_first(folder / name for folder in (system, *_folders_of("PySide6"))):
            try:
                load(str(library))
            except OSError as error:
                # One for another kind of processor, for instance; the next is tried, and what fails later says so.
                logging.getLogger(__name__).info("%s could not be loaded: %s", library, error)
                continue
            loaded.append(library)
            break
    return loaded


def newest_first(libraries: Iterable[Path]) -> list[Path]:
    """Those of the DLLs `libraries` that are there, the highest version first, equal ones in the order given."""
    versions = {}
    for library in libraries:
        try:
            versions[library] = dll_version(library.read_bytes())
        except OSError:
            continue
    return sorted(versions, key=versions.__getitem__, reverse=True)


def dll_version(content: bytes) -> tuple[int, int, int, int]:
    """The file version in a DLL's VS_FIXEDFILEINFO (Windows SDK, verrsrc.h); zeros where there is none."""
    start = content.find(b"\xbd\x04\xef\xfe")
    numbers = content[start + 8 : start + 16]
    if start < 0 or len(numbers) < 8:
        return (0, 0, 0, 0)
    minor, major, revision, build = (int.from_bytes(numbers[i : i + 2], "little") for i in range(0, 8, 2))
    return (major, minor, build, revision)


def _folders_of(package: str) -> list[Path]:
    spec = find_spec(package)
    return [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec is not None else []


def preload_torch_libraries(platform: str = sys.platform) -> Path | None:
    """On Windows, loads torch's c10.dll without importing torch; returns its path if it was loaded.

    torch 2.9 and later imported after Qt fails there with WinError 1114, since Qt brings older Microsoft runtime
    libraries along and the first ones loaded win (pytorch issues 166628 and 169429).
    """
    if platform != "win32":
        return None
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return None
    library = Path(spec.origin).parent / "lib" / "c10.dll"
    if not library.is_file():
        return None
    import ctypes

    try:
        ctypes.CDLL(str(library))
    except OSError as error:
        # The window works without torch; whoever asks for CLIP is told by the encoder itself.
        logging.getLogger(__name__).warning("torch's %s could not be loaded: %s", library, error)
        return None
    return library


def window_is_up() -> None:
    """Tells whoever started us without a console that the window is shown, so that theirs can close.

    Call it once, after the main window has been shown. Does nothing where nobody waits.
    """
    ready = os.environ.pop(READY_FILE_VARIABLE, "")
    if ready:
        Path(ready).touch()
