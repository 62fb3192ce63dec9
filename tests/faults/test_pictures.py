"""More than three hundred bad or odd pictures: each is shown in its colours or refused with a reason."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fabric_desktop.cli import main
from fabric_desktop.errors import UnreadableImage
from fabric_desktop.wording import LANGS, explain
from tests.faults.odd_pictures import Odd, cut_off, depths, no_pictures, odd_pictures
from tests.faults.test_kill import child_environment

MOST_MEGABYTES = 1000
SECONDS = 10.0  # for one picture, on a machine with other things to do


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a process that opened all of them found; "" has its peak of memory."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("looking.py")), str(tmp_path_factory.mktemp("奇怪 odd"))],
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout.splitlines()[-1:] + [done.stderr[-4000:]]
    return {line.get("name", ""): line for line in map(json.loads, done.stdout.splitlines())}


@pytest.fixture(scope="module")
def odds() -> list[Odd]:
    """What must become of each, without its bytes."""
    return [replace(odd, data=b"") for odd in odd_pictures()]


def test_there_are_more_than_three_hundred_of_them(seen: dict[str, dict[str, Any]], odds: list[Odd]) -> None:
    names = [odd.name for odd in odds]
    assert len(names) == len(set(names)) > 300
    assert {*names, ""} == set(seen)


def test_none_takes_a_gigabyte_or_longer_than_anybody_waits(seen: dict[str, dict[str, Any]]) -> None:
    assert seen[""]["megabytes"] < MOST_MEGABYTES
    slow = {name: line["seconds"] for name, line in seen.items() if name and line["seconds"] > SECONDS}
    assert slow == {}


def test_each_is_opened_or_refused_as_it_must_be(seen: dict[str, dict[str, Any]], odds: list[Odd]) -> None:
    wrong = {}
    for odd in odds:
        found = seen[odd.name]
        if odd.opens is not None and odd.opens != ("refused" not in found):
            wrong[odd.name] = found
        elif "refused" not in found:
            whole = found["mode"] == "RGB" and found.get("answered", True)
            if not whole or (odd.size is not None and tuple(found["size"]) != odd.size):
                wrong[odd.name] = found
    assert wrong == {}


def test_colours_come_out_as_they_are_known_to_be(seen: dict[str, dict[str, Any]], odds: list[Odd]) -> None:
    """CMYK, 16-bit, float, ICC profiles, palettes, alpha, and the corners of turned photos."""
    wrong, count = {}, 0
    for odd in odds:
        if odd.pixel is None:
            continue
        count += 1
        pixel = seen[odd.name].get("pixel", (-99, -99, -99))
        if any(abs(got - known) > odd.within for got, known in zip(pixel, odd.pixel, strict=True)):
            wrong[odd.name] = (pixel, odd.pixel)
    assert wrong == {}
    assert count > 90


def test_every_reason_has_its_words(seen: dict[str, dict[str, Any]]) -> None:
    reasons = {line["refused"] for line in seen.values() if "refused" in line}
    assert {"truncated", "not_a_picture", "unsupported", "empty", "too_large"} <= reasons
    for reason in reasons:
        for lang in LANGS:
            explanation = explain(UnreadableImage(path="a.jpg", reason=reason), lang)
            assert "a.jpg" in explanation.what
            assert explanation.do


def test_a_person_who_asks_about_all_of_them_gets_answers_and_sentences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the command, in one go: a picture that cannot be used never stops the others, and shows no traceback."""
    some = [odd for kind in (cut_off, no_pictures, depths) for odd in kind()][::4]
    paths = []
    for odd in some:
        path = tmp_path / odd.name
        path.write_bytes(odd.data)
        paths.append(str(path))
    assert main(["recognize", *paths, "--method", "rules", "--json", "--studio", str(tmp_path)]) == 3
    told = capsys.readouterr()
    value = json.loads(told.out)
    assert len(value["results"]) + len(value["errors"]) == len(paths)
    for error in value["errors"]:
        assert error["photo"] in error["what"]
        assert error["do"]
    assert "Traceback" not in told.err
