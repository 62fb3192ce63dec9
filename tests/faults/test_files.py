"""Disks, shares, clocks and names as people really have them: nothing lost, and a clear word each time."""

from __future__ import annotations

import datetime as clock
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fabric_desktop.bank import build_bank, load_bank
from fabric_desktop.cli import main
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.errors import BadFabricId, FabricExists
from fabric_desktop.head import train_head
from fabric_desktop.imaging import content_hash, open_photo
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import PatchOrigin, count_by_fabric, list_labeled, save_patch
from fabric_desktop.library.edit import rename_fabric
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.sharing import export_share, import_studio
from fabric_desktop.studio import StudioLock, check_fabric_id, list_versions, save_setting
from fabric_desktop.studio.history import read_history
from tests.faults.scene import OPERATIONS, make_scene, require_whole
from tests.faults.test_kill import child_environment
from tests.support import add_patches, cloth, make_studio, save_photo


def may_mount() -> bool:
    """Whether this machine lets a test mount disks that only the test sees."""
    if shutil.which("unshare") is None:
        return False
    trial = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


def on_disk(kind: str, folder: Path, seed: int = 8) -> dict[str, int]:
    """What happened to a person at work on such a disk; see mounting.py."""
    if not may_mount():
        pytest.skip("this machine does not let a test mount a disk")
    script = str(Path(__file__).with_name("mounting.py"))
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, script, kind, str(folder), str(seed)],
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_disk_that_fills_up_costs_a_word_and_no_file(tmp_path: Path) -> None:
    told = on_disk("full", tmp_path)
    assert sum(told.values()) >= 20
    assert set(told) <= {"save_failed disk_full", "file_trouble disk_full", "share_refused no_space"}


def test_a_read_only_disk_refuses_changes_and_goes_on_recognising(tmp_path: Path) -> None:
    told = on_disk("read_only", tmp_path)
    assert told.pop("recognised 棉布") == 1
    assert set(told) <= {"studio_read_only", "save_failed"}
    assert sum(told.values()) == len(OPERATIONS)


def test_a_share_that_vanishes_is_told_and_nothing_is_written_in_its_place(tmp_path: Path) -> None:
    told = on_disk("vanishing", tmp_path)
    assert set(told) <= {"done", "told"}
    assert told["told"]


# ---------------------------------------------------------------- files that others change meanwhile


def test_a_photo_that_is_replaced_while_the_bank_is_built_is_never_known_by_the_others_hash(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "studio", {"denim": 1, "wool": 1})
    faces = [save_photo(tmp_path / f"{name}.png", cloth(name)) for name in ("one", "two")]
    expected = {content_hash(face): DummyEncoder().encode([open_photo(face)])[0] for face in faces}
    target, over = studio.fabrics_dir / "denim" / "ref 0.png", threading.Event()

    def swap() -> None:
        turn = 0
        while not over.is_set():
            turn += 1
            shutil.copy(faces[turn % 2], tmp_path / "next.png")
            os.replace(tmp_path / "next.png", target)

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        for _ in range(25):
            build_bank(studio, DummyEncoder(), JobContext())
            bank = load_bank(studio.bank_path)
            row = next(i for i, row in enumerate(bank.rows) if row.fabric_id == "denim")
            if bank.rows[row].content_hash in expected:
                assert np.allclose(bank.embeddings[row], expected[bank.rows[row].content_hash])
    finally:
        over.set()
        swapper.join()


def test_a_photo_that_is_removed_while_the_bank_is_built_is_named_and_the_rest_is_built(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "studio", {"denim": 30})
    last = studio.reference_photos("denim")[-1]

    class Removing(DummyEncoder):
        def encode(self, images: Any) -> Any:
            last.unlink(missing_ok=True)
            return super().encode(images)

    report = build_bank(studio, Removing(), JobContext())
    assert [(item.path, item.reason) for item in report.skipped] == [(last, "missing")]
    assert report.images == 29


# ---------------------------------------------------------------- the clock


class _Clock:
    """A clock that somebody sets back and forth between calls."""

    TIMES = (
        clock.datetime(2026, 3, 1, 12),
        clock.datetime(1980, 1, 1),
        clock.datetime(2099, 12, 31, 23, 59, 59),
        clock.datetime(2026, 3, 1, 11, 59, 59),
    )

    def __init__(self) -> None:
        self.looks = 0

    def now(self, zone: clock.tzinfo | None = None) -> clock.datetime:
        self.looks += 1
        return self.TIMES[self.looks % len(self.TIMES)].replace(tzinfo=zone)


