"""A person's work is killed at random moments: the studio opens again, and every file is the old or the new one."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.faults.scene import OPERATIONS

KILLS = 100


def child_environment() -> dict[str, str]:
    """For a process that runs code of these tests."""
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "FABRIC_DESKTOP_ALLOW_DUMMY": "1"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 and fork are POSIX")
@pytest.mark.slow
def test_a_hundred_kills_at_random_moments_cost_nothing_that_was_saved(tmp_path: Path) -> None:
    """FABRIC_TEST_SEED repeats a run."""
    seed = int(os.environ.get("FABRIC_TEST_SEED") or random.randrange(10**6))
    sys.stdout.write(f"seed {seed}\n")  # pytest shows it with a failure
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killing.py")), str(tmp_path), str(seed), str(KILLS)],
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, f"seed {seed}\n{done.stderr[-4000:]}"
    told = json.loads(done.stdout.splitlines()[-1])
    assert sum(told["kills"].values()) >= KILLS
    assert set(told["kills"]) == set(OPERATIONS)
    assert told["left"] == [], f"seed {seed}"
