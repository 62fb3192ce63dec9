"""The program's logs: rotating files in the person's own folder that can be sent to somebody without a second thought.

Each file begins with the versions of what runs. No path outside the studio and no picture stands in one: what is
logged is cleaned on its way, whoever logs it. Never in the way: a log that cannot be written is done without.
"""

from __future__ import annotations

import contextlib
import logging
import ntpath
import os
import platform
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from importlib import metadata
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from fabric_desktop import __version__, paths
from fabric_desktop.studio.files import known_studios

LONGEST = 20_000  # characters of one entry; a traceback has some thousand
# Those that a fault is likely to be in; what is not installed is left out.
_LIBRARIES = (
    *("PySide6_Essentials", "qasync", "numpy", "pillow", "pillow-heif", "scikit-learn", "onnxruntime", "openpyxl"),
    *("filelock", "torch", "open_clip_torch", "huggingface_hub"),
)
# What a path is left as: its last part alone.
_AWAY = "…/"
_START = r"(?:/|[A-Za-z]:[\\/]|\\\\)"
_QUOTED = re.compile(rf"""(['"])({_START}(?:(?!\1)[^\n])*)\1""")
# A folder's name may have spaces in it, so that a line up to its last slash is taken for one path. An address has no
# path of this computer behind its colon, but the id of an encoder in a folder has.
_PLAIN = re.compile(
    rf"""(?:(?<![\w.:/\\…'"])|(?<=local-dir:)){_START}(?=[^\s/\\])(?:[^\n'",;()<>|]*[/\\])?[^\s'",;()<>|]*"""
)
# Bytes as Python shows them, or in base64: a picture, or a piece of one.
_BYTES = re.compile(r"""\bb(['"])(?:\\.|(?!\1)[^\\\n]){120,}\1?|[A-Za-z0-9+/]{160,}={0,2}""")


# Who asks, in an address (of a proxy, a mirror), in its query (signed addresses), in a header, or as a token.
_ASKER = re.compile(r"(?<=://)[^\s/@'\"]+(?=@)")
_QUERY = re.compile(r"(?<=\w)(://[^\s?'\"<>]+\?)[^\s'\"<>]+")
_SECRET = re.compile(r"\bhf_\w{8,}|(?<=Bearer )\S+|(?<=Basic )[A-Za-z0-9+/=]{8,}")
_FILE_ADDRESS = re.compile(r"\bfile:/{2,3}(?=[^\s/])")


def folder() -> Path:
    """Where the logs are, or would be."""
    return paths.home() / "logs"


def about() -> str:
    """The versions of what runs here, in one line."""
    parts = [f"fabric-desktop {__version__}", f"Python {platform.python_version()}", _system()]
    qt = sys.modules.get("PySide6")
    if qt is not None:
        parts.append(f"PySide6 {getattr(qt, '__version__', '?')}")
    for name in _LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            parts.append(f"{name} {metadata.version(name)}")
    return ", ".join(parts)


def _system() -> str:
    return f"{platform.system()} {platform.release()} {platform.machine()}".strip()


def file_handler(name: str, *, level: int, max_bytes: int, kept: int) -> logging.Handler:
    """A handler that writes into a rotating file of this name. OSError when its folder cannot be made."""
    folder().mkdir(parents=True, exist_ok=True)
    handler = _VersionedFile(folder() / name, max_bytes, kept)
    handler.setLevel(level)
    handler.setFormatter(clean_formatter())
    return handler


def clean_formatter() -> logging.Formatter:
    """Formats entries as the logs have them."""
    return _Clean("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s")


class _VersionedFile(RotatingFileHandler):
    """A rotating file of which each part begins with the versions."""

    def __init__(self, path: Path, max_bytes: int, kept: int) -> None:
        super().__init__(path, maxBytes=max_bytes, backupCount=kept, encoding="utf-8", errors="replace", delay=True)

    def _open(self) -> TextIOWrapper:
        stream = super()._open()
        with contextlib.suppress(OSError):
            stream.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {about()}\n")
            stream.flush()
        return stream

    def doRollover(self) -> None:
        # Where another window holds the file (Windows) or the folder went read-only, this one goes on in the same file.
        with contextlib.suppress(OSError):
            super().doRollover()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing: Python would print a traceback about a full disk to the person."""


class _Clean(logging.Formatter):
    """Takes out what does not belong in a log that somebody else may read."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return cleaned(text, list(_paths_in(record)))


def cleaned(text: str, known: list[str] | None = None) -> str:
    """A text without paths outside the studio and without the bytes of pictures. `known`: paths that it holds, for
    those that no pattern could tell from the words around them."""
    text = _FILE_ADDRESS.sub("/", text)
    text = _ASKER.sub("…", text)
    text = _QUERY.sub(r"\1…", text)
    text = _SECRET.sub("…", text)
    text = _BYTES.sub(lambda found: f"<{len(found[0])} characters of data>", text)
    for place, name in _places():
        text = text.replace(place, name)
    for path in sorted(known or [], key=len, reverse=True):
        for spelling in {path, repr(path)[1:-1]}:
            text = text.replace(spelling, _last_part(path))
    text = _QUOTED.sub(lambda found: f"{found[1]}{_last_part(found[2])}{found[1]}", text)
    text = _PLAIN.sub(lambda found: _last_part(found[0]), text)
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n<{len(text) - LONGEST} characters left out>\n{text[-LONGEST // 2 :]}"
    return text


def _places() -> Iterator[tuple[str, str]]:
    """Folders that are named for what they are, the deepest first: a studio may lie in the person's own folder."""
    places = [(str(root), "studio") for root in known_studios()]
    places.append((str(paths.home()), "home"))
    places.append((str(Path(__file__).resolve().parents[1]), "program"))
    places += [(prefix, "python") for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}]
    for place, name in sorted(set(places), key=lambda entry: -len(entry[0])):
        if len(place) > 3:  # a studio at the root of a drive would take every path for its own
            for spelling in {place, repr(place)[1:-1]}:
                yield spelling + os.sep, name + "/"
                yield spelling, name


def _last_part(path: str) -> str:
    name = ntpath.basename(path.rstrip("/\\")) or path.strip("/\\:")[:1]
    return _AWAY + name


def _paths_in(record: logging.LogRecord) -> Iterator[str]:
    """Paths among what was logged, and in the errors that were."""
    things: list[object] = list(record.args) if isinstance(record.args, tuple) else [record.args]
    if record.exc_info and record.exc_info[1] is not None:
        things.append(record.exc_info[1])
    seen: set[int] = set()
    while things:
        thing = things.pop()
        if thing is None or id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, BaseException):
            things += [thing.__cause__, thing.__context__, *thing.args, getattr(thing, "filename", None)]
            things += [getattr(thing, "filename2", None), *getattr(thing, "params", {}).values()]
        elif isinstance(thing, (str, os.PathLike)):
            text = os.fspath(thing)
            if isinstance(text, str) and re.match(_START, text):
                yield text
