"""The picture side of an OpenCLIP model as an ONNX graph: where it is kept, whether it may be used, running it.

A graph is made once by `clip_export`, in a process of its own, and refused here when it is damaged, foreign or of an
older form. torch is never imported here.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import platform
import queue
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from PIL import Image

from fabric_desktop import paths
from fabric_desktop.encoders import child
from fabric_desktop.encoders.base import Float32Array, unit_rows
from fabric_desktop.encoders.clip_pixels import Pixels
from fabric_desktop.encoders.weights import file_sha256
from fabric_desktop.errors import SaveFailed
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio.files import read_json, write_json

if TYPE_CHECKING:
    import onnxruntime

logger = logging.getLogger(__name__)

FORMAT = 1
"""Raised whenever a graph made before must be made again."""
AGREEMENT = 1e-4
"""The most that a number of an embedding of length 1 may differ between graph and torch."""
INPUT_NAME = "pixels"
OUTPUT_NAME = "embedding"
GRAPH_NAME, RECORD_NAME = "image.onnx", "image.json"
STEPS = 4
"""Steps of making a graph, as progress counts them: load the model, turn it into a graph, compare, write."""

MAKING = ".making-"
_FORGOTTEN_S = 3600.0
_EXPORT = "fabric_desktop.encoders.clip_export"
_MAKERS = ("torch", "onnx", "onnxscript", "onnxruntime")

GraphWord = Literal["ready", "missing", "refused"]


@dataclass(frozen=True, slots=True)
class GraphState:
    """Whether there is a graph of an encoder.

    `reason` (refused): gpu (torch runs on the graphics card instead), exporter_missing, export_failed, disagrees,
    pixels_differ, not_kept, ended, and of one that was made: damaged, foreign, old, changed (it gives other numbers
    than it did). `difference`: the largest one to torch that was found.
    """

    word: GraphWord
    reason: str = ""
    detail: str = ""
    difference: float | None = None

    @property
    def may_be_made(self) -> bool:
        """Whether making it could help: there is none, or what failed was not the model's doing."""
        return self.word == "missing" or self.reason in ("damaged", "foreign", "old", "changed", "not_kept", "ended")


class GraphUnusable(Exception):
    """A graph that is not to be used: a state with its reason."""

    def __init__(self, state: GraphState) -> None:
        super().__init__(f"{state.word} {state.reason} {state.detail}")
        self.state = state


def graph_folder(fingerprint: str) -> Path:
    """Where the graph of the encoder with this fingerprint is kept."""
    return paths.home() / "graphs" / fingerprint


def makers() -> dict[str, str]:
    """Versions of what makes and runs graphs; a name is left out where it is not installed."""
    found = {}
    for name in _MAKERS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def graph_state(fingerprint: str, *, thorough: bool = False) -> GraphState:
    """Whether there is a graph, by its record and size; `thorough`: by its SHA-256. `GraphTower` opens it."""
    try:
        record = _record(fingerprint)
    except GraphUnusable as unusable:
        return unusable.state
    if record.get("refused") is not None:
        refused = record["refused"]
        # Another version of what failed may do better.
        if record.get("makers") != makers():
            return GraphState("missing")
        return GraphState("refused", str(refused["reason"]), str(refused.get("detail", "")), refused.get("difference"))
    graph = graph_folder(fingerprint) / GRAPH_NAME
    whole = graph.is_file() and graph.stat().st_size == record["size"]
    if not whole or (thorough and file_sha256(graph) != record["sha256"]):
        return GraphState("refused", "damaged", str(graph))
    return GraphState("ready", difference=record["difference"])


