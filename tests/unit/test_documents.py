"""What the documents point at is there: a person who follows a link or looks at a picture finds it."""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from pathlib import Path

import pytest

from fabric_desktop.cli.parser import build_parser

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "data" / "README.md"])
GENERAL = {"--help", "--studio", "--json", "--lang"}
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_and_picture_of_a_document_is_there(document: Path) -> None:
    for target in _LINK.findall(document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name} points at {target}"


def test_every_decision_is_listed_by_its_title_once() -> None:
    folder = ROOT / "docs" / "adr"
    titles = {path.name: path.read_text(encoding="utf-8").splitlines()[0] for path in folder.glob("[0-9]*.md")}
    listed = re.findall(r"- \[(.+)\]\((.+)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert [(f"# {title}", name) for title, name in listed] == [(titles[name], name) for name in sorted(titles)]
    assert all(title.startswith(f"# {int(name[:4])}. ") for name, title in titles.items()), "its number is its file's"


def _options(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Every long option of a command and of its actions."""
    found: dict[str, argparse.Action] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                found |= _options(one)
        elif action.option_strings:
            found[action.option_strings[-1]] = action
    return found


def test_the_page_of_the_commands_has_every_command_with_its_options_and_no_other() -> None:
    said: dict[str, str] = defaultdict(str)
    for line in (ROOT / "docs" / "commands.md").read_text(encoding="utf-8").splitlines():
        named = re.match(r"\| `([a-z-]+)", line)
        if named:
            said[named[1]] += line.replace("\\|", "/").split("|")[1]
    (commands,) = (a for a in build_parser("en")._actions if isinstance(a, argparse._SubParsersAction))
    assert said.keys() == commands.choices.keys()
    methods = re.search(r"--method ([a-z/]+)", said["evaluate"])
    assert methods is not None
    for name, parser in commands.choices.items():
        options = {key: value for key, value in _options(parser).items() if key not in GENERAL}
        assert set(re.findall(r"--[a-z-]+", said[name])) == options.keys(), name
        text = said[name].replace("[--method .../", f"[--method {methods[1]}/")
        for key, action in options.items():
            listed = re.search(re.escape(key) + r" ([a-z]+(?:/[a-z]+)+)", text)
            assert not listed or set(listed[1].split("/")) == set(action.choices or ()), (name, key)
