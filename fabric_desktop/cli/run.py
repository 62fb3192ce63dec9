"""Runs a command line from its words to its exit code, and turns what goes wrong into a sentence."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from fabric_desktop.cli.console import Console, Outcome, forgiving_streams, standard_output_kept_clean
from fabric_desktop.cli.journal import journal, log_path
from fabric_desktop.cli.language import lang_before_parsing, system_lang
from fabric_desktop.cli.parser import build_parser
from fabric_desktop.early import give_missing_streams, keep_hub_quiet, preload_runtime
from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import Cancelled
from fabric_desktop.studio.files import trouble_of

if TYPE_CHECKING:
    from argparse import Namespace

logger = logging.getLogger(__name__)

_HOME_OF = {
    "build-bank": "fabric_desktop.cli.making",
    "train-head": "fabric_desktop.cli.making",
    "samples": "fabric_desktop.cli.making",
    "make-eval-set": "fabric_desktop.cli.measuring",
    "evaluate": "fabric_desktop.cli.measuring",
    "recognize": "fabric_desktop.cli.naming",
    "label": "fabric_desktop.cli.naming",
    "encoders": "fabric_desktop.cli.encoding",
    "check": "fabric_desktop.cli.library",
    "doctor": "fabric_desktop.cli.doctoring",
    "import-photos": "fabric_desktop.cli.library",
    "batch": "fabric_desktop.cli.batching",
    "improve": "fabric_desktop.cli.improving",
    "models": "fabric_desktop.cli.versions",
    "report": "fabric_desktop.cli.reporting",
    "share": "fabric_desktop.cli.reporting",
}

DONE, FAULT, USAGE, PERSON, STOPPED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (without the program's name); returns its exit code.

    0 done; 1 a fault of the program; 2 wrong usage; 3 something the person can put right; 130 stopped by Ctrl+C.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    give_missing_streams()
    keep_hub_quiet(os.environ)
    preload_runtime()
    forgiving_streams()
    try:
        options = build_parser(lang_before_parsing(arguments)).parse_args(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else USAGE
    try:
        with warnings.catch_warnings(), journal():
            # A library's remark to programmers is none to the person; -W and PYTHONWARNINGS still bring them out.
            if not sys.warnoptions:
                warnings.simplefilter("ignore")
            return _speak(options)
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`). Python would complain once more when it flushes at exit.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAULT


def _speak(options: Namespace) -> int:
    console = Console(_lang(options), as_json=options.json)
    try:
        with standard_output_kept_clean() if options.json else contextlib.nullcontext():
            outcome = _command(options)(options, console)
    except FabricError as error:
        outcome = Outcome({"error": console.explain(error)}, PERSON)
    except (Cancelled, KeyboardInterrupt):
        console.trouble(console.words("stopped"))
        return STOPPED
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is None:
            return _fault(options, console, error)
        logger.warning("%s was refused a file", options.command, exc_info=error)
        outcome = Outcome({"error": console.explain(trouble_of(error))}, PERSON)
    except Exception as error:
        return _fault(options, console, error)
    if options.json:
        console.value(outcome.value)
    return outcome.exit_code


def _fault(options: Namespace, console: Console, error: Exception) -> int:
    logger.error("%s failed", options.command, exc_info=error)
    console.trouble(console.words("fault", kind=type(error).__name__, message=str(error), log=log_path()))
    return FAULT


def _lang(options: Namespace) -> str:
    """The language asked for, else the studio's, else the system's. What is wrong with the studio is for the command
    to report."""
    from fabric_desktop.cli.place import studio_of
    from fabric_desktop.studio import load_settings

    if options.lang:
        return str(options.lang)
    try:
        return load_settings(studio_of(options, needed=False)).lang or system_lang()
    except (FabricError, OSError):
        return system_lang()


def _command(options: Namespace) -> Callable[[Namespace, Console], Outcome]:
    """The function of a command; each command's module is read only when it is asked for."""
    name = options.command
    command: Callable[[Namespace, Console], Outcome] = getattr(import_module(_HOME_OF[name]), name.replace("-", "_"))
    return command
