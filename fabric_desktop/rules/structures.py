"""Names of structures in both languages, and which of them a declared text means. Knows no looks and no ranges."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from fabric_desktop.parsing import read_toml
from fabric_desktop.paths import resource


@dataclass(frozen=True, slots=True)
class Structure:
    """A way in which cloth is made, such as twill, with its names."""

    id: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...]


@cache
def load_structures() -> tuple[Structure, ...]:
    """The shipped structures, in the file's order."""
    return tuple(
        Structure(entry["id"], entry["zh"], entry["en"], tuple(entry["aliases"]))
        for entry in read_toml(resource("rules", "structures.toml"))["structure"]
    )


@lru_cache(maxsize=4096)
def find_structure(text: str) -> Structure | None:
    """The structure whose name the text holds; of several the one with the longest name. None where it holds none."""
    wanted = text.casefold()
    found: list[tuple[int, Structure]] = []
    for structure in load_structures():
        for name in (structure.name_zh, structure.name_en, *structure.aliases):
            small = name.casefold()
            # Latin names are whole words, so that "ribbon" is no rib; Chinese ones stand wherever they stand.
            held = re.search(rf"(?<![a-z]){re.escape(small)}(?![a-z])", wanted) if small.isascii() else small in wanted
            if held:
                found.append((len(small), structure))
    return max(found, key=lambda item: item[0])[1] if found else None
