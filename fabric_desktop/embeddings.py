"""Pictures -> embeddings in batches, decoding ahead of the model, with what is already known reused.

Shared by the bank and the labelled patches. Knows nothing of fabrics.
"""

from __future__ import annotations

import logging
import zipfile
from collections import deque
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fabric_desktop.errors import SaveFailed, UnreadableImage
from fabric_desktop.imaging import open_unknown
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import read_npz, write_npz
from fabric_desktop.touched import Untouched, stamp_of

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from fabric_desktop.encoders.base import Float32Array

logger = logging.getLogger(__name__)

# What can be computed again, in the studio; deleting it costs time only.
CACHE_DIR = ".cache"
BATCH = 8
# Pictures decoded ahead of the model: enough to keep it fed.
AHEAD = 8
# Pixels held decoded, in the batch and again ahead of it: 3 bytes each, so that a library of large scans stays under
# a gigabyte. One picture is always let through.
PIXEL_BUDGET = 100_000_000


class BatchEncoder(Protocol):
    """What embedding files needs of an encoder."""

    @property
    def fingerprint(self) -> str: ...

    def encode(self, images: Sequence[Image]) -> Float32Array: ...


@dataclass(frozen=True, slots=True)
class Embedded:
    """One picture's embedding (dim,), its content hash and its size in pixels (0, 0 when it was reused unopened)."""

    path: Path
    content_hash: str
    embedding: np.ndarray
    size: tuple[int, int]
    reused: bool


@dataclass(frozen=True, slots=True)
class Skipped:
    """A picture that could not be used, and why (a reason code of UnreadableImage)."""

    path: Path
    reason: str


def embed_files(
    paths: Sequence[Path],
    encoder: BatchEncoder,
    context: JobContext,
    *,
    known: Mapping[str, np.ndarray],
    report: Callable[[int, Path], None],
    opened: Callable[[str, Image], None] | None = None,
    untouched: Untouched | None = None,
) -> tuple[list[Embedded], list[Skipped]]:
    """Embed picture files, in the order given.

    `known` maps content hashes to embeddings of the same encoder; those pictures are not opened again, and those that
    `untouched` knows by their stamp are not even read. `report` is called with the count done and the picture just
    done; `opened`, in the thread that decodes, with the content hash and the pixels of each that was opened. Raises
    Cancelled between batches.
    """
    embedded: dict[Path, Embedded] = {}
    skipped: list[Skipped] = []
    done = 0
    batch: list[tuple[Path, Decoded, Image]] = []

    def flush() -> None:
        nonlocal done
        context.check_cancelled()
        if not batch:
            return
        rows = encoder.encode([image for _, _, image in batch])
        for (path, decoded, _), row in zip(batch, rows, strict=True):
            embedded[path] = Embedded(path, decoded.digest, row, decoded.size, reused=False)
            done += 1
            report(done, path)
        batch.clear()

    def load(path: Path) -> Decoded:
        return decoded_for(encoder, path, known, opened, untouched)

    for path, loaded in _ahead(paths, load, context):
        if isinstance(loaded, UnreadableImage):
            skipped.append(Skipped(path, str(loaded.params["reason"])))
            done += 1
            report(done, path)
            continue
        if loaded.image is None:
            embedded[path] = Embedded(path, loaded.digest, known[loaded.digest], (0, 0), reused=True)
            done += 1
            report(done, path)
            continue
        batch.append((path, loaded, loaded.image))
        if len(batch) == BATCH or sum(each.width * each.height for _, _, each in batch) >= PIXEL_BUDGET:
            flush()
    flush()
    return [embedded[path] for path in paths if path in embedded], skipped


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's content hash, its picture (None where the hash was known) and the size of the upright photo."""

    digest: str
    image: Image | None
    size: tuple[int, int] = (0, 0)


