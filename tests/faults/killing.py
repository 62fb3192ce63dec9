"""Kills a person's work at random moments and looks at what they find afterwards. Run by test_kill as a process.

`python killing.py FOLDER SEED KILLS`: everything is imported once; each piece of work is then a fork of this process,
killed after a random part of the time that such work takes. Prints one JSON line with what happened.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.faults.scene import OPERATIONS, Scene, make_scene, require_whole


def as_child(work: object, *arguments: object) -> int:
    """The work in a process of its own; its number. Exit code 0 when it came to its end."""
    number = os.fork()
    if number:
        return number
    try:
        work(*arguments)  # type: ignore[operator]
        code = 0
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)


def ended(number: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def usual_times(scene: Scene) -> dict[str, float]:
    """Seconds that each piece of work takes here, undisturbed."""
    times = {}
    for name, work in OPERATIONS.items():
        started = time.monotonic()
        if ended(as_child(work, scene, 0)) != 0:
            raise RuntimeError(f"{name} fails without being killed")
        times[name] = time.monotonic() - started
    return times


def main(folder: Path, seed: int, kills: int) -> None:
    shuffle = random.Random(seed)
    scene = make_scene(folder)
    times = usual_times(scene)
    cut_off: Counter[str] = Counter()
    number = 0
    while cut_off.total() < kills or min(cut_off[name] for name in OPERATIONS) < 3:
        number += 1
        # In turn, so that each kind of work is cut off about as often as any other.
        name = list(OPERATIONS)[number % len(OPERATIONS)]
        child = as_child(OPERATIONS[name], scene, number)
        time.sleep(shuffle.uniform(0.0, times[name]))
        os.kill(child, signal.SIGKILL)
        code = ended(child)
        if code == -signal.SIGKILL:
            cut_off[name] += 1
        elif code != 0:
            raise RuntimeError(f"{name} failed by itself after {cut_off.total()} kills")
        if ended(as_child(require_whole, scene.studio)) != 0:
            raise RuntimeError(f"not whole after {name} was killed ({cut_off.total()} kills)")
    root = scene.studio.root
    begun = [path for path in root.rglob(".*") if path.name.startswith((".writing", ".building", ".discarded"))]
    left = [str(path.relative_to(root)) for path in begun]
    sys.stdout.write(json.dumps({"kills": dict(cut_off), "left": left}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
