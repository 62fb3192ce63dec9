"""What make-eval-set and evaluate do with labels, and what a person is told when something is lacking or damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.desk import Desk


class TestEvaluation:
    def test_without_a_set_it_says_how_to_make_one(self, desk: Desk) -> None:
        told = desk.run("evaluate")
        assert told.code == 3
        assert "eval_set.jsonl" in told.err
        assert "make-eval-set" in told.err

    def test_a_set_that_is_not_where_it_was_said_to_be(self, desk: Desk, tmp_path: Path) -> None:
        told = desk.run("evaluate", "--eval-set", tmp_path / "gone.jsonl")
        assert told.code == 3
        assert "gone.jsonl" in told.err

    def test_a_damaged_line_is_named(self, desk: Desk) -> None:
        entry = '{"image": "a.png", "coords": [1, 1], "label": "denim"}'
        (desk.root / "eval_set.jsonl").write_text(f'{entry}\n{{"image": 3}}\n', encoding="utf-8")
        told = desk.run("evaluate")
        assert told.code == 3
        assert "line 2" in told.err

    def test_a_set_needs_labels(self, desk: Desk) -> None:
        assert desk.run("make-eval-set").code == 3

    def test_fabrics_of_one_piece_cannot_be_set_aside(self, desk: Desk) -> None:
        desk.labels({"棉布": 10, "denim": 10}, pieces=1)
        told = desk.run("make-eval-set")
        assert told.code == 3
        assert "one piece of cloth" in told.err

    def test_the_same_seed_gives_the_same_set_and_another_another(self, desk: Desk, tmp_path: Path) -> None:
        desk.labels({"棉布": 12, "denim": 12}, pieces=12)
        sets = []
        for number, seed in enumerate((1, 1, 2)):
            path = tmp_path / f"{number}.jsonl"
            assert desk.run("make-eval-set", "--seed", seed, "--output", path, "--json").json["path"] == str(path)
            sets.append(path.read_text("utf-8"))
        assert sets[0] == sets[1]
        assert sets[0] != sets[2]

    def test_without_a_bank_it_says_how_to_build_one(self, desk: Desk) -> None:
        desk.labels({"棉布": 4, "denim": 4})
        assert desk.run("make-eval-set").code == 0
        told = desk.run("evaluate")
        assert told.code == 3
        assert "build-bank" in told.err

    def test_without_a_head_it_says_how_to_train_one(self, desk: Desk) -> None:
        desk.scorable({"棉布": 4, "denim": 4})
        told = desk.run("evaluate", "--method", "head")
        assert told.code == 3
        assert "train-head" in told.err

    def test_an_unreadable_patch_is_counted_and_named_and_the_others_are_scored(self, desk: Desk) -> None:
        desk.scorable({"棉布": 4, "denim": 4})
        first = json.loads((desk.root / "eval_set.jsonl").read_text("utf-8").splitlines()[0])
        (desk.root.parent / first["image"]).write_bytes(b"")
        value = desk.run("evaluate", "--json").json
        assert value["processed"] == value["samples"] - 1
        assert value["errors"] == [{"image": first["image"], "reason": "empty", "line": 1}]
        told = desk.run("evaluate")
        assert f"[ERROR] {first['image']}, line 1: the file is empty" in told.out
        assert "Errors: 1" in told.out

    def test_fusing_that_does_worse_than_the_references_is_the_workflows_fourth_trouble(self, desk: Desk) -> None:
        desk.scorable({"棉布": 6, "silk": 6})
        told = desk.run("evaluate", "--method", "fused", "--alpha", "1.0")
        assert told.code == 0
        assert "less often than the references alone" in told.out
        assert "--alpha" in told.out

    def test_an_evaluation_says_which_rules_spoke(self, desk: Desk) -> None:
        desk.references()
        desk.labels({"棉布": 4, "denim": 4})
        desk.run("make-eval-set", "--split", "0.5")
        refused = desk.run("evaluate", "--method", "rules", "--rules-source", "studio")
        assert refused.code == 3
        assert "build-bank" in refused.err
        desk.run("build-bank")
        for method in ("rules", "fused"):
            told = desk.run("evaluate", "--method", method, "--rules-source", "studio", "--json")
            assert told.json["rules_source"] == "studio"
        assert (
            "Rules: from your own references"
            in desk.run("evaluate", "--method", "rules", "--rules-source", "studio").out
        )

    def test_a_mapping_file_lets_rules_score_fabrics_of_other_names(self, desk: Desk, tmp_path: Path) -> None:
        desk.labels({"棉布": 4, "denim": 4})
        for fabric in ("棉布", "denim"):
            (desk.root / "patches" / "labeled" / fabric).rename(desk.root / "patches" / "labeled" / f"X1 {fabric}")
        desk.run("make-eval-set", "--split", "0.5")
        assert desk.run("evaluate", "--method", "rules", "--json").json["processed"] == 0
        mapping = tmp_path / "对照.toml"
        mapping.write_text('"X1 denim" = "denim"\n', encoding="utf-8")
        value = desk.run("evaluate", "--method", "rules", "--mapping", mapping, "--json").json
        assert value["processed"] == 2

    @pytest.mark.parametrize(
        ("name", "content"),
        [("gone.toml", None), ("m.toml", b"a = "), ("m.toml", b"a = 3"), ("m.toml", b"\xff\xfe")],
    )
    def test_a_mapping_file_that_cannot_be_used_is_named(
        self, desk: Desk, tmp_path: Path, name: str, content: bytes | None
    ) -> None:
        desk.labels({"棉布": 4, "denim": 4})
        desk.run("make-eval-set")
        if content is not None:
            (tmp_path / name).write_bytes(content)
        told = desk.run("evaluate", "--method", "rules", "--mapping", tmp_path / name)
        assert told.code == 3
        assert name in told.err
