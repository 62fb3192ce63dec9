"""What commands do with a studio, and what a person is told when something in it is not as it should be.

Not for recognize and label, nor make-eval-set and evaluate: those have files of their own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fabric_desktop.cli import main
from fabric_desktop.studio import StudioLock, open_studio
from tests.unit.desk import Desk, picture


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
