"""A list made in Excel, in Chinese or English, by anybody's habits, says what its author meant."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from fabric_desktop.errors import ListDamaged
from fabric_desktop.library.columns import COLUMNS, meaning_of
from fabric_desktop.library.lists import read_list

CHINESE = (
    "文件,面料,中文名,英文名,成分,组织,克重(g/m2),门幅,后整理,洗护,供应商,货号\n"
    "图/a.jpg,mian,棉布,Cotton,100%棉,平纹,120,1.5m,预缩,手洗,某厂,A-1\n"
)
ENGLISH = (
    "File;Fabric;Name (zh);Name (en);Fibre;Structure;Weight (gsm);Width;Finish;Care;Supplier;Article number\n"
    "a.jpg;mian;棉布;Cotton;100% cotton;plain;120;1.5 m;none;hand wash;Mill;A-1\n"
)


def written(path: Path, text: str, encoding: str) -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_a_chinese_list_is_read_in_every_encoding_excel_writes(tmp_path: Path, encoding: str) -> None:
    table = read_list(written(tmp_path / "清单.csv", CHINESE, encoding))
    assert table.unknown == ()
    assert table.rows[0].values == {
        "file": "图/a.jpg",
        "fabric": "mian",
        "name_zh": "棉布",
        "name_en": "Cotton",
        "fibre": "100%棉",
        "structure": "平纹",
        "weight": "120 g/m2",
        "width": "1.5m",
        "finish": "预缩",
        "care": "手洗",
        "supplier": "某厂",
        "article": "A-1",
    }


def test_an_english_list_with_semicolons_is_read(tmp_path: Path) -> None:
    table = read_list(written(tmp_path / "list.csv", ENGLISH, "utf-8-sig"))
    assert table.rows[0].values["weight"] == "120 gsm"
    assert len(table.rows[0].values) == 12


def test_every_column_has_a_heading_in_both_languages() -> None:
    for meaning in COLUMNS:
        assert meaning_of(meaning.replace("_", " ")) == meaning
    assert [meaning_of(text) for text in ("成份", "COMPOSITION", "货 号：", "Art. No.", "面料名称 / Fabric name")] == [
        "fibre",
        "fibre",
        "article",
        "article",
        "name",
    ]
    assert meaning_of("花型") is None


def test_a_workbook_with_a_title_merged_cells_numbers_and_dates_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    sheet = book.create_sheet("面料")
    sheet.append(["2025 秋冬面料", None, None])
    sheet.append([])
    sheet.append(["货号", "图片", "克重", "颜色", "备注"])
    sheet.append([1204, "a.jpg", 180.0, "红", date(2025, 3, 1)])
    sheet.append([None, "b.jpg", None, None, None])
    sheet.append(["B-2", "c.jpg", 0.5, None, None])
    sheet.merge_cells("A4:A5")
    sheet.merge_cells("A1:C1")
    book.save(tmp_path / "list.xlsx")
    table = read_list(tmp_path / "list.xlsx")
    assert table.unknown == ("颜色",)
    assert [(row.line, row.values) for row in table.rows] == [
        (4, {"article": "1204", "file": "a.jpg", "weight": "180", "notes": "2025-03-01"}),
        (5, {"article": "1204", "file": "b.jpg"}),
        (6, {"article": "B-2", "file": "c.jpg", "weight": "0.5"}),
    ]


def test_a_row_without_a_fabric_belongs_to_the_row_above_as_in_a_sheet_saved_as_csv(tmp_path: Path) -> None:
    table = read_list(written(tmp_path / "l.csv", "fabric,file\ncotton,a.jpg\n,b.jpg\n\nsilk,c.jpg\n", "utf-8"))
    assert [(row.values["fabric"], row.filled) for row in table.rows] == [
        ("cotton", False),
        ("cotton", True),
        ("silk", False),
    ]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("l.csv", b"", "no_header"),
        ("l.csv", b"one,two\n1,2\n", "no_header"),
        ("l.csv", b"file,fabric\n", "empty"),
        ("l.csv", b"\xff\xfe\x00", "not_text"),
        ("l.csv", bytes(range(256)) * 4, "not_text"),
        ("l.pdf", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj", "not_a_table"),
        ("l.jpg", b"\xff\xd8\xff\xe0 half a photo", "not_a_table"),
        ("l.xlsx", b"PK\x03\x04 half a workbook", "damaged"),
        ("l.xlsx", b"file,fabric\na,b\n", "damaged"),
        ("l.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old_excel"),
        ("l.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old_excel"),
    ],
)
def test_a_list_that_cannot_be_used_says_why(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ListDamaged) as damaged:
        read_list(tmp_path / name)
    assert damaged.value.params["reason"] == reason


def test_a_list_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ListDamaged) as damaged:
        read_list(tmp_path / "none.csv")
    assert damaged.value.params["reason"] == "missing"
