"""OpenCLIP through the real code: a small randomly initialised model stands in for the published weights."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.encoders import openclip, registry
from fabric_desktop.encoders.base import Encoder
from fabric_desktop.encoders.weights import CONFIG_NAME, WEIGHTS_NAME, hub_cache
from fabric_desktop.errors import EncoderUnavailable
from tests.unit.encoders.clip_models import MODEL, save_model

pytestmark = pytest.mark.usefixtures("own_folders")


@pytest.fixture(scope="module")
def saved(open_clip: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(open_clip, tmp_path_factory.mktemp("模型 with space") / "tiny")


@pytest.fixture
def photos() -> list[Image.Image]:
    rng = np.random.default_rng(5)
    return [Image.fromarray(rng.integers(0, 256, (h, w, 3), np.uint8)) for w, h in ((90, 60), (40, 130), (32, 32))]


def own_answer(open_clip: Any, folder: Path, photos: list[Image.Image]) -> np.ndarray:
    """open_clip's own: its model, its preprocessing, its encode_image, normalised by it."""
    import torch

    model, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    model.eval()
    with torch.inference_mode():
        pixels = torch.stack([preprocess(photo) for photo in photos])
        answer: np.ndarray = model.encode_image(pixels, normalize=True).numpy()
    return answer


def test_the_embedding_is_open_clips_own(open_clip: Any, saved: Path, photos: list[Image.Image]) -> None:
    encoder = registry.load_encoder(f"local-dir:{saved}")
    assert isinstance(encoder, Encoder)
    embeddings = encoder.encode(photos)
    assert embeddings.shape == (3, encoder.dim) == (3, 24)
    np.testing.assert_allclose(embeddings, own_answer(open_clip, saved, photos), atol=2e-6)
    assert encoder.device in {"cpu", "cuda", "mps"}
    assert encoder.device_reason in {"gpu", "no_gpu", "engine_without_gpu"}


def test_a_photo_gets_the_same_numbers_alone_and_in_a_batch(saved: Path, photos: list[Image.Image]) -> None:
    encoder = registry.load_encoder(f"local-dir:{saved}")
    alone = np.vstack([encoder.encode([photo]) for photo in photos])
    np.testing.assert_array_equal(encoder.encode(photos), alone)


def test_the_models_own_preprocessing_is_honoured(open_clip: Any, tmp_path: Path, photos: list[Image.Image]) -> None:
    plain = save_model(open_clip, tmp_path / "plain")
    other = save_model(open_clip, tmp_path / "other", mean=[0.1, 0.1, 0.1], resize_mode="shortest")
    first, second = (registry.load_encoder(f"local-dir:{folder}") for folder in (plain, other))
    assert np.abs(first.encode(photos) - second.encode(photos)).max() > 1e-3
    np.testing.assert_allclose(second.encode(photos), own_answer(open_clip, other, photos), atol=2e-6)
    assert first.fingerprint != second.fingerprint


def test_other_weights_have_another_fingerprint_and_a_moved_folder_the_same(
    open_clip: Any, saved: Path, tmp_path: Path
) -> None:
    moved = shutil.copytree(saved, tmp_path / "moved")
    assert registry.fingerprint_of(f"local-dir:{moved}") == registry.fingerprint_of(f"local-dir:{saved}")
    assert registry.load_encoder(f"local-dir:{moved}").fingerprint == registry.fingerprint_of(f"local-dir:{moved}")
    other = save_model(open_clip, tmp_path / "other", seed=1)
    assert registry.fingerprint_of(f"local-dir:{other}") != registry.fingerprint_of(f"local-dir:{saved}")


