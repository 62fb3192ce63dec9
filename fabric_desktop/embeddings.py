"""Pictures -> embeddings in batches, decoding ahead of the model, with what is already known reused.

Shared by the bank and the labelled patches. Knows nothing of fabrics.
"""

from __future__ import annotations

import logging
import zipfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import content_hash, open_photo
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import read_npz, write_npz

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from fabric_desktop.encoders.base import Encoder

logger = logging.getLogger(__name__)

BATCH = 8
# Pictures decoded ahead of the model: enough to keep it fed, few enough that 12-megapixel photos stay under 500 MB.
AHEAD = 8


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
    encoder: Encoder,
    context: JobContext,
    *,
    known: Mapping[str, np.ndarray],
    report: Callable[[int, Path], None],
) -> tuple[list[Embedded], list[Skipped]]:
    """Embed picture files, in the order given.

    `known` maps content hashes to embeddings of the same encoder; those pictures are not opened again. `report` is
    called with the count done and the picture just done. Raises Cancelled between batches.
    """
    embedded: dict[Path, Embedded] = {}
    skipped: list[Skipped] = []
    done = 0
    batch: list[tuple[Path, str, Image]] = []

    def flush() -> None:
        nonlocal done
        context.check_cancelled()
        if not batch:
            return
        rows = encoder.encode([image for _, _, image in batch])
        for (path, digest, image), row in zip(batch, rows, strict=True):
            embedded[path] = Embedded(path, digest, row, image.size, reused=False)
            done += 1
            report(done, path)
        batch.clear()

    for path, loaded in _decode_ahead(paths, known, context):
        if isinstance(loaded, UnreadableImage):
            skipped.append(Skipped(path, str(loaded.params["reason"])))
            done += 1
            report(done, path)
            continue
        digest, image = loaded
        if image is None:
            embedded[path] = Embedded(path, digest, known[digest], (0, 0), reused=True)
            done += 1
            report(done, path)
            continue
        batch.append((path, digest, image))
        if len(batch) == BATCH:
            flush()
    flush()
    return [embedded[path] for path in paths if path in embedded], skipped


def _decode_ahead(
    paths: Sequence[Path], known: Mapping[str, np.ndarray], context: JobContext
) -> Iterator[tuple[Path, tuple[str, Image | None] | UnreadableImage]]:
    def load(path: Path) -> tuple[str, Image | None] | UnreadableImage:
        try:
            digest = content_hash(path)
            return digest, None if digest in known else open_photo(path)
        except UnreadableImage as error:
            return error

    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="decode") as pool:
        waiting: deque[tuple[Path, Future[tuple[str, Image | None] | UnreadableImage]]] = deque()
        try:
            for path in paths:
                waiting.append((path, pool.submit(load, path)))
                if len(waiting) > AHEAD:
                    context.check_cancelled()
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                context.check_cancelled()
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            for _, future in waiting:
                future.cancel()


class PatchCache:
    """Embeddings of patches already seen, by content hash, kept in the studio's `.cache` for one encoder.

    It can be deleted at any time; a damaged one counts as empty.
    """

    def __init__(self, studio: Studio, fingerprint: str) -> None:
        self._path = studio.root / ".cache" / f"patches-{fingerprint[:16]}.npz"
        self._fingerprint = fingerprint

    def load(self, dim: int) -> dict[str, np.ndarray]:
        import numpy as np

        try:
            arrays = read_npz(self._path)
            hashes, rows = arrays["hashes"], arrays["embeddings"]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            logger.warning("patch cache dropped: %s", error)
            return {}
        if rows.ndim != 2 or rows.shape != (len(hashes), dim) or not np.isfinite(rows).all():
            return {}
        return dict(zip((str(digest) for digest in hashes), rows.astype(np.float32), strict=True))

    def save(self, entries: Mapping[str, np.ndarray]) -> None:
        import numpy as np

        if entries:
            write_npz(
                self._path,
                {"hashes": np.array(list(entries)), "embeddings": np.stack(list(entries.values())).astype(np.float32)},
            )


def embed_patches(
    studio: Studio, paths: Sequence[Path], encoder: Encoder, context: JobContext, text_code: str
) -> tuple[list[Embedded], list[Skipped]]:
    """`embed_files` for patches, remembered in the studio's cache (which keeps only what was asked for last)."""
    from fabric_desktop.errors import SaveFailed

    cache = PatchCache(studio, encoder.fingerprint)
    known = cache.load(encoder.dim)

    def report(done: int, path: Path) -> None:
        context.progress(done, len(paths), text_code, photo=path.name)

    embedded, skipped = embed_files(paths, encoder, context, known=known, report=report)
    if any(not item.reused for item in embedded):
        try:
            cache.save(known | {item.content_hash: item.embedding for item in embedded})
        except SaveFailed as error:
            # A studio that cannot be written to can still be evaluated; it is only slower next time.
            logger.warning("patch cache not kept: %s", error)
    return embedded, skipped
