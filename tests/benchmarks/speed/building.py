"""Building a bank from JPEGs of 12 megapixels, its memory, and a build after one photo was added to thousands."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.speed import baseline, drawn
from tests.benchmarks.speed.frame import Figure, Options, Row, alone, interleaved, peak_mb, repeated
from tests.benchmarks.speed.recognising import DIM, encoder_threads

if TYPE_CHECKING:
    from fabric_desktop.encoders.base import Encoder
    from fabric_desktop.studio import Studio

HERE = __name__
PHOTOS, LIBRARY = 24, 5_000
VIEWS = 12
# The network's work on the twelve views, in views of 224 pixels: it grows with the pixels.
VIEWS_OF_224 = (2 * 224**2 + 4 * 160**2 + 4 * 128**2 + 2 * 96**2) / 224**2


def _photos(options: Options, count: int) -> list[Path]:
    """JPEG files of 12 megapixels, the same content twice nowhere."""
    if options.photos is not None:
        return drawn.photos_of(options.photos)[:count]
    return drawn.photo_files(options.folder / "photos", count)


def _embed(encoder: Encoder, photos: list[Path]) -> None:
    from fabric_desktop.attributes import measure_look
    from fabric_desktop.embeddings import embed_files
    from fabric_desktop.jobs import JobContext

    embedded, _ = embed_files(
        photos,
        encoder,
        JobContext(),
        known={},
        report=lambda done, path: None,
        opened=lambda digest, image: measure_look(image) and None,
    )
    assert len(embedded) == len(photos)


def build(options: Options) -> Iterator[Row]:
    """Photos a second, as a build embeds them and measures their looks."""
    from fabric_desktop.encoders.builtin import BuiltinEncoder

    photos, threads = _photos(options, 8), encoder_threads()
    encoder = BuiltinEncoder(threads=threads)
    what = "bank build" if options.photos else "bank build, 12-megapixel JPEGs"
    if not baseline.is_possible():
        seconds = repeated(lambda: _embed(encoder, photos), runs=3, warm=1)
        rate = Figure.of([len(photos) / value for value in seconds])
        yield Row(what, "", "photos/s", rate, peak_mb=peak_mb(), note="torch is not installed: no plain way")
        return
    way = baseline.PlainWay(threads)
    turns = interleaved(lambda: _embed(encoder, photos), lambda: way.build(photos), runs=5)
    ours = Figure.of([len(photos) / value for value in turns.ours])
    plain = Figure.of([len(photos) / value for value in turns.plain])
    faster = [1 / ratio for ratio in turns.ratios]
    for text, views, goal in (
        ("photos", 1.0, ""),
        ("photos x encoder views", float(VIEWS), ">= 3 x plain"),
        ("photos x views of 224 px", VIEWS_OF_224, ""),
    ):
        ratio = Figure.of([views * value for value in faster])
        yield Row(
            f"{what}: {text} a second",
            goal,
            "/s",
            Figure(ours.value * views, ours.low * views, ours.high * views, ours.runs),
            plain,
            ratio,
            ratio.value >= 3 if goal else None,
            peak_mb(),
            f"{threads}, 2 to decode",
            f"{len(photos)} photos a run; the plain way takes one view of each, ours {VIEWS} and its look",
        )


def build_alone(folder: str, count: int) -> int:
    """In a new Python: embed the first `count` photos of a folder."""
    from fabric_desktop.encoders.builtin import BuiltinEncoder

    _embed(BuiltinEncoder(), sorted(Path(folder).iterdir())[:count])
    return count


def flat(options: Options) -> Iterator[Row]:
    """Peak memory by the number of photos."""
    folder = options.folder / "photos"
    drawn.photo_files(folder, 4 * PHOTOS)
    few = alone(f"{HERE}:build_alone", str(folder), PHOTOS // 2)
    many = alone(f"{HERE}:build_alone", str(folder), 4 * PHOTOS)
    grown = many.peak_mb - few.peak_mb
    yield Row(
        f"bank build, peak memory: {PHOTOS // 2} photos and {4 * PHOTOS}",
        "flat (< 20 MB more)",
        "MB",
        Figure.of([many.peak_mb]),
        Figure.of([few.peak_mb]),
        Figure.of([many.peak_mb / few.peak_mb]),
        grown < 20,
        many.peak_mb,
        f"{encoder_threads()}, 2 to decode",
        "in the plain way's column: the peak with the fewer photos",
    )


def one_more(options: Options) -> Iterator[Row]:
    """A build after one photo of 12 megapixels was added to a library of 5,000, less what encoding it takes."""
    from fabric_desktop.bank import build_bank
    from fabric_desktop.encoders.builtin import BuiltinEncoder
    from fabric_desktop.jobs import JobContext

    encoder = BuiltinEncoder(threads=encoder_threads())
    studio = _large_library(options, encoder)
    builds, encodings, spent = [], [], []
    for number in range(4):
        new = studio.fabrics_dir / drawn.fabric_name(7) / f"new {number}.jpg"
        drawn.photo(100 + number).save(new, quality=92)
        encodings.append(min(repeated(lambda path=new: _embed(encoder, [path]), runs=2, warm=0)))  # type: ignore[misc]
        started, used = time.perf_counter(), time.process_time()
        report = build_bank(studio, encoder, JobContext())
        builds.append(time.perf_counter() - started)
        spent.append(time.process_time() - used)
        if report.images != LIBRARY + number + 1 or report.reused != LIBRARY + number:
            raise RuntimeError(f"not the build that was meant: {report}")
    more = Figure.of([whole - own for whole, own in zip(builds, encodings, strict=True)])
    yield Row(
        f"bank build after adding one photo to {LIBRARY:,}, less encoding it",
        "< 2 s",
        "s",
        more,
        met=more.value < 2,
        peak_mb=peak_mb(),
        threads=str(encoder_threads()),
        note=f"the whole build {Figure.of(builds).value:.2f} s, {Figure.of(spent).value:.2f} s of CPU time with "
        "encoding; bank and index are written twice, root and version",
    )


def _large_library(options: Options, encoder: Encoder) -> Studio:
    """A library of small photos with a bank in use, written some time ago."""
    import numpy as np
    from PIL import Image

    from fabric_desktop.bank import BANK_NAME, Bank, ReferenceRow, bank_files, write_bank
    from fabric_desktop.imaging import content_hash
    from fabric_desktop.jobs import JobContext
    from fabric_desktop.rules import ATTRIBUTES
    from fabric_desktop.studio import NewPart, open_studio, publish_version

    studio = open_studio(options.folder / "studio", create=True)
    draw = np.random.default_rng(0)
    rows = []
    for number in range(LIBRARY):
        fabric = drawn.fabric_name(number * 300 // LIBRARY)
        path = studio.fabrics_dir / fabric / f"{number:05}.jpg"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(draw.integers(0, 255, (32, 32, 3), dtype=np.uint8)).save(path)
        os.utime(path, (time.time() - 1000, time.time() - 1000))
        digest = content_hash(path)
        rows.append(ReferenceRow(fabric, studio.relative(path), digest, digest, digest))
    points = drawn.random_bank(LIBRARY, 300, DIM).embeddings
    looks = draw.uniform(0, 1, (LIBRARY, len(ATTRIBUTES))).astype(np.float32)
    bank = Bank(points, tuple(rows), encoder.fingerprint, encoder.id, looks)
    part = NewPart(lambda place: write_bank(bank, place / BANK_NAME), {"fabrics": 300, "images": LIBRARY})
    copies = bank_files(bank, studio.bank_path)
    publish_version(studio, encoder=encoder.id, fingerprint=encoder.fingerprint, parts={"bank": part}, copies=copies)
    time.sleep(4)  # until a file's stamp is to be trusted
    from fabric_desktop.bank import build_bank

    build_bank(studio, encoder, JobContext())
    return studio


MEASURES: dict[str, Callable[[Options], Iterator[Row]]] = {"build": build, "flat": flat, "one_more": one_more}
