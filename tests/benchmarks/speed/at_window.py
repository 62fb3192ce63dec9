"""The real window, without a screen, for measures of it: put together as `app` does it. No measure here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from fabric_desktop.studio import Studio
    from fabric_desktop.ui.main_window import MainWindow
    from fabric_desktop.ui.runner import JobRunner
    from fabric_desktop.ui.workbench import Workbench

SIZE = (1280, 800)
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class AtWindow:
    """Somebody who sits at the window."""

    app: QApplication
    window: MainWindow

    @property
    def bench(self) -> Workbench:
        return self.window.bench

    @property
    def runner(self) -> JobRunner:
        return self.window.bench.runner

    async def until(self, holds: Callable[[], bool], *, every_s: float = 0.001) -> float:
        """Let the window work until something is so; seconds. Raises TimeoutError."""
        started = time.perf_counter()
        while not holds():
            if time.perf_counter() - started > PATIENCE_S:
                raise TimeoutError("the window did not come to it")
            await asyncio.sleep(every_s)
        return time.perf_counter() - started

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        runner = self.runner
        await self.until(lambda: not runner._tasks and all(entry.over for entry in runner._by_number.values()))


def sit_down(root: Path, work: Callable[[AtWindow], Coroutine[Any, Any, Any]]) -> Any:
    """Open the window on the studio at `root`, do what `work` says, close it; what `work` returns."""
    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop

    from fabric_desktop.ui.app_state import AppState
    from fabric_desktop.ui.i18n import Language
    from fabric_desktop.ui.main_window import MainWindow
    from fabric_desktop.ui.runner import JobRunner
    from fabric_desktop.ui.start import Start
    from fabric_desktop.ui.theme import Theme, choose_font
    from fabric_desktop.ui.workbench import Workbench

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    app.setFont(choose_font())
    loop, runner, troubles = QEventLoop(app), JobRunner(), list[BaseException]()
    runner.unexpected.connect(troubles.append)
    bench = Workbench(runner, "en")
    window = MainWindow(bench, Language("en"), Theme("light"), AppState(keeps=False))
    start, sitting = Start(window, bench, window.state), AtWindow(app, window)

    async def sit() -> Any:
        window.resize(*SIZE)
        window.show()
        if not await start.go_to(root, show_sample=False):
            raise RuntimeError(f"the window could not open {root}")
        await sitting.settled()
        return await work(sitting)

    with loop:
        result = loop.run_until_complete(sit())
        runner.close()
        bench.leave_studio()
    window.deleteLater()
    if troubles:
        raise troubles[0]
    return result


def studio_with_bank(folder: Path, encoder: str = "builtin", fabrics: int = 6, photos: int = 4) -> Studio:
    """A studio with so many drawn reference photos a fabric, its bank built by the encoder."""
    from fabric_desktop.bank import build_bank
    from fabric_desktop.encoders.registry import load_encoder
    from fabric_desktop.jobs import JobContext
    from fabric_desktop.studio import save_setting
    from tests.support import make_studio

    studio = make_studio(folder, {f"fabric {number:03}": photos for number in range(fabrics)})
    save_setting(studio, "encoder", encoder)
    build_bank(studio, load_encoder(encoder), JobContext())
    return studio
