"""A person looks at the encoders: what is in use, what others cost, and changes to one that is here."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton

from fabric_desktop.encoders import clip_graph, clip_int8, clip_source, openclip
from fabric_desktop.encoders.clip_graph import GraphState
from fabric_desktop.encoders.clip_int8 import Measured
from fabric_desktop.encoders.clip_source import Source, fingerprint_of_source
from fabric_desktop.encoders.openclip import OpenClipEncoder
from fabric_desktop.encoders.registry import OFFERS
from fabric_desktop.encoders.weights import CONFIG_NAME, WEIGHTS_NAME
from fabric_desktop.errors import DownloadFailed
from fabric_desktop.jobs import JobContext
from fabric_desktop.library import encoder_int8 as encoder_int8_core
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, load_settings
from fabric_desktop.ui.pages import encoder_work, job_titles
from fabric_desktop.ui.pages.encoder_row import EncoderRow
from fabric_desktop.ui.pages.encoders_page import EncodersPage
from fabric_desktop.ui.runner import State
from tests.ui.conftest import Person
from tests.ui.hands import CONTROL, SHIFT, press
from tests.unit.encoders.hub import tiny_safetensors


@pytest.fixture
def page(person_with_bank: Person) -> EncodersPage:
    person = person_with_bank
    person.key(Qt.Key.Key_M, CONTROL | SHIFT)
    page = person.window.pages.encoders
    person.wait(lambda: bool(page.rows))
    person.settle()
    return page


def row_of(page: EncodersPage, encoder_id: str) -> EncoderRow:
    return next(row for row in page.rows if row.state.info.id == encoder_id)


def test_it_says_what_is_in_use_and_what_others_cost(page: EncodersPage) -> None:
    assert "dummy" in page.in_use.text()
    assert "bank of this studio" in page.why.text()
    offer = next(row for row in page.rows if row.state.info.note == "recommended")
    assert "606 MB" in offer.facts.text()
    assert "MIT" in offer.facts.text()
    assert "60.6 %" in offer.facts.text()
    assert offer.now.text()


def test_changing_says_what_is_rebuilt_and_does_it_in_one_job(
    person_with_bank: Person, page: EncodersPage, studio: Studio
) -> None:
    person = person_with_bank
    press(person, row_of(page, "builtin").buttons[0])
    assert "9 reference" in page.banner.do.text()
    assert load_settings(studio).encoder == "dummy", "nothing may change before it was said what it rebuilds"
    change = next(found for found in page.banner.findChildren(QPushButton) if found.text() == "Change now")
    press(person, change)
    person.wait(lambda: "in use now" in page.banner.what.text())
    person.settle()
    assert load_settings(studio).encoder == "builtin"
    assert "In use here" in row_of(page, "builtin").now.text()


def test_a_download_that_fails_leaves_a_way_out(
    person_with_bank: Person, page: EncodersPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = person_with_bank

    def fail(encoder_id: str, context: JobContext, endpoint: str | None = None) -> Path:
        raise DownloadFailed(encoder=encoder_id, reason="network", detail="")

    monkeypatch.setattr(openclip, "engine_installed", lambda: True)
    monkeypatch.setattr(encoder_work, "download_weights", fail)
    offer = next(row for row in page.rows if row.state.info.note == "recommended")
    offer.wanted.emit("get")
    person.settle()
    assert page.banner.isVisible()
    assert page.banner.do.text()
    assert next(row for row in page.rows if row.state.info.note == "recommended").buttons


def test_encoders_that_cannot_be_looked_at_are_told_of_once_and_not_looked_at_for_ever(
    person_with_bank: Person, page: EncodersPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, looks = person_with_bank, []

    def fail() -> list[object]:
        looks.append(1)
        raise DownloadFailed(encoder="clip", reason="network", detail="")

    monkeypatch.setattr(encoder_work, "encoder_states", fail)
    page.reload()
    person.settle()
    assert page.banner.what.text()
    assert len(looks) == 1


def test_a_folder_that_is_no_model_is_told(
    person_with_bank: Person, page: EncodersPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    press(person_with_bank, page.folder_button)
    assert page.banner.isVisible()


def test_a_mirror_is_kept(person_with_bank: Person, page: EncodersPage, studio: Studio) -> None:
    page.mirror.setFocus()
    person_with_bank.bot.keyClicks(page.mirror, "hf-mirror.example")
    person_with_bank.bot.keyClick(page.mirror, Qt.Key.Key_Return)
    person_with_bank.settle()
    assert load_settings(studio).mirror == "https://hf-mirror.example"


def test_getting_an_encoder_fetches_prepares_and_then_offers_the_change(
    person_with_bank: Person, page: EncodersPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that comes from outside, the weights and the graph made of them, is put in place at once."""
    person, runner = person_with_bank, person_with_bank.window.bench.runner
    offer = next(row.state.info for row in page.rows if row.state.info.note == "recommended")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    repository = next(found.repository for found in OFFERS if found.id == offer.id)
    weights = tmp_path / "hub" / f"models--{repository.replace('/', '--')}" / "snapshots" / "1" / WEIGHTS_NAME
    steps: list[str] = []

    def fetch(encoder_id: str, context: JobContext, endpoint: str | None = None) -> Path:
        steps.append("fetched")
        weights.parent.mkdir(parents=True)
        weights.write_bytes(tiny_safetensors(2000))
        return weights

    def source(encoder_id: str, _imported: Path | None) -> Source:
        return Source(encoder_id, "small", weights, {"mean": 0.5, "std": 0.5}, quick_gelu=False)

    def make(encoder_id: str, fingerprint: str, found: Path, context: JobContext) -> GraphState:
        steps.append("prepared")
        assert found == weights
        context.progress(1, clip_graph.STEPS, "job.clip_graph", encoder=encoder_id)
        return GraphState("ready", difference=1e-7)

    def state_of(fingerprint: str, *, thorough: bool = False) -> GraphState:
        return GraphState("ready", difference=1e-7) if "prepared" in steps else GraphState("missing")

    monkeypatch.setattr(openclip, "engine_installed", lambda: True)
    monkeypatch.setattr(encoder_work, "download_weights", fetch)
    for module in (clip_source, openclip):
        monkeypatch.setattr(module, "source_of", source)
    monkeypatch.setattr(
        clip_source, "fingerprint_if_known", lambda encoder, found: fingerprint_of_source(source(encoder, found))
    )
    monkeypatch.setattr(clip_graph, "make_graph", make)
    monkeypatch.setattr(clip_graph, "graph_state", state_of)
    page.reload()
    person.settle()
    press(person, row_of(page, offer.id).buttons[0])
    assert steps == ["fetched", "prepared"]
    told = {entry.title: entry.state for entry in runner.entries}
    assert told[job_titles.DOWNLOAD] == told[job_titles.PREPARE_ENCODER] == State.SUCCEEDED
    row = row_of(page, offer.id)
    assert "ONNX Runtime" in row.now.text()
    assert [button.text() for button in row.buttons] == ["Use it", "Try as int8"]
    assert any(button.text() == "Change now" for button in page.banner.findChildren(QPushButton))
    assert "9 reference" in page.banner.do.text()


