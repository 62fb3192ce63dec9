"""improve, models, report and share tell a person and a program what came out, and refuse with a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fabric_desktop.cli import main
from fabric_desktop.jobs import Cancelled
from fabric_desktop.studio import Studio, save_setting
from fabric_desktop.studio.versions import current_name
from tests.support import make_studio, tree
from tests.unit.desk import Desk, Told
from tests.unit.loop.scenes import FABRICS, label, label_wrongly, labelled_studio, trained_studio


def desk_of(studio: Studio, capsys: pytest.CaptureFixture[str]) -> Desk:
    save_setting(studio, "encoder", "dummy")
    return Desk(studio.root, capsys)


@pytest.fixture
def labelled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return desk_of(labelled_studio(tmp_path / "我的 studio"), capsys)


@pytest.fixture
def trained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return desk_of(trained_studio(tmp_path / "我的 studio"), capsys)


def done(told: Told) -> Told:
    assert told.code == 0, told.err
    return told


def test_improve_says_what_it_measured_and_deploys_what_it_advises(labelled: Desk) -> None:
    told = done(labelled.run("improve"))
    figures = ("Right at once", "Among the first five", "Calibration error", "exact paired test")
    for part in ("Retraining on 24 labelled patches", *figures, "v2"):
        assert part in told.out
    assert "Advice: deploy the new model" in told.out
    assert current_name(Studio(labelled.root)) == "v2"


@pytest.mark.parametrize(("deploy", "in_use"), [("auto", "v2"), ("never", "v2"), ("always", "v3")])
def test_deploying_is_the_persons_to_choose(trained: Desk, deploy: str, in_use: str) -> None:
    label_wrongly(Studio(trained.root))
    value = done(trained.run("improve", "--deploy", deploy, "--json")).json
    assert (value["advice"], value["reason"]) == ("keep", "labels_contradict")
    assert (value["in_use"], value["deployed"]) == (in_use, deploy == "always")
    assert current_name(Studio(trained.root)) == in_use
    assert len(value["suspicious"]) >= 5
    assert all(path.startswith("patches/labeled/") for path in value["suspicious"])


def test_retraining_on_nothing_new_says_so(trained: Desk) -> None:
    told = done(trained.run("improve"))
    assert "Nothing has changed" in told.out
    assert "Right at once" not in told.out


def test_under_twenty_labels_improve_refuses_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = desk_of(make_studio(tmp_path / "s", {"麻": 1}), capsys)
    label(Studio(desk.root), "麻", "麻", 3, 0)
    told = desk.run("improve", "--json")
    assert told.code == 3
    assert told.json["error"]["code"] == "too_few_samples"
    assert "3" in told.err


def test_improve_speaks_chinese_in_columns(labelled: Desk) -> None:
    told = done(labelled.run("improve", "--lang", "zh", "--deploy", "never"))
    assert "校准误差" in told.out
    assert "建议：部署新模型" in told.out


def test_the_table_of_versions_and_its_notes(trained: Desk) -> None:
    done(trained.run("models", "note", "v2", "after the fair"))
    told = done(trained.run("models"))
    lines = told.out.splitlines()
    assert lines[0].startswith("  v1")
    assert lines[1].startswith("* v2")
    assert "after the fair" in lines[1]
    assert "18 labels" in lines[1]
    value = done(trained.run("models", "list", "--since", "--json")).json
    assert value["in_use"] == "v2"
    first, second = value["versions"]
    assert (first["scores"], second["scores"]["top1"]) == (None, 1.0)
    assert (first["since"]["patches"], second["since"]) == (24, None)
    assert second["periods"][0]["until"] is None


def test_a_studio_without_versions_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = desk_of(make_studio(tmp_path / "s"), capsys)
    assert "build-bank" in done(desk.run("models")).out
    assert done(desk.run("models", "--json")).json == {"in_use": None, "versions": []}


def test_a_folder_with_nothing_of_a_studio_in_it_is_not_called_good(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped --studio: nobody should think that it was checked, or copied for somebody."""
    (tmp_path / "downloads").mkdir()
    desk = desk_of(Studio(tmp_path / "downloads"), capsys)
    told = done(desk.run("check"))
    assert "Nothing is wrong" not in told.out
    assert "right folder" in told.out
    assert "right folder" in done(desk.run("share", "export", tmp_path / "s.zip")).out


