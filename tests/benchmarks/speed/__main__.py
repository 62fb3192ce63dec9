"""Runs the measures, each in a Python of its own, and prints the table. The package's docstring has the contract."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.benchmarks import speed
from tests.benchmarks.speed.frame import ROOT, Options, Row, cores, row_from_json, rows_to_json
from tests.benchmarks.speed.table import table


def measures() -> dict[str, str]:
    """Every measure by name, with its module."""
    found: dict[str, str] = {}
    for info in pkgutil.iter_modules(speed.__path__):
        if info.name in ("__main__", "alone"):
            continue
        module = importlib.import_module(f"{speed.__name__}.{info.name}")
        for name in getattr(module, "MEASURES", {}):
            if name in found:
                raise ValueError(f"two measures are called {name!r}: in {found[name]} and {info.name}")
            found[name] = info.name
    return found


def chosen(only: Sequence[str]) -> dict[str, str]:
    """The measures whose own or whose module's name was given; all of them without a name. Unknown names end it."""
    known = measures()
    unknown = sorted(set(only) - {*known, *known.values()})
    if unknown:
        raise SystemExit(f"no measure {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return {name: module for name, module in known.items() if not only or {name, module} & set(only)}


def run_one(name: str, photos: Path | None, out: Path, recognitions: int | None = None) -> None:
    """One measure, here: its rows go to `out`."""
    module = importlib.import_module(f"{speed.__name__}.{measures()[name]}")
    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        rows = list(module.MEASURES[name](Options(photos, Path(folder), recognitions)))
    out.write_text(json.dumps(rows_to_json(rows)), encoding="utf-8")


def run_apart(name: str, photos: Path | None, folder: Path, recognitions: int | None = None) -> list[Row]:
    """One measure, in a Python of its own; its rows. Raises CalledProcessError where it failed."""
    out = folder / f"{name}.json"
    command = [sys.executable, "-m", speed.__name__, "--one", name, "--out", str(out)]
    command += [] if photos is None else ["--photos", str(photos)]
    command += [] if recognitions is None else ["--recognitions", str(recognitions)]
    environment = os.environ | {
        "FABRIC_DESKTOP_HOME": str(folder / f"home-{name}"),
        "FABRIC_DESKTOP_ALLOW_DUMMY": "1",
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONIOENCODING": "utf-8",
    }
    subprocess.run(command, check=True, cwd=ROOT, env=environment)
    return [row_from_json(entry) for entry in json.loads(out.read_text(encoding="utf-8"))]


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    packages = ("numpy", "pillow", "onnxruntime", "scikit-learn", "torch", "PySide6-Essentials")
    installed = {item.metadata["Name"]: item.version for item in metadata.distributions()}
    return {
        "processor": _processor(),
        "cores": cores(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: installed[name] for name in packages if name in installed},
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def _some(text: str) -> int:
    """A whole number from 10 on, by which tenths can be told apart."""
    count = int(text)
    if count < 10:
        raise argparse.ArgumentTypeError("at least 10")
    return count


def main() -> int:
    parser = argparse.ArgumentParser(
        prog=f"python -m {speed.__name__}", description=(speed.__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="measures or modules to run")
    parser.add_argument("--photos", type=Path, metavar="DIR", help="real photographs instead of drawn ones")
    parser.add_argument(
        "--recognitions", type=_some, metavar="N", help="how many `growth` makes; its goal speaks of 10,000"
    )
    parser.add_argument("--out", type=Path, default=Path("speed.json"), metavar="FILE", help="JSON of the same table")
    parser.add_argument("--list", action="store_true", help="names of the measures")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{module}: {name}" for name, module in measures().items()))  # noqa: T201
        return 0
    photos = None if options.photos is None else options.photos.resolve()
    if options.one:
        run_one(options.one, photos, options.out, options.recognitions)
        return 0
    rows: list[Row] = []
    failed: list[str] = []
    before = machine()
    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        for name in chosen(options.only):
            started = time.monotonic()
            try:
                rows += run_apart(name, photos, Path(folder), options.recognitions)
            except subprocess.CalledProcessError:
                failed.append(name)
            sys.stderr.write(f"{name}: {time.monotonic() - started:.0f} s\n")
    versions = ", ".join(f"{name} {version}" for name, version in before["versions"].items())
    load = "" if before["load"] is None else f", load at the start {before['load']:.1f}"
    print(f"{before['processor']}, {before['cores']} cores{load}; Python {before['python']}, {versions}")  # noqa: T201
    print("median (quartiles over runs); ours and the plain way are timed in turns\n")  # noqa: T201
    print(table(rows))  # noqa: T201
    told = {"machine": before, "photos": None if photos is None else str(photos), "rows": rows_to_json(rows)}
    options.out.write_text(json.dumps(told | {"failed": failed}, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"\nas JSON: {options.out}")  # noqa: T201
    if failed:
        print(f"FAILED: {', '.join(failed)}")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
