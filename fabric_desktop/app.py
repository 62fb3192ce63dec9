"""The window's program: reads its arguments, puts the parts together, runs the event loop. Decides nothing else.

Qt is imported only after the process has been prepared, so nothing here imports it at the top.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabric_desktop import __version__, logs
from fabric_desktop.early import prepare_process
from fabric_desktop.imaging import Box

if TYPE_CHECKING:
    from PySide6.QtCore import QMessageLogContext, QtMsgType

    from fabric_desktop.ui.problems import BugReporter

log = logging.getLogger(__name__)

EXIT_OK, EXIT_PROBLEM = 0, 3
_LOG_BYTES, _LOG_FILES = 1_000_000, 4


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    photo: Path | None
    studio: Path | None
    screenshot: Path | None
    box: Box | None
    lang: str | None
    theme: str | None
    size: tuple[int, int] | None
    gallery: Path | None = None
    tour: Path | None = None

    @property
    def draws(self) -> bool:
        """Whether only pictures are wanted: nothing of the person's is changed then, and nothing remembered."""
        return any(target is not None for target in (self.screenshot, self.gallery, self.tour))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the window, or draw one picture of it. Returns the exit code: 0, or 3 for what the person can put right.

    Raises SystemExit(2) for wrong usage, as argparse does, and what `prepare_process` raises.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    options = parse(arguments)
    prepare_process(arguments)
    if options.gallery is not None and os.environ.get("QT_SCALE_FACTOR") is None:
        from fabric_desktop.ui.gallery import draw_at_every_scale

        return draw_at_every_scale(arguments)
    start_log(to_file=not options.draws)
    return _run(options)


def parse(arguments: Sequence[str]) -> Options:
    """The command line as options; exits with code 2 when it makes no sense."""
    parser = argparse.ArgumentParser(
        prog="fabric-desktop-gui", description="Names the fabric in a photograph. / 识别照片里的面料。"
    )
    parser.add_argument("photo", nargs="?", type=Path, help="photograph to open")
    parser.add_argument("--studio", type=Path, metavar="DIR", help="folder to work in")
    parser.add_argument("--screenshot", type=Path, metavar="OUT.png", help="draw the window once, then end")
    parser.add_argument("--gallery", type=Path, metavar="DIR", help="draw all states and pages into DIR, then end")
    parser.add_argument("--tour", type=Path, metavar="DIR", help="draw the pictures of the tour into DIR, then end")
    parser.add_argument("--photo", dest="photo_option", type=Path, metavar="P", help="photograph for the screenshot")
    parser.add_argument("--box", type=int, nargs=4, metavar=("X", "Y", "W", "H"), help="region to recognise")
    parser.add_argument("--lang", choices=("zh", "en"), help="language of the window")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="colours of the window")
    parser.add_argument("--size", type=_size, metavar="WxH", help="size of the window")
    parser.add_argument("--version", action="version", version=f"fabric-desktop {__version__}")
    given = parser.parse_args(list(arguments))
    if given.photo is not None and given.photo_option is not None and given.photo != given.photo_option:
        parser.error("the photograph is named twice")
    photo = given.photo_option or given.photo
    if given.box is not None and photo is None:
        parser.error("--box needs a photograph")
    if given.box is not None and (given.box[2] < 1 or given.box[3] < 1):
        parser.error("--box needs a width and height of at least 1")
    return Options(
        photo=photo,
        studio=given.studio,
        screenshot=given.screenshot,
        box=None if given.box is None else Box(*given.box),
        lang=given.lang,
        theme=given.theme,
        size=given.size,
        gallery=given.gallery,
        tour=given.tour,
    )


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and 640 <= int(width) <= 16384 and 480 <= int(height) <= 16384):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1280x800")
    return int(width), int(height)


