"""What an answer costs beside its encoder passes: the program on patches, in a throw-away studio."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from fabric_desktop.bank import build_bank
from fabric_desktop.imaging import open_photo
from fabric_desktop.jobs import JobContext
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import open_studio
from tests.benchmarks.recognition.photos import Photos
from tests.benchmarks.recognition.rows import Figure, Row, Rows

FABRICS, REFERENCES, ASKED = 12, 4, 60


def cost(photos: Photos) -> Rows:
    """p50 of a whole answer against p50 of its encoding, asked in turn; and the answer in milliseconds."""
    rows = photos.dense(REFERENCES + 2)
    samples = sorted(set(photos.samples[rows]))[:FABRICS]
    if not samples:
        yield Row("cost of an answer", note="cannot be formed: no sample with six photos")
        return
    with tempfile.TemporaryDirectory(prefix="cost-") as folder:
        studio = open_studio(Path(folder) / "data", create=True)
        asked = []
        for sample in samples:
            own = [photos.photographs[row].path for row in rows[photos.samples[rows] == sample]]
            home = studio.fabrics_dir / f"fabric {samples.index(sample)}"
            home.mkdir(parents=True)
            for number, path in enumerate(own[:REFERENCES]):
                shutil.copyfile(path, home / f"{number}{path.suffix}")
            asked += own[REFERENCES:]
        build_bank(studio, photos.encoder, JobContext())
        recognizer = Recognizer(studio, photos.encoder)
        patches = [open_photo(path) for path in (asked * ASKED)[:ASKED]]
        recognizer.recognize(patches[0])
        answers, passes = [], []
        for patch in patches:
            started = time.perf_counter()
            photos.encoder.encode([patch])
            encoded = time.perf_counter()
            recognizer.recognize(patch)
            passes.append(encoded - started)
            answers.append(time.perf_counter() - encoded)
    ratio = statistics.median(answers) / statistics.median(passes)
    yield Row("cost of an answer / its encoder passes", "p50 / p50", None, Figure(ratio), 1.2, at_most=True)
    note = (
        "means something on two cores with nothing else running; p95 "
        + f"{1000 * float(np.percentile(answers, 95)):.0f}"
    )
    yield Row("cost of an answer", "p50, ms", None, Figure(1000 * statistics.median(answers)), 100, True, note)
