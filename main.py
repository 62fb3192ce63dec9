# -*- coding: utf-8 -*-
"""The way in by double click or `python main.py`: sets up .venv on the first run, then opens the window.

Standard library only, and readable by any Python since 2.7, so that an old one can say what is wrong with it.
Not for the set-up itself: that is fabric_desktop/bootstrap.
"""

import os
import sys

OLDEST = (3, 11)


def explain_old_python():
    # type: () -> int
    found = "%d.%d" % tuple(sys.version_info[:2])
    text = (
        u"需要 Python 3.11 或更新的版本，这里是 %s。请从 python.org 安装新版本后再启动。\n"
        u"Python 3.11 or newer is needed, and this is %s. Please install a newer one from python.org and start again.\n"
    ) % (found, found)
    # Written as bytes: an old Python would refuse Chinese on a console it takes for ASCII.
    os.write(2, text.encode("utf-8"))
    return 3


def main():
    # type: () -> int
    if sys.version_info < OLDEST:
        return explain_old_python()
    from fabric_desktop.bootstrap.start import main as start

    return start(os.path.dirname(os.path.abspath(__file__)), sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