def test_a_graphics_card_is_no_trouble_and_once_it_has_gone_it_is_no_reason_any_more(
    person_with_bank: Person, page: EncodersPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = person_with_bank

    def make(encoder_id: str, fingerprint: str, weights: Path, context: JobContext) -> GraphState:
        state = GraphState("refused", "gpu", "cuda")
        clip_graph.keep_refusal(fingerprint, state)
        return state

    monkeypatch.setattr(openclip, "engine_installed", lambda: True)
    monkeypatch.setattr(clip_graph, "make_graph", make)
    row = own_model_row(person, page, own_model(tmp_path / "own model"), monkeypatch)
    own = row.state.info.id
    assert "graphics card" in row.now.text()
    assert not any(button.text() == "Prepare again" for button in row.buttons)

    monkeypatch.setattr(openclip, "TorchTower", OnProcessor)
    encoder = OpenClipEncoder(own)
    assert encoder.waits_for_graph, "it is prepared while the person works, as one that never was"
    page.reload()
    person.settle()
    assert "graphics card" not in row_of(page, own).now.text()


class OnProcessor:
    """What torch is on a machine without a graphics card."""

    name, device, device_reason, dim = "torch", "cpu", "no_gpu", 4

    def __init__(self, source: Source, threads: int) -> None:
        self.source = source


def own_model(folder: Path) -> Path:
    """A folder as a person is given it; its weights are whole, but no model's."""
    folder.mkdir()
    config = {"model_cfg": {}, "preprocess_cfg": {"mean": 0.5, "std": 0.5}}
    (folder / CONFIG_NAME).write_text(json.dumps(config), encoding="utf-8")
    (folder / WEIGHTS_NAME).write_bytes(tiny_safetensors(1000))
    return folder


def own_model_row(
    person: Person, page: EncodersPage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> EncoderRow:
    """The row of the model of this folder, which the person has chosen for their own."""
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    press(person, page.folder_button)
    person.wait(lambda: any(row.state.info.note == "imported" for row in page.rows))
    person.settle()
    return next(row for row in page.rows if row.state.info.note == "imported")


def test_a_model_that_could_not_be_prepared_says_why_and_can_be_tried_again(
    person_with_bank: Person, page: EncodersPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = person_with_bank
    outcomes = [GraphState("refused", "disagrees", "0.02", 0.02), GraphState("ready", difference=1e-7)]

    def make(encoder_id: str, fingerprint: str, weights: Path, context: JobContext) -> GraphState:
        context.progress(1, clip_graph.STEPS, "job.clip_graph", encoder=encoder_id)
        state = outcomes.pop(0)
        if state.word == "refused":
            clip_graph.keep_refusal(fingerprint, state)
        else:
            shutil.rmtree(clip_graph.graph_folder(fingerprint), ignore_errors=True)
        return state

    monkeypatch.setattr(openclip, "engine_installed", lambda: True)
    monkeypatch.setattr(clip_graph, "make_graph", make)
    row = own_model_row(person, page, own_model(tmp_path / "own model"), monkeypatch)
    assert "runs on torch" in row.now.text()
    assert "0.02" in row.now.text()
    again = next(button for button in row.buttons if button.text() == "Prepare again")
    press(person, again)
    person.wait(lambda: not outcomes)
    person.settle()
    row = next(row for row in page.rows if row.state.info.note == "imported")
    assert "0.02" not in row.now.text()
    assert not any(button.text() == "Prepare again" for button in row.buttons)


@pytest.mark.parametrize("share", [0.99, 0.9])
def test_the_int8_form_is_measured_here_and_offered_or_refused_with_its_figure(
    person_with_bank: Person, page: EncodersPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    person = person_with_bank

    def measure(studio: Studio, encoder_id: str, context: JobContext) -> Measured:
        context.progress(1, 2, "job.clip_int8", encoder=encoder_id)
        measured = Measured(clip_int8.name_of(studio), share, 60)
        base = clip_source.fingerprint_if_known(encoder_id, None)
        assert base is not None
        clip_int8.keep_record(base, clip_int8.Int8Record("0" * 64, 1000, (measured,)))
        return measured

    monkeypatch.setattr(openclip, "engine_installed", lambda: True)
    monkeypatch.setattr(clip_graph, "make_graph", lambda *_: GraphState("ready"))
    monkeypatch.setattr(clip_graph, "graph_state", lambda *_a, **_k: GraphState("ready", difference=1e-7))
    monkeypatch.setattr(encoder_int8_core, "measure_int8", measure)
    row = own_model_row(person, page, own_model(tmp_path / "own model"), monkeypatch)
    press(person, next(button for button in row.buttons if button.text() == "Try as int8"))
    person.wait(lambda: page.banner.message is not None and "int8" in page.banner.message.words()[0])
    what, do = page.banner.message.words()
    assert f"{100 * share:.1f} %" in what
    assert ("Refused" in do) == (share < clip_int8.NEEDED)
    person.settle()
    assert any(row.state.info.note == "int8" for row in page.rows) == (share >= clip_int8.NEEDED)


class Waiting(OpenClipEncoder):
    """A model in use that torch runs because its graph was never made."""

    def __init__(self) -> None:
        self.made = False

    @property
    def waits_for_graph(self) -> bool:
        return not self.made

    def use_graph(self, context: JobContext, *, again: bool = False) -> GraphState:
        context.progress(1, clip_graph.STEPS, "job.clip_graph", encoder="x")
        self.made = True
        return GraphState("ready")


def test_a_model_that_was_never_prepared_is_prepared_while_the_person_works_and_said_so(
    person_with_bank: Person,
) -> None:
    person, bench = person_with_bank, person_with_bank.window.bench
    assert bench.studio is not None
    own, waiting = bench.recognizer, Waiting()
    bench.answers.recognizer = Recognizer(bench.studio, waiting)
    bench.start(encoder_work.prepare_in_use(bench))
    person.wait(lambda: waiting.made)
    person.settle()
    jobs = [entry for entry in bench.runner.entries if entry.title == job_titles.PREPARE_ENCODER]
    assert [entry.state for entry in jobs] == [State.SUCCEEDED], "it must stand among the jobs, to be seen and stopped"
    bench.start(encoder_work.prepare_in_use(bench))
    person.settle()
    assert len([entry for entry in bench.runner.entries if entry.title == job_titles.PREPARE_ENCODER]) == 1
    bench.answers.recognizer = own
