"""Every reader of files that others may have written, fed with what hypothesis makes of them; run as a process by
test_readers, so that a crash, a hang or a gigabyte of memory is seen from outside.

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
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from fabric_desktop.bank import load_bank, reference_record
from fabric_desktop.batch.journal import read_journal
from fabric_desktop.embeddings import EmbeddingCache
from fabric_desktop.encoders import clip_graph, clip_int8, clip_source, zero_shot
from fabric_desktop.encoders.download import last_failure
from fabric_desktop.encoders.registry import OFFERS, choose_encoder_id, list_encoders
from fabric_desktop.encoders.runner_words import runs_on
from fabric_desktop.encoders.weights import check_safetensors, read_config
from fabric_desktop.errors import FabricError
from fabric_desktop.eval_set import read_eval_set
from fabric_desktop.head import load_folds, load_head
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import list_labeled
from fabric_desktop.library.facts import look_at_all
from fabric_desktop.library.lists import read_list
from fabric_desktop.loop.deploying import read_notes
from fabric_desktop.model import load_model
from fabric_desktop.rules import load_rules
from fabric_desktop.rules.loading import load_mapping
from fabric_desktop.samples.writer import sample_regions
from fabric_desktop.sharing import export_share, import_studio
from fabric_desktop.studio import (
    StudioLock,
    Version,
    current_version,
    load_info,
    load_settings,
    load_version,
    save_info,
    save_setting,
)
from fabric_desktop.studio.files import npz_bytes, read_npz
from fabric_desktop.studio.history import read_history
from fabric_desktop.studio.layout import SAMPLE_MARK
from fabric_desktop.ui.app_state import load_state
from fabric_desktop.ui.region_keeper import load_regions, regions_path
from fabric_desktop.wording import LANGS, explain
from tests.faults.scene import make_scene

SECONDS_A_FILE = 5.0
EXAMPLES = 80


@dataclass(frozen=True)
class Reader:
    """A way in: `read` is given the path of a file that holds anything; `valid` is what it should hold."""

    valid: bytes
    name: str
    read: Callable[[Path], object]


def _readers(folder: Path) -> dict[str, Reader]:
    scene = make_scene(folder)
    studio = scene.studio
    export_share(studio, folder / "shared.zip", JobContext())
    version = current_version(studio)
    assert version is not None
    fingerprint = str(version.manifest["fingerprint"])
    fabric = studio.fabrics_dir / "棉布"
    patch = next(studio.labeled_dir.glob("*/*.json"))
    book = Workbook()
    for row in (["fabric", "file", "weight"], ["cotton", "a.jpg", 120.5], ["", "b.jpg", None]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    workbook = io.BytesIO()
    book.save(workbook)

    def as_version(path: Path) -> None:
        for each in (load_head, load_folds):
            try:
                each(Version("v1", path.parent))
            except FabricError:
                continue

    def whole_version(path: Path) -> None:
        load_version(studio, version.name)

    def model(path: Path) -> None:
        load_model(studio, fingerprint, dim=193)
        read_history(studio)
        read_notes(studio)

    def settings_of(path: Path) -> None:
        load_settings(studio)
        save_setting(studio, "top_k", 7)

    def info_of(path: Path) -> None:
        save_info(studio, load_info(studio, "棉布"))

    def journal(path: Path) -> None:
        with StudioLock(studio, "test"):
            pass

    def shared(path: Path) -> None:
        with tempfile.TemporaryDirectory() as there:
            import_studio(path, Path(there) / "studio", JobContext())

    def encoders(path: Path) -> None:
        list_encoders()

    def index(path: Path) -> None:
        load_bank(studio.bank_path)
        choose_encoder_id(studio)

    def regions(path: Path) -> None:
        load_regions(studio, "0" * 64, (900, 600))

    def graph(path: Path) -> None:
        runs_on(clip_graph.graph_state("0" * 32), "en")

    def int8(path: Path) -> None:
        clip_int8.unlocked("0" * 32, "/x")

    def open_clip(path: Path) -> None:
        clip_source.fingerprint_if_known("openclip:a/b", None)

    def known_photos(path: Path) -> None:
        look_at_all(studio, [fabric / "ref 0.png"], JobContext())

    def state(path: Path) -> None:
        known = load_state()
        known.place_of_window()
        known.docks_of(studio.root)
        known.save()

    def mark(path: Path) -> None:
        sample_regions(studio)

    look_at_all(studio, [fabric / "ref 0.png"], JobContext())
    known = (studio.root / ".cache" / "photo_facts.json").read_bytes()
    step = ["write", "notes.txt", None, "aGk="]
    change = {"format": 1, "id": "x", "direction": "forward", "kind": "add", "params": {}, "steps": [step]}
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    config = {"model_cfg": {"embed_dim": 3}, "preprocess_cfg": {"mean": [0], "std": [1]}}
    rules = (
        b'[weights]\nsheen = 1.0\n[[fabric]]\nid = "a"\nzh = "\xe6\xa3\x89"\nen = "A"\nnotes_zh = "x"\nnotes_en = "x"\n'
        b"[fabric.look]\nsheen = [0.1, 0.4]\n"
    )
    batch = b'{"format": 1}\n{"photo": "/a.jpg", "stamp": [1, 2], "content_hash": "x"}\n'
    record = {
        **{"format": clip_graph.FORMAT, "fingerprint": "0" * 32, "sha256": "1" * 64, "size": 3, "difference": 1e-7},
        **{"dim": 3, "device_reason": "no_gpu", "expected": [[0.5, 0.5, 0.7]]},
        "pixels": {"size": [2, 2], "mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bicubic"}
        | {"resize_mode": "shortest", "fill": 0},
    }
    small = {"format": 1, "base": "0" * 32, "sha256": "1" * 64, "size": 3}
    small |= {"measured": [{"studio": "/x", "share": 1.0, "photos": 60}]}
    model_entry = {"id": "openclip:a/b", "model": "a", "repository": "o/n", "preprocessing": {}, "quick_gelu": False}
    models = {"open_clip": installed_version("open_clip_torch"), "models": {"openclip:a/b": model_entry}}
    texts = {"keys": np.array(["k"]), "rows": np.ones((1, 3), np.float32), "logit_scale": np.array(9.0)}
    return {
        "bank": Reader(studio.bank_path.read_bytes(), str(studio.bank_path), load_bank),
        "arrays": Reader(studio.bank_path.read_bytes(), str(folder / "any.npz"), _arrays),
        "index": Reader(studio.bank_index_path.read_bytes(), str(studio.bank_index_path), index),
        "head": Reader((version.path / "head.npz").read_bytes(), str(folder / "v" / "head.npz"), as_version),
        "folds": Reader(
            (version.path / "head_folds.npz").read_bytes(), str(folder / "v" / "head_folds.npz"), as_version
        ),
        "manifest": Reader(
            (version.path / "manifest.json").read_bytes(), str(version.path / "manifest.json"), whole_version
        ),
        "current": Reader(studio.current_path.read_bytes(), str(studio.current_path), model),
        "history": Reader(
            b'{"version": "v1", "since": "2026-01-01"}\n', str(studio.models_dir / "history.jsonl"), model
        ),
        "settings": Reader(b'encoder = "dummy"\nalpha = 0.3\ntop_k = 5\n', str(studio.settings_path), settings_of),
        "rules": Reader(rules, str(folder / "rules.toml"), load_rules),
        "mapping": Reader(b'a = "cotton"\n"b c" = "silk"\n', str(folder / "map.toml"), load_mapping),
        "fabric.toml": Reader(b'name_zh = "x"\naliases = ["a"]\nweight = 120\n', str(fabric / "fabric.toml"), info_of),
        "jsonl": Reader(studio.eval_set_path.read_bytes(), str(studio.eval_set_path), lambda _: read_eval_set(studio)),
        "patch json": Reader(
            patch.read_bytes(), str(patch), lambda path: (reference_record(path), list_labeled(studio))
        ),
        "zip": Reader((folder / "shared.zip").read_bytes(), str(folder / "shared.zip"), shared),
        "csv": Reader("面料,文件\ncotton,a.jpg\n".encode(), str(folder / "list.csv"), read_list),
        "xlsx": Reader(workbook.getvalue(), str(folder / "list.xlsx"), read_list),
        "journal": Reader(json.dumps(change).encode(), str(studio.root / ".changes" / "x.json"), journal),
        "owner": Reader(b'{"owner": "a", "pid": 1}', str(studio.root / ".studio.owner.json"), journal),
        "weights": Reader(
            len(header).to_bytes(8, "little") + header + b"\0" * 4,
            str(folder / "m" / "open_clip_model.safetensors"),
            lambda path: check_safetensors(path, "x"),
        ),
        "config": Reader(
            json.dumps(config).encode(),
            str(folder / "m" / "open_clip_config.json"),
            lambda path: read_config(path.parent, "x"),
        ),
        "regions": Reader(
            b'{"regions": [{"id": "a", "box": [1, 2, 30, 40], "outline": [[1, 2], [30, 2], [9, 40]], "label": "x"}]}',
            str(regions_path(studio, "0" * 64)),
            regions,
        ),
        "photo facts": Reader(known, str(studio.root / ".cache" / "photo_facts.json"), known_photos),
        "embeddings": Reader(
            npz_bytes({"hashes": np.array(["0" * 64]), "embeddings": np.ones((1, 3), np.float32)}),
            str(studio.root / ".cache" / "queue-x.npz"),
            lambda _: EmbeddingCache(studio, "queue", "x").load(),
        ),
        "window state": Reader(b'{"last_studio": "/x", "geometry": "aGk="}', str(_home() / "window.json"), state),
        "samples": Reader(
            b'{"photographs": {"a.jpg": {"r": {"fabric": "x", "box": [1, 2, 3, 4]}}}}',
            str(studio.root / SAMPLE_MARK),
            mark,
        ),
        "attempts": Reader(
            json.dumps({OFFERS[0].id: {"reason": "network", "detail": "x"}}).encode(),
            str(_home() / "downloads.json"),
            lambda _: last_failure(OFFERS[0].id),
        ),
        "encoders": Reader(b'{"local-dir:/x": "/x"}', str(_home() / "encoders.json"), encoders),
        "graph": Reader(json.dumps(record).encode(), str(_home() / "graphs" / ("0" * 32) / "image.json"), graph),
        "int8": Reader(json.dumps(small).encode(), str(_home() / "graphs" / ("0" * 32) / "int8.json"), int8),
        "open_clip": Reader(json.dumps(models).encode(), str(_home() / "openclip.json"), open_clip),
        "texts": Reader(npz_bytes(texts), str(_home() / "texts" / "x.npz"), zero_shot._Store),
        "batch": Reader(batch, str(folder / "batch.jsonl"), lambda path: list(read_journal(path))),
    }


def installed_version(name: str) -> str:
    try:
        return installed(name)
    except PackageNotFoundError:
        return "none"


def _home() -> Path:
    from fabric_desktop import paths

    return paths.home()


def _arrays(path: Path) -> None:
    """The floor below bank, head and caches: arrays, or ValueError, which all of them turn into a word."""
    try:
        read = read_npz(path)
    except ValueError:
        return
    assert all(isinstance(array, np.ndarray) and not array.dtype.hasobject for array in read.values())


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
    signal.setitimer(signal.ITIMER_REAL, SECONDS_A_FILE)
    try:
        reader.read(path)
        told["read"] += 1
    except FabricError as error:
        if not all(explain(error, lang).what for lang in LANGS):
            raise RuntimeError(f"{error!r} has no words") from error
        told[error.code] += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
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
    signal.signal(signal.SIGALRM, _on_time)
    with tempfile.TemporaryDirectory() as folder:
        readers = _readers(Path(folder))
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
