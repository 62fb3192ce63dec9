"""What leaves the program opens rightly in Excel, in a browser and in a script, and can do no harm there."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

from fabric_desktop.batch.exporting import FORMATS, export_batch, guarded
from fabric_desktop.batch.results import BatchReport, NamedFabric, PhotoResult, as_json, from_json
from fabric_desktop.batch.table import batch_table
from fabric_desktop.errors import SaveFailed
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.notices import Notice
from fabric_desktop.studio import FabricInfo, Studio, open_studio, save_info
from fabric_desktop.wording import LANGS
from tests.support import cloth, save_photo

EVIL = "=HYPERLINK(1) <img src=x onerror=alert(1)> & \"'.png"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = open_studio(tmp_path / "s", create=True)
    save_photo(studio.fabrics_dir / "silk" / "ref.png", cloth("silk"))
    save_info(
        studio,
        FabricInfo(id="silk", name_zh="真丝缎", name_en="Silk satin", article="+86 1204", fibre="<b>100% silk</b>"),
    )
    return studio


@pytest.fixture
def report(studio: Studio, tmp_path: Path) -> BatchReport:
    folder = tmp_path / "照片"
    first = save_photo(folder / EVIL.replace("/", "_"), cloth("silk", 1))
    second = save_photo(folder / "more" / "b.png", cloth("wool", 1))
    silk = NamedFabric("silk", 0.9, 0.934, 0.5, -0.25, None, "fabrics/silk/ref.png", -0.25)
    wool = NamedFabric("wool", 0.1, 0.05)
    return BatchReport(
        folder=folder,
        results=(
            PhotoResult(
                first, "h1", (240, 240), (silk, wool), colors=(("blue", "#123456", 0.7), ("white", "#ffffff", 0.3))
            ),
            PhotoResult(second, "h2", (240, 240), (wool, silk), unknown="far"),
            PhotoResult(folder / "broken.jpg", error="truncated"),
            PhotoResult(folder / "gone.jpg", "h3", (9, 9), (NamedFabric("wool", 0.5, 0.3),)),
        ),
        method="fused",
        alpha=0.1,
        encoder="dummy",
        version="v3",
        calibrated=True,
        seconds=2.0,
        notices=(Notice("few_references", {}),),
    )


def export(report: BatchReport, studio: Studio, path: Path, lang: str = "zh") -> Path:
    size = export_batch(report, path, studio, lang, JobContext())
    assert path.stat().st_size == size
    return path


def test_chinese_excel_opens_the_csv_by_a_double_click(report: BatchReport, studio: Studio, tmp_path: Path) -> None:
    data = export(report, studio, tmp_path / "out.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in data
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[0][:6] == ["文件", "文件夹", "面料", "面料 id", "置信度", "把握"]
    assert rows[1][2:6] == ["真丝缎", "silk", "0.9340", "确定"]
    assert rows[2][1:6] == ["more", "", "", "", "未收录"]
    assert rows[3][-1] == "图片已损坏或不完整"
    assert {len(row) for row in rows} == {len(rows[0])}


def test_a_file_name_never_becomes_a_formula(report: BatchReport, studio: Studio, tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(export(report, studio, tmp_path / "o.csv").read_text("utf-8-sig"), newline="")))
    article = rows[0].index("货号（填写）")
    assert rows[1][0] == "'" + EVIL.replace("/", "_")
    assert rows[1][article] == "'+86 1204"
    similarity = rows[0].index("相似度")
    assert rows[1][similarity] == "-0.2500"  # a number is no formula
    book = openpyxl.load_workbook(export(report, studio, tmp_path / "o.xlsx"))
    cell = book.worksheets[0]["A2"]
    assert (cell.value, cell.data_type) == (EVIL.replace("/", "_"), "s")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "＠x"])
def test_every_beginning_of_a_formula_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert guarded(f"a{text}") == f"a{text}"


@pytest.mark.parametrize("lang", LANGS)
def test_the_workbook_has_numbers_filters_and_says_what_it_was_made_with(
    report: BatchReport, studio: Studio, tmp_path: Path, lang: str
) -> None:
    book = openpyxl.load_workbook(export(report, studio, tmp_path / "o.xlsx", lang))
    sheet, about = book.worksheets
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref is not None
    assert sheet["E2"].value == pytest.approx(0.934)
    assert sheet["E2"].number_format == "0%"
    assert sheet["E3"].value is None
    said = {row[0].value: row[1].value for row in about.iter_rows()}
    assert "v3" in said.values()
    assert any("photo" in str(text) or "照片" in str(text) for text in said.values())


def test_names_that_are_no_valid_text_do_not_stop_a_report(studio: Studio, tmp_path: Path) -> None:
    odd = tmp_path / "a\x07b\udcff.png"
    report = BatchReport(tmp_path, (PhotoResult(odd, error="missing"),), "rules", 1.0, "builtin", "", False, 0.0)
    for ending in FORMATS:
        assert export(report, studio, tmp_path / f"out{ending}").stat().st_size > 0
    json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))


def test_the_json_holds_everything_under_the_same_keys_in_both_languages(
    report: BatchReport, studio: Studio, tmp_path: Path
) -> None:
    values = {
        lang: json.loads(export(report, studio, tmp_path / f"{lang}.json", lang).read_text("utf-8")) for lang in LANGS
    }
    zh, en = values["zh"], values["en"]
    assert zh.keys() == en.keys()
    assert (zh["photos"], zh["version"], zh["words"]) == (4, "v3", {"sure": 1, "unsure": 1, "unknown": 1, "failed": 1})
    first = zh["results"][0]
    assert (first["candidates"][0]["name"], en["results"][0]["candidates"][0]["name"]) == ("真丝缎", "Silk satin")
    assert first["candidates"][0]["retrieval"] == -0.25
    assert "head" not in first["candidates"][0]
    assert zh["results"][2]["error"] == "truncated"


class Page(HTMLParser):
    """What a browser would load and run of a page, and what a person reads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href", "data", "srcset")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_is_self_contained_and_runs_nothing(
    report: BatchReport, studio: Studio, tmp_path: Path, lang: str
) -> None:
    page = Page(export(report, studio, tmp_path / "out.html", lang).read_text(encoding="utf-8"))
    assert page.handlers == []
    assert not {"script", "link", "iframe", "object", "form"} & set(page.tags)
    assert all(source.startswith(("data:image/jpeg;base64,", "#f")) for source in page.sources)
    assert page.tags.count("img") == 3  # two photos and the reference that spoke; one photo has gone
    assert EVIL.replace("/", "_") in page.text
    assert "<b>100% silk</b>" in page.text
    for word in ("真丝缎", "Silk satin", "more/b.png", "broken.jpg", "93%" if lang == "zh" else "93 %"):
        assert word in page.text


