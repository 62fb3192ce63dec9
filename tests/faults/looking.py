"""Opens every odd picture as the program does, and says what came of it; run as a process by test_pictures.

`python looking.py FOLDER`: the pictures are written there one by one. Prints a JSON line a picture, and one with the
peak of memory.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import resource
import sys
import time
from pathlib import Path
from typing import Any

from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.errors import UnreadableImage
from fabric_desktop.glance import glance
from fabric_desktop.imaging import open_photo
from fabric_desktop.recognizer import Recognizer
from tests.faults.odd_pictures import odd_pictures
from tests.support import make_studio

_LARGE = 20_000_000


def look_at(path: Path, recognizer: Recognizer) -> dict[str, Any]:
    """What the canvas, the lists and the recogniser make of a file."""
    try:
        picture = open_photo(path)
    except UnreadableImage as error:
        return {"refused": error.params["reason"]}
    found: dict[str, Any] = {"size": picture.size, "pixel": picture.getpixel((0, 0)), "mode": picture.mode}
    if picture.width * picture.height < _LARGE:
        found["answered"] = bool(recognizer.recognize(picture).candidates)
        found["seen"] = glance(path, 64).size
    return found


def main(folder: Path) -> None:
    faulthandler.enable()
    logging.disable(logging.CRITICAL)
    recognizer = Recognizer(make_studio(folder / "studio", {"denim": 2}), DummyEncoder())
    for odd in odd_pictures():
        path = folder / odd.name
        path.write_bytes(odd.data)
        started = time.monotonic()
        found = look_at(path, recognizer)
        path.unlink()
        told = {"name": odd.name, "seconds": round(time.monotonic() - started, 2), **found}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
    unit = 1024 if sys.platform == "linux" else 1024**2
    sys.stdout.write(json.dumps({"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
