"""Regions are there again when the photograph is, also after the program was killed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from fabric_desktop.imaging import content_hash
from fabric_desktop.samples.writer import GENERATOR
from fabric_desktop.studio import Studio
from fabric_desktop.studio.changes import Done, make_change
from fabric_desktop.studio.files import write_json
from fabric_desktop.studio.layout import SAMPLE_MARK
from fabric_desktop.studio.lock import OWNER_NAME
from fabric_desktop.studio.steps import MakeFolder
from fabric_desktop.ui.document import Stage
from fabric_desktop.ui.region_keeper import load_regions, regions_path
from tests.ui.conftest import Person


def test_regions_and_labels_are_there_again_at_the_next_start(
    person_with_bank: Person, studio: Studio, photo: Path, make_window: Callable[[Path], Person]
) -> None:
    person = person_with_bank
    person.click(150, 300)
    first = person.answered()
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: first.label is not None)
    person.click(750, 300)
    second = person.answered()
    person.settle()
    boxes = [first.box, second.box]
    person.window.close()
    person.window.bench.leave_studio()
    again = make_window(studio.root)
    again.open(photo)
    document = again.window.bench.document
    assert document is not None
    assert [region.box for region in document.regions] == boxes
    assert document.regions[0].label is not None
    assert document.regions[0].label.fabric_id == "denim"
    assert not document.undo_stack.canUndo(), "what was done in another sitting is not undone by accident"
    again.wait(lambda: all(region.stage is Stage.DONE for region in document.regions))


def test_every_finished_gesture_is_on_the_disk_before_the_next(
    person_with_bank: Person, studio: Studio, photo: Path
) -> None:
    person = person_with_bank
    digest = content_hash(photo)
    for count, x in enumerate((150, 450), start=1):
        person.click(x, 300)
        person.wait(lambda count=count: len(load_regions(studio, digest, (900, 600)).regions) == count)  # type: ignore[misc]
    person.answered()
    person.key(Qt.Key.Key_Delete)
    person.wait(lambda: len(load_regions(studio, digest, (900, 600)).regions) == 1)


def test_a_damaged_file_of_regions_keeps_nobody_from_their_photograph(
    person_with_bank: Person, studio: Studio, photo: Path, tmp_path: Path
) -> None:
    path = regions_path(studio, content_hash(photo))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"regions": [{"id": 3, "box": ["a"]}]}), encoding="utf-8")
    assert load_regions(studio, content_hash(photo), (900, 600)).regions == ()


def test_the_next_start_says_which_regions_and_labels_a_kill_has_left(
    person_with_bank: Person, studio: Studio, photo: Path, tmp_path: Path, make_window: Callable[[Path], Person]
) -> None:
    person = person_with_bank
    for x in (150, 450):
        person.click(x, 300)
        person.answered()
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: person.region.label is not None)
    person.settle()
    # What lies on the disk now is what a kill would leave.
    left = tmp_path / "studio 断电"
    shutil.copytree(studio.root, left)
    again = make_window(left)
    assert "There again: 2 regions on 1 photograph." in again.banner()
    assert "Kept: 1 label." in again.banner()
    (go_on,) = [button for button in again.window.banner.findChildren(QPushButton) if button.isVisible()]
    assert go_on.text() == f"Go on with {photo.name}"
    again.bot.mouseClick(go_on, Qt.MouseButton.LeftButton)
    again.wait(lambda: again.window.bench.document is not None and len(again.window.bench.document.regions) == 2)
    again.settle()
    assert not again.banner()


def test_what_a_kill_left_in_the_samples_is_said_too(
    studio: Studio, photo: Path, make_window: Callable[[Path], Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = {"drawn": True, "generator": GENERATOR, "seed": 1, "photographs": {}}
    write_json(studio.root / SAMPLE_MARK, mark)
    write_json(studio.root / OWNER_NAME, {"owner": "a person", "what": "window"})
    write_json(regions_path(studio, "0" * 64), {"regions": [{"id": "a", "box": [0, 0, 40, 40]}]})
    monkeypatch.setattr("fabric_desktop.ui.start.sample_root", lambda: studio.root)
    person = make_window(studio.root)
    assert "There again: 1 region on 1 photograph." in person.banner()
    person.open(photo)
    banner = person.window.banner
    above = person.window.stack.childAt(banner.rect().center())
    assert above is banner or banner.isAncestorOf(above), "the photograph must not lie over what is said"


def test_a_sitting_that_ended_in_good_order_leaves_nothing_to_say(
    person_with_bank: Person, studio: Studio, make_window: Callable[[Path], Person]
) -> None:
    person_with_bank.click(150, 300)
    person_with_bank.answered()
    person_with_bank.settle()
    person_with_bank.window.close()
    person_with_bank.window.bench.leave_studio()
    assert not make_window(studio.root).banner()


def test_the_next_start_says_what_was_recovered(studio: Studio, make_window: Callable[[Path], Person]) -> None:
    from fabric_desktop.studio import changes

    done = Done("accept", "accept", {"count": 2, "fabric": "denim"}, (MakeFolder("patches/labeled/denim"),))
    journal = changes.changes_dir(studio) / f"{done.id}.json"
    journal.parent.mkdir(parents=True, exist_ok=True)
    changes._write_journal(journal, done, changes._FORWARD)
    person = make_window(studio.root)
    assert "Brought to its end" in person.banner()
    assert "denim" in person.banner()
    assert make_change is changes.make_change
