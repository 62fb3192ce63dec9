"""Retraining compares fairly, advises honestly, and costs nothing when it is stopped."""

from __future__ import annotations

import errno
import hashlib
import json
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from fabric_desktop.bank import embed_library
from fabric_desktop.errors import EncoderUnavailable, NoEmbeddingsCollected, NoLabels, SaveFailed, TooFewSamples
from fabric_desktop.eval_set import read_eval_set
from fabric_desktop.head import load_folds
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.labels import list_labeled
from fabric_desktop.library.patches import relabel, trash_patches
from fabric_desktop.loop import compare_encoders, deploy, improve, improving, stored_scores
from fabric_desktop.loop.known import known_to
from fabric_desktop.studio import Studio, current_version, list_versions
from fabric_desktop.studio.versions import current_name
from tests.support import CountingEncoder, StoppingContext, add_patches, cloth, make_studio, save_photo, tree
from tests.unit.loop.scenes import FABRICS, OtherEncoder, label, label_wrongly, labelled_studio, renewed, trained_studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return labelled_studio(tmp_path / "我的 studio")


# ---------------------------------------------------------------- what is refused


def test_under_twenty_labels_it_says_how_many_there_are(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "s", dict.fromkeys(FABRICS, 3))
    with pytest.raises(NoLabels):
        renewed(studio)
    for fabric in FABRICS:
        add_patches(studio, fabric, 6)
    before = tree(studio.root)
    with pytest.raises(TooFewSamples) as refused:
        renewed(studio)
    assert refused.value.params["found"] == 18
    assert tree(studio.root) == before


# ---------------------------------------------------------------- what comes out


def test_the_first_head_is_compared_with_the_references_alone_and_advised(studio: Studio) -> None:
    result = renewed(studio)
    assert (result.old and result.old.name, result.new.name) == ("v1", "v2")
    assert (result.advice, result.reason) == ("deploy", "first_head")
    assert result.comparison is not None
    assert result.comparison.patches == 6
    assert result.old_scores is not None
    assert result.new_scores is not None
    assert result.new_scores.top1 == 1.0
    assert current_name(studio) == "v1"  # until somebody deploys


def test_without_any_version_what_answers_now_is_compared_with(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "s", dict.fromkeys(FABRICS, 3))
    for fabric in FABRICS:
        add_patches(studio, fabric, 8)
    result = renewed(studio)
    assert result.old is None
    assert (result.advice, result.reason) == ("deploy", "better")
    assert result.old_scores is not None  # the rules alone
    assert result.old_scores.version == "-"


def test_neither_model_was_trained_on_what_it_is_scored_on(studio: Studio) -> None:
    deploy(studio, renewed(studio).new.name)
    for fabric in FABRICS:
        label(studio, fabric, fabric, 8, 700)
    result = renewed(studio)
    assert result.old is not None
    assert result.comparison is not None
    old, new = known_to(result.old), known_to(result.new)
    scored = [record.image for record in read_eval_set(studio)]
    hashes = {hashlib.sha256(path.read_bytes()).hexdigest() for path in scored}
    assert not hashes & (old.trained | new.trained)
    assert result.comparison.patches == len(scored) == 9


