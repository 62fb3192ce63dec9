"""Reads a person's list of photos and fabrics: CSV in the encodings of Excel, or an Excel workbook. Copies nothing."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from fabric_desktop.errors import ListDamaged
from fabric_desktop.library.columns import Column, in_unit, read_header

_LIMIT = 50_000_000  # bytes; a list of 100,000 photos is a tenth of that
_HEADER_WITHIN = 15  # rows; above the headings people put a title, a date, a logo
# What people hand over in place of a list: PDF, RTF, JPEG, PNG.
_NO_LISTS = (b"%PDF-", b"{\\rtf", b"\xff\xd8\xff", b"\x89PNG")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and .xlsx with a password
_FILLS_DOWN = ("fabric", "article", "name", "name_zh", "name_en")
# A sheet that somebody formatted down to row 1,048,576 ends where its rows do.
_EMPTY_ROWS = 1000
_ROWS, _COLUMNS = 200_000, 256
_UNPACKED_LIMIT = 200_000_000  # bytes of XML
_TAGS = 8_000_000  # a list of 100,000 photos in ten columns has four million
_CELLS = 2_000_000  # each takes some 300 bytes while it is read
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_MERGES = 20_000
_MERGED = re.compile(r"<(?:\w+:)?mergeCell\s[^>]{0,200}?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
_EXCEL = frozenset({".xlsx", ".xlsm", ".xltx"})
LIST_ENDINGS = _EXCEL | {".xls", ".csv", ".tsv", ".txt"}
"""Endings by which a file is taken for a list before it is opened; lower case."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row: the line it stands on (from 1), and what its known columns say; empty cells are left out.

    `filled` says that the fabric was taken from the row above, as merged cells mean.
    """

    line: int
    values: dict[str, str] = field(default_factory=dict)
    filled: bool = False


@dataclass(frozen=True, slots=True)
class PhotoList:
    """A list that was read: its rows, the meanings its headings have, and the headings that mean nothing here."""

    path: Path
    rows: tuple[ListRow, ...]
    columns: tuple[str, ...]
    unknown: tuple[str, ...]


def read_list(path: Path) -> PhotoList:
    """Read a list by its ending: .xlsx (the first sheet that has headings) or text (UTF-8, UTF-16 or GBK; comma,
    semicolon or tab).

    Raises ListDamaged(path, reason: missing, no_permission, too_large, not_text, old_excel, not_a_table, damaged,
    no_header, empty; detail).
    """
    data = _bytes_of(path)
    if data.startswith(_OLE) or path.suffix.lower() == ".xls":
        raise ListDamaged(path=str(path), reason="old_excel")
    sheets = _workbook(path, data) if data.startswith(b"PK") or path.suffix.lower() in _EXCEL else [_csv(path, data)]
    for cells in sheets:
        found = _read_rows(path, cells)
        if found is not None:
            return found
    raise ListDamaged(path=str(path), reason="no_header")


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LIMIT:
            raise ListDamaged(path=str(path), reason="too_large")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ListDamaged(path=str(path), reason="missing") from error
    except IsADirectoryError as error:
        raise ListDamaged(path=str(path), reason="not_a_table") from error
    except OSError as error:
        raise ListDamaged(path=str(path), reason="no_permission") from error


def _csv(path: Path, data: bytes) -> list[tuple[int, list[str]]]:
    text = _text(path, data)
    if text.count("\n") + text.count("\r") > 2 * _ROWS:
        raise ListDamaged(path=str(path), reason="too_large")
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.strip().lower().startswith("sep="):  # Excel's own hint
        delimiter, text, skipped = first.strip()[4:5] or ",", rest, 1
    else:
        top = text[:4000]
        delimiter = max(",;\t", key=lambda mark: (top.count(mark), mark == ","))
    if any(line.count(delimiter) > _COLUMNS for line in text.splitlines()):
        raise ListDamaged(path=str(path), reason="not_a_table")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        return [(reader.line_num + skipped, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise ListDamaged(path=str(path), reason="not_a_table", detail=str(error)) from error


def _text(path: Path, data: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else the encodings of Chinese Windows (GB 18030 holds GBK)."""
    if data.startswith(_NO_LISTS):
        raise ListDamaged(path=str(path), reason="not_a_table")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ListDamaged(path=str(path), reason="not_text")


