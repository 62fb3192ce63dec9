"""OpenCLIP models as encoders: weights already on this machine, or a model folder a person points at.

Run by ONNX Runtime from a graph that was made of them once, by torch while there is none. Downloads nothing, and never
runs a model whose weights did not load. What is said to the text side is in `zero_shot`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from fabric_desktop.encoders.base import Float32Array, unit_rows
from fabric_desktop.encoders.clip_graph import GraphState, GraphTower, GraphUnusable, forget_refusal, make_graph
from fabric_desktop.encoders.clip_int8 import SUFFIX as INT8
from fabric_desktop.encoders.clip_int8 import Int8Tower, base_id, int8_fingerprint, is_int8
from fabric_desktop.encoders.clip_source import LOCAL_PREFIX as LOCAL_PREFIX
from fabric_desktop.encoders.clip_source import PREFIX as PREFIX
from fabric_desktop.encoders.clip_source import canonical_id as canonical_id
from fabric_desktop.encoders.clip_source import engine_installed as engine_installed
from fabric_desktop.encoders.clip_source import fingerprint_of_source, source_of
from fabric_desktop.encoders.clip_source import published_repository as published_repository
from fabric_desktop.encoders.clip_torch import TextTower, TorchTower
from fabric_desktop.encoders.clip_torch import choose_device as choose_device
from fabric_desktop.jobs import JobContext

_Tower = GraphTower | TorchTower | Int8Tower

logger = logging.getLogger(__name__)


def openclip_fingerprint(encoder_id: str, *, weights: Path | None = None) -> str:
    """Fingerprint of an OpenCLIP encoder, without loading its weights. Raises EncoderUnavailable."""
    base = fingerprint_of_source(source_of(base_id(encoder_id), weights))
    return int8_fingerprint(encoder_id, base) if is_int8(encoder_id) else base


class OpenClipEncoder:
    """The picture side of an OpenCLIP model: its own preprocessing, one view, float32.

    The embedding is open_clip's `encode_image`, normalised, in the space it shares with texts. Photos are run one at a
    time: matrix products of another batch size round otherwise, and the same photo must give the same numbers alone and
    in a batch. The fingerprint is the same on either runner, whose numbers differ by less than `clip_graph.AGREEMENT`.
    """

    def __init__(
        self,
        encoder_id: str,
        *,
        threads: int | None = None,
        weights: Path | None = None,
        context: JobContext | None = None,
        locked: bool = True,
    ) -> None:
        """Loads the model; `weights` is a safetensors file to use in place of the cached one.

        Where there is no graph, one is made first if a `context` is given to tell of it and stop it (as
        `use_graph` does); without one torch runs the model. An id ending in `#int8` is run in int8, if that was
        unlocked; `locked` False is for measuring it.

        Raises EncoderUnavailable(reason: engine_missing, failed, unknown_id, weights_missing, weights_damaged,
        not_safetensors, config_missing, config_damaged, no_way_of_preprocessing, wrong_activation, int8_locked,
        int8_missing), Cancelled.
        """
        self._source = source_of(base_id(encoder_id), weights)
        self._base = self.fingerprint = fingerprint_of_source(self._source)
        self._threads = threads or max(1, (os.cpu_count() or 2) - 1)
        self.id = self._source.id
        self._tower: _Tower | None
        if is_int8(encoder_id):
            self.id += INT8
            self.fingerprint = int8_fingerprint(self.id, self._base, locked=locked)
            self._tower, self.graph = Int8Tower(self.id, self._base, self._threads), GraphState("ready")
            return
        self._tower, self.graph = self._opened()
        if self._tower is None and context is not None:
            self.use_graph(context)
        if self._tower is None:
            self._tower = TorchTower(self._source, self._threads)
            if self.graph.reason == "gpu" and self._tower.device == "cpu":
                # The card has gone, and with it the reason to run without a graph.
                forget_refusal(self.fingerprint)
                self.graph = GraphState("missing")

    def _opened(self) -> tuple[_Tower | None, GraphState]:
        try:
            tower = GraphTower(self.fingerprint, self._threads)
        except GraphUnusable as unusable:
            if unusable.state.word == "refused":
                logger.warning("no graph of %s: %s", self.id, unusable)
            return None, unusable.state
        return tower, GraphState("ready", difference=tower.difference)

    def use_graph(self, context: JobContext, *, again: bool = False) -> GraphState:
        """Run on the graph from now on; made first where there is none and it was not refused for good, or `again` in
        any case. Says how that went; torch goes on where it failed. Raises Cancelled."""
        if self.runner == "onnxruntime" and not again:
            return self.graph
        if again or self.graph.may_be_made:
            self.graph = make_graph(self.id, self.fingerprint, self._source.weights, context, self._threads)
            if self.graph.word == "ready":
                tower, self.graph = self._opened()
                self._tower = tower or self._tower
        return self.graph

    @property
    def waits_for_graph(self) -> bool:
        """Whether torch runs it for want of a graph that could be made."""
        return self.runner == "torch" and self.graph.may_be_made

    @property
    def runner(self) -> str:
        """What runs it: onnxruntime or torch; `graph` says why it is not the first."""
        return "" if self._tower is None else self._tower.name

    @property
    def _running(self) -> _Tower:
        assert self._tower is not None
        return self._tower

    @property
    def dim(self) -> int:
        return self._running.dim

    @property
    def device(self) -> str:
        return self._running.device

    @property
    def device_reason(self) -> str:
        return self._running.device_reason

    def encode(self, images: Sequence[Image.Image]) -> Float32Array:
        """Embeddings (n, dim), rows of length 1, of RGB pictures of any size."""
        rows = [self._running.run(image.convert("RGB")) for image in images]
        return unit_rows(np.stack(rows)) if rows else np.empty((0, self.dim), np.float32)

    def encode_textbook(self, images: Sequence[Image.Image]) -> Float32Array:
        """The same: CLIP is run as published, one view and its last layer."""
        return self.encode(images)

    @property
    def text_fingerprint(self) -> str:
        """Of everything that sentences' embeddings depend on: the same as the pictures' in float32."""
        return self._base

    def text_tower(self) -> TextTower:
        """Loads the model's text side. Raises EncoderUnavailable."""
        return TextTower(self._source)
