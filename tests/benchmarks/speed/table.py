"""Rows as lines of text. Arithmetic is in `frame`."""

from __future__ import annotations

from collections.abc import Sequence

from tests.benchmarks.speed.frame import Figure, Row

HEADINGS = ("what", "goal", "plain way", "ours", "ours/plain", "runs", "peak MB", "threads", "met")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def shown(figure: Figure | None, unit: str = "") -> str:
    """Median and quartiles, such as "84.2 (82.9-90.1) ms"."""
    if figure is None:
        return "-"
    spread = f" ({_number(figure.low)}-{_number(figure.high)})" if figure.runs > 1 else ""
    return f"{_number(figure.value)}{spread}{f' {unit}' if unit else ''}"


def cells(row: Row) -> tuple[str, ...]:
    """A row's cells, in the order of HEADINGS."""
    return (
        row.what,
        row.goal,
        shown(row.plain, row.unit),
        shown(row.ours, row.unit),
        shown(row.ratio),
        str(row.ours.runs),
        "-" if row.peak_mb is None else f"{row.peak_mb:.0f}",
        row.threads or "-",
        "-" if row.met is None else "yes" if row.met else "NO",
    )


def table(rows: Sequence[Row]) -> str:
    """All rows in columns, each row's note below it."""
    lines = [HEADINGS, *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    text.insert(1, "-" * max(map(len, text)))
    told: list[str] = text[:2]
    for line, row in zip(text[2:], rows, strict=True):
        told.append(line)
        if row.note:
            told.append(f"    {row.note}")
    return "\n".join(told)
