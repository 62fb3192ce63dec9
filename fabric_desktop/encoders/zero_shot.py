"""Fabrics from their English names alone, by CLIP's text side: a level of evidence that needs no photo.

Gives the texts' embeddings and a patch's probabilities over them. Weighing them against other evidence is not here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from fabric_desktop import paths
from fabric_desktop.encoders.base import Float32Array, fingerprint, unit_rows
from fabric_desktop.errors import SaveFailed
from fabric_desktop.jobs import JobContext
from fabric_desktop.parsing import read_toml
from fabric_desktop.studio.files import read_npz, write_npz

logger = logging.getLogger(__name__)

PROMPTS_FILE = "prompts.toml"
_FABRIC, _NAME = "{fabric}", "{name}"
_LATIN = re.compile(r"[A-Za-z]{2}")


@runtime_checkable
class TextTower(Protocol):
    """The loaded text side of a model. `logit_scale`: what the model multiplies cosines with before a softmax."""

    @property
    def logit_scale(self) -> float: ...

    def encode(self, sentences: Sequence[str]) -> Float32Array:
        """Embeddings (n, dim) in the space of the pictures' embeddings; rows have Euclidean length 1."""


@runtime_checkable
class TextEncoder(Protocol):
    """An encoder whose pictures share a space with sentences. `text_fingerprint`: of everything texts depend on."""

    @property
    def id(self) -> str: ...

    @property
    def text_fingerprint(self) -> str: ...

    def text_tower(self) -> TextTower:
        """Loads the text side, which takes seconds and the engine. Raises EncoderUnavailable."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """What is said of a fabric: sentences with `{fabric}`, and the words that stand there for a name."""

    templates: tuple[str, ...]
    phrase: str
    phrases: Mapping[str, str]

    def sentences(self, name: str) -> list[str]:
        """The sentences about a fabric of this English name."""
        small = " ".join(name.casefold().split())
        # Not str.format: a person's own name may hold braces.
        words = self.phrases.get(small, self.phrase.replace(_NAME, small))
        return [template.replace(_FABRIC, words) for template in self.templates]


@dataclass(frozen=True, slots=True)
class TextEmbeddings:
    """What zero-shot compares patches with: `embeddings` (n, dim), rows of length 1, of `fabrics` (n ids, in order);
    `logit_scale` of the model."""

    fabrics: tuple[str, ...]
    embeddings: Float32Array
    logit_scale: float


def load_prompts(path: Path | None = None) -> Prompts:
    """The shipped prompts, or those of a file of the same form. ValueError says what is wrong with it; OSError."""
    path = path or paths.resource("encoders", PROMPTS_FILE)
    found = read_toml(path)
    templates, phrase, phrases = found.get("templates"), found.get("phrase"), found.get("phrases", {})
    if not isinstance(templates, list) or not templates:
        raise ValueError(f"{path.name}: templates must be a list of sentences")
    if not all(isinstance(template, str) and _FABRIC in template for template in templates):
        raise ValueError(f"{path.name}: every template must hold {_FABRIC}")
    if not isinstance(phrase, str) or _NAME not in phrase:
        raise ValueError(f"{path.name}: phrase must hold {_NAME}")
    if not isinstance(phrases, dict) or not all(isinstance(words, str) and words for words in phrases.values()):
        raise ValueError(f"{path.name}: [phrases] must give words for names")
    return Prompts(tuple(templates), phrase, {key.casefold(): words for key, words in phrases.items()})


def speaks(encoder: object) -> bool:
    """Whether the encoder has a text side, so that `text_embeddings` can be asked of it. Loads nothing."""
    return isinstance(encoder, TextEncoder)


def says_something(name: str) -> bool:
    """Whether a name is one that CLIP's English captions can know: Latin words, no number or id without any, no other
    script beside them."""
    return bool(_LATIN.search(name)) and not any(ord(letter) > 0x24F and letter.isalpha() for letter in name)


def text_embeddings(
    encoder: TextEncoder,
    fabrics: Mapping[str, str],
    context: JobContext | None = None,
    *,
    prompts: Prompts | None = None,
) -> TextEmbeddings:
    """Embeddings of fabrics by their English names: `fabrics` is fabric id -> English name.

    A fabric's row is the mean over the templates of its sentences' embeddings, scaled to length 1 (Radford et al. 2021,
    section 3.1.4). Leave out fabrics without an English name (`says_something`): CLIP cannot tell what they are.

    The engine is needed once a name: what it gave is kept in the person's folder by the text side's fingerprint, the
    prompts and the name. Progress is `job.zero_shot`, a fabric a step. Raises EncoderUnavailable, Cancelled.
    """
    prompts = prompts or load_prompts()
    context = context or JobContext()
    sentences = {name: prompts.sentences(name) for name in dict.fromkeys(fabrics.values())}
    store = _Store(_store_path(encoder.text_fingerprint))
    keys = {name: fingerprint(sentences=spoken) for name, spoken in sentences.items()}
    lacking = [name for name in sentences if keys[name] not in store.rows]
    if lacking:
        context.progress(0, len(lacking), "job.zero_shot", encoder=encoder.id)
        tower = encoder.text_tower()
        for number, name in enumerate(lacking):
            context.progress(number, len(lacking), "job.zero_shot", encoder=encoder.id)
            store.rows[keys[name]] = unit_rows(tower.encode(sentences[name]).mean(axis=0, keepdims=True))[0]
        store.logit_scale = float(tower.logit_scale)
        store.keep()
        context.progress(len(lacking), len(lacking), "job.zero_shot", encoder=encoder.id)
    rows = [store.rows[keys[name]] for name in fabrics.values()]
    return TextEmbeddings(
        tuple(fabrics), np.stack(rows) if rows else np.empty((0, 0), np.float32), store.logit_scale if rows else 1.0
    )


def zero_shot_scores(
    patch_embedding: npt.NDArray[np.floating[Any]], text_embeddings: Float32Array, logit_scale: float
) -> npt.NDArray[np.float64]:
    """Probabilities (n,) over texts (n, dim) for a patch (dim,), or (m, n) for patches (m, dim): CLIP's own softmax of
    scaled cosines. Rows are expected at length 1, as encoders give them.

    They say which of these texts fits best, not whether any does, and CLIP is known to be too sure: calibrate before
    showing them to a person.
    """
    logits = logit_scale * (np.asarray(patch_embedding, np.float64) @ text_embeddings.T.astype(np.float64))
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def _store_path(text_fingerprint: str) -> Path:
    return paths.home() / "texts" / f"{text_fingerprint}.npz"


class _Store:
    """Texts' embeddings on the disk: key -> row (dim,), and the model's logit scale. A damaged file counts as none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, Float32Array] = {}
        self.logit_scale = 1.0
        if not path.is_file():
            return
        try:
            found = read_npz(path)
            keys, rows, scale = found["keys"], found["rows"], found["logit_scale"]
            whole = (
                rows.ndim == 2 and rows.dtype == np.float32 and keys.shape == rows.shape[:1] and keys.dtype.kind == "U"
            )
            if not whole or scale.shape != () or not np.isfinite(scale) or not np.isfinite(rows).all():
                raise ValueError("not what was written")
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.warning("texts are encoded again: %s cannot be used: %s", path, error)
            return
        self.rows = dict(zip(keys.tolist(), rows, strict=True))
        self.logit_scale = float(scale)

    def keep(self) -> None:
        arrays = {
            "keys": np.array(list(self.rows)),
            "rows": np.stack(list(self.rows.values())).astype(np.float32),
            "logit_scale": np.array(self.logit_scale, np.float64),
        }
        try:
            write_npz(self.path, arrays)
        except SaveFailed as error:
            # Costs seconds at the next start, not correctness.
            logger.warning("texts are not kept: %s", error)
