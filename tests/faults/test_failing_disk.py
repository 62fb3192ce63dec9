"""The file system fails in the middle of a person's work: a word each time, and nothing half done."""

from __future__ import annotations

import errno
import random
from pathlib import Path

import pytest

from fabric_desktop.wording import LANGS, explain
from tests.faults.injected import failing
from tests.faults.scene import OPERATIONS, Scene, make_scene, require_whole, told

FAULTS = (errno.ENOSPC, errno.EROFS, errno.EIO, errno.EACCES, getattr(errno, "EHOSTDOWN", errno.EIO))
# Of the hundreds of calls that a piece of work makes, so many are made to fail in turn; another seed takes others.
MOMENTS = 9
SEED = 8


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return make_scene(tmp_path_factory.mktemp("失败 disk"))


def calls_of(scene: Scene, name: str, number: int) -> int:
    with failing(scene.studio.root, 0, errno.EIO) as disk:
        OPERATIONS[name](scene, number)
    return disk.calls


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
        if error is not None:
            spoke += 1
            for lang in LANGS:
                assert explain(error, lang).do, where
        try:
            require_whole(scene.studio)
        except AssertionError as broken:
            raise AssertionError(f"{where}, told {error!r}: {broken}") from broken
        # What was refused can be done once the disk is well again.
    OPERATIONS[name](scene, 1000 * for_good + 500)
    assert spoke
