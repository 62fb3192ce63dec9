"""The nearest references of a picture: the right fabric first, from the bank that is on the disk at that moment."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fabric_desktop import rank_by_retrieval
from fabric_desktop.bank import Bank, ReferenceRow, load_bank, write_bank
from fabric_desktop.encoders.base import unit_rows
from fabric_desktop.errors import BankMissing
from fabric_desktop.studio import Studio
from tests.support import CountingEncoder, cloth, make_studio, save_photo
from tests.unit.banks import LIBRARY, build, library_studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return library_studio(tmp_path / "我的 studio")


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
