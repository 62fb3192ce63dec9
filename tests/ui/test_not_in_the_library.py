"""A cloth that the library does not hold: no name for it, nothing said as if of it, and what may help."""

from __future__ import annotations

from dataclasses import replace

from fabric_desktop.recognition import Unknown
from fabric_desktop.studio.info import FabricInfo
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
    # What is declared of the nearest fabric stands under that fabric's name, not as if it were said of this cloth.
    nearest = region.recognition.candidates[0]
    results.declared.show_info(nearest.name, FabricInfo(nearest.id, structure="twill"))
    assert results.declared.of.text() == nearest.name == "Denim"
    assert "twill" in results.declared.words.text()
