"""One writer a studio: the second is told who the first is, and a killed one keeps nobody out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fabric_desktop.errors import StudioLocked, StudioReadOnly
from fabric_desktop.studio import Studio, StudioLock, open_studio
from fabric_desktop.studio import lock as lock_module

HOLD = """
import sys
from pathlib import Path
from fabric_desktop.studio import Studio, StudioLock
with StudioLock(Studio(Path(sys.argv[1])), "window"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "共享 studio", create=True)


@contextmanager
def another_process_holding(studio: Studio) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(studio.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "held"
        try:
            yield process
        finally:
            process.kill()


def refusal(studio: Studio) -> StudioLocked:
    with pytest.raises(StudioLocked) as caught:
        StudioLock(studio, "command").acquire()
    return caught.value


def test_the_second_is_told_who_holds_the_studio(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "小王")
    with another_process_holding(studio) as process:
        owner = str(refusal(studio).params["owner"])
        assert owner.startswith("小王@")
        assert owner.endswith("(window)")
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.wait(20) == 0
    with StudioLock(studio) as lock:
        assert lock.held
    assert not lock.held


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_a_killed_window_keeps_nobody_out(studio: Studio) -> None:
    with another_process_holding(studio) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(20)
        with StudioLock(studio, "command") as lock:
            assert lock.held


def test_two_windows_in_one_process_are_two_as_well(studio: Studio) -> None:
    with StudioLock(studio, "window"):
        assert "(window)" in str(refusal(studio).params["owner"])
    with StudioLock(studio):
        pass


def test_a_second_refusal_does_not_free_the_first_holder(studio: Studio) -> None:
    with StudioLock(studio) as first:
        second = StudioLock(studio)
        with pytest.raises(StudioLocked):
            second.acquire()
        second.release()
        assert first.held
        refusal(studio)


def test_the_lock_is_freed_when_a_job_fails(studio: Studio) -> None:
    with pytest.raises(RuntimeError), StudioLock(studio):
        raise RuntimeError("a job failed")
    with StudioLock(studio):
        pass


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"owner": ', '{"owner": null}'])
def test_an_owner_nobody_can_read_is_still_a_refusal(studio: Studio, text: str) -> None:
    with StudioLock(studio):
        (studio.root / ".studio.owner.json").write_text(text, encoding="utf-8")
        assert refusal(studio).params["owner"] in ("?", "None")


def test_a_folder_that_cannot_be_written_to_is_said(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(StudioReadOnly):
        StudioLock(studio).acquire()
    monkeypatch.undo()
    with StudioLock(studio):
        pass


def test_what_a_lock_leaves_is_not_taken_for_anything(studio: Studio) -> None:
    with StudioLock(studio):
        pass
    assert studio.fabric_ids() == []
    assert all(entry.name.startswith(".") or entry.is_dir() for entry in studio.root.iterdir())


def test_whoever_has_just_taken_the_studio_is_named_too(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their name is written an instant after the lock is held."""
    names = iter(["?", "?", "小王@studio (label)"])
    monkeypatch.setattr(lock_module, "owner_of", lambda _studio: next(names))
    with another_process_holding(studio):
        assert refusal(studio).params["owner"] == "小王@studio (label)"
