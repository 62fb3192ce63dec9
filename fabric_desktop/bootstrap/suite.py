"""`python main.py test`: every check of the project one after another, and what came of each in the end.

Not for choosing what a check looks at: that is in pyproject.toml.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from fabric_desktop.bootstrap.environment import Checkout

MOST_WORKERS = 4


class Outcome(NamedTuple):
    name: str
    exit_code: int
    seconds: float


def checks(checkout: Checkout, pytest_options: Sequence[str]) -> list[tuple[str, list[str]]]:
    """The name and the command of each check, in the order they are run."""
    python = [str(checkout.python), "-m"]
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    return [
        ("pytest", [*python, "pytest", "-n", str(workers), *pytest_options]),
        ("ruff", [*python, "ruff", "check", "."]),
        ("mypy", [*python, "mypy"]),
        ("import-linter", [str(checkout.scripts / "lint-imports"), "--no-cache"]),
        ("translations", [*python, "tests.translation_check"]),
    ]


def run_suite(checkout: Checkout, pytest_options: Sequence[str]) -> int:
    """Runs every check, whatever came of the ones before; returns 0 if all passed, else 1."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    outcomes = []
    for name, command in checks(checkout, pytest_options):
        _say(f"\n=== {name}")
        began = time.monotonic()
        code = subprocess.call(command, cwd=checkout.root, env=environment, stdin=subprocess.DEVNULL)
        outcomes.append(Outcome(name, code, time.monotonic() - began))
    _say("\n" + summary(outcomes))
    return 1 if any(outcome.exit_code for outcome in outcomes) else 0


def summary(outcomes: Sequence[Outcome]) -> str:
    """The closing block: a line for each check, then one for them all."""
    lines = ["=== 结果 / summary"]
    for outcome in outcomes:
        word = "passed" if outcome.exit_code == 0 else f"FAILED (exit code {outcome.exit_code})"
        lines.append(f"{outcome.name:<14} {word}  {outcome.seconds:.0f} s")
    failed = [outcome.name for outcome in outcomes if outcome.exit_code]
    lines.append(f"未通过 / failed: {', '.join(failed)}" if failed else "全部通过 / all passed")
    return "\n".join(lines)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
