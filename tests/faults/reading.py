"""Every reader of files that others may have written, fed with what hypothesis makes of them; run as a process by
test_readers, so that a crash, a hang or a gigabyte of memory is seen from outside. The readers are in `readers`.

`python reading.py READER...`; prints one JSON line with the examples tried and the peak of memory.
"""

from __future__ import annotations

import faulthandler
import io
import json
import logging
import resource
import signal
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fabric_desktop.errors import FabricError
from fabric_desktop.wording import LANGS, explain
from tests.faults.readers import Reader, readers_of

SECONDS_A_FILE = 5.0  # of processor time: a busy machine fails no test. Whoever waits for ever is ended by the caller
EXAMPLES = 80

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["v1", "../v1", "棉布", "\0", "file", "/etc/passwd", "2026-01-01T00:00:00", "forward", "1" * 20]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
# What small files have done to readers: depth, digits without end, keys of many parts, repetition.
MONSTERS = (
    b"",
    b"\xef\xbb\xbf",
    b"\xff\xfe\x00",
    b"\0" * 3000,
    b"[" * 200_000,
    b'{"a":' * 100_000,
    b"1" * 5000,
    b"x = " + b"1" * 5000,
    b"weight = 0x" + b"f" * 9000,
    b"top_k = 0x" + b"f" * 9000,
    b"a" + b".a" * 200_000 + b" = 1",
    b"x = " + b"[" * 100_000,
    b"[" + b"[]," * 300_000 + b"[]]",
    b"{" + b"\n" * 2_000_000,
    b"a,b\n" * 410_000,
    b"," * 5_000_000,
    b'"' + b"a" * 1_000_000,
    b"fabric\tfile\n" + b"\t" * 900_000,
    b"PK\x05\x06" + b"\0" * 18,
    b"PK\x03\x04" + b"\xff" * 200,
)


def _edited(data: bytes, edits: list[tuple[int, int]], cut: int, doubled: bool) -> bytes:
    changed = bytearray(data)
    for place, value in edits:
        changed[place % len(changed)] = value
    text = bytes(changed[: len(changed) - cut % len(changed)] if cut else changed)
    return text + text if doubled else text


def _grafted(data: bytes, path: list[int], value: object) -> bytes:
    """JSON with one of its values replaced by any other."""
    try:
        whole = json.loads(data)
    except ValueError:
        return json.dumps(value).encode("utf-8", "surrogatepass")
    node = whole
    for number in path:
        keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
        if not keys:
            break
        key: Any = keys[number % len(keys)]
        if number == path[-1] or not isinstance(node[key], (dict, list)):
            node[key] = value
            break
        node = node[key]
    return json.dumps(whole).encode("utf-8", "surrogatepass")


def _zipped(data: bytes, name: str, content: bytes) -> bytes:
    """An archive of the same entries, one of which holds something else."""
    stream = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
            entries = old.namelist()
            for entry in entries:
                same = entry != entries[len(name) % len(entries)]
                new.writestr(entry, old.read(entry) if same else content)
    except Exception:
        return content
    return stream.getvalue()


class Hang(BaseException):
    """A file took longer to refuse than anybody waits."""


def _on_time(number: int, frame: object) -> None:
    raise Hang(f"longer than {SECONDS_A_FILE} s")


def _feed(reader: Reader, content: bytes, told: Counter[str]) -> None:
    path = Path(reader.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    signal.setitimer(signal.ITIMER_PROF, SECONDS_A_FILE)
    try:
        reader.read(path)
        told["read"] += 1
    except FabricError as error:
        if not all(explain(error, lang).what for lang in LANGS):
            raise RuntimeError(f"{error!r} has no words") from error
        told[error.code] += 1
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        if path.exists():
            path.unlink()


def try_all(reader: Reader) -> Counter[str]:
    """Feed a reader with everything; raises what it lets through."""
    told: Counter[str] = Counter()
    before = Path(reader.name).read_bytes() if Path(reader.name).is_file() else None
    _feed(reader, reader.valid, told)
    assert told == {"read": 1}, f"what is valid is refused: {told}"
    for monster in MONSTERS:
        _feed(reader, monster, told)
    contents = st.one_of(
        st.builds(
            _edited,
            st.just(reader.valid),
            st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6),
            st.integers(0, 10**6) | st.just(0),
            st.booleans(),
        ),
        st.builds(_grafted, st.just(reader.valid), st.lists(st.integers(0, 30), min_size=1, max_size=4), VALUES),
        st.builds(_zipped, st.just(reader.valid), st.text(max_size=9), st.binary(max_size=300)),
        st.binary(max_size=400),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
        VALUES.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")),
        st.lists(
            st.tuples(st.sampled_from(["top_k", "alpha", "aliases", "weight", "a.b", "[x]", "x"]), VALUES), max_size=4
        ).map(lambda lines: "\n".join(f"{key} = {json.dumps(value)}" for key, value in lines).encode()),
    )

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(contents)
    def feed(content: bytes) -> None:
        _feed(reader, content, told)

    feed()
    if before is not None:
        Path(reader.name).write_bytes(before)  # the readers after this one want it whole
    return told


def main(names: list[str]) -> None:
    faulthandler.enable()
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGPROF, _on_time)
    with tempfile.TemporaryDirectory() as folder:
        readers = readers_of(Path(folder))
        found: dict[str, Any] = {}
        for name in names or list(readers):
            started = time.monotonic()
            try:
                found[name] = dict(try_all(readers[name]))
            except BaseException as error:
                error.add_note(f"while reading: {name}")
                raise
            sys.stderr.write(f"{name} {time.monotonic() - started:.1f} s {found[name]}\n")
        # Linux counts in kilobytes, macOS in bytes.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "linux" else 1024**2)
        sys.stdout.write(json.dumps({"megabytes": peak, "read": found}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
