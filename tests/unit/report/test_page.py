"""The report tells how recognition is getting on and what to do next, on one page that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fabric_desktop.errors import SaveFailed
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.loop import deploy, write_note
from fabric_desktop.names import FabricNames
from fabric_desktop.report import StudioProgress, gather_progress, report_page, write_report
from fabric_desktop.report.words import step_text
from fabric_desktop.studio import FabricInfo, Studio, save_info
from fabric_desktop.wording import LANGS
from tests.support import CountingEncoder, add_patches, cloth, make_studio, save_photo
from tests.unit.loop.scenes import FABRICS, label, label_wrongly, renewed, trained_studio

NOW = datetime(2031, 5, 4, 12, 30, tzinfo=UTC)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return trained_studio(tmp_path / "我的 <studio>")


def progress_of(studio: Studio) -> StudioProgress:
    return gather_progress(studio, CountingEncoder(), JobContext())


def page_of(studio: Studio, langs: Sequence[str] = LANGS) -> str:
    return report_page(studio, progress_of(studio), JobContext(), now=NOW, langs=langs)


class Outline(HTMLParser):
    """Checks that elements close in order, and keeps what matters."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]
        if tag not in ("meta", "img", "br", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def codes(progress: StudioProgress) -> list[str]:
    return [step.code for step in progress.steps]


def test_a_studio_with_nothing_in_it_has_a_page_too(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "empty")
    page = page_of(studio, ("en",))
    Outline(page)
    assert "No model is in use yet" in page
    assert "<svg" not in page


def test_the_page_needs_nothing_else_and_runs_nothing(studio: Studio) -> None:
    label_wrongly(studio, 2)
    outline = Outline(page_of(studio))
    assert "script" not in outline.tags
    assert outline.links
    assert all(link.startswith("data:image/jpeg;base64,") for link in outline.links)


def test_both_languages_are_on_the_page_or_the_one_asked_for(studio: Studio) -> None:
    both = page_of(studio)
    assert "各版本的准确率" in both
    assert "Accuracy by version" in both
    assert both.count('type="radio"') == 2
    only = page_of(studio, ("zh",))
    assert "Accuracy by version" not in only
    assert '<html lang="zh-CN">' in only
    with pytest.raises(ValueError, match="languages"):
        page_of(studio, ("fr",))
    with pytest.raises(ValueError, match="languages"):
        page_of(studio, ())


def test_the_accuracy_stands_with_its_count_and_interval(studio: Studio) -> None:
    write_note(studio, "v2", "after <the> fair")
    page = page_of(studio, ("en",))
    assert "Version v2 names 6 of 6 patches rightly at once: 100\u00a0%" in page
    assert "between 61\u00a0% and 100\u00a0%" in page
    assert "after &lt;the&gt; fair" in page
    assert re.search(r"<td>v1</td>.*<td>–</td>", page)
    assert "&lt;studio&gt;" in page
    assert "2031-05-04 12:30" in page


def test_names_are_in_the_language_of_the_page(studio: Studio) -> None:
    save_info(studio, FabricInfo(id="file", name_en="File cloth", name_zh="锉布"))
    assert "File cloth" in page_of(studio, ("en",))
    assert "锉布" in page_of(studio, ("zh",))


def test_labels_to_look_at_again_are_shown_with_their_picture(studio: Studio) -> None:
    (slip,) = label(studio, FABRICS[0], FABRICS[1], 1, 800)
    for fabric in FABRICS:
        label(studio, fabric, fabric, 6, 900)
    progress = progress_of(studio)
    assert progress.suspects is not None
    assert progress.suspects[0].path == slip
    assert codes(progress)[0] == "check_suspects"
    page = page_of(studio, ("en",))
    assert "data:image/jpeg;base64," in page
    assert f"patches/labeled/file/{slip.name}" in page


def test_without_an_encoder_the_page_says_what_is_missing_on_it(studio: Studio) -> None:
    progress = gather_progress(studio, None, JobContext())
    assert progress.suspects is None
    page = report_page(studio, progress, JobContext(), now=NOW, langs=("en",))
    assert "could not be checked" in page


def test_what_is_confused_comes_with_what_helps(studio: Studio) -> None:
    for fabric in FABRICS:
        label(studio, fabric, fabric, 5, 700)
    label(studio, FABRICS[0], FABRICS[1], 8, 800)
    deploy(studio, renewed(studio).new.name)
    progress = progress_of(studio)
    worst = progress.confusions[0]
    assert (worst.right, worst.other) == (FABRICS[1], FABRICS[0])
    assert 2 <= worst.count <= worst.asked
    assert worst.advice == "side_by_side"
    assert f"taken for {FABRICS[0]} {worst.count} of {worst.asked} times" in page_of(studio, ("en",)).replace(
        FabricNames(studio).name(FABRICS[0], "en"), FABRICS[0]
    )


def test_what_to_do_next_follows_from_the_studio(tmp_path: Path) -> None:
    studio = make_studio(tmp_path / "s", {"麻": 2, "full": 3})
    add_patches(studio, "full", 6, pieces=1)
    add_patches(studio, "bare", 20)
    save_photo(studio.unlabeled_dir / "waiting.png", cloth("full"))
    progress = progress_of(studio)
    found = {step.code: step for step in progress.steps}
    assert set(found) >= {"retrain", "no_references", "few_references", "queue", "few_labels", "one_swatch"}
    assert found["no_references"].fabrics == ("bare",)
    assert found["few_references"].fabrics == ("麻",)
    assert found["one_swatch"].fabrics == ("full",)
    assert found["retrain"].params == {"count": 26}
    names = FabricNames(studio)
    for lang in LANGS:
        assert all(step_text(step, names, lang) for step in progress.steps)
    assert "bare" in step_text(found["no_references"], names, "en")


def test_the_page_is_written_whole_or_not_at_all(studio: Studio, tmp_path: Path) -> None:
    target = tmp_path / "out" / "报告.html"
    write_report(studio, CountingEncoder(), target, JobContext(), langs=("en",))
    first = target.read_text(encoding="utf-8")
    Outline(first)
    stopped = JobContext()
    stopped.cancel()
    with pytest.raises(Cancelled):
        write_report(studio, CountingEncoder(), target, stopped)
    assert target.read_text(encoding="utf-8") == first
    (tmp_path / "a file").write_bytes(b"")
    with pytest.raises(SaveFailed):
        write_report(studio, None, tmp_path / "a file" / "report.html", JobContext())
