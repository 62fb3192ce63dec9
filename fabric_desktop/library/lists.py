"""Reads a person's list of photos and fabrics: CSV in the encodings of Excel, or an Excel workbook. Copies nothing."""

from __future__ import annotations

import csv
import io
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
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and .xlsx with a password
_FILLS_DOWN = ("fabric", "article", "name", "name_zh", "name_en")
# A sheet that somebody formatted down to row 1,048,576 ends where its rows do.
_EMPTY_ROWS = 1000
_UNPACKED_LIMIT = 500_000_000  # bytes of XML; a small .xlsx can hold endless repetition
_EXCEL = frozenset({".xlsx", ".xlsm", ".xltx"})


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
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.strip().lower().startswith("sep="):  # Excel's own hint
        delimiter, text, skipped = first.strip()[4:5] or ",", rest, 1
    else:
        top = text[:4000]
        delimiter = max(",;\t", key=lambda mark: (top.count(mark), mark == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        return [(reader.line_num + skipped, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise ListDamaged(path=str(path), reason="not_a_table", detail=str(error)) from error


def _text(path: Path, data: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else the encodings of Chinese Windows (GB 18030 holds GBK)."""
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
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED_LIMIT:
                raise ListDamaged(path=str(path), reason="too_large")
        # Values, not formulas; merged cells are known only where the sheet is not streamed.
        book = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
        sheets = [_sheet(sheet) for sheet in book.worksheets]
        book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, EOFError) as error:
        raise ListDamaged(path=str(path), reason="damaged", detail=str(error)) from error
    yield from sheets


def _sheet(sheet: Any) -> list[tuple[int, list[str]]]:
    rows: list[list[str]] = []
    empty = 0
    for row in sheet.iter_rows(values_only=True):
        rows.append([_cell(value) for value in row])
        empty = 0 if any(rows[-1]) else empty + 1
        if empty == _EMPTY_ROWS:
            break
    for merged in sheet.merged_cells.ranges:
        if merged.min_col != merged.max_col:
            continue  # a title across columns; a cell down several rows is what a list means
        for row in range(merged.min_row, min(merged.max_row, len(rows))):
            rows[row][merged.min_col - 1] = rows[merged.min_row - 1][merged.min_col - 1]
    return list(enumerate(rows, start=1))


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
