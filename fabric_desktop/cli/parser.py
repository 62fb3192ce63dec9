"""The grammar of the command line, with its help in both languages. Knows no command's work."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from fabric_desktop import __version__
from fabric_desktop.cli import values
from fabric_desktop.cli.loop_grammar import add_loop_commands
from fabric_desktop.wording import LANGS, say

PROGRAM = "fabric-desktop"
# As `studio.RULES_SOURCES`, which is not read for the sake of a command line.
RULES_SOURCES = ("fine", "coarse", "studio")
METHODS = ("rules", "retrieval", "head", "text", "fused")

# argparse has no Chinese of its own; these are the refusals a person meets. Anything else is shown as it comes.
_REFUSALS = (
    (re.compile(r"the following arguments are required: (?P<names>.+)"), "cli.refusal.required"),
    (re.compile(r"unrecognized arguments: (?P<names>.+)"), "cli.refusal.unrecognized"),
    (
        re.compile(r"argument (?P<name>.+?): invalid choice: (?P<value>.+?) \(choose from (?P<names>.+)\)"),
        "cli.refusal.choice",
    ),
    (re.compile(r"argument (?P<name>.+?): not allowed with argument (?P<other>.+)"), "cli.refusal.together"),
    (re.compile(r"argument (?P<name>.+?): expected at least one argument"), "cli.refusal.count_one_or_more"),
    (re.compile(r"argument (?P<name>.+?): expected (?:one|(?P<count>\d+)) arguments?"), "cli.refusal.count"),
    (re.compile(r"argument (?P<name>.+?): (?P<message>.+)"), "cli.refusal.value"),
)


class Parser(argparse.ArgumentParser):
    """argparse in the person's language; wrong usage ends with exit code 2 and a word on standard error."""

    def __init__(self, *, lang: str = "en", **kwargs: Any) -> None:
        self._lang = lang
        ours = {"add_help": False, "allow_abbrev": False, "formatter_class": self._formatter}
        super().__init__(**(kwargs | ours))
        self._positionals.title = say("cli.help.arguments", lang)
        self._optionals.title = say("cli.help.options", lang)
        self.add_argument("-h", "--help", action="help", help=say("cli.help.help", lang))

    def _formatter(self, prog: str) -> argparse.HelpFormatter:
        return _Formatter(prog, self._lang)

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        text = message
        for pattern, code in _REFUSALS:
            found = pattern.fullmatch(message)
            if found:
                parts = {name: value if value is not None else "1" for name, value in found.groupdict().items()}
                text = say(code, self._lang, **parts)
                choices = [name.strip("'") for name in parts.get("names", "").split(", ")]
                near = difflib.get_close_matches(parts.get("value", "").strip("'"), choices, n=1)
                if near:
                    text = say("cli.refusal.choice_near", self._lang, choice=text, near=near[0])
                break
        self.exit(2, say("cli.refusal.line", self._lang, program=self.prog, message=text) + "\n")


class _Formatter(argparse.HelpFormatter):
    def __init__(self, prog: str, lang: str) -> None:
        super().__init__(prog)
        self._usage = say("cli.help.usage", lang)

    def add_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Iterable[Any], prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, self._usage if prefix is None else prefix)


