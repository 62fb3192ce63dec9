"""The built-in encoder: EfficientNet-Lite0 with ImageNet weights on ONNX Runtime, no torch and no download.

Made by `export_builtin`; how the embedding was chosen is in docs/recognition.md.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from fabric_desktop.encoders import graph
from fabric_desktop.encoders.base import Float32Array, fingerprint, unit_rows
from fabric_desktop.encoders.shrinking import shrunk
from fabric_desktop.encoders.weights import file_sha256
from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.paths import resource

if TYPE_CHECKING:
    import onnxruntime

T = TypeVar("T")

ID = "builtin"
CODE_VERSION = 2
"""Raised whenever the same graph and photo would give other numbers."""

VIEWS: tuple[tuple[int, float, tuple[tuple[str, float], ...]], ...] = (
    (224, 1.0, (("upright", 0.0), ("transposed", 1.0))),
    (160, 1.0, (("quarter", 0.0), ("mirrored", 1 / 3), ("half", 2 / 3), ("anti_transposed", 1.0))),
    (128, 1.0, (("upright", 0.0), ("transposed", 1 / 3), ("three_quarters", 2 / 3), ("upside_down", 1.0))),
    (96, 0.5, (("quarter", 1 / 3), ("mirrored", 2 / 3))),
)
"""How a patch is looked at: a side in pixels, its weight in the mean, and its views as (turn, place along the longer
side of the patch, 0..1).

Cloth has no upright direction, so it is turned; it is photographed from any distance, so it is seen at several sizes,
the smaller ones near a small photo's own. The smallest leaves 3 x 3 positions in the last stage and counts half.
Measured in docs/recognition.md: these twelve views cost as much as six at 224 pixels; against four turns at 224
pixels alone, new pieces of a type gain three points and cloth from another source far more.
"""

SEEN_SIDE = 2 * max(side for side, _, _ in VIEWS)
"""Pixels of the shorter side that a picture is shrunk to, if it is larger, before any view is made."""

BLOCKS: tuple[str, ...] = tuple(name(stage) for stage in graph.STAGES for name in (graph.mean_output, graph.std_output))
"""The graph outputs that make the embedding, each scaled to length 1, so that each has the same say."""

_ENDS = np.cumsum([channels for stage in graph.STAGES for channels in 2 * [graph.STAGE_CHANNELS[stage]]]).tolist()
_OWN = tuple(slice(first, end) for first, end in zip([0, *_ENDS], _ENDS, strict=False))
"""Where each of `BLOCKS` stands in an embedding."""

DIRECTIONS_FILE = "accidental_directions.npy"
"""Beside the graph: directions in which an embedding moves when the same cloth comes nearer or is dyed otherwise, which
are accidental to what it is; taken out of it."""

TEXTBOOK_SIDE = 224


_TURNS: dict[str, tuple[bool, int]] = {
    "upright": (False, 0),
    "quarter": (False, 1),
    "half": (False, 2),
    "three_quarters": (False, 3),
    "mirrored": (True, 0),
    "transposed": (True, 1),
    "upside_down": (True, 2),
    "anti_transposed": (True, 3),
}
"""The eight ways to lay a square: mirrored first or not, then quarter turns against the clock."""


_LEVELS: Float32Array = np.arange(256, dtype=np.float32) / np.float32(127.5) - np.float32(1)
"""What the network sees of each of the 256 levels of a colour: -1..1."""


def _square(image: Image.Image, side: int, place: float) -> npt.NDArray[np.uint8]:
    """The picture's largest square, `place` of the way along its longer side, as (side, side, 3) levels."""
    shorter = min(image.size)
    left, top = (image.width - shorter) * place, (image.height - shorter) * place
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    box = (left, top, left + shorter, top + shorter)
    return np.asarray(rgb.resize((side, side), Image.Resampling.BICUBIC, box=box))


def _turned(levels: npt.NDArray[np.uint8], turn: str) -> npt.NDArray[np.uint8]:
    """`levels` (side, side, 3) in one of the turns."""
    mirrored, quarters = _TURNS[turn]
    return np.rot90(levels[:, ::-1] if mirrored else levels, quarters)


