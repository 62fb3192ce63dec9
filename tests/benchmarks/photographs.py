"""Folders of real photographs with a manifest.csv (path, class, sample_id), and their embeddings, computed once.

Photographs stay where they are; what is kept of them is an .npz of embeddings below the person's own folder.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fabric_desktop import paths
from fabric_desktop.embeddings import embed_files
from fabric_desktop.encoders.base import Encoder
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio.files import read_npz, write_npz

UNNAMED = "unlabelled"
"""The class of a photograph whose cloth nobody named: only its sample is known."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """One photograph: where it is, the type of its cloth, the physical sample, and the collection (its folder)."""

    path: Path
    kind: str
    sample: str
    collection: str


def read_manifest(folder: Path) -> list[Photograph]:
    """The photographs a folder's manifest.csv names and that are there; paths in it may begin above the folder.

    A row without a class is unlabelled, one without a sample is a sample of its own, and a photograph that lies in the
    folder itself belongs to no collection.
    """
    found = []
    with (folder / "manifest.csv").open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            path = _located(folder, row["path"])
            if path is not None:
                inside = path.relative_to(folder).parts
                sample = row.get("sample_id") or path.relative_to(folder).as_posix()
                collection = inside[0] if len(inside) > 1 else ""
                found.append(Photograph(path, row.get("class") or UNNAMED, sample, collection))
    return found


def _located(folder: Path, given: str) -> Path | None:
    parts = Path(given).parts
    return next((path for start in range(len(parts)) if (path := folder.joinpath(*parts[start:])).is_file()), None)


def embeddings(photographs: list[Photograph], encoder: Encoder) -> np.ndarray:
    """(n, dim) embeddings of whole photographs; those known from an earlier run are not opened again."""
    place = paths.home() / "benchmarks" / f"{encoder.fingerprint}.npz"
    try:
        arrays = read_npz(place)
        known = dict(zip((str(digest) for digest in arrays["hashes"]), arrays["embeddings"], strict=True))
    except (OSError, ValueError, KeyError):
        known = {}
    count = len(photographs)

    def report(done: int, path: Path) -> None:
        if done % 100 == 0 or done == count:
            print(f"  embedded {done}/{count}", flush=True)  # noqa: T201

    embedded, skipped = embed_files(
        [photograph.path for photograph in photographs], encoder, JobContext(), known=known, report=report
    )
    if skipped:
        raise ValueError(f"unreadable: {[str(item.path) for item in skipped]}")
    known |= {item.content_hash: item.embedding for item in embedded}
    write_npz(place, {"hashes": np.array(list(known)), "embeddings": np.stack(list(known.values()))})
    return np.stack([item.embedding for item in embedded])
