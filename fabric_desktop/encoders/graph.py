"""Names and place of the built-in encoder's ONNX graph: what its exporter writes and its runner reads.

No model code here, and nothing heavy: both sides import it.
"""

from __future__ import annotations

from pathlib import Path

from fabric_desktop.paths import resource

GRAPH_NAME = "efficientnet_lite0"
GRAPH_FILE = "efficientnet_lite0.onnx"
INPUT_NAME = "views"
INPUT_SIDE = 224
"""Side in pixels of the square the network was trained on. The graph takes any multiple of 32, since it halves its
input five times and its padding is fixed for sides that stay even."""
LAST_OUTPUT = "last"
LAST_DIM = 1280
STAGES: tuple[int, ...] = (4, 5, 6)
"""Stages, counted from 0, whose mean and standard deviation over positions the graph gives."""
STAGE_CHANNELS: tuple[int, ...] = (16, 24, 40, 80, 112, 192, 320)


def mean_output(stage: int) -> str:
    """Name of the graph output holding a stage's mean over positions."""
    return f"mean{stage}"


def std_output(stage: int) -> str:
    """Name of the graph output holding a stage's standard deviation over positions."""
    return f"std{stage}"


def graph_path() -> Path:
    """The graph file among the shipped resources."""
    return resource("encoders", GRAPH_FILE)
