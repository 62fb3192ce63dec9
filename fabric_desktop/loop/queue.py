"""A studio's review queue in the order of usefulness, and its labels that deserve a second look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabric_desktop.bank import reference_record
from fabric_desktop.embeddings import embed_cached
from fabric_desktop.errors import NoLabels
from fabric_desktop.head import MIN_SAMPLES, cross_validate
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import list_labeled, list_unlabeled
from fabric_desktop.loop.ordering import label_suspects, order_queue
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio

if TYPE_CHECKING:
    import numpy as np

    from fabric_desktop.encoders.base import Encoder

# Too few to learn from what the others are called.
FEWEST_LABELS = MIN_SAMPLES


@dataclass(frozen=True, slots=True)
class Queued:
    """A patch kept for review: the picture, its record, and what the model in use takes it for now (empty where no
    model is in use)."""

    path: Path
    record: dict[str, Any]
    first: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label that deserves a second look: the patch, its label, the fabric that the other labels make likelier, and
    how likely (0..1) they make the label and that other one."""

    path: Path
    label: str
    other: str
    label_confidence: float
    other_confidence: float


def review_queue(studio: Studio, recognizer: Recognizer, context: JobContext) -> tuple[Queued, ...]:
    """The patches kept for review, the most useful one to label first; unreadable ones come last.

    Embeddings are kept in the studio's cache. Raises EncoderUnavailable, Cancelled.
    """
    import numpy as np

    paths = list_unlabeled(studio)
    embedded, skipped = embed_cached(studio, "queue", paths, recognizer.encoder, context, "job.read_queue")
    if not embedded:
        return tuple(Queued(path, reference_record(path), "") for path in paths)
    labelled, _ = embed_cached(
        studio,
        "patches",
        [patch.path for patch in list_labeled(studio)],
        recognizer.encoder,
        context,
        "job.look_at_patches",
    )
    rows = np.stack([item.embedding for item in embedded])
    fabrics, probabilities = _probabilities(recognizer, rows)
    known = np.stack([item.embedding for item in labelled]) if labelled else None
    order = order_queue(rows, probabilities, known)
    firsts = [""] * len(embedded) if probabilities is None else [fabrics[i] for i in probabilities.argmax(axis=1)]
    found = [Queued(embedded[i].path, reference_record(embedded[i].path), firsts[i]) for i in order]
    return (*found, *(Queued(item.path, reference_record(item.path), "") for item in skipped))


def _probabilities(recognizer: Recognizer, rows: np.ndarray) -> tuple[tuple[str, ...], np.ndarray | None]:
    """(n, fabrics) what the head in use says, or without one the references; None where there is neither."""
    model = recognizer.model
    if model.head is not None:
        return model.head.fabric_ids, model.head.predict_proba(rows)
    if model.bank is None or len(model.bank.fabric_ids) < 2:
        return (), None
    found = recognizer.bank_probabilities(rows)
    return ((), None) if found is None else found


def find_suspects(studio: Studio, encoder: Encoder, context: JobContext) -> tuple[Suspect, ...]:
    """Labels that the others contradict, the most doubtful first, at most 5 % of all; none under 20 labels.

    Each patch is judged by a head trained on other patches, of its own swatch too: patches of one piece of cloth under
    two names are the best sign of a slip. (Judged without its swatch, 42 to 49 % of those listed were wrong on
    photographs, with it 79 to 93 %.) Raises NoLabels, Cancelled.
    """
    import numpy as np

    patches = list_labeled(studio)
    if not patches:
        raise NoLabels(path=str(studio.labeled_dir))
    paths = [patch.path for patch in patches]
    embedded, _ = embed_cached(studio, "patches", paths, encoder, context, "job.look_at_patches")
    label_of = {patch.path: patch.fabric_id for patch in patches}
    labels = [label_of[item.path] for item in embedded]
    fabric_ids = sorted(set(labels))
    if len(labels) < FEWEST_LABELS or len(fabric_ids) < 2:
        return ()
    each = [str(number) for number in range(len(labels))]
    rows = np.stack([item.embedding for item in embedded])
    probabilities = cross_validate(rows, labels, each, fabric_ids, context)
    found = []
    for row in label_suspects(probabilities, labels, fabric_ids):
        other = int(probabilities[row].argmax())
        found.append(
            Suspect(
                path=embedded[row].path,
                label=labels[row],
                other=fabric_ids[other],
                label_confidence=float(probabilities[row, fabric_ids.index(labels[row])]),
                other_confidence=float(probabilities[row, other]),
            )
        )
    return tuple(found)
