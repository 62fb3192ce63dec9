"""What `python main.py ...` does: reads what was asked for, has .venv brought up if need be, and hands over.

The way of every later start, so it imports little; the set-up itself is imported when there is something to set up.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fabric_desktop.bootstrap import words
from fabric_desktop.bootstrap.environment import BASE, Checkout, State, look
from fabric_desktop.bootstrap.words import SetupProblem

EXIT_BUG = 1
EXIT_PROBLEM = 3
EXIT_STOPPED = 130
# Options of the window's program that draw into files instead of opening a window.
DRAWING = ("--screenshot", "--gallery", "--tour")

HELP = """\
python main.py [PHOTO]                  打开窗口 / open the window
python main.py --with-clip [PHOTO]      先安装 CLIP 引擎（约 6 GB），再打开窗口
                                        install the CLIP engine first (about 6 GB), then open the window
python main.py --screenshot OUT.png [--photo P] [--box X Y W H] [--lang zh|en]
                                        不开窗口，把识别完成的主窗口画成图片
                                        no window: draw the main window, its recognition finished, into a picture
    --studio DIR, --theme light|dark, --size WxH
                                        工作室、配色、窗口大小 / the folder of work, the colours, the window's size
python main.py --gallery DIR            把窗口的各种状态画成图片 / draw the window's states into pictures
python main.py test [PYTEST OPTION...]  安装全部组件并运行全部检查
                                        install everything and run every check
python main.py --help                   显示本说明 / show this

首次启动会在旁边建立 .venv 并安装所需组件，之后直接打开窗口。
The first start makes .venv beside main.py and installs what is needed; later ones go straight to the window.
命令行工具 / the commands: {commands} --help
"""


class Request(NamedTuple):
    """What a command line asks for: `help`, `test`, or `open`, with the packages it needs and what is passed on."""

    action: str
    wanted: tuple[str, ...]
    arguments: tuple[str, ...]

    @property
    def draws(self) -> bool:
        """Whether pictures are made instead of a window on a display."""
        return any(argument.partition("=")[0] in DRAWING for argument in self.arguments)


def read(arguments: Sequence[str]) -> Request:
    """Sorts the command line; what is not known here belongs to the window's program."""
    if arguments[:1] == ["test"]:
        return Request("test", (BASE, "clip", "test"), tuple(arguments[1:]))
    if "-h" in arguments or "--help" in arguments:
        return Request("help", (), ())
    wanted = (BASE, "clip") if "--with-clip" in arguments else (BASE,)
    return Request("open", wanted, tuple(argument for argument in arguments if argument != "--with-clip"))


def main(root: str, arguments: Sequence[str]) -> int:
    """Runs a command line for the checkout in `root`; returns the exit code, 3 for what a person can put right."""
    words.let_any_text_through()
    checkout = Checkout(Path(root).resolve())
    request = read(list(arguments))
    if request.action == "help":
        sys.stdout.write(HELP.format(commands=checkout.scripts / "fabric-desktop"))
        return 0
    try:
        return _carry_out(checkout, request)
    except SetupProblem as problem:
        words.explain(problem)
        return EXIT_PROBLEM
    except KeyboardInterrupt:
        words.tell(sys.stderr, "setup_stopped")
        return EXIT_STOPPED
    except Exception as error:
        words.tell(sys.stderr, "unexpected", reason=repr(error), log=_write_report(checkout))
        return EXIT_BUG


def _carry_out(checkout: Checkout, request: Request) -> int:
    from fabric_desktop.bootstrap.display import require_display

    opens_window = request.action == "open" and not request.draws
    if opens_window and request.wanted == (BASE,):
        # Before minutes of set-up rather than after them; whoever asks for packages gets these in any case.
        require_display(os.environ)
    found = look(checkout, request.wanted)
    if found.state is not State.READY or not found.checked:
        from fabric_desktop.bootstrap.install import bring_up

        # Progress goes to standard error: standard output belongs to what is started.
        bring_up(checkout, request.wanted, sys.stderr)
    if request.action == "test":
        from fabric_desktop.bootstrap.suite import run_suite

        return run_suite(checkout, request.arguments)
    if opens_window:
        require_display(os.environ)
    from fabric_desktop.bootstrap.hand_over import hand_over

    return hand_over(checkout, request.arguments, draws=request.draws)


def _write_report(checkout: Checkout) -> Path:
    """Keeps the traceback where the person can find it; returns where."""
    import tempfile
    import traceback

    text = traceback.format_exc()
    for path in (checkout.log, Path(tempfile.gettempdir()) / "fabric-desktop-start.log"):
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError:
            # The checkout may be what is broken; the temporary folder is tried next.
            continue
        return path
    sys.stderr.write(text)
    return checkout.log