def prepare(image: Image.Image, side: int = TEXTBOOK_SIDE, place: float = 0.5) -> Float32Array:
    """Pixels (3, side, side) in -1..1 of the picture's largest square, `place` of the way along its longer side."""
    return _LEVELS[_square(image, side, place).transpose(2, 0, 1)]


def views_of(image: Image.Image, side: int, views: Sequence[tuple[str, float]]) -> Float32Array:
    """Pixels (n, 3, side, side) in -1..1 of the views (turn, place) of one size.

    Views of the same square, all of a square picture's, are shrunk once.
    """
    squares: dict[float, npt.NDArray[np.uint8]] = {}
    pixels = np.empty((len(views), 3, side, side), np.float32)
    for view, (turn, place) in zip(pixels, views, strict=True):
        where = place if image.width != image.height else 0.0
        if where not in squares:
            squares[where] = _square(image, side, where)
        np.take(_LEVELS, _turned(squares[where], turn).transpose(2, 0, 1), out=view, mode="clip")
    return pixels


def reduced(image: Image.Image, helper: Executor | None = None) -> Image.Image:
    """The picture with its shorter side at most `SEEN_SIDE`: one of many megapixels is shrunk once, half of it by the
    `helper`, if there is one."""
    return shrunk(image, SEEN_SIDE, helper)


def directions_path() -> Path:
    """The file of accidental directions among the shipped resources."""
    return resource("encoders", DIRECTIONS_FILE)


def builtin_fingerprint(path: Path | None = None) -> str:
    """Fingerprint of the built-in encoder with the graph at `path`, without loading it. Raises EncoderUnavailable."""
    path = path or graph.graph_path()
    for needed in (path, directions_path()):
        if not needed.is_file():
            raise EncoderUnavailable(encoder=ID, reason="own_files", detail=str(needed))
    return fingerprint(
        model=graph.GRAPH_NAME,
        weights=[file_sha256(path), file_sha256(directions_path())],
        preprocessing={"square": "largest", "resample": "bicubic", "mean": 0.5, "std": 0.5},
        blocks=BLOCKS,
        views=VIEWS,
        precision="float32, weights float16",
        code=CODE_VERSION,
    )


class BuiltinEncoder:
    """EfficientNet-Lite0 on ONNX Runtime. The same photo gives the same numbers alone or in a batch."""

    id = ID
    device = "cpu"
    device_reason = "only_cpu"

    def __init__(self, *, threads: int | None = None, path: Path | None = None) -> None:
        """Loads the graph; `threads` defaults to all cores but one. Raises EncoderUnavailable."""
        path = path or graph.graph_path()
        self.fingerprint = builtin_fingerprint(path)
        self.session = _open(path, threads or max(1, (os.cpu_count() or 2) - 1))
        self._directions = _load_directions(directions_path(), self.dim)

    @property
    def dim(self) -> int:
        return 2 * sum(graph.STAGE_CHANNELS[stage] for stage in graph.STAGES)

    seen_side = SEEN_SIDE
    """Pixels of the shorter side beyond which a picture is `reduced` before it is looked at."""

    @staticmethod
    def reduced(image: Image.Image) -> Image.Image:
        """The picture as `encode` would shrink it first: the embedding is the same, the memory is not."""
        return reduced(image)

    def encode(self, images: Sequence[Image.Image]) -> Float32Array:
        """Embeddings (n, dim), rows of length 1, of RGB pictures of any size."""
        return self._without_distance(embed(self.session, images, self.dim))

    def encode_beside(self, image: Image.Image, work: Callable[[], T]) -> tuple[Float32Array, T]:
        """The embedding (dim,) of a picture, and what `work` gave: the thread that makes the views does it when it has
        made them, while the network runs."""
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="views") as helper:
            views = _shared(helper, image)
            beside = helper.submit(work)
            helper.shutdown(wait=False)  # it ends while the network runs
            row = _embedded(self.session, views)
        return self._without_distance(unit_rows(row[None]))[0], beside.result()

    def _without_distance(self, rows: Float32Array) -> Float32Array:
        for row in rows:
            # A row at a time: a product of another shape rounds otherwise.
            row -= self._directions.T @ (self._directions @ row)
        return unit_rows(rows)

    def encode_textbook(self, images: Sequence[Image.Image]) -> Float32Array:
        """The textbook embedding (n, 1280): one upright view of the centre, last layer, rows of length 1."""
        rows = [self.session.run([graph.LAST_OUTPUT], {graph.INPUT_NAME: prepare(i)[None]})[0][0] for i in images]
        return unit_rows(np.stack(rows)) if rows else np.empty((0, graph.LAST_DIM), np.float32)


