"""The Python of its own in which `frame.alone` runs one function. Imports the frame only."""

from __future__ import annotations

import json
import sys

from tests.benchmarks.speed.frame import run_here

if __name__ == "__main__":
    run_here(sys.argv[1], json.loads(sys.argv[2]))
