"""CLIP in int8: unlocked only where it answers as float32 does on the studio's own photos."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.bank import build_bank, load_bank
from fabric_desktop.cli import main
from fabric_desktop.encoders import clip_graph, clip_int8, registry
from fabric_desktop.encoders.clip_int8 import Measured
from fabric_desktop.encoders.openclip import OpenClipEncoder, canonical_id
from fabric_desktop.errors import BankMismatch, EncoderUnavailable
from fabric_desktop.jobs import JobContext
from fabric_desktop.library import encoder_int8
from fabric_desktop.library.encoder_switch import switch_encoder, switch_plan
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, load_settings, open_studio, save_setting
from fabric_desktop.support import doctor
from tests.unit.encoders.clip_models import Made

# The process that makes a graph imports torch; on a machine at its limits that alone takes a minute.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def quantized(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a person for whom the small model's int8 graph was made too, by the real process."""
    home = shutil.copytree(made.home, tmp_path_factory.mktemp("小") / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FABRIC_DESKTOP_HOME", str(home))
        clip_int8.make_int8(made.id, registry.fingerprint_of(made.id), JobContext())
    return home


@pytest.fixture
def encoder_id(made: Made, quantized: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("FABRIC_DESKTOP_HOME", str(shutil.copytree(quantized, tmp_path / "home")))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return made.id


def stock(root: Path, photos: int) -> Studio:
    """Five cloths of plain colours, which a model of random weights tells apart too."""
    studio = open_studio(root, create=True)
    colours = ((200, 30, 30), (30, 200, 30), (30, 30, 200), (220, 220, 40), (120, 120, 120))
    for fabric, colour in enumerate(colours):
        folder = studio.fabrics_dir / f"cloth {fabric}"
        folder.mkdir()
        for number in range(photos):
            noise = np.random.default_rng(fabric * 100 + number).integers(-20, 21, (40, 40, 3))
            Image.fromarray((np.array(colour) + noise).clip(0, 255).astype(np.uint8)).save(folder / f"{number}.png")
    return studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return stock(tmp_path / "工作室 one", 11)


def base_of(encoder_id: str) -> str:
    return registry.fingerprint_of(encoder_id)


def test_it_is_locked_until_it_was_measured(encoder_id: str, studio: Studio) -> None:
    for ask in (registry.load_encoder, registry.fingerprint_of):
        with pytest.raises(EncoderUnavailable) as refused:
            ask(encoder_id + clip_int8.SUFFIX)
        assert refused.value.params["reason"] == "int8_locked"
    plan = switch_plan(studio, encoder_id + clip_int8.SUFFIX)
    assert plan.error is not None
    assert plan.error.params["reason"] == "int8_locked"
    assert not any(clip_int8.is_int8(info.id) for info in registry.list_encoders())


def test_where_it_answers_alike_it_is_unlocked_and_the_studio_can_move_to_it(
    encoder_id: str, studio: Studio, tmp_path: Path
) -> None:
    registry.import_encoder(Path(encoder_id.removeprefix("local-dir:")))
    measured = encoder_int8.measure_int8(studio, encoder_id, JobContext())
    assert measured.photos == 55
    assert measured.good
    small = registry.load_encoder(encoder_id + clip_int8.SUFFIX)
    full = registry.load_encoder(encoder_id)
    assert isinstance(small, OpenClipEncoder)
    photos = [Image.open(path).convert("RGB") for path in studio.reference_photos("cloth 1")[:3]]
    assert 1e-4 < np.abs(small.encode(photos) - full.encode(photos)).max() < 0.3
    # Its embeddings differ, so they are another encoder's; the texts are the same.
    assert small.fingerprint != full.fingerprint
    assert isinstance(full, OpenClipEncoder)
    assert small.text_fingerprint == full.text_fingerprint
    listed = next(info for info in registry.list_encoders() if info.note == "int8")
    assert clip_int8.is_int8(listed.id)
    assert listed.graph is None, "it was compared with torch nowhere, and must not be said to have been"
    assert listed.texture_accuracy is None, "the published figure is the full form's"
    build_bank(studio, full, JobContext())
    report = switch_encoder(studio, small.id, JobContext())
    assert report.after == small.id
    assert load_settings(studio).encoder == small.id
    assert registry.choose_encoder_id(studio) == small.id
    with pytest.raises(BankMismatch):
        load_bank(studio.bank_path, full.fingerprint)
    # Unlocked by this studio's photos, not by any.
    other = switch_plan(stock(tmp_path / "another", 2), small.id)
    assert other.error is not None
    assert other.error.params["reason"] == "int8_locked"


def test_a_settings_file_written_by_hand_does_not_unlock_it(
    encoder_id: str, studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Good in one studio, it is still not measured in another, whatever that one's settings or bank say."""
    small = encoder_id + clip_int8.SUFFIX
    assert encoder_int8.measure_int8(studio, encoder_id, JobContext()).good
    other = stock(tmp_path / "another", 3)
    save_setting(other, "encoder", small)
    for command in (["build-bank"], ["recognize", str(other.reference_photos("cloth 1")[0]), "--method", "retrieval"]):
        assert main([*command, "--studio", str(other.root), "--lang", "en"]) == 3
        assert f"encoders quantize {encoder_id}" in capsys.readouterr().err
    assert not other.bank_path.exists()
    # A bank that says so brings it in as little.
    build_bank(other, registry.load_encoder(small), JobContext())
    with pytest.raises(EncoderUnavailable) as refused:
        _ = Recognizer(other).encoder
    assert refused.value.params["reason"] == "int8_locked"
    (found,) = [found for found in doctor.examine(other.root, JobContext(), asked_for=True) if found.check == "model"]
    assert found.status == "fault"
    build_bank(studio, Recognizer(studio, registry.load_encoder(small)).encoder, JobContext())
    assert Recognizer(studio).encoder.id == small


def test_where_it_answers_otherwise_it_is_refused_with_the_figure(
    encoder_id: str, studio: Studio, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(clip_int8, "NEEDED", 1.01)
    where = ["encoders", "quantize", encoder_id, "--studio", str(studio.root), "--lang", "en"]
    assert main(where) == 3
    said = capsys.readouterr().out
    assert "% of 55 reference photos" in said
    assert "Refused" in said
    assert not (clip_graph.graph_folder(base_of(encoder_id)) / clip_int8.GRAPH_NAME).exists()
    with pytest.raises(EncoderUnavailable):
        registry.load_encoder(encoder_id + clip_int8.SUFFIX)


def test_the_built_in_encoder_has_no_int8_form_and_says_so(
    studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["encoders", "quantize", "builtin", "--studio", str(studio.root), "--lang", "en"]) == 3
    said = capsys.readouterr().err
    assert "only CLIP encoders have an int8 form" in said
    assert "prepare builtin" not in said


def test_a_handful_of_photos_does_not_unlock_it(
    encoder_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    studio = stock(tmp_path / "small", 3)
    assert main(["encoders", "quantize", encoder_id, "--studio", str(studio.root), "--json"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert said["photos"] == 15
    assert said["share"] >= 0.98
    assert said["unlocked"] is False


def test_a_damaged_int8_graph_is_never_run(encoder_id: str) -> None:
    base = base_of(encoder_id)
    record = clip_int8.read_record(base)
    assert record is not None
    clip_int8.keep_record(base, clip_int8.Int8Record(record.sha256, record.size, (Measured("x", 1.0, 60),)))
    assert registry.load_encoder(encoder_id + clip_int8.SUFFIX).dim == 24
    graph = clip_graph.graph_folder(base) / clip_int8.GRAPH_NAME
    graph.write_bytes(graph.read_bytes()[:-10])
    with pytest.raises(EncoderUnavailable) as refused:
        registry.load_encoder(encoder_id + clip_int8.SUFFIX)
    assert refused.value.params["reason"] == "int8_missing"
    (clip_graph.graph_folder(base) / clip_int8.RECORD_NAME).write_text('{"format": 1}', encoding="utf-8")
    with pytest.raises(EncoderUnavailable):
        registry.load_encoder(encoder_id + clip_int8.SUFFIX)


def test_the_same_piece_of_cloth_does_not_answer_for_itself() -> None:
    full = np.eye(4, dtype=np.float32)
    full[1] = [0.9, 0.1, 0, 0]
    small = full.copy()
    fabrics = np.array(["a", "a", "b", "c"])
    assert encoder_int8.agreement(full, small, fabrics, np.array(["1", "2", "3", "4"])) == 1
    small[0] = [0, 0.1, 0.9, 0.2]
    # Row 0 now answers b instead of a; left to its own swatch it would not be asked of row 1 at all.
    assert encoder_int8.agreement(full, small, fabrics, np.array(["1", "2", "3", "4"])) < 1
    assert encoder_int8.agreement(full, small, fabrics, np.array(["1", "1", "1", "1"])) == 0


def test_a_library_of_one_fabric_unlocks_nothing() -> None:
    rows = np.random.default_rng(1).normal(size=(2, 60, 8)).astype(np.float32)
    names = np.array([str(number) for number in range(60)])
    assert encoder_int8.agreement(rows[0], rows[1], np.array(["silk"] * 60), names) == 0


def test_openai_weights_in_int8_keep_their_activation() -> None:
    assert canonical_id("openclip:ViT-B-32/openai#int8") == "openclip:ViT-B-32-quickgelu/openai#int8"
