"""The weight of the rules is measured where there are labels enough, on answers that are not fooled by training."""

from __future__ import annotations

from pathlib import Path

import pytest

from fabric_desktop.jobs import JobContext
from fabric_desktop.loop import deploy
from fabric_desktop.loop.calibrating import ALPHAS, ENOUGH_ANSWERS, _first
from fabric_desktop.recognizer import Recognizer
from tests.support import CountingEncoder, cloth
from tests.unit.loop.scenes import FABRICS, labelled_studio, renewed


def test_with_few_labels_the_default_stays(tmp_path: Path) -> None:
    assert "alpha" not in renewed(labelled_studio(tmp_path / "s")).new.manifest


def test_with_labels_enough_the_weight_is_measured_and_used(tmp_path: Path) -> None:
    studio = labelled_studio(tmp_path / "s", per_fabric=22)
    result = renewed(studio)
    assert result.training is not None
    assert len(result.training.training) >= ENOUGH_ANSWERS
    assert result.new.manifest["alpha"] in ALPHAS
    deploy(studio, result.new.name)
    recognition = Recognizer(studio, CountingEncoder()).recognize(cloth(FABRICS[0], 31), alpha="auto")
    assert (recognition.alpha, recognition.alpha_source) == (result.new.manifest["alpha"], "measured")


@pytest.mark.parametrize("alpha", ALPHAS)
def test_an_answer_at_another_weight_is_what_the_recognizer_would_say(tmp_path: Path, alpha: float) -> None:
    studio = labelled_studio(tmp_path / "s")
    deploy(studio, renewed(studio, JobContext()).new.name)
    recognizer = Recognizer(studio, CountingEncoder())
    for seed in range(4):
        seen = recognizer.observe(cloth("none of them", seed))
        half = recognizer.rank(seen, alpha=0.5, top_k=1000)
        assert _first(half, alpha) == recognizer.rank(seen, alpha=alpha, top_k=1).candidates[0].id
