"""Which encoder a studio gets, and what a person is told about one that cannot run."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from fabric_desktop.encoders import builtin, clip_source, openclip, registry
from fabric_desktop.encoders.weights import CONFIG_NAME, WEIGHTS_NAME, file_sha256, find_in_cache, hub_cache
from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.studio import Studio, open_studio, save_setting
from fabric_desktop.wording import explain

pytestmark = pytest.mark.usefixtures("own_folders")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "工作室 one", create=True)


def safetensors(path: Path, values: int = 4) -> Path:
    """A whole safetensors file with one float32 tensor."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = json.dumps({"w": {"dtype": "F32", "shape": [values], "data_offsets": [0, 4 * values]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(4 * values))
    return path


def in_cache(offer: registry._Offer) -> Path:
    folder = hub_cache() / f"models--{offer.repository.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("abc", encoding="utf-8")
    return safetensors(folder / "snapshots" / "abc" / WEIGHTS_NAME)


def model_folder(folder: Path, **config: object) -> Path:
    safetensors(folder / WEIGHTS_NAME)
    whole = {"model_cfg": {}, "preprocess_cfg": {"mean": [0.5], "std": [0.5]}} | config
    (folder / CONFIG_NAME).write_text(json.dumps(whole), encoding="utf-8")
    return folder


def test_importing_the_registry_and_listing_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom fabric_desktop.encoders import registry\nregistry.list_encoders()\n"
        "heavy = ['torch', 'torchvision', 'open_clip', 'timm', 'onnxruntime', 'sklearn', 'scipy', 'skimage']\n"
        "sys.exit(', '.join(name for name in heavy if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_fresh_studio_gets_the_builtin_encoder(studio: Studio) -> None:
    assert registry.choose_encoder_id(studio) == builtin.ID


def test_clip_weights_on_this_machine_are_preferred_best_first(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openclip, "engine_installed", lambda: True)
    in_cache(registry.OFFERS[2])
    assert registry.choose_encoder_id(studio) == registry.OFFERS[2].id
    in_cache(registry.OFFERS[0])
    assert registry.choose_encoder_id(studio) == registry.OFFERS[0].id


def test_clip_weights_without_torch_are_of_no_use(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    in_cache(registry.OFFERS[0])
    monkeypatch.setattr(openclip, "engine_installed", lambda: False)
    assert registry.choose_encoder_id(studio) == builtin.ID
    assert registry.list_encoders()[1].state == "engine_missing"


def test_a_studio_keeps_the_encoder_its_bank_was_built_with(studio: Studio) -> None:
    save_setting(studio, "encoder", "local-dir:/elsewhere")
    assert registry.choose_encoder_id(studio) == "local-dir:/elsewhere"
    studio.bank_index_path.write_text(json.dumps({"encoder": "openclip:ViT-B-32/openai"}), encoding="utf-8")
    assert registry.choose_encoder_id(studio) == "openclip:ViT-B-32-quickgelu/openai"


def test_building_follows_the_persons_choice_so_that_a_studio_can_change_encoders(studio: Studio) -> None:
    studio.bank_index_path.write_text(json.dumps({"encoder": "builtin"}), encoding="utf-8")
    assert registry.choose_encoder_id(studio, for_building=True) == builtin.ID
    save_setting(studio, "encoder", "local-dir:/elsewhere")
    assert registry.choose_encoder_id(studio, for_building=True) == "local-dir:/elsewhere"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"encoder": 3}', "{broken"])
def test_a_damaged_bank_index_does_not_stop_the_choice(studio: Studio, text: str) -> None:
    studio.bank_index_path.write_text(text, encoding="utf-8")
    assert registry.choose_encoder_id(studio) == builtin.ID


@pytest.mark.parametrize("encoder_id", ["", "clip", "openclip:x", "local-dir:/no/such/folder", "onnx:x"])
def test_an_encoder_that_cannot_run_says_why_and_what_to_do(encoder_id: str) -> None:
    if encoder_id.startswith("openclip"):
        pytest.importorskip("open_clip")
    for ask in (registry.load_encoder, registry.fingerprint_of):
        with pytest.raises(EncoderUnavailable) as refused:
            ask(encoder_id)
        for lang in ("zh", "en"):
            told = explain(refused.value, lang)
            assert told.what
            assert told.do


def test_without_torch_clip_is_unavailable_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_source, "find_spec", lambda name: None)
    with pytest.raises(EncoderUnavailable) as refused:
        registry.load_encoder("openclip:ViT-B-32-256/datacomp_s34b_b86k")
    assert refused.value.params["reason"] == "engine_missing"
    assert "--with-clip" in explain(refused.value, "en").do


def test_a_folder_with_config_and_weights_can_be_imported(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "面料 model")
    encoder_id = registry.import_encoder(folder)
    assert encoder_id == f"local-dir:{folder.resolve()}"
    assert [info.title for info in registry.list_encoders() if info.id == encoder_id] == ["面料 model"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: (folder / CONFIG_NAME).unlink(), "config_missing"),
        (lambda folder: (folder / CONFIG_NAME).write_text("{", encoding="utf-8"), "config_damaged"),
        (lambda folder: model_folder(folder, preprocess_cfg={}), "no_way_of_preprocessing"),
        (lambda folder: (folder / WEIGHTS_NAME).unlink(), "weights_missing"),
        (lambda folder: (folder / WEIGHTS_NAME).write_bytes(b"PK\x03\x04 a zip"), "weights_damaged"),
        (
            lambda folder: (folder / WEIGHTS_NAME).write_bytes((folder / WEIGHTS_NAME).read_bytes()[:-4]),
            "weights_damaged",
        ),
    ],
    ids=["no config", "broken config", "no preprocessing", "no weights", "not safetensors inside", "cut short"],
)
def test_a_folder_that_would_mislead_is_not_imported(tmp_path: Path, spoil: object, reason: str) -> None:
    folder = model_folder(tmp_path / "model")
    spoil(folder)  # type: ignore[operator]
    with pytest.raises(EncoderUnavailable) as refused:
        registry.import_encoder(folder)
    assert refused.value.params["reason"] == reason
    assert not (tmp_path / "home" / "encoders.json").exists()


def test_a_bare_weights_file_must_come_with_the_models_name(tmp_path: Path) -> None:
    bare = safetensors(tmp_path / "bare.safetensors")
    for model in (None, "ViT-B-32"):
        with pytest.raises(EncoderUnavailable) as refused:
            registry.import_encoder(bare, model=model)
        assert refused.value.params["reason"] == "no_way_of_preprocessing"
    assert registry.import_encoder(bare, model="ViT-B-32/openai") == "openclip:ViT-B-32-quickgelu/openai"


def test_a_checkpoint_that_could_run_code_is_refused(tmp_path: Path) -> None:
    pickled = tmp_path / "ViT-B-32.pt"
    pickled.write_bytes(b"\x80\x04.")
    with pytest.raises(EncoderUnavailable) as refused:
        registry.import_encoder(pickled, model="ViT-B-32/openai")
    assert refused.value.params["reason"] == "not_safetensors"


def test_the_cache_is_found_without_a_reference_file_too() -> None:
    offer = registry.OFFERS[1]
    assert find_in_cache(offer.repository) is None
    weights = in_cache(offer)
    (weights.parents[2] / "refs" / "main").unlink()
    assert find_in_cache(offer.repository) == weights


def test_a_changed_file_is_hashed_again(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    first = file_sha256(file)
    assert file_sha256(file) == first
    file.write_bytes(b"other")
    assert file_sha256(file) != first
