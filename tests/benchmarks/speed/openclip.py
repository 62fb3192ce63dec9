"""OpenCLIP on ONNX Runtime against torch: the same weights, the same threads, whole pictures in, embeddings out.

ViT-B-32 with random weights, which take as long as trained ones; nothing is said of how well it recognises. The plain
way is open_clip's own: its model run eagerly by torch, its preprocessing with torchvision, one photo at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.speed.frame import (
    Figure,
    Options,
    Row,
    Turns,
    against_plain,
    alone,
    cores,
    interleaved,
    repeated,
)

if TYPE_CHECKING:
    from PIL.Image import Image

MODEL = "ViT-B-32"
GOAL = 0.75
RUNS = 31
TURNS = 3
_HERE = "tests.benchmarks.speed.openclip"


def save_random(folder: Path) -> str:
    """A folder with ViT-B-32's config and random weights; its encoder id."""
    import logging

    import open_clip
    import torch
    from safetensors.torch import save_file

    logging.disable(logging.WARNING)
    torch.manual_seed(0)
    folder.mkdir(parents=True)
    config = {"model_cfg": open_clip.get_model_config(MODEL), "preprocess_cfg": _preprocessing()}
    (folder / "open_clip_config.json").write_text(json.dumps(config), encoding="utf-8")
    made = open_clip.create_model(MODEL)
    weights = {name: value.contiguous() for name, value in made.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    return f"local-dir:{folder}"


def _preprocessing() -> dict[str, Any]:
    from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD

    return {"mean": OPENAI_DATASET_MEAN, "std": OPENAI_DATASET_STD, "interpolation": "bicubic"}


def patch() -> Image:
    """A patch as it is cut from a photo."""
    import numpy as np
    from PIL import Image

    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (420, 400, 3), np.uint8))


def plain_way(encoder_id: str, threads: int) -> Callable[[], Any]:
    """open_clip by torch, as its documentation has it."""
    import open_clip
    import torch

    torch.set_num_threads(threads)
    model, preprocess = open_clip.create_model_from_pretrained(encoder_id)
    model.eval()
    picture = patch()

    def encode() -> Any:
        with torch.inference_mode():
            return model.encode_image(preprocess(picture).unsqueeze(0), normalize=True).numpy()

    return encode


def our_way(encoder_id: str, threads: int) -> Callable[[], Any]:
    """The program's encoder on its graph. RuntimeError where torch runs it."""
    from fabric_desktop.encoders.registry import load_encoder

    encoder = load_encoder(encoder_id, threads=threads)
    if getattr(encoder, "runner", "") != "onnxruntime":
        raise RuntimeError(f"no graph: {getattr(encoder, 'graph', None)}")
    picture = patch()
    return lambda: encoder.encode([picture])


WAYS = {"ours": our_way, "plain": plain_way}


def times_alone(way: str, encoder_id: str, threads: int, runs: int) -> list[float]:
    """Seconds of warm calls; for a Python of its own, where no other library's threads wait for work."""
    return repeated(WAYS[way](encoder_id, threads), runs=runs, warm=3)


def first_alone(way: str, encoder_id: str) -> int:
    """Load and encode one patch: what a cold start costs. Returns the embedding's length."""
    return int(WAYS[way](encoder_id, max(1, cores() - 1))().shape[1])


def openclip(options: Options) -> Iterator[Row]:
    """Warm on one thread and on all cores, cold, and how long making the graph takes."""
    import time

    import numpy as np

    from fabric_desktop.encoders.clip_graph import AGREEMENT
    from fabric_desktop.encoders.registry import prepare_encoder
    from fabric_desktop.jobs import JobContext

    encoder_id = save_random(options.folder / "random weights")
    started = time.perf_counter()
    state = prepare_encoder(encoder_id, JobContext())
    making = time.perf_counter() - started
    if state is None or state.word != "ready":
        raise RuntimeError(f"no graph was made: {state}")
    ours, plain = our_way(encoder_id, 1), plain_way(encoder_id, 1)
    difference = float(np.abs(ours() - plain()).max())
    if not difference <= AGREEMENT:
        raise RuntimeError(f"graph and torch differ by {difference:.2g}")
    agree = f"largest difference of the two embeddings {difference:.1g} (at most {AGREEMENT:.0e})"
    turns = interleaved(ours, plain, runs=RUNS, warm=3)
    yield against_plain(
        f"OpenCLIP {MODEL}, a warm patch", f"p50 <= {GOAL} x torch", turns, at_most=GOAL, threads="1", note=agree
    )
    if cores() > 1:
        # In turns of a process each: the threads of one library wait for work while the other's are timed.
        blocks = {way: [] for way in WAYS}  # type: dict[str, list[list[float]]]
        for _ in range(TURNS):
            for way in WAYS:
                blocks[way].append(alone(f"{_HERE}:times_alone", way, encoder_id, cores(), RUNS).result)
        medians = {way: tuple(float(np.median(block)) for block in blocks[way]) for way in WAYS}
        yield against_plain(
            f"OpenCLIP {MODEL}, a warm patch, all cores",
            f"p50 <= {GOAL} x torch",
            Turns(medians["ours"], medians["plain"]),
            at_most=GOAL,
            threads=str(cores()),
            note=f"medians of {TURNS} processes each, {RUNS} patches a process",
        )
    cold = {way: alone(f"{_HERE}:first_alone", way, encoder_id) for way in WAYS}
    yield Row(
        what=f"OpenCLIP {MODEL}, load and first patch",
        goal="",
        unit="s",
        ours=Figure.of([cold["ours"].wall]),
        plain=Figure.of([cold["plain"].wall]),
        ratio=Figure.of([cold["ours"].wall / cold["plain"].wall]),
        peak_mb=cold["ours"].peak_mb,
        threads=str(max(1, cores() - 1)),
        note=f"peak memory of the plain way {cold['plain'].peak_mb:.0f} MB",
    )
    yield Row(
        what=f"OpenCLIP {MODEL}, making the graph",
        goal="",
        unit="s",
        ours=Figure.of([making]),
        note="once after the weights arrive, in a process of its own",
    )


MEASURES: dict[str, Callable[[Options], Iterator[Row]]] = {"openclip": openclip}
