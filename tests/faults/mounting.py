"""Real disks that fill up, are read-only, or vanish; run by test_files inside a mount namespace of its own.

`python mounting.py full|read_only|vanishing FOLDER SEED`: needs to be allowed to mount. Prints one JSON line.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from fabric_desktop.imaging import open_photo
from fabric_desktop.recognizer import Recognizer
from tests.faults.killing import as_child, ended, usual_times
from tests.faults.scene import OPERATIONS, make_scene, require_whole, told


def _mount(*arguments: object) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


def full(folder: Path, seed: int) -> dict[str, int]:
    """A disk of a few megabytes with less and less room on it."""
    _mount("-t", "tmpfs", "-o", "size=12m", "tmpfs", folder)
    scene = make_scene(folder)
    reasons: Counter[str] = Counter()
    number = 0
    for room in (0, 4_096, 12_288, 40_960, 131_072):
        for name in OPERATIONS:
            number += 1
            ballast = folder / "ballast"
            ballast.unlink(missing_ok=True)
            free = os.statvfs(folder)
            ballast.write_bytes(b"\0" * max(0, free.f_bavail * free.f_frsize - room))
            error = told(scene, name, number)
            if error is not None:
                reasons[f"{error.code} {error.params.get('reason')}"] += 1
            ballast.unlink()
            require_whole(scene.studio)
    return dict(reasons)


def read_only(folder: Path, seed: int) -> dict[str, int]:
    """A disk that may be looked at only: every change is refused, and recognising goes on."""
    _mount("-t", "tmpfs", "-o", "size=12m", "tmpfs", folder)
    scene = make_scene(folder)
    _mount("-o", "remount,ro", folder)
    reasons: Counter[str] = Counter()
    for name in OPERATIONS:
        error = told(scene, name, 1)
        reasons[error.code if error is not None else "done"] += 1
    photo = scene.studio.reference_photos("棉布")[0]
    recognition = Recognizer(scene.studio).recognize(open_photo(photo))
    reasons[f"recognised {recognition.candidates[0].id}"] += 1
    _mount("-o", "remount,rw", folder)
    require_whole(scene.studio)
    return dict(reasons)


def vanishing(folder: Path, seed: int) -> dict[str, int]:
    """A share that goes away in the middle of the work and is connected again afterwards."""
    shuffle = random.Random(seed)
    there, share = folder / "server", folder / "share"
    there.mkdir()
    share.mkdir()
    _mount("--bind", there, share)
    scene = make_scene(share, beside=folder / "own")
    times = usual_times(scene)
    outcomes: Counter[str] = Counter()

    def work(name: str, number: int) -> None:
        os._exit(2 if told(scene, name, number) is not None else 0)

    for number in range(1, 37):
        name = list(OPERATIONS)[number % len(OPERATIONS)]
        child = as_child(work, name, number)
        time.sleep(shuffle.uniform(0.0, times[name]))
        subprocess.run(["umount", "-l", share], check=True)
        outcomes[{0: "done", 2: "told"}.get(ended(child), f"{name} broke")] += 1
        left = sorted(path.name for path in share.rglob("*"))
        _mount("--bind", there, share)
        if left:
            outcomes[f"{name} wrote where the share had been: {left}"] += 1
        require_whole(scene.studio)
    return dict(outcomes)


DISKS: dict[str, Callable[[Path, int], dict[str, int]]] = {
    "full": full,
    "read_only": read_only,
    "vanishing": vanishing,
}

if __name__ == "__main__":
    found = DISKS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
