"""The window is closed during each kind of job there is: both end, the studio is whole, what was asked to be kept is.

The kinds are read from the program, so that a new one fails a test here until it is said how a person comes to it.
"""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

import fabric_desktop.ui
from fabric_desktop.encoders import openclip
from fabric_desktop.encoders.registry import OFFERS
from fabric_desktop.jobs import JobContext
from fabric_desktop.library.importing import plan_import
from fabric_desktop.library.sources import FolderSource
from fabric_desktop.studio import FabricInfo, save_setting
from fabric_desktop.ui import titles
from fabric_desktop.ui.pages import encoder_int8, job_titles
from fabric_desktop.ui.runner import Entry, JobRunner, State
from tests.faults.scene import Scene, make_scene, require_whole
from tests.support import cloth, save_photo
from tests.ui.conftest import Person
from tests.unit.encoders.hub import Hub, ask_online, tiny_safetensors

KINDS = {
    f"{module.__name__.rsplit('.', 1)[1]}.{name}": title
    for module in (titles, job_titles)
    for name, title in vars(module).items()
    if name.isupper() and isinstance(title, str) and name != "QT_TRANSLATE_NOOP"
}


@dataclass(frozen=True)
class Place:
    """Where a person sits: at a window on a studio with bank, head, labels and two versions."""

    person: Person
    scene: Scene
    photo: Path

    @property
    def window(self) -> Any:
        return self.person.window

    def start(self, flow: Any) -> None:
        self.window.bench.start(flow)

    def look(self) -> None:
        """Open the photograph and click on it; nothing is waited for."""
        self.window.opening.open_photo(self.photo)
        self.person.wait(lambda: self.window.bench.document is not None)
        self.window.bench.pick(100, 100)

    def answered(self) -> None:
        self.look()
        self.person.answered()
        self.person.wait(lambda: self.window.results.candidate_looked_at is not None)

    def waiting_patches(self) -> None:
        for number in range(4):
            save_photo(self.scene.studio.unlabeled_dir / f"kept {number}.png", cloth("file", 400 + number))


def _label(place: Place) -> None:
    place.answered()
    place.window.bench.accept(1)


def _weigh(place: Place) -> None:
    place.answered()
    place.window.bench.answers.set_alpha(0.4)


def _compare(place: Place) -> None:
    place.answered()
    place.window.comparing.compare()


def _order(place: Place) -> None:
    place.waiting_patches()
    place.window.review.reviewing.watch("queue", True)


def _batch(place: Place) -> None:
    place.window.pages.batch.show_folder(place.photo.parent)
    place.window.pages.batch._begin()


def _batch_done(place: Place) -> None:
    _batch(place)
    place.person.wait(lambda: place.window.pages.batch.report is not None)
    place.person.settle()


def _label_many(place: Place) -> None:
    _batch_done(place)
    work, report = place.window.pages.batch.work, place.window.pages.batch.report
    place.start(work.label(report.results, "棉布"))


def _keep_many(place: Place) -> None:
    _batch_done(place)
    place.start(place.window.pages.batch.work.keep(place.window.pages.batch.report.results))


def _export(place: Place) -> None:
    _batch_done(place)
    work, report = place.window.pages.batch.work, place.window.pages.batch.report
    place.start(work.export(report, place.photo.with_name("results.xlsx")))


def _import(place: Place) -> None:
    plan = plan_import(FolderSource(place.scene.swatches), place.scene.studio, JobContext())
    place.start(place.window.pages.importing.work.run(plan, "copy"))


def _own_model(place: Place) -> None:
    folder = place.photo.with_name("own model")
    folder.mkdir()
    (folder / "open_clip_config.json").write_text("{}", encoding="utf-8")
    place.start(place.window.pages.encoders.work.take_in(folder, None))


def _newer(place: Place) -> None:
    _label(place)
    place.person.settle()
    place.window.retraining.show_versions()


def _act(name: str) -> Callable[[Place], None]:
    return lambda place: place.window.actions_[name].trigger()


