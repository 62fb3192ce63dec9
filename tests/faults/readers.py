"""Every reader of files that others may have written, with a file that it should read. Fed by `reading`."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

import numpy as np
from openpyxl import Workbook

from fabric_desktop.bank import load_bank, reference_record
from fabric_desktop.batch.journal import read_journal
from fabric_desktop.embeddings import EmbeddingCache
from fabric_desktop.encoders import clip_graph, clip_int8, clip_source, zero_shot
from fabric_desktop.encoders.download import last_failure
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.encoders.registry import OFFERS, choose_encoder_id, list_encoders
from fabric_desktop.encoders.runner_words import runs_on
from fabric_desktop.encoders.weights import check_safetensors, read_config
from fabric_desktop.errors import FabricError
from fabric_desktop.eval_set import read_eval_set
from fabric_desktop.evaluation.observing import KeptLooks, observe_patches
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
from tests.faults.scene import make_scene


@dataclass(frozen=True)
class Reader:
    """A way in: `read` is given the path of a file that holds anything; `valid` is what it should hold."""

    valid: bytes
    name: str
    read: Callable[[Path], object]


def readers_of(folder: Path) -> dict[str, Reader]:
    """Every way in by name, into a studio made below `folder`."""
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
    observe_patches(studio, DummyEncoder(), list_labeled(studio), JobContext())
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
        "looks": Reader(
            (studio.root / ".cache" / "patches-looks.json").read_bytes(),
            str(studio.root / ".cache" / "patches-looks.json"),
            lambda _: KeptLooks(studio),
        ),
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
