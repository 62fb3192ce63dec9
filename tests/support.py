"""Small drawn pictures, studios and stand-ins for tests of the core, made in memory and on disk, the same every time.

Not a sample studio (that is `fabric_desktop.samples`) and no fixtures: plain functions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fabric_desktop.encoders.base import Float32Array
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio, open_studio


class CountingEncoder(DummyEncoder):
    """The dummy encoder, telling how many pictures it was given."""

    def __init__(self, fingerprint: str | None = None) -> None:
        super().__init__()
        self.pictures = 0
        if fingerprint is not None:
            self.fingerprint = fingerprint

    def encode(self, images: Sequence[Image.Image]) -> Float32Array:
        self.pictures += len(images)
        return super().encode(images)


class StoppingContext(JobContext):
    """Counts how often a job looks whether it was cancelled, and cancels it at its n-th look."""

    def __init__(self, stop_at: int | None = None) -> None:
        super().__init__()
        self.looks = 0
        self._stop_at = stop_at

    def check_cancelled(self) -> None:
        self.looks += 1
        if self.looks == self._stop_at:
            self.cancel()
        super().check_cancelled()


def cloth(fabric: str, piece: int = 0, photo: int = 0, *, side: int = 240, spread: float = 12.0) -> Image.Image:
    """A patchwork of 8 x 8 colours that belongs to `fabric`, varied a little by `piece` and less by `photo`.

    The dummy encoder sees just these colours, so that photos of one fabric are nearer to each other than to others'.
    """

    def noise(*key: object) -> np.ndarray:
        return np.random.default_rng(list(repr(key).encode())).normal(size=(8, 8, 3))

    colours = 128 + 60 * noise(fabric) + spread * noise(fabric, piece) + spread / 4 * noise(fabric, piece, photo)
    cells = Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8))
    return cells.resize((side, side), Image.Resampling.NEAREST)


def save_photo(path: Path, image: Image.Image, **options: Any) -> Path:
    """`image` at `path` in the format of its ending, without loss where the format can."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() in (".jpg", ".jpeg"):
        options = {"quality": 95} | options
    image.save(path, **options)
    return path


def make_studio(root: Path, library: Mapping[str, int] | None = None, *, ending: str = ".png") -> Studio:
    """A studio with so many reference photos a fabric, each of a piece of its own."""
    studio = open_studio(root, create=True)
    for fabric, count in (library or {}).items():
        for number in range(count):
            save_photo(studio.fabrics_dir / fabric / f"ref {number}{ending}", cloth(fabric, number))
    return studio


def add_patches(
    studio: Studio, fabric: str, count: int, *, pieces: int | None = None, known: bool = True, first_piece: int = 100
) -> list[Path]:
    """So many labelled patches of a fabric, cut from `pieces` pieces in turn (each its own without it). With `known`
    a record beside each names its piece."""
    paths = []
    for number in range(count):
        piece = first_piece + (number if pieces is None else number % pieces)
        path = studio.labeled_dir / fabric / f"patch_{number:03}.png"
        save_photo(path, cloth(fabric, piece, number))
        if known:
            record = {"swatch_id": f"{fabric}-{piece}", "source_hash": f"source-{fabric}-{piece}", "coords": [120, 120]}
            path.with_suffix(".json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
        paths.append(path)
    return paths


class PickleTrap:
    """Whoever unpickles it makes `target`. A test in which that file is missing at the end saw nothing unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.target,)


def tree(root: Path) -> dict[str, bytes]:
    """Every file below `root` with its bytes, by relative path; for saying that nothing changed."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
