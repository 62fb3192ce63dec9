"""A region that was removed is gone from the photograph, at whatever zoom it was made and removed."""

from __future__ import annotations

from fabric_desktop.ui.canvas.region_item import RegionItem
from tests.ui.conftest import Person

MADE = 40


def make_regions(person: Person) -> list[RegionItem]:
    """Regions all over the photograph; their items, held so that a scene that keeps one cannot crash the test."""
    bench, canvas = person.window.bench, person.window.canvas
    for number in range(MADE):
        bench.pick(20 + number * 21 % 880, 40 + number * 13 % 520, 24)
    person.settle()
    document = bench.document
    assert document is not None
    items = [canvas.item_of(region.id) for region in document.regions]
    assert len(items) == MADE
    return [item for item in items if item is not None]


def remove_all(person: Person) -> None:
    while person.window.bench.region is not None:
        person.window.bench.delete_region()


def test_a_region_removed_after_a_zoom_is_never_drawn_again(person_with_bank: Person) -> None:
    """A region reaches over its box by screen pixels, so its bounds change with the zoom. An index of bounds in the
    scene looked for it at the wrong place, kept it, and drew it when it was gone: the window crashed."""
    canvas = person_with_bank.window.canvas
    items = make_regions(person_with_bank)
    for _ in range(6):
        canvas.zoom_out()
        canvas.grab()  # what is drawn at this zoom is what an index would hold
    for _ in range(12):
        canvas.zoom_in()
    remove_all(person_with_bank)
    canvas.fit()
    everywhere = canvas.sceneRect().adjusted(-9000, -9000, 9000, 9000)
    seen = {id(item) for item in canvas.scene().items(everywhere)}
    kept = [item.region_id for item in items if id(item) in seen]
    assert kept == []
    assert not any(item.scene() for item in items)
