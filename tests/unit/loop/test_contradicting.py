"""New labels that contradict earlier ones are noticed; hard and new cloth is left in peace."""

from __future__ import annotations

import shutil
from pathlib import Path

from fabric_desktop.bank import load_bank
from fabric_desktop.labels import list_labeled
from fabric_desktop.loop.contradicting import ALARM_COUNT, alarming, contradicting_labels
from fabric_desktop.loop.known import NOTHING, known_to
from fabric_desktop.studio import load_version
from tests.support import CountingEncoder, cloth, save_photo
from tests.unit.loop.scenes import FABRICS, label, labelled_studio, trained_studio


def embedded(studio):  # type: ignore[no-untyped-def]
    from fabric_desktop.imaging import open_photo

    encoder = CountingEncoder()
    return {patch.path: encoder.encode([open_photo(patch.path)])[0] for patch in list_labeled(studio)}


def test_a_wrong_label_among_good_ones_is_named(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    good = label(studio, FABRICS[0], FABRICS[0], 6, 700)
    wrong = label(studio, FABRICS[0], FABRICS[1], 6, 800)
    known = known_to(load_version(studio, "v2"))
    bank = load_bank(studio.bank_path)
    compared, found = contradicting_labels(list_labeled(studio), embedded(studio), known, bank)
    assert compared == 12
    assert {patch.path for patch in found} <= set(wrong)
    assert found
    assert not {patch.path for patch in found} & set(good)


def test_the_very_same_picture_under_two_names_contradicts(tmp_path: Path) -> None:
    """A copy into the wrong folder: of one photograph, and as like itself as can be."""
    studio = trained_studio(tmp_path / "s")
    source = next(patch.path for patch in list_labeled(studio) if patch.fabric_id == FABRICS[0])
    copy = studio.labeled_dir / FABRICS[1] / "copied.png"
    shutil.copyfile(source, copy)
    known = known_to(load_version(studio, "v2"))
    compared, found = contradicting_labels(list_labeled(studio), embedded(studio), known, load_bank(studio.bank_path))
    assert (compared, [patch.path for patch in found]) == (1, [copy])
    # Nor does it take a model or a library to see that.
    _, both = contradicting_labels(list_labeled(studio), {}, NOTHING, None)
    assert {patch.path for patch in both} == {source, copy}


def test_a_new_fabric_contradicts_nobody(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    label(studio, FABRICS[0], "a fabric nobody knew", 6, 800)
    known = known_to(load_version(studio, "v2"))
    assert contradicting_labels(list_labeled(studio), embedded(studio), known, None) == (0, ())


def test_without_anything_earlier_there_is_nothing_to_contradict(tmp_path: Path) -> None:
    studio = labelled_studio(tmp_path / "s", per_fabric=3)
    assert contradicting_labels(list_labeled(studio), embedded(studio), NOTHING, None) == (0, ())


def test_the_first_labels_are_held_against_the_references(tmp_path: Path) -> None:
    studio = labelled_studio(tmp_path / "s", per_fabric=1)
    wrong = [save_photo(studio.labeled_dir / FABRICS[1] / f"w{i}.png", cloth(FABRICS[0], i, 5)) for i in range(3)]
    bank = load_bank(studio.bank_path)
    _, found = contradicting_labels(list_labeled(studio), embedded(studio), NOTHING, bank)
    assert {patch.path for patch in found} == set(wrong)


def test_a_few_slips_among_many_labels_are_no_alarm() -> None:
    assert not alarming(8, ALARM_COUNT - 1)
    assert not alarming(200, 20)
    assert alarming(20, 12)
