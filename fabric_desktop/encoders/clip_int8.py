"""CLIP's graph with weights as int8: a quarter of the size, faster, and other numbers. Locked until it was measured.

An encoder of its own, whose id ends in `#int8`: its embeddings are never compared with float32's. What is measured, and
on which photos, is in `library.encoder_int8`. Run as a module it is the process that makes the graph.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import queue
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fabric_desktop.encoders import child, clip_graph
from fabric_desktop.encoders.base import Float32Array, fingerprint
from fabric_desktop.encoders.clip_pixels import Pixels
from fabric_desktop.encoders.weights import file_sha256
from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import put_in_place, read_json, write_json

SUFFIX = "#int8"
NEEDED = 0.98
"""Share of a studio's photos that must get the same first answer.

int8 is not free on trained weights: ViT-B-32 lost 4.6 points on ImageNet by it (arXiv 2605.26415)."""
MIN_PHOTOS = 50
"""With fewer, 98 % cannot be told from less: one photo is two percent of fifty."""
GRAPH_NAME, RECORD_NAME = "int8.onnx", "int8.json"
STEPS = 2

_FORMAT = 1
_MODULE = "fabric_desktop.encoders.clip_int8"


@dataclass(frozen=True, slots=True)
class Measured:
    """How often int8 gave the same first answer as float32 on a studio's references, each left out in turn."""

    studio: str
    share: float
    photos: int

    @property
    def good(self) -> bool:
        """Whether that unlocks it."""
        return self.photos >= MIN_PHOTOS and self.share >= NEEDED


@dataclass(frozen=True, slots=True)
class Int8Record:
    """What is known of an int8 graph: its file, and where it was measured."""

    sha256: str
    size: int
    measured: tuple[Measured, ...]


def is_int8(encoder_id: str) -> bool:
    """Whether an id names an int8 encoder."""
    return encoder_id.endswith(SUFFIX)


def base_id(encoder_id: str) -> str:
    """The id of the float32 encoder that an int8 one was made of; any other id as it is."""
    return encoder_id.removesuffix(SUFFIX)


def read_record(base: str) -> Int8Record | None:
    """The record of the int8 graph made of the encoder with fingerprint `base`; None without a readable one."""
    try:
        value = read_json(clip_graph.graph_folder(base) / RECORD_NAME)
        if value["format"] != _FORMAT or value["base"] != base:
            return None
        measured = tuple(
            Measured(str(entry["studio"]), float(entry["share"]), int(entry["photos"])) for entry in value["measured"]
        )
        return Int8Record(str(value["sha256"]), int(value["size"]), measured)
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None


def keep_record(base: str, record: Int8Record) -> None:
    """Write a record. Raises SaveFailed."""
    write_json(clip_graph.graph_folder(base) / RECORD_NAME, {"format": _FORMAT, "base": base} | asdict(record))


def unlocked(base: str, studio: str | None = None) -> bool:
    """Whether a measurement was good: that of this studio, or of any."""
    record = read_record(base)
    if record is None:
        return False
    return any(entry.good for entry in record.measured if studio is None or entry.studio == studio)


def name_of(studio: Studio) -> str:
    """The name under which a studio's measurement is kept."""
    return str(studio.root.resolve())


def int8_fingerprint(encoder_id: str, base: str, *, locked: bool = True) -> str:
    """Fingerprint of the int8 encoder made of the one with fingerprint `base`. Raises EncoderUnavailable(int8_locked,
    int8_missing)."""
    record = read_record(base)
    if locked and not unlocked(base):
        raise EncoderUnavailable(encoder=encoder_id, reason="int8_locked", detail=base_id(encoder_id))
    if record is None:
        raise EncoderUnavailable(encoder=encoder_id, reason="int8_missing", detail=RECORD_NAME)
    return fingerprint(base=base, precision="int8", graph=record.sha256)


