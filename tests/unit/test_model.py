"""What predicts is loaded part by part: a damaged part costs itself, with the reason, and not the others."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fabric_desktop.bank import build_bank
from fabric_desktop.errors import BankMismatch, BankMissing, HeadMismatch, VersionMissing
from fabric_desktop.head import train_head
from fabric_desktop.imaging import content_hash
from fabric_desktop.jobs import JobContext
from fabric_desktop.model import Model, load_model, stamp
from fabric_desktop.studio import Studio, use_version
from fabric_desktop.studio.files import write_json
from tests.support import CountingEncoder, add_patches, cloth, make_studio, save_photo

FINGERPRINT_ENCODER = CountingEncoder


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = make_studio(tmp_path / "s", {"cotton": 3, "file": 3})
    encoder = CountingEncoder()
    for fabric in ("cotton", "file"):
        add_patches(studio, fabric, 10)
    build_bank(studio, encoder, JobContext())  # v1
    train_head(studio, encoder, JobContext())  # v2
    return studio


def load(studio: Studio, fingerprint: str | None = None, dim: int | None = None) -> Model:
    encoder = CountingEncoder()
    return load_model(studio, fingerprint or encoder.fingerprint, dim=encoder.dim if dim is None else dim)


def edit_manifest(studio: Studio, name: str, **changes: object) -> None:
    path = studio.models_dir / name / "manifest.json"
    write_json(path, json.loads(path.read_text(encoding="utf-8")) | changes)


def test_bank_and_head_in_use_are_loaded(studio: Studio) -> None:
    model = load(studio)
    assert model.bank is not None
    assert model.head is not None
    assert model.version is not None
    assert model.version.name == "v2"
    assert (model.bank_error, model.head_error) == (None, None)
    assert model.facts["head"]["samples"] == 20


def test_an_empty_studio_has_nothing_and_says_what(tmp_path: Path) -> None:
    model = load(make_studio(tmp_path / "empty"))
    assert (model.bank, model.head, model.version, model.head_error, model.alpha) == (None, None, None, None, None)
    assert isinstance(model.bank_error, BankMissing)


def test_without_a_version_the_bank_at_the_root_speaks(studio: Studio) -> None:
    shutil.rmtree(studio.models_dir)
    model = load(studio)
    assert model.bank is not None
    assert model.head is None


@pytest.mark.parametrize("damage", ["head.npz", "bank.npz", "bank.json", "head_folds.npz", "manifest.json"])
def test_a_damaged_version_costs_the_head_and_the_root_bank_speaks(studio: Studio, damage: str) -> None:
    (studio.models_dir / "v2" / damage).write_bytes(b"damaged")
    model = load(studio)
    assert model.bank is not None
    assert model.head is None
    assert isinstance(model.head_error, VersionMissing)


def test_a_damaged_word_of_what_is_in_use_costs_no_traceback(studio: Studio) -> None:
    studio.current_path.write_text("{", encoding="utf-8")
    assert isinstance(load(studio).head_error, VersionMissing)


def test_another_encoder_uses_neither_and_says_so_of_both(studio: Studio) -> None:
    model = load(studio, "another encoder")
    assert (model.bank, model.head) == (None, None)
    assert isinstance(model.bank_error, BankMismatch)
    assert isinstance(model.head_error, HeadMismatch)
    assert model.bank_error.params["reason"] == model.head_error.params["reason"] == "other_encoder"


def test_embeddings_of_another_length_are_damage_whatever_the_fingerprint(studio: Studio) -> None:
    model = load(studio, dim=512)
    assert (model.bank, model.head) == (None, None)
    assert model.bank_error is not None
    assert model.head_error is not None
    assert model.bank_error.params["reason"] == model.head_error.params["reason"] == "damaged"


def test_a_damaged_head_leaves_the_bank_of_the_version(studio: Studio) -> None:
    path = studio.models_dir / "v2" / "head.npz"
    path.write_bytes(b"no archive")
    manifest = json.loads((path.parent / "manifest.json").read_text(encoding="utf-8"))
    edit_manifest(studio, "v2", files=manifest["files"] | {"head.npz": content_hash(path)})
    model = load(studio)
    assert model.bank is not None
    assert model.head is None
    assert isinstance(model.head_error, HeadMismatch)


@pytest.mark.parametrize(
    ("alpha", "measured"),
    [(0.3, 0.3), (0, 0.0), (1, 1.0), (1.5, None), (-1, None), ("0.3", None), (None, None), ([], None)],
)
def test_only_an_alpha_in_range_counts_as_measured(studio: Studio, alpha: object, measured: float | None) -> None:
    edit_manifest(studio, "v2", alpha=alpha)
    assert load(studio).alpha == measured


CHANGES: list[Callable[[Studio], object]] = [
    lambda studio: use_version(studio, "v1"),
    lambda studio: build_bank(
        save_photo(studio.fabrics_dir / "wool" / "1.png", cloth("wool")) and studio, CountingEncoder(), JobContext()
    ),
    lambda studio: studio.bank_path.unlink(),
    lambda studio: studio.bank_index_path.unlink(),
    lambda studio: studio.current_path.unlink(),
    lambda studio: os.replace(shutil.copy(studio.bank_path, studio.root / "copy"), studio.bank_path),
]


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_may_change_the_answers_changes_the_stamp(studio: Studio, change: Callable[[Studio], object]) -> None:
    before = stamp(studio)
    assert stamp(studio) == before
    change(studio)
    assert stamp(studio) != before
