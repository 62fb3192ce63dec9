"""The grammar of improve, models, report and share. Knows no command's work."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fabric_desktop.wording import LANGS, say


def add_loop_commands(command: Callable[[str], argparse.ArgumentParser], lang: str) -> None:
    """Add the four commands by `command`, which makes a parser for a name."""

    def text(code: str) -> str:
        return say(f"cli.help.{code}", lang).replace("%", "%%")

    made = command("improve")
    made.add_argument("--deploy", choices=("auto", "never", "always"), default="auto", help=text("deploy"))
    made.add_argument("--note", metavar="TEXT", help=text("note"))

    models = _Actions(command("models"), "models", "list|use|compare|export|delete|restore|note", lang)
    models.add("list").add_argument("--since", action="store_true", help=text("since"))
    models.add("use").add_argument("version_name", metavar="VERSION", help=text("version_name"))
    made = models.add("compare")
    made.add_argument("version_a", metavar="A", help=text("version_a"))
    made.add_argument("version_b", metavar="B", help=text("version_b"))
    made = models.add("export")
    made.add_argument("version_name", metavar="VERSION", help=text("version_name"))
    made.add_argument("path", type=Path, metavar="PATH", help=text("share_file"))
    for action in ("delete", "restore"):
        models.add(action).add_argument("version_name", metavar="VERSION", help=text("version_name"))
    made = models.add("note")
    made.add_argument("version_name", metavar="VERSION", help=text("version_name"))
    made.add_argument("text", metavar="TEXT", help=text("note_text"))

    made = command("report")
    made.add_argument("--out", type=Path, default=Path("report.html"), metavar="PATH", help=text("report_out"))

    share = _Actions(command("share"), "share", "export|import", lang, required=True)
    made = share.add("export")
    made.add_argument("path", type=Path, metavar="PATH", help=text("share_file"))
    made.add_argument("--model-only", action="store_true", help=text("model_only"))
    made = share.add("import")
    made.add_argument("path", type=Path, metavar="PATH", help=text("shared_file"))
    made.add_argument("--into", metavar="DIR", help=text("into"))
    made.add_argument("--without-model", action="store_true", help=text("without_model"))


class _Actions:
    """The actions of one command, each with the general options after it too."""

    def __init__(
        self, parser: argparse.ArgumentParser, command: str, names: str, lang: str, *, required: bool = False
    ) -> None:
        self._command, self._lang = command, lang
        self._actions: Any = parser.add_subparsers(dest="action", metavar=names, required=required)

    def add(self, name: str) -> argparse.ArgumentParser:
        about = say(f"cli.help.{self._command}_{name}", self._lang)
        made: argparse.ArgumentParser = self._actions.add_parser(name, help=about, description=about, lang=self._lang)
        made.add_argument("--studio", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        made.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        made.add_argument("--lang", choices=LANGS, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        return made
