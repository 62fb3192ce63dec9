"""The same studio and photo give the same numbers: asked alone or in a batch, whatever the order of the files, built
twice, or built bit by bit. To the last bit where the files keep their names; within 1e-6 where the references stand in
another order, since sums are then taken in another order."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from PIL import Image

from fabric_desktop.bank import build_bank
from fabric_desktop.batch.run import recognise_folder
from fabric_desktop.encoders.base import Encoder
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.encoders.registry import load_encoder
from fabric_desktop.head import train_head
from fabric_desktop.jobs import JobContext
from fabric_desktop.recognition import Recognition
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Studio, open_studio
from tests.support import add_patches, cloth, save_photo

FABRICS = ("cotton", "真丝缎", "sample 7")
REFERENCES = 3
NEARLY = 1e-6

Name = Callable[[int], str]


@pytest.fixture(params=["dummy", "builtin"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return DummyEncoder() if request.param == "dummy" else load_encoder("builtin")


def place(studio: Studio, numbers: Iterable[int], name: Name) -> None:
    for number in numbers:
        for fabric in FABRICS:
            save_photo(studio.fabrics_dir / fabric / name(number), cloth(fabric, number))


def made(
    root: Path, encoder: Encoder, numbers: Iterable[int] = range(REFERENCES), name: Name = "ref {}.png".format
) -> Studio:
    studio = open_studio(root, create=True)
    place(studio, numbers, name)
    build_bank(studio, encoder, JobContext())
    return studio


def numbers_of(answer: Recognition) -> dict[str, tuple[float | None, ...]]:
    return {c.id: (c.score, c.confidence, c.rules, c.retrieval, c.head, *c.parts) for c in answer.candidates}


def ask(studio: Studio, encoder: Encoder, photo: Image.Image | None = None) -> dict[str, tuple[float | None, ...]]:
    photo = photo or cloth("真丝缎", 50)
    return numbers_of(Recognizer(studio, encoder).recognize(photo, top_k=500, rules_source="studio"))


def assert_near(one: dict[str, tuple[float | None, ...]], other: dict[str, tuple[float | None, ...]]) -> None:
    assert list(one) == list(other)  # the same order
    for fabric, values in one.items():
        assert values == pytest.approx(other[fabric], abs=NEARLY, nan_ok=False)


def test_built_twice_the_numbers_are_the_same_to_the_last_bit(tmp_path: Path, encoder: Encoder) -> None:
    first, second = made(tmp_path / "one", encoder), made(tmp_path / "two", encoder)
    assert first.bank_path.read_bytes() == second.bank_path.read_bytes()
    assert ask(first, encoder) == ask(second, encoder)


def test_files_written_in_another_order_give_the_same_numbers_to_the_last_bit(tmp_path: Path, encoder: Encoder) -> None:
    forwards, backwards = made(tmp_path / "one", encoder), made(tmp_path / "two", encoder, (2, 0, 1))
    assert ask(forwards, encoder) == ask(backwards, encoder)


def test_references_under_other_names_give_the_same_numbers(tmp_path: Path, encoder: Encoder) -> None:
    usual = made(tmp_path / "one", encoder)
    turned = made(tmp_path / "two", encoder, name=lambda number: f"{9 - number} 照片.png")
    assert_near(ask(usual, encoder), ask(turned, encoder))


def test_a_library_built_bit_by_bit_is_the_one_built_at_once(tmp_path: Path, encoder: Encoder) -> None:
    grown = made(tmp_path / "grown", encoder, range(1))
    place(grown, range(1, REFERENCES), "ref {}.png".format)
    build_bank(grown, encoder, JobContext())
    extra = grown.fabrics_dir / "another"
    save_photo(extra / "1.png", cloth("another"))
    build_bank(grown, encoder, JobContext())
    shutil.rmtree(extra)
    build_bank(grown, encoder, JobContext())
    assert_near(ask(grown, encoder), ask(made(tmp_path / "whole", encoder), encoder))


def test_a_photo_alone_in_a_batch_and_after_others_gets_the_same_numbers(tmp_path: Path, encoder: Encoder) -> None:
    studio = made(tmp_path / "studio", encoder)
    photos = {f"{place} {fabric}.png": cloth(fabric, 60) for place, fabric in enumerate((*FABRICS, "strange"))}
    for name, photo in photos.items():
        save_photo(tmp_path / "folder" / name, photo)
    recognizer = Recognizer(studio, encoder)
    alone = {name: ask(studio, encoder, photo) for name, photo in photos.items()}
    for name in reversed(photos):
        after = recognizer.recognize(photos[name], top_k=500, rules_source="studio")
        assert numbers_of(after) == alone[name]
    report = recognise_folder(Recognizer(studio, encoder), tmp_path / "folder", JobContext())
    for result in report.results:
        single = Recognizer(studio, encoder).recognize(photos[result.photo.name])
        assert [(c.id, c.score, c.confidence) for c in result.candidates] == [
            (c.id, c.score, c.confidence) for c in single.candidates
        ]


def test_embeddings_do_not_depend_on_what_is_encoded_beside_them(encoder: Encoder) -> None:
    pictures = [cloth(fabric, 70, side=200 + 40 * number) for number, fabric in enumerate(FABRICS)]
    together = encoder.encode(pictures)
    for row, picture in zip(together, pictures, strict=True):
        assert row == pytest.approx(encoder.encode([picture])[0], abs=NEARLY)


def test_a_head_trained_twice_gives_the_same_numbers_to_the_last_bit(tmp_path: Path) -> None:
    answers = []
    for folder in ("one", "two"):
        studio = made(tmp_path / folder, DummyEncoder())
        for fabric in FABRICS:
            add_patches(studio, fabric, 8)
        train_head(studio, DummyEncoder(), JobContext())
        answers.append(ask(studio, DummyEncoder()))
    assert answers[0] == answers[1]
    assert all(values[4] is not None for fabric, values in answers[0].items() if fabric in FABRICS)
