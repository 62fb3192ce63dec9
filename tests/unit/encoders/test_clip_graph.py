"""OpenCLIP from a graph: the same numbers as torch, made once, refused when it is not what was checked."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fabric_desktop import paths
from fabric_desktop.cli import main
from fabric_desktop.encoders import clip_export, clip_graph, clip_source, openclip, registry
from fabric_desktop.encoders.clip_graph import GRAPH_NAME, RECORD_NAME, GraphState
from fabric_desktop.encoders.openclip import OpenClipEncoder
from fabric_desktop.errors import SaveFailed
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from tests.unit.encoders.clip_models import Made, save_model

# The process that makes a graph imports torch; on a machine at its limits that alone takes a minute.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def home(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that person's folder, to be damaged."""
    copy = shutil.copytree(made.home, tmp_path / "home")
    monkeypatch.setenv("FABRIC_DESKTOP_HOME", str(copy))
    return copy


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FABRIC_DESKTOP_HOME", str(tmp_path / "empty"))
    return tmp_path / "empty"


@pytest.fixture
def photos() -> list[Image.Image]:
    rng = np.random.default_rng(5)
    return [Image.fromarray(rng.integers(0, 256, (h, w, 3), np.uint8)) for w, h in ((90, 60), (40, 130), (32, 32))]


def load(made: Made, context: JobContext | None = None) -> OpenClipEncoder:
    encoder = registry.load_encoder(made.id, context=context)
    assert isinstance(encoder, OpenClipEncoder)
    return encoder


def only_graph(home: Path) -> Path:
    (folder,) = (home / "graphs").iterdir()
    return folder


def test_making_it_tells_its_steps_and_leaves_a_checked_graph(made: Made) -> None:
    assert made.state is not None
    assert made.state.word == "ready"
    assert made.state.difference is not None
    assert made.state.difference <= clip_graph.AGREEMENT
    assert [step.done for step in made.steps] == sorted(step.done for step in made.steps)
    assert made.steps[0].done == 0
    assert made.steps[-1].done == made.steps[-1].total == clip_graph.STEPS
    assert {step.code for step in made.steps} == {"job.clip_graph"}
    assert {path.name for path in only_graph(made.home).iterdir()} == {GRAPH_NAME, RECORD_NAME}


def test_a_bank_made_with_torch_still_fits(
    open_clip: Any, made: Made, home: Path, photos: list[Image.Image], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fast = load(made)
    assert fast.runner == "onnxruntime"
    monkeypatch.setenv("FABRIC_DESKTOP_HOME", str(tmp_path / "elsewhere"))
    slow = load(made)
    assert (slow.runner, slow.graph.word) == ("torch", "missing")
    assert fast.fingerprint == slow.fingerprint
    assert fast.dim == slow.dim
    difference = np.abs(fast.encode(photos) - slow.encode(photos)).max()
    assert 0 < difference <= clip_graph.AGREEMENT
    # And torch's are open_clip's own: its model, its preprocessing, normalised by it.
    import torch

    model, preprocess = open_clip.create_model_from_pretrained(made.id)
    with torch.inference_mode():
        own = model.eval().encode_image(torch.stack([preprocess(photo) for photo in photos]), normalize=True)
    np.testing.assert_allclose(fast.encode(photos), own.numpy(), atol=clip_graph.AGREEMENT)


def test_a_photo_gets_the_same_numbers_alone_and_among_others_and_the_graph_takes_any_number(
    made: Made, home: Path, photos: list[Image.Image]
) -> None:
    encoder = load(made)
    alone = np.vstack([encoder.encode([photo]) for photo in photos])
    np.testing.assert_array_equal(encoder.encode(photos), alone)
    assert encoder.encode([]).shape == (0, encoder.dim)
    session = clip_graph.open_session(only_graph(home) / GRAPH_NAME, 1)
    pixels = clip_graph.Pixels.from_config(
        json.loads((only_graph(home) / RECORD_NAME).read_text(encoding="utf-8"))["pixels"]
    )
    for number in (1, 3):
        batch = np.stack([pixels.prepare(photo) for photo in photos[:number]])
        rows = session.run([clip_graph.OUTPUT_NAME], {clip_graph.INPUT_NAME: batch})[0]
        np.testing.assert_allclose(clip_graph.unit_rows(rows), alone[:number], atol=1e-5)


def test_recognising_imports_no_torch(made: Made, home: Path) -> None:
    script = (
        "import sys\n"
        "from PIL import Image\n"
        "from fabric_desktop.encoders import registry\n"
        f"encoder = registry.load_encoder({made.id!r})\n"
        "assert encoder.runner == 'onnxruntime', encoder.graph\n"
        "assert encoder.encode([Image.new('RGB', (50, 40), 'red')]).shape == (1, encoder.dim)\n"
        "assert registry.fingerprint_of(encoder.id) == encoder.fingerprint\n"
        "heavy = {'torch', 'torchvision', 'open_clip', 'timm', 'onnx', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stderr


def _cut(folder: Path) -> None:
    graph = folder / GRAPH_NAME
    graph.write_bytes(graph.read_bytes()[:-1000])


def _turned_over(folder: Path) -> None:
    graph = folder / GRAPH_NAME
    data = bytearray(graph.read_bytes())
    data[len(data) // 2] ^= 0xFF
    graph.write_bytes(bytes(data))


def _record(folder: Path, **changes: object) -> None:
    path = folder / RECORD_NAME
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_cut, "damaged"),
        (_turned_over, "damaged"),
        (lambda folder: (folder / GRAPH_NAME).unlink(), "damaged"),
        (lambda folder: (folder / RECORD_NAME).write_text("{", encoding="utf-8"), "damaged"),
        (lambda folder: (folder / RECORD_NAME).write_text("[]", encoding="utf-8"), "damaged"),
        (lambda folder: _record(folder, pixels={"size": 3}), "damaged"),
        (lambda folder: _record(folder, fingerprint="somebody else's"), "foreign"),
        (lambda folder: _record(folder, format=0), "old"),
    ],
    ids=["cut", "turned", "gone", "record", "list", "pixels", "foreign", "old"],
)
def test_a_graph_that_is_not_what_was_checked_is_never_run(
    damage: Any, reason: str, made: Made, home: Path, photos: list[Image.Image], caplog: pytest.LogCaptureFixture
) -> None:
    right = load(made).encode(photos)
    damage(only_graph(home))
    encoder = load(made)
    assert (encoder.runner, encoder.graph.word, encoder.graph.reason) == ("torch", "refused", reason)
    assert encoder.graph.may_be_made
    assert reason in caplog.text
    np.testing.assert_allclose(encoder.encode(photos), right, atol=clip_graph.AGREEMENT)