def test_a_label_dropped_into_its_folder_meanwhile_is_known_to_have_been_trained_on(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand or by a script; the next model would be compared on what this one had seen."""
    late: list[Path] = []

    def slow(*given: object, **more: object) -> object:
        late.extend(label(studio, FABRICS[0], FABRICS[0], 1, 900))
        return embed_library(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(improving, "embed_library", slow)
    new = renewed(studio).new
    (patch,) = [patch for patch in list_labeled(studio) if patch.path in late]
    known = known_to(new)
    assert patch.content_hash in load_folds(new).trained_on
    assert patch.content_hash in known.trained
    assert not known.is_new(patch)


def test_a_patch_whose_swatch_one_model_has_seen_is_not_scored(studio: Studio) -> None:
    deploy(studio, renewed(studio).new.name)
    held_out = {record.image for record in read_eval_set(studio)}
    # All old pieces are known to the model in use, but for those set aside; new patches of them prove nothing.
    for path in sorted(studio.labeled_dir.rglob("*.json")):
        if path.with_suffix(".png") in held_out:
            continue
        copy = path.with_name(f"again {path.name}")
        copy.write_bytes(path.read_bytes())
        image = Image.open(path.with_suffix(".png"))
        image.putpixel((0, 0), (1, 2, 3))
        image.save(copy.with_suffix(".png"))
    result = renewed(studio)
    assert result.comparison is not None
    assert result.comparison.patches == len(held_out)


def test_everything_that_speaks_for_a_version_is_in_its_manifest(studio: Studio) -> None:
    result = improve(studio, CountingEncoder(), JobContext(), note="第一次")
    manifest = result.new.manifest
    assert manifest["parent"] == "v1"
    assert manifest["note"] == "第一次"
    assert manifest["evaluation"]["set"] == hashlib.sha256(studio.eval_set_path.read_bytes()).hexdigest()
    assert manifest["evaluation"]["top1"] == 1.0
    assert manifest["compared"]["with"] == "v1"
    patches = {hashlib.sha256(p.read_bytes()).hexdigest(): p for p in studio.labeled_dir.rglob("*.png")}
    assert set(manifest["labels"]) == set(patches)
    assert sum(entry["trained"] for entry in manifest["labels"].values()) == 18
    assert json.loads((result.new.path / "manifest.json").read_text("utf-8"))["labels"] == manifest["labels"]
    assert stored_scores(list_versions(studio)[-1]) == result.new_scores


def test_retraining_on_the_same_labels_makes_no_further_version(studio: Studio) -> None:
    deploy(studio, renewed(studio).new.name)
    before = {name: data for name, data in tree(studio.root).items() if not name.startswith(".cache")}
    result = renewed(studio)
    assert (result.new.name, result.advice, result.reason) == ("v2", "keep", "nothing_changed")
    after = {name: data for name, data in tree(studio.root).items() if not name.startswith(".cache")}
    assert after == before


def test_a_version_that_was_kept_aside_is_found_again_instead_of_piling_up(studio: Studio) -> None:
    first = renewed(studio)
    second = renewed(studio)
    assert (first.new.name, second.new.name) == ("v2", "v2")
    assert [version.name for version in list_versions(studio)] == ["v1", "v2"]


def test_labels_that_contradict_the_earlier_ones_are_advised_against_and_named(studio: Studio) -> None:
    deploy(studio, renewed(studio).new.name)
    wrong = label_wrongly(studio)
    result = renewed(studio)
    assert (result.advice, result.reason) == ("keep", "labels_contradict")
    assert result.preselected == "keep"
    assert set(result.suspicious) <= set(wrong)
    assert len(result.suspicious) >= 5
    assert current_name(studio) == "v2"


def test_good_new_labels_are_not_doubted(studio: Studio) -> None:
    deploy(studio, renewed(studio).new.name)
    for fabric in FABRICS:
        label(studio, fabric, fabric, 8, 700)
    result = renewed(studio)
    assert result.suspicious == ()
    assert result.reason == "too_little"
    assert result.preselected == "keep"


def test_the_evaluation_set_follows_relabelling_and_deletion_and_stays_otherwise(studio: Studio) -> None:
    renewed(studio)
    first = {record.image.name: record.label for record in read_eval_set(studio)}
    records = read_eval_set(studio)
    other = next(fabric for fabric in FABRICS if fabric != records[0].label)
    relabel(studio, [records[0].image], other)
    trash_patches(studio, [records[1].image])
    label(studio, FABRICS[0], FABRICS[0], 2, 900)
    renewed(studio)
    second = {record.image.name: record.label for record in read_eval_set(studio)}
    images = {record.image: record.label for record in read_eval_set(studio)}
    moved = [label_ for image, label_ in images.items() if image == studio.labeled_dir / other / image.name]
    assert other in moved
    assert records[1].image not in images
    assert len(set(first) & set(second)) >= len(first) - 2


# ---------------------------------------------------------------- stopping


def small_studio(root: Path) -> Studio:
    """As few and as small pictures as retraining takes."""
    studio = make_studio(root)
    for fabric in FABRICS[:2]:
        save_photo(studio.fabrics_dir / fabric / "ref.png", cloth(fabric, 0, side=40))
        for piece in range(10):
            save_photo(studio.labeled_dir / fabric / f"{piece}.png", cloth(fabric, 100 + piece, side=40))
    return studio


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_cancel_at_any_point_leaves_the_studio_as_it_was_byte_for_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How often it looks while libraries are imported is a matter of the clock; nothing has been written by then.
    monkeypatch.setattr("fabric_desktop.loop.improving._import_apart", lambda _context: None)
    studio = small_studio(tmp_path / "工作 室")
    whole = StoppingContext()
    renewed(small_studio(tmp_path / "probe"), whole)
    before = tree(studio.root)
    folders = sorted(path for path in studio.root.rglob("*") if path.is_dir())
    # Every third look, and every one of the last, between which files are written.
    for stop_at in sorted({*range(1, whole.looks + 1, 3), *range(whole.looks - 20, whole.looks + 1)}):
        with pytest.raises(Cancelled):
            renewed(studio, StoppingContext(stop_at))
        assert tree(studio.root) == before, f"at look {stop_at}"
        assert sorted(path for path in studio.root.rglob("*") if path.is_dir()) == folders
    assert whole.looks > 100


def test_a_cancel_later_in_the_loop_leaves_the_older_set_and_cache_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the references had been there for long: their hashes are kept from the first look on.
    monkeypatch.setattr("fabric_desktop.touched._SETTLED_NS", 0)
    studio = trained_studio(tmp_path / "s")
    for fabric in FABRICS:
        label(studio, fabric, fabric, 3, 700)
    before = tree(studio.root)
    whole = StoppingContext()
    for stop_at in range(20, 200, 23):
        whole = StoppingContext(stop_at)
        with pytest.raises(Cancelled):
            renewed(studio, whole)
        assert tree(studio.root) == before


class SlowEncoder(CountingEncoder):
    """Takes its time over each picture, as a large model does."""

    def encode(self, images):  # type: ignore[no-untyped-def]
        time.sleep(0.3 * len(images))
        return super().encode(images)


@pytest.mark.parametrize("after", [0.05, 0.6, 1.5])
def test_a_cancel_is_reported_within_a_second(studio: Studio, after: float) -> None:
    context, encoder = JobContext(), SlowEncoder()
    asked: list[tuple[int, float]] = []

    def cancel() -> None:
        asked.append((encoder.pictures, time.process_time()))
        context.cancel()

    timer = threading.Timer(after, cancel)
    timer.start()
    with pytest.raises(Cancelled):
        improve(studio, encoder, context)
    timer.join()
    pictures, worked = asked[0]
    # What a second is made of: three pictures of 0.3 s, and work of the processor.
    assert encoder.pictures - pictures <= 3
    assert time.process_time() - worked < 1.0


def test_a_full_disk_leaves_the_studio_as_it_was(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(studio.root)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr("fabric_desktop.head.write_npz", full)
    with pytest.raises(SaveFailed):
        renewed(studio)
    assert tree(studio.root) == before


def test_every_step_says_what_it_does(studio: Studio) -> None:
    told: list[Progress] = []
    renewed(studio, JobContext(told.append))
    codes = {progress.code for progress in told}
    assert {"job.check_labels", "job.build_bank", "job.train_head", "job.evaluate", "job.measure_patches"} <= codes


# ---------------------------------------------------------------- another encoder


def encoder_of(encoder_id: str) -> CountingEncoder:
    if encoder_id == "dummy":
        return CountingEncoder()
    raise EncoderUnavailable(encoder=encoder_id, reason="weights_missing")


def test_two_encoders_are_compared_on_the_same_patches(tmp_path: Path) -> None:
    studio = trained_studio(tmp_path / "s")
    result = compare_encoders(studio, OtherEncoder(), JobContext(), encoder_of=encoder_of)
    assert result.comparison is not None
    assert result.old_scores is not None
    assert result.new.manifest["encoder"] == "other"
    assert current_name(studio) == "v2"
    deploy(studio, result.new.name)
    back = compare_encoders(studio, CountingEncoder(), JobContext(), encoder_of=encoder_of)
    assert back.reason == "other_encoder"  # nobody has that encoder here
    assert back.comparison is None
    assert back.preselected == "keep"


def test_an_encoder_can_be_compared_before_there_are_labels_for_a_head(tmp_path: Path) -> None:
    studio = labelled_studio(tmp_path / "s", per_fabric=2)
    result = compare_encoders(studio, OtherEncoder(), JobContext(), encoder_of=encoder_of)
    assert result.training is None
    assert result.comparison is not None
    assert result.comparison.patches == 6
    empty = make_studio(tmp_path / "empty")
    with pytest.raises(NoEmbeddingsCollected):
        compare_encoders(empty, OtherEncoder(), JobContext(), encoder_of=encoder_of)


def test_a_damaged_model_in_use_does_not_stop_retraining(studio: Studio) -> None:
    deploy(studio, renewed(studio).new.name)
    (studio.models_dir / "v2" / "head.npz").write_bytes(b"damaged")
    for fabric in FABRICS:
        label(studio, fabric, fabric, 2, 700)
    result = renewed(studio)
    assert result.old is None
    deploy(studio, result.new.name)
    used = current_version(studio)
    assert used is not None
    assert used.name == "v3"
