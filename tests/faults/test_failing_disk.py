"""The file system fails in the middle of a person's work: a word each time, and nothing half done."""

from __future__ import annotations

import errno
import random
from pathlib import Path

import pytest

from fabric_desktop.errors import FabricError
from fabric_desktop.wording import LANGS, explain
from tests.faults.injected import AT, CALLS, failing
from tests.faults.scene import OPERATIONS, Scene, make_scene, require_whole, told

FAULTS = (errno.ENOSPC, errno.EROFS, errno.EIO, errno.EACCES, getattr(errno, "EHOSTDOWN", errno.EIO))
# Of the hundreds of calls that a piece of work makes, so many are made to fail in turn; another seed takes others.
MOMENTS = 9
SEED = 8
MOST_CALLS = 4


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return make_scene(tmp_path_factory.mktemp("失败 disk"))


def calls_of(scene: Scene, name: str, number: int, calls: tuple[str, ...] = CALLS) -> int:
    with failing(scene.studio.root, 0, errno.EIO, calls=calls) as disk:
        OPERATIONS[name](scene, number)
    return disk.calls


def require_told_and_whole(scene: Scene, error: FabricError | None, where: str) -> None:
    if error is not None:
        for lang in LANGS:
            assert explain(error, lang).do, where
    try:
        require_whole(scene.studio)
    except AssertionError as broken:
        raise AssertionError(f"{where}, told {error!r}: {broken}") from broken


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="descriptors are told apart by /proc")
@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("name", list(OPERATIONS))
def test_a_file_system_that_fails_anywhere_costs_a_word_and_nothing_else(
    scene: Scene, name: str, for_good: bool
) -> None:
    shuffle = random.Random(f"{SEED} {name} {for_good}")
    calls = calls_of(scene, name, 1000 * for_good)
    spoke = 0
    for number in range(1, MOMENTS + 1):
        fault, moment = FAULTS[number % len(FAULTS)], shuffle.randint(1, calls)
        with failing(scene.studio.root, moment, fault, for_good=for_good) as disk:
            error = told(scene, name, 1000 * for_good + number)
        where = f"{errno.errorcode[fault]} at call {moment} of about {calls}: {disk.failed[:1]}"
        spoke += error is not None
        require_told_and_whole(scene, error, where)
        # What was refused can be done once the disk is well again.
    OPERATIONS[name](scene, 1000 * for_good + 500)
    assert spoke


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="descriptors are told apart by /proc")
@pytest.mark.parametrize("moment", list(AT))
@pytest.mark.parametrize("name", list(OPERATIONS))
def test_a_write_that_stops_half_way_or_fails_at_its_flush_or_rename_leaves_the_old_file_or_the_new_one(
    scene: Scene, name: str, moment: str
) -> None:
    start = 2000 + 100 * list(AT).index(moment)
    calls = calls_of(scene, name, start, AT[moment])
    assert calls, f"{name} never comes to a {moment}"
    at = (
        range(1, calls + 1)
        if calls <= MOST_CALLS
        else sorted(random.Random(SEED).sample(range(1, calls + 1), MOST_CALLS))
    )
    struck = 0
    for number, call in enumerate(at, 1):
        with failing(scene.studio.root, call, errno.ENOSPC, calls=AT[moment]) as disk:
            error = told(scene, name, start + number)
        struck += bool(disk.failed)
        require_told_and_whole(scene, error, f"{moment} {call} of about {calls}")
    OPERATIONS[name](scene, start + 90)
    assert struck
