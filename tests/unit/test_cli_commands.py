"""What each command does with a studio, and what a person is told when something in it is not as it should be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.cli import main
from fabric_desktop.studio import StudioLock, open_studio

COLOURS = {"棉布": (200, 190, 170), "denim": (50, 70, 120), "silk": (160, 30, 60)}


def picture(fabric: str, seed: int, size: tuple[int, int] = (240, 240)) -> Image.Image:
    rng = np.random.default_rng(seed)
    pixels = np.array(COLOURS[fabric]) + rng.normal(0, 12, (size[1], size[0], 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


@dataclass(frozen=True)
class Told:
    """The exit code, and what stood on standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.count("\n") == 1
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """A studio of the dummy encoder, and a way to give it commands."""

    root: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: object, studio: bool = True) -> Told:
        self.capsys.readouterr()
        place = ["--studio", str(self.root)] if studio else []
        code = main([*place, "--lang", "en", *map(str, words)] if "--lang" not in words else [*place, *map(str, words)])
        out, err = self.capsys.readouterr()
        return Told(code, out, err)

    def references(self, count: int = 3) -> None:
        for fabric in COLOURS:
            folder = self.root / "fabrics" / fabric
            folder.mkdir(parents=True)
            for i in range(count):
                picture(fabric, i).save(folder / f"ref {i}.png")

    def labels(self, counts: dict[str, int], pieces: int = 2) -> None:
        for fabric, count in counts.items():
            folder = self.root / "patches" / "labeled" / fabric
            folder.mkdir(parents=True)
            for i in range(count):
                picture(fabric, 50 + i).save(folder / f"p{i}.png")
                record = {"swatch_id": f"{fabric}-{i % pieces}"}
                (folder / f"p{i}.json").write_text(json.dumps(record), encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    root = tmp_path / "我的 studio"
    root.mkdir()
    (root / "settings.toml").write_text('encoder = "dummy"\n', encoding="utf-8")
    monkeypatch.delenv("FABRIC_STUDIO", raising=False)
    return Desk(root, capsys)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a photo.png"
    picture("denim", 7, (640, 480)).save(path)
    return path


class TestStudio:
    @pytest.mark.parametrize(
        "command",
        [
            ["build-bank"],
            ["train-head"],
            ["make-eval-set"],
            ["evaluate"],
            ["recognize", "a.jpg"],
            ["label", "a.jpg", "--as", "denim"],
            ["encoders"],
            ["encoders", "use", "builtin"],
        ],
    )
    def test_a_mistyped_studio_is_named_and_not_made(self, desk: Desk, command: list[str], tmp_path: Path) -> None:
        wrong = tmp_path / "studoi"
        told = desk.run(*command, "--studio", wrong)
        assert told.code == 3
        assert str(wrong) in told.err
        assert not wrong.exists()

    def test_a_file_is_no_studio(self, desk: Desk, photo: Path) -> None:
        told = desk.run("build-bank", "--studio", photo)
        assert told.code == 3
        assert str(photo) in told.err

    def test_the_studio_of_the_environment_is_the_default(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FABRIC_STUDIO", str(desk.root))
        told = desk.run("build-bank", studio=False)
        assert told.code == 3
        assert str(desk.root / "fabrics") in told.err

    def test_damaged_settings_are_named_and_not_overlooked(self, desk: Desk) -> None:
        (desk.root / "settings.toml").write_text("alpha = 7\n", encoding="utf-8")
        told = desk.run("build-bank")
        assert told.code == 3
        assert "settings.toml" in told.err
        assert "alpha = 7" in told.err

    def test_a_studio_of_chinese_settings_answers_in_chinese(self, desk: Desk) -> None:
        (desk.root / "settings.toml").write_text('encoder = "dummy"\nlang = "zh"\n', encoding="utf-8")
        assert main(["--studio", str(desk.root), "build-bank"]) == 3
        assert "没有可用的参考图" in desk.capsys.readouterr().err

    def test_a_studio_that_cannot_be_written_to_is_said_to_be_one(self, desk: Desk) -> None:
        desk.references()
        # What stands where the lock belongs refuses it, for the administrator too, as a read-only folder would.
        (desk.root / ".studio.lock").mkdir()
        told = desk.run("build-bank")
        assert told.code == 3
        assert f"Nothing can be written into {desk.root}" in told.err

    @pytest.mark.parametrize(
        "command", [["build-bank"], ["train-head"], ["make-eval-set"], ["encoders", "use", "dummy"]]
    )
    def test_what_changes_a_studio_waits_for_nobody_and_names_who_holds_it(
        self, desk: Desk, command: list[str]
    ) -> None:
        desk.references()
        desk.labels({"棉布": 10, "denim": 10})
        with StudioLock(open_studio(desk.root), "window"):
            told = desk.run(*command)
        assert told.code == 3
        assert "(window)" in told.err


class TestBuildBank:
    def test_an_empty_library_is_the_workflows_first_trouble(self, desk: Desk) -> None:
        told = desk.run("build-bank")
        assert told.code == 3
        assert "No embeddings collected" in told.err
        assert str(desk.root / "fabrics") in told.err
        assert "fabrics/cotton/ref1.jpg" in told.err

    def test_a_library_of_unreadable_photos_says_how_many_there_were(self, desk: Desk) -> None:
        (desk.root / "fabrics" / "silk").mkdir(parents=True)
        (desk.root / "fabrics" / "silk" / "a.jpg").write_bytes(b"no picture")
        told = desk.run("build-bank", "--json")
        assert told.code == 3
        assert told.json["error"]["code"] == "no_embeddings"
        assert "unreadable ones: 1" in told.err

    def test_few_photos_and_empty_fabrics_are_pointed_out(self, desk: Desk) -> None:
        desk.references(count=1)
        (desk.root / "fabrics" / "tulle").mkdir()
        told = desk.run("build-bank")
        assert told.code == 0
        assert "Note: 3 fabrics have fewer than 3 reference photos" in told.out
        assert "tulle" in told.out

    def test_photos_that_did_not_change_are_counted_as_reused(self, desk: Desk) -> None:
        desk.references()
        assert desk.run("build-bank", "--json").json["reused"] == 0
        picture("silk", 90).save(desk.root / "fabrics" / "silk" / "new.png")
        value = desk.run("build-bank", "--json").json
        assert (value["images"], value["reused"]) == (10, 9)


class TestTrainHead:
    def test_no_labels_at_all(self, desk: Desk) -> None:
        told = desk.run("train-head")
        assert told.code == 3
        assert str(desk.root / "patches" / "labeled") in told.err
        assert "label" in told.err

    def test_too_few_labels_is_the_workflows_second_trouble(self, desk: Desk) -> None:
        desk.labels({"棉布": 10, "denim": 9})
        told = desk.run("train-head", "--json")
        assert told.code == 3
        assert "Too few samples to train: 19 labelled patches of 2 fabrics; 20" in told.err
        assert not (desk.root / "models").exists()

    def test_labels_of_one_fabric_are_too_few_however_many(self, desk: Desk) -> None:
        desk.labels({"棉布": 25})
        told = desk.run("train-head")
        assert told.code == 3
        assert "all 25 labelled patches are of one fabric" in told.err

    def test_lopsided_labels_are_pointed_out(self, desk: Desk) -> None:
        desk.labels({"棉布": 18, "denim": 4})
        told = desk.run("train-head", "--json")
        assert told.code == 0
        assert told.json["classes"] == {"denim": 4, "棉布": 18}
        warnings = " ".join(told.json["warnings"])
        assert "denim" in warnings
        assert "3 to 1" in warnings


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
        desk.references()
        desk.labels({"棉布": 4, "denim": 4})
        desk.run("build-bank")
        desk.run("make-eval-set")
        told = desk.run("evaluate", "--method", "head")
        assert told.code == 3
        assert "train-head" in told.err

    def test_an_unreadable_patch_is_counted_and_named_and_the_others_are_scored(self, desk: Desk) -> None:
        desk.references()
        desk.labels({"棉布": 4, "denim": 4})
        desk.run("build-bank")
        desk.run("make-eval-set", "--split", "0.5")
        first = json.loads((desk.root / "eval_set.jsonl").read_text("utf-8").splitlines()[0])
        (desk.root.parent / first["image"]).write_bytes(b"")
        value = desk.run("evaluate", "--json").json
        assert value["processed"] == value["samples"] - 1
        assert value["errors"] == [{"image": first["image"], "reason": "empty", "line": 1}]
        told = desk.run("evaluate")
        assert f"[ERROR] {first['image']}, line 1: the file is empty" in told.out
        assert "Errors: 1" in told.out

    def test_fusing_that_does_worse_than_the_references_is_the_workflows_fourth_trouble(self, desk: Desk) -> None:
        desk.references()
        desk.labels({"棉布": 6, "silk": 6})
        desk.run("build-bank")
        desk.run("make-eval-set", "--split", "0.5")
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


class TestRecognize:
    def test_without_a_bank_the_rules_answer_and_it_is_said_once(self, desk: Desk, photo: Path) -> None:
        told = desk.run("recognize", photo, photo)
        assert told.code == 0
        assert told.out.count("build-bank") == 1
        assert told.out.count("a photo.png (whole photo, 640 x 480 px)") == 2

    def test_without_any_studio_the_rules_answer(
        self, desk: Desk, photo: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from fabric_desktop.cli import place

        nowhere = photo.parent / "no such folder"
        monkeypatch.setattr(place, "default_studio_path", lambda: nowhere)
        told = desk.run("recognize", photo, "--json", studio=False)
        assert told.code == 0
        assert told.json["results"][0]["candidates"]
        assert not nowhere.exists()

    def test_a_bank_by_an_older_script_is_offered_a_rebuild(self, desk: Desk, photo: Path) -> None:
        np.savez(desk.root / "fabric_bank.npz", denim=np.ones((2, 512), np.float32))
        told = desk.run("recognize", photo)
        assert told.code == 0
        assert "older script" in told.out
        assert "build-bank" in told.out
        assert desk.run("recognize", photo, "--method", "retrieval").code == 3

    def test_a_bank_is_used_as_soon_as_it_is_there(self, desk: Desk, photo: Path) -> None:
        desk.references()
        desk.run("build-bank")
        (result,) = desk.run("recognize", photo, "--json", "--method", "retrieval", "--top-k", 1).json["results"]
        assert [candidate["id"] for candidate in result["candidates"]] == ["denim"]
        assert result["method"] == "retrieval"
        assert result["encoder"] == "dummy"
        assert result["candidates"][0]["rules"] is None or isinstance(result["candidates"][0]["rules"], float)

    def test_the_studios_alpha_and_number_of_names_are_used_unless_others_are_given(
        self, desk: Desk, photo: Path
    ) -> None:
        desk.references()
        desk.run("build-bank")
        (desk.root / "settings.toml").write_text('encoder = "dummy"\nalpha = 1.0\ntop_k = 2\n', encoding="utf-8")
        by_settings = desk.run("recognize", photo, "--json").json["results"][0]["candidates"]
        assert len(by_settings) == 2
        rules = desk.run("recognize", photo, "--json", "--method", "rules").json["results"][0]["candidates"]
        assert [c["id"] for c in by_settings] == [c["id"] for c in rules]
        given = desk.run("recognize", photo, "--json", "--alpha", "0", "--top-k", "3").json["results"][0]["candidates"]
        assert given[0]["id"] == "denim"
        assert len(given) == 3

    def test_rules_from_the_references_answer_by_name_or_are_refused_by_name(self, desk: Desk, photo: Path) -> None:
        for command in (("recognize", photo), ("batch", photo.parent, "--out", photo.parent / "out.csv")):
            refused = desk.run(*command, "--rules-source", "studio")
            assert refused.code == 3
            assert "build-bank" in refused.err
        desk.references()
        desk.run("build-bank")
        for method in ("rules", "fused"):
            told = desk.run("recognize", photo, "--method", method, "--rules-source", "studio", "--json")
            assert told.json["results"][0]["rules_source"] == "studio"
        assert "from your own references" in desk.run("recognize", photo, "--rules-source", "studio").out
        assert "from your own references" not in desk.run("recognize", photo).out

    def test_the_declared_type_and_what_speaks_against_the_answer_are_said(
        self, desk: Desk, photo: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from fabric_desktop.rules import model

        desk.references()
        sheet = desk.root / "fabrics" / "denim" / "fabric.toml"
        sheet.write_text('type = "Tweed"\nstructure = "人字斜纹"', encoding="utf-8")
        desk.run("build-bank")
        monkeypatch.setattr(model, "CONTRADICTION", 0.5)  # plain colours contradict nothing very strongly
        told = desk.run("recognize", photo)
        assert "Type, as declared: Tweed 粗花呢 " in told.out
        assert "Structure, as declared: Herringbone twill 人字斜纹 " in told.out
        assert "But note: " in told.out
        (result,) = desk.run("recognize", photo, "--json", "--lang", "zh").json["results"]
        assert (result["types"][0]["id"], result["types"][0]["name"]) == ("tweed", "粗花呢")
        assert result["types"][0]["fabrics"] == ["denim"]
        assert result["structures"][0]["name"] == "人字斜纹"
        assert result["candidates"][0]["contradictions"]

    def test_names_alone_need_an_encoder_that_knows_words(self, desk: Desk, photo: Path) -> None:
        told = desk.run("recognize", photo, "--method", "text")
        assert told.code == 3
        assert "knows no words" in told.err

    def test_a_figure_that_is_not_calibrated_here_says_so_to_people_and_to_programs(
        self, desk: Desk, photo: Path
    ) -> None:
        desk.references()
        desk.run("build-bank")
        (result,) = desk.run("recognize", photo, "--json").json["results"]
        assert result["calibrated"] is False
        assert result["unknown"] is None
        assert "not yet calibrated" in desk.run("recognize", photo).out

    def test_a_photo_that_cannot_be_used_does_not_stop_the_others(
        self, desk: Desk, photo: Path, tmp_path: Path
    ) -> None:
        gone = tmp_path / "没有.jpg"
        told = desk.run("recognize", gone, photo, "--json")
        assert told.code == 3
        assert [result["photo"] for result in told.json["results"]] == [str(photo)]
        assert [(error["photo"], error["code"]) for error in told.json["errors"]] == [(str(gone), "unreadable_image")]
        assert "没有.jpg" in told.err
        assert "1 of 2 photos" in told.err

    def test_a_photo_that_is_not_there_is_named(self, desk: Desk) -> None:
        told = desk.run("recognize", "gone.jpg")
        assert told.code == 3
        assert "gone.jpg" in told.err
        assert "there is no such file" in told.err

    @pytest.mark.parametrize("words", [("--box", 700, 0, 50, 50), ("--box", 0, -60, 50, 50), ("--at", 640, 10)])
    def test_a_region_beside_the_photo_is_refused_with_the_photos_size(
        self, desk: Desk, photo: Path, words: tuple[object, ...]
    ) -> None:
        told = desk.run("recognize", photo, *words)
        assert told.code == 3
        assert "640 x 480" in told.err

    @pytest.mark.parametrize(
        ("words", "box"),
        [
            ((), [0, 0, 640, 480]),
            (("--box", 600, 400, 100, 100), [600, 400, 40, 80]),
            (("--at", 320, 240), [208, 128, 224, 224]),
            (("--at", 0, 0), [0, 0, 224, 224]),
            (("--at", 639, 479), [416, 256, 224, 224]),
        ],
    )
    def test_the_region_that_was_judged_is_told(
        self, desk: Desk, photo: Path, words: tuple[object, ...], box: list[int]
    ) -> None:
        assert desk.run("recognize", photo, *words, "--json").json["results"][0]["box"] == box

    def test_each_name_comes_in_the_language_asked_for(self, desk: Desk, photo: Path) -> None:
        def name(lang: str) -> str:
            told = desk.run("recognize", photo, "--method", "rules", "--json", "--lang", lang)
            return next(c["name"] for c in told.json["results"][0]["candidates"])

        assert name("en").isascii()
        assert not name("zh").isascii()

    def test_a_head_that_is_not_there_says_how_to_train_one(self, desk: Desk, photo: Path) -> None:
        desk.references()
        desk.run("build-bank")
        told = desk.run("recognize", photo, "--method", "head")
        assert told.code == 3
        assert "train-head" in told.err


class TestLabel:
    def test_a_whole_photo_becomes_a_patch_and_the_person_hears_how_many_are_still_needed(
        self, desk: Desk, photo: Path
    ) -> None:
        told = desk.run("label", photo, "--as", "真丝缎")
        assert told.code == 0
        assert "真丝缎 is a new fabric here" in told.out
        assert "19 more" in told.out
        (patch,) = (desk.root / "patches" / "labeled" / "真丝缎").glob("*.png")
        with Image.open(patch) as image:
            assert image.size == (640, 480)

    def test_labelling_twice_keeps_both_patches(self, desk: Desk, photo: Path) -> None:
        paths = {desk.run("label", photo, "--as", "denim", "--json").json["path"] for _ in range(2)}
        assert len(paths) == 2
        assert all(Path(path).is_file() for path in paths)

    @pytest.mark.parametrize("fabric", ["", "..", "a/b", "con", "a:b", ".hidden", "x" * 300])
    def test_an_id_that_cannot_be_a_folder_is_refused_with_the_reason(
        self, desk: Desk, photo: Path, fabric: str
    ) -> None:
        told = desk.run("label", photo, f"--as={fabric}")
        assert told.code == 3
        assert "silk_satin" in told.err
        assert not (desk.root / "patches").exists()

    def test_a_region_beside_the_photo_is_refused_and_nothing_is_kept(self, desk: Desk, photo: Path) -> None:
        assert desk.run("label", photo, "--as", "denim", "--box", 640, 0, 10, 10).code == 3
        assert not (desk.root / "patches").exists()

    def test_enough_labels_are_followed_by_the_advice_to_train(self, desk: Desk, photo: Path) -> None:
        desk.labels({"棉布": 10, "denim": 9})
        assert "train-head" in desk.run("label", photo, "--as", "denim").out


class TestEncoders:
    def test_the_list_says_what_is_here_and_what_is_in_use(self, desk: Desk) -> None:
        told = desk.run("encoders")
        assert told.code == 0
        assert "builtin" in told.out
        value = desk.run("encoders", "list", "--json").json
        assert value["in_use"] == "dummy"
        assert {"id", "title", "installed", "state"} <= set(value["encoders"][0])

    def test_choosing_another_one_says_that_the_bank_must_be_built_again(self, desk: Desk) -> None:
        desk.references()
        desk.run("build-bank")
        told = desk.run("encoders", "use", "builtin")
        assert told.code == 0
        assert "build-bank" in told.out
        assert 'encoder = "builtin"' in (desk.root / "settings.toml").read_text("utf-8")

    def test_one_that_nobody_knows_is_refused_and_the_choice_stays(self, desk: Desk) -> None:
        told = desk.run("encoders", "use", "clip-9000")
        assert told.code == 3
        assert "clip-9000" in told.err
        assert "encoders list" in told.err
        assert "dummy" in (desk.root / "settings.toml").read_text("utf-8")

    def test_a_folder_without_a_model_is_not_taken_in(self, desk: Desk, tmp_path: Path) -> None:
        told = desk.run("encoders", "import", tmp_path)
        assert told.code == 3
        assert "open_clip_config.json" in told.err

    def test_a_file_that_could_run_code_is_not_taken_in(self, desk: Desk, tmp_path: Path) -> None:
        (tmp_path / "model.pt").write_bytes(b"\x80\x04")
        told = desk.run("encoders", "import", tmp_path / "model.pt")
        assert told.code == 3
        assert "safetensors" in told.err


class TestSamples:
    def test_a_sample_studio_is_drawn_once_and_leads_to_the_next_step(self, desk: Desk, tmp_path: Path) -> None:
        folder = tmp_path / "示例 samples"
        value = desk.run("samples", folder, "--json", studio=False).json
        assert value["path"] == str(folder)
        assert value["fabrics"] >= 8
        assert value["images"] >= 3 * value["fabrics"]
        assert open_studio(folder).is_sample
        told = desk.run("samples", folder, studio=False)
        assert told.code == 0
        assert f'--studio "{folder}" build-bank' in told.out

    def test_samples_are_never_put_among_a_persons_own_photos(self, desk: Desk) -> None:
        desk.references()
        told = desk.run("samples", desk.root, studio=False)
        assert told.code == 3
        assert "pictures of your own" in told.err
        assert not open_studio(desk.root).is_sample
