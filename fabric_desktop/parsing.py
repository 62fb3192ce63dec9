"""Text files that people, other programs or an attacker wrote: read within bounds, and refused with ValueError alone.

Here is what Python's own readers do not promise: nothing nested too deeply, no number without end, no small file that
takes all the memory or all the time. What the values mean is for the callers.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

# An index of half a million references is as long; it takes about three times that in memory.
JSON_BYTES = 256_000_000
# `[],` is three bytes of text and 64 of memory: so many values stay below half a gigabyte.
JSON_VALUES = 4_000_000
# Settings, data sheets and rules are some kilobytes. Python's reader takes 0.5 s for a megabyte.
TOML_BYTES = 1_000_000
# tomllib takes time with the square of a key's parts: a minute for 100 kB of `a.a.a`.
_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){64}""")


def read_text(path: Path, limit: int) -> str:
    """A UTF-8 file (a byte order mark is allowed) of at most `limit` bytes. OSError, or ValueError for one that is no
    text or too long."""
    with path.open("rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"{path.name} is longer than {limit} bytes")
    return data.decode("utf-8-sig")


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON text. ValueError when it cannot be read."""
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    if sum(text.count(mark) for mark in ",[{") > JSON_VALUES:
        raise ValueError("too many values")
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_json(path: Path) -> Any:
    """The JSON value in a UTF-8 file. OSError or ValueError when it cannot be read."""
    return parse_json(read_text(path, JSON_BYTES))


def parse_toml(text: str) -> dict[str, Any]:
    """The document of a TOML text. ValueError when it cannot be read."""
    if _LONG_KEY.search(text):
        raise ValueError("a key of more than 64 parts")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_toml(path: Path) -> dict[str, Any]:
    """The document in a TOML file. OSError or ValueError when it cannot be read."""
    return parse_toml(read_text(path, TOML_BYTES))


def shown(value: object) -> str:
    """A value of a file as it may stand in a message: what it is, and no longer than anybody reads."""
    try:
        text = repr(value)
    except ValueError:  # a number of more digits than Python writes
        text = "a number without end"
    return text if len(text) <= 120 else text[:119] + "…"
