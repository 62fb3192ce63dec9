"""Whatever stands in a file, every reader gives an answer or an error of ours: no crash, no hang, no gigabyte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.test_kill import child_environment

# What each reader is made of; a process a group, so that they can run side by side.
GROUPS = (
    ("bank", "arrays", "index", "head", "folds", "manifest", "current", "history"),
    ("settings", "rules", "mapping", "fabric.toml", "jsonl", "patch json", "journal", "owner"),
    ("zip", "csv", "xlsx", "weights", "config", "encoders", "batch"),
    ("graph", "int8", "open_clip", "texts"),
    ("regions", "photo facts", "looks", "embeddings", "window state", "samples", "attempts"),
)
MOST_MEGABYTES = 1000


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{group[0]} to {group[-1]}")
def test_any_file_is_read_or_refused_with_a_word_in_little_time_and_memory(
    tmp_path: Path, group: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("reading.py")), *group],
        env=child_environment() | {"FABRIC_DESKTOP_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert set(told["read"]) == set(group)
    assert told["megabytes"] < MOST_MEGABYTES
    for reader, answers in told["read"].items():
        assert answers["read"] >= 1, f"{reader} reads nothing at all"
