"""The history says which version was in use when, also after a kill between its line and the name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fabric_desktop.studio import Studio, Version, create_version, use_version
from fabric_desktop.studio.history import history_path, read_history
from tests.support import make_studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return make_studio(tmp_path / "我的 studio")


def version(studio: Studio) -> Version:
    return create_version(studio, lambda folder: None, {"parts": {}})


def names(studio: Studio) -> list[str]:
    return [use.version for use in read_history(studio)]


def test_a_studio_without_versions_has_no_history(studio: Studio) -> None:
    assert read_history(studio) == []


def test_every_change_is_remembered_going_back_too(studio: Studio) -> None:
    for _ in range(3):
        version(studio)
    for name in ("v1", "v3", "v2", "v3"):
        use_version(studio, name)
    assert names(studio) == ["v1", "v3", "v2", "v3"]
    assert len(history_path(studio).read_text("utf-8").splitlines()) == 4


def test_a_line_whose_version_never_came_in_use_does_not_count(studio: Studio) -> None:
    version(studio)
    use_version(studio, "v1")
    with history_path(studio).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"version": "v2", "since": "2026-01-01T00:00:00+00:00"}) + "\n")
    assert names(studio) == ["v1"]
    version(studio)
    use_version(studio, "v2")
    assert names(studio) == ["v1", "v2"]


def test_a_version_put_in_use_by_an_older_program_is_added(studio: Studio) -> None:
    version(studio)
    use_version(studio, "v1")
    studio.current_path.write_text('{"version": "v1", "since": "2031-01-01T00:00:00+00:00"}', encoding="utf-8")
    assert names(studio) == ["v1", "v1"]


def test_lines_that_say_nothing_are_passed_over(studio: Studio) -> None:
    version(studio)
    use_version(studio, "v1")
    good = history_path(studio).read_bytes()
    history_path(studio).write_bytes(b'\xff\xfe\n{"version": 3, "since": 4}\n[]\n' + b"[" * 100_000 + b"\n" + good)
    assert names(studio) == ["v1"]


def test_a_name_that_was_in_use_is_not_given_again(studio: Studio) -> None:
    version(studio)
    made = version(studio)
    use_version(studio, "v2")
    use_version(studio, "v1")
    made.path.rename(studio.root / "elsewhere")
    assert version(studio).name == "v3"
