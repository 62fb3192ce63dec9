"""The library that the tests of the bank build from, and the build itself. Plain functions, no fixtures."""

from __future__ import annotations

import sys
from pathlib import Path

from fabric_desktop.bank import BankReport, build_bank
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio
from tests.support import CountingEncoder, make_studio

LIBRARY = {"cotton": 3, "file": 3, "真丝缎": 4, 'a\'b "quoted"': 3, "🧵": 3}


def library_studio(root: Path) -> Studio:
    """A studio of `LIBRARY`, of which Windows cannot hold the quoted name."""
    library = LIBRARY if sys.platform != "win32" else {key: n for key, n in LIBRARY.items() if '"' not in key}
    return make_studio(root, library)


def build(studio: Studio, encoder: CountingEncoder | None = None, context: JobContext | None = None) -> BankReport:
    return build_bank(studio, encoder or CountingEncoder(), context or JobContext())
