"""Unlocks the int8 form of a CLIP encoder for a studio, where it gives the same first answers on the studio's photos.

Changes neither bank nor settings: moving the studio to it is `encoder_switch`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fabric_desktop.bank import embed_library
from fabric_desktop.encoders import clip_int8
from fabric_desktop.encoders.clip_graph import graph_folder
from fabric_desktop.encoders.clip_int8 import Measured
from fabric_desktop.encoders.registry import fingerprint_of, load_encoder, load_int8, prepare_encoder
from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio

if TYPE_CHECKING:
    import numpy.typing as npt

    from fabric_desktop.encoders.base import Float32Array


def measure_int8(studio: Studio, encoder_id: str, context: JobContext) -> Measured:
    """Make an encoder's int8 form and measure it on the studio's reference photos: `agreement` of the first answers.

    It is unlocked for this studio when `Measured.good`; otherwise its graph is thrown away, unless another studio uses
    it. Raises EncoderUnavailable (no_int8 for one that is no CLIP encoder, int8_failed where there is no float32 graph
    to make it of), NoEmbeddingsCollected, SaveFailed, Cancelled.
    """
    encoder_id = clip_int8.base_id(encoder_id)
    state = prepare_encoder(encoder_id, context)
    if state is None:
        raise EncoderUnavailable(encoder=encoder_id, reason="no_int8")
    if state.word != "ready":
        raise EncoderUnavailable(encoder=encoder_id, reason="int8_failed", detail=state.reason)
    base = fingerprint_of(encoder_id)
    record = clip_int8.read_record(base)
    if record is None or not (graph_folder(base) / clip_int8.GRAPH_NAME).is_file():
        record = clip_int8.make_int8(encoder_id, base, context)
    full = embed_library(studio, load_encoder(encoder_id), context).bank
    small = embed_library(studio, load_int8(encoder_id), context).bank
    if [row.content_hash for row in full.rows] != [row.content_hash for row in small.rows]:
        raise EncoderUnavailable(encoder=encoder_id, reason="int8_failed", detail="the library changed meanwhile")
    share = agreement(
        full.embeddings,
        small.embeddings,
        np.array([row.fabric_id for row in full.rows]),
        np.array([row.swatch_id for row in full.rows]),
    )
    measured = Measured(clip_int8.name_of(studio), share, len(full.rows))
    others = tuple(entry for entry in record.measured if entry.studio != measured.studio)
    clip_int8.keep_record(base, replace(record, measured=(*others, measured)))
    if not clip_int8.unlocked(base):
        clip_int8.forget_int8(base)
    return measured


def agreement(
    full: Float32Array, small: Float32Array, fabrics: npt.NDArray[np.str_], swatches: npt.NDArray[np.str_]
) -> float:
    """The share of references (n, dim) whose nearest reference of another swatch is of the same fabric by both sets of
    embeddings; 0 where there is none to compare with, and with a single fabric, which any numbers agree on."""
    same_swatch = swatches[:, None] == swatches[None, :]
    if same_swatch.all(axis=1).any() or len(np.unique(fabrics)) < 2:
        return 0.0
    answers = []
    for rows in (full, small):
        near = rows @ rows.T
        near[same_swatch] = -np.inf
        answers.append(fabrics[near.argmax(axis=1)])
    return float((answers[0] == answers[1]).mean())
