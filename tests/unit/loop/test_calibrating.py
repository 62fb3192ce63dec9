"""The weight of the rules is measured where there are labels enough, on answers that are not fooled by training."""

from __future__ import annotations

from pathlib import Path

import pytest

from fabric_desktop.evidence import Sides
from fabric_desktop.jobs import JobContext
from fabric_desktop.loop import deploy
from fabric_desktop.loop.calibrating import ALPHAS, ENOUGH_ANSWERS, _sides, best_alpha, first_of
from fabric_desktop.recognizer import DEFAULT_ALPHA, Recognizer
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
        assert first_of(_sides(half), alpha) == recognizer.rank(seen, alpha=alpha, top_k=1).candidates[0].id


def test_rules_that_are_right_get_more_weight_and_rules_that_are_wrong_get_none() -> None:
    undecided = {"a": 0.52, "b": 0.48}
    helpful = [(Sides(rules={"a": 0.1, "b": 0.9}, bank=undecided), "b")] * 3
    harmful = [(Sides(rules={"a": 0.1, "b": 0.9}, bank=undecided), "a")] * 3
    assert best_alpha(helpful) > best_alpha(harmful)
    assert best_alpha([]) == DEFAULT_ALPHA
