"""Whether a window can open on this machine: a display to open it on, and the system's libraries that Qt loads.

Loads libraries as Qt would, and names the packages that hold the missing ones. Never imports Qt.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path

from fabric_desktop.bootstrap.words import SetupProblem

# Ways of drawing that need no display (Qt's own names of its platform plug-ins).
HEADLESS = frozenset({"offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs", "vkkhrdisplay"})
WAYLAND = "wayland"
X11 = "xcb"

# Library -> the Debian and the Fedora package that hold it. The first block is needed by every window, the others by
# the plug-in for X11 and the one for Wayland.
ANY_WINDOW: dict[str, tuple[str, str]] = {
    "libEGL.so.1": ("libegl1", "libglvnd-egl"),
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libX11.so.6": ("libx11-6", "libX11"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libz.so.1": ("zlib1g", "zlib"),
    "libzstd.so.1": ("libzstd1", "libzstd"),
    "libstdc++.so.6": ("libstdc++6", "libstdc++"),
}
FOR_X11: dict[str, tuple[str, str]] = {
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb"),
    "libxcb.so.1": ("libxcb1", "libxcb"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil"),
    "libxcb-util.so.1": ("libxcb-util1", "xcb-util"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb"),
    "libxcb-render.so.0": ("libxcb-render0", "libxcb"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
}
FOR_WAYLAND: dict[str, tuple[str, str]] = {
    "libwayland-client.so.0": ("libwayland-client0", "libwayland-client"),
    "libwayland-cursor.so.0": ("libwayland-cursor0", "libwayland-cursor"),
}
_KNOWN = {**ANY_WINDOW, **FOR_X11, **FOR_WAYLAND}
_MISSING_FILE = re.compile(r"([\w+.-]+\.so(?:\.\d+)*): cannot open shared object file")


def platforms(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The ways of drawing that `environ` asks for or makes possible, best first; empty where no window can open."""
    asked = environ.get("QT_QPA_PLATFORM", "")
    if asked:
        names = tuple(part.partition(":")[0].strip() for part in asked.split(";"))
        return tuple(name for name in names if name in HEADLESS or _has_display(name, environ))
    return tuple(name for name in (WAYLAND, X11) if _has_display(name, environ))


def _has_display(name: str, environ: Mapping[str, str]) -> bool:
    if name.startswith(WAYLAND):
        return bool(environ.get("WAYLAND_DISPLAY") or environ.get("WAYLAND_SOCKET"))
    if name == X11:
        return bool(environ.get("DISPLAY"))
    # A plug-in that this page does not know: Qt will say what it needs.
    return True


def needs_display(platform: str = sys.platform) -> bool:
    """Whether this system's windows go through X11 or Wayland; Windows and macOS always have their own way."""
    return platform not in {"win32", "cygwin", "darwin"}


def require_display(environ: Mapping[str, str]) -> None:
    """Raises SetupProblem `no_display` where no window could open; looks at variables only."""
    if needs_display() and not platforms(environ):
        raise SetupProblem("no_display")


def require_window(environ: Mapping[str, str]) -> None:
    """Raises SetupProblem where Qt would stop the process: no display, none that answers, libraries that do not load.

    Costs some milliseconds, since what it loads is loaded by Qt anyway. Call it with PySide6 installed and not yet
    imported.
    """
    if not needs_display():
        return
    ways = platforms(environ)
    if not ways:
        raise SetupProblem("no_display")
    missing: list[str] = []
    for way in ways:
        if way not in HEADLESS and not _answers(way, environ):
            continue
        misses = _missing_for(way)
        if not misses:
            return
        missing += misses
    if missing:
        raise missing_libraries(missing)
    raise SetupProblem("display_unreachable", display=environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY", ""))


def missing_libraries(names: Iterable[str]) -> SetupProblem:
    """The problem that names these missing libraries and the packages to install for them."""
    listed = sorted(set(names))
    debian = sorted({_KNOWN[name][0] for name in listed if name in _KNOWN})
    fedora = sorted({_KNOWN[name][1] for name in listed if name in _KNOWN})
    return SetupProblem(
        "library_missing",
        libraries=", ".join(listed),
        debian=" ".join(debian) or "apt-file; apt-file search " + listed[0],
        fedora=" ".join(fedora) or f"'*/{listed[0]}'",
    )


def library_in(text: str) -> str | None:
    """The library that a loader's message misses, such as `libEGL.so.1`."""
    found = _MISSING_FILE.search(text)
    return found.group(1) if found else None


def not_loadable(names: Iterable[str]) -> list[str]:
    """Those of the libraries `names` that this system does not have."""
    return [name for name in names if _load_error(name) is not None]


def all_missing_beside(first: str, ways: Iterable[str]) -> list[str]:
    """`first`, known to be missing, and what else a window drawn by `ways` misses: told at once, not one a start."""
    names = [*ANY_WINDOW]
    for way in ways:
        names += FOR_X11 if way == X11 else FOR_WAYLAND if way.startswith(WAYLAND) else ()
    return sorted({first, *not_loadable(names)})


def _load_error(path: str | Path) -> str | None:
    import ctypes

    try:
        ctypes.CDLL(str(path))
    except OSError as error:
        return str(error)
    return None


def _missing_for(way: str) -> list[str]:
    """What the plug-in for `way` misses of the system; empty where it would load, or is not there to be tried."""
    spec = find_spec("PySide6")
    if spec is None or not spec.submodule_search_locations:
        return []
    folder = Path(next(iter(spec.submodule_search_locations))) / "Qt" / "plugins" / "platforms"
    for plugin in sorted(folder.glob(f"libq{way}*.so")):
        error = _load_error(plugin)
        if error is None:
            continue
        first = library_in(error)
        if first is None:
            # Something else of the system is in the way, such as a C library that is too old.
            raise SetupProblem("start_failed", reason=error)
        return all_missing_beside(first, (way,))
    return []


def _answers(way: str, environ: Mapping[str, str]) -> bool:
    if way.startswith(WAYLAND):
        if environ.get("WAYLAND_SOCKET"):
            return True
        socket = Path(environ.get("XDG_RUNTIME_DIR", "/")) / environ.get("WAYLAND_DISPLAY", "")
        return socket.exists()
    if way == X11:
        return _x_server_answers(environ.get("DISPLAY", ""))
    return True


def _x_server_answers(display: str) -> bool:
    """Whether an X server takes a connection on `display`; asked of libxcb, as Qt does."""
    import ctypes

    if not_loadable(["libxcb.so.1"]):
        # Nobody can ask; the missing library is what there is to tell.
        return True
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(display), None)
    try:
        return bool(xcb.xcb_connection_has_error(connection) == 0)
    finally:
        xcb.xcb_disconnect(connection)
