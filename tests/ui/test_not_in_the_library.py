"""A cloth that the library does not hold: no name for it, nothing said as if of it, and what may help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fabric_desktop.bank import build_bank
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.jobs import JobContext
from fabric_desktop.recognition import Unknown
from fabric_desktop.studio import Studio
from tests.ui.conftest import Person


def test_a_cloth_like_nothing_in_the_library_is_not_given_a_name(person_with_bank: Person) -> None:
    person = person_with_bank
    person.click(150, 300)
    region = person.answered()
    assert region.recognition is not None
    assert person.window.bench.document is not None
    region.recognition = replace(region.recognition, unknown=Unknown("far", {}))
    person.window.bench.document.touch(region)
    results = person.window.results
    assert results.rows[0].name.text() == "Not in your library"
    # The click took a small part of the photograph: what the references show may be more of the cloth.
    assert "take a larger region" in results.rows[0].against.text()


def test_what_is_declared_of_the_nearest_fabric_stands_under_its_name(
    make_window: Callable[[Path], Person], studio: Studio, photo: Path
) -> None:
    """Not as if it were said of the cloth in the picture."""
    (studio.fabrics_dir / "denim" / "fabric.toml").write_text('structure = "3/1 twill"\n', encoding="utf-8")
    build_bank(studio, DummyEncoder(), JobContext())
    person = make_window(studio.root)
    person.open(photo)
    person.click(150, 300)
    region = person.answered()
    assert region.recognition is not None
    region.recognition = replace(region.recognition, unknown=Unknown("far", {}))
    person.window.results.refresh()
    declared = person.window.results.declared
    assert declared.isVisible()
    assert declared.of.text() == region.recognition.candidates[0].name == "Denim"
    assert "3/1 twill" in declared.words.text()
