"""The references beside a patch: no click waits for them, none is loaded twice, and a large photo's looks as it is."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage

from fabric_desktop.recognizer import Recognizer
from fabric_desktop.ui import answers, titles
from fabric_desktop.ui.swatches import load_swatch, shown_scale, swatch_picture
from tests.ui.conftest import Person, cloth


def test_the_next_click_does_not_wait_for_the_references_of_the_last_one(
    person_with_bank: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, gate, events, loaded = person_with_bank, threading.Event(), list[str](), list[Path]()
    observe = Recognizer.observe

    def slow(photo: Path, size: tuple[int, int]) -> QImage | None:
        events.append("swatch")
        loaded.append(photo)
        assert gate.wait(20)
        return load_swatch(photo, size)

    def noted(recognizer: Recognizer, *given: object) -> object:
        events.append("click")
        return observe(recognizer, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(answers, "load_swatch", slow)
    monkeypatch.setattr(Recognizer, "observe", noted)
    person.click(150, 300)
    person.wait(lambda: "swatch" in events)
    person.click(450, 300)
    jobs = person.window.bench.runner._by_number
    person.wait(lambda: any(entry.title == titles.RECOGNISE for entry in jobs.values()))
    gate.set()
    person.answered()
    person.settle()
    assert events[:3] == ["click", "swatch", "click"]
    assert len(loaded) == len(set(loaded)) == 9


@pytest.mark.parametrize("turned", [False, True])
def test_a_large_photo_is_shown_as_if_it_had_been_decoded_whole(tmp_path: Path, turned: bool) -> None:
    wide = Image.new("RGB", (1300, 900))
    for place, fabric in enumerate(("denim", "wool")):
        wide.paste(cloth(fabric, place).resize((650, 900)), (650 * place, 0))
    exif = Image.Exif()
    exif[0x0112] = 6 if turned else 1
    wide.save(tmp_path / "large.jpg", quality=95, exif=exif)
    (wide.transpose(Image.Transpose.ROTATE_270) if turned else wide).save(tmp_path / "large.png")
    size = (900, 880)
    assert shown_scale(size) < 0.5
    shown, whole = (_pixels(swatch_picture(tmp_path / name, size)) for name in ("large.jpg", "large.png"))
    assert shown.shape == whole.shape
    assert np.abs(shown - whole).mean() < 4


def test_a_reference_that_has_gone_is_left_out(tmp_path: Path) -> None:
    assert load_swatch(tmp_path / "gone.jpg", (100, 100)) is None


def _pixels(image: QImage) -> np.ndarray:
    """(height, width, 4) as numbers that can be subtracted."""
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).astype(int)
