"""A change to many files is done whole, taken back whole, and survives being killed at any point."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from fabric_desktop.errors import ChangeBlocked, SaveFailed
from fabric_desktop.studio import Studio, StudioLock, changes, open_studio
from fabric_desktop.studio.changes import make_change, pending_changes, recover, staging, undo_change
from fabric_desktop.studio.files import write_json
from fabric_desktop.studio.steps import DropFolder, MakeFolder, Move, Step, Write


class Killed(BaseException):
    """The process was killed here."""


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = open_studio(tmp_path / "工作 室", create=True)
    (studio.fabrics_dir / "棉 布").mkdir()
    (studio.fabrics_dir / "棉 布" / "一.jpg").write_bytes(b"one")
    (studio.fabrics_dir / "棉 布" / "fabric.toml").write_bytes(b"old")
    return studio


STEPS: tuple[Step, ...] = (
    MakeFolder("fabrics/new"),
    Move("fabrics/棉 布/一.jpg", "fabrics/new/1.jpg"),
    Write("fabrics/棉 布/fabric.toml", b"old", None),
    Write("fabrics/new/fabric.toml", None, "新".encode()),
    DropFolder("fabrics/棉 布"),
)
BEFORE = {"fabrics/棉 布/一.jpg": b"one", "fabrics/棉 布/fabric.toml": b"old"}
AFTER = {"fabrics/new/1.jpg": b"one", "fabrics/new/fabric.toml": "新".encode()}


def files(studio: Studio) -> dict[str, bytes]:
    return {
        path.relative_to(studio.root).as_posix(): path.read_bytes()
        for path in sorted(studio.root.rglob("*"))
        if path.is_file() and not path.name.startswith(".studio")
    }


def killed_at(monkeypatch: pytest.MonkeyPatch, number: int, error: Callable[[], BaseException]) -> None:
    """The process ends (or the disk fails) before the step of this number."""
    seen = 0
    real = changes._do

    def do(studio: Studio, step: Step) -> None:
        nonlocal seen
        if seen == number:
            seen += 1
            raise error()
        seen += 1
        real(studio, step)

    monkeypatch.setattr(changes, "_do", do)


def test_a_change_is_done_whole_and_taken_back_whole_and_done_again(studio: Studio) -> None:
    done = make_change(studio, "rename", STEPS, {"old": "棉 布", "new": "new"})
    assert files(studio) == AFTER
    assert not (studio.fabrics_dir / "棉 布").exists()
    undone = undo_change(studio, done)
    assert files(studio) == BEFORE
    assert not (studio.fabrics_dir / "new").exists()
    assert (undone.kind, undo_change(studio, undone).kind) == ("undo_rename", "rename")
    assert files(studio) == AFTER


def test_a_change_says_what_it_touched_so_that_views_can_follow(studio: Studio) -> None:
    done = make_change(studio, "rename", STEPS)
    assert done.fabrics == {"棉 布", "new"}
    assert not done.labels
    assert not done.eval_set


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_a_kill_at_any_point_is_completed_when_the_studio_is_next_locked(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with monkeypatch.context() as patch:
        killed_at(patch, number, Killed)
        with pytest.raises(Killed):
            make_change(studio, "rename", STEPS, {"old": "棉 布"})
    assert len(pending_changes(studio)) == 1
    with StudioLock(studio) as lock:
        assert [(item.kind, item.params, item.completed) for item in lock.recovered] == [
            ("rename", {"old": "棉 布"}, True)
        ]
    assert files(studio) == AFTER
    assert pending_changes(studio) == []


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_a_disk_that_fails_at_any_point_leaves_everything_as_it_was(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    killed_at(monkeypatch, number, lambda: OSError(28, "No space left on device", "somewhere"))
    with pytest.raises(SaveFailed) as failed:
        make_change(studio, "rename", STEPS)
    assert failed.value.params["reason"] == "disk_full"
    assert files(studio) == BEFORE
    assert pending_changes(studio) == []


@pytest.mark.parametrize("number", range(1, 2 * len(STEPS)))
def test_a_kill_while_a_failed_change_is_being_taken_back_is_still_taken_back(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    real, calls = changes._do, 0

    def do(where: Studio, step: Step) -> None:
        nonlocal calls
        calls += 1
        if calls == len(STEPS):
            raise OSError(5, "Input/output error")
        if calls == len(STEPS) + number:
            raise Killed
        real(where, step)

    with monkeypatch.context() as patch:
        patch.setattr(changes, "_do", do)
        with pytest.raises((Killed, SaveFailed)):
            make_change(studio, "rename", STEPS)
    recover(studio)
    assert files(studio) == BEFORE


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([Move("fabrics/gone.jpg", "fabrics/x.jpg")], "missing"),
        ([Move("fabrics/棉 布/一.jpg", "fabrics/棉 布/fabric.toml")], "taken"),
        ([Write("fabrics/棉 布/fabric.toml", b"what it was last week", b"new")], "changed"),
        ([Write("fabrics/棉 布/fabric.toml", None, b"new")], "changed"),
        ([Move("fabrics/棉 布", "fabrics/a"), Move("fabrics/棉 布/一.jpg", "fabrics/x.jpg")], "missing"),
        ([Move("fabrics/棉 布", "fabrics/a"), Write("fabrics/a/fabric.toml", b"other", b"new")], "changed"),
    ],
)
def test_a_change_that_would_lose_something_is_refused_before_anything_is_touched(
    studio: Studio, steps: list[Step], reason: str
) -> None:
    with pytest.raises(ChangeBlocked) as blocked:
        make_change(studio, "merge", [MakeFolder("fabrics/early"), *steps])
    assert blocked.value.params["reason"] == reason
    assert files(studio) == BEFORE
    assert not (studio.fabrics_dir / "early").exists()


def test_files_are_found_where_an_earlier_step_of_the_same_change_moves_them(studio: Studio) -> None:
    make_change(
        studio,
        "rename",
        [
            Move("fabrics/棉 布", "fabrics/c"),
            Move("fabrics/c/一.jpg", "fabrics/棉 布"),
            Write("fabrics/c/fabric.toml", b"old", b"n"),
        ],
    )
    assert files(studio) == {"fabrics/c/fabric.toml": b"n", "fabrics/棉 布": b"one"}


def test_taking_back_does_not_overwrite_what_a_person_wrote_since(studio: Studio) -> None:
    done = make_change(studio, "rename", STEPS)
    (studio.fabrics_dir / "new" / "fabric.toml").write_bytes(b"by hand")
    with pytest.raises(ChangeBlocked):
        undo_change(studio, done)
    assert files(studio) == AFTER | {"fabrics/new/fabric.toml": b"by hand"}


def test_what_somebody_put_in_the_way_after_a_kill_is_left_alone(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        killed_at(patch, 1, Killed)
        with pytest.raises(Killed):
            make_change(studio, "rename", STEPS)
    (studio.fabrics_dir / "new" / "1.jpg").write_bytes(b"mine")
    (recovered,) = recover(studio)
    assert recovered.left == ("fabrics/棉 布/一.jpg",)
    assert files(studio)["fabrics/new/1.jpg"] == b"mine"
    assert files(studio)["fabrics/棉 布/一.jpg"] == b"one"


def test_copies_of_a_change_that_never_began_do_not_stay(studio: Studio) -> None:
    with contextlib.suppress(OSError), staging(studio) as place:
        (place.folder / "0.jpg").write_bytes(b"copied half")
        raise OSError("full")
    assert files(studio) == BEFORE
    killed = changes.changes_dir(studio) / "20250101-000000-abcd"
    killed.mkdir(parents=True)
    (killed / "0.jpg").write_bytes(b"copied half")
    with StudioLock(studio):
        pass
    assert files(studio) == BEFORE


def test_a_journal_from_elsewhere_cannot_reach_out_of_the_studio(studio: Studio) -> None:
    victim = studio.root.parent / "victim.txt"
    victim.write_text("precious", encoding="utf-8")
    for number, place in enumerate(("../victim.txt", "fabrics/../../victim.txt", "/etc/x", "C:/x", "a\\..\\b")):
        write_json(
            changes.changes_dir(studio) / f"bad{number}.json",
            {"format": 1, "direction": "forward", "kind": "x", "params": {}, "steps": [["write", place, None, "AAAA"]]},
        )
    assert recover(studio) == []
    assert victim.read_text(encoding="utf-8") == "precious"


def test_a_part_of_the_studio_on_another_drive_is_carried_over(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(source: Path, target: Path) -> None:
        if source.parent != target.parent:
            raise OSError(18, "Invalid cross-device link", str(source))
        source.replace(target)

    monkeypatch.setattr(changes, "put_in_place", refuses)
    done = make_change(studio, "rename", STEPS)
    assert files(studio) == AFTER
    undo_change(studio, done)
    assert files(studio) == BEFORE
    make_change(studio, "remove", [Move("fabrics/棉 布", ".trash/fabrics/x/棉 布")])
    assert files(studio) == {f".trash/{path.replace('fabrics/', 'fabrics/x/')}": data for path, data in BEFORE.items()}
