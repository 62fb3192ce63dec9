"""The confidence a new version shows is measured on the studio's own labels and put right where it is off."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from fabric_desktop.evidence import tempered
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.loop import deploy
from fabric_desktop.loop.tempering import ENOUGH_ANSWERS, Shown, calibration_of, fit
from fabric_desktop.model import CALIBRATION, load_model
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Version
from tests.support import CountingEncoder, cloth, tree
from tests.unit.loop.scenes import FABRICS, labelled_studio, renewed


def answers(confidence: float, right_share: float, count: int = 200) -> list[Shown]:
    """Answers that are so sure and so often right, each of its own swatch."""
    chance = random.Random(4)
    shown = {"a": confidence, "b": 1 - confidence}
    return [Shown(shown, "a" if chance.random() < right_share else "b", str(n)) for n in range(count)]


def test_too_sure_answers_are_made_less_sure_and_modest_ones_surer() -> None:
    boasting, modest = fit(answers(0.97, 0.7)), fit(answers(0.6, 0.95))
    assert boasting.temperature > 1.2
    assert modest.temperature < 0.8
    for found in (boasting, modest):
        assert found.after < found.before / 2


def test_what_is_right_already_is_left_alone() -> None:
    found = fit(answers(0.8, 0.8))
    assert found.temperature == pytest.approx(1.0, abs=0.15)
    assert found.after <= found.before + 0.02


def test_a_temperature_changes_no_order_and_no_sum() -> None:
    before = {"a": 0.05, "b": 0.04, "c": 0.01}
    for temperature in (0.3, 1.0, 3.0):
        after = tempered(before, temperature)
        assert sum(after.values()) == pytest.approx(0.1)
        assert sorted(after, key=lambda fabric: -after[fabric]) == ["a", "b", "c"]
    assert tempered(before, 1.0) == before
    assert tempered({}, 2.0) == {}


def test_with_few_labels_nothing_is_calibrated(tmp_path: Path) -> None:
    result = renewed(labelled_studio(tmp_path / "s"))
    assert CALIBRATION not in result.new.manifest
    assert result.calibration is None


def test_with_labels_enough_it_is_kept_with_the_version_and_used(tmp_path: Path) -> None:
    studio = labelled_studio(tmp_path / "s", per_fabric=22)
    result = renewed(studio)
    calibration = result.calibration
    assert calibration is not None
    assert calibration.answers >= ENOUGH_ANSWERS
    assert calibration.after <= calibration.before + 1e-9
    deploy(studio, result.new.name)
    encoder = CountingEncoder()
    assert load_model(studio, encoder.fingerprint).temperature == calibration.temperature
    hot = Version(result.new.name, result.new.path, result.new.manifest | {CALIBRATION: {"temperature": 4.0}})
    cold = Version(result.new.name, result.new.path, result.new.manifest | {CALIBRATION: {"temperature": 1.0}})
    asked = cloth(FABRICS[0], 31)
    less, more = (Recognizer(studio, encoder, pinned=version).recognize(asked).candidates for version in (hot, cold))
    assert [c.id for c in less] == [c.id for c in more]
    assert less[0].confidence < more[0].confidence


def test_where_the_rules_lead_no_correction_is_claimed_that_nobody_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fabric_desktop.loop.calibrating.best_alpha", lambda answers: 0.5)
    result = renewed(labelled_studio(tmp_path / "s", per_fabric=22))
    assert result.new.manifest["alpha"] == 0.5
    assert result.calibration is None


def test_a_cancel_while_it_calibrates_leaves_the_studio_as_it_was(tmp_path: Path) -> None:
    studio = labelled_studio(tmp_path / "s", per_fabric=22)
    before = tree(studio.root)
    seen: list[str] = []

    def tell(progress: Progress) -> None:
        seen.append(progress.code)
        if progress.code == "job.calibrate" and progress.done == 7:
            context.cancel()

    context = JobContext(tell)
    with pytest.raises(Cancelled):
        renewed(studio, context)
    assert seen[-1] == "job.calibrate"
    assert tree(studio.root) == before


def test_three_hundred_answers_are_fitted_far_within_a_second() -> None:
    """Nothing can stop it meanwhile, and a cancel is told within a second."""
    chance = random.Random(1)
    shares = [{str(n): chance.random() for n in range(60)} for _ in range(300)]
    shown = [Shown(share, str(chance.randrange(60)), str(n // 2)) for n, share in enumerate(shares)]
    started = time.process_time()
    fit(shown)
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize("entry", [None, 3, {}, {"temperature": "hot"}, {"temperature": 90.0}, {"temperature": -1}])
def test_a_damaged_entry_leaves_the_confidence_as_it_is(tmp_path: Path, entry: object) -> None:
    studio = labelled_studio(tmp_path / "s")
    version = renewed(studio).new
    damaged = Version(version.name, version.path, version.manifest | {CALIBRATION: entry})
    assert load_model(studio, CountingEncoder().fingerprint, damaged).temperature == 1.0
    assert calibration_of(damaged) is None


def test_a_right_fabric_that_was_given_nothing_makes_less_sure() -> None:
    """One answer in five is wrong, and the right fabric had no chance at all by the references taken in its way."""
    shown = {"a": 0.95, "b": 0.05, "c": 0.0}
    assert fit([Shown(shown, "c" if n % 5 == 0 else "a", str(n)) for n in range(200)]).temperature > 1.2
