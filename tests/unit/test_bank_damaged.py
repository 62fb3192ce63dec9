"""A bank that must not be compared with is refused with its reason: lost, older, of another encoder, damaged."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_desktop import rank_by_retrieval
from fabric_desktop.bank import load_bank
from fabric_desktop.errors import BankMismatch, BankMissing
from fabric_desktop.studio import Studio
from tests.support import CountingEncoder, PickleTrap, cloth
from tests.unit.banks import build, library_studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return library_studio(tmp_path / "我的 studio")


def reason_of(path: Path, fingerprint: str | None = None) -> str:
    with pytest.raises(BankMismatch) as caught:
        load_bank(path, fingerprint)
    return str(caught.value.params["reason"])


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


def test_a_pickle_named_bank_is_never_opened(studio: Studio, tmp_path: Path) -> None:
    target = tmp_path / "made by the attacker"
    build(studio)
    studio.bank_path.write_bytes(pickle.dumps(PickleTrap(target)))
    assert reason_of(studio.bank_path) == "damaged"
    replace_bank(studio, {"cotton": np.array([PickleTrap(target)], dtype=object)}, pickled=True)
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
