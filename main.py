# -*- coding: utf-8 -*-
"""The way in by double click or `python main.py`: sets up .venv on the first run, then opens the window.

Standard library only, and readable by any Python since 2.7, so that an old one can say what is wrong with it.
Not for the set-up itself: that is fabric_desktop/bootstrap.
"""

import os
import sys

OLDEST = (3, 11)


OLD = (
    u"需要 Python 3.11 至 3.14（64 位），这里是 %s。请从 python.org 安装后再启动。\n"
    u"Python 3.11 to 3.14, 64-bit, is needed, and this is %s. Please install one from python.org and start again.\n"
)
NARROW = (
    u"需要 64 位的 Python，这里是 32 位的 %s。请从 python.org 安装 64 位版本后再启动。\n"
    u"A 64-bit Python is needed, and this is a 32-bit %s. Please install the 64-bit one from python.org and start "
    u"again.\n"
)
INCOMPLETE = (
    u"程序的其他文件不在 %s 里。如果下载的是压缩包，请先全部解压到一个文件夹，再从那里启动。\n"
    u"The rest of the program is not in %s. If you fetched a zip, unpack all of it into a folder and start there.\n"
)


def explain(text, what):
    # type: (str, str) -> int
    # Written as bytes: an old Python would refuse Chinese on a console it takes for ASCII.
    os.write(2, (text % (what, what)).encode("utf-8"))
    return 3


def main():
    # type: () -> int
    version = "%d.%d" % tuple(sys.version_info[:2])
    if sys.version_info < OLDEST:
        return explain(OLD, version)
    if sys.maxsize < 2**32:
        return explain(NARROW, version)
    root = os.path.dirname(os.path.abspath(__file__))
    if not os.path.isfile(os.path.join(root, "fabric_desktop", "bootstrap", "start.py")):
        return explain(INCOMPLETE, root)
    from fabric_desktop.bootstrap.start import main as start

    return start(root, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