def _record(fingerprint: str) -> dict[str, Any]:
    folder = graph_folder(fingerprint)
    try:
        record = read_json(folder / RECORD_NAME)
    except FileNotFoundError:
        raise GraphUnusable(GraphState("missing")) from None
    except (OSError, ValueError) as error:
        raise GraphUnusable(GraphState("refused", "damaged", str(error))) from error
    if not isinstance(record, dict) or not isinstance(record.get("refused", {}), dict | None):
        raise GraphUnusable(GraphState("refused", "damaged", RECORD_NAME))
    if record.get("format") != FORMAT:
        raise GraphUnusable(GraphState("refused", "old", str(record.get("format"))))
    if record.get("fingerprint") != fingerprint:
        raise GraphUnusable(GraphState("refused", "foreign", str(record.get("fingerprint"))))
    refused = record.get("refused")
    if not _is_figure(record.get("difference")) or not _is_figure((refused or {}).get("difference")):
        raise GraphUnusable(GraphState("refused", "damaged", RECORD_NAME))
    whole = {"difference", "sha256", "size", "pixels", "dim", "device_reason", "expected"} <= record.keys()
    if (refused is None and not whole) or (refused is not None and "reason" not in refused):
        raise GraphUnusable(GraphState("refused", "damaged", RECORD_NAME))
    return record


def _is_figure(value: object) -> bool:
    return value is None or (isinstance(value, (int, float)) and math.isfinite(value))


class GraphTower:
    """The picture side on ONNX Runtime."""

    name = "onnxruntime"
    device = "cpu"

    def __init__(self, fingerprint: str, threads: int) -> None:
        """Opens the graph with this fingerprint. Raises GraphUnusable."""
        record = _record(fingerprint)
        if record.get("refused") is not None:
            raise GraphUnusable(graph_state(fingerprint))
        folder = graph_folder(fingerprint)
        graph = folder / GRAPH_NAME
        try:
            self._pixels = Pixels.from_config(record["pixels"])
            self.dim = int(record["dim"])
            self.device_reason = str(record["device_reason"])
            self.difference: float | None = record["difference"]
            if file_sha256(graph) != record["sha256"]:
                raise ValueError(f"{GRAPH_NAME} is not the file that was checked")
            self._session = open_session(graph, threads)
        except Exception as error:  # ONNX Runtime raises its own types, none of them public
            raise GraphUnusable(GraphState("refused", "damaged", str(error))) from error
        if record.get("checked_on") != checked_on():
            self._check_again(folder, record)

    def _check_again(self, folder: Path, record: dict[str, Any]) -> None:
        """Another ONNX Runtime or another machine: the pictures that were compared with torch are compared again."""
        found = difference(self.run, np.array(record["expected"], np.float32))
        if not found <= AGREEMENT:
            raise GraphUnusable(GraphState("refused", "changed", f"{found:.2g}", found))
        try:
            write_json(folder / RECORD_NAME, record | {"checked_on": checked_on()})
        except SaveFailed as error:
            logger.warning("the check of a graph is not kept: %s", error)

    def run(self, image: Image.Image) -> Float32Array:
        """The embedding (dim,) of one RGB picture, not scaled."""
        row: Float32Array = self._session.run([OUTPUT_NAME], {INPUT_NAME: self._pixels.prepare(image)[None]})[0][0]
        return row


