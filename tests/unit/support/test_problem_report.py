"""What is sent for help holds what helps, and nothing that a person would not show to a stranger."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from fabric_desktop import logs
from fabric_desktop.errors import FileTrouble, SaveFailed
from fabric_desktop.studio import Studio, open_studio
from fabric_desktop.support.findings import Finding
from fabric_desktop.support.problem_report import gather, photo_part, settings_without_secrets, write

SECRET = "hunter2"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = open_studio(tmp_path / "my studio", create=True)
    studio.settings_path.write_text(
        f'mirror = "https://me:{SECRET}@mirror.example/path?token={SECRET}"\n'
        f'encoder = "local-dir:/home/somebody/models/best"\ntop_k = 7\nhub_token = "{SECRET}"\n',
        encoding="utf-8",
    )
    return studio


def all_text(parts: object) -> str:
    return "\n".join(part.text() for part in parts)  # type: ignore[attr-defined]


def test_settings_come_without_secrets_and_without_what_nobody_knows(studio: Studio) -> None:
    text = settings_without_secrets(studio)
    assert "top_k = 7" in text
    assert "https://mirror.example" in text
    assert "# hub_token = ..." in text
    assert SECRET not in text
    assert "/home/somebody" not in text
    assert "…/best" in text


@pytest.mark.parametrize("mirror", [f"bob:{SECRET}@host", f"HTTPS://bob:{SECRET}@host/x"])
def test_an_address_written_otherwise_than_it_should_be_gives_nothing_away(studio: Studio, mirror: str) -> None:
    studio.settings_path.write_text(f'mirror = "{mirror}"', encoding="utf-8")
    text = settings_without_secrets(studio)
    assert SECRET not in text
    assert "# mirror = ..." in text


def test_damaged_settings_are_told_and_not_copied(studio: Studio) -> None:
    studio.settings_path.write_text(f"token = {SECRET}", encoding="utf-8")
    assert SECRET not in settings_without_secrets(studio)


def test_a_report_holds_log_versions_settings_and_the_doctors_answer(studio: Studio) -> None:
    logs.folder().mkdir(parents=True)
    (logs.folder() / "window.log").write_text("2026 ERROR it broke\n", encoding="utf-8")
    findings = [Finding("python", "ok", "good", {"version": "3.11", "program": "1", "system": "Linux"})]
    parts = gather(studio, findings, "zh", message="  我点了保存，什么都没有发生  ")
    names = [part.name for part in parts]
    assert names == ["message.txt", "versions.txt", "settings.txt", "doctor.txt", "doctor.json", "logs/window.log"]
    text = all_text(parts)
    for wanted in ("我点了保存", "it broke", "numpy", "top_k = 7", "Python 3.11"):
        assert wanted in text


def test_no_path_outside_the_studio_is_in_it(studio: Studio, tmp_path: Path) -> None:
    away = tmp_path / "customers" / "secret coat.jpg"
    logs.folder().mkdir(parents=True)
    (logs.folder() / "commands.log").write_text(f"WARNING '{away}' is no picture\n", encoding="utf-8")
    finding = Finding("studio", "ok", "good", {"path": str(studio.root), "fabrics": 1, "photos": 3})
    parts = gather(studio, [finding], "en")
    assert str(tmp_path) not in all_text(parts)
    assert "customers" not in all_text(parts)
    assert "secret coat.jpg" in all_text(parts)


def test_no_picture_is_in_it_unless_it_was_added(studio: Studio) -> None:
    folder = studio.fabrics_dir / "silk"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"\xff\xd8\xff picture")
    assert all(part.is_text for part in gather(studio, [], "en"))


def test_nobody_who_works_in_the_studio_is_named(studio: Studio) -> None:
    finding = Finding("lock", "warning", "taken", {"owner": "wang@atelier-3 (window)"})
    assert "wang" not in all_text(gather(studio, [finding], "en"))
    assert "atelier-3" not in all_text(gather(studio, [finding], "zh"))


def test_a_long_log_keeps_its_end_and_loses_no_line_of_it(studio: Studio) -> None:
    logs.folder().mkdir(parents=True)
    lines = [f"2026-11-24 INFO line {number:06d}\n" for number in range(20_000)]
    (logs.folder() / "window.log").write_text("".join(lines), encoding="utf-8")
    kept = gather(studio, [], "en")[-1].text().splitlines(keepends=True)
    assert 5_000 < len(kept) < 20_000
    assert kept == lines[-len(kept) :]


def test_it_is_written_as_one_zip_that_says_what_is_in_it(studio: Studio, tmp_path: Path) -> None:
    target = tmp_path / "for help.zip"
    parts = gather(studio, [], "en", message="it broke")
    size = write(parts, target, "en")
    assert target.stat().st_size == size
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {"README.txt", *(part.name for part in parts)}
        about = archive.read("README.txt").decode()
        for part in parts:
            assert f"{part.name}: " in about
            assert archive.read(part.name) == part.data


def test_a_report_that_cannot_be_written_leaves_the_older_file(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SaveFailed):
        write(gather(studio, [], "en"), tmp_path / "file" / "report.zip", "en")


def test_a_photograph_comes_under_a_name_that_tells_nothing(tmp_path: Path) -> None:
    photo = tmp_path / "Customer Li, autumn 27.JPG"
    photo.write_bytes(b"picture")
    part = photo_part(photo)
    assert (part.name, part.data, part.is_text) == ("photograph.jpg", b"picture", False)
    with pytest.raises(FileTrouble):
        photo_part(tmp_path / "gone.jpg")
