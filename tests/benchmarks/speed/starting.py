"""From the double click to the painted window: processor time, and what has been imported until then."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from tests.benchmarks.speed.frame import Figure, Options, Row, alone

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent, QObject

RUNS = 7
MOST_CPU_S = 1.0
HEAVY = ("torch", "torchvision", "timm", "open_clip", "sklearn", "scipy", "skimage")


def painted() -> dict[str, Any]:
    """Start the program as a double click does and stop it at its first painted window.

    Processor seconds and resident megabytes then, and which heavy libraries were imported.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from fabric_desktop.app import main
    from fabric_desktop.early import prepare_process

    prepare_process([])
    from PySide6 import QtCore, QtWidgets

    from tests.benchmarks.speed.frame import resident_mb

    app = QtWidgets.QApplication([])
    found: dict[str, Any] = {}

    class Watcher(QtCore.QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if not found and event.type() == QtCore.QEvent.Type.Paint and isinstance(watched, QtWidgets.QMainWindow):
                # The filter comes before the painting; what it paints with is paid for at the next turn.
                found["cpu"] = 0.0
                QtCore.QTimer.singleShot(0, self, lambda: self.tell(watched))
            return False

        def tell(self, window: QtWidgets.QMainWindow) -> None:
            found["cpu"] = time.process_time()
            found["heavy"] = sorted(name for name in HEAVY if name in sys.modules)
            found["modules"] = len(sys.modules)
            found["megabytes"] = resident_mb()
            window.close()

    watcher = Watcher()
    app.installEventFilter(watcher)
    code = main([])
    if code != 0 or "heavy" not in found:
        raise RuntimeError(f"no window was painted: exit code {code}")
    return found


def set_up() -> None:
    """What the first start does once: the drawn samples and their bank."""
    from fabric_desktop.bank import build_bank
    from fabric_desktop.encoders.registry import load_encoder
    from fabric_desktop.jobs import JobContext
    from fabric_desktop.samples import create_sample_studio
    from fabric_desktop.ui.start import sample_root

    build_bank(create_sample_studio(sample_root(), JobContext()), load_encoder("builtin"), JobContext())


def start(options: Options) -> Iterable[Row]:
    """Starts of a program that was started before."""
    alone(f"{__name__}:set_up")
    runs = [alone(f"{__name__}:painted") for _ in range(RUNS)]
    seconds = Figure.of([run.result["cpu"] for run in runs])
    heavy = sorted({name for run in runs for name in run.result["heavy"]})
    modules = Figure.of([run.result["modules"] for run in runs])
    yield Row(
        "start to a painted window, set up before, CPU time",
        f"< {MOST_CPU_S:g} s, nothing heavy",
        "s",
        seconds,
        met=seconds.value < MOST_CPU_S and not heavy,
        peak_mb=max(run.result["megabytes"] for run in runs),
        threads="1",
        note=f"{modules.value:.0f} modules; of {', '.join(HEAVY)}: {', '.join(heavy) or 'none'} imported",
    )


MEASURES: dict[str, Callable[[Options], Iterable[Row]]] = {"start": start}
