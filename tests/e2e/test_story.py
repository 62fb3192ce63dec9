"""The loop from its first photo to a bad day and back, in a studio of real photographs where they are, else of drawn
ones: through the core as the window uses it, through the commands alone, and with the commands killed at random."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fabric_desktop.bank import build_bank, reference_record
from fabric_desktop.encoders.base import Encoder
from fabric_desktop.encoders.registry import load_encoder
from fabric_desktop.imaging import Box, content_hash, open_photo
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import PatchOrigin, list_labeled, list_unlabeled, save_patch
from fabric_desktop.library.patches import accept, keep_for_review
from fabric_desktop.loop import deploy, improve
from fabric_desktop.loop.queue import review_queue
from fabric_desktop.loop.versions import new_labels_since_training, version_rows
from fabric_desktop.model import load_model
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, StudioLock, current_version, load_settings, open_studio, save_setting
from tests.conftest import photographs_folder
from tests.support import add_patches, cloth, make_studio, save_photo

ROOT = Path(__file__).resolve().parents[2]
FABRICS, REFERENCES, LABELS, WRONG = 6, 2, 4, 4
KILLS = 30


@dataclass(frozen=True)
class Collection:
    """Photographs of six fabrics: fabric -> its files, references first, then those to label, then to mislabel."""

    photos: dict[str, list[Path]]

    def references(self, fabric: str) -> list[Path]:
        return self.photos[fabric][:REFERENCES]

    def to_label(self) -> list[tuple[str, Path]]:
        """24 photos with their fabric."""
        return [(f, p) for f, own in self.photos.items() for p in own[REFERENCES : REFERENCES + LABELS]]

    def to_mislabel(self) -> list[tuple[str, Path]]:
        """20 photos with a fabric they do not show."""
        fabrics = list(self.photos)
        nexts = dict(zip(fabrics, [*fabrics[1:], fabrics[0]], strict=True))
        rest = [(nexts[f], p) for f, own in self.photos.items() for p in own[REFERENCES + LABELS :][:WRONG]]
        return rest[:20]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    folder = photographs_folder()
    return _drawn(tmp_path_factory.mktemp("drawn")) if folder is None else _photographed(folder)


def _photographed(folder: Path) -> Collection:
    """Six samples of which there are photographs enough, every one a fabric of its own."""
    found: dict[str, list[Path]] = defaultdict(list)
    with (folder / "manifest.csv").open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            parts = Path(row["path"]).parts
            paths = [folder.joinpath(*parts[start:]) for start in range(len(parts))]
            found[row["sample_id"]] += [path for path in paths if path.is_file()][:1]
    many = sorted(sample for sample, own in found.items() if len(own) >= REFERENCES + LABELS + WRONG)
    chosen = random.Random(5).sample(many, FABRICS)
    return Collection({sample: random.Random(sample).sample(sorted(found[sample]), 10) for sample in chosen})


def _drawn(folder: Path) -> Collection:
    from fabric_desktop.samples import SAMPLE_FABRICS, draw_patch

    photos: dict[str, list[Path]] = {}
    for fabric in SAMPLE_FABRICS[:FABRICS]:
        own = [folder / f"{fabric.id} {seed}.png" for seed in range(REFERENCES + LABELS + WRONG)]
        for seed, path in enumerate(own):
            draw_patch(fabric.id, seed, 160).save(path)
        photos[fabric.id] = own
    return Collection(photos)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder("builtin")


def furnished(root: Path, collection: Collection) -> Studio:
    """A studio with references and nothing else."""
    studio = open_studio(root, create=True)
    for fabric in collection.photos:
        for photo in collection.references(fabric):
            (studio.fabrics_dir / fabric).mkdir(exist_ok=True)
            shutil.copy(photo, studio.fabrics_dir / fabric / photo.name)
    return studio


def predictions(studio: Studio, encoder: Encoder, photos: list[Path]) -> str:
    recognizer = Recognizer(studio, encoder)
    return "\n".join(repr(recognizer.recognize(open_photo(photo)).candidates) for photo in photos)


def whole(path: Path) -> PatchOrigin:
    width, height = open_photo(path).size
    return PatchOrigin(path, content_hash(path), Box(0, 0, width, height), swatch_id=path.stem)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_loop_from_the_first_photo_to_a_bad_day_and_back(
    collection: Collection, encoder: Encoder, tmp_path: Path
) -> None:
    studio = furnished(tmp_path / "我的 studio", collection)
    save_setting(studio, "review_below", 0.97)
    build_bank(studio, encoder, JobContext())

    # A folder is recognised without a head; what the program is unsure of goes to the review queue, once each.
    settings = load_settings(studio)
    recognizer = Recognizer(studio, encoder)
    origins = {path: whole(path) for _, path in collection.to_label()}
    for _ in range(2):
        for path, origin in origins.items():
            image = open_photo(path)
            recognition = recognizer.recognize(image)
            assert all(candidate.head is None for candidate in recognition.candidates)
            keep_for_review(
                studio,
                image,
                origin,
                recognition,
                below=settings.review_below,
                per_photo=settings.review_per_photo,
            )
    queue = review_queue(studio, recognizer, JobContext())
    assert 0 < len(queue) <= 24

    # A person names the queue in its order, and the rest of the 24.
    fabric_of = {content_hash(path): fabric for fabric, path in collection.to_label()}
    for item in queue:
        accept(studio, [item.path], fabric_of.pop(item.record["source_hash"]))
    for fabric, path in collection.to_label():
        if content_hash(path) in fabric_of:
            save_patch(studio, open_photo(path), fabric, origins[path])
    assert list_unlabeled(studio) == []
    assert len(list_labeled(studio)) == 24
    assert new_labels_since_training(studio).due

    # Retrained, shown beside the references alone on cloth neither was trained on, deployed.
    result = improve(studio, encoder, JobContext())
    assert result.advice == "deploy"
    assert result.new_scores is not None
    assert result.old_scores is not None
    assert result.new_scores.patches == 6
    assert result.grouped
    with StudioLock(studio):
        deploy(studio, result.new.name)
    good = current_version(studio)
    asked = [path for _, path in collection.to_mislabel()][:6]
    before = predictions(studio, encoder, asked)
    assert new_labels_since_training(studio).new == 0

    # A bad day: 20 wrong labels. The program advises against, and the old model stays.
    for fabric, path in collection.to_mislabel():
        save_patch(studio, open_photo(path), fabric, whole(path))
    bad = improve(studio, encoder, JobContext())
    assert (bad.advice, bad.preselected) == ("keep", "keep")
    assert bad.suspicious
    assert current_version(studio) == good
    assert predictions(studio, encoder, asked) == before

    # Deployed all the same, and rolled back: the same predictions, byte for byte.
    deploy(studio, bad.new.name)
    assert predictions(studio, encoder, asked) != before
    deploy(studio, good.name if good is not None else "")
    assert predictions(studio, encoder, asked) == before
    assert [(row.name, len(row.periods)) for row in version_rows(studio)] == [("v1", 1), ("v2", 2), ("v3", 1)]


# ---------------------------------------------------------------- the same through the commands alone


class Commands:
    """Runs commands on one studio, each a process of its own."""

    def __init__(self, studio: Path, home: Path) -> None:
        self.studio = studio
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": "utf-8",
            "FABRIC_DESKTOP_HOME": str(home),
            "FABRIC_DESKTOP_ALLOW_DUMMY": "1",
            "LC_ALL": "C.UTF-8",
        }

    def start(self, *words: object) -> subprocess.Popen[bytes]:
        """A command under way."""
        line = [sys.executable, "-m", "fabric_desktop", "--studio", str(self.studio), *map(str, words)]
        return subprocess.Popen(
            line, env=self._environment, cwd=self.studio.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def run(self, *words: object, code: int = 0) -> str:
        """A command to its end; what it printed."""
        process = self.start(*words)
        out, err = process.communicate(timeout=100)
        assert process.returncode == code, err.decode()
        return out.decode()

    def json(self, *words: object, code: int = 0) -> dict[str, Any]:
        value = json.loads(self.run(*words, "--json", code=code))
        assert isinstance(value, dict)
        return value


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_same_through_the_commands_alone(collection: Collection, tmp_path: Path) -> None:
    studio = furnished(tmp_path / "我的 studio", collection)
    run = Commands(studio.root, tmp_path / "home")
    run.run("build-bank")
    labels = collection.to_label()
    photos = [path for _, path in collection.to_mislabel()][:3]
    assert run.json("recognize", *photos)["results"][0]["candidates"][0]["head"] is None
    refused = run.json("improve", code=3)
    assert refused["error"]["code"] == "no_labels"

    # A folder is recognised, and what the program is unsure of waits for review, once each.
    save_setting(studio, "review_below", 0.97)
    asked = tmp_path / "asked"
    asked.mkdir()
    for number, (_, path) in enumerate(labels):
        shutil.copy(path, asked / f"{number:02}{path.suffix}")
    for kept in (True, False):
        done = run.json("batch", asked, "--out", tmp_path / "asked.csv", "--fresh", "--review")
        assert done["photos"] == 24
        assert bool(done["kept_for_review"]) == kept
    assert 0 < done["uncertain"] == len(list_unlabeled(studio))

    # One by command, the others by hand, as an older script would leave them: what waits is moved to its fabric.
    run.run("label", labels[0][1], "--as", labels[0][0])
    for fabric, path in labels[1:19]:
        by_hand(studio, fabric, path)
    assert run.json("improve", code=3)["error"]["code"] == "too_few_samples"
    for fabric, path in labels[19:]:
        by_hand(studio, fabric, path)
    assert len(list_labeled(studio)) == 24

    first = run.json("improve", "--note", "first head")
    assert (first["old"], first["new"], first["deployed"], first["in_use"]) == ("v1", "v2", True, "v2")
    assert first["new_scores"]["patches"] == 6
    assert first["comparison"]["p_value"] <= 1.0
    answers = run.json("recognize", *photos)
    pickled = studio.pickle_path.read_bytes()

    for fabric, path in collection.to_mislabel():
        by_hand(studio, fabric, path)
    bad = run.json("improve")
    assert (bad["advice"], bad["deployed"], bad["in_use"]) == ("keep", False, "v2")
    assert run.json("recognize", *photos) == answers
    forced = run.json("improve", "--deploy", "always")
    assert (forced["new"], forced["deployed"]) == ("v3", True)
    assert run.json("recognize", *photos) != answers
    assert run.json("models", "use", "2") == {"version": "v2", "before": "v3"}
    assert run.json("recognize", *photos) == answers
    assert studio.pickle_path.read_bytes() == pickled

    table = run.json("models", "list")
    assert [row["version"] for row in table["versions"]] == ["v1", "v2", "v3"]
    assert table["in_use"] == "v2"
    assert table["versions"][1]["note"] == "first head"
    compared = run.json("models", "compare", "v2", "v3")
    assert compared["comparison"]["patches"] >= 6
    page = tmp_path / "report.html"
    figures = run.json("report", "--out", page)
    assert figures["in_use"] == "v2"
    assert "<svg" in page.read_text(encoding="utf-8")
    run.run("share", "export", tmp_path / "sent.zip")
    arrived = run.json("share", "import", tmp_path / "sent.zip", "--into", tmp_path / "there")
    elsewhere = Commands(Path(arrived["studio"]), tmp_path / "home")
    assert elsewhere.json("recognize", *photos)["results"] == answers["results"]


def by_hand(studio: Studio, fabric: str, path: Path) -> None:
    """A label made with a file manager: the patch that waits for review is moved, else the photo is copied."""
    folder = studio.labeled_dir / fabric
    folder.mkdir(exist_ok=True)
    digest = content_hash(path)
    waiting = [each for each in list_unlabeled(studio) if reference_record(each).get("source_hash") == digest]
    for each in waiting:
        for file in (each, each.with_suffix(".json")):
            file.rename(folder / file.name)
    if not waiting:
        shutil.copy(path, folder / path.name)


# ---------------------------------------------------------------- killed at random moments


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_commands_killed_at_random_moments_cost_no_label_and_no_model(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "工作 室", {"棉布": 2, "file": 2})
    for fabric in ("棉布", "file"):
        add_patches(studio, fabric, 12)
    save_setting(studio, "encoder", "dummy")
    photo = save_photo(tmp_path / "新 photo.png", cloth("file", 900))
    run = Commands(studio.root, tmp_path / "home")
    run.run("build-bank")
    run.run("improve")
    works: list[tuple[object, ...]] = [
        ("improve", "--deploy", "always"),
        ("models", "use", "v1"),
        ("label", photo, "--as", "棉布"),
        ("models", "use", "v2"),
        ("build-bank",),
    ]
    usual: dict[tuple[object, ...], float] = {}
    for work in works:
        started = time.monotonic()
        run.run(*work)
        usual[work] = time.monotonic() - started
    chance = random.Random(20)
    labels = {path: path.read_bytes() for path in studio.labeled_dir.rglob("*.png")}
    killed = 0
    for number in range(200):
        if killed == KILLS:
            break
        work = works[number % len(works)]
        # Every so often something is new, so that there is work to be cut off.
        if number % len(works) == 0:
            new = studio.labeled_dir / "file" / f"new {number}.png"
            save_photo(new, cloth("file", 2000 + number))
            save_photo(studio.fabrics_dir / "棉布" / f"new {number}.png", cloth("棉布", 3000 + number))
            labels[new] = new.read_bytes()
        process = run.start(*work)
        try:
            process.communicate(timeout=usual[work] * chance.uniform(0.3, 1.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            killed += 1
        labels |= require_whole(studio, labels)
    assert killed == KILLS
    run.run("improve", "--deploy", "always")
    assert run.json("recognize", photo)["results"][0]["candidates"][0]["id"] == "file"


def require_whole(studio: Studio, labels: dict[Path, bytes]) -> dict[Path, bytes]:
    """The studio opens, the version in use is whole and can be loaded, no label is lost or half there; the labels."""
    opened = open_studio(studio.root)
    version = current_version(opened)
    assert version is not None
    model = load_model(opened, str(version.manifest["fingerprint"]))
    assert model.bank is not None
    assert model.head_error is None
    with StudioLock(opened, "looking"):
        pass
    for path, data in labels.items():
        assert path.read_bytes() == data
    found = {path: path.read_bytes() for path in studio.labeled_dir.rglob("*.png") if not path.name.startswith(".")}
    for path in found.keys() - labels.keys():
        with Image.open(path) as image:
            image.load()
        assert path.with_suffix(".json").is_file()
    return found
