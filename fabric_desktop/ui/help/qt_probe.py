"""Looks at Qt in a process of its own and prints what it found as one JSON line. Opens no window."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from fabric_desktop.bootstrap import display
from fabric_desktop.bootstrap.words import SetupProblem


def look() -> dict[str, Any]:
    """`qt`, `binding`, `font`, `chinese_fonts` (a count), `ways` of drawing, and the `problem` of opening a window."""
    problem = None
    try:
        display.require_window(os.environ)
    except SetupProblem as trouble:
        problem = {"code": trouble.code, "params": {name: str(value) for name, value in trouble.params.items()}}
    ways = display.platforms(os.environ) if display.needs_display() else ()
    # Fonts are there without a display, and asking a display that does not answer would end the process.
    if display.needs_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    import PySide6
    from PySide6.QtCore import qVersion
    from PySide6.QtGui import QFontDatabase, QGuiApplication

    app = QGuiApplication(sys.argv[:1])
    chinese = QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese)
    found = {
        "qt": qVersion(),
        "binding": PySide6.__version__,
        "font": _preferred(chinese),
        "chinese_fonts": len(chinese),
        "ways": list(ways),
        "problem": problem,
    }
    del app
    return found


def _preferred(families: list[str]) -> str:
    from fabric_desktop.ui.theme import choose_font

    chosen = choose_font().families()
    return next((family for family in chosen if family in families), families[0] if families else "")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(look()) + "\n")