def _workbook(path: Path, data: bytes) -> Iterator[list[tuple[int, list[str]]]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _require_bounded(path, archive)
            # Values, not formulas; streamed, since whole sheets are ten times as large, and a merged range or a cell in
            # the last corner would be filled up cell by cell.
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            try:
                sheets = [_sheet(path, archive, sheet) for sheet in book.worksheets]
            finally:
                book.close()
    except ListDamaged:
        raise
    except MemoryError as error:
        raise ListDamaged(path=str(path), reason="too_large") from error
    except Exception as error:  # zipfile, the XML reader and openpyxl raise nearly anything on damaged data
        raise ListDamaged(path=str(path), reason="damaged", detail=str(error)) from error
    yield from sheets


def _require_bounded(path: Path, archive: zipfile.ZipFile) -> None:
    """Raise ListDamaged(too_large) for more than a list of photos has: a small .xlsx can hold endless repetition."""
    entries = archive.infolist()
    tags = cells = 0
    if sum(entry.file_size for entry in entries) <= _UNPACKED_LIMIT:
        for entry in entries:
            if entry.filename.lower().endswith((".xml", ".rels")):
                with archive.open(entry) as stream:
                    while chunk := stream.read(1 << 20):
                        tags += chunk.count(b"<")
                        cells += sum(1 for _ in _CELL.finditer(chunk))
        if tags <= _TAGS and cells <= _CELLS:
            return
    raise ListDamaged(path=str(path), reason="too_large")


def _sheet(path: Path, archive: zipfile.ZipFile, sheet: Any) -> list[tuple[int, list[str]]]:
    rows: list[list[str]] = []
    empty = 0
    for row in sheet.iter_rows(values_only=True, max_col=_COLUMNS):
        rows.append([_cell(value) for value in row])
        empty = 0 if any(rows[-1]) else empty + 1
        if empty == _EMPTY_ROWS:
            break
        if len(rows) > _ROWS:
            raise ListDamaged(path=str(path), reason="too_large")
    for column, first, last in _merged_down(archive, sheet):
        for row_number in range(first, min(last, len(rows))):
            above, below = rows[first - 1], rows[row_number]
            if column <= min(len(above), len(below)):
                below[column - 1] = above[column - 1]
    return list(enumerate(rows, start=1))


def _merged_down(archive: zipfile.ZipFile, sheet: Any) -> list[tuple[int, int, int]]:
    """Cells merged down several rows of one column, which is what a list means: column, first and last row, from 1.

    A title merged across columns is not. openpyxl's streaming reader passes merged cells over.
    """
    from openpyxl.utils import column_index_from_string

    try:
        text = archive.read(sheet._worksheet_path).decode("utf-8", "replace")
    except KeyError:
        return []
    found = []
    for left, first, right, last in _MERGED.findall(text):
        if left == right and int(first) < int(last):
            found.append((column_index_from_string(left), int(first), int(last)))
    return found[:_MERGES]


def _cell(value: object) -> str:
    """A cell as a person reads it: whole numbers without a point, dates as ISO."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _read_rows(path: Path, cells: Sequence[tuple[int, list[str]]]) -> PhotoList | None:
    filled = [(line, row) for line, row in cells if any(row)]
    for place, (_, row) in enumerate(filled[:_HEADER_WITHIN]):
        columns = read_header(row)
        if columns:
            known = {column.index for column in columns}
            unknown = tuple(cell for index, cell in enumerate(row) if cell and index not in known)
            rows = tuple(_values(columns, filled[place + 1 :]))
            if not rows:
                raise ListDamaged(path=str(path), reason="empty")
            return PhotoList(path, rows, tuple(column.meaning for column in columns), unknown)
    return None


def _values(columns: Sequence[Column], rows: Sequence[tuple[int, list[str]]]) -> Iterator[ListRow]:
    above: dict[str, str] = {}
    for line, row in rows:
        values = {
            column.meaning: in_unit(column, row[column.index])
            for column in columns
            if column.index < len(row) and row[column.index]
        }
        if not values:
            continue
        own = {name: values[name] for name in _FILLS_DOWN if name in values}
        if own:
            above = own
        yield ListRow(line, values if own else above | values, filled=not own and bool(above))
