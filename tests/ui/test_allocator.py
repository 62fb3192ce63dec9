"""A day's work leaves no photographs' worth of memory behind between what is still in use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = """
import os
from pathlib import Path
import numpy as np
from fabric_desktop.ui.allocator import keep_memory_together

def megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

keep_memory_together()
del_me = np.ones(30_000_000, np.uint8)
del del_me  # from here on glibc by itself takes blocks of this size from the same pieces as small ones
before = megabytes()
large, small = [], []
for _ in range(8):
    large.append(np.ones(28_000_000, np.uint8))
    small.append(np.ones(100_000, np.uint8))
del large
print(megabytes() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is done")
def test_photographs_that_are_closed_go_back_to_the_system_at_once() -> None:
    """Left to itself glibc keeps all 224 MB of these eight, for the sake of the small blocks between them."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert float(done.stdout) < 10, "MB; the small blocks alone are 1.2"
