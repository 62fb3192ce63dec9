"""What is lacking or damaged is said, and the rest of the program answers without it."""

from __future__ import annotations

import gc
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fabric_desktop.encoders.base import Float32Array
from fabric_desktop.errors import (
    BankMismatch,
    BankMissing,
    EncoderUnavailable,
    NoEmbeddingsCollected,
    SettingsDamaged,
)
from fabric_desktop.jobs import JobContext
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.rules import load_rules
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import read_json, write_json
from fabric_desktop.wording import remark
from tests.support import CountingEncoder, cloth, make_studio
from tests.unit.recognizing import codes, ids, studio_with_bank, with_head


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return studio_with_bank(tmp_path / "我的 studio")


@pytest.fixture
def trained(studio: Studio) -> Studio:
    return with_head(studio)


class Unavailable(CountingEncoder):
    """An encoder whose weights have gone away after it was loaded."""

    def encode(self, images: Any) -> Float32Array:
        raise EncoderUnavailable(encoder="dummy", reason="weights_missing", detail="nowhere")


def no_bank(studio: Studio) -> None:
    shutil.rmtree(studio.models_dir)
    studio.bank_path.unlink()


def no_index(studio: Studio) -> None:
    shutil.rmtree(studio.models_dir)
    studio.bank_index_path.unlink()


@pytest.mark.parametrize(("damage", "encoder"), [(no_bank, CountingEncoder), (lambda studio: None, Unavailable)])
def test_an_answer_that_says_what_is_lacking_holds_no_photograph_in_memory(
    studio: Studio, damage: Callable[[Studio], None], encoder: Callable[[], CountingEncoder]
) -> None:
    damage(studio)
    recognizer = Recognizer(studio, encoder())
    photo = cloth("cotton")
    gone = weakref.ref(photo)
    answer = recognizer.recognize(photo)
    del photo
    gc.collect()
    assert codes(answer) == ["visual_failed"]
    assert gone() is None


@pytest.mark.parametrize(
    ("damage", "encoder", "error"),
    [
        (no_bank, CountingEncoder, BankMissing),
        (no_index, CountingEncoder, BankMismatch),
        (lambda studio: None, lambda: CountingEncoder("another"), BankMismatch),
        (lambda studio: None, Unavailable, EncoderUnavailable),
    ],
)
@pytest.mark.parametrize("alpha", [0.0, 0.5])
def test_when_the_visual_side_cannot_speak_the_rules_answer_and_say_so(
    studio: Studio, damage: Callable[[Studio], None], encoder: Callable[[], CountingEncoder], error: type, alpha: float
) -> None:
    damage(studio)
    recognizer = Recognizer(studio, encoder())
    recognition = recognizer.recognize(cloth("cotton"), alpha=alpha, top_k=50, lang="zh")
    assert codes(recognition) == ["visual_failed"]
    assert isinstance(recognition.notices[0].params["error"], error)
    for lang in ("zh", "en"):
        assert remark("visual_failed", lang, **recognition.notices[0].params)
    assert recognition.alpha == 1.0
    assert ids(recognition) == ids(recognizer.recognize(cloth("cotton"), method="rules", top_k=50))
    with pytest.raises(error):
        recognizer.recognize(cloth("cotton"), method="retrieval")


def test_an_encoder_that_the_registry_cannot_load_leaves_the_rules(studio: Studio) -> None:
    index = read_json(studio.bank_index_path)
    write_json(studio.bank_index_path, index | {"encoder": "nobody:knows"})
    recognizer = Recognizer(studio)
    recognition = recognizer.recognize(cloth("cotton"))
    assert codes(recognition) == ["visual_failed"]
    assert recognition.encoder == "nobody:knows"
    assert recognition.candidates
    status = recognizer.status()
    assert (status.bank_state, status.device, status.references) == ("mismatch", "", 0)


def test_an_empty_studio_is_answered_by_the_rules(tmp_path: Path) -> None:
    recognition = Recognizer(make_studio(tmp_path / "new"), CountingEncoder()).recognize(cloth("cotton"))
    assert codes(recognition) == ["visual_failed"]
    assert len(recognition.candidates) == 5
    assert set(ids(recognition)) <= {fabric.id for fabric in load_rules("fine").fabrics}


def test_a_damaged_version_leaves_the_root_bank_and_says_what_of_the_head(trained: Studio) -> None:
    (trained.models_dir / "v2" / "head.npz").write_bytes(b"damaged")
    recognizer = Recognizer(trained, CountingEncoder())
    recognition = recognizer.recognize(cloth("cotton", 4))
    assert ids(recognition)[0] == "cotton"
    assert codes(recognition) == ["head_failed"]
    for lang in ("zh", "en"):
        assert remark("head_failed", lang, **recognition.notices[0].params)
    assert all(c.head is None for c in recognition.candidates)


def test_references_that_are_gone_do_not_stop_the_textbook_method(studio: Studio) -> None:
    recognizer = Recognizer(studio, CountingEncoder())
    for photo in studio.reference_photos("cotton"):
        photo.unlink()
    recognizer.textbook_bank(JobContext())
    assert "cotton" not in ids(recognizer.recognize(cloth("cotton"), method="textbook", top_k=50))
    for photo in studio.fabrics_dir.rglob("*.png"):
        photo.write_bytes(b"")
    with pytest.raises(NoEmbeddingsCollected):
        Recognizer(studio, CountingEncoder()).textbook_bank(JobContext())


def test_damaged_settings_are_said(studio: Studio) -> None:
    studio.settings_path.write_text("alpha = ", encoding="utf-8")
    with pytest.raises(SettingsDamaged):
        Recognizer(studio, CountingEncoder()).recognize(cloth("a"))


def test_an_encoder_that_gives_nonsense_does_not_crash_the_answer(studio: Studio) -> None:
    class Nonsense(CountingEncoder):
        def encode(self, images: Any) -> Float32Array:
            return np.zeros((len(images), self.dim), np.float32)

    recognition = Recognizer(studio, Nonsense()).recognize(cloth("cotton"), top_k=50)
    assert sum(c.confidence for c in recognition.candidates) <= 1.0 + 1e-6


# ---------------------------------------------------------------- status


def test_the_status_says_what_is_in_use(trained: Studio) -> None:
    status = Recognizer(trained, CountingEncoder()).status()
    assert (status.encoder_id, status.device, status.device_reason) == ("dummy", "cpu", "only_cpu")
    assert (status.fabrics, status.references, status.version, status.head_samples) == (4, 12, "v2", 20)
    assert status.bank_state == "ready"
    assert Recognizer(trained, CountingEncoder("another")).status().bank_state == "mismatch"


def test_the_status_of_an_empty_studio_is_no_error(tmp_path: Path) -> None:
    status = Recognizer(make_studio(tmp_path / "new"), CountingEncoder()).status()
    assert (status.bank_state, status.fabrics, status.version, status.head_samples) == ("missing", 0, None, None)
