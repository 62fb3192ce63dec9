"""The weight of the rules is measured where there are labels enough, on answers that are not fooled by training."""

from __future__ import annotations

from pathlib import Path

import pytest

from fabric_desktop.evidence import Sides
from fabric_desktop.jobs import JobContext
from fabric_desktop.loop import deploy
from fabric_desktop.loop.calibrating import ALPHAS, ENOUGH_ANSWERS, _sides, best_alpha, first_of
from fabric_desktop.recognizer import DEFAULT_ALPHA, Recognizer
from fabric_desktop.studio import Version, save_setting
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


def test_a_weight_measured_with_other_rules_is_not_used_and_that_is_said(tmp_path: Path) -> None:
    studio = labelled_studio(tmp_path / "s", per_fabric=22)
    measured = renewed(studio).new
    assert measured.manifest["alpha_rules"] == "fine"
    deploy(studio, measured.name)
    patch = cloth(FABRICS[0], 31)

    def answer() -> tuple[float, str, list[str]]:
        found = Recognizer(studio, CountingEncoder()).recognize(patch)
        return found.alpha, found.alpha_source, [notice.code for notice in found.notices]

    assert answer() == (measured.manifest["alpha"], "measured", [])
    save_setting(studio, "rules_source", "studio")
    assert answer() == (DEFAULT_ALPHA, "default", ["alpha_of_other_rules"])
    # A weight that the person chose is the person's, whatever was measured.
    given = Recognizer(studio, CountingEncoder()).recognize(patch, alpha=0.3)
    assert (given.alpha, given.notices) == (0.3, ())
    again = renewed(studio).new
    assert again.name != measured.name, "the weight has to be measured anew, though no label is new"
    assert again.manifest["alpha_rules"] == "studio"
    deploy(studio, again.name)
    assert answer() == (again.manifest["alpha"], "measured", [])
    deploy(studio, measured.name)
    assert answer()[1:] == ("default", ["alpha_of_other_rules"])


def test_a_weight_of_which_nobody_knows_with_which_rules_it_was_measured_is_not_used(tmp_path: Path) -> None:
    studio = labelled_studio(tmp_path / "s")
    version = renewed(studio).new
    older = Version(version.name, version.path, version.manifest | {"alpha": 0.4})
    found = Recognizer(studio, CountingEncoder(), pinned=older).recognize(cloth(FABRICS[0], 31))
    assert (found.alpha, found.alpha_source) == (DEFAULT_ALPHA, "default")
    assert "alpha_of_other_rules" in {notice.code for notice in found.notices}


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