def put_back(made: Made, fingerprint: str) -> GraphState:
    """The outcome of making the graph again, without the seconds that it takes."""
    shutil.rmtree(clip_graph.graph_folder(fingerprint))
    shutil.copytree(only_graph(made.home), clip_graph.graph_folder(fingerprint))
    return GraphState("ready", difference=1e-7)


def test_a_refused_graph_is_made_again_as_a_step_of_the_job(
    made: Made, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(encoder_id: str, fingerprint: str, weights: Path, context: JobContext, threads: int) -> GraphState:
        context.progress(1, clip_graph.STEPS, "job.clip_graph", encoder=encoder_id)
        return put_back(made, fingerprint)

    monkeypatch.setattr(openclip, "make_graph", make)
    _turned_over(only_graph(home))
    steps: list[Progress] = []
    encoder = load(made, JobContext(steps.append))
    assert encoder.runner == "onnxruntime"
    assert encoder.graph.word == "ready"
    assert {step.code for step in steps} == {"job.clip_graph"}
    assert load(made).runner == "onnxruntime"


def test_a_model_that_torch_runs_already_changes_over_without_being_loaded_again(
    made: Made, home: Path, photos: list[Image.Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(clip_graph.graph_folder(registry.fingerprint_of(made.id)))
    encoder = load(made)
    assert encoder.waits_for_graph
    before = encoder.encode(photos)

    def make(encoder_id: str, fingerprint: str, weights: Path, context: JobContext, threads: int) -> GraphState:
        shutil.copytree(only_graph(made.home), clip_graph.graph_folder(fingerprint))
        return GraphState("ready", difference=1e-7)

    monkeypatch.setattr(openclip, "make_graph", make)
    assert encoder.use_graph(JobContext()).word == "ready"
    assert (encoder.runner, encoder.waits_for_graph) == ("onnxruntime", False)
    np.testing.assert_allclose(encoder.encode(photos), before, atol=clip_graph.AGREEMENT)


def test_on_another_onnx_runtime_the_graph_is_compared_again_before_it_is_used(made: Made, home: Path) -> None:
    folder = only_graph(home)
    _record(folder, checked_on="onnxruntime 0.1, abacus")
    assert load(made).runner == "onnxruntime"
    record = json.loads((folder / RECORD_NAME).read_text(encoding="utf-8"))
    assert record["checked_on"] == clip_graph.checked_on()
    other = np.roll(np.array(record["expected"]), 1, axis=1).tolist()
    _record(folder, checked_on="onnxruntime 0.1, abacus", expected=other)
    encoder = load(made)
    assert (encoder.runner, encoder.graph.reason) == ("torch", "changed")


def make_here(made: Made, folder: Path) -> float:
    """What the process does, in this one, where torch is loaded already."""
    source = clip_source.source_of(made.id, None)
    return clip_export.make(made.id, clip_source.fingerprint_of_source(source), source.weights, folder, 1, "test")


def test_a_graph_that_does_not_agree_with_torch_is_not_put_in_place(
    made: Made, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clip_graph, "AGREEMENT", 0.0)
    with pytest.raises(clip_export.Refused) as refused:
        make_here(made, empty_home / "graphs" / "x")
    assert refused.value.reason == "disagrees"
    assert refused.value.difference is not None
    assert not list((empty_home / "graphs" / "x").iterdir()), "nothing may be left of it"


def test_without_an_exporter_torch_goes_on_and_not_every_start_tries_again(
    made: Made, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(clip_graph, "makers", lambda: {"torch": "1"})
        with pytest.raises(clip_export.Refused) as refused:
            make_here(made, empty_home / "graphs" / "x")
        assert refused.value.reason == "exporter_missing"
        assert refused.value.detail == "onnx, onnxscript"
        fingerprint = registry.fingerprint_of(made.id)
        clip_graph.keep_refusal(fingerprint, GraphState("refused", "exporter_missing", "onnx, onnxscript"))
        encoder = load(made, JobContext())
        assert (encoder.runner, encoder.graph.reason) == ("torch", "exporter_missing")
        assert not encoder.graph.may_be_made
    # Once something of it was installed or changed, it is worth another try.
    assert clip_graph.graph_state(fingerprint).may_be_made


def test_weights_that_changed_meanwhile_make_no_graph(made: Made, empty_home: Path) -> None:
    source = clip_source.source_of(made.id, None)
    with pytest.raises(clip_export.Refused) as refused:
        clip_export.make(made.id, "0" * 32, source.weights, empty_home / "x", 1, "test")
    assert refused.value.reason == "foreign"


def test_a_disk_that_takes_nothing_costs_speed_and_not_the_answer(made: Made, empty_home: Path) -> None:
    empty_home.mkdir()
    (empty_home / "graphs").write_text("in the way", encoding="utf-8")
    with pytest.raises(SaveFailed):
        make_here(made, empty_home / "graphs" / "x")
    assert load(made).runner == "torch"


def test_a_stop_ends_the_making_and_leaves_nothing_half_made(made: Made, empty_home: Path) -> None:
    context = JobContext(lambda step: context.cancel() if step.done == 1 else None)
    with pytest.raises(Cancelled):
        registry.prepare_encoder(made.id, context)
    assert not list(empty_home.rglob("*.onnx"))
    assert clip_graph.graph_state(registry.fingerprint_of(made.id)).word == "missing"


def test_the_graph_of_weights_that_were_replaced_is_thrown_away(made: Made, home: Path) -> None:
    older = home / "graphs" / ("1" * 32)
    shutil.copytree(only_graph(home), older)
    foreign = home / "graphs" / ("2" * 32)
    shutil.copytree(older, foreign)
    _record(foreign, encoder="openclip:another/one")
    clip_graph._remove_older(made.id, registry.fingerprint_of(made.id))
    assert not older.exists()
    assert foreign.exists()
    assert load(made).runner == "onnxruntime"


def test_what_open_clip_says_of_a_model_is_asked_once(
    open_clip: Any, empty_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    weights = save_model(open_clip, tmp_path / "bare") / "open_clip_model.safetensors"
    first = clip_source.source_of("openclip:ViT-B-32/openai", weights)
    assert first.model == "ViT-B-32-quickgelu"

    def refuse(_: str) -> None:
        raise AssertionError("open_clip was imported again")

    monkeypatch.setattr(clip_source, "open_clip_module", refuse)
    again = clip_source.source_of("openclip:ViT-B-32/openai", weights)
    assert clip_source.fingerprint_of_source(again) == clip_source.fingerprint_of_source(first)
    (paths.home() / "openclip.json").write_text('{"open_clip": "0", "models": {}}', encoding="utf-8")
    with pytest.raises(AssertionError, match="imported again"):
        clip_source.source_of("openclip:ViT-B-32/openai", weights)


def test_encoders_that_need_no_graph_get_none(empty_home: Path) -> None:
    assert registry.prepare_encoder("builtin", JobContext()) is None


def test_the_list_says_what_runs_a_model_and_why(
    made: Made, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    registry.import_encoder(made.folder)

    def listed() -> str:
        assert main(["encoders", "list", "--lang", "en"]) == 0
        return capsys.readouterr().out

    assert "runs on ONNX Runtime" in listed()
    _cut(only_graph(home))
    assert "slower: its prepared form is damaged" in listed()
    shutil.rmtree(clip_graph.graph_folder(registry.fingerprint_of(made.id)))
    assert "until it is prepared" in listed()
    clip_graph.keep_refusal(registry.fingerprint_of(made.id), GraphState("refused", "disagrees", "0.02", 0.02))
    assert "gave other numbers than torch (0.02)" in listed()


def test_preparing_again_by_command_overrules_an_earlier_refusal(
    made: Made, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fingerprint = registry.fingerprint_of(made.id)
    clip_graph.keep_refusal(fingerprint, GraphState("refused", "disagrees", "0.02", 0.02))

    def make(encoder_id: str, fingerprint: str, weights: Path, context: JobContext) -> GraphState:
        return put_back(made, fingerprint)

    monkeypatch.setattr(clip_graph, "make_graph", make)
    assert main(["encoders", "prepare", made.id, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["graph"]["word"] == "ready"
    assert said["graph"]["difference"] <= clip_graph.AGREEMENT
    assert load(made).runner == "onnxruntime"
    assert main(["encoders", "prepare", "builtin", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["graph"] is None
