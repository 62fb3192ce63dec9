"""Recognises a whole folder as one job: progress with time left, cancel, resume. One photo, one answer, wherever it
is asked: each photo is recognised whole, by the same recognizer as everywhere."""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fabric_desktop import __version__
from fabric_desktop.batch.journal import Journal
from fabric_desktop.batch.results import BatchReport, PhotoResult, kept
from fabric_desktop.embeddings import decode_ahead
from fabric_desktop.errors import EncoderUnavailable, NoPhotos, UnreadableImage
from fabric_desktop.folders import walk_photos
from fabric_desktop.jobs import JobContext, clock
from fabric_desktop.notices import Notice
from fabric_desktop.paths import resource
from fabric_desktop.recognition import Method, Recognition
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import RulesSource, load_settings
from fabric_desktop.studio.versions import TUNING

if TYPE_CHECKING:
    from PIL.Image import Image

logger = logging.getLogger(__name__)

# Photos whose pace says how long the rest will take: enough to be steady, few enough to follow a change.
_PACE = 20


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How to recognise: as `Recognizer.recognize`. None takes the studio's setting."""

    method: Method = "fused"
    alpha: float | Literal["auto"] | None = None
    top_k: int | None = None
    rules_source: RulesSource | None = None


def photos_of(folder: Path) -> list[Path]:
    """The pictures of a folder and the folders below it, in natural order. Raises NoPhotos."""
    photos = list(walk_photos(folder))
    if not photos:
        raise NoPhotos(path=str(folder), reason="empty")
    return photos


def recognise_folder(
    recognizer: Recognizer,
    folder: Path,
    context: JobContext,
    options: BatchOptions | None = None,
    *,
    resume: bool = True,
    on_result: Callable[[PhotoResult], None] | None = None,
) -> BatchReport:
    """`recognise_photos` for all pictures of a folder and the folders below it. Raises NoPhotos too."""
    photos = photos_of(folder)
    return recognise_photos(recognizer, photos, context, options, folder=folder, resume=resume, on_result=on_result)


def recognise_photos(
    recognizer: Recognizer,
    photos: Sequence[Path],
    context: JobContext,
    options: BatchOptions | None = None,
    *,
    folder: Path | None = None,
    resume: bool = True,
    on_result: Callable[[PhotoResult], None] | None = None,
) -> BatchReport:
    """Recognise photos, in the order given; one that cannot be read has an `error` and stops nothing.

    What was found is kept as it comes, so that after a cancel or a kill the same call goes on; a photo counts as done
    for the same content, model and options. `resume` False begins anew. `on_result` is called with each result on the
    job's own thread. Progress is `job.batch` with the photo's name and, once the pace is known, `left` (as `2:05`) and
    `seconds_left`. Raises Cancelled; ValueError for options out of range; the error of a level asked for alone.
    """
    options = options or BatchOptions()
    began = time.monotonic()
    with Journal(recognizer.studio, model_key(recognizer, options)) as journal:
        if not resume:
            journal.clear()
        work = _Work(recognizer, options, journal, context, len(photos), on_result)
        known = [journal.find(photo) for photo in photos]
        results: dict[int, PhotoResult] = {}
        for place, result in enumerate(known):
            if result is not None:
                results[place] = work.done(result)
        todo = [(place, photo) for place, photo in enumerate(photos) if known[place] is None]
        for (place, photo), loaded in zip(todo, _loaded([p for _, p in todo], journal, context), strict=True):
            results[place] = work.done(work.recognise(photo, loaded))
    return _report(
        recognizer,
        folder or (photos[0].parent if photos else Path()),
        tuple(results[place] for place in range(len(photos))),
        options,
        seconds=time.monotonic() - began,
        notices=tuple(work.notices.values()),
    )


def unfinished_report(
    recognizer: Recognizer,
    folder: Path,
    results: Sequence[PhotoResult],
    total: int,
    options: BatchOptions | None = None,
) -> BatchReport:
    """What a run has found so far as a report, which says how many of `total` photos it holds."""
    return _report(recognizer, folder, tuple(results), options or BatchOptions(), seconds=0.0, total=total)


def _report(
    recognizer: Recognizer,
    folder: Path,
    results: tuple[PhotoResult, ...],
    options: BatchOptions,
    *,
    seconds: float,
    notices: tuple[Notice, ...] = (),
    total: int = 0,
) -> BatchReport:
    answered = next((result for result in results if not result.error), None)
    return BatchReport(
        folder=folder,
        results=results,
        method=options.method,
        alpha=answered.alpha if answered is not None else 0.0,
        encoder=recognizer.encoder_id,
        version=_version_name(recognizer),
        calibrated=answered is not None and answered.calibrated,
        seconds=seconds,
        notices=notices,
        total=total,
    )


