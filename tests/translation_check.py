"""Checks that every text of the window and of the core is there in both languages and up to date.

`python -m tests.translation_check` fails, saying which, on a missing, unfinished or obsolete text, on a compiled
translation older than its source, and on message codes or placeholders that differ between the languages.
`python -m tests.translation_check --update` brings the .ts files up to date with the code and compiles them.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "resources" / "translations"
MESSAGES = ROOT / "resources" / "messages"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One .ts file: its name without ending, its language, and whether it holds plurals alone."""

    name: str
    language: str
    plural_only: bool


# English is the source; its own file only says one fabric, two fabrics.
CATALOGUES = (
    Catalogue("fabric_desktop_zh_CN", "zh_CN", plural_only=False),
    Catalogue("fabric_desktop_en", "en_GB", plural_only=True),
)
_PLACEHOLDER = re.compile(r"\{(\w*)\}|%n")


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of a .ts file: context, source and comment name it; `forms` are its translations."""

    context: str
    source: str
    comment: str
    forms: tuple[str, ...]
    state: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.context, self.source, self.comment


def read_catalogue(path: Path) -> list[Entry]:
    """The entries of a .ts file, in its order."""
    entries = []
    for context in ElementTree.parse(path).getroot().iter("context"):
        name = context.findtext("name", "")
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is None:
                forms, state = ("",), "unfinished"
            else:
                plurals = [form.text or "" for form in translation.iter("numerusform")]
                forms = tuple(plurals) if plurals else (translation.text or "",)
                state = translation.get("type", "")
            source, comment = message.findtext("source", ""), message.findtext("comment", "")
            entries.append(Entry(name, source, comment, forms, state))
    return entries


def sources() -> list[Path]:
    """The files that hold texts of the window."""
    return sorted([*(ROOT / "fabric_desktop" / "ui").rglob("*.py"), ROOT / "fabric_desktop" / "app.py"])


def _tool(name: str, *arguments: str) -> None:
    """Run one of PySide6's translation tools as its own command does."""
    code = f"import sys; from PySide6.scripts.pyside_tool import {name}; sys.argv[0] = {name!r}; {name}()"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} failed: {done.stderr or done.stdout}")


def extract(catalogue: Catalogue, target: Path) -> None:
    """Bring a .ts file up to date with the code, or make it."""
    options = ["-locations", "none", "-no-obsolete", "-source-language", "en_GB"]
    options += ["-target-language", catalogue.language]
    if catalogue.plural_only:
        options.append("-pluralonly")
    _tool("lupdate", *options, *(str(path.relative_to(ROOT)) for path in sources()), "-ts", str(target))


def compile_catalogue(source: Path, target: Path) -> None:
    _tool("lrelease", "-silent", str(source), "-qm", str(target))


def check_catalogue(catalogue: Catalogue, scratch: Path) -> list[str]:
    """What is wrong with one .ts file and its compiled form."""
    path = TRANSLATIONS / f"{catalogue.name}.ts"
    compiled = TRANSLATIONS / f"{catalogue.name}.qm"
    if not path.is_file() or not compiled.is_file():
        return [f"{path.name}: the file or its .qm is missing"]
    problems = []
    committed = read_catalogue(path)
    fresh = scratch / path.name
    extract(catalogue, fresh)
    wanted = {entry.key for entry in read_catalogue(fresh)}
    present = {entry.key for entry in committed}
    problems += [f"{path.name}: not there: {_name(key)}" for key in sorted(wanted - present)]
    problems += [f"{path.name}: no longer in the code: {_name(key)}" for key in sorted(present - wanted)]
    for entry in committed:
        if entry.state or not all(form.strip() for form in entry.forms):
            problems.append(f"{path.name}: {entry.state or 'empty'}: {_name(entry.key)}")
        elif any(_placeholders(form) != _placeholders(entry.source) for form in entry.forms):
            problems.append(f"{path.name}: placeholders differ: {_name(entry.key)}")
    again = scratch / compiled.name
    compile_catalogue(path, again)
    if again.read_bytes() != compiled.read_bytes():
        problems.append(f"{compiled.name}: not compiled from the present {path.name}")
    return problems


def _name(key: tuple[str, str, str]) -> str:
    return f"{key[0]}: {key[1]!r}"


def _placeholders(text: str) -> set[str]:
    return {match.group(0) for match in _PLACEHOLDER.finditer(text)}


def check_messages(folder: Path = MESSAGES) -> list[str]:
    """Codes and placeholders that differ between the two languages of the core's texts."""
    texts = {lang: _flat(tomllib.loads((folder / f"{lang}.toml").read_text(encoding="utf-8"))) for lang in ("en", "zh")}
    problems = []
    for lang, other in (("en", "zh"), ("zh", "en")):
        problems += [f"{lang}.toml: not there: {code}" for code in sorted(texts[other].keys() - texts[lang].keys())]
    for code in sorted(texts["en"].keys() & texts["zh"].keys()):
        if not texts["en"][code].strip() or not texts["zh"][code].strip():
            problems.append(f"messages: empty: {code}")
        if _placeholders(texts["en"][code]) != _placeholders(texts["zh"][code]):
            problems.append(f"messages: placeholders differ: {code}")
    return problems


def _flat(table: dict[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat


def main(argv: list[str] | None = None) -> int:
    """Check, or with --update bring up to date; the exit code is 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.translation_check", description=__doc__)
    parser.add_argument("--update", action="store_true", help="bring .ts and .qm up to date first")
    options = parser.parse_args(argv)
    if options.update:
        TRANSLATIONS.mkdir(parents=True, exist_ok=True)
        for catalogue in CATALOGUES:
            path = TRANSLATIONS / f"{catalogue.name}.ts"
            extract(catalogue, path)
            compile_catalogue(path, path.with_suffix(".qm"))
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        for catalogue in CATALOGUES:
            problems += check_catalogue(catalogue, Path(scratch))
    problems += check_messages()
    for problem in problems:
        sys.stderr.write(problem + "\n")
    sys.stdout.write(f"translations: {len(problems)} problems\n" if problems else "translations: complete\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
