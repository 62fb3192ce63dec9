"""A batch as rows and columns under headings in one language: what CSV, Excel and the window's table show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fabric_desktop.batch.results import BatchReport, PhotoResult
from fabric_desktop.names import FabricNames
from fabric_desktop.palette import load_palette
from fabric_desktop.recognition import LIKELY
from fabric_desktop.studio import Studio
from fabric_desktop.wording import listed, per_cent, say, sure_per_cent

Value = str | int | float | None
_DECLARED = ("article", "fibre", "weight", "supplier")
_KINDS = ("type", "structure")
_OTHERS = 4  # candidates shown beside the first


@dataclass(frozen=True, slots=True)
class Table:
    """`codes` name the columns for programs, `headings` for people; every row has as many values.

    Numbers are numbers (confidence 0..1, similarity -1..1, pixels); text is text, whatever it begins with.
    """

    codes: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def photo_count(report: BatchReport, lang: str) -> str:
    """How many photos a report holds, and of how many where the run was not finished."""
    if report.finished:
        return str(len(report.results))
    return say("batch.so_far", lang, done=len(report.results), total=report.total)


def batch_table(report: BatchReport, studio: Studio, lang: str) -> Table:
    """The table of a batch, a row a photo, in the report's order."""
    names = FabricNames(studio)
    others = min(_OTHERS, max((len(result.candidates) for result in report.results), default=1) - 1)
    codes = (
        "file",
        "folder",
        "fabric",
        "fabric_id",
        "confidence",
        "word",
        *(f"other_{number}" for number in range(2, others + 2)),
        *(name for name in _KINDS if any(getattr(result, f"{name}s") for result in report.results)),
        "nearest",
        "similarity",
        "colors",
        *_DECLARED,
        "width_px",
        "height_px",
        "problem",
    )
    headings = tuple(_heading(code, lang) for code in codes)
    kinds = tuple(name for name in _KINDS if name in codes)
    return Table(codes, headings, tuple(_row(report, result, names, lang, others, kinds) for result in report.results))


def _heading(code: str, lang: str) -> str:
    if code.startswith("other_"):
        return say("batch.column.other", lang, place=code.removeprefix("other_"))
    return say(f"batch.column.{code}", lang)


def _row(
    report: BatchReport, result: PhotoResult, names: FabricNames, lang: str, others: int, kinds: tuple[str, ...]
) -> tuple[Value, ...]:
    first = result.first
    # A cloth that the library does not hold has no fabric; what it is likest stands among the others.
    named = first if first is not None and not result.unknown else None
    rest = result.candidates[1:] if named is not None else result.candidates
    declared = names.info(named.id).declared() if named is not None else {}
    return (
        result.photo.name,
        folder_of(report, result.photo),
        names.name(named.id, lang) if named is not None else "",
        named.id if named is not None else "",
        named.confidence if named is not None else None,
        say(f"confidence.{result.word}", lang) if result.word not in ("failed", "nothing") else "",
        *(f"{names.name(other.id, lang)} ({sure_per_cent(other.confidence, lang)})" for other in rest[:others]),
        *([""] * max(0, others - len(rest))),
        *(kind_words(result, kind, names, lang) for kind in kinds),
        first.nearest if first is not None else "",
        first.similarity if first is not None else None,
        color_words(result, lang),
        *(declared.get(name, "") for name in _DECLARED),
        result.size[0] or None,
        result.size[1] or None,
        say(f"error.unreadable_image.reason.{result.error}", lang) if result.error else "",
    )


def kind_words(result: PhotoResult, kind: str, names: FabricNames, lang: str) -> str:
    """The declared "type" or "structure" that is likelier than not, with its confidence; none for a cloth that the
    library does not hold."""
    found = result.types if kind == "type" else result.structures
    if not found or result.unknown or found[0][1] < LIKELY:
        return ""
    zh, en = (names.type_names if kind == "type" else names.structure_names)(found[0][0])
    return f"{zh if lang == 'zh' else en} ({sure_per_cent(found[0][1], lang)})"


def folder_of(report: BatchReport, photo: Path) -> str:
    """A photo's folder as the report shows it: below the batch's folder, or whole when it lies elsewhere."""
    try:
        return photo.parent.relative_to(report.folder).as_posix().removeprefix(".")
    except ValueError:
        return str(photo.parent)


def color_words(result: PhotoResult, lang: str) -> str:
    """The colours in words with their shares, largest first."""
    words = {color.id: color.name(lang) for color in load_palette()}
    return listed((f"{words.get(name, name)} {per_cent(share, lang)}" for name, _, share in result.colors), lang)
