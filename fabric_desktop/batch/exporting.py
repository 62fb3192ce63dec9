"""Writes a batch to a file by its ending: CSV, Excel, JSON, or a printable HTML report with pictures.

File names and declared texts come from anywhere: none of them can become a formula, a tag or a broken line.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fabric_desktop.batch.html_report import html_report
from fabric_desktop.batch.results import BatchReport, as_json
from fabric_desktop.batch.table import Table, Value, batch_table, folder_of, photo_count
from fabric_desktop.jobs import JobContext
from fabric_desktop.names import FabricNames
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import write_bytes
from fabric_desktop.wording import say

# What makes a spreadsheet take a text for a formula (OWASP, CSV injection), in half and full width.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PERCENT = frozenset({"confidence"})
_WIDTHS = {"file": 28, "folder": 18, "fabric": 18, "fabric_id": 16, "nearest": 30, "colors": 28, "problem": 24}
_CELL_LIMIT = 32_767  # characters Excel keeps in a cell


def export_batch(report: BatchReport, path: Path, studio: Studio, lang: str, context: JobContext) -> int:
    """Write the report to `path` by its ending; returns the file's size in bytes. The file there before is whole
    until the new one is.

    Raises ValueError for an ending that is none of `FORMATS`, SaveFailed, Cancelled.
    """
    write = FORMATS.get(path.suffix.lower())
    if write is None:
        raise ValueError(f"no way to write {path.suffix!r}")
    data = write(report, studio, lang, context)
    context.check_cancelled()
    write_bytes(path, data)
    return len(data)


def as_csv(report: BatchReport, studio: Studio, lang: str, context: JobContext) -> bytes:
    """CSV that Excel opens rightly by a double click, in China too: UTF-8 with its mark, lines ended as on Windows."""
    table = batch_table(report, studio, lang)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(table.headings)
    for row in table.rows:
        writer.writerow([_csv_value(value) for value in row])
    return stream.getvalue().encode("utf-8-sig", "replace")


def _csv_value(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}"
    return guarded(value) if isinstance(value, str) else str(value)


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before one that begins like one."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


def as_xlsx(report: BatchReport, studio: Studio, lang: str, context: JobContext) -> bytes:
    """An Excel workbook: the table with a fixed heading and filters, and a sheet that says what it was made with."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    table = batch_table(report, studio, lang)
    book = Workbook()
    sheet = book.active
    sheet.title = say("batch.sheet", lang)
    for place, heading in enumerate(table.headings, start=1):
        _put(sheet.cell(1, place), heading)
        sheet.cell(1, place).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(table.codes[place - 1], 14)
    for number, row in enumerate(table.rows, start=2):
        for place, value in enumerate(row, start=1):
            cell = sheet.cell(number, place)
            _put(cell, value)
            if isinstance(value, float):
                cell.number_format = "0%" if table.codes[place - 1] in _PERCENT else "0.000"
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.headings))}{len(table.rows) + 1}"
    about = book.create_sheet(say("batch.about_sheet", lang))
    for number, (name, text) in enumerate(about_lines(report, studio, lang), start=1):
        _put(about.cell(number, 1), name)
        _put(about.cell(number, 2), text)
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 20, 80
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _put(cell: Any, value: Value) -> None:
    """A value into a cell; text stays text, whatever it begins with."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        cell.value = value
        return
    text = ILLEGAL_CHARACTERS_RE.sub("", value).encode("utf-8", "replace").decode("utf-8")
    cell.value = text[:_CELL_LIMIT] or None
    if cell.value is not None:
        cell.data_type = "s"
        cell.quotePrefix = guarded(text) != text


def about_lines(report: BatchReport, studio: Studio, lang: str) -> list[tuple[str, str]]:
    """What a report was made with, as name and text."""
    lines = {
        "folder": str(report.folder),
        "studio": str(studio.root),
        "photos": photo_count(report, lang),
        "words": ", ".join(f"{say(f'batch.word.{word}', lang)} {count}" for word, count in report.counts().items()),
        "method": say(f"method.{report.method}", lang),
        "alpha": f"{report.alpha:g}",
        "encoder": report.encoder,
        "version": report.version or "-",
        "made": datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        "caution": say("batch.caution", lang),
    }
    return [(say(f"batch.about.{name}", lang), text) for name, text in lines.items()]


def as_json_file(report: BatchReport, studio: Studio, lang: str, context: JobContext) -> bytes:
    """Everything that is known, for programs: the same keys in every language."""
    names = FabricNames(studio)
    results = []
    for result in report.results:
        value = as_json(result)
        for candidate in value["candidates"]:
            candidate["name"] = names.name(candidate["id"], lang)
        for kind, named in (("types", names.type_names), ("structures", names.structure_names)):
            value[kind] = [
                {"id": key, "name": named(key)[0 if lang == "zh" else 1], "confidence": share}
                for key, share in value[kind]
            ]
        value["colors"] = [{"name": name, "hex": code, "share": share} for name, code, share in result.colors]
        place = {"photo": str(result.photo), "folder": folder_of(report, result.photo), "word": result.word}
        results.append(place | ({"error": result.error} if result.error else {}) | value)
    whole = {
        "folder": str(report.folder),
        "studio": str(studio.root),
        "method": report.method,
        "alpha": report.alpha,
        "encoder": report.encoder,
        "version": report.version,
        "calibrated": report.calibrated,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "photos": len(report.results),
        "finished": report.finished,
        "photos_in_folder": max(report.total, len(report.results)),
        "words": report.counts(),
        "by_fabric": report.by_fabric(),
        "results": results,
    }
    text = json.dumps(whole, ensure_ascii=False, indent=2, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def as_html(report: BatchReport, studio: Studio, lang: str, context: JobContext) -> bytes:
    """One self-contained page with pictures, to read or to print."""
    return html_report(report, studio, lang, about_lines(report, studio, lang), context).encode("utf-8", "replace")


FORMATS: dict[str, Callable[[BatchReport, Studio, str, JobContext], bytes]] = {
    ".csv": as_csv,
    ".xlsx": as_xlsx,
    ".json": as_json_file,
    ".html": as_html,
    ".htm": as_html,
}
"""File endings that a batch can be written as."""

__all__ = ["FORMATS", "Table", "export_batch", "guarded"]
