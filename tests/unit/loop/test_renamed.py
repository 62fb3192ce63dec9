"""Back at an old version after a fabric was renamed: the same answers under the new name, or words that say why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fabric_desktop.bank import build_bank
from fabric_desktop.errors import HeadMismatch
from fabric_desktop.head import train_head
from fabric_desktop.imaging import content_hash
from fabric_desktop.jobs import JobContext
from fabric_desktop.library.edit import merge_fabrics, remove_fabric, rename_fabric
from fabric_desktop.loop import deploy
from fabric_desktop.loop.versions import new_labels_since_training, version_rows
from fabric_desktop.model import load_model
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.sharing import export_share, import_model
from fabric_desktop.studio import Studio, load_version, open_studio
from fabric_desktop.studio.changes import Done, undo_change
from fabric_desktop.studio.files import read_json, write_json
from fabric_desktop.studio.renames import renames_since
from tests.support import CountingEncoder, cloth, make_studio, save_photo, tree
from tests.unit.loop.scenes import FABRICS, labelled_studio, renewed, trained_studio

OLD, NEW = FABRICS[0], "亚麻 2026"


Answer = dict[str, tuple[float | None, float | None]]


def said(studio: Studio, seed: int = 77) -> Answer:
    """What references and head say of each fabric; the rules go by names, and a new one may say more or less."""
    recognition = Recognizer(studio, CountingEncoder()).recognize(cloth(OLD, seed), top_k=3)
    return {candidate.id: (candidate.retrieval, candidate.head) for candidate in recognition.candidates}


def renamed(answer: Answer) -> Answer:
    return {NEW if fabric == OLD else fabric: values for fabric, values in answer.items()}


def test_rolled_back_after_a_rename_the_answers_are_the_same_under_the_new_name(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    before, files = said(studio), hashes(studio)
    rename_fabric(studio, OLD, NEW)
    assert said(studio) == renamed(before)
    deploy(studio, "v1")
    deploy(studio, "v2")
    assert said(studio) == renamed(before)
    assert hashes(studio) == files, "versions are never changed"
    nearest = Recognizer(studio, CountingEncoder()).recognize(cloth(OLD, 1)).candidates[0].nearest
    assert all((studio.root / match.photo).is_file() for match in nearest)


def hashes(studio: Studio) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(studio.models_dir.glob("v*/*"))}


def test_a_rename_is_no_new_label_and_the_figures_follow(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    assert new_labels_since_training(studio).new == 0
    rename_fabric(studio, OLD, NEW)
    assert new_labels_since_training(studio).new == 0
    scores = version_rows(studio)[-1].scores
    assert scores is not None
    assert NEW in scores.fabrics
    assert OLD not in scores.fabrics


def test_other_programs_get_the_new_name_too_at_the_next_deploy(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    rename_fabric(studio, OLD, NEW)
    deploy(studio, "v2")
    assert NEW in np.load(studio.bank_path).files
    assert NEW.encode("utf-32-le") in studio.pickle_path.read_bytes()


def test_undone_the_old_name_is_back(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    before = said(studio)
    undo_change(studio, rename_fabric(studio, OLD, NEW))
    assert said(studio) == before


def test_an_id_that_is_given_anew_is_another_fabric(tmp_path: Path) -> None:
    """Old versions mean the fabric that was renamed; one made later means the new one."""
    studio = trained_studio(tmp_path / "s")
    rename_fabric(studio, OLD, NEW)
    save_photo(studio.fabrics_dir / OLD / "new.png", cloth("something else", 1))
    assert OLD not in said(studio)
    assert renames_since(studio.models_dir, "2999-01-01T00:00:00+00:00") == {}


def test_names_follow_through_several_renames(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    for old, new in ((OLD, "b"), ("b", "c"), ("c", NEW)):
        rename_fabric(studio, old, new)
    assert renames_since(studio.models_dir, "2000-01-01T00:00:00+00:00")[OLD] == NEW
    assert NEW in said(studio)


def test_a_head_that_tells_merged_fabrics_apart_is_refused_in_words(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    merge_fabrics(studio, OLD, FABRICS[1])
    with pytest.raises(HeadMismatch) as refused:
        deploy(studio, "v2")
    assert refused.value.params["reason"] == "merged_since"
    answer = Recognizer(studio, CountingEncoder()).recognize(cloth(OLD, 3))
    assert answer.candidates[0].id == FABRICS[1], "the references speak for the fabric that they are now"
    assert any(notice.code == "head_failed" for notice in answer.notices)


def test_a_model_that_travels_takes_the_new_names_along(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    rename_fabric(studio, OLD, NEW)
    export_share(studio, tmp_path / "model.zip", JobContext(), kind="model")
    there = open_studio(tmp_path / "there", create=True)
    version = import_model(tmp_path / "model.zip", there, CountingEncoder().fingerprint, JobContext())
    deploy(there, version.name)
    assert NEW in said(there)


@pytest.mark.parametrize("content", ["", "{}", "[1]", '[{"from": 1}]', "[{", '[{"from": "a", "to": "b", "at": "x"}]'])
def test_a_damaged_list_of_renames_costs_no_answer(tmp_path: Path, content: str) -> None:
    studio = trained_studio(tmp_path / "s")
    before = said(studio)
    (studio.models_dir / "renames.json").write_text(content, encoding="utf-8")
    assert said(studio) == before
    assert load_version(studio, "v2").name == "v2"
    rename_fabric(studio, OLD, NEW)
    written = json.loads((studio.models_dir / "renames.json").read_text(encoding="utf-8"))
    assert written[-1]["to"] == NEW


def test_a_fabric_of_a_model_that_was_taken_in_can_be_renamed_here_too(tmp_path: Path) -> None:
    theirs, ours = trained_studio(tmp_path / "theirs"), open_studio(tmp_path / "ours", create=True)
    rename_fabric(theirs, FABRICS[1], "theirs")
    export_share(theirs, tmp_path / "model.zip", JobContext(), kind="model")
    deploy(ours, import_model(tmp_path / "model.zip", ours, CountingEncoder().fingerprint, JobContext()).name)
    save_photo(ours.fabrics_dir / OLD / "1.png", cloth(OLD, 5))
    save_photo(ours.fabrics_dir / "theirs" / "1.png", cloth(FABRICS[1], 5))
    rename_fabric(ours, OLD, NEW)
    rename_fabric(ours, "theirs", "ours")
    answer = said(ours)
    assert {NEW, "ours"} <= answer.keys()
    assert not {OLD, FABRICS[1], "theirs"} & answer.keys()


def test_a_folder_that_was_given_its_old_name_by_hand_is_called_so_after_a_build(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "s", {OLD: 2, FABRICS[1]: 2})
    build_bank(studio, CountingEncoder(), JobContext())
    rename_fabric(studio, OLD, NEW)
    manifest = studio.models_dir / "v1" / "manifest.json"
    write_json(manifest, read_json(manifest) | {"created": "2026-01-01T00:00:00+00:00"})
    renames = studio.models_dir / "renames.json"
    write_json(renames, [entry | {"at": "2026-01-02T00:00:00+00:00"} for entry in read_json(renames)])
    (studio.fabrics_dir / NEW).rename(studio.fabrics_dir / OLD)
    build_bank(studio, CountingEncoder(), JobContext())
    assert OLD in said(studio)
    assert NEW not in said(studio)
    assert build_bank(studio, CountingEncoder(), JobContext()).version == "v2", "and no version more for it"


def test_a_build_after_a_rename_keeps_the_trained_head(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    rename_fabric(studio, OLD, NEW)
    # Long enough ago that the build is clearly later, as it is outside a test.
    for version in ("v1", "v2"):
        manifest = studio.models_dir / version / "manifest.json"
        write_json(manifest, read_json(manifest) | {"created": "2026-01-01T00:00:00+00:00"})
    renames = studio.models_dir / "renames.json"
    write_json(renames, [entry | {"at": "2026-01-02T00:00:00+00:00"} for entry in read_json(renames)])
    for number in range(2):  # and when the head is carried over again
        save_photo(studio.fabrics_dir / NEW / f"{number} more.png", cloth(OLD, 90 + number))
        build_bank(studio, CountingEncoder(), JobContext())
        assert said(studio)[NEW][1] is not None
        assert new_labels_since_training(studio).new == 0


def test_a_head_trained_after_a_rename_keeps_the_references_of_the_renamed_fabric(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    references = said(studio)[OLD][0]
    for old, new in ((OLD, "b"), ("b", NEW)):  # and when the bank is carried over again
        rename_fabric(studio, old, new)
        train_head(studio, CountingEncoder(), JobContext())
        answer = said(studio)
        assert old not in answer
        assert answer[new][0] == references
        assert answer[new][1] is not None
        assert photos_of(studio) == in_library(studio)
    export_share(studio, tmp_path / "model.zip", JobContext(), kind="model")
    there = open_studio(tmp_path / "there", create=True)
    deploy(there, import_model(tmp_path / "model.zip", there, CountingEncoder().fingerprint, JobContext()).name)
    assert said(there) == answer


def test_a_head_trained_after_a_merge_keeps_the_references_of_both(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    merge_fabrics(studio, OLD, FABRICS[1])
    train_head(studio, CountingEncoder(), JobContext())
    assert photos_of(studio) == in_library(studio)


def photos_of(studio: Studio) -> dict[str, set[str]]:
    """What the bank in use says: fabric -> the references that speak for it, each the picture that lies there now."""
    bank = load_model(studio, CountingEncoder().fingerprint).bank
    assert bank is not None
    found: dict[str, set[str]] = {}
    for row in bank.rows:
        assert content_hash(studio.root / row.photo) == row.content_hash, f"{row.photo} is another picture"
        found.setdefault(row.fabric_id, set()).add(row.content_hash)
    return found


def in_library(studio: Studio) -> dict[str, set[str]]:
    return {
        fabric: {content_hash(photo) for photo in studio.reference_photos(fabric)} for fabric in studio.fabric_ids()
    }


def two_fabrics(root: Path, *, built: bool = True) -> Studio:
    studio = make_studio(root, {OLD: 2, FABRICS[1]: 2})
    if built:
        build_bank(studio, CountingEncoder(), JobContext())
    return studio


def test_a_reference_of_a_merged_fabric_is_shown_as_itself_though_its_file_had_to_take_another_name(
    tmp_path: Path,
) -> None:
    studio = two_fabrics(tmp_path / "s")
    merge_fabrics(studio, OLD, FABRICS[1])  # both have a "ref 0.png"
    assert photos_of(studio) == in_library(studio)


@pytest.mark.parametrize("built", [True, False], ids=["a version before", "no version before"])
@pytest.mark.parametrize("change", [rename_fabric, merge_fabrics])
def test_taken_back_after_a_build_every_photo_speaks_for_its_own_fabric_again(
    tmp_path: Path, change: Callable[[Studio, str, str], Done], built: bool
) -> None:
    """The version of in between knows the newer id, and must not bring it back."""
    studio = two_fabrics(tmp_path / "s", built=built)
    done = change(studio, OLD, NEW if change is rename_fabric else FABRICS[1])
    build_bank(studio, CountingEncoder(), JobContext())
    for _ in range(2):  # taken back, and done again
        done = undo_change(studio, done)
        assert photos_of(studio) == in_library(studio)
    build_bank(studio, CountingEncoder(), JobContext())
    done = undo_change(studio, done)
    assert photos_of(studio) == in_library(studio)


def test_taken_back_without_a_build_nothing_is_left_of_it(tmp_path: Path) -> None:
    studio = two_fabrics(tmp_path / "s", built=False)
    before = tree(studio.root)
    undo_change(studio, rename_fabric(studio, OLD, NEW))
    undo_change(studio, merge_fabrics(studio, OLD, FABRICS[1]))
    assert tree(studio.root) == before
    assert not studio.models_dir.exists()


def test_a_head_that_learnt_two_fabrics_as_one_is_refused_when_they_are_two_again(tmp_path: Path) -> None:
    studio = labelled_studio(tmp_path / "s")
    done = merge_fabrics(studio, OLD, FABRICS[1])
    deploy(studio, renewed(studio).new.name)
    undo_change(studio, done)
    model = load_model(studio, CountingEncoder().fingerprint)
    assert model.head is None
    assert model.head_error is not None
    assert model.head_error.params["reason"] == "split_since"
    save_photo(studio.fabrics_dir / OLD / "one more.png", cloth(OLD, 91))
    build_bank(studio, CountingEncoder(), JobContext())
    assert load_model(studio, CountingEncoder().fingerprint).head is None, "nor carried over into the next version"


def test_an_id_that_belonged_to_a_removed_fabric_brings_none_of_its_photos_back(tmp_path: Path) -> None:
    studio = two_fabrics(tmp_path / "s")
    remove_fabric(studio, FABRICS[1])
    rename_fabric(studio, OLD, FABRICS[1])
    assert photos_of(studio) == in_library(studio)


def test_a_clock_that_was_ahead_when_a_version_was_made_changes_no_name(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    before = said(studio)
    for version in ("v1", "v2"):
        manifest = studio.models_dir / version / "manifest.json"
        write_json(manifest, read_json(manifest) | {"created": "2099-01-01T00:00:00+00:00"})
    rename_fabric(studio, OLD, NEW)
    assert said(studio) == renamed(before)
