"""What a command prints arrives whole: on any console, through any pipe, and as JSON with nothing around it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fabric_desktop.cli import run
from fabric_desktop.cli.console import (
    Console,
    Outcome,
    display_width,
    forgiving_streams,
    percent,
    standard_output_kept_clean,
)
from fabric_desktop.cli.journal import log_path
from fabric_desktop.errors import FabricError, UnreadableImage
from fabric_desktop.jobs import Cancelled
from fabric_desktop.wording import size_in_words
from tests.conftest import ROOT


class Bytes(io.TextIOWrapper):
    """A stream of some encoding whose bytes can be looked at."""

    def __init__(self, encoding: str, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, errors="strict")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def written(self) -> bytes:
        self.flush()
        return self.buffer.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "cp1252", "ascii"])
def test_no_console_is_too_poor_for_a_chinese_line_or_an_odd_file_name(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err = Bytes(encoding), Bytes(encoding)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    forgiving_streams()
    console = Console("zh", as_json=False)
    console.line("牛仔布 é \U0001f9f5 broken\udcff.jpg")
    console.trouble("牛仔布 é \U0001f9f5 broken\udcff.jpg")
    assert b"broken" in out.written()
    assert b"broken" in err.written()
    if encoding in ("utf-8", "gbk"):
        assert "牛仔布" in out.written().decode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "cp1252", "ascii"])
def test_json_is_json_whatever_the_pipes_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out = Bytes(encoding)
    monkeypatch.setattr(sys, "stdout", out)
    forgiving_streams()
    value = {"id": "真丝缎", "path": "é \U0001f9f5.jpg", "n": np.int64(3), "share": np.float32(0.5), "at": Path("a b")}
    Console("en", as_json=True).value(value)
    assert json.loads(out.written().decode(encoding)) == {
        "id": "真丝缎",
        "path": "é \U0001f9f5.jpg",
        "n": 3,
        "share": 0.5,
        "at": "a b",
    }


def test_an_undecodable_file_name_does_not_break_the_json(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Bytes("utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    forgiving_streams()
    Console("en", as_json=True).value({"path": "ref\udcff.jpg"})
    assert json.loads(out.written().decode("utf-8")) == {"path": "ref\udcff.jpg"}


def test_a_figure_that_json_does_not_have_is_refused_rather_than_printed_as_nan() -> None:
    with pytest.raises(ValueError, match="JSON"):
        Console("en", as_json=True).value({"top1": float("nan")})


def test_what_libraries_print_never_stands_beside_the_json(capfd: pytest.CaptureFixture[str]) -> None:
    with standard_output_kept_clean():
        print("from Python")  # noqa: T201
        os.write(1, b"from C\n")
    out, err = capfd.readouterr()
    assert out == ""
    assert "from Python" in err
    assert "from C" in err
    os.write(1, b"again\n")
    assert "again" in capfd.readouterr().out


def test_lines_for_a_person_are_silent_under_json(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console("en", as_json=True)
    console.line("hello")
    console.say("encoder", encoder="builtin", device="cpu")
    console.rule()
    console.note("a remark")
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "Note: a remark\n"


def test_a_pipe_gets_plain_lines_and_a_terminal_the_workflows_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    for terminal in (False, True):
        out = Bytes("utf-8", terminal=terminal)
        monkeypatch.setattr(sys, "stdout", out)
        Console("en", as_json=False).rule()
        assert (b"====" in out.written()) == terminal


def test_a_terminals_counter_is_wiped_and_a_pipe_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for terminal in (False, True):
        err = Bytes("utf-8", terminal=terminal)
        monkeypatch.setattr(sys, "stderr", err)
        with Console("zh", as_json=False).job() as context:
            context.progress(3, 20, "job.evaluate", photo="样本.png")
        text = err.written().decode("utf-8")
        assert ("3/20" in text) == terminal
        if terminal:
            assert text.endswith("\r" + " " * display_width("3/20  评估：样本.png") + "\r")


def test_ctrl_c_asks_a_job_to_stop_at_a_safe_place(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)

    def job() -> None:
        with Console("en", as_json=False).job() as context:
            signal.raise_signal(signal.SIGINT)
            context.check_cancelled()

    with pytest.raises(Cancelled):
        job()
    assert signal.getsignal(signal.SIGINT) is before
    assert "Stopping" in capsys.readouterr().err


def test_a_second_ctrl_c_does_not_wait_for_a_safe_place() -> None:
    def job() -> None:
        with Console("en", as_json=False).job():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        job()


def command_that(monkeypatch: pytest.MonkeyPatch, error: BaseException | Outcome) -> None:
    def command(options: object, console: object) -> Outcome:
        if isinstance(error, BaseException):
            raise error
        return error

    monkeypatch.setattr(run, "_command", lambda options: command)


def test_a_trouble_ends_with_3_and_says_what_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command_that(monkeypatch, UnreadableImage(path="照片/a.jpg", reason="missing"))
    assert run.main(["--lang", "en", "recognize", "照片/a.jpg"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "Error: The photo 照片/a.jpg cannot be used: there is no such file.",
        "What to do: Check the name and the folder; the photo may have been moved or renamed.",
    ]


def test_a_trouble_under_json_is_one_object_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command_that(monkeypatch, UnreadableImage(path="a.jpg", reason="missing"))
    assert run.main(["--json", "--lang", "en", "recognize", "a.jpg"]) == 3
    out, err = capsys.readouterr()
    error = json.loads(out)["error"]
    assert error["code"] == "unreadable_image"
    assert error["what"] in err
    assert error["do"] in err


@pytest.mark.parametrize("stop", [Cancelled(), KeyboardInterrupt()])
def test_ctrl_c_ends_with_130_and_one_plain_line(
    stop: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command_that(monkeypatch, stop)
    assert run.main(["--lang", "en", "build-bank"]) == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "Stopped. Nothing was changed or lost.\n"


def test_a_fault_of_ours_shows_no_traceback_but_keeps_it_in_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command_that(monkeypatch, RuntimeError("wires crossed"))
    assert run.main(["--lang", "en", "build-bank"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "wires crossed" in err
    assert "Traceback" not in err
    assert str(log_path()) in err
    log = log_path().read_text(encoding="utf-8")
    assert "Traceback" in log
    assert "wires crossed" in log


def test_a_home_that_cannot_be_written_to_takes_the_log_away_and_not_the_command(
    fabric_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fabric_home / "logs").write_text("a file where the folder should be", encoding="utf-8")
    command_that(monkeypatch, Outcome({}, 0))
    assert run.main(["build-bank"]) == 0


def test_a_reader_that_goes_away_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Bytes("utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    command_that(monkeypatch, BrokenPipeError())
    assert run.main(["build-bank"]) == 1


def test_every_trouble_can_be_told_through_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from fabric_desktop import errors

    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, FabricError)]
    for kind in kinds:
        command_that(monkeypatch, kind(path="P"))
        assert run.main(["--lang", "zh", "build-bank"]) == 3
        assert capsys.readouterr().err.startswith("出错：")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        *((0, "0 B"), (999, "999 B"), (2450, "2.5 KB"), (108_200, "108.2 KB")),
        *((13_400_000, "13.4 MB"), (3_200_000_000, "3.2 GB")),
    ],
)
def test_sizes_read_as_people_write_them(count: int, words: str) -> None:
    assert size_in_words(count) == words


def test_shares_read_as_the_workflow_prints_them() -> None:
    assert percent(8 / 9) == "88.89%"
    assert percent(1.0) == "100.00%"


INTERRUPTED = """
import runpy, sys

class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == "fabric_desktop.cli.run":
            exec("raise KeyboardInterrupt")  # as in the middle of making a dataclass

sys.meta_path.insert(0, Interrupted())
sys.argv = ["fabric-desktop", "check"]
runpy.run_module("fabric_desktop", run_name="__main__")
"""


def test_ctrl_c_while_the_program_is_still_being_read_is_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, encoding="utf-8", check=False, cwd=ROOT
    )
    assert done.returncode == 130
    assert "Stopped" in done.stderr
    assert "Traceback" not in done.stderr
