"""The reference bank: every photo counted, reused or named; a bank that must not be compared with is refused."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fabric_desktop import rank_by_retrieval
from fabric_desktop.bank import Bank, ReferenceRow, build_bank, load_bank, write_bank
from fabric_desktop.encoders.base import unit_rows
from fabric_desktop.errors import BankMismatch, BankMissing, NoEmbeddingsCollected, SaveFailed
from fabric_desktop.imaging import content_hash
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.studio import Studio, current_version, use_version
from tests.support import CountingEncoder, cloth, make_studio, save_photo, tree

LIBRARY = {"cotton": 3, "file": 3, "真丝缎": 4, 'a\'b "quoted"': 3, "🧵": 3}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    library = LIBRARY if sys.platform != "win32" else {key: n for key, n in LIBRARY.items() if '"' not in key}
    return make_studio(tmp_path / "我的 studio", library)


def build(studio: Studio, encoder: CountingEncoder | None = None, context: JobContext | None = None) -> Any:
    return build_bank(studio, encoder or CountingEncoder(), context or JobContext())


def reason_of(path: Path, fingerprint: str | None = None) -> str:
    with pytest.raises(BankMismatch) as caught:
        load_bank(path, fingerprint)
    return str(caught.value.params["reason"])


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


@pytest.mark.parametrize("number", range(1, 14))
def test_a_disk_that_fails_at_any_flush_leaves_the_old_bank_in_use(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    encoder = CountingEncoder()
    build(studio, encoder)
    save_photo(studio.fabrics_dir / "wool" / "new.png", cloth("wool"))
    before = tree(studio.root)
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
        assert tree(studio.root) == before
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


# ---------------------------------------------------------------- refusing


def edit_index(studio: Studio, change: Callable[[dict[str, Any]], object]) -> None:
    index = json.loads(studio.bank_index_path.read_text(encoding="utf-8"))
    change(index)
    studio.bank_index_path.write_text(json.dumps(index), encoding="utf-8")


def replace_bank(studio: Studio, arrays: dict[str, np.ndarray], *, pickled: bool = False) -> None:
    """Another bank under the name, its hash entered in the index as if it were ours."""
    import hashlib
    import io
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w") as member:
                np.lib.format.write_array(member, array, allow_pickle=pickled)
    studio.bank_path.write_bytes(stream.getvalue())
    edit_index(studio, lambda index: index.update(sha256=hashlib.sha256(stream.getvalue()).hexdigest()))


def test_a_bank_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BankMissing):
        load_bank(tmp_path / "fabric_bank.npz")
    with pytest.raises(BankMissing):
        rank_by_retrieval(cloth("a"), bank_path=tmp_path / "fabric_bank.npz")


def test_a_bank_of_an_older_script_is_offered_a_rebuild(studio: Studio) -> None:
    rows = np.ones((2, 512), np.float32)
    np.savez(studio.bank_path, cotton=rows)
    assert reason_of(studio.bank_path) == "no_index"
    build(studio)
    for save in (np.savez, np.savez_compressed):
        save(studio.bank_path, cotton=rows)  # the script run again over ours
        assert reason_of(studio.bank_path) == "no_index"
    studio.bank_index_path.write_text('{"made by": "another program"}', encoding="utf-8")
    assert reason_of(studio.bank_path) == "no_index"
    assert build(studio).images == 16
    load_bank(studio.bank_path)


def test_a_bank_of_another_encoder_is_never_compared_with(studio: Studio) -> None:
    build(studio, CountingEncoder("one"))
    assert reason_of(studio.bank_path, "two") == "other_encoder"
    assert load_bank(studio.bank_path, "one").fingerprint == "one"
    with pytest.raises(BankMismatch) as caught:
        rank_by_retrieval(cloth("a"), bank_path=studio.bank_path)
    assert caught.value.params["reason"] == "other_encoder"


class Malicious:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.target,))


def test_a_pickle_named_bank_is_never_opened(studio: Studio, tmp_path: Path) -> None:
    target = tmp_path / "made by the attacker"
    build(studio)
    studio.bank_path.write_bytes(pickle.dumps(Malicious(target)))
    assert reason_of(studio.bank_path) == "damaged"
    replace_bank(studio, {"cotton": np.array([Malicious(target)], dtype=object)}, pickled=True)
    assert reason_of(studio.bank_path) == "damaged"
    assert not target.exists()


def test_a_bank_cut_off_anywhere_is_damaged(studio: Studio) -> None:
    build(studio)
    data = studio.bank_path.read_bytes()
    for length in (0, 1, 100, len(data) // 2, len(data) - 1):
        studio.bank_path.write_bytes(data[:length])
        assert reason_of(studio.bank_path) == "damaged"


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: arrays["cotton"].__setitem__((0, 0), np.nan),
        lambda arrays: arrays["cotton"].__setitem__((0, 0), np.inf),
        lambda arrays: arrays.update(cotton=arrays["cotton"][:, :-1].copy()),
        lambda arrays: arrays.update(cotton=arrays["cotton"][:-1].copy()),
        lambda arrays: arrays.update(cotton=arrays["cotton"].astype(np.float64)),
        lambda arrays: arrays.update(cotton=arrays["cotton"][0].copy()),
        lambda arrays: arrays.update(cotton=np.array([["text"]])),
        lambda arrays: arrays.pop("cotton"),
        lambda arrays: arrays.update(unknown=arrays["cotton"]),
        lambda arrays: arrays.clear(),
    ],
)
def test_arrays_that_do_not_fit_the_index_are_damage(studio: Studio, change: Callable[[Any], object]) -> None:
    build(studio)
    with np.load(studio.bank_path) as plain:
        arrays = {key: plain[key] for key in plain.files}
    change(arrays)
    replace_bank(studio, arrays)
    assert reason_of(studio.bank_path) == "damaged"


def first_row(index: dict[str, Any]) -> dict[str, Any]:
    return index["rows"]["cotton"][0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "change",
    [
        lambda index: index.update(dim=7),
        lambda index: index.update(rows={}),
        lambda index: index["rows"].update(cotton=[]),
        lambda index: index["rows"].update(cotton=5),
        lambda index: first_row(index).update(photo=5),
        lambda index: first_row(index).pop("hash"),
        lambda index: index["rows"].update(cotton=["x", "y", "z"]),
    ],
)
def test_an_index_that_does_not_fit_is_damage(studio: Studio, change: Callable[[Any], object]) -> None:
    build(studio)
    edit_index(studio, change)
    assert reason_of(studio.bank_path) == "damaged"


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["encoder", "fingerprint", "dim", "sha256", "rows", "a"]), inner, max_size=6
            )
        ),
        max_leaves=12,
    )
)
def test_any_index_is_a_bank_or_a_reason(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = tmp_path_factory.getbasetemp() / "any" / "fabric_bank.npz"
    path.parent.mkdir(exist_ok=True)
    np.savez(path, a=np.ones((1, 2), np.float32))
    path.with_suffix(".json").write_text(json.dumps(value), encoding="utf-8")
    assert reason_of(path) in ("no_index", "damaged")


# ---------------------------------------------------------------- searching


def small_bank(rows: dict[str, list[list[float]]]) -> Bank:
    names = [(fabric, number) for fabric in sorted(rows) for number in range(len(rows[fabric]))]
    matrix = unit_rows(np.array([rows[fabric][number] for fabric, number in names], np.float32))
    described = tuple(
        ReferenceRow(f, f"{f}/{n}.jpg", f"hash {f} {n}", f"source {f} {n}", f"swatch {f}") for f, n in names
    )
    return Bank(matrix, described, "fp", "dummy")


def test_a_fabric_is_as_near_as_its_nearest_reference() -> None:
    bank = small_bank({"b": [[1, 0], [0, 1]], "a": [[-1, 0]], "c": [[0.6, 0.8]]})
    best = bank.best_by_fabric(np.array([[1, 0], [0, 1]], np.float32))
    assert bank.fabric_ids == ("a", "b", "c")
    assert np.allclose(best, [[-1, 1, 0.6], [0, 1, 0.8]])


def test_the_nearest_references_come_first_and_of_one_fabric_if_asked() -> None:
    bank = small_bank({"b": [[1, 0], [0, 1]], "a": [[-1, 0]], "c": [[0.6, 0.8]]})
    query = np.array([1, 0], np.float32)
    assert [match.photo for match in bank.matches(query, 3)] == ["b/0.jpg", "c/0.jpg", "b/1.jpg"]
    assert [round(match.similarity, 3) for match in bank.matches(query, 9, "b")] == [1.0, 0.0]
    assert bank.matches(query, 3, "unknown") == ()


def test_references_of_a_source_can_be_left_out_and_with_them_their_fabric() -> None:
    bank = small_bank({"a": [[1, 0]], "b": [[0, 1], [1, 1]]})
    assert bank.without(frozenset({"unrelated"})) is bank
    rest = bank.without(frozenset({"hash a 0", "source b 1"}))
    assert [row.photo for row in rest.rows] == ["b/0.jpg"]
    assert np.allclose(rest.best_by_fabric(np.array([[0, 1]], np.float32)), [[1.0]])
    none = bank.without(frozenset(row.source for row in bank.rows))
    assert none.best_by_fabric(np.array([[0, 1]], np.float32)).shape == (1, 0)
    assert none.matches(np.array([0, 1], np.float32), 3) == ()


@settings(max_examples=30, deadline=None, derandomize=True)
@given(counts=st.lists(st.integers(1, 4), min_size=1, max_size=6), seed=st.integers(0, 99))
def test_searching_agrees_with_looking_at_each_reference(counts: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    bank = small_bank({f"f{i}": rng.normal(size=(n, 5)).tolist() for i, n in enumerate(counts)})
    queries = unit_rows(rng.normal(size=(3, 5)))
    best = bank.best_by_fabric(queries)
    for q in range(3):
        for i, fabric in enumerate(bank.fabric_ids):
            one_by_one = [
                float(bank.embeddings[r] @ queries[q]) for r, row in enumerate(bank.rows) if row.fabric_id == fabric
            ]
            assert best[q, i] == pytest.approx(max(one_by_one), abs=1e-6)


# ---------------------------------------------------------------- the public call


def test_the_right_fabric_comes_first_with_its_cosine(studio: Studio) -> None:
    build(studio)
    encoder = CountingEncoder()
    query = cloth("真丝缎", 99)
    ranked = rank_by_retrieval(query, topk=3, bank_path=studio.bank_path)
    assert [set(row) for row in ranked] == [{"id", "score"}] * 3
    assert ranked[0]["id"] == "真丝缎"
    scores = [row["score"] for row in ranked]
    assert scores == sorted(scores, reverse=True)
    references = [Image.open(photo) for photo in studio.reference_photos("真丝缎")]
    cosines = encoder.encode(references) @ encoder.encode([query])[0]
    assert scores[0] == pytest.approx(float(cosines.max()), abs=1e-6)
    assert isinstance(scores[0], float)


def test_as_many_as_asked_for_and_no_more_than_there_are(studio: Studio) -> None:
    build(studio)
    assert len(rank_by_retrieval(cloth("cotton"), bank_path=str(studio.bank_path))) == 5
    assert len(rank_by_retrieval(cloth("cotton"), topk=1, bank_path=studio.bank_path)) == 1
    everything = rank_by_retrieval(cloth("cotton"), topk=500, bank_path=studio.bank_path)
    assert sorted(row["id"] for row in everything) == sorted(LIBRARY)
    for topk in (0, -1):
        with pytest.raises(ValueError, match="topk"):
            rank_by_retrieval(cloth("cotton"), topk=topk, bank_path=studio.bank_path)


def test_pictures_of_any_mode_can_be_asked_about(studio: Studio) -> None:
    build(studio)
    patch = cloth("file", 99)
    plain = rank_by_retrieval(patch, bank_path=studio.bank_path)
    assert rank_by_retrieval(patch.convert("RGBA"), bank_path=studio.bank_path) == plain
    for mode in ("L", "P", "1", "CMYK", "F"):
        assert rank_by_retrieval(patch.convert(mode), bank_path=studio.bank_path)


def test_the_bank_is_loaded_once_and_again_when_its_file_changes(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fabric_desktop import retrieval as module

    loads: list[Path] = []
    real = module.load_bank

    def counted(path: Path, fingerprint: str | None = None) -> Bank:
        loads.append(path)
        return real(path, fingerprint)

    build(studio)
    monkeypatch.setattr(module, "load_bank", counted)
    for _ in range(5):
        rank_by_retrieval(cloth("cotton"), bank_path=studio.bank_path)
    assert len(loads) == 1
    save_photo(studio.fabrics_dir / "wool" / "new.png", cloth("wool"))
    monkeypatch.undo()
    build(studio)
    assert rank_by_retrieval(cloth("wool"), bank_path=studio.bank_path)[0]["id"] == "wool"
    shutil.rmtree(studio.fabrics_dir / "wool")
    build(studio)
    assert "wool" not in {row["id"] for row in rank_by_retrieval(cloth("wool"), bank_path=studio.bank_path)}
    studio.bank_path.unlink()
    with pytest.raises(BankMissing):
        rank_by_retrieval(cloth("wool"), bank_path=studio.bank_path)


def test_a_bank_of_the_same_size_written_in_the_same_tick_is_noticed(studio: Studio) -> None:
    build(studio)
    first = rank_by_retrieval(cloth("cotton"), bank_path=studio.bank_path)
    bank, state = load_bank(studio.bank_path), studio.bank_path.stat()
    write_bank(Bank(-bank.embeddings, bank.rows, bank.fingerprint, bank.encoder_id), studio.bank_path)
    for path in (studio.bank_path, studio.bank_index_path):
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert rank_by_retrieval(cloth("cotton"), bank_path=studio.bank_path) != first


def test_a_relative_path_follows_the_working_folder(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_studio(tmp_path / "other", {"linen": 3})
    for each in (studio, other):
        build(each)
    monkeypatch.chdir(studio.root.parent)
    assert rank_by_retrieval(cloth("linen"), bank_path=f"{studio.root.name}/fabric_bank.npz")[0]["id"] != "linen"
    monkeypatch.chdir(other.root)
    assert rank_by_retrieval(cloth("linen"), bank_path="fabric_bank.npz")[0]["id"] == "linen"
    monkeypatch.chdir(studio.root)
    assert rank_by_retrieval(cloth("linen"), bank_path="fabric_bank.npz")[0]["id"] != "linen"