def decoded_for(
    encoder: BatchEncoder,
    path: Path,
    known: Container[str],
    opened: Callable[[str, Image], None] | None = None,
    untouched: Untouched | None = None,
) -> Decoded:
    """A file as an encoder needs it. Raises UnreadableImage.

    An encoder that shrinks a larger picture before it looks at it (`seen_side`, `reduced`) gets it shrunk. A JPEG is
    decoded at 1/2, 1/4 or 1/8 where it is shrunk at least as much afterwards: two thirds less work, and the embedding
    stays the same to a cosine of 0.9999.
    """
    digest = untouched.digest(path) if untouched is not None else None
    if digest is not None and digest in known:
        return Decoded(digest, None)
    side: int | None = getattr(encoder, "seen_side", None)
    whole = (0, 0)

    def ask_for_less(image: Image) -> None:
        nonlocal whole
        whole = image.size
        shorter = min(image.size)
        if side is not None and shorter > side:
            image.draft(None, (image.width * side // shorter, image.height * side // shorter))

    stamp = stamp_of(path) if untouched is not None else None
    digest, image = open_unknown(path, known, before_decoding=ask_for_less)
    if untouched is not None:
        untouched.note(path, stamp, digest)
    if image is None:
        return Decoded(digest, None)
    if opened is not None:
        opened(digest, image)
    turned = (image.width > image.height) != (whole[0] > whole[1])
    small = image if side is None else encoder.reduced(image)  # type: ignore[attr-defined]
    return Decoded(digest, small, whole[::-1] if turned else whole)


def decode_ahead(
    paths: Sequence[Path], known: Container[str], context: JobContext
) -> Iterator[tuple[Path, tuple[str, Image | None] | UnreadableImage]]:
    """Each file with its content hash and its picture, in order, read while the caller works on those before.

    No picture where `known` holds the hash; the error of one that cannot be read. Raises Cancelled.
    """

    def load(path: Path) -> Decoded:
        return Decoded(*open_unknown(path, known))

    for path, loaded in _ahead(paths, load, context):
        yield path, loaded if isinstance(loaded, UnreadableImage) else (loaded.digest, loaded.image)


def _ahead(
    paths: Sequence[Path], load: Callable[[Path], Decoded], context: JobContext
) -> Iterator[tuple[Path, Decoded | UnreadableImage]]:
    """Each file as `load` gives it, or the error of one that cannot be read; loaded by two threads, in order, as far
    ahead as the pictures' size allows. Raises Cancelled."""

    def loaded_or_error(path: Path) -> Decoded | UnreadableImage:
        try:
            return load(path)
        except UnreadableImage as error:
            return error

    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="decode") as pool:
        waiting: deque[tuple[Path, Future[Decoded | UnreadableImage]]] = deque()
        coming = iter(paths)
        # Every decoded picture says what to expect of the next: a folder mostly comes from one camera or scanner.
        room = 2

        def fill() -> None:
            wanted = islice(coming, max(0, room - len(waiting)))
            waiting.extend((path, pool.submit(loaded_or_error, path)) for path in wanted)

        try:
            fill()
            while waiting:
                context.check_cancelled()
                path, future = waiting.popleft()
                loaded = future.result()
                if isinstance(loaded, Decoded) and loaded.image is not None:
                    room = max(1, min(AHEAD, PIXEL_BUDGET // (loaded.image.width * loaded.image.height)))
                fill()
                yield path, loaded
        finally:
            for _, future in waiting:
                future.cancel()


class EmbeddingCache:
    """Embeddings already computed, by content hash, kept in the studio's `.cache` for one encoder and purpose.

    It can be deleted at any time; a damaged one counts as empty.
    """

    def __init__(self, studio: Studio, purpose: str, fingerprint: str) -> None:
        self._path = studio.root / CACHE_DIR / f"{purpose}-{fingerprint}.npz"

    def load(self) -> dict[str, np.ndarray]:
        """What is kept: content hash -> embedding (dim,) float32."""
        import numpy as np

        try:
            arrays = read_npz(self._path)
            hashes, rows = arrays["hashes"], arrays["embeddings"]
            if rows.ndim != 2 or len(rows) != len(hashes) or rows.dtype != np.float32 or not np.isfinite(rows).all():
                raise ValueError("arrays do not fit")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            logger.warning("embedding cache dropped: %s", error)
            return {}
        return dict(zip((str(digest) for digest in hashes), rows, strict=True))

    def save(self, entries: Mapping[str, np.ndarray]) -> None:
        """Keep these and only these. A studio that cannot be written to is only slower next time."""
        import numpy as np

        try:
            write_npz(
                self._path,
                {"hashes": np.array(list(entries)), "embeddings": np.stack(list(entries.values())).astype(np.float32)},
            )
        except SaveFailed as error:
            logger.warning("embeddings not kept: %s", error)


def embed_cached(
    studio: Studio,
    purpose: str,
    paths: Sequence[Path],
    encoder: BatchEncoder,
    context: JobContext,
    text_code: str,
    *,
    some: bool = False,
) -> tuple[list[Embedded], list[Skipped]]:
    """`embed_files`, remembered in the studio's cache for this purpose. Pictures that are not asked for are forgotten,
    unless these are only `some` of those the purpose has."""
    cache = EmbeddingCache(studio, purpose, encoder.fingerprint)
    known = cache.load()

    def report(done: int, path: Path) -> None:
        context.progress(done, len(paths), text_code, photo=path.name)

    embedded, skipped = embed_files(paths, encoder, context, known=known, report=report)
    if any(not item.reused for item in embedded):
        cache.save((known if some else {}) | {item.content_hash: item.embedding for item in embedded})
    return embedded, skipped
