"""The process that makes an ONNX graph of an OpenCLIP model's picture side (`python -m` with this module's name).

A process of its own: making a graph holds Python for seconds, takes a gigabyte, and cannot be interrupted otherwise.
The graph is put in place only when it gives what torch gives. `clip_graph.make_graph` starts it and tells the person.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fabric_desktop.encoders import clip_graph
from fabric_desktop.encoders.base import unit_rows
from fabric_desktop.encoders.child import end_with_parent, tell
from fabric_desktop.encoders.clip_pixels import Pixels
from fabric_desktop.encoders.clip_source import fingerprint_of_source, source_of
from fabric_desktop.encoders.clip_torch import choose_device, load_model
from fabric_desktop.encoders.weights import file_sha256
from fabric_desktop.errors import FabricError, SaveFailed
from fabric_desktop.studio.files import make_folder, put_in_place, reason_of, write_json


class Refused(Exception):
    """There will be no graph: a reason code of `GraphState`."""

    def __init__(self, reason: str, detail: str = "", difference: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.difference = difference


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, compare, put in place. Exit code 0 when the graph is there and gives what torch gives."""
    parser = argparse.ArgumentParser()
    parser.add_argument("encoder")
    parser.add_argument("--fingerprint", required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--token", required=True, help="goes into the name of the file that is being written")
    options = parser.parse_args(arguments)
    end_with_parent()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        found = make(
            options.encoder, options.fingerprint, options.weights, options.folder, options.threads, options.token
        )
    except Refused as refused:
        tell(event="refused", reason=refused.reason, detail=refused.detail, difference=refused.difference)
        return 1
    except SaveFailed as error:
        tell(event="refused", reason="not_kept", detail=str(error))
        return 1
    except FabricError as error:
        tell(event="refused", reason="export_failed", detail=str(error))
        return 1
    tell(event="done", difference=found)
    return 0


def make(encoder_id: str, fingerprint: str, weights: Path, folder: Path, threads: int, token: str) -> float:
    """Make the graph and return the largest difference to torch. Raises Refused, SaveFailed, EncoderUnavailable."""
    source = source_of(encoder_id, weights)
    if fingerprint_of_source(source) != fingerprint:
        raise Refused("foreign", str(weights))
    tell(event="step")
    import torch

    device, device_reason = choose_device(torch)
    if device != "cpu":
        raise Refused("gpu", device)
    torch.set_num_threads(threads)
    model, preprocess = load_model(source, "cpu")
    pixels = Pixels.from_config(model.visual.preprocess_cfg)
    expected = _expected(model, preprocess, pixels)
    tell(event="step")
    try:
        make_folder(folder)
        handle, name = tempfile.mkstemp(prefix=f"{clip_graph.MAKING}{token}-", suffix=".onnx", dir=folder)
        os.close(handle)
    except OSError as error:
        raise SaveFailed(path=str(folder), reason=reason_of(error), detail=str(error)) from error
    graph = Path(name)
    try:
        export(model, pixels, graph)
        tell(event="step")
        found = _compared(graph, pixels, expected, threads)
        tell(event="step")
        _put(graph, folder)
    finally:
        graph.unlink(missing_ok=True)
    record = {
        "format": clip_graph.FORMAT,
        "fingerprint": fingerprint,
        "encoder": encoder_id,
        "sha256": file_sha256(folder / clip_graph.GRAPH_NAME),
        "size": (folder / clip_graph.GRAPH_NAME).stat().st_size,
        "pixels": pixels.as_json(),
        "dim": expected.shape[1],
        "device_reason": device_reason,
        "difference": found,
        "expected": expected.tolist(),
        "checked_on": clip_graph.checked_on(),
        "makers": clip_graph.makers(),
    }
    # The record comes last: a graph without one is not looked at.
    write_json(folder / clip_graph.RECORD_NAME, record)
    return found


def _expected(model: Any, preprocess: Any, pixels: Pixels) -> Any:
    """torch's embeddings (n, dim) of the check pictures, rows of length 1, by open_clip's own preprocessing, which
    ours must equal. Raises Refused(pixels_differ)."""
    import torch

    rows = []
    for picture in clip_graph.check_pictures():
        own = preprocess(picture)
        if not np.array_equal(own.numpy(), pixels.prepare(picture)):
            raise Refused("pixels_differ", f"{picture.size}")
        with torch.inference_mode():
            rows.append(model.encode_image(own.unsqueeze(0))[0].float().numpy())
    return unit_rows(np.stack(rows))


def export(model: Any, pixels: Pixels, graph: Path) -> None:
    """Write `encode_image` of an open_clip model as an ONNX graph: `pixels` (n, 3, height, width), n free, to
    `embedding` (n, dim). Raises Refused(exporter_missing, export_failed)."""
    import torch

    class Tower(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, images: Any) -> Any:
            return self.model.encode_image(images)

    missing = [name for name in ("onnx", "onnxscript") if name not in clip_graph.makers()]
    if missing:
        raise Refused("exporter_missing", ", ".join(missing))
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    fast = torch.backends.mha.get_fastpath_enabled()
    try:
        # The fused attention of torch's fast path has no ONNX counterpart.
        torch.backends.mha.set_fastpath_enabled(False)
        # Standard output is for messages alone.
        with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                Tower().eval(),
                (torch.zeros(2, 3, *pixels.size),),
                str(graph),
                input_names=[clip_graph.INPUT_NAME],
                output_names=[clip_graph.OUTPUT_NAME],
                dynamo=True,
                dynamic_shapes=({0: torch.export.Dim("n", min=1, max=4096)},),
                # One file: two could come apart.
                external_data=False,
                verbose=False,
            )
    except Exception as error:  # the exporter raises nearly anything
        lines = [line for line in str(error).splitlines() if line.strip()]
        raise Refused("export_failed", lines[0][:300] if lines else repr(error)) from error
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


def _compared(graph: Path, pixels: Pixels, expected: Any, threads: int) -> float:
    """The largest difference between graph and torch. Raises Refused(disagrees, export_failed)."""
    try:
        session = clip_graph.open_session(graph, threads)

        def run(picture: Any) -> Any:
            return session.run([clip_graph.OUTPUT_NAME], {clip_graph.INPUT_NAME: pixels.prepare(picture)[None]})[0][0]

        found = clip_graph.difference(run, expected)
    except Exception as error:  # ONNX Runtime raises its own types, none of them public
        raise Refused("export_failed", str(error)[:300]) from error
    if not found <= clip_graph.AGREEMENT:
        raise Refused("disagrees", f"{found:.2g}", found)
    return found


def _put(graph: Path, folder: Path) -> None:
    target = folder / clip_graph.GRAPH_NAME
    try:
        with graph.open("rb+") as stream:
            os.fsync(stream.fileno())
        put_in_place(graph, target)
    except OSError as error:
        raise SaveFailed(path=str(target), reason=reason_of(error), detail=str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