# How a person comes to each kind of job.
WAYS: dict[str, Callable[[Place], None]] = {
    "titles.OPEN_STUDIO": lambda place: place.window.studio_wanted.emit(place.scene.studio.root, False),
    "titles.OPEN_PHOTO": lambda place: place.window.opening.open_photo(place.photo),
    "titles.LOAD_MODEL": lambda place: place.start(place.window.bench.refresh_facts()),
    "titles.RECOGNISE": Place.look,
    "titles.RANK": _weigh,
    "titles.SWATCHES": Place.look,
    "titles.SAVE_LABEL": _label,
    "titles.SAVE_SETTING": _weigh,
    "titles.DRAW_SAMPLES": lambda place: place.window.samples_wanted.emit(),
    "titles.BUILD_BANK": _act("build_bank"),
    "titles.TRAIN_HEAD": _act("train_head"),
    "titles.CHANGE_ENCODER": lambda place: place.start(place.window.flows.use_encoder("builtin")),
    "titles.EVALUATE": _act("evaluate"),
    "titles.READ_PATCHES": lambda place: place.window.review.reviewing.watch("patches", True),
    "titles.ORDER_QUEUE": _order,
    "titles.KEEP_FOR_REVIEW": Place.look,
    "titles.KEEP_REGIONS": Place.look,
    "titles.COMPARE": _compare,
    "titles.RETRAIN": _act("retrain"),
    "titles.USE_VERSION": lambda place: place.window.retraining.use("v1"),
    "titles.READ_VERSIONS": lambda place: place.window.retraining.show_versions(),
    "titles.COMPARE_VERSIONS": lambda place: place.window.retraining.compare("v1", "v2"),
    "titles.READ_SETTINGS": _act("settings_page"),
    "titles.LICENCES": _act("about"),
    "titles.DOCTOR": _act("doctor"),
    "titles.REPORT": _act("report_problem"),
    "job_titles.KEEP_MANY": _keep_many,
    "job_titles.CHANGE_LIBRARY": lambda place: place.start(
        place.window.pages.library.work.declare(FabricInfo("棉布", name_en="cotton", supplier="another"))
    ),
    "job_titles.READ_LIBRARY": lambda place: place.window.pages.library.bring_up(),
    "job_titles.CHECK_LIBRARY": lambda place: place.window.pages.library.bring_up(),
    "job_titles.REFRESH_MODEL": lambda place: place.start(place.window.pages.library.work.refresh_model()),
    "job_titles.THUMBNAILS": lambda place: place.window.pages.open_photos(place.photo.parent),
    "job_titles.SCAN_FOLDER": lambda place: place.window.pages.open_photos(place.photo.parent),
    "job_titles.PLAN_IMPORT": lambda place: place.start(
        place.window.pages.importing.work.plan(FolderSource(place.scene.swatches))
    ),
    "job_titles.IMPORT": _import,
    "job_titles.BATCH": _batch,
    "job_titles.LABEL_MANY": _label_many,
    "job_titles.EXPORT": _export,
    "job_titles.ENCODERS": lambda place: place.window.pages.encoders.bring_up(),
    "job_titles.INSTALL_ENGINE": lambda place: place.start(place.window.pages.encoders.work.get(OFFERS[0].id)),
    "job_titles.DOWNLOAD": lambda place: place.start(place.window.pages.encoders.work.get(OFFERS[0].id)),
    "job_titles.PREPARE_ENCODER": lambda place: place.start(place.window.pages.encoders.work.prepare("builtin")),
    "job_titles.MEASURE_INT8": lambda place: place.start(
        encoder_int8.measure(place.window.bench, "builtin", lambda _error: None)
    ),
    "job_titles.IMPORT_ENCODER": _own_model,
    "job_titles.PROGRESS": _act("progress_page"),
    "job_titles.CHARTS": lambda place: place.window.retraining.show_versions(),
    "job_titles.WRITE_REPORT": lambda place: place.start(
        place.window.pages.progress.work.write(place.photo.with_name("report.html"))
    ),
    "job_titles.SHARE": lambda place: place.start(
        place.window.pages.sharing.export(place.photo.with_name("studio.zip"), "studio")
    ),
    "job_titles.LOOK_INTO": lambda place: place.start(place.window.pages.sharing.take_in(place.scene.shared)),
    "job_titles.TAKE_IN": lambda place: place.start(place.window.pages.sharing.take_in(place.scene.shared)),
    "job_titles.SCORE_SINCE": _newer,
    "job_titles.WRITE_NOTE": lambda place: place.start(place.window.retraining.table._note("v1", "the first")),
}


