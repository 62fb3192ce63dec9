"""The whole journey by commands alone, as a person or a script makes it: from a folder of photos to a named fabric.

Each command is a process of its own, in a studio whose path, ids and files are as people really have them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
FABRICS = ("denim", "file", "真丝缎 A")
SIDE = 240


def draw(fabric: str, seed: int, side: int = SIDE) -> Image.Image:
    """A picture of one of three drawn cloths; another seed is another photo of it."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] + rng.uniform(0, 24, 2)[:, None, None]
    pattern, colour = {
        "denim": (((x + y) // 5) % 3 / 2, (52, 70, 122)),
        "file": (((x // 14) + (y // 14)) % 2, (196, 188, 170)),
        "真丝缎 A": (0.5 + 0.5 * np.sin(y / 31), (158, 36, 66)),
    }[fabric]
    light = rng.uniform(0.9, 1.1)
    pixels = np.array(colour) * (0.55 + 0.45 * pattern[..., None]) * light + rng.normal(0, 6, (side, side, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def furnish(root: Path) -> None:
    """A studio as people make them: mixed endings, README files, a text file and an empty file posing as photos."""
    for number, fabric in enumerate(FABRICS):
        references = root / "fabrics" / fabric
        labels = root / "patches" / "labeled" / fabric
        references.mkdir(parents=True)
        labels.mkdir(parents=True)
        for i, name in enumerate(("ref 1.JPG", "参考 2.Png", "ref_3.jpeg")):
            draw(fabric, 100 * number + i).save(references / name, "PNG" if name.endswith("Png") else "JPEG")
        (references / "README.txt").write_text("photographed by the window", encoding="utf-8")
        for i in range(8):
            draw(fabric, 100 * number + 10 + i).save(labels / f"patch_{i:03}.png")
            (labels / f"patch_{i:03}.json").write_text(
                json.dumps({"swatch_id": f"{fabric} {i // 2}"}), encoding="utf-8"
            )
    (root / "fabrics" / FABRICS[0] / "shopping list.jpg").write_text("thread, needles", encoding="utf-8")
    (root / "fabrics" / FABRICS[1] / "空.png").write_bytes(b"")


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output; fails if anything else stands there."""
        assert self.out.endswith("\n")
        assert "\n" not in self.out[:-1]
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


def command(*words: object, home: Path, **variables: str) -> Done:
    """Run `python -m fabric_desktop` with these words, away from the checkout's own folder."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "FABRIC_DESKTOP_HOME": str(home / "fabric home"),
        "LC_ALL": "C.UTF-8",
        **variables,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "fabric_desktop", *map(str, words)],
        cwd=home,
        env=environment,
        capture_output=True,
        timeout=100,
        check=False,
    )
    encoding = environment["PYTHONIOENCODING"].partition(":")[0]
    return Done(ended.returncode, ended.stdout.decode(encoding), ended.stderr.decode(encoding, "replace"))


@dataclass
class Journey:
    """What each step of the journey printed."""

    home: Path
    studio: Path
    steps: dict[str, Done] = field(default_factory=dict)

    def step(self, name: str, *words: object, **variables: str) -> Done:
        self.steps[name] = command("--studio", self.studio, *words, home=self.home, **variables)
        return self.steps[name]


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    home = tmp_path_factory.mktemp("某 人")
    walked = Journey(home, home / "面料 studio")
    furnish(walked.studio)
    photo = home / "新 photo.JPG"
    draw("真丝缎 A", 999, 400).save(photo, "JPEG")
    walked.step("before", "recognize", photo, "--json")
    walked.step("build", "build-bank", "--json")
    walked.step("build again", "build-bank")
    walked.step("train", "train-head")
    walked.step("train json", "--json", "train-head")
    walked.step("set", "make-eval-set", "--split", "0.25", "--seed", "7", "--json")
    walked.step("set in words", "make-eval-set", "--output", home / "other.jsonl")
    for method in ("rules", "retrieval", "head", "fused"):
        walked.step(method, "evaluate", "--method", method, "--json")
    walked.step("evaluate in words", "evaluate", "--lang", "zh", "--top-k", "2")
    walked.step("recognize", "recognize", photo, "--json")
    walked.step("recognize in words", "recognize", photo, "--at", "200", "150", "--lang", "zh", "--top-k", "2")
    walked.step("label", "label", photo, "--as", "新 真丝", "--box", "-20", "10", "120", "130", "--json")
    return walked


def test_every_step_of_the_journey_ends_well(journey: Journey) -> None:
    assert {name: (done.code, done.err) for name, done in journey.steps.items() if done.code} == {}


def test_a_photo_is_named_before_there_is_a_bank_and_the_program_says_by_what(journey: Journey) -> None:
    (result,) = journey.steps["before"].json["results"]
    assert result["candidates"]
    assert all(candidate["retrieval"] is None for candidate in result["candidates"])
    assert all(candidate["rules"] is not None for candidate in result["candidates"])
    assert "build-bank" in journey.steps["before"].err


def test_the_bank_holds_every_usable_photo_and_names_the_others(journey: Journey) -> None:
    value = journey.steps["build"].json
    assert list(value) == ["fabrics", "images", "skipped", "reused", "encoder", "dim", "path", "bytes"]
    assert (value["fabrics"], value["images"], value["reused"]) == (3, 9, 0)
    skipped = {item["path"]: item["reason"] for item in value["skipped"]}
    assert skipped == {"fabrics/denim/shopping list.jpg": "not_a_picture", "fabrics/file/空.png": "empty"}
    bank = Path(value["path"])
    assert bank == journey.studio / "fabric_bank.npz"
    assert bank.stat().st_size == value["bytes"]
    assert (journey.studio / "fabric_bank.json").is_file()
    with np.load(bank) as arrays:
        assert arrays["denim"].shape == (3, value["dim"])
        assert arrays["真丝缎 A"].dtype == np.float32


def test_building_again_opens_nothing_twice_and_reads_like_the_workflow(journey: Journey) -> None:
    out = journey.steps["build again"].out
    for line in (
        "  [file] Processed: 参考 2.Png",
        "[SKIPPED] fabrics/denim/shopping list.jpg: it is not a picture, whatever its ending says",
        f"Saved fabric bank -> {journey.studio / 'fabric_bank.npz'}",
        "   Total fabrics: 3",
        "   Total images: 9 (9 unchanged since last time)",
    ):
        assert line in out.splitlines()
    assert "[OK] 真丝缎 A: 3 images -> shape (3, " in out
    assert "README" not in out
    assert "===" not in out
    assert "\x1b" not in out


def test_training_counts_the_labels_and_says_how_far_to_trust_it(journey: Journey) -> None:
    out = journey.steps["train"].out
    assert "Total: 24 samples, 3 classes" in out
    assert "Train-set accuracy: 100.00%" in out
    assert "in use from now on" in out
    assert "Accuracy on pieces of cloth not trained on: " in out
    value = journey.steps["train json"].json
    assert list(value) == ["samples", "classes", "train_accuracy", "cv_accuracy", "version", "path", "warnings"]
    assert value["samples"] == 24
    assert value["classes"] == dict.fromkeys(FABRICS, 8)
    assert value["train_accuracy"] == 1.0
    assert 0.9 <= value["cv_accuracy"] <= 1.0
    assert Path(value["path"]).is_file()
    assert (journey.studio / "clip_model.pkl").is_file()
    assert value["version"] in json.loads((journey.studio / "models" / "current.json").read_text("utf-8"))["version"]


def test_the_evaluation_set_is_the_workflows_file(journey: Journey) -> None:
    value = journey.steps["set"].json
    assert list(value) == ["samples", "classes", "path"]
    assert value["classes"] == dict.fromkeys(FABRICS, 2)
    lines = Path(value["path"]).read_text("utf-8").splitlines()
    assert len(lines) == value["samples"] == 6
    for line in lines:
        entry = json.loads(line)
        assert set(entry) == {"image", "coords", "label"}
        assert (journey.studio.parent / entry["image"]).is_file()
    words = journey.steps["set in words"].out
    assert "Generating evaluation set (split ratio: 20%)" in words
    assert "[真丝缎 A] Total: 8, Test: 2" in words
    assert (journey.home / "other.jsonl").is_file()


@pytest.mark.parametrize("method", ["rules", "retrieval", "head", "fused"])
def test_every_method_can_be_evaluated(journey: Journey, method: str) -> None:
    value = journey.steps[method].json
    assert list(value) == [
        "method",
        "alpha",
        "samples",
        "processed",
        "errors",
        "top1",
        "top3",
        "top5",
        "by_class",
        "confusion",
        "encoder",
        "grouped",
        "rules_source",
    ]
    assert value["method"] == method
    assert value["samples"] == 6
    assert value["errors"] == []
    assert value["grouped"] is True
    if method == "rules":
        # "file" is in nobody's rules: those two patches are not scored, and the program says so.
        assert value["processed"] < 6
        assert "--mapping" in journey.steps[method].err
    else:
        assert value["processed"] == 6
        assert value["top1"] == 1.0
        assert value["by_class"]["file"] == {"samples": 2, "top1": 1.0, "top3": 1.0, "top5": 1.0}
    if method == "head":
        assert "had not seen" in journey.steps[method].err


def test_an_evaluation_in_words_gives_hits_of_how_many(journey: Journey) -> None:
    lines = journey.steps["evaluate in words"].out.splitlines()
    assert "评估：参考图" in lines
    assert "Top@1 准确率：100.00%（6/6）" in lines
    assert "Top@2 准确率：100.00%（6/6）" in lines


def test_a_new_photo_is_named_with_all_its_evidence(journey: Journey) -> None:
    value = journey.steps["recognize"].json
    assert list(value) == ["results"]
    (result,) = value["results"]
    assert {"photo", "box", "method", "encoder", "candidates", "look"} <= set(result)
    assert (result["rules_source"], result["calibrated"], result["unknown"]) == ("fine", False, None)
    assert result["photo"].endswith("新 photo.JPG")
    assert result["box"] == [0, 0, 400, 400]
    assert result["method"] == "fused"
    best = result["candidates"][0]
    assert {"id", "name", "score", "rules", "retrieval", "head", "confidence", "nearest"} <= set(best)
    assert best["id"] == "真丝缎 A"
    assert best["retrieval"] > 0.5
    assert best["head"] > 0.5
    assert 0.0 <= best["confidence"] <= 1.0
    assert {"dominant_color_name", "sheen_score", "texture_complexity"} <= set(result["look"])
    assert len(result["candidates"]) == 5


def test_a_point_is_recognised_in_chinese_words(journey: Journey) -> None:
    out = journey.steps["recognize in words"].out
    assert "（区域 88 38 224 224）" in out
    assert "  1. 真丝缎 A: " in out
    assert "  3. " not in out
    assert "外观：" in out
    assert "最近的参考图：fabrics/真丝缎 A/" in out


def test_a_label_is_kept_with_where_it_was_cut(journey: Journey) -> None:
    value = journey.steps["label"].json
    # What lies outside the photo is cut off the region.
    assert value["box"] == [0, 10, 100, 130]
    assert value["fabric"] == "新 真丝"
    patch = Path(value["path"])
    assert patch.parent == journey.studio / "patches" / "labeled" / "新 真丝"
    with Image.open(patch) as image:
        assert image.size == (100, 130)
    record = json.loads(patch.with_suffix(".json").read_text("utf-8"))
    assert record["box"] == [0, 10, 100, 130]
    assert record["source_photo"].endswith("新 photo.JPG")
