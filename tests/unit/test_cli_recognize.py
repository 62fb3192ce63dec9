"""What recognize and label make of a photo, and what a person is told when it or the studio does not serve."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support import cloth
from tests.unit.desk import Desk


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
        assert result["candidates"][0]["rules"] is None, "the rules were not asked"

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

    def test_a_patch_that_waits_for_review_leaves_the_queue_with_its_record(self, desk: Desk) -> None:
        waiting = desk.root / "patches" / "unlabeled"
        waiting.mkdir(parents=True)
        for name in ("等待.png", "区域.png"):
            cloth("denim", 5).save(waiting / name)
            (waiting / name).with_suffix(".json").write_text(json.dumps({"source_hash": "ab12"}), encoding="utf-8")
        told = desk.run("label", waiting / "等待.png", "--as", "denim", "--swatch", "SW-1042", "--json").json
        kept = Path(told["path"])
        assert kept.parent == desk.root / "patches" / "labeled" / "denim"
        assert kept.is_file()
        assert json.loads(kept.with_suffix(".json").read_text("utf-8")) == {
            "source_hash": "ab12",
            "swatch_id": "SW-1042",
        }
        assert {path.name for path in waiting.iterdir()} == {"区域.png", "区域.json"}
        assert desk.run("label", waiting / "区域.png", "--as", "denim", "--box", 0, 0, 40, 40).code == 0
        assert {path.name for path in waiting.iterdir()} == {"区域.png", "区域.json"}, "a region of it is another patch"

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
