"""The reference bank: every photo counted, reused or named, and the studio as it was when a build does not end."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from fabric_desktop.bank import load_bank
from fabric_desktop.errors import NoEmbeddingsCollected, SaveFailed
from fabric_desktop.imaging import content_hash
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.studio import Studio, current_version, use_version
from tests.support import CountingEncoder, cloth, make_studio, save_photo, tree
from tests.unit.banks import LIBRARY, build, library_studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return library_studio(tmp_path / "我的 studio")


# ---------------------------------------------------------------- building


def test_a_bank_holds_every_fabric_whatever_its_id(studio: Studio) -> None:
    encoder = CountingEncoder()
    report = build(studio, encoder)
    assert (report.fabrics, report.images, report.reused, report.skipped) == (5, 16, 0, ())
    assert report.per_fabric == dict(sorted(LIBRARY.items()))
    assert (report.encoder, report.dim) == ("dummy", encoder.dim)
    assert report.path == studio.bank_path
    assert report.bytes == studio.bank_path.stat().st_size
    with np.load(studio.bank_path) as plain:  # as other programs read it
        assert {key: plain[key].shape for key in plain.files} == {key: (n, encoder.dim) for key, n in LIBRARY.items()}
    bank = load_bank(studio.bank_path, encoder.fingerprint)
    assert np.allclose(np.linalg.norm(bank.embeddings, axis=1), 1)
    assert {row.photo for row in bank.rows} == {
        studio.relative(photo) for fabric in LIBRARY for photo in studio.reference_photos(fabric)
    }


def test_the_second_build_opens_only_what_changed(studio: Studio) -> None:
    encoder = CountingEncoder()
    build(studio, encoder)
    before = studio.bank_path.read_bytes()
    report = build(studio, encoder)
    assert (report.images, report.reused, encoder.pictures) == (16, 16, 16)
    assert studio.bank_path.read_bytes() == before
    changed, removed = studio.reference_photos("cotton")[:2]
    save_photo(changed, cloth("other"))
    removed.unlink()
    save_photo(studio.fabrics_dir / "wool" / "new.jpg", cloth("wool"))
    shutil.move(studio.reference_photos("file")[0], studio.fabrics_dir / "真丝缎" / "moved.png")
    report = build(studio, encoder)
    assert (report.images, report.reused, encoder.pictures) == (16, 14, 18)
    bank = load_bank(studio.bank_path)
    assert content_hash(changed) in {row.content_hash for row in bank.rows}
    assert sum(row.fabric_id == "真丝缎" for row in bank.rows) == 5
    fresh = encoder.encode([cloth("other")])[0]
    (index,) = [i for i, row in enumerate(bank.rows) if row.photo == studio.relative(changed)]
    assert np.allclose(bank.embeddings[index], fresh)


def test_another_encoder_reuses_nothing(studio: Studio) -> None:
    build(studio)
    other = CountingEncoder("another fingerprint")
    assert build(studio, other).reused == 0
    assert other.pictures == 16


def test_a_bank_lost_or_written_over_at_the_root_does_not_cost_the_embeddings(studio: Studio) -> None:
    encoder = CountingEncoder()
    build(studio, encoder)
    for damage in (studio.bank_path.unlink, studio.bank_index_path.unlink, lambda: studio.bank_path.write_bytes(b"x")):
        damage()
        assert build(studio, encoder).reused == 16
    shutil.rmtree(studio.models_dir)
    assert build(studio, encoder).reused == 16
    assert encoder.pictures == 16


def test_photos_that_cannot_be_read_are_named_with_the_reason(studio: Studio) -> None:
    folder = studio.fabrics_dir / "cotton"
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.png").write_text("no picture", encoding="utf-8")
    (folder / "cut.png").write_bytes((folder / "ref 0.png").read_bytes()[:200])
    (folder / "README.txt").write_text("ignored", encoding="utf-8")
    (studio.fabrics_dir / "void").mkdir()
    report = build(studio)
    assert {item.path.name: item.reason for item in report.skipped} == {
        "empty.jpg": "empty",
        "text.png": "not_a_picture",
        "cut.png": "truncated",
    }
    assert report.images == 16
    (notice,) = [notice for notice in report.warnings if notice.code == "fabrics_without_photos"]
    assert notice.params == {"count": 1, "fabrics": "void"}


def test_small_and_few_references_are_warned_of_and_still_used(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "s", {"many": 3})
    save_photo(studio.fabrics_dir / "few" / "small.png", cloth("few", side=128))
    report = build(studio)
    codes = {notice.code: notice.params for notice in report.warnings}
    assert codes["small_references"] == {"count": 1, "example": "fabrics/few/small.png"}
    assert codes["few_references"] == {"count": 1, "fabrics": "few"}
    assert report.images == 4


@pytest.mark.parametrize("content", [{}, {"a.jpg": b""}, {"a.txt": b"x"}])
def test_a_library_without_a_usable_photo_is_said_and_nothing_is_written(
    tmp_path: Path, content: dict[str, bytes]
) -> None:
    studio = make_studio(tmp_path / "s")
    for name, data in content.items():
        (studio.fabrics_dir / "cotton").mkdir(exist_ok=True)
        (studio.fabrics_dir / "cotton" / name).write_bytes(data)
    before = tree(studio.root)
    with pytest.raises(NoEmbeddingsCollected):
        build(studio)
    assert tree(studio.root) == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has folder names that are not Unicode")
def test_a_folder_named_in_another_encoding_is_named_and_the_others_are_built(studio: Studio) -> None:
    folder = os.fsencode(studio.fabrics_dir) + b"/" + "麻".encode("gbk")
    os.mkdir(folder)
    shutil.copy(studio.reference_photos("cotton")[0], folder + b"/1.png")
    (studio.fabrics_dir / "cotton" / os.fsdecode("棉.png".encode("gbk"))).write_bytes(
        studio.reference_photos("cotton")[0].read_bytes()
    )
    report = build(studio)
    assert [item.reason for item in report.skipped] == ["bad_name"]
    assert report.images == 17
    assert build(studio).reused == 17


# ---------------------------------------------------------------- the studio stays as it was


@pytest.mark.parametrize("at", [0, 1, 8, 15, 16])
def test_a_cancelled_build_leaves_the_studio_as_it_was(studio: Studio, at: int) -> None:
    build(studio, CountingEncoder("old"))
    before = tree(studio.root)
    context = JobContext(lambda progress: context.cancel() if progress.done == at else None)
    if at == 0:
        context.cancel()
    with pytest.raises(Cancelled):
        build(studio, CountingEncoder("new"), context)
    assert tree(studio.root) == before


def without_hashes(studio: Studio) -> dict[str, bytes]:
    """Every file but the hashes of photos, which are kept as soon as the photos are old enough to be known by them."""
    return {name: data for name, data in tree(studio.root).items() if name != ".cache/hashes-references.json"}


@pytest.mark.parametrize("number", range(1, 14))
def test_a_disk_that_fails_at_any_flush_leaves_the_old_bank_in_use(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    encoder = CountingEncoder()
    build(studio, encoder)
    save_photo(studio.fabrics_dir / "wool" / "new.png", cloth("wool"))
    before = without_hashes(studio)
    real, calls = os.fsync, [0]

    def failing(handle: int) -> None:
        calls[0] += 1
        if calls[0] == number:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr("os.fsync", failing)
    failed = False
    try:
        build(studio, encoder)
    except SaveFailed:
        failed = True
    monkeypatch.undo()
    if failed:
        assert without_hashes(studio) == before
    else:  # a flush of a folder, which may fail, or one more than there are
        assert load_bank(studio.bank_path, encoder.fingerprint).fabric_ids == tuple(sorted([*LIBRARY, "wool"]))
    version = current_version(studio)
    assert version is not None
    load_bank(version.path / "bank.npz", encoder.fingerprint)
    load_bank(studio.bank_path, encoder.fingerprint)


def test_progress_names_each_photo_and_its_fabric(studio: Studio) -> None:
    told: list[Progress] = []
    build(studio, context=JobContext(told.append))
    assert [progress.done for progress in told] == list(range(1, 17))
    assert {(str(p.params["fabric"]), str(p.params["photo"])) for p in told} == {
        (fabric, photo.name) for fabric in LIBRARY for photo in studio.reference_photos(fabric)
    }


def test_a_build_is_a_version_and_rolling_back_brings_the_same_bank(studio: Studio) -> None:
    first = build(studio)
    before = tree(studio.models_dir / first.version)
    save_photo(studio.fabrics_dir / "wool" / "new.png", cloth("wool"))
    second = build(studio)
    assert (first.version, second.version) == ("v1", "v2")
    assert build(studio).version == "v2"
    assert tree(use_version(studio, "v1").path) == before


def test_a_reference_cut_from_a_photo_remembers_it(studio: Studio) -> None:
    photo = studio.reference_photos("cotton")[0]
    photo.with_suffix(".json").write_text('{"source_hash": "abc", "swatch_id": "piece 7"}', encoding="utf-8")
    studio.reference_photos("cotton")[1].with_suffix(".json").write_text("[" * 99_999, encoding="utf-8")
    build(studio)
    rows = {row.photo: row for row in load_bank(studio.bank_path).rows}
    row = rows[studio.relative(photo)]
    assert (row.source, row.swatch_id) == ("abc", "piece 7")
    plain = rows[studio.relative(studio.reference_photos("cotton")[2])]
    assert plain.source == plain.swatch_id == plain.content_hash
