"""File names that carry an article number: a pattern with placeholders, and what each name parses to.

A pattern is a file name without its ending, in which placeholders stand for what changes:

    {fabric} {article} {name_zh} {name_en} {supplier} {type}   what a fabric has; one of the first two is needed
    {n}      a number                                           {any}    anything, also nothing

`{article}_{n}` reads `AB-1204_3.jpg` as article AB-1204, photo 3.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fabric_desktop.errors import BadPattern

PREVIEW = 20
_FABRIC_FIELDS = ("fabric", "article", "name_zh", "name_en", "supplier", "type")
PLACEHOLDERS = (*_FABRIC_FIELDS, "n", "any")
# As little as possible for a field, so that what follows it in the pattern is found at its first place.
_READS = {"n": r"\d+", "any": r".*?"}
_FIELD = r".+?"
# What people's names look like, the more telling first: an article number, then a photo's number or view.
_USUAL = (
    "{article}_{n}",
    "{article}-{n}",
    "{article} ({n})",
    "{article}({n})",
    "{article}（{n}）",
    "{article} {n}",
    "{article}.{n}",
    "{article}_{any}",
    "{article} {any}",
    "{article}-{any}",
    "{article}",
)


@dataclass(frozen=True, slots=True)
class ParsedName:
    """What a file's name says: its fields by placeholder, or None where the pattern does not fit."""

    name: str
    fields: dict[str, str] | None

    @property
    def fabric(self) -> str:
        """What names the fabric: the {fabric} if there is one, else the {article}; empty when nothing was read."""
        return (self.fields or {}).get("fabric") or (self.fields or {}).get("article") or ""


class NamePattern:
    """A pattern, ready to read names. Letters match in any case, full-width and half-width characters as one.

    Raises BadPattern(pattern, reason: no_fabric, unknown, twice, touching, brace; name: the placeholder).
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._expression = re.compile(self._build(pattern), re.IGNORECASE | re.DOTALL)

    def _build(self, pattern: str) -> str:
        parts: list[str] = []
        seen: set[str] = set()
        after_placeholder = False
        for piece in re.split(r"(\{[^{}]*\})", _plain(pattern)):
            if not piece:
                continue
            if not re.fullmatch(r"\{[^{}]*\}", piece):
                if "{" in piece or "}" in piece:
                    raise BadPattern(pattern=pattern, reason="brace")
                parts.append(re.escape(piece))
                after_placeholder = False
                continue
            name = piece[1:-1].strip().lower()
            if name not in PLACEHOLDERS:
                raise BadPattern(pattern=pattern, reason="unknown", name=name)
            if name in seen and name != "any":
                raise BadPattern(pattern=pattern, reason="twice", name=name)
            if after_placeholder:
                raise BadPattern(pattern=pattern, reason="touching", name=name)
            seen.add(name)
            parts.append(_READS["any"] if name == "any" else f"(?P<{name}>{_READS.get(name, _FIELD)})")
            after_placeholder = True
        if not seen & {"fabric", "article"}:
            raise BadPattern(pattern=pattern, reason="no_fabric")
        return "".join(parts)

    def parse(self, file_name: str) -> ParsedName:
        """What one file name says. The ending plays no part; fields lose spaces at their ends."""
        found = self._expression.fullmatch(_plain(Path(file_name).stem).strip())
        if found is None:
            return ParsedName(file_name, None)
        fields = {name: text.strip() for name, text in found.groupdict().items()}
        complete = all(fields[name] for name in fields)
        return ParsedName(file_name, fields if complete else None)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def preview(pattern: str, names: Iterable[str], first: int = PREVIEW) -> list[ParsedName]:
    """What the first names parse to, for showing while a person types. Raises BadPattern."""
    reader = NamePattern(pattern)
    found: list[ParsedName] = []
    for name in names:
        if len(found) == first:
            break
        found.append(reader.parse(name))
    return found


def suggest_pattern(names: Sequence[str]) -> str:
    """The usual pattern that reads most of these names, preferring one that brings photos together to fabrics."""
    best, best_worth = _USUAL[-1], 0.0
    for pattern in _USUAL:
        reader = NamePattern(pattern)
        fabrics = [parsed.fabric for name in names if (parsed := reader.parse(name)).fields is not None]
        if not fabrics:
            continue
        share = len(fabrics) / len(names)
        together = 1 - len(set(fabrics)) / len(fabrics)
        # A pattern that puts everything into one fabric has not found the number that changes.
        worth = share * (0.5 + together) if len(set(fabrics)) > 1 or len(names) == 1 else share * 0.25
        if worth > best_worth + 1e-9:
            best, best_worth = pattern, worth
    return best