def embed(session: onnxruntime.InferenceSession, images: Sequence[Image.Image], dim: int) -> Float32Array:
    """Embeddings (n, dim), rows of length 1, before the accidental directions are taken out.

    While the network runs on the views of one size, a second thread makes those of the next.
    """
    rows = np.empty((len(images), dim), np.float32)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="views") as helper:
        coming = iter(images)
        waiting = deque(_shared(helper, image) for image in islice(coming, 1))
        for row in rows:
            waiting.extend(_ordered(helper, image) for image in islice(coming, 1))
            row[:] = _embedded(session, waiting.popleft())
    return unit_rows(rows)


def _embedded(session: onnxruntime.InferenceSession, views: Sequence[Future[Float32Array]]) -> Float32Array:
    """The embedding (dim,), of any length, of one photo's views in the order of `VIEWS`; they are there from the last.

    One photo at a time, always with the same views a run: a batch cannot change a photo's numbers.
    """
    outputs = [_run_views(session, made.result()) for made in reversed(views)][::-1]
    blocks = np.average(outputs, axis=0, weights=[weight for _, weight, _ in VIEWS])
    return np.concatenate([unit_rows(blocks[None, own])[0] for own in _OWN])


def _ordered(helper: ThreadPoolExecutor, image: Image.Image) -> list[Future[Float32Array]]:
    """The views of a picture, in the order of `VIEWS`, as they will be there; the last ones, the smallest, first."""
    small = helper.submit(reduced, image)

    def made(side: int, views: Sequence[tuple[str, float]]) -> Float32Array:
        return views_of(small.result(), side, views)

    return [helper.submit(made, side, views) for side, _, views in reversed(VIEWS)][::-1]


def _shared(helper: ThreadPoolExecutor, image: Image.Image) -> list[Future[Float32Array]]:
    """The same where this thread has nothing to do before the first of them is there: it shrinks half of the picture
    and makes the smallest views, so that it need not wait for the helper to hand them over."""
    image.load()  # by one thread: two that came upon an unread file together would break each other's read
    small = reduced(image, helper)
    rest = [helper.submit(views_of, small, side, views) for side, _, views in VIEWS[-2::-1]][::-1]
    first: Future[Float32Array] = Future()
    side, _, views = VIEWS[-1]
    first.set_result(views_of(small, side, views))
    return [*rest, first]


def _run_views(session: onnxruntime.InferenceSession, pixels: Float32Array) -> Float32Array:
    """The outputs of `BLOCKS` one after another, (dim,), averaged over the views (n, 3, side, side) of one size."""
    outputs = session.run(list(BLOCKS), {graph.INPUT_NAME: pixels})
    mean: Float32Array = np.concatenate(outputs, axis=1).mean(axis=0)
    return mean


def _load_directions(path: Path, dim: int) -> Float32Array:
    try:
        directions = np.load(path, allow_pickle=False)
    except (OSError, EOFError, ValueError) as error:
        raise EncoderUnavailable(encoder=ID, reason="own_files", detail=str(path)) from error
    if directions.ndim != 2 or directions.shape[1] != dim or directions.dtype != np.float32:
        raise EncoderUnavailable(encoder=ID, reason="own_files", detail=str(path))
    return np.asarray(directions, np.float32)


def _open(path: Path, threads: int) -> onnxruntime.InferenceSession:
    try:
        import onnxruntime
    except ImportError as error:
        raise EncoderUnavailable(encoder=ID, reason="engine_broken", detail=str(error)) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises its own types, none of them public
        raise EncoderUnavailable(encoder=ID, reason="own_files", detail=f"{path}: {error}") from error