def open_session(graph: Path, threads: int) -> onnxruntime.InferenceSession:
    """A session as both sides open it. Raises what ONNX Runtime raises."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def checked_on() -> str:
    """What a comparison with torch holds for: this ONNX Runtime on this kind of machine."""
    return f"onnxruntime {metadata.version('onnxruntime')}, {platform.machine()}"


def check_pictures() -> list[Image.Image]:
    """Pictures on which graph and torch are compared: several shapes and sizes, woven, graded and flat parts.

    Of whole numbers only, so that every machine draws the same.
    """
    pictures = []
    for number, (width, height) in enumerate(((640, 480), (301, 223), (90, 500), (224, 224))):
        y, x = np.mgrid[0:height, 0:width].astype(np.uint32)
        weave = ((x * (3 + number)) % 32 < 16) ^ ((y * (5 + number)) % 24 < 12)
        grain = ((x * 2654435761 + y * 2246822519 + number * 374761393) >> 13) % 64
        slope = (x * 255) // width
        channels = [weave * 120 + grain, slope, (255 - slope) // 2 + weave * 60 + grain]
        pictures.append(Image.fromarray(np.stack(channels, axis=-1).clip(0, 255).astype(np.uint8)))
    return pictures


def difference(run: Callable[[Image.Image], Float32Array], expected: Float32Array) -> float:
    """The largest difference of a number between `run`'s embeddings of `check_pictures` and `expected` (n, dim), both
    at length 1; not a number where either is none."""
    found = unit_rows(np.stack([run(picture) for picture in check_pictures()]))
    if found.shape != expected.shape:
        return float("inf")
    return float(np.abs(found - unit_rows(expected)).max())


def make_graph(
    encoder_id: str, fingerprint: str, weights: Path, context: JobContext | None = None, threads: int | None = None
) -> GraphState:
    """Make the graph of an encoder in a process of its own, and say how that went; a failure is kept as its state.

    Progress is `job.clip_graph`, `STEPS` steps. Ends at once at a cancel, and leaves nothing half made. Raises
    Cancelled.
    """
    context = context or JobContext()
    context.progress(0, STEPS, "job.clip_graph", encoder=encoder_id)
    folder = graph_folder(fingerprint)
    arguments = [encoder_id, "--fingerprint", fingerprint, "--weights", str(weights), "--folder", str(folder)]
    arguments += ["--threads", str(threads or max(1, (os.cpu_count() or 2) - 1)), "--token", str(os.getpid())]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    try:
        state = _followed(encoder_id, arguments, environment, context)
    finally:
        for leftover in folder.glob(f"{MAKING}*"):
            with contextlib.suppress(OSError):
                mine = leftover.name.startswith(f"{MAKING}{os.getpid()}-")
                if mine or leftover.stat().st_mtime < time.time() - _FORGOTTEN_S:
                    leftover.unlink()
    if state.word == "ready":
        _remove_older(encoder_id, fingerprint)
    elif state.reason not in ("not_kept", "ended"):
        keep_refusal(fingerprint, state)
    return state


def _followed(encoder_id: str, arguments: list[str], environment: dict[str, str], context: JobContext) -> GraphState:
    step = 0
    with child.running(_EXPORT, arguments, environment) as (messages, errors):
        while True:
            context.check_cancelled()
            with contextlib.suppress(queue.Empty):
                message = messages.get(timeout=child.POLL_S)
                if message is None:
                    return GraphState("refused", "ended", child.last_line(errors))
                if message["event"] == "step":
                    step += 1
                    context.progress(step, STEPS, "job.clip_graph", encoder=encoder_id)
                elif message["event"] == "refused":
                    detail = str(message.get("detail", ""))
                    return GraphState("refused", str(message["reason"]), detail, message.get("difference"))
                elif message["event"] == "done":
                    context.progress(STEPS, STEPS, "job.clip_graph", encoder=encoder_id)
                    return GraphState("ready", difference=float(message["difference"]))


def keep_refusal(fingerprint: str, state: GraphState) -> None:
    """Remember why there is no graph, so that not every start tries again."""
    refused = {"reason": state.reason, "detail": state.detail, "difference": state.difference}
    record = {"format": FORMAT, "fingerprint": fingerprint, "refused": refused, "makers": makers()}
    try:
        write_json(graph_folder(fingerprint) / RECORD_NAME, record)
    except SaveFailed as error:
        logger.warning("why there is no graph is not kept: %s", error)


def forget_refusal(fingerprint: str) -> None:
    """Forget why there is no graph: what stood in the way, such as a graphics card, is gone."""
    with contextlib.suppress(OSError):
        (graph_folder(fingerprint) / RECORD_NAME).unlink(missing_ok=True)


def _remove_older(encoder_id: str, fingerprint: str) -> None:
    """Graphs of the same encoder's other weights are hundreds of megabytes that nothing reads any more."""
    for folder in graph_folder(fingerprint).parent.iterdir():
        if folder.name == fingerprint:
            continue
        with contextlib.suppress(OSError, ValueError, AttributeError):
            if read_json(folder / RECORD_NAME).get("encoder") == encoder_id:
                shutil.rmtree(folder)
