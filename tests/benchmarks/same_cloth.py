"""The same cloth in a new photo: 55 numbered fabrics, four photos each as references, the rest asked about.

`python -m tests.benchmarks.same_cloth [--photos DIR] [--seeds 5]` prints a table and one line of JSON. It runs what a
person runs, `build_bank` and `evaluate`, in a throw-away studio; nothing is written beside the photographs.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from PIL import Image

from fabric_desktop.bank import build_bank
from fabric_desktop.encoders.base import Encoder, Float32Array
from fabric_desktop.encoders.registry import load_encoder
from fabric_desktop.evaluation import Evaluation, evaluate
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import open_studio

REFERENCES = 4
COLLECTION = "micro_fabrics"
WANTED_TOP1, WANTED_TOP5 = 0.85, 0.96
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Run:
    """One draw of references: shares 0..1 of `queries`, and the share of each fabric named rightly at once."""

    seed: int
    fabrics: int
    references: int
    queries: int
    top1: float
    top3: float
    top5: float
    by_fabric: dict[str, float]


class RememberingEncoder:
    """An encoder that is asked about each picture once, whatever fold it stands in; pixels are the key."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Float32Array] = {}
        self.id, self.fingerprint, self.dim = encoder.id, encoder.fingerprint, encoder.dim
        self.device, self.device_reason = encoder.device, encoder.device_reason

    def _remembered(self, kind: str, images: Sequence[Image.Image]) -> Float32Array:
        encode = self._encoder.encode if kind == "full" else self._encoder.encode_textbook
        rows = []
        for image in images:
            key = f"{kind} {image.size} {hashlib.sha256(image.tobytes()).hexdigest()}"
            if key not in self._known:
                self._known[key] = encode([image])[0]
            rows.append(self._known[key])
        return np.stack(rows)

    def encode(self, images: Sequence[Image.Image]) -> Float32Array:
        return self._remembered("full", images)

    def encode_textbook(self, images: Sequence[Image.Image]) -> Float32Array:
        return self._remembered("textbook", images)


def photographs_by_sample(photos: Path) -> dict[str, list[Path]]:
    """The collection's photographs by their physical sample, by the manifest beside the collections."""
    samples: dict[str, list[Path]] = defaultdict(list)
    with (photos / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            parts = Path(row["path"]).parts
            if COLLECTION in parts:
                samples[row["sample_id"]].append(photos.joinpath(*parts[parts.index(COLLECTION) :]))
    return {sample: sorted(paths) for sample, paths in sorted(samples.items())}


def run(samples: dict[str, list[Path]], encoder: Encoder, seed: int, method: str = "retrieval") -> Run:
    """Build a studio with four references a sample, drawn by `seed`, and evaluate on all the others."""
    with tempfile.TemporaryDirectory(prefix="same-cloth-") as folder:
        studio = open_studio(Path(folder) / "data", create=True)
        records = []
        for sample, paths in samples.items():
            chosen = set(random.Random(f"{seed}:{sample}").sample(range(len(paths)), REFERENCES))
            for number, path in enumerate(paths):
                home = studio.fabrics_dir if number in chosen else studio.labeled_dir
                target = home / sample / path.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
                if number not in chosen:
                    records.append({"image": str(target), "coords": [0, 0], "label": sample})
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        studio.eval_set_path.write_text(text, encoding="utf-8")
        report = build_bank(studio, encoder, JobContext())
        result = evaluate(studio, encoder, JobContext(), method=method)  # type: ignore[arg-type]
        if report.skipped or result.errors:
            raise RuntimeError(f"not every photograph could be used: {report.skipped} {result.errors}")
        return _as_run(seed, report.fabrics, report.images, result)


def _as_run(seed: int, fabrics: int, references: int, result: Evaluation) -> Run:
    return Run(
        seed=seed,
        fabrics=fabrics,
        references=references,
        queries=result.processed,
        top1=result.top1 or 0.0,
        top3=result.top3 or 0.0,
        top5=result.top5 or 0.0,
        by_fabric={fabric: score.top1 for fabric, score in result.by_class.items()},
    )


def interval(runs: Sequence[Run]) -> tuple[float, float]:
    """95 % percentile interval of Top-1, resampling whole samples of cloth (their photos are not independent)."""
    shares = [mean(each.by_fabric[fabric] for each in runs) for fabric in runs[0].by_fabric]
    draw = random.Random(0)
    means = sorted(mean(draw.choices(shares, k=len(shares))) for _ in range(2000))
    return means[50], means[1949]


def summary(runs: Sequence[Run], encoder: str, method: str) -> dict[str, Any]:
    """Mean over the seeds, the interval by sample, and each run, as plain values."""
    low, high = interval(runs)
    return {
        "protocol": "same_cloth",
        "encoder": encoder,
        "method": method,
        "fabrics": runs[0].fabrics,
        "references": runs[0].references,
        "queries": runs[0].queries,
        **{name: round(mean(getattr(each, name) for each in runs), 4) for name in ("top1", "top3", "top5")},
        "top1_interval": [round(low, 4), round(high, 4)],
        "runs": [{key: value for key, value in asdict(each).items() if key != "by_fabric"} for each in runs],
    }


def table(result: dict[str, Any]) -> str:
    low, high = result["top1_interval"]
    lines = [
        f"The same cloth in a new photo: {result['fabrics']} fabrics, {result['references']} references, "
        f"{result['queries']} queries a seed; {result['encoder']}, {result['method']}",
        "seed    Top-1   Top-3   Top-5",
        *(
            f"{each['seed']:<6}  {each['top1']:.3f}   {each['top3']:.3f}   {each['top5']:.3f}"
            for each in result["runs"]
        ),
        f"mean    {result['top1']:.3f}   {result['top3']:.3f}   {result['top5']:.3f}",
        f"95 % interval of Top-1 over pieces of cloth: {low:.3f} to {high:.3f}",
    ]
    return "\n".join(lines)


def photographs_folder() -> Path:
    chosen = os.environ.get("FABRIC_PHOTOS")
    return Path(chosen) if chosen else ROOT.parent / "shared" / "fabrics"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, default=photographs_folder(), help="folder of the photographs")
    parser.add_argument("--seeds", type=int, default=5, help="how many draws of the references (default 5)")
    parser.add_argument("--method", default="retrieval", choices=("retrieval", "textbook", "fused"))
    parser.add_argument("--encoder", default="builtin", help="id of the encoder (default builtin)")
    options = parser.parse_args(arguments)
    if not (options.photos / "manifest.csv").is_file():
        sys.stderr.write(f"no photographs in {options.photos}: name their folder with --photos or FABRIC_PHOTOS\n")
        return 3
    samples = photographs_by_sample(options.photos)
    encoder = RememberingEncoder(load_encoder(options.encoder))
    runs = []
    for seed in range(options.seeds):
        started = time.monotonic()
        runs.append(run(samples, encoder, seed, options.method))
        sys.stderr.write(f"seed {seed}: {time.monotonic() - started:.0f} s\n")
    result = summary(runs, encoder.id, options.method)
    sys.stdout.write(table(result) + "\n" + json.dumps(result, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