_Loaded = tuple[str, "Image | None"] | UnreadableImage


def _loaded(photos: Sequence[Path], journal: Journal, context: JobContext) -> Iterator[_Loaded]:
    """Each photo's content hash and picture; no picture where the journal knows the content under another name."""
    for _, loaded in decode_ahead(photos, journal, context):
        yield loaded


class _Work:
    """One run: recognises, keeps, tells."""

    def __init__(
        self,
        recognizer: Recognizer,
        options: BatchOptions,
        journal: Journal,
        context: JobContext,
        total: int,
        on_result: Callable[[PhotoResult], None] | None,
    ) -> None:
        self._recognizer, self._options, self._journal, self._context = recognizer, options, journal, context
        self._total, self._on_result = total, on_result
        self._count = 0
        self._marks: deque[tuple[float, int]] = deque(maxlen=_PACE + 1)
        self.notices: dict[str, Notice] = {}

    def recognise(self, photo: Path, loaded: _Loaded) -> PhotoResult:
        if isinstance(loaded, UnreadableImage):
            return PhotoResult(photo, error=str(loaded.params["reason"]))
        digest, image = loaded
        if image is None:
            known = self._journal.find_content(photo, digest)
            assert known is not None, "the journal said that it knows this content"
            self._journal.add(known)
            return known
        options = self._options
        recognition = self._recognizer.recognize(
            image,
            method=options.method,
            alpha=options.alpha,
            top_k=options.top_k,
            rules_source=options.rules_source,
        )
        self._note(recognition)
        result = kept(photo, digest, image.size, recognition)
        self._journal.add(result)
        return result

    def _note(self, recognition: Recognition) -> None:
        for notice in recognition.notices:
            self.notices.setdefault(notice.code, notice)

    def done(self, result: PhotoResult) -> PhotoResult:
        self._count += 1
        if self._on_result is not None:
            self._on_result(result)
        params: dict[str, Any] = {"photo": result.photo.name}
        if not result.resumed:
            self._marks.append((time.monotonic(), self._count))
        seconds = self._seconds_left()
        if seconds is None:
            self._context.progress(self._count, self._total, "job.batch", **params)
        else:
            params |= {"left": clock(seconds), "seconds_left": seconds}
            self._context.progress(self._count, self._total, "job.batch_left", **params)
        return result

    def _seconds_left(self) -> int | None:
        if len(self._marks) < 3:
            return None
        (first, before), (last, now) = self._marks[0], self._marks[-1]
        return round((last - first) / (now - before) * (self._total - self._count))


def model_key(recognizer: Recognizer, options: BatchOptions) -> str:
    """A name for all that an answer depends on beside the photo: model, encoder, rules, the fabrics and what they are
    to the rules, method, alpha, top-k, and the program's version."""
    studio, settings = recognizer.studio, load_settings(recognizer.studio)
    try:
        model = recognizer.model
        manifest = model.version.manifest if model.version is not None else {}
        version, tuning = manifest.get("files"), {key: manifest.get(key) for key in TUNING}
        bank = None if model.bank is None or version is not None else [row.content_hash for row in model.bank.rows]
        encoder = recognizer.encoder.fingerprint
    except EncoderUnavailable:
        version, bank, encoder, tuning = None, None, "", {}
    rules = [sha256(path.read_bytes()).hexdigest() for path in sorted(resource("rules").glob("*.toml"))]
    known = recognizer.names
    names = {
        fabric: [ask(fabric) for ask in (known.rule_for, known.english, known.declared_type, known.declared_structure)]
        for fabric in known.studio_ids
    }
    parts = {
        "program": __version__,
        "encoder": encoder,
        "version": version,
        "tuning": tuning,
        "bank": bank,
        "rules": rules,
        "fabrics": names,
        "method": options.method,
        "alpha": settings.alpha if options.alpha is None else options.alpha,
        "top_k": settings.top_k if options.top_k is None else options.top_k,
        "rules_source": options.rules_source or settings.rules_source,
        "studio": str(studio.root),
    }
    return sha256(json.dumps(parts, sort_keys=True).encode("utf-8")).hexdigest()[:24]


def _version_name(recognizer: Recognizer) -> str:
    try:
        version = recognizer.model.version
    except EncoderUnavailable:
        return ""
    return version.name if version is not None else ""
