"""Fabrics by their names alone, through open_clip's own tokenizer and text side on a small model of random weights."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.encoders import registry, zero_shot
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.encoders.openclip import OpenClipEncoder
from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.rules import load_rules
from tests.unit.encoders.clip_models import MODEL, SPEAKING, save_model

pytestmark = pytest.mark.usefixtures("own_folders")

FABRICS = {"denim": "Denim", "terry": "Terry", "真丝缎": "Silk Satin", "own": "Bird's {eye} No. 7"}


@pytest.fixture(scope="module")
def saved(open_clip: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(open_clip, tmp_path_factory.mktemp("会说话 with space") / "tiny", model=SPEAKING)


@pytest.fixture
def encoder(saved: Path) -> OpenClipEncoder:
    found = registry.load_encoder(f"local-dir:{saved}")
    assert isinstance(found, OpenClipEncoder)
    return found


def test_names_become_what_open_clips_own_text_side_says(open_clip: Any, encoder: OpenClipEncoder, saved: Path) -> None:
    import torch

    texts = zero_shot.text_embeddings(encoder, FABRICS)
    assert texts.fabrics == tuple(FABRICS)
    model = open_clip.create_model_from_pretrained(f"local-dir:{saved}", return_transform=False).eval()
    tokenizer = open_clip.get_tokenizer(f"local-dir:{saved}")
    prompts = zero_shot.load_prompts()
    with torch.inference_mode():
        for row, name in zip(texts.embeddings, FABRICS.values(), strict=True):
            spoken = model.encode_text(tokenizer(prompts.sentences(name)), normalize=True).mean(dim=0)
            np.testing.assert_allclose(row, (spoken / spoken.norm()).numpy(), atol=1e-6)
    assert texts.logit_scale == pytest.approx(float(model.logit_scale.detach().exp()))


def test_a_patch_is_scored_as_clip_scores_it(open_clip: Any, encoder: OpenClipEncoder, saved: Path) -> None:
    import torch

    photo = Image.fromarray(np.random.default_rng(3).integers(0, 256, (40, 50, 3), np.uint8))
    texts = zero_shot.text_embeddings(encoder, FABRICS)
    scores = zero_shot.zero_shot_scores(encoder.encode([photo])[0], texts.embeddings, texts.logit_scale)
    assert scores.shape == (len(FABRICS),)
    assert scores.sum() == pytest.approx(1)
    # CLIP's own way: the pictures' and the texts' embeddings by the model itself, its scale, a softmax.
    model, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{saved}")
    with torch.inference_mode():
        picture = model.eval().encode_image(preprocess(photo)[None], normalize=True)
        own = (model.logit_scale.exp() * picture @ torch.from_numpy(texts.embeddings).T).softmax(dim=-1)[0]
    np.testing.assert_allclose(scores, own.numpy(), atol=1e-5)
    both = zero_shot.zero_shot_scores(encoder.encode([photo, photo]), texts.embeddings, texts.logit_scale)
    np.testing.assert_allclose(both, np.stack([scores, scores]), atol=1e-12)


def test_a_name_is_asked_of_the_model_only_once(encoder: OpenClipEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    first = zero_shot.text_embeddings(encoder, FABRICS)
    seen: list[Progress] = []
    with_new = zero_shot.text_embeddings(encoder, FABRICS | {"tweed": "Tweed"}, JobContext(seen.append))
    assert {(step.code, step.total) for step in seen} == {("job.zero_shot", 1)}, "only the new name may be encoded"

    def refuse(_: OpenClipEncoder) -> None:
        raise AssertionError("the model was loaded again")

    monkeypatch.setattr(OpenClipEncoder, "text_tower", refuse)
    again = zero_shot.text_embeddings(encoder, dict(reversed(FABRICS.items())))
    np.testing.assert_array_equal(again.embeddings[::-1], first.embeddings)
    np.testing.assert_array_equal(with_new.embeddings[:-1], first.embeddings)
    assert again.logit_scale == first.logit_scale
    other = zero_shot.Prompts(("a {fabric}.",), "{name}", {})
    with pytest.raises(AssertionError, match="loaded again"):
        zero_shot.text_embeddings(encoder, FABRICS, prompts=other)


def test_kept_texts_need_no_engine(encoder: OpenClipEncoder, tmp_path: Path) -> None:
    zero_shot.text_embeddings(encoder, FABRICS)
    script = (
        "import sys\n"
        "from fabric_desktop.encoders import zero_shot\n"
        "class Kept:\n"
        "    id = 'x'\n"
        f"    text_fingerprint = {encoder.text_fingerprint!r}\n"
        "    def text_tower(self): raise AssertionError('loaded')\n"
        f"print(zero_shot.text_embeddings(Kept(), {FABRICS!r}).embeddings.shape)\n"
        "assert not {'torch', 'open_clip', 'transformers'} & set(sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == f"({len(FABRICS)}, {encoder.dim})"


def test_a_damaged_store_is_made_again(encoder: OpenClipEncoder, tmp_path: Path) -> None:
    first = zero_shot.text_embeddings(encoder, FABRICS)
    (stored,) = (tmp_path / "home" / "texts").iterdir()
    stored.write_bytes(stored.read_bytes()[:-100])
    np.testing.assert_array_equal(zero_shot.text_embeddings(encoder, FABRICS).embeddings, first.embeddings)
    assert zero_shot._Store(stored).rows, "what was made again must be kept whole"


def test_a_stop_takes_effect_between_fabrics(encoder: OpenClipEncoder) -> None:
    context = JobContext(lambda step: context.cancel() if step.done == 1 else None)
    with pytest.raises(Cancelled):
        zero_shot.text_embeddings(encoder, FABRICS, context)


def test_an_encoder_without_a_text_side_is_known_for_it(encoder: OpenClipEncoder) -> None:
    assert zero_shot.speaks(encoder)
    assert not zero_shot.speaks(DummyEncoder())


def test_a_model_whose_tokenizer_is_not_here_is_refused_with_words(open_clip: Any, tmp_path: Path) -> None:
    text = MODEL["text_cfg"] | {"hf_tokenizer_name": "someone/nowhere"}  # type: ignore[operator]
    folder = save_model(open_clip, tmp_path / "foreign", model=MODEL | {"text_cfg": text})
    encoder = registry.load_encoder(f"local-dir:{folder}")
    assert isinstance(encoder, OpenClipEncoder)
    with pytest.raises(EncoderUnavailable) as refused:
        zero_shot.text_embeddings(encoder, FABRICS)
    assert refused.value.params["reason"] == "no_tokenizer"


def test_every_fabric_of_the_rules_has_its_sentences() -> None:
    prompts = zero_shot.load_prompts()
    names = {rule.name_en for book in ("fine", "coarse") for rule in load_rules(book).fabrics}
    spoken = {name: prompts.sentences(name) for name in names}
    assert len({tuple(sentences) for sentences in spoken.values()}) == len(names), "two fabrics said alike"
    for sentences in spoken.values():
        assert len(sentences) == len(prompts.templates) >= 5
        assert not any("{" in sentence for sentence in sentences)
    assert set(prompts.phrases) <= {name.casefold() for name in names}, "a phrase for a fabric that is not there"
    assert prompts.sentences("Bird's {eye}")[0] == "a photo of bird's {eye} fabric."


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('phrase = "{name}"', "templates"),
        ('templates = ["a photo."]\nphrase = "{name}"', "template"),
        ('templates = ["{fabric}"]\nphrase = "cloth"', "phrase"),
        ('templates = ["{fabric}"]\nphrase = "{name}"\nphrases = 3', "phrases"),
    ],
)
def test_a_prompts_file_that_says_nothing_is_refused(text: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "prompts.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=what):
        zero_shot.load_prompts(path)


def test_only_english_names_are_worth_asking() -> None:
    assert [
        name for name in ("Denim", "真丝缎", "1042", "A7", "Crêpe", "真丝 Silk") if zero_shot.says_something(name)
    ] == [
        "Denim",
        "Crêpe",
    ]
