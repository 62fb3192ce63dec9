"""Another encoder: said beforehand, done in one job, never half, and the way back is instant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from fabric_desktop.bank import build_bank, load_bank
from fabric_desktop.encoders.base import Float32Array
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.encoders.registry import choose_encoder_id
from fabric_desktop.errors import EncoderUnavailable, SaveFailed
from fabric_desktop.head import train_head
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.library import encoder_switch
from fabric_desktop.library.edit import merge_fabrics, rename_fabric
from fabric_desktop.library.encoder_switch import switch_encoder, switch_plan
from fabric_desktop.library.refresh import refresh_model
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, current_version, list_versions, load_settings
from tests.support import CountingEncoder, add_patches, cloth, make_studio, save_photo


class OtherEncoder(DummyEncoder):
    """A second encoder: the first one's numbers the other way round."""

    id = "openclip:other/weights"

    def __init__(self) -> None:
        super().__init__()
        self.fingerprint = "f" * 32
        self.pictures = 0

    def encode(self, images: Sequence[Image.Image]) -> Float32Array:
        self.pictures += len(images)
        return -super().encode(images)


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> OtherEncoder:
    made = OtherEncoder()
    there = {"dummy": DummyEncoder(), made.id: made}

    def load(encoder_id: str, context: JobContext | None = None) -> DummyEncoder:
        if encoder_id not in there:
            raise EncoderUnavailable(encoder=encoder_id, reason="weights_missing")
        return there[encoder_id]

    monkeypatch.setattr(encoder_switch, "load_encoder", load)
    monkeypatch.setattr(encoder_switch, "fingerprint_of", lambda encoder_id: load(encoder_id).fingerprint)
    return made


@pytest.fixture
def studio(tmp_path: Path, other: OtherEncoder) -> Studio:
    """A studio at work: bank and head made with the first encoder."""
    studio = make_studio(tmp_path / "s", {"cotton": 3, "silk": 3, "wool": 3})
    for fabric in ("cotton", "silk"):
        add_patches(studio, fabric, 12)
    build_bank(studio, DummyEncoder(), JobContext())
    train_head(studio, DummyEncoder(), JobContext())
    return studio


def in_use(studio: Studio) -> str:
    version = current_version(studio)
    assert version is not None
    return version.name


def test_what_will_be_rebuilt_is_said_beforehand(studio: Studio, other: OtherEncoder) -> None:
    plan = switch_plan(studio, other.id)
    assert (plan.before, plan.after, plan.ready, plan.references, plan.patches, plan.head) == (
        "dummy",
        other.id,
        None,
        9,
        24,
        True,
    )
    assert other.pictures == 0
    missing = switch_plan(studio, "openclip:none/none")
    assert missing.error is not None
    assert missing.error.params["reason"] == "weights_missing"


def test_bank_and_head_are_made_anew_in_one_version(studio: Studio, other: OtherEncoder) -> None:
    before = in_use(studio)
    report = switch_encoder(studio, other.id, JobContext())
    assert (report.instant, report.head, report.version) == (False, True, in_use(studio))
    version = current_version(studio)
    assert version is not None
    assert set(version.manifest["parts"]) == {"bank", "head"}
    assert choose_encoder_id(studio) == load_settings(studio).encoder == other.id
    assert load_bank(studio.bank_path).fingerprint == other.fingerprint
    assert [v.name for v in list_versions(studio)].count(before) == 1
    recognition = Recognizer(studio, other).recognize(cloth("silk", 1))
    assert recognition.candidates[0].id == "silk"
    assert recognition.notices == ()


def test_the_way_back_is_instant_and_gives_the_same_answers(studio: Studio, other: OtherEncoder) -> None:
    patch = cloth("wool", 2, 9)
    first = Recognizer(studio, DummyEncoder()).recognize(patch)
    before = in_use(studio)
    switch_encoder(studio, other.id, JobContext())
    assert switch_plan(studio, "dummy").ready == before
    count = len(list_versions(studio))
    report = switch_encoder(studio, "dummy", JobContext())
    assert (report.instant, report.version, len(list_versions(studio))) == (True, before, count)
    assert Recognizer(studio, DummyEncoder()).recognize(patch) == first
    encoded = other.pictures
    assert switch_encoder(studio, other.id, JobContext()).instant
    assert other.pictures == encoded


def test_photos_added_meanwhile_are_taken_in_on_the_way_back(studio: Studio, other: OtherEncoder) -> None:
    switch_encoder(studio, other.id, JobContext())
    save_photo(studio.fabrics_dir / "linen" / "new.png", cloth("linen"))
    report = switch_encoder(studio, "dummy", JobContext())
    assert [(notice.code, notice.params) for notice in report.notices] == [
        ("switch_brought_up_to_date", {"count": 1, "total": 10})
    ]
    assert "linen" in load_bank(studio.bank_path).fabric_ids
    assert report.head


@pytest.mark.parametrize("at", ["job.build_bank", "job.train_head", "job.cross_validate"])
def test_a_cancel_at_any_stage_leaves_the_old_encoder_in_use(studio: Studio, other: OtherEncoder, at: str) -> None:
    before, versions = in_use(studio), len(list_versions(studio))

    def stop(progress: Progress) -> None:
        if progress.code == at:
            context.cancel()

    context = JobContext(stop)
    with pytest.raises(Cancelled):
        switch_encoder(studio, other.id, context)
    assert (in_use(studio), len(list_versions(studio)), choose_encoder_id(studio)) == (before, versions, "dummy")
    assert load_settings(studio).encoder is None


def test_a_disk_that_fails_leaves_the_old_encoder_in_use(
    studio: Studio, other: OtherEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, versions = in_use(studio), len(list_versions(studio))

    def fails(studio: Studio, name: str) -> None:
        raise SaveFailed(path="x", reason="disk_full")

    monkeypatch.setattr(encoder_switch, "deploy", fails)
    with pytest.raises(SaveFailed):
        switch_encoder(studio, other.id, JobContext())
    assert (in_use(studio), len(list_versions(studio)), load_settings(studio).encoder) == (before, versions, None)


def test_a_head_whose_labels_went_is_not_carried_into_the_new_version(studio: Studio, other: OtherEncoder) -> None:
    for path in list(studio.labeled_dir.rglob("*.png"))[4:]:
        path.unlink()
    report = switch_encoder(studio, other.id, JobContext())
    assert not report.head
    assert [notice.code for notice in report.notices] == ["switch_without_head"]


def test_a_studio_without_photos_only_remembers_the_choice(tmp_path: Path, other: OtherEncoder) -> None:
    empty = make_studio(tmp_path / "empty")
    report = switch_encoder(empty, other.id, JobContext())
    assert (report.version, [notice.code for notice in report.notices]) == (None, ["switch_no_photos"])
    assert load_settings(empty).encoder == other.id


def test_after_a_rename_and_a_merge_the_answers_know_the_new_names_at_once(studio: Studio) -> None:
    encoder = CountingEncoder()
    rename_fabric(studio, "silk", "真丝")
    merge_fabrics(studio, "wool", "cotton")
    report = refresh_model(studio, encoder, JobContext())
    assert (report.version, report.head, encoder.pictures) == (in_use(studio), True, 0)
    recognizer = Recognizer(studio, encoder)
    recognition = recognizer.recognize(cloth("silk", 1))
    assert recognition.candidates[0].id == "真丝"
    assert recognition.candidates[0].head is not None
    assert recognizer.recognize(cloth("wool", 1)).candidates[0].id == "cotton"
    assert load_bank(studio.bank_path).fabric_ids == ("cotton", "真丝")
