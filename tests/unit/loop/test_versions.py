"""The table of versions tells how each did and how long it was in use; any two can be compared; the nudge is no nag."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fabric_desktop.errors import EncoderUnavailable, VersionMissing
from fabric_desktop.head import train_head
from fabric_desktop.jobs import JobContext
from fabric_desktop.library.patches import relabel
from fabric_desktop.loop import compare_encoders, deploy, write_note
from fabric_desktop.loop.versions import (
    compare_versions,
    new_labels_since_training,
    require_version,
    score_since,
    version_rows,
)
from fabric_desktop.studio import Studio, save_setting
from fabric_desktop.studio.history import history_path
from tests.support import CountingEncoder, add_patches, make_studio
from tests.unit.loop.scenes import FABRICS, OtherEncoder, label, label_wrongly, labelled_studio, renewed, trained_studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return trained_studio(tmp_path / "我的 studio")


def encoder_of(encoder_id: str) -> CountingEncoder:
    return OtherEncoder() if encoder_id == "other" else CountingEncoder()


def test_the_table_says_what_is_in_each_version_and_how_it_did(studio: Studio) -> None:
    write_note(studio, "v2", "after the fair")
    first, second = version_rows(studio)
    assert (first.name, first.samples, first.scores, first.labelled_since) == ("v1", None, None, None)
    assert (second.name, second.in_use, second.samples, second.references) == ("v2", True, 18, 9)
    assert second.scores is not None
    assert second.scores.top1 == 1.0
    assert (second.note, second.labelled_since) == ("after the fair", 0)


def test_the_time_in_use_adds_up_over_periods(studio: Studio) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    uses = [("v1", start), ("v2", start + timedelta(days=2)), ("v1", start + timedelta(days=7))]
    lines = [json.dumps({"version": name, "since": since.isoformat()}) for name, since in uses]
    history_path(studio).write_text("\n".join(lines) + "\n", encoding="utf-8")
    studio.current_path.write_text(lines[-1], encoding="utf-8")
    first, second = version_rows(studio)
    now = start + timedelta(days=10)
    assert (first.time_in_use(now).days, second.time_in_use(now).days) == (2 + 3, 5)
    assert [period.until is None for period in first.periods] == [False, True]


def test_how_it_did_on_what_was_labelled_since(studio: Studio) -> None:
    assert score_since(studio, "v2", JobContext(), encoder_of=encoder_of) is None
    for fabric in FABRICS:
        label(studio, fabric, fabric, 2, 700)
    label(studio, FABRICS[0], FABRICS[1], 2, 800)
    scores = score_since(studio, "v2", JobContext(), encoder_of=encoder_of)
    assert scores is not None
    assert (scores.patches, scores.top1) == (8, 0.75)
    assert version_rows(studio)[1].labelled_since == 8


def test_any_two_versions_are_compared_on_what_neither_was_trained_on(studio: Studio) -> None:
    label_wrongly(studio)
    renewed(studio)
    result = compare_versions(studio, "v2", "v3", JobContext(), encoder_of=encoder_of)
    assert result.comparison is not None
    assert result.comparison.patches == 9
    mirrored = compare_versions(studio, "v3", "v2", JobContext(), encoder_of=encoder_of)
    assert mirrored.comparison is not None
    assert mirrored.comparison.difference == -result.comparison.difference
    assert {change.image for change in mirrored.better} == {change.image for change in result.worse}


def test_versions_of_two_encoders_are_each_asked_with_their_own(studio: Studio) -> None:
    compare_encoders(studio, OtherEncoder(), JobContext(), encoder_of=encoder_of)
    result = compare_versions(studio, "v2", "v3", JobContext(), encoder_of=encoder_of)
    assert result.comparison is not None
    with pytest.raises(EncoderUnavailable):
        compare_versions(studio, "v2", "v3", JobContext(), encoder_of=lambda _: CountingEncoder())


def test_a_version_is_found_as_people_write_it(studio: Studio) -> None:
    assert [require_version(studio, name).name for name in ("v2", "V2", "2", " v2 ")] == ["v2"] * 4
    for name in ("", "v", "v99", "../v2", "two"):
        with pytest.raises(VersionMissing):
            require_version(studio, name)


def test_the_nudge_counts_new_labels_and_relabelled_ones(tmp_path: Path) -> None:
    studio = labelled_studio(tmp_path / "s", per_fabric=7)
    nudge = new_labels_since_training(studio)
    assert (nudge.new, nudge.needed, nudge.due) == (21, 20, True)
    deploy(studio, renewed(studio).new.name)
    assert new_labels_since_training(studio).new == 0
    paths = label(studio, FABRICS[0], FABRICS[0], 3, 700)
    assert new_labels_since_training(studio).new == 3
    relabel(studio, [studio.labeled_dir / FABRICS[1] / "patch_000.png", paths[0]], FABRICS[2])
    assert new_labels_since_training(studio).new == 4
    save_setting(studio, "nudge_at", 4)
    assert new_labels_since_training(studio).due


def test_somebody_who_kept_the_old_model_is_not_asked_again(studio: Studio) -> None:
    label_wrongly(studio)
    assert new_labels_since_training(studio).due
    assert renewed(studio).advice == "keep"
    assert new_labels_since_training(studio).new == 0


def test_a_head_trained_by_the_older_command_is_counted_from_too(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "s", dict.fromkeys(FABRICS, 3))
    for fabric in FABRICS:
        add_patches(studio, fabric, 8)
    train_head(studio, CountingEncoder(), JobContext())
    assert new_labels_since_training(studio).new == 0
    label(studio, FABRICS[0], FABRICS[0], 2, 700)
    assert new_labels_since_training(studio).new == 2
    assert version_rows(studio)[0].labelled_since == 2
    result = renewed(studio)  # nothing but the two is unseen by the old head
    assert result.old is not None
    assert result.comparison is not None
    assert result.comparison.patches == 2