def build_parser(lang: str) -> argparse.ArgumentParser:
    """The whole grammar. `--studio`, `--json` and `--lang` stand before or after the command."""

    def text(code: str) -> str:
        # argparse fills in %-codes of its own.
        return say(f"cli.help.{code}", lang).replace("%", "%%")

    def general(parser: argparse.ArgumentParser, **default: Any) -> None:
        parser.add_argument("--studio", metavar="DIR", help=text("studio"), **default)
        parser.add_argument("--json", action="store_true", help=text("json"), **default)
        parser.add_argument("--lang", choices=LANGS, help=text("lang"), **default)

    parser = Parser(prog=PROGRAM, description=text("program"), lang=lang)
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}", help=text("version"))
    general(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, title=text("commands"))

    def command(name: str) -> argparse.ArgumentParser:
        about = text(name.replace("-", "_"))
        made: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about, lang=lang)
        # Suppressed, so that an option given before the command is not put back to its default after it.
        general(made, default=argparse.SUPPRESS)
        return made

    command("build-bank")
    command("train-head")

    made = command("make-eval-set")
    made.add_argument("--split", type=values.in_words(values.split, lang), default=0.2, help=text("split"))
    made.add_argument("--output", type=Path, metavar="PATH", help=text("output"))
    made.add_argument("--seed", type=values.in_words(values.seed, lang), default=42, help=text("seed"))

    made = command("evaluate")
    made.add_argument("--eval-set", type=Path, metavar="PATH", help=text("eval_set"))
    made.add_argument("--method", choices=METHODS, default="retrieval", help=text("evaluate_method"))
    made.add_argument("--mapping", type=Path, metavar="PATH", help=text("mapping"))
    _weighing(made, lang)

    made = command("recognize")
    made.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help=text("photos"))
    place = made.add_mutually_exclusive_group()
    _box(place, lang)
    pixel = values.in_words(values.pixel, lang)
    place.add_argument("--at", nargs=2, type=pixel, metavar=("X", "Y"), help=text("at"))
    made.add_argument("--method", choices=(*METHODS, "textbook"), default="fused", help=text("recognize_method"))
    _weighing(made, lang)

    made = command("label")
    made.add_argument("photo", type=Path, metavar="PHOTO", help=text("photo"))
    made.add_argument("--as", dest="fabric", required=True, metavar="FABRIC", help=text("as"))
    made.add_argument("--swatch", metavar="PIECE", help=text("swatch"))
    _box(made, lang)

    made = command("encoders")
    _encoder_actions(made, lang)

    made = command("check")

    made = command("doctor")
    made.add_argument("--report", type=Path, metavar="FILE.zip", help=text("doctor_report"))

    made = command("import-photos")
    made.add_argument("source", type=Path, metavar="SOURCE", help=text("import_source"))
    made.add_argument("--pattern", metavar="PATTERN", help=text("import_pattern"))
    made.add_argument("--level", choices=("top", "leaf"), default="top", help=text("import_level"))
    made.add_argument("--photos", type=Path, metavar="DIR", help=text("import_photos_dir"))
    made.add_argument("--link", action="store_true", help=text("import_link"))
    made.add_argument("--replace", action="store_true", help=text("import_replace"))
    made.add_argument("--dry-run", action="store_true", help=text("import_dry_run"))

    made = command("batch")
    made.add_argument("folder", type=Path, metavar="FOLDER", help=text("batch_folder"))
    out = values.in_words(values.report_file, lang)
    made.add_argument("--out", type=out, required=True, metavar="FILE", help=text("batch_out"))
    made.add_argument("--method", choices=(*METHODS, "textbook"), default="fused", help=text("recognize_method"))
    _weighing(made, lang)
    again = made.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help=text("batch_resume"))
    again.add_argument("--fresh", action="store_true", help=text("batch_fresh"))
    made.add_argument("--review", action="store_true", help=text("batch_review"))

    add_loop_commands(command, lang)

    made = command("samples")
    made.add_argument("folder", type=Path, metavar="DIR", help=text("samples_dir"))
    return parser


def _weighing(parser: argparse.ArgumentParser, lang: str) -> None:
    alpha, top_k = values.in_words(values.alpha, lang), values.in_words(values.top_k, lang)
    parser.add_argument("--alpha", type=alpha, metavar="ALPHA", help=say("cli.help.alpha", lang))
    parser.add_argument("--top-k", type=top_k, metavar="K", help=say("cli.help.top_k", lang))
    parser.add_argument("--rules-source", choices=RULES_SOURCES, help=say("cli.help.rules_source", lang))


def _box(parser: Any, lang: str) -> None:
    pixel = values.in_words(values.pixel, lang)
    shape = {"nargs": 4, "type": pixel, "metavar": ("X", "Y", "W", "H")}
    parser.add_argument("--box", action=_Box, lang=lang, help=say("cli.help.box", lang), **shape)


class _Box(argparse.Action):
    """Four whole numbers of which the last two, width and height, are at least 1."""

    def __init__(self, *args: Any, lang: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lang = lang

    def __call__(
        self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: str | None = None
    ) -> None:
        for side in values[2:]:
            if side < 1:
                raise argparse.ArgumentError(self, say("cli.bad_value.side", self._lang, value=side))
        setattr(namespace, self.dest, values)


def _encoder_actions(parser: argparse.ArgumentParser, lang: str) -> None:
    actions = parser.add_subparsers(dest="action", metavar="list|use|switch|get|prepare|quantize|import")

    def action(name: str) -> argparse.ArgumentParser:
        about = say(f"cli.help.encoders_{name}", lang)
        made: argparse.ArgumentParser = actions.add_parser(name, help=about, description=about, lang=lang)
        made.add_argument("--studio", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        made.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        made.add_argument("--lang", choices=LANGS, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        return made

    action("list")
    action("use").add_argument("encoder", metavar="ID", help=say("cli.help.encoder_id", lang))
    action("switch").add_argument("encoder", metavar="ID", help=say("cli.help.encoder_id", lang))
    made = action("get")
    made.add_argument("encoder", nargs="?", metavar="ID", help=say("cli.help.encoder_get_id", lang))
    made.add_argument("--mirror", metavar="URL", help=say("cli.help.encoder_mirror", lang))
    action("prepare").add_argument("encoder", metavar="ID", help=say("cli.help.encoder_id", lang))
    quantize = action("quantize")
    quantize.add_argument("encoder", nargs="?", metavar="ID", help=say("cli.help.encoder_quantize_id", lang))
    made = action("import")
    made.add_argument("path", type=Path, metavar="PATH", help=say("cli.help.encoder_path", lang))
    made.add_argument("--model", metavar="NAME/TAG", help=say("cli.help.encoder_model", lang))