@pytest.fixture
def published(open_clip: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Two registered models, plain and QuickGELU, and OpenAI-like weights for them in the Hugging Face cache."""
    configs = tmp_path / "configs"
    configs.mkdir()
    for name, quick in (("tiny-test", False), ("tiny-test-quickgelu", True)):
        (configs / f"{name}.json").write_text(json.dumps(MODEL | {"quick_gelu": quick}), encoding="utf-8")
    before = set(open_clip.list_models())
    open_clip.add_model_config(configs)
    assert set(open_clip.list_models()) - before >= {"tiny-test", "tiny-test-quickgelu"}
    tag = {
        "hf_hub": "someone/tiny/",
        "quick_gelu": True,
        "mean": (0.5, 0.4, 0.3),
        "std": (0.25, 0.3, 0.2),
        "interpolation": "bilinear",
        "resize_mode": "squash",
    }
    for name in ("tiny-test", "tiny-test-quickgelu"):
        monkeypatch.setitem(open_clip.pretrained._PRETRAINED, name, {"openai": tag, "special": tag})
    folder = save_model(open_clip, tmp_path / "tiny", model=MODEL | {"quick_gelu": True})
    snapshot = hub_cache() / "models--someone--tiny" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    shutil.copy(folder / WEIGHTS_NAME, snapshot / WEIGHTS_NAME)
    yield str(folder)
    for name in ("tiny-test", "tiny-test-quickgelu"):
        open_clip.factory._MODEL_CONFIGS.pop(name)
        open_clip.factory._MODEL_CONFIG_PATHS[:] = [
            path for path in open_clip.factory._MODEL_CONFIG_PATHS if path != configs
        ]


def test_quick_gelu_weights_are_never_run_in_the_plain_model(
    open_clip: Any, published: str, photos: list[Image.Image]
) -> None:
    expected = own_answer(open_clip, Path(published), photos)
    for asked in ("openclip:tiny-test/openai", "openclip:tiny-test-quickgelu/openai"):
        encoder = registry.load_encoder(asked)
        assert encoder.id == "openclip:tiny-test-quickgelu/openai"
        np.testing.assert_allclose(encoder.encode(photos), expected, atol=2e-6)
    # Not only the tag named openai: whatever open_clip's own table says was trained so.
    assert registry.load_encoder("openclip:tiny-test/special").id == "openclip:tiny-test-quickgelu/special"


def test_quick_gelu_weights_without_a_quick_gelu_model_are_refused(
    open_clip: Any, published: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(open_clip.factory._MODEL_CONFIGS, "tiny-test-quickgelu")
    with pytest.raises(EncoderUnavailable) as refused:
        registry.load_encoder("openclip:tiny-test/special")
    assert refused.value.params["reason"] == "wrong_activation"
    monkeypatch.undo()


def test_an_imported_bare_file_is_run_as_the_model_that_its_owner_named(
    open_clip: Any, published: str, photos: list[Image.Image], tmp_path: Path
) -> None:
    bare = tmp_path / "weights of mine.safetensors"
    shutil.copy(Path(published) / WEIGHTS_NAME, bare)
    shutil.rmtree(hub_cache())
    with pytest.raises(EncoderUnavailable) as missing:
        registry.load_encoder("openclip:tiny-test/openai")
    assert missing.value.params["reason"] == "weights_missing"
    encoder_id = registry.import_encoder(bare, model="tiny-test/openai")
    assert encoder_id == "openclip:tiny-test-quickgelu/openai"
    embeddings = registry.load_encoder(encoder_id).encode(photos)
    np.testing.assert_allclose(embeddings, own_answer(open_clip, Path(published), photos), atol=2e-6)


def test_weights_of_another_model_are_refused(open_clip: Any, saved: Path, tmp_path: Path) -> None:
    folder = save_model(open_clip, tmp_path / "wider", model=MODEL | {"embed_dim": 40})
    shutil.copy(saved / WEIGHTS_NAME, folder / WEIGHTS_NAME)
    with pytest.raises(EncoderUnavailable) as refused:
        registry.load_encoder(f"local-dir:{folder}")
    assert refused.value.params["reason"] == "weights_damaged"


def test_a_folder_without_weights_is_never_run_with_random_ones(open_clip: Any, saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    shutil.copy(saved / CONFIG_NAME, folder / CONFIG_NAME)
    with pytest.raises(EncoderUnavailable) as refused:
        registry.load_encoder(f"local-dir:{folder}")
    assert refused.value.params["reason"] == "weights_missing"


def test_an_unknown_model_or_tag_is_named(open_clip: Any) -> None:
    for asked in ("openclip:no-such-model/openai", "openclip:ViT-B-32/no_such_tag", "openclip:ViT-B-32"):
        with pytest.raises(EncoderUnavailable) as refused:
            registry.load_encoder(asked)
        assert refused.value.params["reason"] == "unknown_id", asked


def test_the_offered_models_are_what_open_clip_publishes(open_clip: Any) -> None:
    for offer in registry.OFFERS:
        published = open_clip.get_pretrained_cfg(offer.name, offer.tag)
        assert published["hf_hub"].strip("/") == offer.repository
        quick = bool(open_clip.get_model_config(offer.name).get("quick_gelu", False))
        assert quick == bool(published.get("quick_gelu", False)), offer.id
        assert openclip.canonical_id(offer.id) == offer.id


def test_asking_for_a_model_reaches_no_network(open_clip: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(EncoderUnavailable) as refused:
        registry.load_encoder("openclip:ViT-B-32-256/datacomp_s34b_b86k")
    assert refused.value.params["reason"] == "weights_missing"