def test_every_kind_of_job_is_known_here() -> None:
    assert set(KINDS) == set(WAYS), "say in WAYS how a person comes to a kind of job, or take out one that is gone"


def test_every_job_of_the_window_is_called_by_one_of_these_titles() -> None:
    """A job with a title of its own would not be closed on by the test below."""
    found = []
    for path in Path(fabric_desktop.ui.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            whose, does = ast.unparse(node.func.value), node.func.attr
            given = [ast.unparse(argument) for argument in node.args]
            if ("runner" in whose and does == "run") or (whose, does) == ("self", "_run"):
                title = given[0] if given else ""
            elif "changing" in whose and does == "make":
                title = given[1] if len(given) > 1 else "job_titles.CHANGE_LIBRARY"
            else:
                continue
            # These two pass on a title that they were given, which is looked at where it is given.
            passed_on = title == "title" and path.name in ("changing.py", "sharing.py")
            if title not in KINDS and not passed_on:
                found.append(f"{path.name}: {title}")
    assert found == []


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return make_scene(tmp_path)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a download asks, and a pip that finds nothing: whatever is begun here, nothing is installed."""
    ask_online(monkeypatch, tmp_path / "hf")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    made = Hub(tiny_safetensors(3_000_000))
    monkeypatch.setenv("HF_ENDPOINT", made.url)
    yield made
    made.close()


@pytest.mark.parametrize("kind", sorted(WAYS))
def test_closing_the_window_during_a_job_of_this_kind_ends_both_and_loses_nothing(
    make_window: Callable[[Path], Person],
    scene: Scene,
    hub: Hub,
    runner: JobRunner,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    kind: str,
) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_, **__: QMessageBox.StandardButton.Yes)
    monkeypatch.setattr(openclip, "engine_installed", lambda: kind != "job_titles.INSTALL_ENGINE")
    if kind == "titles.KEEP_FOR_REVIEW":
        save_setting(scene.studio, "review_below", 1.0)
    picture = Image.new("RGB", (480, 240))
    for place, fabric in enumerate(("棉布", "file")):
        picture.paste(cloth(fabric, 0), (240 * place, 0))
    photo = save_photo(tmp_path / "photos" / "外套.png", picture)
    person = make_window(scene.studio.root)
    begun, entries, ask = threading.Event(), list[Entry](), runner.run

    async def run(title: str, work: Callable[[JobContext], object], *args: Any, **options: Any) -> Any:
        def in_the_middle(context: JobContext) -> object:
            begun.set()
            deadline = time.monotonic() + 5
            while not runner._closed and not context.cancelled and time.monotonic() < deadline:
                time.sleep(0.001)
            return work(context)

        first = title == KINDS[kind] and not begun.is_set()
        return await ask(title, in_the_middle if first else work, *args, **options)

    monkeypatch.setattr(runner, "run", run)
    runner.changed.connect(lambda entry: entries.append(entry) if entry.title == KINDS[kind] else None)
    WAYS[kind](Place(person, scene, photo))
    qtbot.waitUntil(begun.is_set, timeout=8000)
    job = entries[0]
    assert not job.over
    tasks = list(runner._tasks)
    assert person.window.close()
    assert runner.close()
    assert not runner.thread_of_jobs.isRunning()
    qtbot.waitUntil(lambda: all(task.done() for task in tasks), timeout=2000)
    assert all(entry.over for entry in runner._by_number.values())
    assert job.state is (State.SUCCEEDED if job.job.keep else State.CANCELLED), job.error
    person.window.bench.leave_studio()
    require_whole(scene.studio)
