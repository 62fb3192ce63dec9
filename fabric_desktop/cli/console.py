"""What a command says and where: lines or one JSON object on standard output, troubles on standard error.

The words come from `wording`; a console that cannot show a character never stops a command.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import JobContext, Progress
from fabric_desktop.notices import Notice
from fabric_desktop.wording import explain, remark, say

_RULE = "=" * 60
_COUNTER_INTERVAL_S = 0.1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command ends with: the value that `--json` prints, and the exit code."""

    value: dict[str, Any] = field(default_factory=dict)
    exit_code: int = 0


class Console:
    """Speaks one language, to a person or (as JSON) to a program."""

    def __init__(self, lang: str, *, as_json: bool) -> None:
        self.lang = lang
        self.as_json = as_json

    def line(self, text: str = "") -> None:
        """A line for the person; nothing under `--json`."""
        if not self.as_json:
            _write(sys.stdout, text + "\n")

    def say(self, code: str, **params: object) -> None:
        """The text `cli.<code>` as a line for the person."""
        self.line(self.words(code, **params))

    def words(self, code: str, **params: object) -> str:
        """The text `cli.<code>` in this console's language."""
        return say(f"cli.{code}", self.lang, **params)

    def rule(self) -> None:
        """A line across a terminal; a file or pipe gets none."""
        if sys.stdout is not None and sys.stdout.isatty():
            self.line(_RULE)

    def notices(self, notices: tuple[Notice, ...]) -> None:
        """What a result adds about itself: among the lines, or on standard error under `--json`."""
        for notice in notices:
            self.note(self.notice_text(notice))

    def notice_text(self, notice: Notice) -> str:
        """A notice in this console's language; one about an error ends with what to do."""
        text = remark(notice.code, self.lang, **notice.params)
        error = notice.params.get("error")
        if not isinstance(error, FabricError):
            return text
        return text + ("" if self.lang == "zh" else " ") + explain(error, self.lang).do

    def note(self, text: str) -> None:
        """A remark: among the lines, or on standard error under `--json`."""
        _write(sys.stderr if self.as_json else sys.stdout, self.words("note", text=text) + "\n")

    def trouble(self, text: str) -> None:
        """A line on standard error."""
        _write(sys.stderr, text + "\n")

    def explain(self, error: FabricError) -> dict[str, object]:
        """Says on standard error what happened and what to do; returns the same for JSON."""
        explanation = explain(error, self.lang)
        self.trouble(self.words("error", what=explanation.what))
        self.trouble(self.words("error_do", do=explanation.do))
        return {"code": error.code, "what": explanation.what, "do": explanation.do}

    def value(self, value: dict[str, Any]) -> None:
        """The one JSON object of a command, whatever the encoding of standard output."""
        encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
        text = json.dumps(value, ensure_ascii=encoding != "utf8", allow_nan=False, default=_plain)
        _write(sys.stdout, text + "\n")

    @contextlib.contextmanager
    def job(self, on_progress: Callable[[Progress], None] | None = None) -> Iterator[JobContext]:
        """The context of a long job. Ctrl+C asks it to stop at a safe place; a second one does not wait for that.

        Without `on_progress` a terminal shows a counter that replaces itself.
        """
        counter = _Counter(self) if on_progress is None else None
        shown = counter.show if counter is not None else on_progress
        context = JobContext(None if self.as_json else shown)
        before = signal.getsignal(signal.SIGINT)
        own = threading.current_thread() is threading.main_thread()

        def stop(number: int, frame: FrameType | None) -> None:
            signal.signal(signal.SIGINT, before)
            context.cancel()
            self.trouble("\n" + self.words("stopping"))

        if own:
            signal.signal(signal.SIGINT, stop)
        try:
            yield context
        finally:
            if own:
                signal.signal(signal.SIGINT, before)
            if counter is not None:
                counter.clear()


class _Counter:
    """A line on the terminal's standard error that says how far a job is, and is wiped at its end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = 0
        self._next = 0.0

    def show(self, progress: Progress) -> None:
        if sys.stderr is None or not sys.stderr.isatty() or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _COUNTER_INTERVAL_S
        text = say(progress.code, self._console.lang, **progress.params)
        if progress.total:
            text = f"{progress.done}/{progress.total}  {text}"
        width = display_width(text)
        _write(sys.stderr, "\r" + text + " " * max(0, self._width - width))
        self._width = width

    def clear(self) -> None:
        if self._width:
            _write(sys.stderr, "\r" + " " * self._width + "\r")
            self._width = 0


def display_width(text: str) -> int:
    """Columns that a terminal needs for a text: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _write(stream: TextIO | None, text: str) -> None:
    if stream is not None:
        stream.write(text)
        stream.flush()


def _plain(value: object) -> object:
    """JSON for what the core's results hold: numpy's numbers and paths."""
    if isinstance(value, Path):
        return str(value)
    item = getattr(value, "item", None)
    if callable(item):
        return item()
    raise TypeError(f"{type(value).__name__} has no JSON")


def forgiving_streams() -> None:
    """Lets a console of any encoding (GBK, cp1252, ASCII) show what it can: other characters become codes or `?`."""
    for stream, errors in ((sys.stdout, "replace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            utf8 = (stream.encoding or "").lower().replace("-", "") == "utf8"
            # In UTF-8 only the broken halves of undecodable file names fail; as \udcXX they are valid JSON.
            stream.reconfigure(errors="backslashreplace" if utf8 else errors)


@contextlib.contextmanager
def standard_output_kept_clean() -> Iterator[None]:
    """While it lasts, what Python or a native library writes to standard output goes to standard error instead."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stack.enter_context(_descriptor_redirected(sys.__stdout__, sys.__stderr__))
        yield


@contextlib.contextmanager
def _descriptor_redirected(source: TextIO | None, target: TextIO | None) -> Iterator[None]:
    if source is None or target is None:
        yield
        return
    source.flush()
    number = source.fileno()
    kept = os.dup(number)
    try:
        os.dup2(target.fileno(), number)
        yield
    finally:
        os.dup2(kept, number)
        os.close(kept)


def percent(share: float) -> str:
    """A share 0..1 as the lines of the workflow, which other programs read, print it in both languages: 88.89%."""
    return f"{100 * share:.2f}%"