class Int8Tower:
    """The picture side in int8 on ONNX Runtime."""

    name = "onnxruntime"
    device = "cpu"

    def __init__(self, encoder_id: str, base: str, threads: int) -> None:
        """Opens the graph. Raises EncoderUnavailable(int8_missing)."""
        record = read_record(base)
        folder = clip_graph.graph_folder(base)
        try:
            full = read_json(folder / clip_graph.RECORD_NAME)
            self._pixels = Pixels.from_config(full["pixels"])
            self.dim = int(full["dim"])
            self.device_reason = str(full["device_reason"])
            if record is None or file_sha256(folder / GRAPH_NAME) != record.sha256:
                raise ValueError(f"{GRAPH_NAME} is not the file that was measured")
            self._session = clip_graph.open_session(folder / GRAPH_NAME, threads)
        except Exception as error:  # ONNX Runtime raises its own types, none of them public
            raise EncoderUnavailable(encoder=encoder_id, reason="int8_missing", detail=str(error)) from error

    def run(self, image: Any) -> Float32Array:
        """The embedding (dim,) of one RGB picture, not scaled."""
        pixels = self._pixels.prepare(image)[None]
        row: Float32Array = self._session.run([clip_graph.OUTPUT_NAME], {clip_graph.INPUT_NAME: pixels})[0][0]
        return row


def make_int8(encoder_id: str, base: str, context: JobContext) -> Int8Record:
    """Make the int8 graph of a float32 one in a process of its own; measured nowhere yet, so locked.

    Progress is `job.clip_int8`. Raises EncoderUnavailable(int8_failed), SaveFailed, Cancelled.
    """
    folder = clip_graph.graph_folder(base)
    context.progress(0, STEPS, "job.clip_int8", encoder=encoder_id)
    try:
        with child.running(_MODULE, [str(folder), str(os.getpid())], os.environ) as (messages, errors):
            while True:
                context.check_cancelled()
                with contextlib.suppress(queue.Empty):
                    message = messages.get(timeout=child.POLL_S)
                    if message is None or message["event"] == "failed":
                        detail = child.last_line(errors) if message is None else str(message["detail"])
                        raise EncoderUnavailable(encoder=encoder_id, reason="int8_failed", detail=detail)
                    break
    finally:
        for leftover in folder.glob(f"{clip_graph.MAKING}{os.getpid()}-*"):
            with contextlib.suppress(OSError):
                leftover.unlink()
    context.progress(STEPS, STEPS, "job.clip_int8", encoder=encoder_id)
    graph = folder / GRAPH_NAME
    record = Int8Record(file_sha256(graph), graph.stat().st_size, ())
    keep_record(base, record)
    return record


def forget_int8(base: str) -> None:
    """Throw the int8 graph away and keep its record, which says why."""
    with contextlib.suppress(OSError):
        (clip_graph.graph_folder(base) / GRAPH_NAME).unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    """The process: weights of matrix products as int8 a channel, the rest as it is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("token")
    options = parser.parse_args(arguments)
    child.end_with_parent()
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            quantize(options.folder, options.token)
    except Exception as error:  # onnx and ONNX Runtime raise nearly anything
        child.tell(event="failed", detail=str(error)[:300] or repr(error))
        return 1
    child.tell(event="done")
    return 0


def quantize(folder: Path, token: str) -> None:
    """Write the int8 graph beside the float32 one. Raises ImportError without onnx, OSError, and what those raise."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    handle, name = tempfile.mkstemp(prefix=f"{clip_graph.MAKING}{token}-", suffix=".onnx", dir=folder)
    os.close(handle)
    try:
        quantize_dynamic(
            str(folder / clip_graph.GRAPH_NAME),
            name,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["MatMul", "Gemm"],
        )
        with Path(name).open("rb+") as stream:
            os.fsync(stream.fileno())
        put_in_place(Path(name), folder / GRAPH_NAME)
    finally:
        Path(name).unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
