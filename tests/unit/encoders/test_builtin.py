"""The built-in encoder: real weights, the same numbers every time, no torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.encoders import builtin, drawn_cloth, graph
from fabric_desktop.encoders.base import Encoder
from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.wording import explain


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FABRIC_DESKTOP_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def encoder() -> builtin.BuiltinEncoder:
    return builtin.BuiltinEncoder(threads=1)


def weave(seed: int, size: tuple[int, int] = (200, 150), period: float = 9.0) -> Image.Image:
    """A drawn striped cloth with noise."""
    rng = np.random.default_rng(seed)
    x = np.arange(size[0])[None, :]
    y = np.arange(size[1])[:, None]
    base = 120 + 60 * np.sin((x + y * 0.5) * 2 * np.pi / period)
    colour = rng.uniform(0.5, 1.0, 3)
    pixels = base[..., None] * colour + rng.normal(0, 12, (size[1], size[0], 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def test_embeddings_have_the_promised_shape_and_length_one(encoder: builtin.BuiltinEncoder) -> None:
    assert isinstance(encoder, Encoder)
    embeddings = encoder.encode([weave(0), weave(1, (64, 300))])
    assert embeddings.shape == (2, encoder.dim)
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    assert encoder.encode([]).shape == (0, encoder.dim)


def test_a_photo_gets_the_same_numbers_alone_and_in_a_batch(encoder: builtin.BuiltinEncoder) -> None:
    images = [weave(seed, (90 + 30 * seed, 120)) for seed in range(5)]
    together = encoder.encode(images)
    alone = np.vstack([encoder.encode([image]) for image in reversed(images)])[::-1]
    np.testing.assert_array_equal(together, alone)


def test_a_photo_gets_the_same_numbers_however_many_threads_there_are(encoder: builtin.BuiltinEncoder) -> None:
    images = [weave(seed) for seed in range(3)]
    np.testing.assert_array_equal(encoder.encode(images), builtin.BuiltinEncoder(threads=2).encode(images))


def test_cloth_turned_or_mirrored_stays_nearer_to_itself_than_to_other_cloth(encoder: builtin.BuiltinEncoder) -> None:
    cloth = weave(0, (160, 160))
    turned = [cloth.transpose(Image.Transpose.ROTATE_90), cloth.transpose(Image.Transpose.FLIP_TOP_BOTTOM)]
    other = weave(7, (160, 160), period=21.0)
    own, *rest = encoder.encode([cloth, *turned, other])
    assert min(float(own @ row) for row in rest[:2]) > float(own @ rest[2])


def test_a_grey_or_blank_picture_still_has_a_finite_embedding(encoder: builtin.BuiltinEncoder) -> None:
    embeddings = encoder.encode(
        [Image.new("RGB", (50, 50), "white"), Image.new("L", (1, 1)), Image.new("RGB", (3, 900))]
    )
    assert np.isfinite(embeddings).all()


def test_the_textbook_embedding_is_the_last_layer_of_one_centre_view(encoder: builtin.BuiltinEncoder) -> None:
    import onnxruntime

    image = weave(3, (320, 200))
    session = onnxruntime.InferenceSession(str(graph.graph_path()), providers=["CPUExecutionProvider"])
    (last,) = session.run([graph.LAST_OUTPUT], {graph.INPUT_NAME: builtin.prepare(image)[None]})
    expected = last[0] / np.linalg.norm(last[0])
    np.testing.assert_allclose(encoder.encode_textbook([image])[0], expected, atol=1e-6)
    assert encoder.encode_textbook([]).shape == (0, graph.LAST_DIM)


def test_another_graph_file_has_another_fingerprint(tmp_path: Path) -> None:
    copy = tmp_path / "graph.onnx"
    copy.write_bytes(graph.graph_path().read_bytes())
    assert builtin.builtin_fingerprint(copy) == builtin.builtin_fingerprint()
    copy.write_bytes(copy.read_bytes() + b"\x00")
    assert builtin.builtin_fingerprint(copy) != builtin.builtin_fingerprint()


def test_other_views_or_code_have_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = builtin.builtin_fingerprint()
    with monkeypatch.context() as patch:
        patch.setattr(builtin, "VIEWS", builtin.VIEWS[:1])
        assert builtin.builtin_fingerprint() != usual
    with monkeypatch.context() as patch:
        patch.setattr(builtin, "CODE_VERSION", builtin.CODE_VERSION + 1)
        assert builtin.builtin_fingerprint() != usual
    assert builtin.builtin_fingerprint() == usual


def test_both_ends_of_a_long_narrow_patch_are_seen(encoder: builtin.BuiltinEncoder) -> None:
    plain = Image.new("RGB", (400, 100), (90, 90, 90))
    ends = plain.copy()
    for x in (0, 340):
        ends.paste(weave(2, (60, 100)), (x, 0))
    first, second = encoder.encode([plain, ends])
    assert float(first @ second) < 0.95


def test_the_same_cloth_from_nearer_moves_less_than_it_would(encoder: builtin.BuiltinEncoder) -> None:
    rng = np.random.default_rng(77)
    moved = []
    for _ in range(6):
        cloth = drawn_cloth.draw_cloth(rng)
        views = [cloth, cloth.crop((112, 112, 336, 336))]
        before = builtin.embed(encoder.session, views, encoder.dim)
        after = encoder.encode(views)
        moved.append((float(before[0] @ before[1]), float(after[0] @ after[1])))
    assert np.mean([after - before for before, after in moved]) > 0.01


def test_the_same_cloth_in_another_dye_moves_less_than_it_would(encoder: builtin.BuiltinEncoder) -> None:
    rng = np.random.default_rng(78)
    moved = []
    for _ in range(6):
        pictures = drawn_cloth.draw_dyed(rng, 2)
        before = builtin.embed(encoder.session, pictures, encoder.dim)
        after = encoder.encode(pictures)
        moved.append((float(before[0] @ before[1]), float(after[0] @ after[1])))
    assert np.mean([after - before for before, after in moved]) > 0.01


def test_damaged_accidental_directions_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "directions.npy"
    for content in (b"", b"not an array"):
        broken.write_bytes(content)
        monkeypatch.setattr(builtin, "directions_path", lambda: broken)
        with pytest.raises(EncoderUnavailable) as refused:
            builtin.BuiltinEncoder()
        assert refused.value.params["reason"] == "own_files"
    np.save(broken, np.zeros((2, 7), np.float32))
    with pytest.raises(EncoderUnavailable) as refused:
        builtin.BuiltinEncoder()
    assert refused.value.params["reason"] == "own_files"


def test_missing_or_damaged_weights_say_so(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable) as missing:
        builtin.BuiltinEncoder(path=tmp_path / "none.onnx")
    assert missing.value.params["reason"] == "own_files"
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(b"not a graph")
    with pytest.raises(EncoderUnavailable) as broken:
        builtin.BuiltinEncoder(path=damaged)
    assert broken.value.params["reason"] == "own_files"


def test_a_machine_without_onnx_runtime_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EncoderUnavailable) as refused:
        builtin.BuiltinEncoder()
    assert refused.value.params["reason"] == "engine_broken"
    for lang, runtime in (("zh", "运行库"), ("en", "Redistributable")):
        advice = explain(refused.value, lang).do
        assert runtime in advice
        assert "encoders use builtin" not in advice, "it is the built-in encoder that does not work"


def test_encoding_never_imports_torch() -> None:
    code = (
        "import sys\nfrom PIL import Image\nfrom fabric_desktop.encoders.builtin import BuiltinEncoder\n"
        "BuiltinEncoder(threads=1).encode([Image.new('RGB', (40, 40))])\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'open_clip', 'timm', 'sklearn', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
