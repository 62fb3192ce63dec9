"""Which language a command speaks: the one asked for, else the studio's, else the system's."""

from __future__ import annotations

import locale
import os
from collections.abc import Sequence

from fabric_desktop.wording import LANGS


def system_lang() -> str:
    """`zh` where the system speaks Chinese, `en` everywhere else."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return _lang_of(value)
    return _lang_of(locale.getlocale()[0] or "")


def _lang_of(name: str) -> str:
    # POSIX and macOS say zh_CN.UTF-8, Windows says Chinese (Simplified)_China.
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


def lang_before_parsing(arguments: Sequence[str]) -> str:
    """The language of help and usage errors, which come before a studio is known."""
    for place, word in enumerate(arguments):
        asked = word.removeprefix("--lang=")
        if word == "--lang":
            asked = arguments[place + 1] if place + 1 < len(arguments) else ""
        elif not word.startswith("--lang="):
            continue
        if asked in LANGS:
            return asked
    return system_lang()
