"""The colour words of cloth: eleven basic words and the trade's own, from resources/colors/names.toml.

For looking a colour up by id or by any of its names in either language. No colour arithmetic here: which word is
nearest to a measured colour is decided in `attributes.naming`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fabric_desktop.errors import RulesDamaged
from fabric_desktop.parsing import read_toml
from fabric_desktop.paths import resource

# Berlin and Kay, Basic Color Terms (1969): the eleven words that nearly every language settles on.
BASIC_COLORS = ("black", "white", "grey", "red", "green", "yellow", "blue", "brown", "purple", "pink", "orange")

_HEX = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class NamedColor:
    """A colour word: `id` is stable and English, `basic` one of BASIC_COLORS, `hex` a typical sRGB value."""

    id: str
    en: str
    zh: str
    basic: str
    hex: str
    aliases: tuple[str, ...] = ()

    def name(self, lang: str) -> str:
        """The word in "zh" or "en"."""
        return self.zh if lang == "zh" else self.en


def folded_color(text: str) -> str:
    """A colour word for comparing: caseless, one kind of separator, without the 色 that Chinese may leave out."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("_", " ").replace("-", " ")
    text = " ".join(text.split()).replace("gray", "grey")
    return text.removesuffix("色") if len(text) > 1 else text


def load_palette(path: Path | None = None) -> tuple[NamedColor, ...]:
    """The colour words of a palette file (the shipped one by default), in the file's order.

    Raises RulesDamaged(path, where, reason, detail) for a file that cannot be read, or an entry that lacks a name in
    one language, repeats a name, or has no usable hex value or basic word.
    """
    return _shipped() if path is None else _read(path)


@cache
def _shipped() -> tuple[NamedColor, ...]:
    return _read(resource("colors", "names.toml"))


def _read(path: Path) -> tuple[NamedColor, ...]:
    try:
        document = read_toml(path)
    except FileNotFoundError as error:
        raise RulesDamaged(path=str(path), where="-", reason="missing") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RulesDamaged(path=str(path), where="-", reason="not_text", detail=str(error)) from error
    except ValueError as error:
        raise RulesDamaged(path=str(path), where="-", reason="not_toml", detail=str(error)) from error
    entries = document.get("color")
    if not isinstance(entries, list) or not entries:
        raise RulesDamaged(path=str(path), where="[[color]]", reason="no_color")
    colors: list[NamedColor] = []
    owners: dict[str, str] = {}
    for number, entry in enumerate(entries, 1):
        color = _color(entry, path, number)
        for word in {folded_color(text) for text in (color.id, color.en, color.zh, *color.aliases)}:
            if owners.setdefault(word, color.id) != color.id:
                detail = f"{word} ({owners[word]})"
                raise RulesDamaged(path=str(path), where=f"[[color]] {color.id}", reason="same_name", detail=detail)
        colors.append(color)
    missing = set(BASIC_COLORS) - {color.id for color in colors}
    if missing:
        detail = ", ".join(sorted(missing))
        raise RulesDamaged(path=str(path), where="[[color]]", reason="basic_missing", detail=detail)
    return tuple(colors)


def _color(entry: Any, path: Path, number: int) -> NamedColor:
    where = f"[[color]] {number}"
    if not isinstance(entry, dict):
        raise RulesDamaged(path=str(path), where=where, reason="not_a_table")
    texts: dict[str, str] = {}
    for key in ("id", "en", "zh", "basic", "hex"):
        value = entry.get(key)
        if not isinstance(value, str) or not value.strip():
            raise RulesDamaged(path=str(path), where=where, reason="missing_text", detail=key)
        texts[key] = value.strip()
    aliases = entry.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(alias, str) and alias.strip() for alias in aliases):
        raise RulesDamaged(path=str(path), where=where, reason="bad_list", detail="aliases")
    if texts["basic"] not in BASIC_COLORS:
        raise RulesDamaged(path=str(path), where=where, reason="not_basic", detail=texts["basic"])
    if not _HEX.fullmatch(texts["hex"].lower()):
        raise RulesDamaged(path=str(path), where=where, reason="bad_hex", detail=texts["hex"])
    unknown = set(entry) - {"id", "en", "zh", "basic", "hex", "aliases"}
    if unknown:
        raise RulesDamaged(path=str(path), where=where, reason="unknown_key", detail=", ".join(sorted(unknown)))
    return NamedColor(texts["id"], texts["en"], texts["zh"], texts["basic"], texts["hex"].lower(), tuple(aliases))


@cache
def _by_word() -> dict[str, NamedColor]:
    found: dict[str, NamedColor] = {}
    for color in load_palette():
        for text in (color.id, color.en, color.zh, *color.aliases):
            found.setdefault(folded_color(text), color)
    return found


def find_color(name: str) -> NamedColor | None:
    """The shipped colour with this id, English or Chinese name or alias; None for a word it does not know."""
    return _by_word().get(folded_color(name))