@pytest.fixture
def jumping(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    """Every `datetime.now` of the program looks at such a clock."""
    jumps = _Clock()

    class Jumping(clock.datetime):
        @classmethod
        def now(cls, tz: clock.tzinfo | None = None) -> Any:  # type: ignore[override]
            return jumps.now(tz)

    for name, module in list(sys.modules.items()):
        if name.startswith("fabric_desktop") and getattr(module, "datetime", None) is clock.datetime:
            monkeypatch.setattr(module, "datetime", Jumping)
    return jumps


def test_a_clock_that_jumps_loses_no_file_and_mixes_up_no_version(tmp_path: Path, jumping: _Clock) -> None:
    scene = make_scene(tmp_path)
    for number in range(1, 4):
        for work in OPERATIONS.values():
            work(scene, number)
            require_whole(scene.studio)
    assert jumping.looks > 20
    numbers = [version.number for version in list_versions(scene.studio)]
    assert numbers == sorted(set(numbers))
    uses = read_history(scene.studio)
    current = json.loads(scene.studio.current_path.read_text(encoding="utf-8"))["version"]
    assert uses[-1].version == current
    assert count_by_fabric(scene.studio)["棉布"] == 12 + 3 + 1


def test_photos_dated_tomorrow_or_long_ago_are_read_as_any(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "studio", {"denim": 2, "wool": 2})
    build_bank(studio, DummyEncoder(), JobContext())
    photo = studio.reference_photos("wool")[0]
    for stamp in (0, 4_000_000_000, 315_532_800):
        save_photo(photo, cloth("wool", 7 + stamp % 997))
        os.utime(photo, (stamp, stamp))
        assert build_bank(studio, DummyEncoder(), JobContext()).reused == 3
    recognizer = Recognizer(studio, DummyEncoder())
    assert recognizer.recognize(open_photo(photo), method="retrieval").candidates[0].id == "wool"


# ---------------------------------------------------------------- names and paths

ODD_IDS = (
    "真丝缎",
    "🧵 thread",
    "it's “quoted”",
    "file",
    "arr_0",
    "a.b",
    "-rf",
    "%s {0} {path}",
    "éte\u0301",
    " spaces around ",
)
# No new fabric can be called so, but a folder on Linux can, and people bring theirs.
BROUGHT_IDS = ("con", "nul.txt", 'with "marks"', "line\nbreak", "tab\there", "trailing.", "q?*|<>:", "back\\slash")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such folders")
def test_whatever_the_folders_are_called_the_whole_journey_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = (*ODD_IDS, *BROUGHT_IDS)
    studio = make_studio(tmp_path / "it's a\n“studio” 🧵", dict.fromkeys(ids, 2))
    for fabric in ids:
        add_patches(studio, fabric, 4, pieces=2)
    encoder = DummyEncoder()
    save_setting(studio, "encoder", "dummy")
    assert build_bank(studio, encoder, JobContext()).fabrics == len(ids)
    assert train_head(studio, encoder, JobContext()).classes.keys() == set(ids)
    recognizer = Recognizer(studio, encoder)
    for fabric in ids:
        answer = recognizer.recognize(cloth(fabric, 0), method="fused", alpha=0.0)
        assert answer.candidates[0].id == fabric
        saved = save_patch(studio, cloth(fabric, 9), fabric, PatchOrigin(photo=Path("a\nb'🧵\".jpg")))
        assert saved.parent.name == fabric
    assert main(["make-eval-set", "--studio", str(studio.root), "--json"]) == 0
    assert main(["evaluate", "--studio", str(studio.root), "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert told[-1]["top1"] == 1.0
    assert rename_fabric(studio, "line\nbreak", "line break").params["new"] == "line break"
    assert len(list_labeled(studio)) == 5 * len(ids)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such folders")
def test_a_studio_of_odd_ids_travels_or_says_which_name_cannot(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "studio", dict.fromkeys((*ODD_IDS, *BROUGHT_IDS), 1))
    report = export_share(studio, tmp_path / "studio.zip", JobContext())
    there = import_studio(tmp_path / "studio.zip", tmp_path / "there", JobContext())
    arrived = set(there.fabric_ids())
    assert {"真丝缎", "🧵 thread", "file", "-rf", "%s {0} {path}"} <= arrived
    # What other systems could not hold stays at home, and the report says so.
    missing = {*ODD_IDS, *BROUGHT_IDS} - arrived
    assert missing <= {*BROUGHT_IDS, " spaces around ", "it's “quoted”"}
    left = " ".join(str(value) for value in vars_of(report))
    assert all(fabric in left or repr(fabric)[1:-1] in left for fabric in missing), (missing, left)


def vars_of(report: object) -> Iterator[object]:
    for name in type(report).__dataclass_fields__:  # type: ignore[attr-defined]
        yield getattr(report, name)


@pytest.mark.parametrize("fabric", ["", " ", ".", "..", "con", "COM1.txt", "a/b", "a\\b", "a\nb", "x" * 300, "ａ／ｂ"])
def test_an_id_that_some_system_cannot_hold_is_refused_before_anything_is_made(tmp_path: Path, fabric: str) -> None:
    studio = make_studio(tmp_path / "studio", {"cotton": 1})
    before = sorted(tmp_path.rglob("*"))
    try:
        checked = check_fabric_id(fabric)
    except BadFabricId:
        with pytest.raises(BadFabricId):
            save_patch(studio, cloth("cotton"), fabric, PatchOrigin())
        assert sorted(tmp_path.rglob("*")) == before
    else:
        assert checked == "ａ／ｂ"  # a full-width slash is a letter like any other


def test_fabrics_that_differ_in_case_are_two_where_the_system_has_two(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "studio", {"Cotton": 2})
    if (studio.fabrics_dir / "cotton").exists():
        pytest.skip("this file system does not tell case apart")
    make_studio(tmp_path / "studio", {"cotton": 2})
    for fabric in ("Cotton", "cotton"):
        add_patches(studio, fabric, 12)
    encoder = DummyEncoder()
    assert build_bank(studio, encoder, JobContext()).per_fabric == {"Cotton": 2, "cotton": 2}
    train_head(studio, encoder, JobContext())
    recognizer = Recognizer(studio, encoder)
    for fabric in ("Cotton", "cotton"):
        assert recognizer.recognize(cloth(fabric, 0), alpha=0.0).candidates[0].id == fabric
    # A third spelling would be one folder with the others elsewhere.
    with pytest.raises(FabricExists):
        rename_fabric(studio, "Cotton", "COTTON")


def test_a_studio_deep_below_260_characters_works_like_any(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["很长的文件夹 long folder"] * 12)
    scene = make_scene(deep)
    assert len(str(scene.studio.root)) > 260
    for work in OPERATIONS.values():
        work(scene, 1)
    require_whole(scene.studio)
    photo = scene.studio.reference_photos("棉布")[0]
    assert main(["recognize", str(photo), "--studio", str(scene.studio.root)]) == 0


# ---------------------------------------------------------------- the commands on a studio that is taken


def test_a_command_on_a_studio_that_somebody_works_in_names_them_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOGNAME", "小王")
    scene = make_scene(tmp_path)
    photo = scene.studio.reference_photos("棉布")[0]
    where = ["--studio", str(scene.studio.root), "--lang", "en"]
    before = {path: path.stat().st_mtime_ns for path in scene.studio.root.rglob("*") if not path.name.startswith(".")}
    with StudioLock(scene.studio, "window", keep=True):
        capsys.readouterr()
        for command in (
            ["label", str(photo), "--as", "wool"],
            ["build-bank"],
            ["train-head"],
            ["make-eval-set"],
            ["encoders", "use", "builtin"],
        ):
            assert main([*command, *where]) == 3, command
            assert "小王@" in capsys.readouterr().err, command
        # Looking needs nobody's leave.
        assert main(["recognize", str(photo), *where]) == 0
        assert main(["evaluate", *where]) == 0
    after = {path: path.stat().st_mtime_ns for path in scene.studio.root.rglob("*") if not path.name.startswith(".")}
    assert after == before


def test_a_studio_that_is_gone_is_named_by_every_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = tmp_path / "unplugged drive"
    photo = save_photo(tmp_path / "a.png", cloth("denim"))
    on_photo = (["recognize", str(photo)], ["label", str(photo), "--as", "a"])
    for command in (["build-bank"], ["train-head"], ["evaluate"], *on_photo):
        assert main([*command, "--studio", str(gone)]) == 3, command
        assert "unplugged drive" in capsys.readouterr().err
    assert not gone.exists()