def start_log(*, to_file: bool) -> None:
    """Log into a rotating file in the person's folder; warnings also to standard error when drawing a picture."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    handler: logging.Handler
    if to_file:
        try:
            handler = logs.file_handler("window.log", level=logging.INFO, max_bytes=_LOG_BYTES, kept=_LOG_FILES)
        except OSError as error:
            # A full or read-only disk must not keep the window from opening.
            handler = logging.StreamHandler()
            log.warning("no log file: %s", error)
    else:
        handler = logging.StreamHandler()
        handler.setLevel(logging.WARNING)
    handler.setFormatter(logs.clean_formatter())
    root.addHandler(handler)


def _run(options: Options) -> int:
    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop

    from fabric_desktop.ui import runner as runners
    from fabric_desktop.ui.app_state import AppState, load_state
    from fabric_desktop.ui.i18n import Language, system_language
    from fabric_desktop.ui.main_window import MainWindow
    from fabric_desktop.ui.problems import BugReporter
    from fabric_desktop.ui.runner import JobRunner
    from fabric_desktop.ui.start import Start
    from fabric_desktop.ui.theme import Theme, choose_font
    from fabric_desktop.ui.workbench import Workbench

    drawing = options.draws
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("fabric-desktop")
    app.setApplicationDisplayName("Fabric Desktop")
    app.setDesktopFileName("fabric-desktop")
    app.setQuitOnLastWindowClosed(False)
    app.setFont(choose_font())
    bugs = BugReporter()
    _catch_everything(bugs)
    loop = QEventLoop(app)
    loop.set_exception_handler(lambda _loop, context: bugs.report(_error_of(context)))
    state = AppState(keeps=False) if drawing else load_state()
    theme = Theme(options.theme or state.theme or ("light" if drawing else "system"))
    language = Language(options.lang or state.lang or ("en" if drawing else system_language()))
    runner = JobRunner()
    runner.unexpected.connect(bugs.report)
    workbench = Workbench(runner, language.current, keeps_settings=options.screenshot is None)
    window = MainWindow(workbench, language, theme, state)
    bugs.found.connect(window.show_bug)
    told = {"keep_lang": options.lang is not None, "keep_theme": options.theme is not None}
    start = Start(window, workbench, state, **told)
    # Ctrl+C in a terminal ends the program at once; whatever is written is written whole or not at all.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with loop:
        if options.gallery is not None:
            from fabric_desktop.ui.gallery import Gallery
            from fabric_desktop.ui.start import DEFAULT_SIZE

            gallery = Gallery(window, start, options.gallery, options.lang, options.theme)
            code: int = loop.run_until_complete(gallery.draw(options.size or DEFAULT_SIZE))
        elif options.tour is not None:
            from fabric_desktop.ui.help.tour_pictures import TourPictures

            code = loop.run_until_complete(TourPictures(window, start, options.tour).draw())
        elif options.screenshot is not None:
            code = loop.run_until_complete(
                start.draw(options.screenshot, options.photo, options.box, options.studio, options.size)
            )
        else:
            code = loop.run_until_complete(start.run(options.photo, options.box, options.studio, options.size))
        ended = runner.close()
        workbench.leave_studio()
    window.deleteLater()
    if not ended or runners.unfinished_threads:
        # A job that cannot be interrupted still runs, and ending the interpreter under it would abort the process.
        log.warning("leaving without waiting for a job")
        logging.shutdown()
        os._exit(code)
    return code


def _catch_everything(bugs: BugReporter) -> None:
    """Send what nobody caught to the log and the window, from every thread and from Qt itself."""
    from PySide6.QtCore import QtMsgType, qInstallMessageHandler

    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
        QtMsgType.QtCriticalMsg: logging.ERROR,
        QtMsgType.QtFatalMsg: logging.CRITICAL,
    }
    qt_log = logging.getLogger("qt")

    def take(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        # What the offscreen platform says at each layout is true and of no use to anybody.
        idle = text.startswith("This plugin does not support")
        qt_log.log(logging.DEBUG if idle else levels.get(kind, logging.WARNING), "%s", text)

    def on_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            bugs.report(args.exc_value)

    qInstallMessageHandler(take)
    sys.excepthook = bugs.hook
    threading.excepthook = on_thread


def _error_of(context: dict[str, Any]) -> BaseException:
    error = context.get("exception")
    return error if isinstance(error, BaseException) else RuntimeError(str(context.get("message")))


if __name__ == "__main__":
    sys.exit(main())