def test_in_a_fabrics_section_what_needs_a_look_comes_first(studio: Studio, tmp_path: Path) -> None:
    results = tuple(
        PhotoResult(tmp_path / f"{name}.jpg", name, (9, 9), (NamedFabric("silk", 1.0, confidence),))
        for name, confidence in (("certain", 0.95), ("doubtful", 0.4), ("likely", 0.7))
    )
    report = BatchReport(tmp_path, results, "fused", 0.1, "dummy", "v1", False, 0.0)
    text = export(report, studio, tmp_path / "out.html").read_text(encoding="utf-8")
    assert text.index("doubtful.jpg") < text.index("likely.jpg") < text.index("certain.jpg")


def test_a_folder_of_which_most_is_unlike_the_library_says_what_would_help(
    report: BatchReport, studio: Studio, tmp_path: Path
) -> None:
    assert not report.far_from_library, "one of three"
    silk, wool, broken, _ = report.results
    far = replace(report, results=(wool, broken, wool))
    assert far.far_from_library
    assert replace(report, results=(silk, wool, broken)).far_from_library, "half of what could be used"
    assert not replace(report, results=(broken,)).far_from_library
    page = Page(export(far, studio, tmp_path / "far.html").read_text(encoding="utf-8"))
    assert "按 R 就能作为参考图" in page.text
    assert "th" not in page.tags, "a table without a row"
    page = Page(export(report, studio, tmp_path / "near.html").read_text(encoding="utf-8"))
    assert "按 R 就能作为参考图" not in page.text
    assert "th" in page.tags


def test_an_unknown_ending_is_a_mistake_and_a_failed_save_leaves_the_old_file(
    report: BatchReport, studio: Studio, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="pdf"):
        export_batch(report, tmp_path / "out.pdf", studio, "en", JobContext())
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(SaveFailed):
        export_batch(report, tmp_path / "file" / "out.csv", studio, "en", JobContext())


def test_a_long_report_can_be_cancelled_and_leaves_no_half_file(
    report: BatchReport, studio: Studio, tmp_path: Path
) -> None:
    def stop(progress: Progress) -> None:
        context.cancel()

    context = JobContext(stop)
    with pytest.raises(Cancelled):
        export_batch(report, tmp_path / "out.html", studio, "en", context)
    assert not (tmp_path / "out.html").exists()


def test_the_table_of_the_window_has_the_same_columns_in_both_languages(report: BatchReport, studio: Studio) -> None:
    zh, en = (batch_table(report, studio, lang) for lang in ("zh", "en"))
    assert zh.codes == en.codes
    assert zh.headings != en.headings
    assert {len(row) for row in zh.rows} == {len(zh.codes)}


def test_declared_types_have_columns_of_their_own_only_where_somebody_declared_them(
    report: BatchReport, studio: Studio, tmp_path: Path
) -> None:
    assert not {"type", "structure"} & set(batch_table(report, studio, "en").codes)
    (studio.fabrics_dir / "silk" / "fabric.toml").write_text(
        'type = "Denim"\nstructure = "3/1 twill"', encoding="utf-8"
    )
    first, unknown = report.results[0], replace(report.results[1], types=(("denim", 0.08),))
    typed = replace(first, types=(("denim", 0.95),), structures=(("twill", 0.9),))
    known = replace(report, results=(typed, unknown, *report.results[2:]))
    table = batch_table(known, studio, "en")
    rows = [dict(zip(table.codes, row, strict=True)) for row in table.rows]
    assert (rows[0]["type"], rows[0]["structure"]) == ("Denim (95 %)", "Twill weave (90 %)")
    assert rows[1]["type"] == ""  # a cloth that the library does not hold has no type
    assert "牛仔布 (95%)" in export(known, studio, tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    value = json.loads(export(known, studio, tmp_path / "out.json", "en").read_text(encoding="utf-8"))
    assert value["results"][0]["types"] == [{"id": "denim", "name": "Denim", "confidence": 0.95}]


def test_a_kept_result_comes_back_with_its_types(report: BatchReport) -> None:
    typed = replace(report.results[0], types=(("denim", 0.95),), structures=(("twill", 0.9), ("plain", 0.1)))
    assert from_json(typed.photo, json.loads(json.dumps(as_json(typed)))) == typed