def test_rolling_back_and_a_version_that_is_not_there(trained: Desk) -> None:
    assert done(trained.run("models", "use", "1", "--json")).json == {"version": "v1", "before": "v2"}
    before = tree(trained.root)
    told = trained.run("models", "use", "v9")
    assert told.code == 3
    assert "models list" in told.err
    after = {name: data for name, data in tree(trained.root).items() if not name.startswith(".studio")}
    assert after == {name: data for name, data in before.items() if not name.startswith(".studio")}


def test_any_two_versions_are_compared(trained: Desk) -> None:
    label_wrongly(Studio(trained.root))
    trained.run("improve")
    told = done(trained.run("models", "compare", "v2", "v3"))
    assert "Too little data to tell v2 and v3 apart" in told.out
    value = done(trained.run("models", "compare", "v2", "v3", "--json")).json
    assert value["verdict"] == "too_little"
    assert value["comparison"]["patches"] == 9


def test_the_version_in_use_is_not_deleted_and_another_goes_to_the_trash(trained: Desk) -> None:
    told = trained.run("models", "delete", "v2")
    assert told.code == 3
    assert "in use" in told.err
    done(trained.run("models", "delete", "v1"))
    assert [row["version"] for row in done(trained.run("models", "--json")).json["versions"]] == ["v2"]
    assert list((trained.root / ".trash" / "models").glob("*/v1/manifest.json"))
    assert done(trained.run("models", "restore", "1", "--json")).json == {"version": "v1"}
    assert [row["version"] for row in done(trained.run("models", "--json")).json["versions"]] == ["v1", "v2"]
    assert trained.run("models", "restore", "v1").code == 3, "it is not in the trash any more"


def test_a_model_travels_by_command(trained: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sent = tmp_path / "model.zip"
    assert done(trained.run("models", "export", "v2", sent, "--json")).json["version"] == "v2"
    other = desk_of(make_studio(tmp_path / "other", {"麻": 1}), capsys)
    done(other.run("build-bank"))
    told = done(other.run("share", "import", sent))
    assert "version v2; it is not in use yet" in told.out
    assert current_name(Studio(other.root)) == "v1"


def test_a_studio_travels_by_command_and_a_foreign_file_is_refused(trained: Desk, tmp_path: Path) -> None:
    sent = tmp_path / "studio.zip"
    value = done(trained.run("share", "export", sent, "--json")).json
    assert value["files"] > 30
    arrived = done(trained.run("share", "import", sent, "--into", tmp_path / "there", "--json")).json
    assert current_name(Studio(Path(arrived["studio"]))) == "v2"
    sent.write_bytes(b"no zip")
    told = trained.run("share", "import", sent, "--into", tmp_path / "elsewhere")
    assert told.code == 3
    assert not (tmp_path / "elsewhere").exists()


def test_the_report_is_written_where_it_was_asked_for(trained: Desk, tmp_path: Path) -> None:
    page = tmp_path / "报告.html"
    value = done(trained.run("report", "--out", page, "--json")).json
    assert value["langs"] == ["en"]
    assert value["fabrics"][FABRICS[0]] == {"references": 3, "labels": 8}
    assert "Accuracy by version" in page.read_text(encoding="utf-8")


def test_without_a_language_the_report_is_in_both(
    trained: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "report.html"
    assert main(["--studio", str(trained.root), "--json", "report", "--out", str(page)]) == 0
    assert sorted(json.loads(capsys.readouterr().out)["langs"]) == ["en", "zh"]
    assert "各版本的准确率" in page.read_text(encoding="utf-8")


def test_ctrl_c_ends_improve_with_nothing_changed(trained: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise Cancelled

    monkeypatch.setattr("fabric_desktop.loop.improving.embed_library", stopped)
    before = {name: data for name, data in tree(trained.root).items() if not name.startswith(".studio")}
    assert trained.run("improve").code == 130
    after = {name: data for name, data in tree(trained.root).items() if not name.startswith(".studio")}
    assert after == before


def test_moving_to_another_encoder_shows_both_on_the_same_patches(trained: Desk) -> None:
    value = done(trained.run("encoders", "switch", "builtin", "--json")).json
    compared = value["compared"]
    assert (value["before"], value["encoder"]) == ("dummy", "builtin")
    assert compared["comparison"]["patches"] == 6
    assert compared["old_scores"]["version"] == "v2"
    assert compared["new_scores"]["version"] == value["version"]
    back = done(trained.run("encoders", "switch", "dummy"))
    assert "exact paired test" in back.out
