"""Small OpenCLIP models with random weights, saved by open_clip's own code, standing in for published ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fabric_desktop.encoders.clip_graph import GraphState
from fabric_desktop.encoders.weights import CONFIG_NAME, WEIGHTS_NAME
from fabric_desktop.jobs import Progress

MODEL = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "head_width": 32, "patch_size": 8},
    "text_cfg": {"context_length": 16, "vocab_size": 100, "width": 32, "heads": 2, "layers": 1},
}
SPEAKING = MODEL | {"text_cfg": {"context_length": 32, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}}
"""With as many words as open_clip's own tokenizer knows."""

PREPROCESSING = {
    "mean": [0.5, 0.4, 0.3],
    "std": [0.25, 0.3, 0.2],
    "interpolation": "bilinear",
    "resize_mode": "squash",
}


def save_model(
    open_clip: Any, folder: Path, *, model: dict[str, Any] = MODEL, seed: int = 0, **preprocessing: Any
) -> Path:
    """A folder with config and random weights, as a person would be given one."""
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(seed)
    folder.mkdir(parents=True)
    config = {"model_cfg": model, "preprocess_cfg": PREPROCESSING | preprocessing}
    (folder / CONFIG_NAME).write_text(json.dumps(config), encoding="utf-8")
    made = open_clip.create_model(f"local-dir:{folder}")
    save_file({name: value.contiguous() for name, value in made.state_dict().items()}, folder / WEIGHTS_NAME)
    return folder


@dataclass(frozen=True, slots=True)
class Made:
    """A small QuickGELU model and the folder of a person for whom its graph was made by the real process."""

    id: str
    folder: Path
    home: Path
    state: GraphState | None
    steps: list[Progress]
