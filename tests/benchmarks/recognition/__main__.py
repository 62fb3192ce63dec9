"""Runs the protocols one after the other and prints the table. The package's docstring has the contract."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from fabric_desktop.encoders.registry import load_encoder
from tests.benchmarks import recognition
from tests.benchmarks.recognition import protocols
from tests.benchmarks.recognition.cost import cost
from tests.benchmarks.recognition.elsewhere import labels, rules
from tests.benchmarks.recognition.garments import garments
from tests.benchmarks.recognition.photos import Photos, load
from tests.benchmarks.recognition.regions import regions
from tests.benchmarks.recognition.rows import HEADER, Row, Rows, say
from tests.benchmarks.recognition.weighed import fused


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.recognition", description=recognition.__doc__)
    default = os.environ.get("FABRIC_PHOTOS") or Path(__file__).resolve().parents[4] / "shared" / "fabrics"
    parser.add_argument("--photos", type=Path, default=Path(default), help="folder with a manifest.csv")
    parser.add_argument("--garments", type=Path, help="folder of garments (default: beside that of the photographs)")
    parser.add_argument("--encoder", default="builtin", help="id of the encoder (default builtin)")
    parser.add_argument("--json", type=Path, help="write the rows here as well")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="protocols to run (default: all)")
    options = parser.parse_args(arguments)
    if not (options.photos / "manifest.csv").is_file():
        parser.error(f"no manifest.csv in {options.photos}: name the folder with --photos or FABRIC_PHOTOS")
    runs: dict[str, Callable[[Photos], Rows]] = {
        "same": protocols.same,
        "types": protocols.types,
        "sources": protocols.sources,
        "garments": partial(garments, folder=options.garments or options.photos.resolve().parent / "garments"),
        "rules": rules,
        "fused": fused,
        "unknown": protocols.unknown,
        "labels": labels,
        "regions": regions,
        "cost": cost,
    }
    unknown = set(options.only or ()) - set(runs)
    if unknown:
        parser.error(f"no protocol {', '.join(sorted(unknown))}; there are {', '.join(runs)}")
    started = time.monotonic()
    photos = load(options.photos, load_encoder(options.encoder))
    samples = len(set(photos.samples))
    say(
        f"{len(photos.photographs)} photographs, {samples} samples, encoder {photos.encoder.id}; mean over physical "
        "samples with its 95 % interval over samples, unless a row says otherwise"
    )
    say(HEADER)
    rows: list[Row] = []
    for name, run in runs.items():
        if not options.only or name in options.only:
            for row in run(photos):
                rows.append(row)
                say(str(row))
    with_goals = [row for row in rows if row.reached is not None]
    reached = sum(bool(row.reached) for row in with_goals)
    say(f"{reached} of {len(with_goals)} goals reached; {time.monotonic() - started:.0f} s")
    if options.json:
        text = json.dumps([row.as_json() for row in rows], ensure_ascii=False, indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
