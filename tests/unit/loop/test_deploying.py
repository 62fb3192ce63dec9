"""Going forwards and back gives the same predictions; copies for other programs follow; nothing is unpickled."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from fabric_desktop.bank import bank_files, load_bank
from fabric_desktop.errors import VersionInUse, VersionMissing
from fabric_desktop.loop import delete_version, deploy, read_notes, write_note
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, list_versions, load_version
from fabric_desktop.studio.changes import undo_change
from fabric_desktop.studio.versions import current_name
from tests.support import CountingEncoder, PickleTrap, cloth, tree
from tests.unit.loop.scenes import FABRICS, label_wrongly, renewed, trained_studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return trained_studio(tmp_path / "我的 studio")


def predictions(studio: Studio) -> str:
    recognizer = Recognizer(studio, CountingEncoder())
    return "\n".join(repr(recognizer.recognize(cloth(fabric, 31)).candidates) for fabric in FABRICS)


def test_rolling_back_gives_the_same_predictions_byte_for_byte(studio: Studio) -> None:
    before, files = predictions(studio), tree(studio.models_dir / "v2")
    pickled = studio.pickle_path.read_bytes()
    label_wrongly(studio)
    deploy(studio, renewed(studio).new.name)
    assert predictions(studio) != before
    assert studio.pickle_path.read_bytes() != pickled
    deploy(studio, "v2")
    assert predictions(studio) == before
    assert tree(studio.models_dir / "v2") == files
    assert studio.pickle_path.read_bytes() == pickled
    assert current_name(studio) == "v2"


def test_the_copy_for_other_programs_predicts_what_the_head_does(studio: Studio) -> None:
    model = pickle.loads(studio.pickle_path.read_bytes())
    rows = CountingEncoder().encode([cloth(fabric, 77) for fabric in FABRICS])
    assert list(model.predict(rows)) == list(FABRICS)
    files = bank_files(load_bank(studio.models_dir / "v2" / "bank.npz"), studio.bank_path)
    assert studio.bank_path.read_bytes() == files[studio.bank_path]


def test_a_planted_pickle_is_written_over_and_never_read(studio: Studio, tmp_path: Path) -> None:
    mark = tmp_path / "it ran"
    studio.pickle_path.write_bytes(pickle.dumps(PickleTrap(mark)))
    deploy(studio, "v1")
    renewed(studio)
    predictions(studio)
    deploy(studio, "v2")
    assert not mark.exists()
    assert isinstance(pickle.loads(studio.pickle_path.read_bytes()).coef_, np.ndarray)


def test_a_version_without_a_head_takes_its_predecessors_copy_away_but_no_other_programs_file(studio: Studio) -> None:
    deploy(studio, "v1")
    assert not studio.pickle_path.exists()
    studio.pickle_path.write_bytes(b"made by somebody else")
    deploy(studio, "v2")
    deploy(studio, "v1")
    assert not studio.pickle_path.exists()
    studio.pickle_path.write_bytes(b"made by somebody else")
    deploy(studio, "v1")
    assert studio.pickle_path.read_bytes() == b"made by somebody else"


def test_a_version_that_is_not_there_or_not_whole_changes_nothing(studio: Studio) -> None:
    before = tree(studio.root)
    with pytest.raises(VersionMissing):
        deploy(studio, "v9")
    with pytest.raises(VersionMissing):
        deploy(studio, "../v1")
    assert tree(studio.root) == before
    (studio.models_dir / "v1" / "bank.npz").write_bytes(b"damaged")
    with pytest.raises(VersionMissing):
        deploy(studio, "v1")
    assert current_name(studio) == "v2"


def test_a_deleted_version_can_be_brought_back_and_the_one_in_use_cannot_go(studio: Studio) -> None:
    with pytest.raises(VersionInUse):
        delete_version(studio, "v2")
    with pytest.raises(VersionMissing):
        delete_version(studio, "v7")
    before = tree(studio.models_dir / "v1")
    done = delete_version(studio, "v1")
    assert [version.name for version in list_versions(studio)] == ["v2"]
    undo_change(studio, done)
    assert tree(studio.models_dir / "v1") == before
    assert load_version(studio, "v1").name == "v1"


def test_notes_stand_beside_versions_and_change_nothing_in_them(studio: Studio) -> None:
    files = tree(studio.models_dir / "v2")
    write_note(studio, "v2", "  第一个 \n")
    write_note(studio, "v1", "before any label")
    assert read_notes(studio) == {"v2": "第一个", "v1": "before any label"}
    write_note(studio, "v1", " ")
    assert read_notes(studio) == {"v2": "第一个"}
    assert tree(studio.models_dir / "v2") == files
    with pytest.raises(VersionMissing):
        write_note(studio, "v9", "x")
    (studio.models_dir / "notes.json").write_text("[1, 2", encoding="utf-8")
    assert read_notes(studio) == {}
